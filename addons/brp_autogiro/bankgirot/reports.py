"""Reports from Bankgirot (återredovisning), in the new and the old layout.

A report has one or more sections, each of one payee's bankgiro, from an opening to a closing
record. The same transaction code has different fields in different reports, so records are read by
report. Totals are compared with the records: a file is read as a whole or refused.
Source: Bg Autogiro technical manual, and its example files where the manual leaves things open.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from . import codes
from .layout import (
    DATE,
    DIGITS,
    EXACT,
    NUMBER,
    OPTIONAL_DATE,
    OPTIONAL_DIGITS,
    OPTIONAL_NUMBER,
    OPTIONAL_SIGNIFICANT,
    SHORT_DATE,
    SIGNIFICANT,
    TEXT,
    TEXT_NOT_ZEROS,
    TIMESTAMP,
    TOTAL,
    UNLIMITED_NUMBER,
    FieldError,
    RecordLayout,
)
from .layout import Field as FieldOfLayout
from .lines import (
    BGMAX,
    ENCODING,
    LINE_END,
    MAX_SIZE,
    SEAL_CLOSING,
    SEAL_OPENING,
    check_heading,
    check_length,
    decode,
    numbered_lines,
)
from .problems import ReportError, ReportWarning
from .records import (
    Advice,
    Change,
    Deposit,
    ElectronicMandate,
    Layout,
    Monitored,
    PaymentRow,
    Record,
    Refund,
    Registered,
    Rejected,
    Report,
    ReportKind,
    ReportSection,
)

LENIENT = True

# Openings

_NEW_OPENING = RecordLayout(
    ("written", 25, 8, DATE, LENIENT),
    ("customer_number", 65, 6, DIGITS, LENIENT),
    ("bankgiro", 71, 10, SIGNIFICANT),
)
_NEW_PAYMENTS_OPENING = RecordLayout(
    ("written", 25, 8, DATE, LENIENT),
    ("timestamp", 25, 20, TIMESTAMP, LENIENT),
    ("customer_number", 65, 6, DIGITS, LENIENT),
    ("bankgiro", 71, 10, SIGNIFICANT),
)
_OLD_OPENING = RecordLayout(
    ("written", 3, 8, DATE, LENIENT),
    ("customer_number", 63, 6, DIGITS, LENIENT),
    ("bankgiro", 69, 10, SIGNIFICANT),
)
_SHORT_OPENING = RecordLayout(
    ("written", 3, 8, DATE, LENIENT),
    ("bankgiro", 15, 10, SIGNIFICANT),
)

# Records

_PAYMENT_FIELDS = (
    ("date", 3, 8, DATE, LENIENT),
    ("date_text", 3, 8, EXACT),
    ("period", 11, 1, NUMBER),
    ("renewals", 12, 3, OPTIONAL_NUMBER),
    ("payer_number", 16, 16, SIGNIFICANT),
    ("amount", 32, 12, NUMBER),
    ("bankgiro", 44, 10, SIGNIFICANT),
    ("reference", 54, 16, TEXT),
)
_PAYMENT = RecordLayout(*_PAYMENT_FIELDS, ("status", 80, 1, EXACT))
_REFUND = RecordLayout(*_PAYMENT_FIELDS, ("refund_date", 70, 8, DATE), ("code", 78, 2, TEXT))
_DEPOSIT = RecordLayout(
    ("account", 3, 35, OPTIONAL_SIGNIFICANT, LENIENT),
    ("date", 38, 8, DATE),
    ("serial", 46, 5, NUMBER),
    ("amount", 51, 18, NUMBER),
    ("count", 72, 8, NUMBER),
)
_ADVICE_FIELDS = (
    ("bankgiro", 3, 10, EXACT),  # wrong when a comment says so
    ("payer_number", 13, 16, SIGNIFICANT, LENIENT),
    ("account", 29, 16, OPTIONAL_DIGITS, LENIENT),
    ("holder_number", 45, 12, OPTIONAL_DIGITS, LENIENT),
    ("information", 62, 2, TEXT),
    ("comment", 64, 2, TEXT),
    ("action_date", 66, 8, OPTIONAL_DATE, LENIENT),
)
_ADVICE = RecordLayout(*_ADVICE_FIELDS)
_OLD_ADVICE = RecordLayout(*_ADVICE_FIELDS, ("debitable_from", 74, 6, SHORT_DATE, LENIENT))
# Without the blank at 15 that payments have elsewhere: all that follows is one to the left.
_REJECTED = RecordLayout(
    ("date", 3, 8, DATE, LENIENT),
    ("date_text", 3, 8, EXACT),
    ("period", 11, 1, OPTIONAL_NUMBER, LENIENT),
    ("renewals", 12, 3, OPTIONAL_NUMBER, LENIENT),
    ("payer_number", 15, 16, SIGNIFICANT, LENIENT),
    ("amount", 31, 12, NUMBER, LENIENT),
    ("reference", 43, 16, TEXT),
    ("comment", 59, 2, TEXT),
)
_CHANGE = RecordLayout(
    ("date", 3, 8, OPTIONAL_DATE, LENIENT),
    ("payer_number", 11, 16, OPTIONAL_SIGNIFICANT, LENIENT),
    ("direction", 27, 2, TEXT_NOT_ZEROS),
    ("amount", 29, 12, NUMBER, LENIENT),
    ("new_date", 49, 8, OPTIONAL_DATE, LENIENT),
    ("reference", 57, 16, TEXT_NOT_ZEROS),
    ("comment", 73, 2, TEXT),
)
_ELECTRONIC_MANDATE = RecordLayout(
    ("bankgiro", 3, 10, SIGNIFICANT),
    ("payer_number", 13, 16, SIGNIFICANT, LENIENT),
    ("account", 29, 16, OPTIONAL_DIGITS, LENIENT),
    ("holder_number", 45, 12, OPTIONAL_DIGITS, LENIENT),
    ("message_type", 62, 1, NUMBER),
)
_FREE_TEXT = RecordLayout(("text", 3, 36, TEXT))
_NAME_ADDRESS = RecordLayout(("first", 3, 36, TEXT), ("second", 39, 36, TEXT))
_TOWN = RecordLayout(("postcode", 3, 5, TEXT_NOT_ZEROS), ("town", 8, 31, TEXT))
_MONITORED = RecordLayout(
    ("date", 3, 8, DATE, LENIENT),
    ("period", 11, 1, NUMBER),
    ("renewals", 12, 3, UNLIMITED_NUMBER),
    ("payer_number", 16, 16, SIGNIFICANT),
    ("amount", 32, 12, NUMBER),
    ("reference", 54, 16, TEXT),
)
_REGISTERED_FIELDS = (
    ("bankgiro", 1, 10, SIGNIFICANT),
    ("holder_number", 11, 12, OPTIONAL_DIGITS, LENIENT),
    ("payer_number", 23, 16, SIGNIFICANT),
    ("origin", 39, 1, TEXT),
)
_REGISTERED = RecordLayout(
    *_REGISTERED_FIELDS,
    ("last_year", 40, 2, TEXT),
    ("created", 42, 8, OPTIONAL_DATE, LENIENT),
    ("changed", 50, 8, OPTIONAL_DATE, LENIENT),
    ("status", 58, 1, TEXT),
    ("account", 65, 16, OPTIONAL_DIGITS, LENIENT),
)
_OLD_REGISTERED = RecordLayout(
    *_REGISTERED_FIELDS,
    ("last_year", 40, 1, TEXT),
    ("created", 41, 8, OPTIONAL_DATE, LENIENT),
    ("changed", 49, 8, OPTIONAL_DATE, LENIENT),
    ("status", 57, 1, TEXT),
    ("account", 64, 16, OPTIONAL_DIGITS, LENIENT),
)

# Closings. Names of counts and sums are those of FIELDS in problems.

_PAYMENTS_CLOSING = RecordLayout(
    ("deposits", 15, 6, NUMBER),
    ("payments_in", 21, 12, NUMBER),
    ("withdrawals", 33, 6, NUMBER),
    ("payments_out", 39, 12, NUMBER),
    ("refund_withdrawals", 51, 6, NUMBER),
    ("refunds", 57, 12, NUMBER),
)
_COUNT_CLOSING = RecordLayout(("count", 15, 7, NUMBER))
_REJECTED_CLOSING = RecordLayout(
    ("count_out", 15, 6, NUMBER),
    ("sum_out", 21, 12, TOTAL),
    ("count_in", 33, 6, NUMBER),
    ("sum_in", 39, 12, TOTAL),
)
_SUMS_CLOSING = RecordLayout(
    ("sum_out", 29, 12, TOTAL),
    ("count_out", 41, 6, NUMBER),
    ("count_in", 47, 6, NUMBER),
    ("sum_in", 57, 12, TOTAL),
)

_NEW_STATUSES = {"0": "0", "1": "1", "2": "2", "9": "9"}
_OLD_STATUSES = {" ": "0", "1": "1", "2": "2", "9": "9"}
APPROVED = "0"
IN, OUT = "82", "32"
_WRONG_BANKGIRO = {"29", "30"}  # comments of an advice whose bankgiro may be any


@dataclass
class _Reading:
    """A section while it is read."""

    form: "_Form"
    opening: dict
    lines: list[str]
    records: list[Record] = dataclass_field(default_factory=list)
    warnings: list[ReportWarning] = dataclass_field(default_factory=list)
    unsure: bool = False  # a record could not be read in full, so its totals may differ
    deposit: Deposit | None = None  # the last one
    mandate: tuple | None = None  # an electronic one whose lines are not all read
    counted: int = 0  # deposits, or records of electronic mandates

    def values(self, layout: RecordLayout, number: int, line: str, quiet: frozenset = frozenset()) -> dict:
        """Return the fields of a line; warn of those that could not be read and are not ``quiet``."""

        def warn(field: FieldOfLayout, problem: str) -> None:
            if field.name == "amount":
                self.unsure = True
            if field.name not in quiet:
                self.warn("field", number, field.start, field=field.name, value=problem)

        return _read(layout, number, line, warn)

    def warn(self, problem: str, number: int | None, column: int | None = None, **details) -> None:
        self.warnings.append(ReportWarning(problem, number, column, **details))

    def check_code(self, what: str, table, code: str, number: int, column: int) -> bool:
        """Warn of a code that the table does not have."""
        if code in table:
            return True
        # Only what can be a code is repeated: a line out of step has parts of other fields here.
        self.warn("unknown_code", number, column, what=what, code=code if code.isalnum() else "?")
        return False

    def check_bankgiro(self, bankgiro: str, number: int, column: int) -> None:
        if bankgiro != self.opening["bankgiro"]:
            raise ReportError("bankgiro", number, column)


def _read(layout, number, line, warn) -> dict:
    try:
        return layout.parse(line, warn)
    except FieldError as error:
        field = error.field
        raise ReportError("field", number, field.start, field=field.name, value=error.problem) from None


def _add_payment(section: _Reading, tk: str, number: int, line: str) -> None:
    deposit = None
    if section.form.layout is Layout.NEW:
        deposit = _current_deposit(section, "15" if tk == IN else "16", number)
    values = section.values(_PAYMENT, number, line)
    section.check_bankgiro(values["bankgiro"], number, 44)
    statuses = _OLD_STATUSES if section.form.layout is Layout.OLD else _NEW_STATUSES
    if values["status"] not in statuses:
        raise ReportError("status", number, 80)
    values["status"] = statuses[values["status"]]
    section.records.append(PaymentRow(line=number, raw=line, tk=tk, deposit=deposit, **values))


def _add_deposit(section: _Reading, tk: str, number: int, line: str) -> None:
    values = section.values(_DEPOSIT, number, line)
    section.deposit = Deposit(line=number, raw=line, tk=tk, index=section.counted, **values)
    section.counted += 1
    section.records.append(section.deposit)


def _current_deposit(section: _Reading, tk: str, number: int) -> int:
    """Return the index of the deposit that a payment belongs to: the last one, of the right kind."""
    if section.deposit is None or section.deposit.tk != tk:
        raise ReportError("unexpected_record", number, 1)
    return section.deposit.index


def _add_refund(section: _Reading, tk: str, number: int, line: str) -> None:
    deposit = _current_deposit(section, "17", number)
    values = section.values(_REFUND, number, line)
    section.check_bankgiro(values["bankgiro"], number, 44)
    section.check_code("refund", codes.REFUND_CODE, values["code"], number, 78)
    section.records.append(Refund(line=number, raw=line, deposit=deposit, **values))


def _add_advice(section: _Reading, tk: str, number: int, line: str) -> None:
    layout = _OLD_ADVICE if section.form.layout is Layout.OLD else _ADVICE
    values = {"debitable_from": None, **section.values(layout, number, line)}
    stated = values["bankgiro"].lstrip("0 ")
    values["bankgiro"] = section.opening["bankgiro"]
    if values["comment"] not in _WRONG_BANKGIRO:
        section.check_bankgiro(stated, number, 3)
    elif stated != values["bankgiro"]:
        section.warn("bankgiro", number, 3)
    section.check_code("information", codes.INFORMATION, values["information"], number, 62)
    if values["comment"] or values["information"] != "10":
        section.check_code("comment", codes.ADVICE_COMMENT, values["comment"], number, 64)
    section.records.append(Advice(line=number, raw=line, **values))


def _add_rejected(section: _Reading, tk: str, number: int, line: str) -> None:
    # Wrong dates, periods and renewals are what these payments were rejected for.
    values = section.values(_REJECTED, number, line, frozenset({"date", "period", "renewals"}))
    section.check_code("comment", codes.REJECTED_COMMENT, values["comment"], number, 59)
    section.records.append(Rejected(line=number, raw=line, tk=tk, **values))


def _add_change(section: _Reading, tk: str, number: int, line: str) -> None:
    values = section.values(_CHANGE, number, line)
    if values["direction"] not in ("", IN, OUT):
        raise ReportError("field", number, 27, field="direction", value="range")
    if not section.check_code("comment", codes.CHANGE_COMMENT, values["comment"], number, 73):
        section.unsure = True
    section.records.append(Change(line=number, raw=line, tk=tk, **values))


def _add_electronic_mandate(section: _Reading, tk: str, number: int, line: str) -> None:
    _finish_electronic_mandate(section)
    section.counted += 1
    values = section.values(_ELECTRONIC_MANDATE, number, line)
    section.check_bankgiro(values.pop("bankgiro"), number, 3)
    if values["message_type"] > 2:
        section.warn("unknown_code", number, 62, what="message_type", code=values["message_type"])
    values.update(text="", name_address=(), postcode="", town="")
    section.mandate = (number, [line], values)


def _add_detail(section: _Reading, tk: str, number: int, line: str) -> None:
    if section.mandate is None:
        raise ReportError("unexpected_record", number, 1)
    section.counted += 1
    _start, lines, values = section.mandate
    lines.append(line)
    if tk == "53":
        values["text"] = f"{values['text']} {section.values(_FREE_TEXT, number, line)['text']}".strip()
    elif tk == "56":
        values.update(section.values(_TOWN, number, line))
    else:
        rows = section.values(_NAME_ADDRESS, number, line).values()
        values["name_address"] += tuple(row for row in rows if row)


def _finish_electronic_mandate(section: _Reading) -> None:
    if section.mandate is not None:
        number, lines, values = section.mandate
        section.records.append(ElectronicMandate(line=number, raw=LINE_END.join(lines), **values))
        section.mandate = None


def _add_monitored(section: _Reading, tk: str, number: int, line: str) -> None:
    section.records.append(
        Monitored(line=number, raw=line, tk=tk, **section.values(_MONITORED, number, line))
    )


def _add_registered(section: _Reading, tk: str, number: int, line: str) -> None:
    layout = _OLD_REGISTERED if section.form.layout is Layout.OLD else _REGISTERED
    values = section.values(layout, number, line)
    if values["status"] not in ("1", "2"):
        column = 57 if section.form.layout is Layout.OLD else 58
        section.check_code("register_status", (), values["status"], number, column)
    section.records.append(Registered(line=number, raw=line, **values))


# Closings: what a section's records must add up to


def _count_and_sum(records, tk: str, key: Callable = lambda record: record.tk) -> tuple[int, int]:
    amounts = [record.amount for record in records if key(record) == tk]
    return len(amounts), sum(amounts)


def _compare(section: _Reading, layout: RecordLayout, number: int, line: str, found: dict) -> None:
    """Compare the closing record with what was found.

    :raises ReportError: they differ, and all records could be read
    """
    stated = section.values(layout, number, line)
    for field in layout.fields:
        if stated[field.name] == found[field.name]:
            continue
        problem = "total_sum" if field.name.startswith("sum_") else "total_count"
        details = {"field": field.name, "stated": stated[field.name], "found": found[field.name]}
        if not section.unsure:
            raise ReportError(problem, number, field.start, **details)
        section.warn(problem, number, field.start, **details)


def _close_payments(section: _Reading, number: int, line: str) -> None:
    deposits = [record for record in section.records if isinstance(record, Deposit)]
    counts, sums = [0] * len(deposits), [0] * len(deposits)
    for record in section.records:
        if isinstance(record, Refund) or (isinstance(record, PaymentRow) and record.status == APPROVED):
            counts[record.deposit] += 1
            sums[record.deposit] += record.amount
    for deposit, count, total in zip(deposits, counts, sums, strict=True):
        if deposit.count != count:
            raise ReportError("deposit_count", deposit.line, 72, stated=deposit.count, found=count)
        if deposit.amount != total:
            raise ReportError("deposit_sum", deposit.line, 51, stated=deposit.amount, found=total)

    def records_of(tk):
        return sum(deposit.tk == tk for deposit in deposits)

    def payments_of(tk):
        return sum(count for deposit, count in zip(deposits, counts, strict=True) if deposit.tk == tk)

    found = {
        "deposits": records_of("15"),
        "payments_in": payments_of("15"),
        "withdrawals": records_of("16"),
        "payments_out": payments_of("16"),
        "refund_withdrawals": records_of("17"),
        "refunds": payments_of("17"),
    }
    _compare(section, _PAYMENTS_CLOSING, number, line, found)


def _close_with_count(section: _Reading, number: int, line: str) -> None:
    _compare(section, _COUNT_CLOSING, number, line, {"count": len(section.records)})


def _close_electronic_mandates(section: _Reading, number: int, line: str) -> None:
    _finish_electronic_mandate(section)
    # Files differ in whether opening and closing are counted, so that nothing can be refused on it.
    stated = section.values(_COUNT_CLOSING, number, line)["count"]
    if stated not in range(section.counted, section.counted + 3):
        section.warn("total_count", number, 15, field="count", stated=stated, found=section.counted)


def _directions(records, key: Callable) -> dict:
    count_out, sum_out = _count_and_sum(records, OUT, key)
    count_in, sum_in = _count_and_sum(records, IN, key)
    return {"count_out": count_out, "sum_out": sum_out, "count_in": count_in, "sum_in": sum_in}


def _close_rejected(section: _Reading, number: int, line: str) -> None:
    found = _directions(section.records, lambda record: record.tk)
    _compare(section, _REJECTED_CLOSING, number, line, found)


def _close_with_sums(section: _Reading, number: int, line: str) -> None:
    found = _directions(section.records, lambda record: record.tk)
    _compare(section, _SUMS_CLOSING, number, line, found)


def _close_changes(section: _Reading, number: int, line: str) -> None:
    done = [record for record in section.records if record.done]
    found = _directions(done, lambda record: record.direction)
    _compare(section, _SUMS_CLOSING, number, line, found)


@dataclass(frozen=True)
class _Form:
    """One kind of report in one layout: how to know, read and close it."""

    kind: ReportKind
    layout: Layout
    recognized: re.Pattern | None
    opening: RecordLayout
    records: dict[str, Callable]
    closing_tk: str
    close: Callable


_NEW = r"01AUTOGIRO {12}.{22}"
_OLD = r"01[0-9]{8}AUTOGIRO9900"
_CHANGE_TKS = ("03", "11", *map(str, range(21, 30)))
_DETAILS = dict.fromkeys(("53", "54", "55", "56"), _add_detail)

# The Ä of the labels may be any character: it is what encodings go wrong on.
_FORMS = (
    _Form(
        ReportKind.PAYMENTS,
        Layout.NEW,
        re.compile(_NEW + r"BET\. SPEC & STOPP TK"),
        _NEW_PAYMENTS_OPENING,
        {
            **dict.fromkeys(("15", "16", "17"), _add_deposit),
            **dict.fromkeys((IN, OUT), _add_payment),
            "77": _add_refund,
        },
        "09",
        _close_payments,
    ),
    _Form(
        ReportKind.ADVICE,
        Layout.NEW,
        re.compile(_NEW + r"AG-MEDAVI {11}"),
        _NEW_OPENING,
        {"73": _add_advice},
        "09",
        _close_with_count,
    ),
    _Form(
        ReportKind.REJECTED,
        Layout.NEW,
        re.compile(_NEW + r"AVVISADE BET UPPDR {2}"),
        _NEW_OPENING,
        dict.fromkeys((IN, OUT), _add_rejected),
        "09",
        _close_rejected,
    ),
    _Form(
        ReportKind.CHANGES,
        Layout.NEW,
        re.compile(_NEW + r"MAKULERING/.NDRING {2}"),
        _NEW_OPENING,
        dict.fromkeys(_CHANGE_TKS, _add_change),
        "09",
        _close_changes,
    ),
    _Form(
        ReportKind.PAYMENTS,
        Layout.OLD,
        re.compile(_OLD + r" {40}"),
        _OLD_OPENING,
        dict.fromkeys((IN, OUT), _add_payment),
        "09",
        _close_with_sums,
    ),
    _Form(
        ReportKind.ADVICE,
        Layout.OLD,
        re.compile(r"01[0-9]{8}9900[0-9]{10}AG-MEDAVI"),
        _SHORT_OPENING,
        {"73": _add_advice},
        "09",
        _close_with_count,
    ),
    _Form(
        ReportKind.REJECTED,
        Layout.OLD,
        re.compile(_OLD + r"FELLISTA REG\.KONTRL"),
        _OLD_OPENING,
        dict.fromkeys((IN, OUT), _add_rejected),
        "09",
        _close_rejected,
    ),
    _Form(
        ReportKind.CHANGES,
        Layout.OLD,
        re.compile(_OLD + r"MAK/.NDRINGSLISTA"),
        _OLD_OPENING,
        dict.fromkeys(_CHANGE_TKS, _add_change),
        "09",
        _close_changes,
    ),
    _Form(
        ReportKind.ELECTRONIC_MANDATES,
        Layout.NEW,
        re.compile(r"51[0-9]{8}9900[0-9]{10}AG-EMEDGIV"),
        _SHORT_OPENING,
        {"52": _add_electronic_mandate, **_DETAILS},
        "59",
        _close_electronic_mandates,
    ),
    _Form(
        ReportKind.MONITORING,
        Layout.NEW,
        re.compile(_OLD + r"BEVAKNINGSREG"),
        _OLD_OPENING,
        dict.fromkeys((IN, OUT), _add_monitored),
        "09",
        _close_with_sums,
    ),
)
_OTHER_REPORT = re.compile(rf"01AUTOGIRO {{12}}|{_OLD}|51[0-9]{{8}}9900")
_OUTGOING = re.compile(r"01[0-9]{8}AUTOGIRO(?!9900)")
_FIRST_LETTERS = ("01", "51")

# The register's lines have neither codes nor opening. Which layout they have is told by where a date is.
_REGISTER_LINE = re.compile(r"00[0-9]{36}[ 0-9]{20}")  # a bankgiro has at most eight digits
_CENTURY = ("19", "20")
_REGISTERS = {
    layout: _Form(ReportKind.REGISTER, layout, None, _SHORT_OPENING, {}, "", lambda *_: None)
    for layout in Layout
}


def _register_layout(lines: list[tuple[int, str]]) -> Layout:
    for _number, line in lines:
        for at in (41, 49):
            if line[at : at + 2] in _CENTURY and line[at + 8 : at + 10] in (
                *_CENTURY,
                "00",
                "  ",
                "1 ",
                "2 ",
            ):
                return Layout.NEW
            if line[at - 1 : at + 1] in _CENTURY:
                return Layout.OLD
    first = lines[0][1]
    return Layout.OLD if first[57] == "0" and first[63:79].strip() else Layout.NEW


def _read_register(lines: list[tuple[int, str]]) -> list[ReportSection]:
    form = _REGISTERS[_register_layout(lines)]
    sections: dict[str, _Reading] = {}
    for number, line in lines:
        check_length(number, line)
        if not _REGISTER_LINE.match(line):
            raise ReportError("unexpected_record", number)
        bankgiro = line[:10].lstrip("0")
        if bankgiro not in sections:
            sections[bankgiro] = _Reading(form, {"bankgiro": bankgiro}, [])
        section = sections[bankgiro]
        section.lines.append(line)
        _add_registered(section, "", number, line)
    return [_finished(section) for section in sections.values()]


def _finished(section: _Reading) -> ReportSection:
    return ReportSection(
        kind=section.form.kind,
        layout=section.form.layout,
        bankgiro=section.opening["bankgiro"],
        customer_number=section.opening.get("customer_number", ""),
        written=section.opening.get("written"),
        timestamp=section.opening.get("timestamp"),
        records=tuple(section.records),
        warnings=tuple(section.warnings),
        raw=LINE_END.join(section.lines).encode(ENCODING, "replace"),
    )


def _open(number: int, line: str) -> _Reading | None:
    """Return the section that a line opens, or None when it opens none.

    :raises ReportError: a file of another kind
    """
    if line[:2] not in _FIRST_LETTERS:
        return None
    for form in _FORMS:
        if form.recognized.match(line):
            check_length(number, line)
            section = _Reading(form, {}, [line])
            section.opening = section.values(form.opening, number, line)
            return section
    if BGMAX.match(line):
        raise ReportError("bgmax", number)
    if _OTHER_REPORT.match(line):
        raise ReportError("unknown_report", number)
    if _OUTGOING.match(line):
        raise ReportError("outgoing", number)
    return None


def read_report(data: bytes, max_size: int = MAX_SIZE) -> Report:
    """Return what a file from Bankgirot holds, whatever its kind and layout.

    Human headings above it, blank lines, a seal, tabs, missing or extra blanks at the end of lines
    and other line ends are accepted, as is a file that some editor changed to UTF-8 (a warning).
    Unknown codes are warnings; an unknown payment status is an error, as it is about money.

    :param max_size: bytes; a larger file is not looked at
    :raises ReportError: nothing could be taken of it; says where and why
    """
    file_warnings: list[ReportWarning] = []
    sections: list[ReportSection] = []
    register: list[tuple[int, str]] = []
    section: _Reading | None = None
    sealed = False
    last = 0
    for number, line in numbered_lines(decode(data, max_size, file_warnings)):
        last = number
        if section is not None:
            check_length(number, line)
            tk = line[:2]
            section.lines.append(line)
            if tk in section.form.records:
                section.form.records[tk](section, tk, number, line)
            elif tk == section.form.closing_tk:
                section.form.close(section, number, line)
                sections.append(_finished(section))
                section = None
            elif _open(number, line) or SEAL_CLOSING.match(line):
                raise ReportError("missing_closing", number)
            else:
                raise ReportError("unexpected_record", number, 1)
        elif SEAL_OPENING.match(line) and not sealed and not register:
            sealed = True
        elif SEAL_CLOSING.match(line):
            if not sealed:
                raise ReportError("seal_incomplete", number)
            sealed = False
        elif register or (not sections and _REGISTER_LINE.match(line)):
            register.append((number, line))
        else:
            section = _open(number, line)
            if section is None:
                if sections:
                    raise ReportError("unexpected_record", number)
                check_heading(number, line)
    if section is not None:
        raise ReportError("missing_closing", last)
    if sealed:
        raise ReportError("seal_incomplete", last)
    if register:
        sections = _read_register(register)
    if not sections:
        raise ReportError("unknown")
    warnings = [*file_warnings, *(warning for found in sections for warning in found.warnings)]
    return Report(sections=tuple(sections), warnings=tuple(warnings))
