"""What Klarna tells of a payout and of what it is made of. Amounts are öre, as told; moments are UTC.

Fields may be missing or unknown to us: Klarna adds some, and not all rows have all. What money depends on
may not: it is read strictly. Source: the description of Klarna's Settlements API, and fields that its live
answers have besides.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from datetime import datetime, time, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from .problems import SettlementError, describe

SETTLEMENT_TYPES = ("NET", "GROSS", "GROSS_FEE")
UTC = timezone.utc

_AMOUNT = "_amount"
_METHOD = "initial_payment_method_type"
_YEARS = range(1970, 9000)  # that every zone can tell; 0001-01-01 is how some programs write "none"
_MIN, _MAX = -(2**63), 2**63 - 1  # as published: int64
_MAX_CODE = 60  # characters
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)? ?(?:(Z|UTC)|([+-])(\d\d):?(\d\d))?",
    re.ASCII,
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")
_NOT_CODE = re.compile(r"[^A-Z0-9]+")

#: The date that a row of a type is booked on, without which it cannot be taken
DATED_BY = {
    "SALE": "sale_date",
    "RETURN": "capture_date",
    "REVERSAL": "capture_date",
    "REVERSAL_MERCHANT_PROTECTION": "capture_date",
}


class Vat(NamedTuple):
    """The VAT of one rate: 2500 is 25 %, and öre."""

    rate: int
    amount: int


@dataclass(frozen=True, slots=True)
class Payout:
    """What Klarna paid out at once.

    :ivar reference: stands on the bank statement as well
    :ivar paid_at: UTC
    :ivar registration_currency: that of the country where the merchant is registered, or None
    :ivar settlement_type: NET (fees are taken from the payout), GROSS (they are invoiced) or GROSS_FEE
    :ivar totals: öre by Klarna's names without ``_amount``; a total that is not told is not there
    :ivar settlement: öre that were paid out
    """

    reference: str
    paid_at: datetime
    currency: str
    registration_currency: str | None
    settlement_type: str
    merchant: str
    totals: Mapping[str, int] = field(hash=False)
    settlement: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """One row of a payout. Texts that are empty are None.

    :ivar type: as SALE, in capitals
    :ivar detailed_type: as PURCHASE, in capitals
    :ivar amount: öre as told; what it does to the payout is told by :mod:`.effects`
    :ivar sold_at: when the order was made, UTC
    :ivar captured_at: when what the row tells was registered, UTC
    :ivar vat_rate: of Klarna's fee, not of what was sold; 2500 is 25 %
    :ivar vat_amount: öre as told, of Klarna's fee
    :ivar customer_vat: the VAT of what was sold or returned; None when it is not told
    """

    type: str
    detailed_type: str | None
    amount: int
    sold_at: datetime | None = None
    captured_at: datetime | None = None
    order_id: str | None = None
    short_order_id: str | None = None
    capture_id: str | None = None
    refund_id: str | None = None
    reference1: str | None = None
    reference2: str | None = None
    currency: str | None = None
    vat_rate: int | None = None
    vat_amount: int | None = None
    customer_vat: tuple[Vat, ...] | None = None
    comment: str | None = None
    reversal_reference: str | None = None
    payment_method: str | None = None


#: A transaction while it is made: to set the fields of one that is frozen takes four times as long, which is
#: a third of all the time that reading takes. With the same slots it becomes one by changing its class.
_Draft = make_dataclass("_Draft", [each.name for each in fields(Transaction)], slots=True)


def read_payout(data: object) -> Payout:
    """Return a payout as the service tells it.

    :param data: the JSON object
    :raises SettlementError: something that money depends on is missing or is not what it should be
    """
    if not isinstance(data, dict):
        raise SettlementError("shape")
    told = data.get("totals")
    if not isinstance(told, dict):
        raise SettlementError("missing" if told is None else "shape", "totals")
    totals = {
        name.removesuffix(_AMOUNT): read_amount(amount, f"totals.{name}")
        for name, amount in told.items()
        if name.endswith(_AMOUNT) and amount is not None
    }
    if "settlement" not in totals:
        raise SettlementError("missing", "totals.settlement_amount")
    settlement_type = _needed(data, "merchant_settlement_type").upper()
    if settlement_type not in SETTLEMENT_TYPES:
        raise SettlementError("settlement_type", "merchant_settlement_type")
    registration = read_text(data.get("currency_code_of_registration_country"), "")
    return Payout(
        reference=_needed(data, "payment_reference"),
        paid_at=read_moment(_needed(data, "payout_date"), "payout_date"),
        currency=read_currency(_needed(data, "currency_code"), "currency_code"),
        registration_currency=registration,
        settlement_type=settlement_type,
        merchant=_needed(data, "merchant_id"),
        totals=totals,
        settlement=totals["settlement"],
    )


def read_transaction(data: object) -> Transaction:
    """Return a row of a payout as the service tells it.

    :param data: the JSON object
    :raises SettlementError: something that money depends on is missing or is not what it should be: amount,
        type, currency, and for sales, returns and reversals the date they are booked on
    """
    if not isinstance(data, dict):
        raise SettlementError("shape")
    get = data.get
    type_ = read_code(get("type"), "type")
    if type_ is None:
        raise SettlementError("missing", "type")
    dated_by = DATED_BY.get(type_)
    if dated_by and not get(dated_by):
        raise SettlementError("missing", dated_by)
    # Fields that are absent, as most are, cost no call.
    read = _Draft(
        type_,
        read_code(get("detailed_type"), "detailed_type"),
        read_amount(get("amount"), "amount"),
        read_moment(told, "sale_date") if (told := get("sale_date")) else None,
        read_moment(told, "capture_date") if (told := get("capture_date")) else None,
        read_text(told, "order_id") if (told := get("order_id")) else None,
        read_text(told, "short_order_id") if (told := get("short_order_id")) else None,
        read_text(told, "capture_id") if (told := get("capture_id")) else None,
        read_text(told, "refund_id") if (told := get("refund_id")) else None,
        read_text(told, "merchant_reference1") if (told := get("merchant_reference1")) else None,
        read_text(told, "merchant_reference2") if (told := get("merchant_reference2")) else None,
        read_currency(get("currency_code"), "currency_code"),
        None if (told := get("vat_rate")) is None or told == "" else read_rate(told, "vat_rate"),
        None if (told := get("vat_amount")) is None or told == "" else read_amount(told, "vat_amount"),
        _read_customer_vat(told) if (told := get("customer_vat")) else None,
        read_text(told, "klarna_comment") if (told := get("klarna_comment")) else None,
        read_text(told, "reversal_reference") if (told := get("reversal_reference")) else None,
        read_text(told, _METHOD) if (told := get(_METHOD)) else None,
    )
    read.__class__ = Transaction
    return read


def read_transactions(rows: Iterable[object], first: int = 0) -> list[Transaction]:
    """Return the rows of an answer.

    :param first: the number of the first in the payout, from 0; errors tell where they are
    :raises SettlementError: see :func:`read_transaction`
    """
    read = []
    append = read.append
    try:
        for row in rows:
            append(read_transaction(row))
    except SettlementError as error:
        raise error.within(f"transactions[{first + len(read)}]") from None
    return read


def _read_customer_vat(told: object) -> tuple[Vat, ...]:
    if not isinstance(told, list):
        raise SettlementError("shape", "customer_vat")
    read = []
    for number, entry in enumerate(told):
        where = f"customer_vat[{number}]"
        if not isinstance(entry, dict):
            raise SettlementError("shape", where)
        rate = read_rate(entry.get("tax_rate"), f"{where}.tax_rate")
        read.append(Vat(rate, read_amount(entry.get("tax_amount"), f"{where}.tax_amount")))
    return tuple(read)


# -- values ---------------------------------------------------------------------------------------------


def _needed(data: dict, name: str) -> str:
    text = read_text(data.get(name), name)
    if text is None:
        raise SettlementError("missing", name)
    return text


def read_text(value: object, where: str) -> str | None:
    """Return a text, None for an empty one. A number is taken for its digits."""
    if value is None:
        return None
    if type(value) is not str:
        if type(value) is not int:
            raise SettlementError("text", where, found=describe(value))
        value = str(_read_int(value, where, "text"))
    if not value.isprintable():
        # Neither a database nor a file takes all of them.
        value = "".join(c if c.isprintable() else " " for c in value).strip()
    return value or None


def read_amount(value: object, where: str) -> int:
    """Return an amount in öre.

    A number with decimals is refused even if it is whole: who writes 100.0 may have meant kronor.
    """
    return _read_int(value, where, "amount")


def read_rate(value: object, where: str) -> int:
    """Return a VAT rate, 2500 for 25 %."""
    rate = _read_int(value, where, "rate")
    if not 0 <= rate <= 10_000:
        raise SettlementError("range", where)
    return rate


def _read_int(value: object, where: str, problem: str) -> int:
    if type(value) is not int:
        if value is None or value == "":
            raise SettlementError("missing", where)
        raise SettlementError(problem, where, found=describe(value))
    if not _MIN <= value <= _MAX:
        raise SettlementError("range", where)
    return value


def read_currency(value: object, where: str) -> str:
    """Return the code of a currency, as SEK."""
    if value is None or value == "":
        raise SettlementError("missing", where)
    return _read_currency(value, where) if isinstance(value, str) else _no_currency(where)


@lru_cache(maxsize=64)
def _read_currency(value: str, where: str) -> str:
    code = value.strip().upper()
    return code if _CURRENCY.fullmatch(code) else _no_currency(where)


def _no_currency(where: str):
    raise SettlementError("currency", where)


def read_code(value: object, where: str) -> str | None:
    """Return a type in capitals, as PURCHASE_RETURN; None for an empty one."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise SettlementError("text", where, found=describe(value))
    return _read_code(value)


@lru_cache(maxsize=1024)
def _read_code(value: str) -> str | None:
    # It becomes part of codes that people map and of keys: both part their parts by colons.
    return _NOT_CODE.sub("_", value.strip().upper()).strip("_")[:_MAX_CODE] or None


def read_moment(value: object, where: str, *, day_alone: bool = False) -> datetime:
    """Return a moment in UTC.

    :param day_alone: a date without a time is taken too, as its first second
    :raises SettlementError: it is none. Without a zone it is UTC, as all that Klarna tells
    """
    if not isinstance(value, str):
        raise SettlementError("moment", where)
    moment = _read_moment(value, day_alone)
    if moment is None:
        raise SettlementError("moment", where)
    return moment


@lru_cache(maxsize=4096)  # the rows of one order have the same
def _read_moment(value: str, day_alone: bool) -> datetime | None:
    value = value.strip()
    if len(value) == 20 and value[19] == "Z" and value[10] == "T":
        # As the service writes them, in a tenth of the time that the pattern takes.
        try:
            moment = datetime.fromisoformat(value[:19] + "+00:00")
        except ValueError:
            return None
        return moment if moment.year in _YEARS else None
    if day_alone and _DAY.fullmatch(value):
        value += "T00:00"
    match = _MOMENT.fullmatch(value)
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, _zone, sign, hours, minutes = match.groups()
    if int(year) not in _YEARS:
        return None
    microsecond = int((fraction or "")[:6].ljust(6, "0"))
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), microsecond, UTC
        )
        if sign:
            time(int(hours), int(minutes))  # else it is no offset
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            moment = moment - offset if sign == "+" else moment + offset
    except ValueError:
        return None
    return moment
