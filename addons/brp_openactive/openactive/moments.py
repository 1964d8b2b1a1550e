"""Durations and instants as ISO 8601 writes them: ``PT1H30M`` and ``2030-03-01T17:00:00Z``.

Durations are exact: years and months, whose length depends on when they begin, are not read.
"""

import re
from datetime import datetime, timedelta, timezone

UTC = timezone.utc

_MINUTE = timedelta(minutes=1)
_DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,4})W|(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,9})S)?)?)",
    re.ASCII,
)
_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d))", re.ASCII
)


def write_duration(duration: timedelta) -> str:
    """Return a duration in days, hours and minutes, as ``P14D``, ``PT1H30M`` or, of nothing, ``PT0M``.

    :raises ValueError: it is negative or not of whole minutes
    """
    if duration < timedelta(0) or duration % _MINUTE:
        raise ValueError(f"{duration} is not a duration of whole minutes")
    hours, minutes = divmod(duration.seconds // 60, 60)
    time = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes)
    date = f"{duration.days}D" * bool(duration.days)
    return f"P{date}T{time}" if time else f"P{date}" if date else "PT0M"


def read_duration(text: str) -> timedelta:
    """Return a duration that is told in weeks, or in days, hours, minutes and seconds, all whole.

    :raises ValueError: it is told in another way
    """
    found = _DURATION.fullmatch(text)
    parts = {name: int(number) for name, number in found.groupdict().items() if number} if found else {}
    if not parts:
        raise ValueError(f"{text!r} is not a duration as P1D or PT1H30M")
    return timedelta(**parts)


def write_instant(moment: datetime) -> str:
    """Return an aware moment in UTC to the second, as ``2030-03-01T17:00:00Z``.

    :raises ValueError: it is naive
    """
    return f"{in_utc(moment):%Y-%m-%dT%H:%M:%SZ}" if moment.year >= 1000 else _refuse(moment)


def read_instant(text: str) -> datetime:
    """Return a moment, told with ``Z`` or an offset from UTC, as UTC.

    :raises ValueError: it is told in another way, or there is no such moment
    """
    found = _INSTANT.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a moment as 2030-03-01T17:00:00Z")
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = found.groups()
    microsecond = int((fraction or "").ljust(6, "0")[:6])
    told = (int(part) for part in (year, month, day, hour, minute, second or 0))
    zone = UTC
    if sign:
        if int(minutes) > 59:
            raise ValueError(f"{text!r} has an offset that cannot be")
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        zone = timezone(-offset if sign == "-" else offset)
    try:
        return datetime(*told, microsecond, tzinfo=zone).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is no moment that can be told in UTC") from None


def in_utc(moment: datetime) -> datetime:
    """Return an aware moment in UTC.

    :raises ValueError: it is naive
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"{moment} does not tell its time zone")
    return moment.astimezone(UTC)


def _refuse(moment: datetime) -> str:
    raise ValueError(f"{moment} is before the year 1000")
