"""How long to wait before something is sent again. All times are seconds."""

import random as randomness
import time
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

FIRST_DELAY = 60
MAX_DELAY = 6 * 3600
MAX_RETRY_AFTER = 24 * 3600
_JITTER = 0.25  # of the delay: many that failed at once are not all tried again at once


def next_delay(
    attempts: int, retry_after: float | None = None, random: Callable[[], float] = randomness.random
) -> float:
    """Return the seconds that a queue waits before its next attempt.

    1, 2, 4… minutes, at most 6 hours, less up to a quarter by chance. What the service asked for is a
    lower bound, to which chance adds.

    :param attempts: those that have failed, from 1
    :param retry_after: what the service asked for, at most a day; ``ServiceError.retry_after``
    :param random: gives a number from 0 to 1
    """
    delay = min(FIRST_DELAY * 2 ** min(max(attempts, 1) - 1, 10), MAX_DELAY)
    chance = delay * _JITTER * random()
    return max(delay - chance, (retry_after or 0) + chance)


def read_retry_after(value: str | None, date: str | None = None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for, 0 to a day; None when it says nothing.

    :param value: the header: seconds, or a date as HTTP writes it
    :param date: the answer's ``Date`` header, so that a wrong clock of either side does no harm
    """
    value = (value or "").strip()
    if value.isascii() and value.isdecimal():
        return min(float(value), float(MAX_RETRY_AFTER))
    until = _timestamp(value)
    if until is None:
        return None
    now = _timestamp(date or "")
    return min(max(until - (time.time() if now is None else now), 0.0), float(MAX_RETRY_AFTER))


def _timestamp(http_date: str) -> float | None:
    """Return the seconds since 1970 of a date as HTTP writes it; None when it is none."""
    try:
        return _aware(parsedate_to_datetime(http_date)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _aware(moment: datetime) -> datetime:
    """HTTP dates are in GMT even when they do not say so."""
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
