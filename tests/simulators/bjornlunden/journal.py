"""Vouchers: what is booked, what is refused, and how they are found again."""

import json
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .companies import Company
from .errors import Problem, Spring, sub_error

# The fields of a voucher that may be sent, and of its rows. Those that only the service sets are left aside.
_HEAD = {
    "entityId": int, "journalId": str, "journalName": str, "journalEntryId": int, "journalEntryDate": str,
    "fyStartDate": str, "fyEndDate": str, "entryInfoDate": str, "reportDate": str, "entryInfoBy": str,
    "financialYearId": str, "lockingInfoDate": str, "lockingInfoBy": object, "journalEntryText": str,
    "documentIds": list, "ledgerEntries": list, "isEditable": bool, "isRemovable": bool, "isOpen": bool,
    "origin": str, "autoRegistered": bool, "eoy": bool, "period": str, "upsertDate": str, "modifiedId": int,
    "totalCreditSum": Decimal,
}  # fmt: skip
_ROW = {
    "accountId": str, "accountName": str, "amount": Decimal, "costBearerId": str, "costCenterId": str,
    "date": str, "id": int, "line": int, "origin": str, "originId": int, "projectId": str,
    "quantity": Decimal, "text": str, "accruals": object,
}  # fmt: skip
_DIMENSIONS = {
    "costCenterId": ("cost_centers", "COSTCENTER_NOT_FOUND", "Resultatenheten", 6),
    "costBearerId": ("cost_bearers", "COSTBEARER_NOT_FOUND", "Kostnadsbäraren", 6),
    "projectId": ("projects", "PROJECT_NOT_FOUND", "Projektet", 16),
}
_HIGHEST = 2**31 - 1
_DIGITS = 13  # of kronor: with more a number in JSON is no longer exact in öre


def parse(data: bytes):
    """JSON with exact amounts; what is none never gets to the service's own code."""

    def no_number(name):
        raise ValueError(f"non-standard token '{name}'")

    try:
        value = json.loads(data.decode("utf-8"), parse_float=Decimal, parse_constant=no_number)
        json.dumps(value, ensure_ascii=False, default=str).encode()  # half a surrogate pair is no text
        return value
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise Spring(400, f"JSON parse error: {error}") from error


def _typed(told, types: dict, kind: str) -> dict:
    """The fields that are not null, after their types have been looked at."""
    if not isinstance(told, dict):
        raise Spring(400, f"JSON parse error: Cannot deserialize value of type `{kind}`")
    unknown = sorted(set(told) - set(types))
    if unknown:
        raise Problem(
            "JOURNAL_ENTRY_INVALID", sub=[sub_error(kind, n, None, f"Fältet {n} finns inte") for n in unknown]
        )
    known = {}
    for name, value in told.items():
        wanted = types[name]
        number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        right = number if wanted is Decimal else isinstance(value, wanted)
        if value is None:
            continue
        if not right or (wanted is int and isinstance(value, bool)):
            raise Spring(
                400, f"JSON parse error: Cannot deserialize value of type `{kind}` from field `{name}`"
            )
        known[name] = value
    return known


def day(text: str, field: str) -> date:
    """A date as the service reads one in a body."""
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise Spring(
            400, f"JSON parse error: Cannot deserialize value of type `LocalDate` in {field}"
        ) from error


# -- booking ----------------------------------------------------------------------------------------------


def year_of(company: Company, when: date) -> dict | None:
    """The financial year a day is in."""
    return next(
        (y for y in company.financial_years.values() if y["fromDate"] <= when.isoformat() <= y["toDate"]),
        None,
    )


def _open_year(company: Company, head: dict, when: date) -> dict:
    years = sorted(company.financial_years.values(), key=lambda y: y["fromDate"])
    if "financialYearId" in head:
        named = company.financial_years.get(head["financialYearId"])
        if not named:
            raise Problem("FINANCIAL_YEAR_NOT_FOUND", f"Räkenskapsår {head['financialYearId']} saknas")
        if not named["fromDate"] <= when.isoformat() <= named["toDate"]:
            raise Problem(
                "DATE_OUTSIDE_FINANCIAL_YEAR", f"{when} ligger utanför räkenskapsåret {named['id']}"
            )
    year = year_of(company, when)
    if not year:
        if not years or years[0]["fromDate"] < when.isoformat() < years[-1]["toDate"]:
            raise Problem("FINANCIAL_YEAR_NOT_FOUND", f"Räkenskapsår för {when} saknas")
        early = when.isoformat() < years[0]["fromDate"]
        raise Problem(f"DATE_TOO_{'EARLY' if early else 'LATE'}_WITH_RESPECT_TO_FINANCIAL_YEAR")
    check_open(year, when)
    return year


def check_open(year: dict, when: date) -> None:
    """Refuses a day that nothing may be booked on, or taken away from, any more."""
    period = f"{when:%Y%m}"
    if year["closingActive"]:
        raise Problem("FINANCIAL_YEAR_IS_BEING_CLOSED")
    if not year["open"]:
        raise Problem("FINANCIAL_YEAR_IS_CLOSED", f"Räkenskapsåret {year['id']} är avslutat")
    if period < year["firstOpenPeriod"]:
        raise Problem("ACCOUNTING_PERIOD_IS_LOCKED", f"Perioden {period} är låst")
    if period in year["lockedPeriods"]:
        raise Problem(
            "JOURNAL_ENTRY_DATE_NOT_ALLOWED_IN_LOCKED_PERIOD", f"{when} ligger i den låsta perioden {period}"
        )


def _series(company: Company, head: dict) -> str:
    journal = head.get("journalId") or company.default_journal
    if not journal:
        raise Problem("VERIFICATION_NUMBER_SERIES_DEFAULT_VALUE_MISSING")
    if len(journal) > 1:
        raise Problem("JOURNAL_ID_MAX_1_CHARACTER")
    if journal not in company.journals:
        raise Problem("JOURNAL_NOT_FOUND", f"Verifikationsserie {journal} saknas")
    if not company.journals[journal]["open"]:
        raise Problem(
            "JOURNAL_SERIES_NOT_FOUND", f"Verifikationsserie {journal} är inte öppen för integrationer"
        )
    return journal


def _ore(amount) -> int:
    """Kronor as öre; ValueError when they are none."""
    amount = Decimal(amount)
    # Its size is looked at first: to work such a number out exactly may take all memory there is.
    if amount.as_tuple().exponent < -40 or amount.adjusted() >= _DIGITS:
        raise ValueError("Beloppet är orimligt")
    exact = Fraction(amount) * 100
    if exact.denominator != 1:
        raise ValueError("Beloppet har fler än två decimaler")
    if not exact:
        raise ValueError("Beloppet är noll")
    return int(exact)


def _row_trouble(company: Company, row: dict, limits: dict):
    """(exceptionId, field, text) of everything that is wrong with a row."""
    account = row.get("accountId")
    if not account:
        yield "JOURNAL_ENTRY_NOT_CREATED_ACCOUNT_MISSING", "accountId", "Konto saknas på raden"
    elif len(account) > 6 or not account.isdecimal():
        yield "ACCOUNT_NUMBER_FORMAT_INVALID", "accountId", f"Konto {account} har fel format"
    elif account not in company.accounts:
        yield "ACCOUNT_NOT_FOUND", "accountId", f"Konto {account} saknas"
    elif company.accounts[account]["closed"]:
        yield "ACCOUNT_IS_BLOCKED", "accountId", f"Konto {account} är spärrat"
    for name, (section, missing, word, longest) in _DIMENSIONS.items():
        value = row.get(name)
        if value is None:
            continue
        if len(value) > longest:
            yield "LEDGER_ENTRY_HAS_INVALID_TRANSACTION_VALUES", name, f"{word} har mer än {longest} tecken"
        elif value not in getattr(company, section):
            yield missing, name, f"{word} {value} saknas"
        elif getattr(company, section)[value]["closed"]:
            yield missing, name, f"{word} {value} kan inte användas längre"
    try:
        _ore(row.get("amount", 0))
    except ValueError as error:
        yield "LEDGER_ENTRY_HAS_INVALID_TRANSACTION_VALUES", "amount", str(error)
    if Decimal(row.get("quantity", 0)).adjusted() >= _DIGITS:
        yield "LEDGER_ENTRY_HAS_INVALID_TRANSACTION_VALUES", "quantity", "Antalet är orimligt"
    if len(row.get("text", "")) > limits["row_text"]:
        too_long = f"Texten har mer än {limits['row_text']} tecken"
        yield "LEDGER_ENTRY_HAS_INVALID_TRANSACTION_VALUES", "text", too_long
    if "accruals" in row:
        yield "JOURNAL_ENTRY_NOT_VALID", "accruals", "Periodisering kan inte göras här"


def _rows(company: Company, told: list, limits: dict) -> list:
    rows = [_typed(row, _ROW, "LedgerEntryFullDto") for row in told]
    if not any(row.get("amount") for row in rows):
        raise Problem("JOURNAL_ENTRY_NOT_CREATED_VALID_ROWS_MISSING")
    if len(rows) > limits["voucher_rows"]:
        raise Problem("JOURNAL_ENTRY_NOT_VALID", f"Verifikationen har fler än {limits['voucher_rows']} rader")
    trouble = []
    for row in rows:
        if "date" in row:
            day(row["date"], "date")
        for found, name, text in _row_trouble(company, row, limits):
            value = row.get(name)
            value = str(value) if isinstance(value, Decimal) else value
            trouble.append((found, sub_error("LedgerEntryFullDto", name, value, text)))
    if trouble:
        # One exceptionId is told; the sub-errors are all that are of its kind.
        first = trouble[0][0]
        raise Problem(first, sub=[sub for found, sub in trouble if found == first])
    kept = ("accountId", "text", "costCenterId", "costBearerId", "projectId", "date")
    booked = []
    for row in rows:
        booked.append({"ore": _ore(row["amount"]), **{name: row[name] for name in kept if row.get(name)}})
        if "quantity" in row:
            booked[-1]["quantity"] = float(row["quantity"])
    if sum(row["ore"] for row in booked):
        left = Decimal(sum(row["ore"] for row in booked)) / 100
        raise Problem("JOURNAL_ENTRY_NOT_IN_BALANCE", sub=[
            sub_error("JournalEntryFullDto", "ledgerEntries", float(left), f"Differens {left:.2f}"),
        ])  # fmt: skip
    return booked


def in_series(company: Company, journal: str, year: dict) -> list:
    """The vouchers of a series in a financial year."""
    return [v for v in company.vouchers if v["journalId"] == journal and v["financialYearId"] == year["id"]]


def _number(company: Company, head: dict, journal: str, year: dict) -> int:
    taken = {v["journalEntryId"] for v in in_series(company, journal, year)}
    number = head.get("journalEntryId")
    if number is None:
        return max(taken, default=0) + 1
    if not 1 <= number <= _HIGHEST:
        raise Problem("JOURNAL_ENTRY_INVALID", f"Verifikationsnummer {number} är ogiltigt")
    if number in taken:
        raise Problem("JOURNAL_ENTRY_ALREADY_EXISTS", f"Verifikation {journal} {number} finns redan")
    return number


def check(company: Company, body, limits: dict) -> dict:
    """The voucher that a body describes, not booked yet; raises what the service would say."""
    head = _typed(body, _HEAD, "JournalEntryFullDto")
    journal = _series(company, head)
    if "journalEntryDate" not in head:
        raise Problem("DATE_NOT_SPECIFIED", "Verifikationsdatum saknas")
    when = day(head["journalEntryDate"], "journalEntryDate")
    year = _open_year(company, head, when)
    if head.get("period", f"{when:%Y%m}") != f"{when:%Y%m}":
        raise Problem("JOURNAL_ENTRY_INVALID", f"Perioden {head['period']} är inte verifikationsdatumets")
    text = head.get("journalEntryText", "")
    if len(text) > limits["voucher_text"]:
        raise Problem("JOURNAL_ENTRY_INVALID", f"Texten har mer än {limits['voucher_text']} tecken", sub=[
            sub_error("JournalEntryFullDto", "journalEntryText", text, "För lång text"),
        ])  # fmt: skip
    rows = _rows(company, head.get("ledgerEntries", []), limits)
    documents = list(dict.fromkeys(head.get("documentIds", [])))
    for document in documents:
        if type(document) is not int:
            raise Spring(400, "JSON parse error: Cannot deserialize value of type `Long` in documentIds")
        held = company.documents.get(str(document))
        if not held:
            raise Problem("DOCUMENT_NOT_FOUND", f"Dokument {document} saknas")
        if held["attachedTo"]:
            raise Problem("DOCUMENT_IN_USE", f"Dokument {document} är redan kopplat")
    return {
        "journalId": journal,
        "journalEntryId": _number(company, head, journal, year),
        "journalEntryDate": when.isoformat(),
        "journalEntryText": text,
        "financialYearId": year["id"],
        "documentIds": documents,
        "rows": rows,
    }


def find(company: Company, journal: str, number: int, when: str) -> dict:
    """The voucher with this key."""
    for voucher in company.vouchers:
        if (voucher["journalId"], voucher["journalEntryId"], voucher["journalEntryDate"]) == (
            journal,
            number,
            when,
        ):
            return voucher
    raise Problem("JOURNAL_ENTRY_NOT_FOUND", f"Verifikation {journal} {number} {when} saknas")


def is_last(company: Company, voucher: dict) -> bool:
    """Whether the voucher is the last one of its series in its year."""
    year = company.financial_years[voucher["financialYearId"]]
    return voucher["journalEntryId"] == max(
        v["journalEntryId"] for v in in_series(company, voucher["journalId"], year)
    )


def check_delete(company: Company, voucher: dict) -> None:
    """Refuses what may not be deleted."""
    if not is_last(company, voucher):
        raise Problem("JOURNAL_ENTRY_ONLY_LAST_ONE_CAN_BE_DELETED")
    check_open(
        company.financial_years[voucher["financialYearId"]], date.fromisoformat(voucher["journalEntryDate"])
    )


# -- answers ----------------------------------------------------------------------------------------------


def _kronor(ore: int) -> float:
    return ore / 100


def _rows_out(company: Company, voucher: dict, extra: dict) -> list:
    rows = []
    for number, row in enumerate(voucher["rows"], 1):
        account = company.accounts.get(row["accountId"], {})
        rows.append({
            "entityId": row["entityId"], "accountName": account.get("name", ""),
            "amount": _kronor(row["ore"]), "id": number, "line": number,
            "date": voucher["journalEntryDate"], **extra,
            **{name: value for name, value in row.items() if name not in ("ore", "entityId")},
        })  # fmt: skip
    return rows


def _common(company: Company, voucher: dict, last: bool) -> dict:
    copied = (
        "entityId", "journalId", "journalEntryId", "journalEntryDate", "journalEntryText", "financialYearId",
        "entryInfoDate", "upsertDate",
    )  # fmt: skip
    return {
        **{name: voucher[name] for name in copied},
        "journalName": company.journals.get(voucher["journalId"], {}).get("name", ""),
        "reportDate": voucher["journalEntryDate"],
        "entryInfoBy": "API",
        # What an integration books cannot be edited by it.
        "isEditable": False,
        "isRemovable": last,
        "isOpen": False,
        "origin": "API",
        "autoRegistered": True,
        "eoy": False,
        "totalCreditSum": _kronor(-sum(min(row["ore"], 0) for row in voucher["rows"])),
    }


def response(company: Company, voucher: dict, last: bool | None = None) -> dict:
    """A voucher as `JournalEntryResponseDto`."""
    year = company.financial_years[voucher["financialYearId"]]
    return {
        **_common(company, voucher, is_last(company, voucher) if last is None else last),
        "fyStartDate": year["fromDate"],
        "fyEndDate": year["toDate"],
        "period": period_of(voucher),
        "documentIds": voucher["documentIds"],
        "ledgerEntries": _rows_out(company, voucher, {"accruals": []}),
    }


def entry(company: Company, voucher: dict, documents: bool = True) -> dict:
    """A voucher as `JournalEntry`."""
    body = {
        **_common(company, voucher, is_last(company, voucher)),
        "previouslyTemporary": False,
        "ledgerEntries": _rows_out(company, voucher, {"accrual": False}),
    }
    return {**body, "documentIds": voucher["documentIds"]} if documents else body


def period_of(voucher: dict) -> str:
    """The period of a voucher, YYYYMM."""
    return voucher["journalEntryDate"][:4] + voucher["journalEntryDate"][5:7]


# -- search -----------------------------------------------------------------------------------------------

_SORT = {
    "entryid": lambda v: (v["journalId"], v["journalEntryDate"][:4], v["journalEntryId"], v["entityId"]),
    "entrydate": lambda v: (v["journalEntryDate"], v["entityId"]),
    "entrytext": lambda v: (v["journalEntryText"].casefold(), v["entityId"]),
}


def _flag(query: dict, name: str) -> bool | None:
    value = query.get(name, "").lower()
    if value not in ("", "true", "false"):
        raise Spring(
            400, f"Failed to convert value of type 'java.lang.String' to required type 'boolean': {name}"
        )
    return None if not value else value == "true"


def _query_day(query: dict, name: str) -> str:
    value = query.get(name, "")
    try:
        if value and (not re.fullmatch(r"\d{4}-\d\d-\d\d", value) or not date.fromisoformat(value)):
            raise ValueError(value)
    except ValueError as error:
        raise Problem("DATE_FORMAT_ERROR", f"{name} ska skrivas ÅÅÅÅ-MM-DD") from error
    return value


def matching(company: Company, query: dict) -> list:
    """The vouchers that a search asks for."""
    first, last = _query_day(query, "startdate"), _query_day(query, "enddate")
    changed = _query_day(query, "upsertstartdate")
    wanted = query.get("search", "").casefold()
    rows = {
        "account": "accountId",
        "costcenter": "costCenterId",
        "costbearer": "costBearerId",
        "project": "projectId",
    }
    # Of these all vouchers here are the same; a search for the other kind finds none.
    fixed = {"isOpen": False, "autoRegistered": True, "modified": False, "eoy": False}
    if any(_flag(query, name) not in (None, value) for name, value in fixed.items()):
        return []
    if query.get("modifiedlogid"):
        return []

    def fits(voucher: dict) -> bool:
        return (
            (not first or voucher["journalEntryDate"] >= first)
            and (not last or voucher["journalEntryDate"] <= last)
            and (not changed or voucher["upsertDate"][:10] >= changed)
            and all(
                voucher["journalId"] == query[name] for name in ("journalid", "series") if query.get(name)
            )
            and (query.get("origin") or "API") == "API"
            and (not query.get("period") or period_of(voucher) == query["period"])
            and (wanted in voucher["journalEntryText"].casefold() or wanted in str(voucher["journalEntryId"]))
            and all(
                any(row.get(field) == query[name] for row in voucher["rows"])
                for name, field in rows.items()
                if query.get(name)
            )
        )

    return [voucher for voucher in company.vouchers if fits(voucher)]


def search(company: Company, query: dict, settings: dict) -> dict:
    """`GET /journal/entry/batch`."""
    with_documents = _flag(query, "includeDocumentIds") or False
    return batch(
        matching(company, query), query, settings, _SORT, "entryid",
        lambda voucher: entry(company, voucher, with_documents),
    )  # fmt: skip


def whole(query: dict, name: str, default: int) -> int:
    """A whole number of the query, which may be written 5 or 5.0."""
    value = query.get(name, "")
    if not value:
        return default
    if not re.fullmatch(r"\d{1,9}(\.0)?", value):
        raise Spring(
            400, f"Failed to convert value of type 'java.lang.String' to required type 'int': {name}"
        )
    return int(value.split(".")[0])


def batch(found: list, query: dict, settings: dict, sorts: dict, usual: str, show) -> dict:
    """A page of what was found, as `Batch`."""
    key = query.get("sortkey") or usual
    order = (query.get("sortorder") or "asc").lower()
    if key.lower() not in sorts or order not in ("asc", "desc"):
        raise Problem("SORT_KEY_INVALID_VALUE", f"Sorteringen {key} {order} finns inte")
    rows = min(whole(query, "rows", 0) or settings["default_rows"], settings["most_rows"])
    page = max(whole(query, settings["page_parameter"], 1), 1)
    found = sorted(found, key=sorts[key.lower()], reverse=order == "desc")
    shown = found[(page - 1) * rows : page * rows]
    answer = {
        "offset": (page - 1) * rows, "pageRequested": page, "rowsRequested": rows, "rowsReturned": len(shown),
        "sortKey": key, "sortOrder": order, "totalPages": -(-len(found) // rows), "totalRows": len(found),
        "data": [show(item) for item in shown],
    }  # fmt: skip
    for name, field in (("startdate", "startDate"), ("enddate", "endDate")):
        if query.get(name):
            answer[field] = query[name]
    return answer
