"""The simulator over HTTP on 127.0.0.1."""

import json
import socket
import socketserver
import struct
import sys
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from .faults import FAULTS, JSON, Queue
from .things import Things

MAX_BODY = 30_000_000  # bytes
MAX_REQUESTS = 1000  # that are remembered


class _Wrong(Exception):
    """The request cannot be understood: an answer with this status, code and message."""

    def __init__(self, code: str, message: str, status: int = 400):
        super().__init__(message)
        self.code, self.status = code, status


class _Handler(BaseHTTPRequestHandler):
    server: "FaultyServer"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args) -> None:
        """Keeps quiet: standard output is for the port."""

    # -- requests ---------------------------------------------------------------------------------------

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        try:
            self.data = self._body()
            if path == "/state":
                self.answer(200, self.server.state())
            elif path == "/requests":
                self.answer(200, list(self.server.requests))
            elif path == "/control" and self.command == "POST":
                self._control()
            elif path == "/things" or path.startswith("/things/"):
                self._things()
            else:
                raise _Wrong("not_found", "there is nothing here", 404)
        except _Wrong as wrong:
            self.answer(wrong.status, {"error": {"code": wrong.code, "message": str(wrong)}})
        except OSError:
            self.close_connection = True  # the other side has given up

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            raise _Wrong("length", "the length of the body cannot be", 413)
        return self.rfile.read(int(length))

    def _json(self) -> dict:
        try:
            body = json.loads(self.data)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise _Wrong("json", "the body is no JSON object")
        return body

    def _control(self) -> None:
        body = self._json()
        try:
            if body.get("clear"):
                self.server.faults.clear()
            self.server.faults.add(body.get("faults", []))
        except (ValueError, AttributeError) as error:
            raise _Wrong("control", str(error)) from error
        self.answer(200, {"faults": self.server.faults.waiting()})

    def _things(self) -> None:
        self.server.requests.append({
            "method": self.command, "path": self.path, "body": self.data.decode("latin-1"),
            "headers": {name.title(): value for name, value in self.headers.items()},
        })  # fmt: skip
        fault = self.server.faults.take(self.command)
        if fault:
            FAULTS[fault["fault"]](self, fault, self._act)
        else:
            self.answer(*self._act())

    def _act(self) -> tuple[int, bytes]:
        """Does what was asked; the status and the body of the answer."""
        if self.command in ("GET", "HEAD"):
            key = parse_qs(urlsplit(self.path).query).get("key", [None])[0]
            return 200, json.dumps({"things": self.server.things.of(key)}).encode()
        if self.command not in ("PUT", "POST"):
            raise _Wrong("method", "things are only added", 405)
        body = self._json()
        if not isinstance(body.get("key"), str):
            raise _Wrong("key", "a thing has a key")
        return 201, json.dumps(self.server.things.accept(body["key"], body.get("value"))).encode()

    # -- answers, also for the faults -------------------------------------------------------------------

    def head(self, status: int, kind: str, headers: dict) -> None:
        """Sends the status and the headers."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()

    def answer(self, status: int, body, kind: str = JSON, headers: dict | None = None) -> None:
        """Sends a whole answer; a body that is neither bytes nor text is sent as JSON."""
        if not isinstance(body, bytes):
            body = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.head(status, kind, {**(headers or {}), "Content-Length": len(body)})
        if self.command != "HEAD":
            self.wfile.write(body)

    def hold(self, seconds: float) -> None:
        """Waits, but not longer than the server runs."""
        self.server.stopping.wait(seconds)

    def hang_up(self, at_once: bool = False) -> None:
        """Closes the connection; at once with a reset instead of an end."""
        self.close_connection = True
        if at_once:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            socket.close(self.connection.detach())
        else:
            self.connection.shutdown(socket.SHUT_WR)


class FaultyServer(ThreadingHTTPServer):
    """Serves any number of connections, each in a thread of its own.

    :param port: on 127.0.0.1; 0 is any free one, ``host`` tells which
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, things: Things | None = None, port: int = 0):
        super().__init__(("127.0.0.1", port), _Handler)
        self.things = things or Things()
        self.faults = Queue()
        self.requests: deque[dict] = deque(maxlen=MAX_REQUESTS)
        self.stopping = threading.Event()

    def server_bind(self) -> None:
        """Binds without asking for the host's name, which may take its time."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address

    @property
    def host(self) -> str:
        """The address with the port."""
        return f"127.0.0.1:{self.server_address[1]}"

    def state(self) -> dict:
        """What was accepted and how often twice, how many requests came, and the faults to come."""
        return {**self.things.counts(), "requests": len(self.requests), "faults": self.faults.waiting()}

    def handle_error(self, request, client_address) -> None:
        """Keeps quiet about clients that have gone; all else is told on standard error."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def start(self) -> "FaultyServer":
        """Serves in a thread."""
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True, name="faulty").start()
        return self

    def stop(self) -> None:
        """Ends serving; connections that are held are let go."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
