"""Calls to a booking system over HTTP: no redirects, no proxies, and no answer is waited for without end."""

import http.client
import json
import time
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle
from urllib.parse import urlsplit

_MOST = 50_000_000  # bytes of an answer


class NoAnswer(Exception):
    """Whether the other side has acted on the call cannot be known."""


@dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        """What the body says, with exact decimals; ValueError when it is no JSON."""
        return json.loads(self.body.decode(), parse_float=Decimal)

    def header(self, name: str) -> str:
        return self.headers.get(name) or ""

    @property
    def media_type(self) -> tuple:
        """(type, its parameters but the charset)."""
        kind, *rest = (part.strip().lower() for part in self.header("Content-Type").split(";"))
        return kind, sorted(part.replace(" ", "") for part in rest if part and not part.startswith("charset"))


class Route:
    """The way to a booking system: its own address, or others that stand for it, in turn.

    :param addresses: host:port, or http://host:port, that are called instead of the host of the URLs
    """

    def __init__(self, addresses=(), seconds: float = 10):
        self.seconds = seconds
        places = [address.strip("/").split("://")[-1] for address in addresses]
        for place in places:
            name, _colon, port = place.rpartition(":")
            if not name or not port.isdecimal():
                raise ValueError(f"an address is written host:port, not {place}")
        self._places = cycle(places) if places else None

    def call(self, method: str, url: str, headers: dict | None = None, told=None) -> Reply:
        """Makes a call; NoAnswer when there is none, or none that is whole."""
        split = urlsplit(url)
        if split.scheme not in ("http", "https") or not split.hostname:
            raise NoAnswer(f"{url} is no address")
        secure, place = split.scheme == "https", split.netloc.rpartition("@")[2]
        if self._places:
            secure, place = False, next(self._places)
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        link = kind(place, timeout=self.seconds)
        path = (split.path or "/") + (f"?{split.query}" if split.query else "")
        try:
            body = None if told is None else json.dumps(told, ensure_ascii=False).encode()
            link.request(method, path, body, {"Connection": "close", **(headers or {})})
            answer = link.getresponse()
            return Reply(answer.status, answer.headers, self._read(answer))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(f"{method} {split.path}: {error or type(error).__name__}") from error
        finally:
            link.close()

    def _read(self, answer) -> bytes:
        until, parts, length = time.monotonic() + self.seconds, [], 0
        while part := answer.read1(65536):
            parts.append(part)
            length += len(part)
            if length > _MOST or time.monotonic() > until:
                raise NoAnswer("the answer has no end")
        if answer.length:
            raise NoAnswer("the answer is cut off")
        return b"".join(parts)
