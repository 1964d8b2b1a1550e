"""What 24SevenOffice's errors mean to us: who has to do something about them, and how long to wait.

The service tells errors of its platform as faults, known by their words; what is wrong with one of several
things to be saved is told with that thing, in an answer that is a success.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .envelope import read_fault
from .moments import OSLO, UTC

_MAX_WORDS = 380  # characters
_MAX_SEARCHED = 4000  # characters of words, or bytes of a body that is no message
_DAY = 24 * 3600  # seconds
_UNKNOWN_QUARANTINE = 60.0  # seconds, when it cannot be read when it ends

_UNABLE = re.compile(r"^.*Server was unable to process request\.\s*(--->\s*)?", re.DOTALL)
_STACK = re.compile(r"\s*(\n\s*at\s|\n?\s*--- End of inner).*", re.DOTALL)
_CODES = {
    # Not "limit exceeded" alone: a customer's credit has a limit as well.
    "limit": re.compile(r"\brequest is blocked|\bquarantine ends", re.I),
    "identity": re.compile(r"identity ?id is blocked", re.I),
    # A session that is lost and a right that is missing are told alike.
    "session": re.compile(r"\bnot authenticated\b", re.I),
    "application": re.compile(r"application ?id is not registered", re.I),
}
_KINDS = {"limit": "again", "identity": "settings", "session": "settings", "application": "settings"}
#: Codes of calls that were turned away before anything was done
TURNED_AWAY = frozenset(_KINDS)
_OF_THE_CALLER = {"Client", "Sender", "VersionMismatch", "MustUnderstand"}
_LIMIT_OUTSIDE = re.compile(rb"\blimit exceeded[^<\r\n]*", re.I)


def explain(
    status: int, headers: Mapping[str, str], body: bytes, now: datetime | None = None
) -> tuple[str | None, str, str, float | None]:
    """Read an answer that is an error; its body is a fault, or anything else.

    :param now: aware; the machine's time by default
    :return: (kind or None, code, words, seconds to wait or None); see ``Explanation`` of the connector. The
        code is ``session`` (lost, or a right is missing), ``limit`` (too many calls), ``application`` or
        ``identity`` (not accepted), ``fault`` for any other fault, else empty
    """
    fault = read_fault(body)
    words = _shorten(fault.words) if fault else ""
    if not fault:
        told = _LIMIT_OUTSIDE.search(body[:_MAX_SEARCHED])
        words = _shorten(told[0].decode("utf-8", "replace")) if told else ""
    code = "limit" if status == 429 else code_of(words)
    if code:
        return _KINDS[code], code, words, _wait_for(code, words, now)
    if not fault:
        return None, "", words, None
    is_ours = fault.code.partition(".")[0] in _OF_THE_CALLER
    return ("ours" if is_ours else None), "fault", words, None


def code_of(words: str) -> str:
    """Return the code of what the service says went wrong, empty when it is nothing of the platform's."""
    return next((code for code, told in _CODES.items() if told.search(words)), "")


def _shorten(words: str) -> str:
    """Return words in one line, without what tells a person nothing, e.g. where in the code it went wrong."""
    words = _STACK.sub("", _UNABLE.sub("", words[:_MAX_SEARCHED]))
    words = " ".join(words.split())
    return words if len(words) <= _MAX_WORDS else words[: _MAX_WORDS - 1] + "…"


@dataclass(eq=False)
class FaultError(Exception):
    """A fault that came as if the call had succeeded; as the connector's ``ServiceError`` otherwise.

    All are those of :func:`explain`; the words are not masked.
    """

    kind: str
    code: str
    words: str
    retry_after: float | None = None

    @property
    def reached(self) -> str:
        return "no" if self.code in TURNED_AWAY else "maybe"

    def __str__(self) -> str:
        return "24SevenOffice answered with a fault."


class LoginError(Exception):
    """24SevenOffice has not accepted user and password: a person has to look at the settings."""

    kind = "settings"
    code = "login"
    words = ""
    reached = "yes"
    retry_after = None

    def __str__(self) -> str:
        return "24SevenOffice has not accepted the user and the password."


@dataclass(eq=False)
class ItemError(Exception):
    """What is wrong with one of the things that were to be saved; others may have been saved.

    :ivar type: what the service calls it
    :ivar message: the service's own words, not masked; they may tell what was sent
    """

    type: str
    message: str

    @classmethod
    def of(cls, told: dict) -> "ItemError":
        """Return that of an ``APIException``."""
        return cls(told["Type"] or "", _shorten(told["Message"] or ""))

    @property
    def code(self) -> str:
        """As that of :func:`explain`; empty when it is about the thing itself."""
        return code_of(self.message)

    @property
    def kind(self) -> str | None:
        """Who has to do something; None when it is about the thing itself."""
        return _KINDS.get(self.code)

    @property
    def retry_after(self) -> float | None:
        """Seconds that the service asks us to wait, if it does."""
        return _wait_for(self.code, self.message)

    def __str__(self) -> str:
        return "24SevenOffice has not saved it as it was sent."


# -- how long to wait -------------------------------------------------------------------------------------


def _wait_for(code: str, words: str, now: datetime | None = None) -> float | None:
    """Return the seconds to wait before the next call, None when it is not too many calls."""
    if code != "limit":
        return None
    seconds = quarantine(words, now or datetime.now(UTC))
    return _UNKNOWN_QUARANTINE if seconds is None else seconds


_ENDS = re.compile(r"quarantine ends?(?: at| on)?:?\s*", re.I)
_CLOCK = r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?(?:\.\d+)?"
_DATES = (
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
    r"(?P<day>\d{1,2})[-.](?P<month>\d{1,2})[-.](?P<year>\d{4})",
    r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})",
    r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})",
)
_MOMENTS = [
    re.compile(rf"{day}[T ,]+{_CLOCK}\s*(?P<half>[AP]M)?\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?", re.I)
    for day in _DATES
]


def quarantine(words: str, now: datetime) -> float | None:
    """Return the seconds until the end of a quarantine that is told; None when it cannot be read.

    How the service writes the moment is not known: dates of .NET in Swedish, Norwegian and English are read.
    Without a zone it is UTC or Oslo's time, whichever comes next; who asks too early is told again.

    :param words: of an error whose code is ``limit``
    :param now: aware
    """
    told = _ENDS.search(words)
    if not told:
        return None
    left = [
        (moment - now).total_seconds()
        for found in (pattern.match(words, told.end()) for pattern in _MOMENTS)
        if found
        for moment in _moments_of(found)
    ]
    left = [seconds for seconds in left if abs(seconds) < _DAY]
    return min((seconds for seconds in left if seconds > 0), default=0.0) if left else None


def _moments_of(found: re.Match) -> list[datetime]:
    """Return the moments that a date and time can mean."""
    told = found.groupdict()
    hour, zone = int(told["hour"]), (told["zone"] or "").upper()
    if told["half"]:
        hour = hour % 12 + (12 if told["half"].upper() == "PM" else 0)
    try:
        local = datetime(
            *(int(told[name]) for name in ("year", "month", "day")),
            hour,
            *(int(told[name] or 0) for name in ("minute", "second")),
        )
        if zone[:1] in ("+", "-"):
            return [datetime.strptime(f"{local.isoformat()}{zone}", "%Y-%m-%dT%H:%M:%S%z")]
        return [local.replace(tzinfo=each).astimezone(UTC) for each in ((UTC,) if zone else (UTC, OSLO))]
    except (ValueError, OverflowError):
        return []
