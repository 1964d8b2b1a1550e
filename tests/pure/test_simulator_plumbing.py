"""What the simulators share, by the smallest simulator that there can be."""

import http.client
import json
import socket
import urllib.parse

import plumbing
import pytest
from plumbing import Answer, add_lines, read_lines, write_whole
from plumbing.page import document, faults, form, kronor
from plumbing.service import CONTROLS
from simulated import ask

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def shop_page(shop):
    with shop.lock:
        orders = [("Tjänsten är nere", {"fault": "status", "status": 503})]
        parts = [f"<p>{kronor(shop.sold)}</p>", form("refund", "Ångra"), faults(shop, orders, str)]
    return document("Butiken (simulerad)", "Här syns vad som är sålt.", parts)


class Handler(plumbing.ServiceHandler):
    most = 1000
    page = staticmethod(shop_page)
    controls = {**CONTROLS, "refund": lambda shop, told: shop.sell(-int(told["amount"]))}

    def respond(self, path, _query):
        if not path.startswith("/v1/"):
            self.inside(path)
            return
        body = self.body()

        def act(_fault):
            return Answer(self.service.sell(int(body or 0)), 201)

        self.call(act, (self.command, path), method=self.command, path=path)


class Shop(plumbing.Service):
    handler_class = Handler

    def __init__(self):
        super().__init__()
        self.reset()

    def reset(self):
        self.sold = 0

    def sell(self, ore):
        with self.lock:
            self.sold += ore
            return {"sold": self.sold}

    def look(self):
        return {
            "sold": self.sold,
            "faults": [fault.to_json() for fault in self.faults],
            "calls": [*self.calls],
        }


@pytest.fixture
def shop():
    with Shop() as service:
        yield service


def buy(shop, ore, **options):
    return ask(f"{shop.url}/v1/sales", str(ore).encode(), **options)


def test_calls_controls_and_state(shop):
    assert buy(shop, 12345)[:2] == (201, {"sold": 12345})
    assert ask(f"{shop.url}/control/refund", b'{"amount": 345}')[:2] == (200, {"sold": 12000})
    status, _data, headers = ask(f"{shop.url}/control/refund", b"amount=2000", FORM)
    assert (status, headers["Location"]) == (303, "/")
    assert ask(f"{shop.url}/state")[1] == {
        "sold": 10000, "faults": [],
        "calls": [{"method": "POST", "path": "/v1/sales", "status": 201, "fault": ""}],
    }  # fmt: skip
    assert "100,00" in ask(f"{shop.url}/")[1].decode()
    assert ask(f"{shop.url}/control/reset", b"")[:2] == (200, {})
    assert shop.sold == 0


@pytest.mark.parametrize(
    ("path", "body", "status", "why"),
    [
        ("control/refund", b"{}", 400, b"amount is missing"),
        ("control/refund", b'{"amount": "x"}', 400, b"invalid literal"),
        ("control/refund", b"[1]", 400, b"the body is no JSON object"),
        ("control/refund", b"{", 400, b"the body is no JSON: "),
        ("control/other", b"{}", 404, b"no such control"),
        ("other", b"", 404, b"no such page"),
        ("control/refund", b" " * 1001, 413, b"the body is too large"),
        ("v1/sales", b" " * 4000, 413, b"the body is too large"),
    ],
)
def test_what_is_not_understood(shop, path, body, status, why):
    got, text, _headers = ask(f"{shop.url}/{path}", body)
    assert got == status and text.startswith(why)
    assert shop.sold == 0


def test_a_refusal_leaves_the_connection_open(shop):
    link = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=10)
    for status in (404, 404):
        link.request("POST", "/other", b"body")
        answer = link.getresponse()
        assert (answer.status, answer.read()) == (status, b"no such page")
        assert link.sock
    link.close()


@pytest.mark.parametrize(("when", "sold"), [("before", 0), ("after", 5)])
@pytest.mark.parametrize(
    "fault", [{"fault": "close"}, {"fault": "timeout", "seconds": 0.1}, {"fault": "timeout"}]
)
def test_no_answer(shop, fault, when, sold):
    shop.misbehave({**fault, "when": when})
    with pytest.raises((http.client.RemoteDisconnected, TimeoutError)):
        buy(shop, 5, timeout=0.5)
    assert (shop.sold, shop.faults) == (sold, [])
    assert shop.calls[-1] == {"method": "POST", "path": "/v1/sales", "status": 0, "fault": fault["fault"]}


def test_other_answers(shop):
    shop.misbehave(503, 429, "garbage", "redirect", {"fault": "endless", "bytes": 70_000})
    status, page, _headers = buy(shop, 5)
    assert status == 503 and b"503 Service Unavailable" in page
    assert buy(shop, 5)[2]["Retry-After"] == "1"
    assert isinstance(buy(shop, 5)[1], bytes)
    assert buy(shop, 5)[2]["Location"] == "http://other.invalid/v1/sales"
    assert len(buy(shop, 5)[1]) == 70_000
    assert shop.sold == 0


def test_the_true_answer_in_another_way(shop):
    shop.misbehave({"fault": "slow", "seconds": 0.01}, {"fault": "trickle", "seconds": 0.001}, "cut")
    assert buy(shop, 5)[1] == {"sold": 5} and buy(shop, 5)[1] == {"sold": 10}
    with pytest.raises(http.client.IncompleteRead):
        buy(shop, 5)
    assert shop.sold == 15


def test_faults_for_some_calls(shop):
    shop.misbehave({"fault": "status", "status": 500, "method": "put", "times": 2})
    assert buy(shop, 5)[0] == 201
    assert [buy(shop, 5, method="PUT")[0] for _ in range(3)] == [500, 500, 201]
    ask(
        f"{shop.url}/control/misbehave", urllib.parse.urlencode({"next": '{"fault": "close"}'}).encode(), FORM
    )
    assert shop.look()["faults"] == [{"fault": "close", "when": "before"}]
    assert "Ångra" in ask(f"{shop.url}/")[1].decode()
    for wrong in ("sulk", {}, {"fault": "slow", "when": "before"}, {"fault": "close", "times": 0}, None):
        with pytest.raises((ValueError, TypeError)):
            shop.misbehave("close", wrong)
    assert shop.misbehave(clear=True) == []


def test_so_many_calls_a_second(shop):
    assert [shop.throttled("a", 2) for _ in range(3)] == [False, False, True]
    assert not shop.throttled("b", 2) and not shop.throttled("a", 0)


def test_started_again_it_answers_on_the_same_port(shop):
    port = shop.port
    with socket.create_connection(("127.0.0.1", port), timeout=10) as kept:
        kept.sendall(b"GET /state HTTP/1.1\r\nHost: x\r\n\r\n")
        assert kept.recv(65536)
        shop.stop()
        while kept.recv(65536):  # to its end
            pass
    shop.start(port)
    assert buy(shop, 5)[1] == {"sold": 5}


def test_files(tmp_path):
    write_whole(tmp_path / "whole", b"1")
    write_whole(tmp_path / "whole", b"2")
    assert [path.name for path in tmp_path.iterdir()] == ["whole"]
    lines = tmp_path / "lines"
    assert read_lines(lines) == []
    add_lines(lines, [{"a": "å"}, 2])
    with lines.open("ab") as torn:
        torn.write(b'{"a": ')
    assert read_lines(lines) == [{"a": "å"}, 2]
    add_lines(lines, [3])
    assert [json.loads(line) for line in lines.read_text().splitlines()] == [{"a": "å"}, 2, 3]


def test_amounts():
    space = "\N{NO-BREAK SPACE}"
    assert [kronor(ore) for ore in (0, -5, 123456789)] == ["0,00", "-0,05", f"1{space}234{space}567,89"]
