"""A letter is named after the moment that it came: names in order are letters in order."""

import re
from datetime import datetime, timezone

PATTERN = r"\d{8}T\d{12}"
_FORM = "%Y%m%dT%H%M%S%f"


def name_at(moment: datetime) -> str:
    """The name of a letter that came then."""
    return moment.astimezone(timezone.utc).strftime(_FORM)


def moment_of(name: str) -> datetime:
    """When the letter of that name came, UTC; ValueError when it is no name."""
    if not re.fullmatch(PATTERN, name):
        raise ValueError(f"{name!r} is no letter's name")
    return datetime.strptime(name, _FORM).replace(tzinfo=timezone.utc)


def is_name(text: str) -> bool:
    """Whether a letter can have that name."""
    try:
        moment_of(text)
    except ValueError:
        return False
    return True
