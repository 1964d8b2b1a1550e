"""Moments as the API writes them, whole seconds in UTC: as text they sort as they follow each other."""

import re
from datetime import datetime, timezone

_FORM = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?")


def text_of(moment: datetime) -> str:
    """A moment as "2026-11-04T05:00:00Z"."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> str:
    """The moment that was written; a date without a time is its midnight, a time without a zone is in UTC."""
    found = _FORM.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no moment in ISO 8601")
    day, time, zone = found.groups()
    zone = "+00:00" if zone in (None, "Z") else zone
    return text_of(datetime.fromisoformat(f"{day}T{time or '00:00:00'}{zone}"))
