"""Misbehaviour that was ordered: what goes wrong with which of the coming calls, and how it does."""

import re
import select
import socket
import time
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase

from .http import Answer, Gone, Handler, phrase_of

# What can go wrong with any service, and whether it has acted on the call by then, unless the order says
# otherwise.
KINDS = {
    "timeout": "before",  # no answer for `seconds`, then the connection is closed
    "close": "before",  # the connection is closed without an answer
    "status": "before",  # `status` with a proxy's HTML page, or `body`; 429 with `retry_after`
    "garbage": "before",  # 200 with `body`, which is no JSON, as `content_type`
    "redirect": "before",  # `status` (307) to `location`
    "endless": "before",  # 200 and a body of `bytes`, or without end when it is 0
    "slow": "after",  # the true answer after `seconds`
    "trickle": "after",  # the true answer, one byte every `seconds`
    "cut": "after",  # the true answer, but the connection is closed in the midst of it
}
ELSEWHERE = "http://other.invalid"
_USUAL_SECONDS = {"timeout": 300, "slow": 2, "trickle": 0.2}
_PROXY_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>\r\n"


@dataclass
class Fault:
    """One order. `path` is compared with the path under the API's base; `*` stands for anything."""

    fault: str
    when: str = ""  # before or after the call is acted on; what is usually after it needs a true answer
    method: str = "*"
    path: str = "*"
    times: int = 1
    seconds: float = 0  # 0: as long as is usual of the kind
    status: int = 0
    retry_after: str = ""
    body: str = ""
    content_type: str = "application/json"
    location: str = ""
    bytes: int = 200_000_000
    declared: bool = False  # an endless answer that tells its length

    kinds = KINDS

    @classmethod
    def of(cls, told) -> "Fault":
        """An order: an object, or short."""
        if isinstance(told, int | str):
            told = cls.short(str(told))
        if not isinstance(told, dict):
            raise ValueError("a fault is an object or a text")
        told, types = dict(told), {f.name: f.type for f in fields(cls)}
        for name, value in told.items():
            if name not in types:
                raise ValueError(f"{name} is not known of a fault")
            if name == "retry_after":
                told[name] = str(value)
            elif isinstance(value, bool) != (types[name] is bool) or not isinstance(
                value, {float: (int, float)}.get(types[name], types[name])
            ):
                raise ValueError(f"{name} is of the wrong type")
        fault = cls(**told)
        fault.check()
        return fault

    @classmethod
    def short(cls, told: str) -> dict:
        """A kind, or a status."""
        is_status = re.fullmatch(r"\d{3}", told)
        return {"fault": "status", "status": int(told)} if is_status else {"fault": told}

    def check(self) -> None:
        """Raises ValueError for an order that is impossible, and completes one that is not."""
        if self.fault not in self.kinds:
            raise ValueError(f"fault is one of {', '.join(self.kinds)}")
        usual = self.kinds[self.fault]
        self.when = self.when or usual
        if self.when not in ("before", "after") or (self.when, usual) == ("before", "after"):
            raise ValueError(f"{self.fault}: when is not possible")
        if not 1 <= self.times <= 1000 or self.seconds < 0 or self.bytes < 0:
            raise ValueError("times, seconds or bytes is out of range")
        if self.status and not 100 <= self.status <= 599:
            raise ValueError("status is out of range")
        if self.fault == "status" and not self.status:
            raise ValueError("a status is missing")
        if any(ord(c) < 32 for c in self.retry_after + self.content_type + self.location):
            raise ValueError("a header has no control characters")

    def hits(self, method: str, path: str) -> bool:
        """Whether it is meant for such a call."""
        return fnmatchcase(method, self.method.upper()) and fnmatchcase(path, self.path)

    def to_json(self) -> dict:
        """Without what is as usual."""
        return {
            f.name: value
            for f, value in zip(fields(self), asdict(self).values(), strict=True)
            if value != f.default
        }

    @property
    def headers(self) -> dict:
        """Those of an answer with its status."""
        wait = self.retry_after or ("1" if self.status == 429 else "")
        return {"Retry-After": wait} if wait else {}


def play(handler: Handler, fault: Fault, true: Answer | None) -> None:
    """Has a call go wrong in one of the ways above."""
    kind, seconds = fault.fault, fault.seconds or _USUAL_SECONDS.get(fault.fault, 0)
    if kind == "close":
        raise Gone
    if kind == "timeout":
        _hold(handler, seconds)
        raise Gone
    if kind == "slow":
        _hold(handler, seconds)
        handler.send(true)
    elif kind == "status":
        page = _PROXY_PAGE.format(f"{fault.status} {phrase_of(fault.status)}")
        sent = Answer(
            status=fault.status, headers=fault.headers, data=page.encode(), content_type="text/html"
        )
        if fault.body:
            sent.data, sent.content_type = fault.body.encode(), fault.content_type
        handler.send(sent)
    elif kind == "garbage":
        text = fault.body or '\x00{"id": 1, "rows": [{"num'
        handler.send(Answer(data=text.encode(), content_type=fault.content_type))
    elif kind == "redirect":
        place = fault.location or ELSEWHERE + handler.path
        handler.send(Answer(status=fault.status or 307, headers={"Location": place}, data=b""))
    elif kind == "endless":
        _endless(handler, fault)
    elif kind == "trickle":
        data = true.payload()
        handler.send_head(true, len(data))
        for place in range(len(data)):
            handler.wfile.write(data[place : place + 1])
            handler.wfile.flush()
            _hold(handler, seconds)
            if handler.server.stopping.is_set():
                raise Gone
    else:
        data = true.payload() or b" "
        handler.send_head(true, len(data))
        handler.wfile.write(data[: len(data) // 2])
        raise Gone


def _hold(handler: Handler, seconds: float) -> None:
    """Waits, but no longer than somebody is there to be kept waiting."""
    until = time.monotonic() + seconds
    while not handler.server.stopping.is_set() and time.monotonic() < until:
        readable, _w, _x = select.select([handler.connection], [], [], min(0.05, seconds))
        if readable and not handler.connection.recv(1, socket.MSG_PEEK):
            raise Gone
        if readable:  # the next request already: there is nothing to see any more
            time.sleep(0.01)


def _endless(handler: Handler, fault: Fault) -> None:
    length = {"Content-Length": fault.bytes} if fault.declared and fault.bytes else {}
    handler.head(200, fault.content_type, {**length, "Connection": "close"})
    left, chunk = fault.bytes, b'{"data": "' + b"x" * 65526
    while not handler.server.stopping.is_set():
        handler.wfile.write(chunk[:left] if fault.bytes else chunk)
        left, chunk = left - len(chunk), b"x" * 65536
        if fault.bytes and left <= 0:
            break
    raise Gone
