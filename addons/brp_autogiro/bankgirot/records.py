"""What Bankgirot's reports hold, as typed values.

Amounts are whole öre, dates local. Payer numbers and bankgiro numbers have no leading zeros;
accounts are 16 digits and holder numbers 12 (``YYYYMMDDNNNN``, ``00`` and an organisation number,
or ``99`` and an organisation number when the payer number is a bankgiro), or empty. Codes are in
``codes``. Every record has the ``line`` where it starts in the file and that line, ``raw``. What is
private is left out when a record is printed.
"""

from dataclasses import dataclass, field
from datetime import date as Date
from datetime import datetime
from enum import Enum

from .problems import ReportWarning


def _private(**options):
    return field(repr=False, **options)


class ReportKind(str, Enum):
    """What a report is about."""

    PAYMENTS = "payments"
    ADVICE = "advice"
    REJECTED = "rejected"
    CHANGES = "changes"
    ELECTRONIC_MANDATES = "electronic_mandates"
    MONITORING = "monitoring"
    REGISTER = "register"


class Layout(str, Enum):
    """Which of the two layouts a payee's bank agreement has; NEW also where there is only one."""

    NEW = "new"
    OLD = "old"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What all records have: the number of their line in the file, from 1, and its 80 characters."""

    line: int
    raw: str = _private()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit(Record):
    """A sum on the payee's bank account (new layout): ``tk`` 15 deposit, 16 withdrawal, 17 for a refund.

    ``serial`` is also on the bank statement, and 0 when nothing was approved. ``amount`` and
    ``count`` are of the approved payments. ``index`` counts the deposits of a section from 0.
    """

    tk: str
    account: str = _private()
    date: Date
    serial: int
    amount: int
    count: int
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow(Record):
    """A payment that was due: ``tk`` 82 collected, 32 paid out; ``status`` says whether it was.

    ``status`` is a key of ``codes.PAYMENT_STATUS``, in both layouts. ``date`` is None when
    ``date_text``, the eight characters, is no date. ``renewals``, with this one, is None when
    the file has none. ``deposit`` is the ``index`` of its deposit, None in the old layout.
    """

    tk: str
    date: Date | None
    date_text: str
    period: int
    renewals: int | None
    payer_number: str = _private()
    amount: int
    bankgiro: str
    reference: str
    status: str
    deposit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund(Record):
    """A payment that the payer has got back (TK77); all but ``refund_date`` and ``code`` as it once was.

    ``code`` is a key of ``codes.REFUND_CODE``.
    """

    date: Date | None
    date_text: str
    period: int
    renewals: int | None
    payer_number: str = _private()
    amount: int
    bankgiro: str
    reference: str
    refund_date: Date
    code: str
    deposit: int


_ENDED = {"10", "44", "46", "93"}  # these say themselves that the mandate is over, whatever the comment
_ANSWERS = {
    ("04", "32"): "active",
    ("42", "32"): "active",
    ("05", "32"): "active",
    ("04", "10"): "already_there",
    ("42", "03"): "refused",
    ("42", "05"): "refused",
    ("43", "07"): "refused",
    ("03", "33"): "ended",
    ("03", "04"): "ended",
    ("05", "33"): "ended",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice(Record):
    """What happened to a mandate (TK73); ``information`` and ``comment`` are codes.

    ``debitable_from`` is the first day of payment, only in the old layout.
    """

    bankgiro: str
    payer_number: str = _private()
    account: str = _private()
    holder_number: str = _private()
    information: str
    comment: str
    action_date: Date | None
    debitable_from: Date | None

    @property
    def outcome(self) -> str:
        """What it means for the mandate of this payer number.

        ``active``, ``refused``, ``ended``, ``already_there`` (what was there before the request is as it
        was: approved, under inquiry, or cancelled a few days ago), or ``other``: the mandate is as
        before. A change of payer number ends the old number and makes the new one active.
        """
        if self.information in _ENDED:
            return "ended"
        known = _ANSWERS.get((self.information, self.comment))
        return known or ("refused" if self.information == "04" else "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected(Record):
    """A payment that Bankgirot did not accept; ``comment`` is a key of ``codes.REJECTED_COMMENT``.

    Fields are as they were sent, so any may be wrong: ``date`` is None when ``date_text`` is no date,
    ``period`` and ``renewals`` are None when they are not digits, ``amount`` is 0 when it is none.
    """

    tk: str
    date: Date | None
    date_text: str
    period: int | None
    renewals: int | None
    payer_number: str = _private()
    amount: int
    reference: str
    comment: str


_DONE = {"12", "14", "18"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Record):
    """The answer to a cancellation or a new date: ``tk`` (``codes.CHANGE_TK``) and how it went, ``comment``.

    ``payer_number`` is empty when it concerns all payers; ``direction`` is 82, 32 or empty.
    """

    tk: str
    date: Date | None
    payer_number: str = _private()
    direction: str
    amount: int
    new_date: Date | None
    reference: str
    comment: str

    @property
    def done(self) -> bool:
        """Whether the payment was cancelled or moved."""
        return self.comment in _DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectronicMandate(Record):
    """A mandate that a payer gave in the internet bank (TK52 with its 53 to 56), to be answered.

    ``payer_number`` is what the payer typed. ``message_type``: 0 new, 1 and 2 reminders.
    ``name_address``: one to four rows. ``postcode`` is empty and ``town`` a country when abroad.
    ``raw`` has all its lines, with CR LF between.
    """

    payer_number: str = _private()
    account: str = _private()
    holder_number: str = _private()
    message_type: int
    text: str = _private()
    name_address: tuple[str, ...] = _private()
    postcode: str = _private()
    town: str = _private()


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitored(Record):
    """A payment that Bankgirot has not carried out yet; ``renewals`` None is once or until cancelled."""

    tk: str
    date: Date | None
    period: int
    renewals: int | None
    payer_number: str = _private()
    amount: int
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered(Record):
    """A mandate in Bankgirot's register.

    ``origin``: 1 from the payee, 2 from the internet bank. ``last_year``: the last year with
    payments, two digits (one in the old layout), or empty. ``status``: 1 approved, 2 under inquiry.
    ``account`` is empty when the payer number is a bankgiro.
    """

    bankgiro: str
    holder_number: str = _private()
    payer_number: str = _private()
    origin: str
    last_year: str
    created: Date | None
    changed: Date | None
    status: str
    account: str = _private()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSection:
    """One payee's bankgiro in a report.

    ``written`` and ``timestamp`` (only payments in the new layout) are local. ``records`` are in
    the order of the file. ``raw`` is the section's own lines in Latin-1 with CR LF between, so
    that a file of several companies can be split.
    """

    kind: ReportKind
    layout: Layout
    bankgiro: str
    customer_number: str
    written: Date | None
    timestamp: datetime | None
    records: tuple[Record, ...]
    warnings: tuple[ReportWarning, ...]
    raw: bytes = _private()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole file from Bankgirot; ``warnings`` are those of the file and of all its sections."""

    sections: tuple[ReportSection, ...]
    warnings: tuple[ReportWarning, ...]
