"""When times are: weeks, opening hours and intervals. Pure Python.

>>> from datetime import date
>>> from zoneinfo import ZoneInfo
>>> week = Week(weekdays=frozenset({0}), first=9 * 60, last=11 * 60, length=60, step=60)
>>> zone = ZoneInfo("Europe/Stockholm")
>>> [str(start) for start, _stop in week.times(zone, date(2026, 3, 2), date(2026, 3, 8))]
['2026-03-02 08:00:00', '2026-03-02 09:00:00']
"""

from .calendar_file import CalendarEvent, calendar_file
from .intervals import is_within, joined
from .week import MINUTE, Week, at_local, clock, minutes_of

__all__ = [
    "MINUTE",
    "CalendarEvent",
    "Week",
    "at_local",
    "calendar_file",
    "clock",
    "is_within",
    "joined",
    "minutes_of",
]
