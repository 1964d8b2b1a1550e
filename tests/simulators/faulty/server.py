"""The simulator over HTTP on 127.0.0.1."""

import json
import socket
import struct
from collections import deque
from urllib.parse import parse_qs, urlsplit

from plumbing import Handler, Server, Wrong

from .faults import FAULTS, JSON, Queue
from .things import Things

MAX_REQUESTS = 1000  # that are remembered
MOST_AT_ONCE = 10  # things
LONGEST = 100  # characters of a value that is text


class _Wrong(Wrong):
    """The request cannot be understood: an answer with this status, code and message."""

    def __init__(self, code: str, message: str, status: int = 400):
        super().__init__(message, status)
        self.code = code


class _Handler(Handler):
    server: "FaultyServer"
    wbufsize = 0  # faults send bit by bit
    most = 30_000_000

    do_HEAD = Handler.do_GET

    # -- requests ---------------------------------------------------------------------------------------

    def respond(self, path: str, _query: str) -> None:
        self.data = self.body()
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

    def refuse(self, wrong: Wrong) -> None:
        code = getattr(wrong, "code", "length")
        self.answer(wrong.status, {"error": {"code": code, "message": str(wrong)}})

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
            keys = parse_qs(urlsplit(self.path).query).get("key", [None])
            found = [thing for key in keys for thing in self.server.things.of(key)]
            return 200, json.dumps({"things": found}).encode()
        if self.command not in ("PUT", "POST"):
            raise _Wrong("method", "things are only added", 405)
        body = self._json()
        done = self._accept_several(body) if "things" in body else self._accept(body)
        return 201, json.dumps(done).encode()

    def _accept(self, thing: dict) -> dict:
        key, value = thing.get("key"), thing.get("value")
        if not isinstance(key, str):
            raise _Wrong("key", "a thing has a key")
        if isinstance(value, str) and len(value) > LONGEST:
            raise _Wrong("value", f"a value has at most {LONGEST} characters", 422)
        return self.server.things.accept(key, value)

    def _accept_several(self, body: dict) -> dict:
        """Takes of several things those that are good: a result for each, in their order.

        One that is no object has all of them refused before any is taken.
        """
        things = body["things"]
        if not isinstance(things, list) or not all(isinstance(thing, dict) for thing in things):
            raise _Wrong("things", "they are a list of things")
        if len(things) > MOST_AT_ONCE:
            raise _Wrong("things", f"no more than {MOST_AT_ONCE} at once", 413)
        results = []
        for thing in things:
            try:
                results.append(self._accept(thing))
            except _Wrong as wrong:
                results.append({"error": {"code": wrong.code, "message": str(wrong)}})
        return {"results": results}

    # -- answers, also for the faults -------------------------------------------------------------------

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


class FaultyServer(Server):
    """Serves any number of connections.

    :param port: on 127.0.0.1; 0 is any free one, ``host`` tells which
    """

    def __init__(self, things: Things | None = None, port: int = 0):
        super().__init__(_Handler, port)
        self.things = things or Things()
        self.faults = Queue()
        self.requests: deque[dict] = deque(maxlen=MAX_REQUESTS)

    def state(self) -> dict:
        """What was accepted and how often twice, how many requests came, and the faults to come."""
        return {**self.things.counts(), "requests": len(self.requests), "faults": self.faults.waiting()}
