"""Durations and instants as ISO 8601 writes them: ``PT1H30M`` and ``2030-03-01T17:00:00Z``.

Durations are exact: years and months, whose length depends on when they begin, are not read.
"""

import re
from datetime import datetime, timedelta, timezone

UTC = timezone.utc

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,8})W|(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,9})S)?)?)",
    re.ASCII,
)
_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d))", re.ASCII
)


def write_duration(duration: timedelta) -> str:
    """Return a duration in days, hours, minutes and seconds, as ``P14D`` or ``PT1H30M``; ``PT0S`` of none.

    :raises ValueError: it is negative or not of whole seconds
    """
    if duration < timedelta(0) or duration.microseconds:
        raise ValueError(f"{duration} is not a duration of whole seconds")
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days = f"{duration.days}D" if duration.days else ""
    parts = (hours, "H"), (minutes, "M"), (seconds, "S")
    time = "".join(f"{number}{unit}" for number, unit in parts if number)
    return f"P{days}T{time}" if time else f"P{days}" if days else "PT0S"


def read_duration(text: str) -> timedelta:
    """Return a duration that is told in weeks, or in days, hours, minutes and seconds, all whole.

    :raises ValueError: it is told in another way
    """
    found = _DURATION.fullmatch(text)
    parts = {name: int(number) for name, number in found.groupdict().items() if number} if found else {}
    if not parts:
        raise ValueError(f"{text!r} is not a duration as P1D or PT1H30M")
    try:
        return timedelta(**parts)
    except OverflowError:
        raise ValueError(f"{text!r} is longer than durations are here") from None


def write_instant(moment: datetime) -> str:
    """Return an aware moment in UTC to the second, as ``2030-03-01T17:00:00Z``.

    :raises ValueError: it is naive
    """
    return in_utc(moment).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


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
