"""Requests and answers over HTTP on 127.0.0.1."""

import errno
import json
import socket
import socketserver
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit


class Wrong(Exception):
    """The request cannot be understood: 400 with this text, or another status."""

    def __init__(self, why: str, status: int = HTTPStatus.BAD_REQUEST):
        super().__init__(why)
        self.status = status


class Gone(Exception):
    """The connection is to be closed, whatever has been answered."""


@dataclass
class Answer:
    """What is answered: something as JSON, or bytes."""

    value: object = None
    status: int = 200
    headers: dict = field(default_factory=dict)
    data: bytes | None = None
    content_type: str = "application/json"

    def payload(self) -> bytes:
        if self.data is not None:
            return self.data
        return b"" if self.value is None else json.dumps(self.value, ensure_ascii=False).encode()


@contextmanager
def understood():
    """What cannot be done with what was told is the mistake of who told it."""
    try:
        yield
    except KeyError as error:
        raise Wrong(f"{error.args[0]} is missing") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise Wrong(str(error)) from error


@contextmanager
def binding(port: int):
    """Somebody else's port is told by its number."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise OSError(f"port {port} is taken") from error


def phrase_of(status: int) -> str:
    """404 is "Not Found"."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def parse_json(body: bytes, kinds=dict):
    """An object in JSON, or something of other kinds; nothing is an empty object."""
    try:
        told = json.loads(body or b"{}")
    except ValueError as error:
        raise Wrong(f"the body is no JSON: {error}") from error
    if not isinstance(told, kinds):
        raise Wrong("the body is no JSON object")
    return told


class Handler(BaseHTTPRequestHandler):
    """A connection. A simulator's own handler says in `respond` what it answers."""

    server: "Server"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together

    most = 1_000_000  # bytes of a body
    noted: dict = {}  # what is remembered of the call

    def log_message(self, *args) -> None:
        """Keeps quiet: standard output is for the port."""

    @property
    def service(self):
        return self.server.service

    # -- requests -----------------------------------------------------------------------------------------

    def do_GET(self) -> None:
        self.noted, split = {}, urlsplit(self.path)
        try:
            self.respond(unquote(split.path), split.query)
        except Wrong as wrong:
            self.refuse(wrong)
        except (Gone, OSError):
            self.close_connection = True

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def respond(self, path: str, query: str) -> None:
        """Answers a request. Its body has to be read, whatever is made of it."""
        raise NotImplementedError

    def body(self, most: int = 0) -> bytes:
        """The body of the request, of so many bytes at most."""
        most = most or self.most
        length = self.headers.get("Content-Length", "0" if "Transfer-Encoding" not in self.headers else "")
        if not length.isdecimal():
            self.close_connection = True
            raise Wrong("the length of the body is missing", HTTPStatus.LENGTH_REQUIRED)
        if int(length) > most:
            self.close_connection = True
            # Some of it is read, so that the sender gets to see the answer instead of a broken connection.
            left = min(int(length), 4 * most)
            while left > 0 and self.rfile.read(min(left, 65536)):
                left -= 65536
            raise Wrong("the body is too large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise Gone
        return body

    # -- answers ------------------------------------------------------------------------------------------

    def head(self, status: int, kind: str, headers: dict) -> None:
        """Sends the status and the headers."""
        self.noted["status"] = status  # before anybody has the answer
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()

    def send_head(self, sent: Answer, length: int) -> None:
        """Sends the head of an answer whose body has this length."""
        kind = sent.content_type if length else ""
        self.head(sent.status, kind, {"Content-Length": length, **sent.headers})

    def send(self, sent: Answer) -> None:
        data = sent.payload()
        self.send_head(sent, len(data))
        self.wfile.write(data)
        self.wfile.flush()

    def refuse(self, wrong: Wrong) -> None:
        text = Answer(status=wrong.status, data=str(wrong).encode(), content_type="text/plain; charset=utf-8")
        self.send(text)


class Server(ThreadingHTTPServer):
    """Serves on 127.0.0.1, each connection in a thread of its own. Port 0 is any free one; `url` tells."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, handler: type[Handler], port: int = 0, service=None):
        self.service = service
        self.stopping = threading.Event()
        self._open = set()
        super().__init__(("127.0.0.1", port), handler)

    @property
    def host(self) -> str:
        """The address with the port."""
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def start(self) -> "Server":
        """Serves in a thread of its own."""
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True, name="simulator").start()
        return self

    def stop(self) -> None:
        """Ends serving; calls that are kept waiting are let go."""
        self.stopping.set()
        self.shutdown()
        self.server_close()

    def server_bind(self) -> None:
        """Binds without asking for the host's name, which may take its time."""
        with binding(self.server_address[1]):
            socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address

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

    def handle_error(self, request, client_address) -> None:
        """Keeps quiet about clients that have gone; all else is told on standard error."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)
