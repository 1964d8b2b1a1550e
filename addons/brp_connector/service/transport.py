"""One request over the wire, within its time and size, and what its failures mean.

`requests` times each read of a socket, so an answer that trickles never times out, and it decodes and reads
redirects without a limit. Here every read and write of the socket knows when the whole has to be done.
"""

import http.client
import io
import ssl
import time
import zlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass

import requests
import urllib3
from requests.adapters import HTTPAdapter

from .errors import Kind, Reached, ServiceError, reached_by

PIECE = 65_536  # bytes read, and decoded, at once

# What sending a request or reading its answer may raise; ValueError is what cannot be written as HTTP
_FAILURES = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)


class _Garbage(ValueError):
    """The body of an answer is not what its headers say."""


class _TooLarge(ValueError):
    """The answer is larger than allowed."""


@dataclass(slots=True)
class Attempt:
    """One request on its way.

    :ivar host: the service's
    :ivar connect: seconds to connect, for each address that the host has
    :ivar read: seconds to wait for the next byte
    :ivar deadline: when it has to be over, as ``time.monotonic()`` tells the time. Only the look-up of the
        host's name, which the system times, may take longer
    :ivar max_answer: bytes of the body, decoded
    :ivar sending: whether the request may have begun to leave
    :ivar status: of the answer, as soon as it is known
    :ivar location: where an answer redirects to
    """

    host: str
    connect: float
    read: float
    deadline: float
    max_answer: int
    sending: bool = False
    status: int | None = None
    location: str = ""

    def left(self, most: float = float("inf")) -> float:
        """Return the seconds left, but at most this many.

        :raises TimeoutError: none are
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole is over")
        return min(left, most)

    def error(self, problem: str, kind: Kind = "again", reached: Reached | None = None) -> ServiceError:
        """Return the error of this attempt; unless told, it may have reached the service if it was sent."""
        reached = reached or ("maybe" if self.sending else "no")
        return ServiceError(problem, kind, reached, host=self.host, status=self.status)


_attempt: ContextVar[Attempt] = ContextVar("attempt")


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, whatever its status; the body decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def perform(session: requests.Session, request: requests.PreparedRequest, attempt: Attempt) -> Reply:
    """Send a request once and return the whole answer.

    :param session: has an :class:`Adapter` for the request's URL
    :raises ServiceError: there is no whole answer. It carries no other error: theirs tell URLs and headers
    """
    token = _attempt.set(attempt)
    try:
        return _perform(session, request, attempt)
    except _FAILURES as failure:
        error = _error_of(failure, attempt)
    finally:
        _attempt.reset(token)
    raise error


def _perform(session: requests.Session, request: requests.PreparedRequest, attempt: Attempt) -> Reply:
    settings = session.merge_environment_settings(request.url, {}, True, None, None)
    settings["verify"] = settings["verify"] or True  # certificates are checked whatever the session says
    attempt.left()
    # The adapter sets the time-outs: Odoo's tests, which stand in for `send`, take plain numbers only.
    with session.send(request, allow_redirects=False, **settings) as response:
        if request.method != "HEAD":
            _check_length(response.headers.get("Content-Length", ""), attempt.max_answer)
        body = _body(response, attempt.max_answer)
        headers = response.headers
    if attempt.location:
        headers["Location"] = attempt.location
    return Reply(response.status_code, headers, body)


# -- the body -------------------------------------------------------------------------------------------


def _check_length(length: str, most: int) -> None:
    if length.isdecimal() and (len(length) > 18 or int(length) > most):
        raise _TooLarge


def _body(response: requests.Response, most: int) -> bytes:
    parts, size = [], 0
    for part in _decoded(_pieces(response.raw), response.headers.get("Content-Encoding", "")):
        size += len(part)
        if size > most:
            raise _TooLarge
        parts.append(part)
    return b"".join(parts)


def _pieces(raw: urllib3.HTTPResponse) -> Iterator[bytes]:
    while piece := raw.read(PIECE, decode_content=False):
        yield piece
    if getattr(raw, "length_remaining", None):
        raise http.client.IncompleteRead(b"")  # urllib3 1 does not mind


def _decoded(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        yield from pieces
    elif encoding in ("gzip", "x-gzip", "deflate"):
        yield from _inflated(pieces)
    else:
        raise _Garbage(encoding)


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what gzip or zlib data hold, in parts of limited size however well it was compressed."""
    stream = _new_stream()
    begun = False
    try:
        for piece in pieces:
            while piece:
                if stream.eof:
                    stream = _new_stream()  # gzip data may follow each other
                begun = True
                yield stream.decompress(piece, PIECE)
                piece = stream.unused_data if stream.eof else stream.unconsumed_tail
        # What is left inside when the last piece has been taken in.
        while not stream.eof and (part := stream.decompress(b"", PIECE)):
            yield part
    except zlib.error:
        raise _Garbage from None
    if begun and not stream.eof:
        raise _Garbage


def _new_stream():
    return zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, as the data say


# -- failures -------------------------------------------------------------------------------------------


def _error_of(failure: Exception, attempt: Attempt) -> ServiceError:
    """Return what it means that a request or the reading of its answer raised this."""
    causes = list(_causes(failure))

    def is_a(*types: type) -> bool:
        return any(isinstance(cause, types) for cause in causes)

    if is_a(ssl.SSLCertVerificationError):
        return attempt.error("certificate", "settings")
    if not attempt.sending and not is_a(OSError, urllib3.exceptions.HTTPError):
        return attempt.error("request", "ours")
    if not attempt.sending and not attempt.status:
        return attempt.error("unreachable")
    if is_a(_TooLarge):
        return attempt.error("too_large", "ours", reached_by(attempt.status))
    if is_a(_Garbage):
        return attempt.error("garbage", reached=reached_by(attempt.status))
    if is_a(TimeoutError, urllib3.exceptions.ReadTimeoutError, requests.ReadTimeout):
        late = time.monotonic() >= attempt.deadline
        return attempt.error("too_slow" if late and attempt.status else "timeout")
    if is_a(ConnectionError, http.client.IncompleteRead, ssl.SSLError):
        return attempt.error("closed")
    return attempt.error("garbage")


def _causes(failure: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those it came from."""
    seen = set()
    while failure and id(failure) not in seen:
        seen.add(id(failure))
        yield failure
        failure = failure.__cause__ or failure.__context__


# -- the wire -------------------------------------------------------------------------------------------


class Adapter(HTTPAdapter):
    """Sends requests of :func:`perform` over connections that keep to their attempt's deadline."""

    def init_poolmanager(self, *args, **kwargs):
        done = super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS
        return done

    def proxy_manager_for(self, proxy, **kwargs):
        manager = super().proxy_manager_for(proxy, **kwargs)
        if proxy.lower().startswith("socks"):
            _attempt.get().sending = True  # its connections are not ours and do not tell
        else:
            manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(self, request, **kwargs):
        attempt = _attempt.get()
        timeout = urllib3.Timeout(connect=attempt.left(attempt.connect), read=attempt.left(attempt.read))
        return super().send(request, **{**kwargs, "stream": True, "timeout": timeout})

    def build_response(self, request, raw):
        attempt = _attempt.get()
        response = super().build_response(request, raw)
        attempt.status = response.status_code
        if 300 <= response.status_code < 400:
            # requests would read the whole answer and prepare to follow it.
            attempt.location = response.headers.pop("Location", "")
        return response


class _TimedReader(io.RawIOBase):
    """The bytes of a socket; each read knows the attempt's deadline."""

    def __init__(self, raw: io.RawIOBase, sock, attempt: Attempt):
        self._raw, self._sock, self._attempt = raw, sock, attempt

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int | None:
        self._sock.settimeout(self._attempt.left(self._attempt.read))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        return super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock, *args, **kwargs):
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimedReader(self.fp.detach(), sock, _attempt.get()))


class _Timed:
    """A connection that keeps to the attempt's deadline and tells it when its request begins to leave."""

    response_class = _TimedResponse
    _connecting = False

    def connect(self):
        self._connecting = True
        try:
            return super().connect()
        finally:
            self._connecting = False

    def send(self, data):
        attempt = _attempt.get()
        if self.sock is None:
            self.connect()
        if not self._connecting:  # else it asks a proxy for the way
            attempt.sending = True
        self.sock.settimeout(attempt.left())
        return super().send(data)


class _HTTPConnection(_Timed, urllib3.connection.HTTPConnection):
    pass


class _HTTPSConnection(_Timed, urllib3.connection.HTTPSConnection):
    pass


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}
