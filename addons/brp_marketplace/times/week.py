"""A week's times, worked out day by day in the time zone of the place."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
_DAY = 24 * 60


def minutes_of(hours: float) -> int:
    """Return the minutes of hours as Odoo stores them: 9.5 is 570."""
    return round(hours * 60)


def clock(hours: float) -> str:
    """Return hours as on a clock: 9.5 is 09:30."""
    return "{:02}:{:02}".format(*divmod(minutes_of(hours), 60))


def at_local(day: date, minutes: int, zone: ZoneInfo) -> datetime | None:
    """Return the moment, UTC without zone, at which the clocks of a zone have gone minutes into a day.

    When the clocks are set forward, an hour does not exist: None. When they are set back, an hour comes
    twice: the first of the two.
    """
    local = datetime.combine(day, time()) + minutes * MINUTE
    moment = local.replace(tzinfo=zone).astimezone(timezone.utc)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        return None
    return moment.replace(tzinfo=None)


@dataclass(frozen=True)
class Week:
    """The times of some days of each week.

    :ivar weekdays: 0 is Monday
    :ivar first: minutes into the day at which the first time starts
    :ivar last: minutes into the day at which the last one must have ended, at most 24 × 60
    :ivar length: minutes of each
    :ivar step: minutes from one start to the next
    """

    weekdays: frozenset[int]
    first: int
    last: int
    length: int
    step: int

    def times(self, zone: ZoneInfo, start: date, end: date) -> Iterator[tuple[datetime, datetime]]:
        """Return (start, stop) of the times, UTC without zone, that start on the days from start to end."""
        if self.length <= 0 or self.step <= 0:
            raise ValueError("a time has a length, and the next one starts later")
        day = start
        while day <= end:
            if day.weekday() in self.weekdays:
                for minutes in range(self.first, min(self.last, _DAY) - self.length + 1, self.step):
                    moment = at_local(day, minutes, zone)
                    if moment:
                        yield moment, moment + self.length * MINUTE
            day += timedelta(days=1)
