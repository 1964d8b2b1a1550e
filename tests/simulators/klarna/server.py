"""The simulator over HTTP on 127.0.0.1: the services' APIs, what controls the simulator, and a page."""

import base64
import binascii
import json
import select
import socket
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from .acts import ACTS
from .calls import BASE, ORDERS, Answer, Call, Problem, answer, error, error_of, name_of
from .faults import Fault
from .page import page
from .scenarios import named
from .service import Klarna

MAX_BODY = 50_000_000  # bytes: a scenario may be long
USUAL_SECONDS = {"timeout": 300, "slow": 2, "trickle": 0.2}
_CHANGES_ANSWER = ("repeat", "lack", "shuffle", "next", "totals", "changed", "slow", "trickle", "cut")


class _Wrong(Exception):
    """The request cannot be understood: 400 with this text, or another status."""

    def __init__(self, why: str, status: int = HTTPStatus.BAD_REQUEST):
        super().__init__(why)
        self.status = status


class _Gone(Exception):
    """The connection is to be closed, whatever has been answered."""


class _Handler(BaseHTTPRequestHandler):
    service: Klarna
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together
    noted: dict = {}  # what is remembered of the call

    def log_message(self, *args) -> None:
        """Keeps quiet: standard output is for the port."""

    def handle(self) -> None:
        with suppress(OSError):  # somebody who left has no use for what is still to be sent
            super().handle()

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def _handle(self) -> None:
        self.noted, split = {}, urlsplit(self.path)
        path = unquote(split.path)
        try:
            if path.startswith((BASE + "/", ORDERS + "/")):
                self._body()
                self._outside(path.removeprefix(BASE), split.query)
            else:
                self._inside(path)
        except _Wrong as wrong:
            self.close_connection = True  # the body may be unread
            self._text(wrong.status, str(wrong))
        except (_Gone, OSError):
            self.close_connection = True

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0" if "Transfer-Encoding" not in self.headers else "")
        if not length.isdecimal():
            raise _Wrong("the length of the body is missing", HTTPStatus.LENGTH_REQUIRED)
        if int(length) > MAX_BODY:
            raise _Wrong("the body is too large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise _Gone
        return body

    # -- the services -------------------------------------------------------------------------------------

    def _credentials(self) -> tuple:
        """(user, password) of the request, empty when there are none."""
        kind, _space, told = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "basic":
            return "", ""
        try:
            user, _colon, password = base64.b64decode(told.strip(), validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return "", ""
        return user, password

    def _base(self) -> str:
        """This server as it was called: what links begin with, so that they can be followed from there."""
        host = self.headers.get("Host", "")
        name, _colon, port = host.rpartition(":")
        known = name in ("127.0.0.1", "localhost") and port.isdecimal()
        return f"http://{host}" if known else self.service.url

    def _outside(self, path: str, query: str) -> None:
        service = self.service
        user, password = self._credentials()
        merchant = service.known(user, password)
        fault = service.take_fault(path, merchant.id if merchant else "")
        asked = path + ("?" + query if query else "")
        self.noted = service.note(asked, name_of(path), user, fault.fault if fault else "")
        if fault and fault.fault not in _CHANGES_ANSWER:
            self._play(fault)
            return
        call = None
        if not merchant:
            true = error(Problem("UNAUTHORIZED", "Invalid credentials", 401))
        elif self.command != "GET":
            true = error(Problem("METHOD_NOT_ALLOWED", "Method not allowed", 405))
        elif service.throttled(merchant.id):
            true = error_of(429)
            true.headers["Retry-After"] = "1"
        else:
            parameters = dict(parse_qsl(query, keep_blank_values=True))
            call = Call(merchant, path, parameters, self._base(), fault)
            with service.lock:
                true = answer(call)
        if fault and fault.fault in ("slow", "trickle", "cut"):
            self._play(fault, true)
        else:
            if fault and fault.fault == "changed" and call:
                for payout in call.told:
                    service.do(
                        "amend", merchant.id, payment_reference=payout.reference, type="CORRECTION",
                        at=payout.at, amount=fault.amount, detailed_type="CORRECTION",
                    )  # fmt: skip
            self._send(true)

    def _play(self, fault: Fault, true: Answer | None = None) -> None:
        seconds = fault.seconds or USUAL_SECONDS.get(fault.fault, 0)
        if fault.fault == "close":
            raise _Gone
        if fault.fault == "timeout":
            self._hold(seconds)
            raise _Gone
        if fault.fault == "slow":
            self._hold(seconds)
            self._send(true)
        elif fault.fault == "status":
            wrong = error_of(fault.status, fault.error_code)
            if fault.body:
                wrong.data, wrong.content_type = fault.body.encode(), fault.content_type
            if fault.retry_after or fault.status == 429:
                wrong.headers["Retry-After"] = fault.retry_after or "1"
            self._send(wrong)
        elif fault.fault == "garbage":
            data = (fault.body or '\x00{"payouts": [{"totals').encode()
            self._send(Answer(data=data, content_type=fault.content_type))
        elif fault.fault == "redirect":
            place = fault.location.rstrip("/") + self.path
            self._send(Answer(status=fault.status or 307, headers={"Location": place}, data=b""))
        else:
            {"endless": self._endless, "trickle": self._trickle, "cut": self._cut}[fault.fault](fault, true)

    def _hold(self, seconds: float) -> None:
        """Waits, but no longer than somebody is there to be kept waiting."""
        until = time.monotonic() + seconds
        while not self.service.stopping.is_set() and time.monotonic() < until:
            readable, _w, _x = select.select([self.connection], [], [], min(0.05, seconds))
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                raise _Gone
            if readable:  # the next request already: there is nothing to see any more
                time.sleep(0.01)

    def _endless(self, fault: Fault, _true) -> None:
        self.noted["status"] = 200
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", fault.content_type)
        self.send_header("Connection", "close")
        self.end_headers()
        left, chunk = fault.bytes, b'{"data": "' + b"x" * 65526
        while not self.service.stopping.is_set():
            self.wfile.write(chunk[:left] if fault.bytes else chunk)
            left, chunk = left - len(chunk), b"x" * 65536
            if fault.bytes and left <= 0:
                break
        raise _Gone

    def _trickle(self, fault: Fault, true: Answer) -> None:
        data = true.payload()
        self._head(true, len(data))
        for place in range(len(data)):
            self.wfile.write(data[place : place + 1])
            self.wfile.flush()
            self._hold(fault.seconds or USUAL_SECONDS["trickle"])
            if self.service.stopping.is_set():
                raise _Gone

    def _cut(self, _fault: Fault, true: Answer) -> None:
        data = true.payload() or b" "
        self._head(true, len(data))
        self.wfile.write(data[: len(data) // 2])
        self.wfile.flush()
        raise _Gone

    # -- the simulator itself -----------------------------------------------------------------------------

    def _inside(self, path: str) -> None:
        service, body = self.service, self._body()
        if self.command == "GET" and path == "/":
            self._send(Answer(data=page(service).encode(), content_type="text/html; charset=utf-8"))
        elif self.command == "GET" and path == "/state":
            self._send(Answer(service.look()))
        elif self.command == "POST" and path.startswith("/control/"):
            self._control(path.removeprefix("/control/"), body)
        else:
            raise _Wrong("no such page", HTTPStatus.NOT_FOUND)

    def _control(self, name: str, body: bytes) -> None:
        # curl -d and others call everything a form.
        form = "x-www-form-urlencoded" in self.headers.get("Content-Type", "") and body[:1] not in b"{["
        try:
            told = dict(parse_qsl(body.decode())) if form else json.loads(body or b"{}")
            if not isinstance(told, dict) and name != "scenario":
                raise _Wrong("the body is no JSON object")
            if name in _CONTROLS:
                done = _CONTROLS[name](self.service, told)
            elif name in ACTS:
                done = self.service.do(name, **told)
            else:
                raise _Wrong("no such control", HTTPStatus.NOT_FOUND)
        except KeyError as wrong:
            raise _Wrong(f"{wrong.args[0]} is missing") from wrong
        except (ValueError, TypeError, AttributeError) as wrong:
            raise _Wrong(str(wrong)) from wrong
        if form:
            self._send(Answer(status=303, headers={"Location": "/"}, data=b""))
        else:
            self._send(Answer(done))

    # -- answers ------------------------------------------------------------------------------------------

    def _head(self, sent: Answer, length: int) -> None:
        self.noted["status"] = sent.status  # before anybody has the answer
        self.send_response(sent.status)
        if length:
            self.send_header("Content-Type", sent.content_type)
        self.send_header("Content-Length", str(length))
        for name, value in sent.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, sent: Answer) -> None:
        data = sent.payload()
        self._head(sent, len(data))
        self.wfile.write(data)
        self.wfile.flush()

    def _text(self, status: int, text: str) -> None:
        self._send(Answer(status=status, data=text.encode(), content_type="text/plain; charset=utf-8"))


# -- what can be asked of the simulator, besides the acts ---------------------------------------------------


def _misbehave(service: Klarna, told: dict) -> dict:
    """{"next": [faults], "clear": true}; a form has one fault."""
    orders = told.get("next", [])
    if isinstance(orders, str):
        orders = [json.loads(orders)]
    return {"faults": service.misbehave(*orders, clear=bool(told.get("clear")))}


def _scenario(service: Klarna, told) -> dict:
    """A scenario, or the name of one: {"name": "reference"}."""
    if isinstance(told, dict) and "name" in told:
        if told["name"].split(":")[0] not in ("reference", "second-month", "many"):
            raise ValueError("no scenario has that name")
        told = named(told["name"])
    return {"done": len(service.load(told))}


def _reset(service: Klarna, _told: dict) -> dict:
    service.reset()
    return {}


_CONTROLS = {"misbehave": _misbehave, "scenario": _scenario, "reset": _reset}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, *args):
        self._open = set()
        super().__init__(*args)

    def process_request(self, request, client_address) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Closes the kept connections as well: a service that has stopped answers nothing."""
        super().server_close()
        for request in list(self._open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)


def start(service: Klarna, port: int = 0) -> ThreadingHTTPServer:
    """Starts serving on 127.0.0.1 in a thread of its own; `server_address[1]` tells the port."""
    server = _Server(("127.0.0.1", port), type("Handler", (_Handler,), {"service": service}))
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True, name="klarna"
    ).start()
    return server
