"""Amounts and other decimal numbers as JSON, exact in both directions. Amounts are kronor as ``Decimal``.

The Open Booking API tells prices as JSON numbers. Python writes a ``Decimal`` as JSON by way of ``float``
here, which is exact: every decimal number of up to 15 digits survives the way into a double and back, and
Python writes the shortest digits that stand for the double, which are the ones it came from.
"""

from decimal import Decimal

MAX_AMOUNT = Decimal("9999999999.99")  # kronor; far below 15 digits
UNREADABLE = Decimal("NaN")  #: what a JSON number becomes that is too long, or written with an exponent

_DIGITS = 15  # that a double keeps: DBL_DIG of IEEE 754
_MAX_LENGTH = 18  # characters of a number as it is written


def json_number(value: Decimal) -> int | float:
    """Return what JSON writes as exactly the number.

    :raises ValueError: it is not finite, or has more than 15 digits
    """
    if not value.is_finite():
        raise ValueError(f"{value} is no number that JSON can tell")
    _sign, digits, exponent = value.as_tuple()
    if len(digits) + max(exponent, 0) > _DIGITS or exponent < -_DIGITS:
        raise ValueError(f"{value} has more than {_DIGITS} digits")
    whole = int(value)
    return whole if whole == value else float(value)


def read_number(text: str) -> Decimal:
    """Return a JSON number with decimals as it is written (``parse_float`` of ``json``)."""
    if len(text) > _MAX_LENGTH or "e" in text or "E" in text:
        return UNREADABLE
    return Decimal(text)


def read_integer(text: str) -> int | Decimal:
    """Return a whole JSON number (``parse_int`` of ``json``)."""
    return int(text) if len(text) <= _MAX_LENGTH else UNREADABLE


def is_amount(value: object) -> bool:
    """Return whether something is an amount from 0 kronor, with at most two decimals that are not 0.

    A whole number may be an ``int``; a ``float`` never is an amount.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    number = Decimal(value)
    if not number.is_finite() or not 0 <= number <= MAX_AMOUNT:
        return False
    return number == round(number, 2)
