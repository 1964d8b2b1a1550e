"""Klarna's calls over a service that is played: paging, what must not be believed, and errors."""

import base64
import http.server
import json
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, urlsplit

import pytest
from brp_connector.service import Explanation, ServiceError
from brp_connector.service import Service as HttpService
from brp_klarna.settlements import LIVE, PLAYGROUND, Klarna, SettlementError, explain
from klarna_settlement import PAID, REFERENCE, ROWS, payout, row

SINCE = datetime(2026, 11, 1, tzinfo=timezone.utc)
UNTIL = datetime(2026, 11, 30, 23, 59, 59, tzinfo=timezone.utc)


class NotFound(Exception):
    status = 404


class Forbidden(Exception):
    status = 403


@dataclass
class Answer:
    body: bytes

    def json(self):
        return json.loads(self.body)


@dataclass
class Service:
    """Answers with what it is given: a function of path and parameters, to JSON, bytes or an exception."""

    answer: object
    calls: list = field(default_factory=list, repr=False)

    def send(self, method, path, **content):
        self.calls.append((method, path, content))
        answer = self.answer(path, content.get("params") or {})
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer if isinstance(answer, bytes) else json.dumps(answer).encode())


def pages(name, rows, most=500, **changed):
    """Answer with pages of rows, as the service does."""

    def answer(_path, params):
        offset, size = params["offset"], min(params["size"], most)
        page = rows[offset : offset + size]
        pagination = {"count": len(page), "total": len(rows), "offset": offset}
        if offset + size < len(rows):
            pagination["next"] = "https://elsewhere.example/steal?offset=1"
        pagination.update(changed)
        return {
            name: page,
            "pagination": {key: value for key, value in pagination.items() if value is not None},
        }

    return answer


def many(count):
    return [row("FEE", number, order_id=f"o{number}", payment_reference=REFERENCE) for number in range(count)]


def read_all(answer):
    service = Service(answer)
    read = list(Klarna(service).iterate_pages(REFERENCE))
    return read, service.calls


def problem_of(answer):
    with pytest.raises(SettlementError) as caught:
        read_all(answer)
    return caught.value


# -- payouts --------------------------------------------------------------------------------------------


def test_payouts_are_asked_for_with_full_times():
    service = Service(pages("payouts", [payout()]))
    until = UNTIL.astimezone(timezone(timedelta(hours=1))) + timedelta(milliseconds=1)
    (read,) = Klarna(service).list_payouts(SINCE, until, "SEK")
    assert read.settlement == PAID
    ((method, path, content),) = service.calls
    assert (method, path) == ("GET", "/settlements/v1/payouts")
    assert content == {
        "headers": {"Accept": "application/json"},
        "params": {
            "start_date": "2026-11-01T00:00:00Z",
            "end_date": "2026-12-01T00:00:00Z",
            "currency_code": "SEK",
            "size": 500,
            "offset": 0,
        },
    }


def test_times_without_a_zone_are_not_asked_for():
    with pytest.raises(ValueError, match="without a zone"):
        list(Klarna(Service(None)).list_payouts(SINCE.replace(tzinfo=None), UNTIL))


def test_user_and_password_are_sent_and_not_shown():
    service = Service(pages("payouts", []))
    client = Klarna(service, ("K900001_user", "pa55"))
    assert list(client.list_payouts(SINCE, UNTIL)) == []
    assert service.calls[0][2]["auth"] == ("K900001_user", "pa55")
    assert "pa55" not in repr(client)


def test_payouts_over_pages():
    told = [{**payout(), "payment_reference": str(number)} for number in range(1203)]
    service = Service(pages("payouts", told))
    read = Klarna(service).list_payouts(SINCE, UNTIL)
    assert [each.reference for each in read] == [each["payment_reference"] for each in told]
    assert [content["params"]["offset"] for _, _, content in service.calls] == [0, 500, 1000]


def test_a_payout_that_comes_twice():
    told = [payout(), {**payout(), "payment_reference": "2"}, payout()]
    with pytest.raises(SettlementError) as caught:
        list(Klarna(Service(pages("payouts", told))).list_payouts(SINCE, UNTIL))
    assert (caught.value.problem, caught.value.kind) == ("rows_repeated", "again")


def test_errors_in_payouts_tell_which():
    told = [payout(), {**payout(), "payment_reference": "2", "merchant_id": ""}]
    with pytest.raises(SettlementError, match=r"^payouts\[1\]\.merchant_id: It is missing\.$"):
        list(Klarna(Service(pages("payouts", told))).list_payouts(SINCE, UNTIL))


def test_one_payout():
    service = Service(lambda path, _params: payout())
    assert Klarna(service).get_payout(REFERENCE).reference == REFERENCE
    assert service.calls[0][1] == f"/settlements/v1/payouts/{REFERENCE}"
    with pytest.raises(SettlementError) as caught:
        Klarna(service).get_payout("../x?y")
    assert caught.value.problem == "other_payout"
    assert service.calls[1][1] == "/settlements/v1/payouts/..%2Fx%3Fy"


# -- rows -----------------------------------------------------------------------------------------------


def test_rows_come_page_by_page():
    read, calls = read_all(pages("transactions", many(1203)))
    assert [len(page) for page in read] == [500, 500, 203]
    assert [each.amount for page in read for each in page] == list(range(1203))
    assert {path for _, path, _ in calls} == {"/settlements/v1/transactions"}
    assert calls[1][2]["params"] == {"payment_reference": REFERENCE, "size": 500, "offset": 500}


def test_rows_are_fetched_when_they_are_asked_for():
    service = Service(pages("transactions", many(1203)))
    read = Klarna(service).iterate_pages(REFERENCE)
    next(read)
    assert len(service.calls) == 1


@pytest.mark.parametrize("count", [0, 1, 20, 500])
def test_one_page(count):
    read, calls = read_all(pages("transactions", many(count)))
    assert sum(map(len, read)) == count
    assert len(calls) == 1


def test_a_service_that_gives_smaller_pages_than_asked_for():
    read, calls = read_all(pages("transactions", many(45), most=20))
    assert ([len(page) for page in read], len(calls)) == ([20, 20, 5], 3)


@pytest.mark.parametrize(("count", "calls"), [(45, 1), (500, 2), (1203, 3)])
def test_without_a_total_the_last_page_is_the_one_that_is_not_full(count, calls):
    read, made = read_all(pages("transactions", many(count), total=None, offset=None, next=None))
    assert (sum(map(len, read)), len(made)) == (count, calls)


def test_a_service_that_ignores_the_offset():
    first = many(500)
    for told in ({"offset": 0}, {}):
        error = problem_of(
            lambda _path, params, told=told: {
                "transactions": first,
                "pagination": {"count": 500, "total": 1000, **told},
            }
        )
        assert (error.problem, error.kind) == ("rows_repeated", "again")


def test_rows_that_do_not_come():
    def answer(path, params):
        told = pages("transactions", many(1000))(path, params)
        return told if params["offset"] == 0 else {**told, "transactions": []}

    error = problem_of(answer)
    assert str(error) == "Only 500 of 1000 rows came. Try again."


def test_more_rows_than_there_are():
    error = problem_of(pages("transactions", many(10), total=9))
    assert str(error) == "10 rows came, though there are 9. Try again."


def test_a_total_that_changes():
    def answer(path, params):
        return pages("transactions", many(1203 if params["offset"] else 1200))(path, params)

    assert (
        str(problem_of(answer))
        == "The number of rows changed from 1200 to 1203 while they were read. Try again."
    )


def test_an_answer_without_an_end(monkeypatch):
    monkeypatch.setattr("brp_klarna.settlements.client._MAX_PAGES", 5)

    def answer(_path, params):
        rows = [row("FEE", params["offset"])] * 500
        return {"transactions": rows, "pagination": {"count": 500, "next": "https://x"}}

    assert str(problem_of(answer)) == "The answer has no end: 2500 rows came. Try again."
    empty = {"transactions": [], "pagination": {"count": 0, "next": "https://x"}}
    assert problem_of(lambda _path, _params: empty).problem == "pages"


@pytest.mark.parametrize("told", [{"payment_reference": "other"}, {"payment_reference": 5}])
def test_rows_of_another_payout(told):
    error = problem_of(pages("transactions", [*ROWS, {**ROWS[0], **told}]))
    assert (error.problem, error.where) == ("other_payout", "transactions[12].payment_reference")


@pytest.mark.parametrize(
    ("answer", "problem", "where"),
    [
        ([], "shape", ""),
        ({}, "missing", "transactions"),
        ({"transactions": {}}, "shape", "transactions"),
        ({"transactions": []}, "missing", "pagination"),
        ({"transactions": [], "pagination": []}, "shape", "pagination"),
        ({"transactions": [], "pagination": {"total": "1"}}, "shape", "pagination.total"),
        ({"transactions": [], "pagination": {"total": -1}}, "shape", "pagination.total"),
        ({"transactions": [], "pagination": {"offset": True}}, "shape", "pagination.offset"),
        ({"transactions": [7], "pagination": {"count": 1}}, "shape", "transactions[0]"),
    ],
)
def test_answers_that_are_no_pages(answer, problem, where):
    error = problem_of(lambda _path, _params: answer)
    assert (error.problem, error.where) == (problem, where)


# -- reports and orders ---------------------------------------------------------------------------------


def test_report():
    service = Service(lambda _path, _params: b"%PDF-1.7 ...")
    assert Klarna(service).get_report(REFERENCE) == b"%PDF-1.7 ..."
    assert Klarna(service).get_csv(REFERENCE) == b"%PDF-1.7 ..."
    assert [(path, content["params"], content["headers"]) for _, path, content in service.calls] == [
        ("/settlements/v1/reports/payout", {"payment_reference": REFERENCE}, {"Accept": "application/pdf"}),
        (
            "/settlements/v1/reports/payout-with-transactions",
            {"payment_reference": REFERENCE},
            {"Accept": "text/csv"},
        ),
    ]


def test_a_report_that_is_no_pdf():
    for body in (b"", b"<html>%PDF-", b"{}"):
        with pytest.raises(SettlementError, match="not a PDF"):
            Klarna(Service(lambda _path, _params, body=body: body)).get_report(REFERENCE)


def test_orders():
    service = Service(lambda _path, _params: {"order_id": "a/b", "order_lines": []})
    assert Klarna(service).get_order("a/b")["order_lines"] == []
    assert service.calls[0][1] == "/ordermanagement/v1/orders/a%2Fb"
    assert Klarna(Service(lambda *_: NotFound())).get_order("x") is None
    with pytest.raises(Forbidden):
        Klarna(Service(lambda *_: Forbidden())).get_order("x")
    with pytest.raises(SettlementError, match="not what the service's description"):
        Klarna(Service(lambda *_: [])).get_order("x")


def test_hosts():
    assert LIVE["EU"] == "https://api.klarna.com"
    assert PLAYGROUND["OC"] == "https://api-oc.playground.klarna.com"
    assert set(LIVE) == set(PLAYGROUND) == {"EU", "NA", "OC"}


# -- errors ---------------------------------------------------------------------------------------------

ERROR = {
    "error_code": "BAD_VALUE",
    "error_messages": ["start_date is wrong", "size is\ntoo large"],
    "correlation_id": "6b8cf5d7-1",
}


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "ours"), (401, "settings"), (403, "settings"), (404, "ours"), (429, "again"), (500, "again"),
     (503, "again"), (409, None)],
)  # fmt: skip
def test_errors_by_status(status, kind):
    words = "start_date is wrong; size is too large (correlation id 6b8cf5d7-1)"
    assert explain(status, {}, json.dumps(ERROR).encode()) == (kind, "BAD_VALUE", words)


@pytest.mark.parametrize(
    ("headers", "body", "code", "words"),
    [
        ({}, b"", "", ""),
        ({}, b"<html>Bad gateway</html>", "", ""),
        ({"Klarna-Correlation-Id": "77"}, b"\xff\xfe", "", "(correlation id 77)"),
        ({}, b"[1, 2]", "", ""),
        ({}, b'{"error_code": 5, "error_messages": "no", "correlation_id": {}}', "", "no"),
        ({}, b'{"error_code": "X", "error_messages": [1, null, "no"]}', "X", "no"),
        ({}, b'{"error_code": "X", "error_message": "no"}', "X", "no"),
        ({}, b"[" * 100_000, "", ""),
    ],
)
def test_errors_that_are_something_else(headers, body, code, words):
    assert explain(502, headers, body) == ("again", code, words)


def test_the_correlation_id_is_kept_however_long_the_message():
    told = {**ERROR, "error_messages": ["x" * 5000], "correlation_id": "c" * 36}
    _kind, _code, words = explain(400, {}, json.dumps(told).encode())
    assert len(words) < 500
    assert words.endswith(f"x… (correlation id {'c' * 36})")


# -- over HTTP ------------------------------------------------------------------------------------------


class Handler(http.server.BaseHTTPRequestHandler):
    """Klarna as far as one payout of 1 203 rows goes, for one user."""

    def do_GET(self):
        parts = urlsplit(self.path)
        params = {name: int(value) if value.isdigit() else value for name, value in parse_qsl(parts.query)}
        status = 200
        if self.headers["Authorization"] != "Basic " + base64.b64encode(b"user:pa55").decode():
            status, answer = 401, {**ERROR, "error_code": "UNAUTHORIZED"}
        elif parts.path == "/settlements/v1/transactions":
            answer = pages("transactions", many(1203))(parts.path, params)
        elif parts.path == "/settlements/v1/reports/payout":
            answer = b"%PDF-1.4"
        else:
            status, answer = 404, ERROR
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@pytest.fixture
def address():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def connect(address, password="pa55"):
    service = HttpService(
        address, secrets=[password], explain=lambda *answer: Explanation(*explain(*answer)), backoff=0
    )
    return Klarna(service, ("user", password))


def test_over_http(address):
    client = connect(address)
    assert sum(map(len, client.iterate_pages(REFERENCE))) == 1203
    assert client.get_report(REFERENCE) == b"%PDF-1.4"
    assert client.get_order("none") is None
    with pytest.raises(ServiceError) as caught:
        client.get_payout(REFERENCE)
    assert (caught.value.kind, caught.value.status, caught.value.code) == ("ours", 404, "BAD_VALUE")
    assert "correlation id 6b8cf5d7-1" in caught.value.words


def test_a_wrong_password_is_a_matter_of_settings(address):
    with pytest.raises(ServiceError) as caught:
        connect(address, "wrong").get_report(REFERENCE)
    assert (caught.value.kind, caught.value.code) == ("settings", "UNAUTHORIZED")
