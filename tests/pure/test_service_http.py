"""How connectors talk to outside services: over real HTTP to a service that misbehaves as it is told."""

import json
import os
import pickle
import socket
import ssl
import subprocess
import sys
import threading
import time
import tracemalloc
import urllib.request
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from brp_connector.service import Explanation, Service, ServiceError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SIMULATORS = Path(__file__).resolve().parent.parent / "simulators"
sys.path.insert(0, str(SIMULATORS))

from faulty import FaultyServer, Things  # noqa: E402

SECRET = "sk_live/7Q+wätte"
THING = {"key": "INV-7", "value": 125}


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    """Nothing that the machine has set up stands between us and the simulator."""
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "requests_ca_bundle",
        "curl_ca_bundle",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server():
    server = FaultyServer().start()
    yield server
    server.stop()


@pytest.fixture
def service(server):
    """A service with short times; its traces are in `traces`."""
    with service_at(server) as service:
        yield service


def service_at(server, **options):
    traces = []
    options = {"read_timeout": 0.5, "total_timeout": 5, "backoff": 0.01, **options}
    service = Service(f"http://{server.host}", secrets=[SECRET], on_exchange=traces.append, **options)
    service.traces = traces
    return service


def misbehave(server, *faults):
    """Queues faults over HTTP, as any test may; each is a name or its settings."""
    entries = [{"fault": fault} if isinstance(fault, str) else fault for fault in faults]
    data = json.dumps({"faults": entries}).encode()
    with urllib.request.urlopen(f"http://{server.host}/control", data, timeout=10) as answer:
        assert answer.status == 200


def failure_of(service, method="POST", path="/things", **options):
    """The error of a call that is to fail."""
    options = options or ({"json": THING} if method == "POST" else {})
    with pytest.raises(ServiceError) as caught:
        service.send(method, path, **options)
    return caught.value


def said(error):
    """What an Odoo layer acts on."""
    return error.problem, error.kind, error.reached, error.status


# -- what works -----------------------------------------------------------------------------------------


def test_a_thing_is_sent_and_looked_up(server, service):
    answer = service.send("PUT", "/things", json=THING)
    assert (answer.status, answer.json()) == (201, {"id": 1, "key": "INV-7", "value": 125})
    assert answer.headers["content-type"] == "application/json"
    found = service.send("GET", "things", params={"key": "INV-7"})
    assert found.json() == {"things": [{"id": 1, "key": "INV-7", "value": 125}]}
    assert found.text == '{"things": [{"id": 1, "key": "INV-7", "value": 125}]}'
    assert server.things.counts() == {"accepted": 1, "keys": 1, "duplicates": 0, "twice": {}}


def test_several_things_are_sent_and_looked_up_at_once(server, service):
    things = [THING, {"key": "INV-8", "value": "x" * 101}, {"value": 1}, {"key": "INV-9"}]
    results = service.send("POST", "/things", json={"things": things}).json()["results"]
    assert [one.get("id") for one in results] == [1, None, None, 2]
    assert [one.get("error", {}).get("code") for one in results] == [None, "value", "key", None]
    found = service.send(
        "GET", "/things", params=[("key", "INV-9"), ("key", "INV-8"), ("key", "INV-7")]
    ).json()
    assert [thing["id"] for thing in found["things"]] == [2, 1]
    for wrong, status in (([THING, 5], 400), ([THING] * 11, 413)):
        with pytest.raises(ServiceError) as caught:
            service.send("POST", "/things", json={"things": wrong})
        assert caught.value.status == status
    assert server.things.counts()["accepted"] == 2


def test_a_body_is_utf_8_and_says_what_it_is(server, service):
    service.send("POST", "/things", json={"key": "Räka", "value": None})
    service.send("POST", "/things", data='{"key": "Å"}', headers={"content-type": "application/vnd.x+json"})
    service.send("POST", "/things", json={"key": "B"}, headers={"content-type": "application/vnd.y+json"})
    kinds = [request["headers"]["Content-Type"] for request in server.requests]
    assert kinds == ["application/json", "application/vnd.x+json", "application/vnd.y+json"]
    assert [thing["key"] for thing in server.things.of(None)] == ["Räka", "Å", "B"]


def test_user_and_password_and_no_others_from_a_netrc(server, service, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login wrong password wrong\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    service.send("GET", "/things", auth=("user", "pass"))
    service.send("GET", "/things", headers={"Authorization": "Bearer abc"})
    service.send("GET", "/things")
    sent = [request["headers"].get("Authorization") for request in server.requests]
    assert sent == ["Basic dXNlcjpwYXNz", "Bearer abc", None]


def test_a_session_is_used_again_with_its_cookies(server):
    misbehave(server, {"fault": "status", "status": 200, "body": {}, "headers": {"Set-Cookie": "sid=1"}})
    with requests.Session() as session:
        session.auth = ("user", "pass")
        for _ in range(2):  # as a connector does that makes a new object for each of its crons' runs
            service_at(server, session=session).send("GET", "/things")
    first, second = server.requests
    assert "Cookie" not in first["headers"] and second["headers"]["Cookie"] == "sid=1"
    assert second["headers"]["Authorization"] == "Basic dXNlcjpwYXNz"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_connection_serves_again(server, service, method):
    options = {"json": THING} if method == "POST" else {}
    ports = set()
    process_request = server.process_request
    server.process_request = lambda request, address: (ports.add(address), process_request(request, address))
    for _ in range(5):
        assert service.send(method, "/things", **options).status in (200, 201)
    assert len(ports) == 1


def test_compressed_answers(server, service):
    for fault in ({}, {"members": 3}, {"encoding": "deflate"}):
        misbehave(server, {"fault": "gzip", **fault})
        assert service.send("GET", "/things").json() == {"things": []}


def test_amounts_can_be_exact(server, service):
    misbehave(server, {"fault": "status", "status": 200, "body": '{"sum": 0.10, "n": 3}'})
    assert service.send("GET", "/things").json(parse_float=Decimal) == {"sum": Decimal("0.10"), "n": 3}


def test_an_answer_in_latin_1(server, service):
    kind = "text/plain; charset=utf-8"
    misbehave(server, {"fault": "status", "status": 200, "body": "Räka", "type": kind})
    assert service.send("GET", "/things").text == "Räka"
    misbehave(server, {"fault": "garbage", "body": "Räka"})
    assert service.send("GET", "/things").text == "Räka"


# -- what does not --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "outcome", "accepted"),
    [
        ("timeout_before", ("timeout", "again", "maybe", None), 0),
        ("timeout_after", ("timeout", "again", "maybe", None), 1),
        ("close_before", ("closed", "again", "maybe", None), 0),
        ("close_after", ("closed", "again", "maybe", None), 1),
        ({"fault": "close_after", "reset": True}, ("closed", "again", "maybe", None), 1),
        ("half", ("closed", "again", "maybe", 201), 1),
        ({"fault": "half", "chunked": True}, ("closed", "again", "maybe", 201), 1),
        ("not_http", ("garbage", "again", "maybe", None), 1),
        ("redirect", ("redirect", "settings", "maybe", 302), 0),
        ({"fault": "redirect", "status": 307}, ("redirect", "settings", "maybe", 307), 0),
        ("large", ("too_large", "ours", "yes", 200), 1),
        ("gzip_bomb", ("too_large", "ours", "yes", 200), 1),
        ({"fault": "gzip", "cut": 9}, ("garbage", "again", "yes", 201), 1),
        ({"fault": "gzip", "encoding": "br"}, ("garbage", "again", "yes", 201), 1),
        ({"fault": "status", "status": 429}, ("status", "again", "no", 429), 0),
        ({"fault": "status", "status": 425}, ("status", "again", "no", 425), 0),
        ({"fault": "status", "status": 408}, ("status", "again", "maybe", 408), 0),
        ({"fault": "status", "status": 500, "acted": True}, ("status", "again", "maybe", 500), 1),
        ({"fault": "status", "status": 502}, ("status", "again", "maybe", 502), 0),
        ({"fault": "status", "status": 503}, ("status", "again", "maybe", 503), 0),
        ({"fault": "status", "status": 504, "acted": True}, ("status", "again", "maybe", 504), 1),
        ({"fault": "status", "status": 401}, ("status", "settings", "yes", 401), 0),
        ({"fault": "status", "status": 403}, ("status", "settings", "yes", 403), 0),
        ({"fault": "status", "status": 400}, ("status", "ours", "yes", 400), 0),
        ({"fault": "status", "status": 404}, ("status", "ours", "yes", 404), 0),
        ({"fault": "status", "status": 409}, ("status", "ours", "yes", 409), 0),
        ({"fault": "status", "status": 422}, ("status", "ours", "yes", 422), 0),
        ({"fault": "status", "status": 304, "body": ""}, ("status", "settings", "maybe", 304), 0),
    ],
    ids=str,
)
def test_what_an_error_says_and_that_it_was_sent_once(server, service, fault, outcome, accepted):
    misbehave(server, fault)
    error = failure_of(service)
    assert said(error) == outcome
    assert error.host == server.host
    assert str(error)
    assert server.things.counts()["accepted"] == accepted
    assert len(server.requests) == len(service.traces) == 1


def test_garbage_where_json_was_awaited(server, service):
    for body in ("<html>", "", "[" * 100_000, '{"a": NaN}', "9" * 5000):
        misbehave(server, {"fault": "garbage", "body": body})
        answer = service.send("POST", "/things", json=THING)
        with pytest.raises(ServiceError) as caught:
            answer.json()
        assert said(caught.value) == ("garbage", "again", "yes", 200)


def test_no_connection(server):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = failure_of(Service(f"http://127.0.0.1:{port}"))
    assert said(error) == ("unreachable", "again", "no", None)
    assert str(error) == f"No connection to 127.0.0.1:{port}."
    error = failure_of(Service("https://brp.invalid/api"))
    assert said(error) == ("unreachable", "again", "no", None)


def test_a_host_that_does_not_take_connections():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]  # they fill the queue: later ones get no answer
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        begun = time.monotonic()
        error = failure_of(Service(f"http://127.0.0.1:{port}", connect_timeout=0.3))
        assert 0.2 < time.monotonic() - begun < 1
        assert said(error) == ("unreachable", "again", "no", None)
        for each in waiting:
            each.close()


def test_a_proxy_that_leads_nowhere(server, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
    monkeypatch.setenv("HTTP_PROXY", nowhere)
    assert said(failure_of(service_at(server))) == ("unreachable", "again", "no", None)
    # This one answers, but makes no tunnel: it was asked for the way, and nothing else was sent.
    monkeypatch.setenv("HTTPS_PROXY", f"http://{server.host}")
    assert said(failure_of(Service("https://api.example"))) == ("unreachable", "again", "no", None)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert service_at(server).send("GET", "/things").status == 200


def test_a_proxy_sees_the_whole_address_and_keeps_to_the_time(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://{server.host}")
    misbehave(server, {"fault": "trickle"})
    service = Service("http://localhost:1", read_timeout=0.3, total_timeout=0.4)
    begun = time.monotonic()
    assert said(failure_of(service)) == ("too_slow", "again", "maybe", 201)
    assert time.monotonic() - begun < 1
    assert server.requests[0]["path"] == "http://localhost:1/things"


def test_the_same_for_a_lookup(server):
    """GET is safe, so a service that is down is asked three times before it counts as down."""
    misbehave(server, {"fault": "close_before", "times": 3})
    service = service_at(server)
    assert said(failure_of(service, "GET")) == ("closed", "again", "maybe", None)
    assert len(server.requests) == 3


# -- time and size --------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["head", "body", "chunk"])
def test_an_answer_that_trickles_ends_with_the_total_time(server, part):
    misbehave(server, {"fault": "trickle", "part": part, "seconds": 0.05})
    service = service_at(server, read_timeout=0.3, total_timeout=0.4)
    begun = time.monotonic()
    error = failure_of(service)
    assert 0.39 < time.monotonic() - begun < 0.8
    expected = ("timeout", None) if part == "head" else ("too_slow", 201)
    assert (error.problem, error.status, error.kind, error.reached) == (*expected, "again", "maybe")


def test_a_slow_answer_in_time(server, service):
    misbehave(server, {"fault": "slow", "seconds": 0.2}, {"fault": "trickle", "seconds": 0.001})
    assert service.send("POST", "/things", json=THING).status == 201
    assert service.send("POST", "/things", json=THING).json()["id"] == 2


def test_a_request_that_nobody_reads_ends_with_the_total_time():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        service = Service(url, connect_timeout=0.1, read_timeout=0.1, total_timeout=0.4)
        begun = time.monotonic()
        error = failure_of(service, data=b" " * 20_000_000)
        assert 0.39 < time.monotonic() - begun < 0.8
    assert said(error) == ("timeout", "again", "maybe", None)


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "large"},  # in chunks
        {"fault": "large", "length": True},
        {"fault": "large", "bytes": 0, "length": 1_000_001},  # promised, and it need not come
        {"fault": "large", "length": 10**30},
        {"fault": "gzip_bomb"},
        {"fault": "redirect", "bytes": 20_000_000},
        {"fault": "status", "status": 500, "body": " " * 2_000_000},
    ],
    ids=str,
)
def test_a_large_answer_is_not_read_to_its_end(server, fault):
    misbehave(server, fault)
    service = service_at(server, max_answer=1_000_000)
    tracemalloc.start()
    try:
        error = failure_of(service)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.problem == "too_large"
    assert peak < (25_000_000 if fault["fault"] == "redirect" else 6_000_000)  # the simulator's own included


def test_an_answer_of_just_the_size(server):
    for body, fits in (("x" * 1000, True), ("x" * 1001, False)):
        misbehave(server, {"fault": "garbage", "body": body})
        service = service_at(server, max_answer=1000)
        if fits:
            assert service.send("GET", "/things").body == body.encode()
        else:
            assert failure_of(service, "GET").problem == "too_large"


def test_a_length_that_is_too_short_hides_nothing_of_the_next_answer(server, service):
    misbehave(server, {"fault": "large", "bytes": 65_536, "length": 10})
    assert service.send("POST", "/things", json=THING).body == b" " * 10
    assert service.send("GET", "/things").json() == {"things": [{"id": 1, **THING}]}


# -- again ----------------------------------------------------------------------------------------------


def test_a_safe_call_is_tried_three_times_in_place(server, service):
    misbehave(server, {"fault": "status", "status": 503}, "close_before")
    assert service.send("GET", "/things").json() == {"things": []}
    assert [trace.status for trace in service.traces] == [503, None, 200]
    misbehave(server, {"fault": "status", "status": 503, "times": 3})
    assert failure_of(service, "GET").status == 503
    assert len(server.requests) == 6


def test_a_call_that_is_said_to_be_safe_or_not(server, service):
    misbehave(server, {"fault": "status", "status": 503, "times": 2})
    assert service.send("POST", "/things", json=THING, safe=True).status == 201
    misbehave(server, {"fault": "status", "status": 503})
    assert failure_of(service, "GET", safe=False).status == 503
    assert len(server.requests) == 4


def test_what_is_not_to_be_tried_again_is_not(server, service):
    for status in (400, 401, 404):
        misbehave(server, {"fault": "status", "status": status})
        assert failure_of(service, "GET").status == status
    assert len(server.requests) == 3


def test_a_short_pause_that_is_asked_for_is_kept_in_place(server, service):
    misbehave(server, {"fault": "status", "status": 429, "retry_after": 1})
    begun = time.monotonic()
    assert service.send("GET", "/things").status == 200
    assert 1 <= time.monotonic() - begun < 1.5


def test_a_long_pause_is_left_to_the_queue(server):
    misbehave(server, {"fault": "status", "status": 429, "retry_after": 6})
    error = failure_of(service_at(server, total_timeout=60), "GET")
    assert (error.retry_after, error.reached, len(server.requests)) == (6, "no", 1)


def test_a_pause_is_not_longer_than_the_total_time(server):
    misbehave(server, {"fault": "status", "status": 503, "retry_after": 3})
    service = service_at(server, total_timeout=2)
    begun = time.monotonic()
    assert failure_of(service, "GET").retry_after == 3
    assert time.monotonic() - begun < 1


def test_tries_share_the_total_time(server):
    misbehave(server, {"fault": "timeout_before", "times": 3})
    service = service_at(server, read_timeout=0.3, total_timeout=0.5)
    begun = time.monotonic()
    assert failure_of(service, "GET").problem == "timeout"
    assert 0.3 <= time.monotonic() - begun < 0.9
    assert len(server.requests) == 2


def test_when_to_come_again(server, service):
    misbehave(
        server,
        {"fault": "status", "status": 429, "retry_after": 3600, "as_date": True},
        {"fault": "status", "status": 503, "retry_after": 10**9},
        {"fault": "status", "status": 503, "retry_after": -5},
        {"fault": "status", "status": 503},
    )
    assert failure_of(service).retry_after == pytest.approx(3600, abs=2)
    assert [failure_of(service).retry_after for _ in range(3)] == [86_400, None, None]


def test_when_to_come_again_as_a_connector_reads_it(server):
    told = iter([1800.0, 1e9, -3.0, None])
    service = service_at(server, explain=lambda *_answer: Explanation("again", retry_after=next(told)))
    misbehave(server, *[{"fault": "status", "status": 500}] * 4)
    assert [failure_of(service, "GET").retry_after for _ in range(2)] == [1800, 86_400]
    assert len(server.requests) == 2  # not tried again in place
    assert [failure_of(service).retry_after for _ in range(2)] == [0, None]
    # The header comes first.
    service = service_at(server, explain=lambda *_answer: Explanation("again", retry_after=5.0))
    misbehave(server, {"fault": "status", "status": 500, "retry_after": 70})
    assert failure_of(service).retry_after == 70


# -- whose words ----------------------------------------------------------------------------------------


def test_a_connector_reads_its_services_errors(server):
    def explain(status, headers, body):
        error = json.loads(body)["error"]
        kind = "again" if error["code"] == 71 else None
        return Explanation(kind, error["code"], f"{error['message']} ({status}, {headers['content-type']})")

    service = service_at(server, explain=explain)
    closed = {"error": {"code": 71, "message": f"Period closed for {SECRET}"}}
    misbehave(server, {"fault": "status", "status": 422, "body": closed})
    error = failure_of(service)
    assert said(error) == ("status", "again", "yes", 422)
    assert error.code == "71"
    assert error.words == "Period closed for *** (422, application/json)"

    misbehave(
        server, {"fault": "status", "status": 422, "body": {"error": {"code": 5, "message": "x" * 600}}}
    )
    error = failure_of(service)
    assert (error.kind, error.code, len(error.words)) == ("ours", "5", 500)


def test_an_explanation_that_fails_leaves_what_the_status_says(server, caplog):
    service = service_at(server, explain=lambda status, headers, body: {}[SECRET])
    misbehave(server, {"fault": "status", "status": 403, "body": {"message": "No licence"}})
    error = failure_of(service)
    assert (error.kind, error.words) == ("settings", "No licence")
    assert "KeyError" in caplog.text and SECRET not in caplog.text


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"body": {"error": "invalid_client", "error_description": "Unknown client"}}, "Unknown client"),
        ({"body": {"title": "Not valid", "detail": "Account 9999 is not in the plan"}},
         "Account 9999 is not in the plan"),
        ({"body": {"error": {"message": "x"}}}, ""),
        ({"body": "[1]"}, ""),
        ({"body": "{"}, ""),
        ({"body": " no such customer\n", "type": "text/plain"}, "no such customer"),
        ({"body": "<h1>Error</h1>", "type": "text/html"}, ""),
    ],
)  # fmt: skip
def test_words_that_many_services_use(server, service, fault, words):
    misbehave(server, {"fault": "status", "status": 400, **fault})
    assert failure_of(service).words == words


# -- where to -------------------------------------------------------------------------------------------


def test_a_redirect_is_not_followed_and_says_where_it_leads(server, service):
    elsewhere = FaultyServer().start()
    misbehave(server, *({"fault": "redirect", "to": f"http://{elsewhere.host}/things?token=abc"},) * 2)
    error = failure_of(service, "GET")
    assert error.other_host == "127.0.0.1"
    assert str(error) == f"{server.host} redirects to 127.0.0.1, which is not followed."
    assert failure_of(service, headers={"Authorization": f"Bearer {SECRET}".encode()}, data=b"{}")
    assert len(elsewhere.requests) == 0 and len(server.requests) == 2
    elsewhere.stop()
    for to in ("//evil.example/x", "https://evil.example:8443/x", "https://u:p@evil.example"):
        misbehave(server, {"fault": "redirect", "to": to})
        assert failure_of(service).other_host == "evil.example"
    for to in ("/login", "http://[", "?"):
        misbehave(server, {"fault": "redirect", "to": to})
        assert failure_of(service).problem == "redirect"


@pytest.mark.parametrize(
    "path",
    [
        "http://evil.example/", "//evil.example/", "/a/../b", "..", "a/%2e%2e/b", "a/%2E./b", "/a/./b",
        "/a?b=c", "/a#b", "/a b", "/a\r\nHost: evil", "\\evil", "a\\..\\b", "a%5c..%5cb", "/things\0",
    ],
)  # fmt: skip
def test_a_path_stays_below_the_address(server, service, path):
    error = failure_of(service, path=path)
    assert said(error) == ("path", "ours", "no", None)
    assert not server.requests


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("", "/api/v1"),
        ("/", "/api/v1/"),
        ("things", "/api/v1/things"),
        ("/things/a%2Fb%20c", "/api/v1/things/a%2Fb%20c"),
        ("/things/Å..:@x", "/api/v1/things/%C3%85..:@x"),
    ],
)
def test_a_path_is_joined_to_the_address(server, path, sent):
    for slash in ("", "/"):
        traces = []
        service = Service(f"http://{server.host}/api/v1{slash}", on_exchange=traces.append)
        assert failure_of(service, "GET", path).status == 404
        assert traces[0].url == f"http://{server.host}{sent}"


@pytest.mark.parametrize(
    "address",
    [
        "", None, False, "api.example", "http://api.example", "ftp://127.0.0.1", "http://127.0.0.1.evil.example",
        "https://", "https://user:pass@api.example", "https://api.example?x=1", "https://api.example#x",
        "https://api.example/a/../b", "https://api.example:port", "https://[", "file:///etc/passwd",
        "https://api.example\\@evil.example", "http://localhost@evil.example", "https://api example",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used(address):
    with pytest.raises(ServiceError) as caught:
        Service(address)
    assert said(caught.value) == ("address", "settings", "no", None)
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "https://api.example",
        " https://api.example/v1/ ",
        "HTTPS://räka.example",
        "http://localhost:1",
        "http://127.0.0.1",
    ],
)
def test_an_address_that_can_be_used(address):
    Service(address).close()


def test_what_cannot_be_written_as_http(server, service):
    for headers in ({"X-Key": "a\nb"}, {"X-Key": "snö–man"}, {"X Key\r\n": "a"}):
        assert said(failure_of(service, headers=headers, json=THING)) == ("request", "ours", "no", None)
    with pytest.raises(TypeError):
        service.send("POST", "/things", data=iter([b"a"]))
    assert not server.requests


# -- certificates ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A file with a key and a certificate for localhost that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def tls_server(certificate):
    server = FaultyServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    yield server.start()
    server.stop()


def test_a_certificate_that_nobody_vouches_for(tls_server):
    port = tls_server.server_address[1]
    with requests.Session() as careless:
        careless.verify = False
        service = Service(f"https://localhost:{port}", session=careless)
        assert said(failure_of(service)) == ("certificate", "settings", "no", None)
    assert not tls_server.requests


def test_time_and_size_over_tls(tls_server, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    port = tls_server.server_address[1]
    with Service(f"https://localhost:{port}", read_timeout=0.3, total_timeout=0.5) as service:
        assert service.send("POST", "/things", json=THING).status == 201
        tls_server.faults.add(
            [{"fault": "trickle"}, {"fault": "half"}, {"fault": "timeout_after"}, {"fault": "large"}]
        )
        outcomes = [(error.problem, error.reached) for error in (failure_of(service) for _ in range(4))]
    assert outcomes == [
        ("too_slow", "maybe"),
        ("closed", "maybe"),
        ("timeout", "maybe"),
        ("too_large", "yes"),
    ]
    assert tls_server.things.counts()["twice"] == {"INV-7": 5}


# -- secrets --------------------------------------------------------------------------------------------


def everything(error):
    """All that a log or a debugger could show of an error, and of those behind it."""
    shown = []
    while error:
        shown += [str(error), repr(error), repr(error.__dict__), repr(error.args)]
        error = error.__cause__ or error.__context__
    return "\n".join(shown)


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "status", "status": 400, "body": {"message": f"{SECRET} is not for 19900101-9802"}},
        {"fault": "status", "status": 401, "body": {"message": "token abcdefgh123 has expired"}},
        {"fault": "status", "status": 503, "body": f"no {SECRET}", "type": "text/plain"},
        {"fault": "redirect", "to": "https://abcdefgh123.example/?token=zxcvbnm123"},
        "timeout_after", "close_before", "half", "not_http", "garbage", "large",
    ],
    ids=str,
)  # fmt: skip
def test_no_error_and_no_trace_tells_a_secret(server, service, fault, caplog):
    caplog.set_level("INFO")
    misbehave(server, fault)
    try:
        service.send(
            "POST", "/things",
            params={"api_key": "qwertyuiop", "q": SECRET}, json={**THING, "password": "hemligt1"},
            headers={"Authorization": "Bearer abcdefgh123", "X-Api-Key": "zxcvbnm123"},
        )  # fmt: skip
    except ServiceError as error:
        shown = everything(error)
        assert error.__context__ is None and error.__cause__ is None
        assert "/things" not in str(error)
    else:
        shown = ""
    # The port, and how long it took, may have any digits.
    shown += repr([replace(trace, seconds=0) for trace in service.traces]) + caplog.text
    shown += "".join(trace.request_text + trace.answer_text for trace in service.traces)
    shown = shown.replace(server.host, "")
    for secret in (SECRET, "sk_live", "abcdefgh123", "zxcvbnm123", "qwertyuiop", "hemligt1", "9802"):
        assert secret not in shown, secret
    assert len(service.traces) == 1


def test_what_a_person_reads_of_an_exchange(server, service):
    service.send("POST", "/things", json=THING, headers={"X-Token": "abc", "Idempotency-Key": "INV-7"})
    trace = service.traces.pop()
    assert (trace.method, trace.url, trace.status) == ("POST", f"http://{server.host}/things", 201)
    assert 0 < trace.seconds < 1
    head, body = trace.request_text.split("\n\n")
    assert body == '{"key": "INV-7", "value": 125}'
    assert {"X-Token: ***", "Idempotency-Key: INV-7", "Content-Type: application/json"} <= set(
        head.split("\n")
    )
    assert trace.answer_text.endswith('\n\n{"id": 1, "key": "INV-7", "value": 125}')

    service.send("POST", "/things", data=b'{"key": "a"}', headers={"Content-Type": "application/pdf"})
    assert service.traces.pop().request_text.endswith("\n\n(application/pdf, 12 bytes)")
    misbehave(server, "close_before")
    failure_of(service)
    assert (
        service.traces.pop().answer_text
        == f"{server.host} closed the connection before its answer was complete."
    )
    misbehave(server, {"fault": "garbage", "body": "x" * 50_000})
    service.send("GET", "/things")
    assert len(service.traces.pop().answer_text) < 20_050
    misbehave(server, "redirect")
    failure_of(service)
    assert "Location: https://elsewhere.example/things" in service.traces.pop().answer_text


def test_a_file_is_shown_by_its_size(server, service):
    with pytest.raises(ServiceError):
        service.send(
            "POST", "/things", files={"file": ("a.pdf", b"%PDF-1.7 19900101-9802", "application/pdf")}
        )
    assert "(multipart/form-data, " in service.traces[0].request_text
    assert "PDF" not in service.traces[0].request_text


def test_an_answer_is_not_lost_because_it_could_not_be_logged(server, caplog):
    def fails(trace):
        raise ValueError(SECRET)

    service = Service(f"http://{server.host}", on_exchange=fails)
    assert service.send("POST", "/things", json=THING).status == 201
    assert "ValueError" in caplog.text and SECRET not in caplog.text


def test_an_error_can_be_handed_over_to_another_process(server, service):
    misbehave(server, {"fault": "status", "status": 429, "retry_after": 6})
    error = failure_of(service)
    assert vars(pickle.loads(pickle.dumps(error))) == vars(error)


# -- the simulator itself -------------------------------------------------------------------------------


class Process:
    """The simulator as a process."""

    def __init__(self, state):
        command = [sys.executable, str(SIMULATORS / "faulty"), "serve", "--port", "0", "--state", str(state)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=os.sep)
        line = self.process.stdout.readline()
        assert line.startswith("listening on 127.0.0.1:")
        self.host = line.split()[-1]

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def test_what_was_accepted_survives_a_kill_and_is_counted_twice(tmp_path):
    first = Process(tmp_path / "state")
    try:
        misbehave(first, "timeout_after")
        with service_at(first, read_timeout=0.2) as service:
            assert failure_of(service).reached == "maybe"
            service.send("POST", "/things", json={"key": "INV-8"})
    finally:
        first.kill()
    with (tmp_path / "state").open("ab") as file:
        file.write(b'{"id": 3, "key": "INV-')  # as a kill would leave it
    second = Process(tmp_path / "state")
    try:
        with service_at(second) as service:
            assert len(service.send("GET", "/things", params={"key": "INV-7"}).json()["things"]) == 1
            service.send("POST", "/things", json=THING)  # by somebody who did not look
            state = service.send("GET", "/state").json()
    finally:
        second.kill()
    assert (state["accepted"], state["keys"], state["duplicates"]) == (3, 2, 1)
    assert state["twice"] == {"INV-7": 2}
    assert Things(tmp_path / "state").of("INV-7") == [{"id": 1, **THING}, {"id": 3, **THING}]


def test_many_at_once(server):
    def work(number):
        with service_at(server, read_timeout=5) as service:
            for turn in range(10):
                service.send("POST", "/things", json={"key": f"{number}-{turn}"})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert server.things.counts()["keys"] == 160
    assert sorted(thing["id"] for thing in server.things.of(None)) == list(range(1, 161))


def test_the_simulator_refuses_what_it_does_not_understand(server, service):
    for path, body in (
        ("/control", {"faults": [{"fault": "x"}]}),
        ("/control", {"faults": [1]}),
        ("/things", {}),
    ):
        assert failure_of(service, path=path, json=body).status == 400
    service.send("POST", "/control", json={"faults": [{"fault": "half", "method": "PUT"}]})
    assert service.send("POST", "/things", json=THING).status == 201
    assert failure_of(service, "PUT", json=THING).problem == "closed"
    service.send("POST", "/control", json={"clear": True, "faults": [{"fault": "half"}]})
    assert service.send("GET", "/state").json()["faults"] == [{"fault": "half", "times": 1}]
