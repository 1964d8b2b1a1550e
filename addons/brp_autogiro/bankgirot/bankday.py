"""Swedish banking days: when Bankgirot works.

Not Saturdays, Sundays, public holidays, Midsummer Eve, Christmas Eve and New Year's Eve
(Bg Autogiro user manual). Eves on which banks only close early are banking days. All dates are
local Swedish calendar dates.
"""

from datetime import date, timedelta
from functools import lru_cache

import holidays

DAY = timedelta(days=1)
SATURDAY, FRIDAY = 5, 4


@lru_cache(maxsize=64)
def _closed(year: int) -> frozenset[date]:
    """Return all weekdays of a year on which banks are closed; days of weekends may be among them."""
    public = holidays.country_holidays("SE", years=year)
    # Not left to the library's categories, whose names and contents differ between its releases.
    midsummer_eve = next(
        day for day in (date(year, 6, number) for number in range(19, 26)) if day.weekday() == FRIDAY
    )
    return frozenset({*public, midsummer_eve, date(year, 12, 24), date(year, 12, 31)})


def is_bank_day(day: date) -> bool:
    """Return whether ``day`` is a banking day."""
    return day.weekday() < SATURDAY and day not in _closed(day.year)


def bank_day_on_or_after(day: date) -> date:
    """Return ``day`` when it is a banking day, else the next one."""
    while not is_bank_day(day):
        day += DAY
    return day


def bank_day_on_or_before(day: date) -> date:
    """Return ``day`` when it is a banking day, else the one before."""
    while not is_bank_day(day):
        day -= DAY
    return day


def add_bank_days(day: date, count: int) -> date:
    """Return the ``count``-th banking day after ``day``, or before it when ``count`` is negative.

    ``day`` itself never counts, whether it is a banking day or not: from a Saturday, 1 is
    Monday and -1 is Friday. With 0: ``day``, or the next banking day when it is none.
    """
    if not count:
        return bank_day_on_or_after(day)
    step = DAY if count > 0 else -DAY
    for _ in range(abs(count)):
        day += step
        while not is_bank_day(day):
            day += step
    return day


def bank_days_between(start: date, end: date) -> int:
    """Return how many banking days come after ``start`` up to and with ``end``.

    The inverse of :func:`add_bank_days`: negative when ``end`` is before ``start``, and then the
    number of banking days from ``end`` up to but not with ``start``.
    """
    if end < start:
        return -sum(is_bank_day(end + DAY * number) for number in range((start - end).days))
    return sum(is_bank_day(end - DAY * number) for number in range((end - start).days))
