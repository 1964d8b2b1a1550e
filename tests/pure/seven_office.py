"""Answers of 24SevenOffice as its tests need them, and a server that gives them over HTTP."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from xml.etree import ElementTree

NAMESPACE = "http://24sevenOffice.com/webservices"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
APPLICATION = "0f0e0d0c-0b0a-4908-8706-050403020100"
IDENTITY = "1f1e1d1c-1b1a-4918-9716-151413121110"
PASSWORD = "Hemligt-42"


def envelope(body: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{SOAP}" xmlns:xsi="{XSI}">'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


def answer(operation: str, result: str | None = "") -> bytes:
    """The answer to an operation, its result as XML; None for none at all."""
    held = "" if result is None else f"<{operation}Result>{result}</{operation}Result>"
    return envelope(f'<{operation}Response xmlns="{NAMESPACE}">{held}</{operation}Response>')


def fault(words: str, code: str = "soap:Server") -> bytes:
    return envelope(
        f"<soap:Fault><faultcode>{code}</faultcode><faultstring>{words}</faultstring><detail /></soap:Fault>"
    )


def elements(body: bytes) -> list[tuple[str, str | None]]:
    """Name and text of each element of a call, from the operation's own on, in their order."""
    told = ElementTree.fromstring(body)[0][0]
    return [(element.tag.replace(f"{{{NAMESPACE}}}", ""), element.text) for element in told.iter()]


@dataclass
class Call:
    """What the server was sent."""

    path: str
    headers: dict
    body: bytes = field(repr=False)

    @property
    def operation(self):
        return elements(self.body)[0][0]

    @property
    def session(self):
        return self.headers.get("Cookie")


@contextmanager
def playing(give):
    """A server; `give` is told each call and returns a body, or (status, body, headers).

    Yields its address and the list of calls.
    """
    calls = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            call = Call(self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"])))
            calls.append(call)
            given = give(call)
            status, body, headers = given if isinstance(given, tuple) else (200, given, {})
            self.send_response(status)
            for name, value in {"Content-Type": "text/xml; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", calls
        finally:
            server.shutdown()
            thread.join()
