"""The simulator over HTTP on 127.0.0.1: the service's API, what controls the simulator, and a page."""

import json
import select
import socket
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from .calls import BASE, TOKEN, Answer, Call, answer, token
from .errors import Problem, api_error, spring_error
from .faults import Fault
from .page import page
from .service import BjornLunden

MAX_JSON = 1_000_000  # bytes of a request that is no document
USUAL_SECONDS = {"timeout": 300, "slow": 2, "trickle": 0.2}
_PROXY_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>\r\n"


class _Wrong(Exception):
    """The request cannot be understood: 400 with this text, or another status."""

    def __init__(self, why: str, status: int = HTTPStatus.BAD_REQUEST):
        super().__init__(why)
        self.status = status


class _Gone(Exception):
    """The connection is to be closed, whatever has been answered."""


class _Handler(BaseHTTPRequestHandler):
    service: BjornLunden
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written one after the other
    noted: dict = {}  # what is remembered of the call

    def log_message(self, *args) -> None:
        """Keeps quiet: standard output is for the port."""

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def _handle(self) -> None:
        self.noted, split = {}, urlsplit(self.path)
        path = unquote(split.path)
        try:
            if path == TOKEN or path.startswith(BASE + "/"):
                self._outside(path, split.query)
            else:
                self._inside(path)
        except _Wrong as wrong:
            self.close_connection = True  # the body may be unread
            self._text(wrong.status, str(wrong))
        except (_Gone, OSError):
            self.close_connection = True

    def _body(self, most: int) -> bytes:
        length = self.headers.get("Content-Length", "0" if "Transfer-Encoding" not in self.headers else "")
        if not length.isdecimal():
            raise _Wrong("the length of the body is missing", HTTPStatus.LENGTH_REQUIRED)
        if int(length) > most:
            # Some of it is read, so that the sender gets to see the answer instead of a broken connection.
            for _ in range(min(int(length), 4 * most) // 65536):
                self.rfile.read(65536)
            raise _Wrong("the body is too large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise _Gone
        return body

    # -- the service --------------------------------------------------------------------------------------

    def _outside(self, path: str, query: str) -> None:
        service = self.service
        body = self._body(service.settings["document_bytes"] + MAX_JSON)
        under = path[len(BASE) :] if path != TOKEN else path
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault = service.take_fault(self.command, under)

        def act() -> Answer:
            if path != TOKEN:
                parameters = dict(parse_qsl(query, keep_blank_values=True))
                return answer(service, Call(self.command, under, parameters, headers, body))
            if self.command != "POST":
                return Answer(spring_error(405, "Method Not Allowed", path, service.now()), 405)
            return token(service, headers, body)

        asked = under + ("?" + query if query else "")
        self.noted = service.note(
            self.command, asked, headers.get("user-key", ""), fault.fault if fault else ""
        )
        true = None
        if not fault or fault.when == "after":
            try:
                true = act()
            except Exception as error:
                # As the service does when its own code fails; the text is for whoever runs the simulator.
                super().log_message("%s", f"{path}: {error!r}")
                problem = Problem("DATABASE_ERROR", status=500)
                true = Answer(api_error(problem, path, service.now()), 500)
        if fault:
            self._play(fault, true, path)
        else:
            self._send(true)

    def _play(self, fault: Fault, true: Answer | None, path: str) -> None:
        now, seconds = self.service.now(), fault.seconds or USUAL_SECONDS.get(fault.fault, 0)
        if fault.fault == "close":
            raise _Gone
        if fault.fault == "timeout":
            self._hold(seconds)
            raise _Gone
        if fault.fault == "slow":
            self._hold(seconds)
            self._send(true)
        elif fault.fault == "status":
            extra = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            if fault.status == 429:
                extra.setdefault("Retry-After", "1")
            with suppress(ValueError):
                phrase = HTTPStatus(fault.status).phrase
                html = fault.body or _PROXY_PAGE.format(f"{fault.status} {phrase}")
                kind = "text/html" if not fault.body else fault.content_type
                self._send(Answer(status=fault.status, headers=extra, data=html.encode(), content_type=kind))
                return
            self._send(Answer(status=fault.status, headers=extra, data=b""))
        elif fault.fault == "error":
            problem = Problem(fault.exception_id, fault.message or None, status=fault.status or None)
            extra = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            self._send(Answer(api_error(problem, path, now), problem.status, extra))
        elif fault.fault == "spring":
            status = fault.status or 500
            text = fault.message or "No message available"
            self._send(Answer(spring_error(status, text, path, now), status))
        elif fault.fault == "garbage":
            data = (fault.body or '\x00{"entityId": 1, "journal').encode()
            self._send(Answer(data=data, content_type=fault.content_type))
        elif fault.fault == "redirect":
            place = fault.location or f"http://other.invalid{self.path}"
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
        if fault.declared and fault.bytes:
            self.send_header("Content-Length", str(fault.bytes))
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
            self._hold(fault.seconds or USUAL_SECONDS["trickle"])
            if self.service.stopping.is_set():
                raise _Gone

    def _cut(self, _fault: Fault, true: Answer) -> None:
        data = true.payload() or b" "
        self._head(true, len(data))
        self.wfile.write(data[: len(data) // 2])
        raise _Gone

    # -- the simulator itself -----------------------------------------------------------------------------

    def _inside(self, path: str) -> None:
        service, body = self.service, self._body(MAX_JSON)
        if self.command == "GET" and path == "/":
            self._send(Answer(data=page(service).encode(), content_type="text/html; charset=utf-8"))
        elif self.command == "GET" and path == "/state":
            self._send(Answer(service.look()))
        elif self.command == "GET" and path.startswith("/documents/"):
            self._document(path[len("/documents/") :])
        elif self.command == "POST" and path in _CONTROLS:
            # curl -d and others call everything a form.
            form = "x-www-form-urlencoded" in self.headers.get("Content-Type", "") and body[:1] not in b"{["
            try:
                told = dict(parse_qsl(body.decode())) if form else json.loads(body or b"{}")
                if not isinstance(told, dict):
                    raise _Wrong("the body is no JSON object")
                if "key" not in told and service.companies:
                    told["key"] = next(iter(service.companies))
                done = _CONTROLS[path](service, told)
            except KeyError as error:
                raise _Wrong(f"{error.args[0]} is missing") from error
            except (ValueError, TypeError, AttributeError) as error:
                raise _Wrong(str(error)) from error
            if form:
                self._send(Answer(status=303, headers={"Location": "/"}, data=b""))
            else:
                self._send(Answer(done))
        else:
            raise _Wrong("no such page", HTTPStatus.NOT_FOUND)

    def _document(self, number: str) -> None:
        with self.service.lock:
            found = [c.documents[number] for c in self.service.companies.values() if number in c.documents]
            if not found:
                raise _Wrong("no such document", HTTPStatus.NOT_FOUND)
            data = self.service.content(found[0])
        name = quote(found[0]["name"], errors="replace")
        extra = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "X-Content-Type-Options": "nosniff",
        }
        self._send(Answer(data=data, headers=extra, content_type=found[0]["contentType"]))

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

    def _text(self, status: int, text: str) -> None:
        self._send(Answer(status=status, data=text.encode(), content_type="text/plain; charset=utf-8"))


# -- what can be asked of the simulator -----------------------------------------------------------------


def _misbehave(service: BjornLunden, told: dict) -> dict:
    """{"next": [faults], "clear": true}; a form has one fault."""
    orders = told.get("next", [])
    if isinstance(orders, str):
        orders = [json.loads(orders)]
    return {"faults": service.misbehave(*orders, clear=bool(told.get("clear")))}


def _settings(service: BjornLunden, told: dict) -> dict:
    return service.set(**{name: value for name, value in told.items() if name != "key"})


def _connect(on: bool):
    def work(service: BjornLunden, told: dict) -> dict:
        called = service.connect(told["key"], on, told.get("callback"))
        return {"key": service.company(told["key"]).key, "connected": on, "callback": called}

    return work


def _period(service: BjornLunden, told: dict) -> dict:
    return service.lock_period(told["key"], told["period"], told.get("locked", True) not in (False, "", "0"))


def _company(service: BjornLunden, told: dict) -> dict:
    told = dict(told)
    return service.change(told.pop("key"), **told).binding()


def _item(section: str):
    """Adds or changes one item of a company: {"key": …, "id": …, …}."""

    def work(service: BjornLunden, told: dict) -> dict:
        item = {name: value for name, value in told.items() if name != "key"}
        company = service.change(service.company(told["key"]).key, **{section: [item]})
        return {"key": company.key, section: [item]}

    return work


def _expire(service: BjornLunden, _told: dict) -> dict:
    service.expire_tokens()
    return {}


def _reset(service: BjornLunden, _told: dict) -> dict:
    service.reset()
    return {}


_CONTROLS = {
    "/control/misbehave": _misbehave,
    "/control/settings": _settings,
    "/control/company": _company,
    "/control/connect": _connect(True),
    "/control/disconnect": _connect(False),
    "/control/period": _period,
    "/control/account": _item("accounts"),
    "/control/journal": _item("journals"),
    "/control/financialyear": _item("financialYears"),
    "/control/costcenter": _item("costCenters"),
    "/control/costbearer": _item("costBearers"),
    "/control/project": _item("projects"),
    "/control/expire-tokens": _expire,
    "/control/reset": _reset,
}


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


def start(service: BjornLunden, port: int = 0) -> ThreadingHTTPServer:
    """Starts serving on 127.0.0.1 in a thread of its own; `server_address[1]` tells the port."""
    server = _Server(("127.0.0.1", port), type("Handler", (_Handler,), {"service": service}))
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True, name="bjornlunden"
    ).start()
    return server
