"""Amounts: int öre inside, numbers in OpenActive, kronor with a comma on a statement."""

from decimal import Decimal


def ore_of(number) -> int:
    """The öre of an amount as OpenActive has it; ValueError for what is none, or has parts of an öre."""
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
        raise ValueError(f"{number!r} is no number")
    exact = Decimal(str(number)) if isinstance(number, float) else Decimal(number)
    if not exact.is_finite() or exact * 100 != int(exact * 100):
        raise ValueError(f"{number} has more than two decimals")
    return int(exact * 100)


def number_of(ore: int):
    """The number in kronor that öre are in JSON."""
    return ore // 100 if ore % 100 == 0 else float(Decimal(ore) / 100)


def with_comma(ore: int) -> str:
    """-31950 as -319,50."""
    return f"{'-' if ore < 0 else ''}{abs(ore) // 100},{abs(ore) % 100:02d}"


def share_of(ore: int, rate: int) -> int:
    """A rate (hundredths of a percent) of an amount, to the nearest öre; a half goes away from zero."""
    part = (2 * abs(ore) * rate + 10_000) // 20_000
    return -part if ore < 0 else part
