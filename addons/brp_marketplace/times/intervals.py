"""Intervals of time: [(start, stop)]."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta

# Odoo's calendars end a day at 23:59:59.999999, and the next one begins a moment later.
_SEAM = timedelta(seconds=1)


def joined(intervals: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return intervals in order, those that overlap or follow on each other as one."""
    result = []
    for start, stop in sorted(intervals):
        if result and start - result[-1][1] <= _SEAM:
            result[-1] = (result[-1][0], max(stop, result[-1][1]))
        else:
            result.append((start, stop))
    return result


def is_within(intervals: list[tuple[datetime, datetime]], start: datetime, stop: datetime) -> bool:
    """Return whether one of the intervals, as :func:`joined` gives them, holds the whole of a time."""
    at = bisect_right(intervals, start, key=lambda interval: interval[0]) - 1
    return at >= 0 and stop - intervals[at][1] <= _SEAM
