"""Calendar files of bookings, RFC 5545."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from brp_marketplace.times import CalendarEvent, calendar_file

BOOKED = CalendarEvent(
    uid="booking-7@example.com",
    start=datetime(2026, 3, 4, 16),
    stop=datetime(2026, 3, 4, 17, 30),
    changed=datetime(2026, 3, 2, 7, 5, 9),
    summary="Padel, Bana 1",
    location="Sundby Padel, Hallgatan 1",
    description="Bokningsnummer: B00007\nKod: 123456; ta med \\ racket",
    url="https://example.com/boka/bokning/7?access_token=abc",
)


def unfolded(text):
    return text.replace(b"\r\n ", b"").decode()


def test_whole_file():
    assert calendar_file([BOOKED]).decode() == (
        "BEGIN:VCALENDAR\r\n"
        "VERSION:2.0\r\n"
        "PRODID:-//BRP for Odoo//Bookings//EN\r\n"
        "CALSCALE:GREGORIAN\r\n"
        "METHOD:PUBLISH\r\n"
        "BEGIN:VEVENT\r\n"
        "UID:booking-7@example.com\r\n"
        "DTSTAMP:20260302T070509Z\r\n"
        "DTSTART:20260304T160000Z\r\n"
        "DTEND:20260304T173000Z\r\n"
        "SUMMARY:Padel\\, Bana 1\r\n"
        "LOCATION:Sundby Padel\\, Hallgatan 1\r\n"
        "DESCRIPTION:Bokningsnummer: B00007\\nKod: 123456\\; ta med \\\\ racket\r\n"
        "URL:https://example.com/boka/bokning/7?access_token=abc\r\n"
        "STATUS:CONFIRMED\r\n"
        "SEQUENCE:0\r\n"
        "END:VEVENT\r\n"
        "END:VCALENDAR\r\n"
    )


def test_cancelled_supersedes():
    """The same event, with a higher sequence: a calendar takes away what it has."""
    cancelled = replace(BOOKED, is_cancelled=True, changed=datetime(2026, 3, 3, 8))
    text = calendar_file([cancelled]).decode()
    assert "UID:booking-7@example.com\r\n" in text
    assert "DTSTAMP:20260303T080000Z\r\n" in text
    assert "STATUS:CANCELLED\r\nSEQUENCE:1\r\n" in text


def test_moved_supersedes():
    """Moved twice, then cancelled: the same event, each time with a higher sequence."""
    moved = replace(BOOKED, moves=2, changed=datetime(2026, 3, 3, 8), start=datetime(2026, 3, 4, 17))
    text = calendar_file([moved]).decode()
    assert "UID:booking-7@example.com\r\nDTSTAMP:20260303T080000Z\r\nDTSTART:20260304T170000Z\r\n" in text
    assert "STATUS:CONFIRMED\r\nSEQUENCE:2\r\n" in text
    assert "STATUS:CANCELLED\r\nSEQUENCE:3\r\n" in calendar_file([replace(moved, is_cancelled=True)]).decode()


def test_moments_of_other_zones():
    """17:00 in Swedish winter time is 16:00 UTC."""
    swedish = timezone(timedelta(hours=1))
    event = replace(BOOKED, start=datetime(2026, 3, 4, 17, tzinfo=swedish))
    assert "DTSTART:20260304T160000Z\r\n" in calendar_file([event]).decode()


@pytest.mark.parametrize("letter", ["a", "å", "€", "🎾"])
@pytest.mark.parametrize("count", [1, 60, 66, 67, 68, 75, 76, 400])
def test_folding(letter, count):
    """No line has more than 75 octets, no character is cut in two, and nothing is lost."""
    text = calendar_file([replace(BOOKED, summary=letter * count)])
    lines = text.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()
    assert f"SUMMARY:{letter * count}\r\n" in unfolded(text)


def test_folded_as_late_as_may_be():
    """SUMMARY: is 8 octets: 67 letters fill the first line, the 68th is on the next one."""
    text = calendar_file([replace(BOOKED, summary="a" * 68)])
    assert b"SUMMARY:" + b"a" * 67 + b"\r\n a\r\n" in text


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Bana 1\r\nATTENDEE:x", "Bana 1\\nATTENDEE:x"),
        ("Bana 1\rEND:VEVENT", "Bana 1\\nEND:VEVENT"),
        ("Bana\x00 1\x7f", "Bana 1"),
    ],
)
def test_no_line_of_ones_own(typed, written):
    """A text cannot add lines to the file."""
    text = calendar_file([replace(BOOKED, summary=typed)]).decode()
    assert f"\r\nSUMMARY:{written}\r\nLOCATION:" in text


def test_line_in_address():
    event = replace(BOOKED, url="https://example.com/\r\nSTATUS:CANCELLED")
    assert "URL:https://example.com/STATUS:CANCELLED\r\nSTATUS:CONFIRMED" in calendar_file([event]).decode()


def test_empty_texts_are_left_out():
    event = replace(BOOKED, location="", description="", url="")
    text = calendar_file([event]).decode()
    assert "LOCATION" not in text
    assert "DESCRIPTION" not in text
    assert "URL" not in text


def test_ends_before_it_begins():
    event = replace(BOOKED, stop=BOOKED.start)
    with pytest.raises(ValueError, match=r"booking-7@example\.com ends before it begins"):
        calendar_file([event])


def test_several():
    text = calendar_file([BOOKED, replace(BOOKED, uid="booking-8@example.com")])
    assert text.count(b"BEGIN:VEVENT\r\n") == text.count(b"END:VEVENT\r\n") == 2
