"""The day that a moment belongs to where the merchant is: Klarna tells UTC, vouchers have local dates."""

from datetime import date as Date
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

STOCKHOLM = "Europe/Stockholm"


def local_day(moment: datetime, zone: str = STOCKHOLM) -> Date:
    """Return the local date of a moment.

    :param moment: aware
    :param zone: an IANA name
    :raises ValueError: the moment has no zone, or there is no such zone
    """
    if moment.utcoffset() is None:
        raise ValueError("a moment without a zone belongs to no day")
    return moment.astimezone(_zone(zone)).date()


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, OSError) as error:
        raise ValueError("there is no such time zone") from error
