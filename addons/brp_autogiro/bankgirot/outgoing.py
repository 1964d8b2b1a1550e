"""Files to Bankgirot: mandates, payments, cancellations and new dates of payments.

Such a file has one or more sections. Each opens with TK01, which names the payee's bankgiro, and
has at least one record; there are no closing records and no totals. Amounts are whole öre, dates
local. Payer numbers are digits; leading zeros do not matter and are gone when read.
Source: Bg Autogiro technical manual.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date as Date

from .layout import (
    AMOUNT,
    DATE,
    DIGITS,
    NUMBER,
    OPTIONAL_DIGITS,
    OPTIONAL_NUMBER,
    PAYMENT_DATE,
    SIGNIFICANT,
    TEXT,
    FieldError,
    RecordLayout,
)
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
from .problems import FIELDS, VALUES, ReportError
from .texts import Problem, say

COLLECT, PAY_OUT = "82", "32"
REJECT = "AV"
PERIODS = range(9)


@dataclass(frozen=True, slots=True)
class NewMandate:
    """TK04: ask for a mandate on a bank account, or on a bankgiro number.

    On an account: ``account`` is its 16 digits (see ``accounts``), ``holder_number`` the account
    holder's 12 digits, YYYYMMDDNNNN or 00 and an organisation number. On a bankgiro: both None,
    and the payer number is that bankgiro.
    """

    payer_number: str = field(repr=False)
    account: str | None = field(default=None, repr=False)
    holder_number: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AcceptMandate:
    """TK04: accept a mandate that a payer gave in the internet bank.

    The same characters as a new mandate on a bankgiro: :func:`read_outgoing` returns that.
    """

    payer_number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RejectMandate:
    """TK04 with AV: reject a mandate that a payer gave in the internet bank.

    Account and holder may be repeated, but need not be.
    """

    payer_number: str = field(repr=False)
    account: str | None = field(default=None, repr=False)
    holder_number: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CancelMandate:
    """TK03: end a mandate, and with it all payments of it that Bankgirot has not carried out."""

    payer_number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangePayerNumber:
    """TK05: give a mandate on a bank account another payer number."""

    old: str = field(repr=False)
    new: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Collect:
    """TK82: collect ``amount`` öre from a payer.

    ``date`` None is the nearest possible banking day (GENAST). ``period`` 0 is once; 1-4 every month,
    quarter, half-year, year on the date's day; 5-8 likewise on the last day of the month. ``renewals``,
    1-999, belongs to 1-8; None is until cancelled.
    """

    payer_number: str = field(repr=False)
    amount: int
    date: Date | None
    reference: str = ""
    period: int = 0
    renewals: int | None = None


@dataclass(frozen=True, slots=True)
class PayOut:
    """TK32: pay ``amount`` öre to a payer; fields as of :class:`Collect`. Needs the bank's agreement."""

    payer_number: str = field(repr=False)
    amount: int
    date: Date | None
    reference: str = ""
    period: int = 0
    renewals: int | None = None


@dataclass(frozen=True, slots=True)
class CancelPayer:
    """TK23: cancel all payments of a payer."""

    payer_number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CancelPayerDate:
    """TK24: cancel all payments of a payer on a date."""

    payer_number: str = field(repr=False)
    date: Date


@dataclass(frozen=True, slots=True)
class CancelPayment:
    """TK25: cancel one payment; ``direction`` 82 collects, 32 pays out."""

    payer_number: str = field(repr=False)
    date: Date
    amount: int
    direction: str = COLLECT
    reference: str = ""


@dataclass(frozen=True, slots=True)
class MoveAll:
    """TK26: move ALL payments of the bankgiro, whoever pays, to a new date."""

    new_date: Date


@dataclass(frozen=True, slots=True)
class MoveDate:
    """TK27: move ALL payments of the bankgiro on a date, whoever pays, to a new date."""

    date: Date
    new_date: Date


@dataclass(frozen=True, slots=True)
class MovePayerDate:
    """TK28: move all payments of a payer on a date to a new date."""

    payer_number: str = field(repr=False)
    date: Date
    new_date: Date


@dataclass(frozen=True, slots=True)
class MovePayment:
    """TK29: move one payment to a new date; ``direction`` 82 collects, 32 pays out."""

    payer_number: str = field(repr=False)
    date: Date
    amount: int
    new_date: Date
    direction: str = COLLECT
    reference: str = ""


OutgoingRecord = (
    NewMandate
    | AcceptMandate
    | RejectMandate
    | CancelMandate
    | ChangePayerNumber
    | Collect
    | PayOut
    | CancelPayer
    | CancelPayerDate
    | CancelPayment
    | MoveAll
    | MoveDate
    | MovePayerDate
    | MovePayment
)


@dataclass(frozen=True, slots=True)
class Section:
    """The records of one payee's bankgiro.

    ``bankgiro``: up to ten digits; ``customer_number``: the payee's at Bankgirot, up to six digits;
    ``written``: local date of writing.
    """

    bankgiro: str
    customer_number: str
    records: Sequence[OutgoingRecord]
    written: Date


class OutgoingError(Problem):
    """A section that cannot be written.

    ``section`` and ``record`` are indexes from 0 (``record`` None: the section itself), ``field`` the
    name of the field, ``problem`` a key of ``problems.VALUES``, or ``empty``: there is nothing to
    write. The value is nowhere in it.
    """

    TEXTS = {
        "section": (
            "Section {section}: the {field} {value}.",
            "Avsnitt {section}: fältet {field} {value}.",
        ),
        "record": (
            "Section {section}, record {record}: the {field} {value}.",
            "Avsnitt {section}, post {record}: fältet {field} {value}.",
        ),
        "empty": (
            "Section {section} has no records.",
            "Avsnitt {section} har inga poster.",
        ),
    }

    def __init__(self, problem: str, section: int, record: int | None, field: str):
        self.section = section
        self.record = record
        self.field = field
        super().__init__(problem)

    def text(self, lang: str = "en") -> str:
        """Return the error in words, in English (``en``) or Swedish (``sv``); there records count from 1."""
        if self.problem == "empty":
            return say(self.TEXTS, "empty", lang, section=self.section + 1)
        return say(
            self.TEXTS,
            "section" if self.record is None else "record",
            lang,
            section=self.section + 1,
            record=(self.record or 0) + 1,
            field=say(FIELDS, self.field, lang),
            value=say(VALUES, self.problem, lang),
        )

    def __reduce__(self):
        return type(self), (self.problem, self.section, self.record, self.field)


OPENING = RecordLayout(
    ("written", 3, 8, DATE),
    ("customer_number", 63, 6, DIGITS),
    ("bankgiro", 69, 10, SIGNIFICANT),
    constants={1: "01", 11: "AUTOGIRO"},
)

_MANDATE = (
    ("bankgiro", 3, 10, SIGNIFICANT),
    ("payer_number", 13, 16, SIGNIFICANT),
)
_ACCOUNT = (
    ("account", 29, 16, OPTIONAL_DIGITS),
    ("holder_number", 45, 12, OPTIONAL_DIGITS),
)
_PAYMENT = (
    ("date", 3, 8, PAYMENT_DATE),
    ("period", 11, 1, NUMBER),
    ("renewals", 12, 3, OPTIONAL_NUMBER),
    ("payer_number", 16, 16, SIGNIFICANT),
    ("amount", 32, 12, AMOUNT),
    ("bankgiro", 44, 10, SIGNIFICANT),
    ("reference", 54, 16, TEXT),
)
_CHANGE_BANKGIRO = ("bankgiro", 3, 10, SIGNIFICANT)
_CHANGE_PAYER = ("payer_number", 13, 16, SIGNIFICANT)
_CHANGE_DATE = ("date", 29, 8, DATE)
_CHANGE_AMOUNT = (("amount", 37, 12, AMOUNT), ("direction", 49, 2, DIGITS))
_CHANGE_NEW_DATE = ("new_date", 51, 8, DATE)
_CHANGE_REFERENCE = ("reference", 59, 16, TEXT)


def _tk(code, *fields, more=None):
    return RecordLayout(*fields, constants={1: code, **(more or {})})


#: Each record and its fields
LAYOUTS: dict[type, RecordLayout] = {
    NewMandate: _tk("04", *_MANDATE, *_ACCOUNT),
    AcceptMandate: _tk("04", *_MANDATE),
    RejectMandate: _tk("04", *_MANDATE, *_ACCOUNT, more={77: REJECT}),
    CancelMandate: _tk("03", *_MANDATE),
    ChangePayerNumber: _tk(
        "05",
        ("bankgiro", 3, 10, SIGNIFICANT),
        ("old", 13, 16, SIGNIFICANT),
        ("bankgiro_again", 29, 10, SIGNIFICANT),
        ("new", 39, 16, SIGNIFICANT),
    ),
    Collect: _tk(COLLECT, *_PAYMENT),
    PayOut: _tk(PAY_OUT, *_PAYMENT),
    CancelPayer: _tk("23", _CHANGE_BANKGIRO, _CHANGE_PAYER),
    CancelPayerDate: _tk("24", _CHANGE_BANKGIRO, _CHANGE_PAYER, _CHANGE_DATE),
    CancelPayment: _tk(
        "25", _CHANGE_BANKGIRO, _CHANGE_PAYER, _CHANGE_DATE, *_CHANGE_AMOUNT, _CHANGE_REFERENCE
    ),
    MoveAll: _tk("26", _CHANGE_BANKGIRO, _CHANGE_NEW_DATE),
    MoveDate: _tk("27", _CHANGE_BANKGIRO, _CHANGE_DATE, _CHANGE_NEW_DATE),
    MovePayerDate: _tk("28", _CHANGE_BANKGIRO, _CHANGE_PAYER, _CHANGE_DATE, _CHANGE_NEW_DATE),
    MovePayment: _tk(
        "29",
        _CHANGE_BANKGIRO,
        _CHANGE_PAYER,
        _CHANGE_DATE,
        *_CHANGE_AMOUNT,
        _CHANGE_NEW_DATE,
        _CHANGE_REFERENCE,
    ),
}
_BY_TK = {layout.constants[1]: kind for kind, layout in LAYOUTS.items() if layout.constants[1] != "04"}


def _payment_rules(payment) -> tuple[str, str] | None:
    if payment.period not in PERIODS:
        return "period", "range"
    if payment.period and payment.date is None:
        return "period", "unexpected"
    if not payment.period and payment.renewals is not None:
        return "renewals", "unexpected"
    return None


def _mandate_rules(mandate) -> tuple[str, str] | None:
    if mandate.account is None and mandate.holder_number is not None:
        return "account", "missing"
    if mandate.account is not None and mandate.holder_number is None:
        return "holder_number", "missing"
    return None


def _one_payment_rules(change) -> tuple[str, str] | None:
    return None if change.direction in (COLLECT, PAY_OUT) else ("direction", "range")


#: What a record must fulfil besides the kinds of its fields: None or the field and the problem
RULES: dict[type, Callable] = {
    NewMandate: _mandate_rules,
    RejectMandate: _mandate_rules,
    Collect: _payment_rules,
    PayOut: _payment_rules,
    CancelPayment: _one_payment_rules,
    MovePayment: _one_payment_rules,
}


def _values(record) -> dict:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def write_file(sections: Sequence[Section]) -> bytes:
    """Return a file to Bankgirot: lines of 80 Latin-1 characters, each ended by CR LF.

    Characters of a reference that are not Latin-1 are replaced by the nearest, or a question mark.

    :raises OutgoingError: no section, a section without records, or a value that does not fit
    """
    lines = []
    if not sections:
        raise OutgoingError("empty", 0, None, "records")
    for section_index, section in enumerate(sections):
        if not section.records:
            raise OutgoingError("empty", section_index, None, "records")
        try:
            lines.append(OPENING.render(_values(section)))
        except FieldError as error:
            raise OutgoingError(error.problem, section_index, None, error.field.name) from None
        for index, record in enumerate(section.records):
            broken = RULES[type(record)](record) if type(record) in RULES else None
            if broken:
                raise OutgoingError(broken[1], section_index, index, broken[0])
            values = {**_values(record), "bankgiro": section.bankgiro, "bankgiro_again": section.bankgiro}
            try:
                lines.append(LAYOUTS[type(record)].render(values))
            except FieldError as error:
                raise OutgoingError(error.problem, section_index, index, error.field.name) from None
    return "".join(line + LINE_END for line in lines).encode(ENCODING)


_OPENING_LINE = re.compile(r"01[0-9]{8}AUTOGIRO {44}")
_REPORT_OPENING = re.compile(r"01AUTOGIRO {12}|01[0-9]{8}(?:AUTOGIRO)?9900|51[0-9]{8}9900")


def _kind_of(line: str) -> type | None:
    if line[:2] == "04":
        return RejectMandate if line[76:78] == REJECT else NewMandate
    return _BY_TK.get(line[:2])


def _read(layout: RecordLayout, line: str, number: int) -> dict:
    try:
        return layout.parse(line, lambda *_: None)
    except FieldError as error:
        field = error.field
        raise ReportError("field", number, field.start, field=field.name, value=error.problem) from None


def read_outgoing(data: bytes, max_size: int = MAX_SIZE) -> list[Section]:
    """Return what a file to Bankgirot holds; its seal and human headings are skipped.

    A TK04 with a payer number only is read as a new mandate on a bankgiro: an accepted mandate has
    the same characters.

    :param max_size: bytes
    :raises ReportError: not such a file; see ``ReportError``
    """
    sections: list[tuple[dict, list]] = []
    sealed = closed = False
    for number, line in numbered_lines(decode(data, max_size, [])):
        if closed:
            raise ReportError("unexpected_record", number)
        if SEAL_OPENING.match(line) and not sections and not sealed:
            sealed = True
        elif SEAL_CLOSING.match(line) and sealed:
            closed = True
        elif _OPENING_LINE.match(line):
            check_length(number, line)
            sections.append((_read(OPENING, line, number), []))
        elif BGMAX.match(line):
            raise ReportError("bgmax", number)
        elif _REPORT_OPENING.match(line):
            raise ReportError("not_outgoing", number)
        elif not sections:
            check_heading(number, line)
        else:
            check_length(number, line)
            kind = _kind_of(line)
            if kind is None:
                raise ReportError("unexpected_record", number, 1)
            values = _read(LAYOUTS[kind], line, number)
            opening, records = sections[-1]
            if {values.pop("bankgiro"), values.pop("bankgiro_again", opening["bankgiro"])} != {
                opening["bankgiro"]
            }:
                raise ReportError("bankgiro", number)
            for name, empty in (("account", ""), ("holder_number", "")):
                if values.get(name) == empty:
                    values[name] = None
            record = kind(**values)
            broken = RULES[kind](record) if kind in RULES else None
            if broken:
                raise ReportError("field", number, field=broken[0], value=broken[1])
            records.append(record)
    if not sections:
        raise ReportError("unknown")
    if sealed != closed:
        raise ReportError("seal_incomplete")
    for _opening, records in sections:
        if not records:
            raise ReportError("empty_section")
    return [Section(records=tuple(records), **opening) for opening, records in sections]
