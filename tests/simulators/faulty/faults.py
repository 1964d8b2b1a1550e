"""How the service misbehaves, once for each entry of a queue.

A fault gets the connection's handler, its own settings, and ``act``, which does what was asked and returns
the status and the body (bytes) that a good service would answer. Times are seconds, sizes bytes.
"""

import struct
import threading
import time
import zlib
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache

HOLD = 60  # a time-out holds the connection so long, unless told otherwise
LARGE = 200_000_000
JSON = "application/json"
_PIECE = b" " * 65_536


def timeout_before(handler, fault, act) -> None:
    """Does nothing and does not answer for ``seconds``; then the connection is closed."""
    handler.hold(fault.get("seconds", HOLD))
    handler.close_connection = True


def timeout_after(handler, fault, act) -> None:
    """Does what was asked and does not answer."""
    act()
    timeout_before(handler, fault, act)


def slow(handler, fault, act) -> None:
    """Does what was asked and answers, after ``seconds``."""
    handler.hold(fault.get("seconds", 1))
    handler.answer(*act())


def status(handler, fault, act) -> None:
    """Answers ``status`` (503), having acted if ``acted``, with ``body`` (text or JSON) and ``type``.

    ``retry_after`` is sent in seconds, or with ``as_date`` as a date; ``headers`` are further ones.
    """
    if fault.get("acted"):
        act()
    headers = dict(fault.get("headers", {}))
    if "retry_after" in fault:
        wait = fault["retry_after"]
        as_date = fault.get("as_date")
        headers["Retry-After"] = formatdate(time.time() + wait, usegmt=True) if as_date else str(wait)
    body = fault.get("body", {"error": {"code": "told_to", "message": "told to misbehave"}})
    handler.answer(fault.get("status", 503), body, fault.get("type", JSON), headers)


def close_before(handler, fault, act) -> None:
    """Closes the connection without having acted; with ``reset`` so that the other side is told at once."""
    handler.hang_up(fault.get("reset", False))


def close_after(handler, fault, act) -> None:
    """Closes the connection, having acted."""
    act()
    handler.hang_up(fault.get("reset", False))


def half(handler, fault, act) -> None:
    """Answers half of what the headers promise, having acted; ``chunked`` promises chunks."""
    code, body = act()
    if fault.get("chunked"):
        handler.head(code, JSON, {"Transfer-Encoding": "chunked"})
        handler.wfile.write(b"%x\r\n%b" % (len(body), body[: len(body) // 2]))
    else:
        handler.head(code, JSON, {"Content-Length": len(body)})
        handler.wfile.write(body[: len(body) // 2])
    handler.hang_up()


def garbage(handler, fault, act) -> None:
    """Answers a page as if it were JSON, having acted; ``body`` is another text."""
    act()
    handler.answer(200, fault.get("body", "<html><body>It works!</body></html>").encode())


def not_http(handler, fault, act) -> None:
    """Answers something that is not HTTP, having acted."""
    act()
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")
    handler.hang_up()


def redirect(handler, fault, act) -> None:
    """Redirects ``to`` somewhere else, with ``status`` (302), and a body of ``bytes``."""
    where = fault.get("to", "https://elsewhere.example/things")
    handler.answer(fault.get("status", 302), b" " * fault.get("bytes", 0), "text/html", {"Location": where})


def large(handler, fault, act) -> None:
    """Answers ``bytes`` (200 MB), having acted; ``length`` says so beforehand (else in chunks), or lies."""
    act()
    size = fault.get("bytes", LARGE)
    length = fault.get("length")
    if length is None:
        handler.head(200, JSON, {"Transfer-Encoding": "chunked"})
    else:
        handler.head(200, JSON, {"Content-Length": size if length is True else length})
    for _ in range(0, size, len(_PIECE)):
        piece = _PIECE if length is not None else b"%x\r\n%b\r\n" % (len(_PIECE), _PIECE)
        handler.wfile.write(piece)
    if length is None:
        handler.wfile.write(b"0\r\n\r\n")
    handler.close_connection = True


def gzip_bomb(handler, fault, act) -> None:
    """Answers ``bytes`` (200 MB) of blanks, which compressed are a thousandth of that, having acted."""
    act()
    handler.answer(200, _bomb(fault.get("bytes", LARGE)), JSON, {"Content-Encoding": "gzip"})


def gzip(handler, fault, act) -> None:
    """Answers compressed: all but ``cut`` bytes; as ``members``, one behind another; in an ``encoding``."""
    code, body = act()
    members = fault.get("members", 1)
    size = -(-len(body) // members)
    data = b"".join(_compressed(body[at : at + size]) for at in range(0, len(body), size))
    encoding = fault.get("encoding", "gzip")
    handler.answer(code, data[: len(data) - fault.get("cut", 0)], JSON, {"Content-Encoding": encoding})


def trickle(handler, fault, act) -> None:
    """Answers a byte every ``seconds`` (0.05), having acted; whole before its ``part``: head, body, chunk."""
    code, body = act()
    part, pause = fault.get("part", "body"), fault.get("seconds", 0.05)
    head = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\n" % code
    if part == "chunk":
        whole = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    else:
        whole = head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    at_once = 0 if part == "head" else whole.index(b"\r\n\r\n") + 4
    handler.wfile.write(whole[:at_once])
    for at in range(at_once, len(whole)):
        handler.wfile.write(whole[at : at + 1])
        handler.hold(pause)


def _compressed(data: bytes) -> bytes:
    compress = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return compress.compress(data) + compress.flush()


@lru_cache(maxsize=2)
def _bomb(size: int) -> bytes:
    """So many blanks, or some more, as one stream: the same block of it again and again."""
    compress = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    blanks, count = b" " * 2**20, -(-size // 2**20)
    block = compress.compress(blanks) + compress.flush(zlib.Z_FULL_FLUSH)
    check = 0
    for _ in range(count):
        check = zlib.crc32(blanks, check)
    end = struct.pack("<II", check, count * len(blanks) % 2**32)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + count * block + compress.flush() + end


Fault = Callable[..., None]

FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        timeout_before, timeout_after, slow, status, close_before, close_after, half, garbage, not_http,
        redirect, large, gzip_bomb, gzip, trickle,
    )
}  # fmt: skip


class Queue:
    """The faults to come, for any number of threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._entries: list[dict] = []

    def add(self, entries: list[dict]) -> None:
        """Adds faults: ``{"fault": name, "times": 1, "method": any, …}`` with the fault's own settings."""
        for entry in entries:
            if entry.get("fault") not in FAULTS:
                raise ValueError(f"there is no fault {entry.get('fault')!r}")
            if not isinstance(entry.get("times", 1), int):
                raise ValueError("times is a number")
        with self._lock:
            self._entries += [{"times": 1, **entry} for entry in entries]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def take(self, method: str) -> dict | None:
        """The next fault for a request with this method, which is then used up; None when there is none."""
        with self._lock:
            entry = next((entry for entry in self._entries if entry.get("method") in (None, method)), None)
            if entry:
                entry["times"] -= 1
                if entry["times"] <= 0:
                    self._entries.remove(entry)
            return entry

    def waiting(self) -> list[dict]:
        with self._lock:
            return [dict(entry) for entry in self._entries]
