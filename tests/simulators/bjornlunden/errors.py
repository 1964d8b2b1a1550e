"""What the service says when it refuses: its own form of error, and Spring's bare one."""

from datetime import datetime, timezone
from http import HTTPStatus

# exceptionId: status and text. One that is not here is a 400 with a text that helps nobody.
MESSAGES = {
    # the mapping
    "ACCOUNT_NOT_FOUND": (400, "Konto saknas"),
    "ACCOUNT_IS_BLOCKED": (400, "Kontot är spärrat"),
    "ACCOUNT_LOCKED": (400, "Kontot är låst"),
    "ACCOUNT_NUMBER_FORMAT_INVALID": (400, "Kontonumret har fel format"),
    "ACCOUNT_RANGE_INVALID": (400, "Kontointervallet är ogiltigt"),
    "JOURNAL_ENTRY_NOT_CREATED_ACCOUNT_MISSING": (
        400,
        "Verifikationen skapades inte, konto saknas på en rad",
    ),
    "COSTCENTER_NOT_FOUND": (400, "Resultatenheten saknas"),
    "COSTBEARER_NOT_FOUND": (400, "Kostnadsbäraren saknas"),
    "PROJECT_NOT_FOUND": (400, "Projektet saknas"),
    "JOURNAL_NOT_FOUND": (400, "Verifikationsserien saknas"),
    "JOURNAL_SERIES_NOT_FOUND": (400, "Verifikationsserien är inte öppen för integrationer"),
    "JOURNAL_ID_MAX_1_CHARACTER": (400, "Verifikationsserien får vara högst ett tecken"),
    "VERIFICATION_NUMBER_SERIES_DEFAULT_VALUE_MISSING": (400, "Förvald verifikationsserie saknas"),
    # dates
    "ACCOUNTING_PERIOD_IS_LOCKED": (400, "Bokföringsperioden är låst"),
    "JOURNAL_ENTRY_DATE_NOT_ALLOWED_IN_LOCKED_PERIOD": (400, "Verifikationsdatumet ligger i en låst period"),
    "DATE_OUTSIDE_FINANCIAL_YEAR": (400, "Datumet ligger utanför räkenskapsåret"),
    "DATE_TOO_EARLY_WITH_RESPECT_TO_FINANCIAL_YEAR": (400, "Datumet ligger före det första räkenskapsåret"),
    "DATE_TOO_LATE_WITH_RESPECT_TO_FINANCIAL_YEAR": (400, "Datumet ligger efter det sista räkenskapsåret"),
    "DATE_NOT_SPECIFIED": (400, "Datum saknas"),
    "DATE_FORMAT_ERROR": (400, "Datumet har fel format"),
    "FINANCIAL_YEAR_NOT_FOUND": (400, "Räkenskapsåret saknas"),
    "FINANCIAL_YEAR_IS_CLOSED": (400, "Räkenskapsåret är avslutat"),
    "FINANCIAL_YEAR_IS_BEING_CLOSED": (400, "Räkenskapsåret håller på att avslutas"),
    # the voucher
    "JOURNAL_ENTRY_NOT_IN_BALANCE": (400, "Verifikationen balanserar inte"),
    "JOURNAL_ENTRY_NOT_CREATED_VALID_ROWS_MISSING": (
        400,
        "Verifikationen skapades inte, giltiga rader saknas",
    ),
    "JOURNAL_ENTRY_INVALID": (400, "Verifikationen är ogiltig"),
    "JOURNAL_ENTRY_NOT_VALID": (400, "Verifikationen är inte giltig"),
    "LEDGER_ENTRY_HAS_INVALID_TRANSACTION_VALUES": (400, "En konteringsrad har ogiltiga värden"),
    "JOURNAL_ENTRY_ALREADY_EXISTS": (400, "Verifikationen finns redan"),
    "JOURNAL_ENTRY_NOT_FOUND": (400, "Verifikationen saknas"),
    "JOURNAL_ENTRY_ONLY_LAST_ONE_CAN_BE_DELETED": (
        400,
        "Bara den sista verifikationen i serien kan tas bort",
    ),
    "JOURNAL_ENTRY_IS_LOCKED": (400, "Verifikationen är låst"),
    "SORT_KEY_INVALID_VALUE": (400, "Sorteringen är ogiltig"),
    # the connection
    "PUBLICKEY_NOT_FOUND": (400, "Den publika nyckeln saknas"),
    "COMPANY_PUBLIC_KEY_NOT_FOUND": (400, "Företagets publika nyckel saknas"),
    "KEY_INVALID": (400, "Nyckeln är ogiltig"),
    "INTEGRATOR_KEY_INVALID": (400, "Integratörens nyckel är ogiltig"),
    "CLOUD_DATABASE_NO_CONNECTION_TO_INTEGRATOR": (403, "Företaget är inte kopplat till integratören"),
    "CLOUD_DATABASE_DISABLED": (403, "Företagets databas är avstängd"),
    "DATABASE_ARCHIVED": (403, "Databasen är arkiverad"),
    "DATABASE_INACTIVE": (403, "Databasen är inaktiv"),
    "DATABASE_MARKED_FOR_DELETION": (403, "Databasen är markerad för borttagning"),
    "CONNECTION_DISABLED": (403, "Kopplingen är avstängd"),
    "USER_HAS_NO_RIGHT_FOR_SERVICE": (403, "Användaren saknar rättighet till tjänsten"),
    "CALLER_NOT_AUTHORIZED": (403, "Anroparen saknar behörighet"),
    "NO_AUTHORISATION": (403, "Behörighet saknas"),
    # documents
    "DOCUMENT_NOT_FOUND": (400, "Dokumentet saknas"),
    "DOCUMENT_IN_USE": (400, "Dokumentet är redan kopplat"),
    "DOCUMENT_TYPE_NOT_SUPPORTED": (400, "Filtypen stöds inte"),
    "DOCUMENT_NOT_SAVED": (500, "Dokumentet kunde inte sparas"),
    "FILE_NAME_NOT_SPECIFIED": (400, "Filnamn saknas"),
    "FILE_EXTENSION_LENGTH_EXCEEDS_REQUIRED_LIMIT": (400, "Filändelsen är för lång"),
    "FILE_IS_EMPTY": (400, "Filen är tom"),
    "FILE_DATA_OR_FILE_NAME_MISSING": (400, "Fil eller filnamn saknas"),
    "ENTITY_NOT_FOUND": (400, "Objektet saknas"),
    # SIE
    "SIE_FILE_EMPTY_OR_FAULTY": (400, "SIE-filen är tom eller felaktig"),
    "SIE_FILE_HAS_NO_FINANCIAL_YEARS": (400, "SIE-filen saknar räkenskapsår"),
    "VALIDATION_SIE4J_ERROR": (400, "SIE-filen kunde inte granskas"),
    "IMPORT_SIE4J_ERROR": (400, "SIE-filen kunde inte läsas in"),
    # passing trouble
    "DATABASE_ERROR": (500, "Databasfel"),
    "DATABASE_LOCKED_OR_HIDDEN": (500, "Databasen är låst"),
    "DATA_ACCESS_ERROR": (500, "Fel vid läsning av data"),
}

# As the service writes the names; Python's have changed between versions.
_NAMES = {413: "PAYLOAD_TOO_LARGE", 416: "REQUESTED_RANGE_NOT_SATISFIABLE", 422: "UNPROCESSABLE_ENTITY"}


def status_line(status: int) -> str:
    """400 as "400 BAD_REQUEST"."""
    return f"{status} {_NAMES.get(status) or HTTPStatus(status).name}"


def stamp(moment: datetime) -> str:
    """A moment as the service's answers write it."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000+00:00")


class Problem(Exception):
    """A refusal in the service's own form."""

    def __init__(
        self, exception_id: str | None, message: str | None = None, *, status: int | None = None, sub=()
    ):
        default_status, default_message = MESSAGES.get(
            exception_id, (400, f"Ett fel inträffade ({exception_id})")
        )
        super().__init__(message or default_message)
        self.exception_id = exception_id
        self.status = status or default_status
        self.sub = list(sub)


class Spring(Exception):
    """A refusal that never got as far as the service's own code."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


def sub_error(kind: str, field: str, value, message: str) -> dict:
    """A row of `subErrors`."""
    error = {"object": kind, "field": field, "message": message}
    return error if value is None else {**error, "associatedValue": value}


def api_error(problem: Problem, path: str, moment: datetime) -> dict:
    """The body of the service's own form."""
    body = {
        "status": status_line(problem.status),
        "timestamp": stamp(moment),
        "message": str(problem),
        "debugMessage": f"{problem.exception_id or 'Exception'}: simulated",
        "subErrors": problem.sub,
        "request": {"description": f"uri={path}"},
    }
    return {**body, "exceptionId": problem.exception_id} if problem.exception_id else body


def spring_error(status: int, message: str, path: str, moment: datetime) -> dict:
    """The body of Spring's bare form."""
    phrase = HTTPStatus(status).phrase
    return {"timestamp": stamp(moment), "status": status, "error": phrase, "message": message, "path": path}
