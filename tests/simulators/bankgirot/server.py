"""The simulator over HTTP on 127.0.0.1: an API in JSON and a small page in Swedish."""

import json
import threading
from datetime import date
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from . import bankdays
from .incoming import Refused
from .machine import MAX_AHEAD
from .page import page
from .station import Station

MAX_FILE = 50_000_000  # bytes
MAX_JSON = 1_000_000


class _Wrong(Exception):
    """The request cannot be understood: 400 with this text, or another status."""

    def __init__(self, why: str, status: int = HTTPStatus.BAD_REQUEST):
        super().__init__(why)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    station: Station
    protocol_version = "HTTP/1.1"

    def log_message(self, *args) -> None:
        """Keeps quiet: standard output is for the port."""

    # -- requests ---------------------------------------------------------------------------------------

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        with self.station.lock:
            machine = self.station.machine
            if path == "/":
                self._answer(HTTPStatus.OK, page(machine).encode(), "text/html; charset=utf-8")
            elif path == "/reports":
                listed = [
                    {"name": r["name"], "kind": r["kind"], "date": r["date"], "size": len(r["data"])}
                    for r in machine.reports
                ]
                self._json(listed)
            elif path.startswith("/reports/"):
                data = next((r["data"] for r in machine.reports if r["name"] == path[9:]), None)
                if data is None:
                    self._text(HTTPStatus.NOT_FOUND, "no such report")
                else:
                    self._answer(HTTPStatus.OK, data.encode("latin-1"), "text/plain; charset=iso-8859-1")
            elif path == "/state":
                self._json({
                    **machine.to_json(), "busy": machine.busy(), "executed_twice": machine.executed_twice,
                })  # fmt: skip
            else:
                self._text(HTTPStatus.NOT_FOUND, "no such page")

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        try:
            if path == "/files":
                self._file()
                return
            work = _WORKS.get(path)
            if not work:
                raise _Wrong("no such page", HTTPStatus.NOT_FOUND)
            body = self._body_json()
            try:
                answer = work(self.station, body)
            except KeyError as error:
                raise _Wrong(f"{error.args[0]} is missing") from error
            self._json(answer)
        except _Wrong as wrong:
            self.close_connection = True  # the body may be unread
            self._text(wrong.status, str(wrong))
        except (ValueError, TypeError, AttributeError) as error:
            self._text(HTTPStatus.BAD_REQUEST, str(error))

    def _file(self) -> None:
        data = self._body(MAX_FILE)
        name = unquote(self.headers.get("X-Filename", ""))
        try:
            receipt, given = self.station.take(data, name)
        except Refused as refusal:
            self._json(
                {"line": refusal.line, "column": refusal.column, "why": refusal.why},
                HTTPStatus.UNPROCESSABLE_ENTITY,
            )
            return
        self._json(
            {"receipt": receipt.to_json(), "reports": [name for name, _data in given], **_clock(self.station)}
        )

    def _body(self, limit: int) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise _Wrong("the length of the body is missing", HTTPStatus.LENGTH_REQUIRED)
        if int(length) > limit:
            # Some of it is read, so that the sender gets to see the answer instead of a broken connection.
            for _ in range(min(int(length), 4 * limit) // 65536):
                self.rfile.read(65536)
            raise _Wrong("the body is too large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self.rfile.read(int(length))

    def _body_json(self) -> dict:
        try:
            body = json.loads(self._body(MAX_JSON) or b"{}")
        except ValueError as error:
            raise _Wrong(f"the body is no JSON: {error}") from error
        if not isinstance(body, dict):
            raise _Wrong("the body is no JSON object")
        return body

    # -- answers ----------------------------------------------------------------------------------------

    def _answer(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _text(self, status: int, text: str) -> None:
        self._answer(status, text.encode(), "text/plain; charset=utf-8")

    def _json(self, value, status: int = HTTPStatus.OK) -> None:
        self._answer(status, json.dumps(value, ensure_ascii=False).encode(), "application/json")


# -- what can be asked for ------------------------------------------------------------------------------


def _clock(station: Station) -> dict:
    today = station.machine.today
    return {"today": today.isoformat() if today else None}


def _advance(station: Station, body: dict) -> dict:
    """{"to": "YYYY-MM-DD"} or {"banking_days": n}."""
    today = station.machine.today
    if "to" in body:
        to = date.fromisoformat(body["to"])
    else:
        days = body["banking_days"]
        if not today:
            raise ValueError("the clock has not been set")
        if not isinstance(days, int) or not 0 < days <= 1000:
            raise ValueError("banking_days is 1–1000")
        to = bankdays.after(today, days)
    if today and to < today:
        raise ValueError(f"the clock stands at {today} and does not go back")
    if today and (to - today).days > MAX_AHEAD:
        raise ValueError("that is more than four years ahead")
    given = station.advance(to)
    return {"reports": [name for name, _data in given], **_clock(station)}


def _outcomes(station: Station, body: dict) -> dict:
    """Sections of outcomes; those not named stay."""
    station.do(lambda machine: machine.set_outcomes(body))
    return station.machine.outcomes


def _done(station: Station, work) -> dict:
    result, names = station.do(work)
    return {**(result or {}), "reports": names, **_clock(station)}


def _apply(station: Station, body: dict) -> dict:
    return _done(station, lambda machine: machine.apply_for_mandate(**body).to_json())


def _end(station: Station, body: dict) -> dict:
    return _done(station, lambda machine: machine.end_mandate(**body))


def _refund(station: Station, body: dict) -> dict:
    return _done(station, lambda machine: machine.refund(**body).to_json())


def _payee(station: Station, body: dict) -> dict:
    return _done(station, lambda machine: machine.add_payee(**body).to_json())


def _close(station: Station, body: dict) -> dict:
    return _done(station, lambda machine: machine.close_payee(**body))


def _register(station: Station, body: dict) -> dict:
    """{"bankgiro": …, "register": "mandates" | "monitoring"}."""
    which = {"mandates": "mandate_register", "monitoring": "monitoring_register"}.get(body["register"])
    if not which:
        raise ValueError("register is mandates or monitoring")

    def extract(machine) -> None:
        getattr(machine, which)(body["bankgiro"])

    return _done(station, extract)


def _misbehave(station: Station, body: dict) -> dict:
    return _done(station, lambda machine: machine.misbehave(body["next_report"]))


_WORKS = {
    "/clock": _advance,
    "/outcomes": _outcomes,
    "/electronic-mandates": _apply,
    "/end-mandate": _end,
    "/refunds": _refund,
    "/payees": _payee,
    "/close-payee": _close,
    "/registers": _register,
    "/misbehave": _misbehave,
}


def start(station: Station, port: int = 0) -> ThreadingHTTPServer:
    """Starts serving on 127.0.0.1 in a thread of its own; `server_address[1]` tells the port."""
    handler = type("Handler", (_Handler,), {"station": station})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True, name="bankgirot").start()
    return server
