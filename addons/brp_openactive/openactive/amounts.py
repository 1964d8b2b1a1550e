"""Amounts and other decimal numbers as JSON, exact in both directions. Amounts are kronor as ``Decimal``."""

from decimal import Decimal

MAX_AMOUNT = Decimal("9999999999.99")  # kronor
UNREADABLE = Decimal("NaN")  #: what a JSON number becomes that is too long, or written with an exponent

_MAX_LENGTH = 18  # characters of a number as it is written


def json_number(value: Decimal) -> int | float:
    """Return what Python writes as JSON with exactly the digits of a number.

    Any number of up to 15 digits can be told: a ``float`` is written as the shortest digits that stand for
    it, which are the ones that it was made from.

    :raises ValueError: it has more digits than a ``float`` keeps, or is not finite
    """
    number = float(value)
    if not value.is_finite() or Decimal(repr(number)) != value:
        raise ValueError(f"{value} cannot be told exactly")
    return int(number) if number.is_integer() else number


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
