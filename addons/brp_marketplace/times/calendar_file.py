"""Calendar files: what a customer adds to the calendar of a telephone. Pure Python.

RFC 5545, Internet Calendaring and Scheduling Core Object Specification.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

_LINE = 75  # octets, without the line break (RFC 5545, 3.1)
_PRODUCT = "-//BRP for Odoo//Bookings//EN"


@dataclass(frozen=True)
class CalendarEvent:
    """A booked time. Moments are UTC; those without a time zone are taken to be."""

    uid: str  #: the same for as long as the booking exists: calendars know it again
    start: datetime
    stop: datetime
    changed: datetime  #: when the booking was made, moved or cancelled
    summary: str
    location: str = ""
    description: str = ""
    url: str = ""
    is_cancelled: bool = False
    moves: int = 0  #: how often it has been moved


def calendar_file(events: Iterable[CalendarEvent]) -> bytes:
    """Return an .ics file with events.

    One that was moved or cancelled has a higher SEQUENCE than before, so that calendars move it or take it
    away (RFC 5545, 3.8.7.4).
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    for event in events:
        lines += _event_lines(event)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event_lines(event):
    if _moment(event.stop) <= _moment(event.start):
        raise ValueError(f"The event {event.uid} ends before it begins")
    texts = {"SUMMARY": event.summary, "LOCATION": event.location, "DESCRIPTION": event.description}
    return [
        "BEGIN:VEVENT",
        f"UID:{_escaped(event.uid)}",
        f"DTSTAMP:{_moment(event.changed)}",
        f"DTSTART:{_moment(event.start)}",
        f"DTEND:{_moment(event.stop)}",
        *(f"{name}:{_escaped(text)}" for name, text in texts.items() if text),
        *([f"URL:{_one_line(event.url)}"] if event.url else []),
        f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}",
        f"SEQUENCE:{event.moves + event.is_cancelled}",
        "END:VEVENT",
    ]


def _moment(moment):
    """Return a moment in UTC (RFC 5545, 3.3.5, form 2)."""
    if moment.tzinfo:
        moment = moment.astimezone(timezone.utc)
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _escaped(text):
    """Return a text as RFC 5545, 3.3.11 has it; control characters may not be in it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(char for char in text if char in "\n\t" or (char >= " " and char != "\x7f"))
    for char in "\\;,":
        text = text.replace(char, f"\\{char}")
    return text.replace("\n", "\\n")


def _one_line(text):
    return "".join(char for char in text if char > " " and char != "\x7f")


def _folded(line):
    """Return a line in pieces of at most 75 octets, no character cut in two (RFC 5545, 3.1)."""
    pieces, piece = [], b""
    for char in line:
        octets = char.encode()
        # All pieces but the first one begin with the space that tells that they go on.
        if len(piece) + len(octets) > _LINE:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
