"""What Björn Lundén's error codes mean to us: who has to do something about them.

The service has some seven hundred codes; those that can meet us stand in a group here, the others follow the
HTTP status. Source: the API's published description (ApiError.exceptionId).
"""

import json

MAPPING = "mapping"
DATES = "dates"
OURS = "ours"
DUPLICATE = "duplicate"
CONNECTION = "connection"
DOCUMENT = "document"
AGAIN = "again"

_GROUPS = {
    MAPPING: """
        ACCOUNT_NOT_FOUND ACCOUNT_IS_BLOCKED ACCOUNT_LOCKED JOURNAL_ENTRY_NOT_CREATED_ACCOUNT_MISSING
        COSTCENTER_NOT_FOUND COSTBEARER_NOT_FOUND PROJECT_NOT_FOUND JOURNAL_NOT_FOUND JOURNAL_SERIES_NOT_FOUND
        JOURNAL_ID_MAX_1_CHARACTER VERIFICATION_NUMBER_SERIES_DEFAULT_VALUE_MISSING
    """,
    DATES: """
        ACCOUNTING_PERIOD_IS_LOCKED JOURNAL_ENTRY_DATE_NOT_ALLOWED_IN_LOCKED_PERIOD
        DATE_OUTSIDE_FINANCIAL_YEAR DATE_TOO_EARLY_WITH_RESPECT_TO_FINANCIAL_YEAR
        DATE_TOO_LATE_WITH_RESPECT_TO_FINANCIAL_YEAR
        FINANCIAL_YEAR_NOT_FOUND FINANCIAL_YEAR_IS_CLOSED FINANCIAL_YEAR_IS_BEING_CLOSED
    """,
    OURS: """
        JOURNAL_ENTRY_NOT_IN_BALANCE JOURNAL_ENTRY_NOT_CREATED_VALID_ROWS_MISSING JOURNAL_ENTRY_INVALID
        JOURNAL_ENTRY_NOT_VALID LEDGER_ENTRY_HAS_INVALID_TRANSACTION_VALUES
    """,
    DUPLICATE: "JOURNAL_ENTRY_ALREADY_EXISTS",
    CONNECTION: """
        PUBLICKEY_NOT_FOUND COMPANY_PUBLIC_KEY_NOT_FOUND KEY_INVALID INTEGRATOR_KEY_INVALID
        CLOUD_DATABASE_NO_CONNECTION_TO_INTEGRATOR CLOUD_DATABASE_DISABLED DATABASE_ARCHIVED DATABASE_INACTIVE
        DATABASE_MARKED_FOR_DELETION CONNECTION_DISABLED USER_HAS_NO_RIGHT_FOR_SERVICE CALLER_NOT_AUTHORIZED
        NO_AUTHORISATION
    """,
    DOCUMENT: """
        DOCUMENT_TYPE_NOT_SUPPORTED FILE_NAME_NOT_SPECIFIED FILE_EXTENSION_LENGTH_EXCEEDS_REQUIRED_LIMIT
        FILE_IS_EMPTY DOCUMENT_NOT_SAVED
    """,
    AGAIN: "DATABASE_ERROR DATABASE_LOCKED_OR_HIDDEN DATA_ACCESS_ERROR",
}
_GROUP_OF = {code: group for group, codes in _GROUPS.items() for code in codes.split()}
_KINDS = {
    MAPPING: "settings",
    DATES: "settings",
    CONNECTION: "settings",
    OURS: "ours",
    DOCUMENT: "ours",
    DUPLICATE: "again",
    AGAIN: "again",
}
# An unknown key is answered with status 500 and these words.
_NO_KEY = "credentials is null"
NO_KEY = "PUBLICKEY_NOT_FOUND"


def group_of(code):
    """Return the group of an error code, or None for one that is in none."""
    return _GROUP_OF.get(code)


def explain(status, body):
    """Read the body of an answer that is an error.

    It comes as the API's own error, as that of the web framework below it, or as anything else.

    :param int status: the HTTP status
    :param bytes body:
    :return: (kind or None, code, words); see ``Explanation`` of the connector
    """
    try:
        told = json.loads(body)
    except ValueError:
        told = {}
    if not isinstance(told, dict):
        told = {}
    if _NO_KEY in body.decode(errors="replace").lower():
        return "settings", NO_KEY, _text(told.get("message"))
    code = _text(told.get("exceptionId"))
    words = _text(told.get("message") or told.get("error_description") or told.get("error"))
    details = "; ".join(
        _text(sub.get("message")) for sub in told.get("subErrors") or () if isinstance(sub, dict)
    )
    kind = _KINDS.get(group_of(code))
    return kind, code, f"{words} ({details})" if details else words


def _text(value):
    return value if isinstance(value, str) else ""
