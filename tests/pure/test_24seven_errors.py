"""24SevenOffice's errors: told apart, with its words, and how long a quarantine lasts."""

from datetime import datetime, timedelta, timezone

import pytest
from brp_24seven.soap import FaultError, ItemError, LoginError, explain, quarantine
from seven_office import answer, envelope, fault

UNABLE = "Server was unable to process request. ---&gt; "
NOON = datetime(2026, 7, 1, 12, 0, tzinfo=timezone.utc)  # 14:00 in Oslo


@pytest.mark.parametrize(
    ("body", "kind", "code", "words"),
    [
        (
            fault(UNABLE + "Client is not authenticated on this identity"),
            "settings",
            "session",
            "Client is not authenticated on this identity",
        ),
        (
            fault(UNABLE + "Your application id is not registered. Please register."),
            "settings",
            "application",
            "Your application id is not registered. Please register.",
        ),
        (
            fault(UNABLE + "The provided IdentityId is blocked. Please reauthenticate"),
            "settings",
            "identity",
            "The provided IdentityId is blocked. Please reauthenticate",
        ),
        (fault(UNABLE + "Object reference not set"), None, "fault", "Object reference not set"),
        (fault("Unknown SOAPAction", "soap:Client"), "ours", "fault", "Unknown SOAPAction"),
        (fault("Unknown", "soap:Client.Action"), "ours", "fault", "Unknown"),
        (envelope("<soap:Fault/>"), None, "fault", ""),
        (b"<html>Service unavailable</html>", None, "", ""),
        (b"", None, "", ""),
        (b"\xff\xfe", None, "", ""),
        (answer("Login", "abc"), None, "", ""),
    ],
)
def test_errors_are_told_apart(body, kind, code, words):
    assert explain(500, {}, body) == (kind, code, words, None)


def test_too_many_calls_wait_as_long_as_the_service_says():
    words = "Limit exceeded by 1. Request is blocked. Quarantine ends at 2026-07-01T12:30:00Z"
    assert explain(500, {}, fault(words), NOON) == ("again", "limit", words, 1800)
    # It does not say, or nobody understands it: a minute.
    words = "Limit exceeded by 3. Request is blocked."
    assert explain(500, {}, f"<p>{words}</p>".encode(), NOON) == ("again", "limit", words, 60)
    assert explain(429, {}, b"", NOON) == ("again", "limit", "", 60)


def test_words_are_those_that_a_person_reads():
    words = (
        "System.Web.Services.Protocols.SoapException: Server was unable to process request. ---&gt; "
        "System.Exception: Ordern är   låst.\r\n   at Office.Order.Save(Int32 id) in C:\\x.cs:line 7\r\n"
        "   --- End of inner exception stack trace ---"
    )
    assert explain(500, {}, fault(words))[2] == "System.Exception: Ordern är låst."
    told = explain(500, {}, fault("ab" * 300))[2]
    assert told == "ab" * 189 + "a" + "…"
    assert explain(500, {}, fault("ab" * 190))[2] == "ab" * 190
    assert explain(500, {}, fault("x" + "\n" * 500_000))[2] == "x"


def test_what_is_wrong_with_a_thing():
    told = {"Type": "Validation", "Message": "Kunden finns inte\n   at A.B()", "StackTrace": "…"}
    error = ItemError.of(told)
    assert (error.type, error.message, error.kind, error.code) == (
        "Validation",
        "Kunden finns inte",
        None,
        "",
    )
    assert "Kunden" not in str(error)
    nothing = ItemError.of({"Type": None, "Message": None, "StackTrace": None})
    assert (nothing.type, nothing.message) == ("", "")
    limit = ItemError.of(
        {"Type": "", "Message": "Limit exceeded by 1. Request is blocked.", "StackTrace": ""}
    )
    assert (limit.kind, limit.code) == ("again", "limit")
    credit = ItemError.of({"Type": "", "Message": "Credit limit exceeded by 500", "StackTrace": ""})
    assert (credit.kind, credit.code) == (None, "")


def test_our_errors_do_not_repeat_what_is_told():
    assert "hemligt" not in str(FaultError("again", "fault", "hemligt"))
    assert (FaultError("again", "fault", "").reached, FaultError("again", "limit", "").reached) == (
        "maybe",
        "no",
    )
    assert (LoginError().kind, LoginError().code) == ("settings", "login")


@pytest.mark.parametrize(
    "told",
    [
        "2026-07-01T12:30:00Z",
        "2026-07-01 12:30:00 UTC",
        "2026-07-01T14:30:00+02:00",
        "2026-07-01T14:30:00.1234567+0200",
        "2026-07-01 14:30:00",  # Swedish, in Oslo's time
        "01.07.2026 14:30:00",  # Norwegian
        "01.07.2026 14.30",
        "1.7.2026, 14:30:00",
        "7/1/2026 2:30:00 PM",  # American
        "01/07/2026 14:30:00",  # British
        "2026-07-01 12:30:00",  # or else UTC
        "7/1/2026 12:30:00 PM.",
    ],
)
def test_the_end_of_a_quarantine(told):
    words = f"Limit exceeded by 1. Request is blocked. Quarantine ends at {told}"
    assert quarantine(words, NOON) == timedelta(minutes=30).total_seconds()


@pytest.mark.parametrize("told", ["7/1/2026 2:30:00 AM", "7/1/2026 12:30:00 AM"])
def test_the_end_of_a_quarantine_at_night(told):
    assert quarantine(f"Quarantine ends at {told}", NOON - timedelta(hours=12)) == 1800


def test_a_quarantine_that_is_over():
    assert quarantine("Quarantine ends at 2026-07-01T11:59:00Z", NOON) == 0


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Limit exceeded by 1.",
        "Quarantine ends at",
        "Quarantine ends at some time",
        "Quarantine ends at 2026-02-30T12:30:00Z",
        "Quarantine ends at 2026-07-01T25:30:00Z",
        "Quarantine ends at 2026-07-01T12:30:00+99:99",
        "Quarantine ends at 2027-07-01T12:30:00Z",
        "Quarantine ends at 0001-01-01T00:00:00",
        "Quarantine ends at 9999-12-31T23:59:59",
    ],
)
def test_a_quarantine_whose_end_cannot_be_told(words):
    assert quarantine(words, NOON) is None
