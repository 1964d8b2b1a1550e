"""Dates and times in messages.

24SevenOffice takes local Norwegian time without a zone and refuses a time that the clocks skip in spring; it
tells UTC (vendor's FAQ; the refusal is known from public clients).
"""

import re
from datetime import date as Date
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

UTC = timezone.utc
OSLO = ZoneInfo("Europe/Oslo")

_NOON = 12
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?", re.ASCII
)


def exists(local: datetime) -> bool:
    """Return whether a local time, without a zone, is one that clocks in Oslo show."""
    shown = local.replace(tzinfo=OSLO).astimezone(UTC).astimezone(OSLO)
    return shown.replace(tzinfo=None) == local


def write_moment(value: Date) -> str | None:
    """Return a date or time as it is sent, in whole seconds; None when the time does not exist.

    :param value: a date is sent as its midnight, or as noon if the clocks skip that; a time without a zone
        is one of Oslo; one with a zone is told as clocks in Oslo show it. The hour that they show twice in
        autumn is told alike both times.
    :raises ValueError: it is in the first or the last year that there are: the first means "not set"
    """
    if not 1 < value.year < 9999:
        raise ValueError("the year is out of range")
    if not isinstance(value, datetime):
        local = datetime(value.year, value.month, value.day)
        local = local if exists(local) else local.replace(hour=_NOON)
    elif value.utcoffset() is None:
        local = value.replace(microsecond=0, tzinfo=None)
    else:
        local = value.astimezone(OSLO).replace(microsecond=0, tzinfo=None)
    return local.isoformat() if exists(local) else None


def read_moment(text: str) -> datetime | None:
    """Return a moment that is told, aware and in UTC; None for one of year 1, which means "not set".

    A time without a zone is read as one of Oslo, as it would be written.

    :raises ValueError: the text is no date and time
    """
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        raise ValueError("no date and time")
    *parts, fraction, zone = found.groups()
    moment = datetime(*map(int, parts), int((fraction or "0").ljust(6, "0")[:6]))
    if moment.year == 1:
        return None
    try:
        return moment.replace(tzinfo=_zone(zone)).astimezone(UTC)
    except OverflowError:
        raise ValueError("the year is out of range") from None


def _zone(text: str | None):
    if text is None:
        return OSLO
    if text == "Z":
        return UTC
    hours, minutes = map(int, text[1:].split(":"))
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))
