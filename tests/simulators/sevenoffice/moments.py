"""Moments as the services write and read them: UTC with a Z; without a zone the company's own time."""

import re
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Stockholm")
_FORM = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,7})?(Z|[+-]\d\d:\d\d)?")
UNSET = "0001-01-01T00:00:00"


class NoSuchTime(ValueError):
    """The clocks were put forward past it."""


def text_of(moment: datetime) -> str:
    """A moment as "2026-11-04T05:00:00Z"."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(text: str) -> str | None:
    """The moment that was written, in UTC; None when it says that none is set. ValueError when it is none."""
    found = _FORM.fullmatch(text)
    if not found:
        raise ValueError("no moment")
    told, zone = found.groups()
    if told == UNSET:
        return None
    moment = datetime.fromisoformat(told + (zone or "").replace("Z", "+00:00"))
    if moment.year < 1753:
        raise ValueError("before the calendar begins")
    if not zone:
        moment = moment.replace(tzinfo=ZONE)
        if moment.astimezone(timezone.utc).astimezone(ZONE).replace(tzinfo=None) != moment.replace(
            tzinfo=None
        ):
            raise NoSuchTime("the clocks were put forward past it")
    return text_of(moment)


def day_of(text: str) -> str:
    """The day in Sweden of a moment in UTC: "2026-11-04"."""
    return moment_of(text).astimezone(ZONE).date().isoformat()


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def midnight(day: str) -> str:
    """The beginning of a day in Sweden, in UTC."""
    return text_of(datetime.fromisoformat(day).replace(tzinfo=ZONE))


def later(day: str, days: int) -> str:
    """The day so many days after a day."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def end_of_month(day: str) -> str:
    """The last day of a day's month."""
    return later(f"{later(day[:8] + '28', 4)[:8]}01", -1)
