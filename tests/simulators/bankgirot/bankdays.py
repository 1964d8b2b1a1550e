"""Swedish banking days: Monday–Friday but no holidays, nor the eves of Midsummer, Christmas, New Year."""

from datetime import date, timedelta

_DAY = timedelta(days=1)
_FIXED = {(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)}


def easter_sunday(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm)."""
    golden, century, rest = year % 19, year // 100, year % 100
    correction = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def is_banking_day(day: date) -> bool:
    """True when Bankgirot processes payments that day."""
    if day.weekday() >= 5 or (day.month, day.day) in _FIXED:
        return False
    if day.month == 6 and day.weekday() == 4 and 19 <= day.day <= 25:
        return False  # Midsummer Eve
    # Good Friday, Easter Monday, Ascension Day
    return (day - easter_sunday(day.year)).days not in (-2, 1, 39)


def on_or_after(day: date) -> date:
    """The day itself, or the next banking day."""
    while not is_banking_day(day):
        day += _DAY
    return day


def on_or_before(day: date) -> date:
    """The day itself, or the banking day before it."""
    while not is_banking_day(day):
        day -= _DAY
    return day


def after(day: date, count: int = 1) -> date:
    """The `count`-th banking day after the day (0: the day itself, as it is)."""
    for _ in range(count):
        day = on_or_after(day + _DAY)
    return day


def passed(start: date, end: date) -> int:
    """How many banking days there are after `start`, up to and including `end`."""
    count = 0
    while start < end:
        start += _DAY
        count += is_banking_day(start)
    return count


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return min_day(year, month + 1, day.day)


def min_day(year: int, month: int, day: int) -> date:
    """That day, or the last day of the month when the month has no such day."""
    return min(date(year, month, 1) + timedelta(days=day - 1), last_of_month(date(year, month, 1)))


def last_of_month(day: date) -> date:
    """The last calendar day of the day's month."""
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - _DAY
