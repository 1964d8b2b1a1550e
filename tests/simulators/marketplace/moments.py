"""Moments and durations as OpenActive writes them (ISO 8601), and days as they are counted in Sweden."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

SWEDEN = ZoneInfo("Europe/Stockholm")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(?:\.\d+)?(Z|[+-]\d\d:\d\d)")
_DURATION = re.compile(
    r"P(?=[\dT])(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
)
_DAYS = ("mån", "tis", "ons", "tors", "fre", "lör", "sön")
_MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober",
    "november", "december",
)  # fmt: skip


def moment(text) -> datetime:
    """The moment that was written; ValueError for one without a zone."""
    found = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValueError(f"{text!r} is no moment with a zone in ISO 8601")
    whole, seconds, zone = found.groups()
    return datetime.fromisoformat(f"{whole}{seconds or ':00'}{'+00:00' if zone == 'Z' else zone}")


@dataclass(frozen=True)
class Duration:
    """A length of time; what years and months come to depends on when."""

    months: int
    rest: timedelta

    def before(self, start: datetime) -> datetime:
        """The moment so long before another, by the Swedish calendar."""
        local = start.astimezone(SWEDEN)
        year, month = divmod(local.year * 12 + local.month - 1 - self.months, 12)
        for day in (local.day, 30, 29, 28):
            try:
                local = local.replace(year=year, month=month + 1, day=min(day, local.day))
                break
            except ValueError:
                continue  # the 31st of a shorter month
        return local.astimezone(timezone.utc) - self.rest


def duration(text) -> Duration:
    """The duration that was written, as PT1H30M or P14D; ValueError for anything else."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValueError(f"{text!r} is no duration in ISO 8601")
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return Duration(years * 12 + months, rest)


def text_of(when: datetime) -> str:
    """A moment as "2026-11-04T05:00:00Z"."""
    return when.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_of(when: datetime) -> str:
    """The Swedish day of a moment, YYYY-MM-DD."""
    return when.astimezone(SWEDEN).date().isoformat()


def clock_time(when: datetime) -> str:
    """The Swedish time of day, 18:30."""
    return when.astimezone(SWEDEN).strftime("%H:%M")


def spoken_day(day: str) -> str:
    """2026-11-24 as "tis 24 november"."""
    date = datetime.fromisoformat(day)
    return f"{_DAYS[date.weekday()]} {date.day} {_MONTHS[date.month - 1]}"


def spoken_month(month: str) -> str:
    """2026-11 as "november 2026"."""
    return f"{_MONTHS[int(month[5:]) - 1]} {month[:4]}"
