"""HTTP to an outside service: checked addresses, bounded time and size, retries only where they are safe."""

import json as json_format
import logging
import random
import re
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote, urljoin, urlsplit

import requests
from requests.structures import CaseInsensitiveDict

from .errors import MAX_CODE, MAX_WORDS, Explanation, ServiceError, kind_of, reached_by
from .masking import Mask, decode
from .transport import Adapter, Attempt, Reply, perform
from .waiting import MAX_RETRY_AFTER, read_retry_after

CONNECT_TIMEOUT = 10.0  # seconds
READ_TIMEOUT = 30.0
TOTAL_TIMEOUT = 60.0
MAX_ANSWER = 20_000_000  # bytes

ATTEMPTS = 3  # of a safe call, in place
BACKOFF = 0.5  # seconds that the first pause in place lasts at most; the next is at most twice as long
MAX_RETRY_AFTER_IN_PLACE = 5.0  # seconds

_LOCAL = {"localhost", "127.0.0.1"}
_SAFE = {"GET", "HEAD"}
_NOT_IN_PATH = re.compile(r"[?#\\\0-\x20\x7f]")
_WORDS = ("error_description", "detail", "message", "title", "error")

_logger = logging.getLogger(__name__)

#: What a connector knows of its service's errors: (status, headers, body) to an explanation, or None
Explain = Callable[[int, Mapping[str, str], bytes], Explanation | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered to a call that succeeded: its status is 200–299.

    :ivar headers: finds names in any case
    :ivar body: decoded
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    host: str = ""

    @property
    def text(self) -> str:
        """The body in the answer's character set, else UTF-8 or Windows-1252."""
        return decode(self.body, self.headers.get("Content-Type") or "")

    def json(self, parse_float: Callable[[str], object] = float):
        """Return the body read as JSON.

        :param parse_float: makes a number of one with decimals, e.g. ``Decimal`` for amounts
        :raises ServiceError: ``garbage``: it is no JSON, or has NaN or Infinity. The service took the call
        """
        with suppress(ValueError, RecursionError):
            return json_format.loads(self.body, parse_float=parse_float, parse_constant=_no_number)
        raise ServiceError("garbage", "again", "yes", host=self.host, status=self.status)


@dataclass(frozen=True)
class Trace:
    """A request that was sent and its answer, masked and cut, for the log that a person reads.

    Texts are masked when they are first asked for: of a hundred pages of an answer one is shown. Until then
    the trace holds what was said as it is, and shows nothing of it.

    :ivar request_text: headers, an empty line, and the body if it has one
    :ivar status: None when there was no answer
    :ivar answer_text: as ``request_text``; without a whole answer what went wrong, in English
    :ivar seconds: from the beginning to the end of the answer
    """

    method: str
    url: str
    status: int | None
    seconds: float
    show_request: Callable[[], str] = field(repr=False)
    show_answer: Callable[[], str] = field(repr=False)

    @cached_property
    def request_text(self) -> str:
        return self.show_request()

    @cached_property
    def answer_text(self) -> str:
        return self.show_answer()


class Service:
    """An outside service that answers over HTTP.

    Proxies and certificate authorities are those of the environment, as `requests` knows them; `.netrc` is
    not read. Certificates are always checked. No redirect is followed. An object is for one thread at a time.

    :param base_url: https, or http for ``localhost`` and ``127.0.0.1``; without user, query and fragment
    :param secrets: values never to be shown in errors or traces
    :param names: of fields and headers whose values are not to be shown, besides the usual ones
    :param connect_timeout: seconds to connect
    :param read_timeout: seconds to wait for the next byte of an answer
    :param total_timeout: seconds that :meth:`send` may take in all, its tries and pauses together
    :param max_answer: bytes that an answer may have, decoded
    :param explain: reads the service's own errors: every answer that is neither 2xx nor a redirect
    :param session: is used again from call to call, with its cookies; by default one of our own. An adapter
        of ours is mounted for the base URL's host: the session is not for calls there past this object
    :param on_exchange: is told of every request that was sent, also of each try
    :param backoff: seconds that the first pause before a safe call is tried again lasts at most
    :raises ServiceError: ``address``, of kind ``settings``: the base URL cannot be used
    """

    def __init__(
        self,
        base_url: str,
        *,
        secrets: Iterable[str | None] = (),
        names: Iterable[str] = (),
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        total_timeout: float = TOTAL_TIMEOUT,
        max_answer: int = MAX_ANSWER,
        explain: Explain | None = None,
        session: requests.Session | None = None,
        on_exchange: Callable[[Trace], None] | None = None,
        backoff: float = BACKOFF,
    ):
        self.base_url = _checked_address(base_url)
        self.host = urlsplit(self.base_url).netloc
        self._mask = Mask(secrets, names)
        self._last_mask: tuple[frozenset[str], Mask] = frozenset(), self._mask
        self._connect, self._read, self._total = connect_timeout, read_timeout, total_timeout
        self._max_answer = max_answer
        self._explain = explain
        self._on_exchange = on_exchange
        self._backoff = backoff
        self._session = session or requests.Session()
        self._owns_session = session is None
        if not isinstance(self._session.get_adapter(self.base_url + "/"), Adapter):
            self._session.mount(_origin(self.base_url) + "/", Adapter())

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless the session was given to us."""
        if self._owns_session:
            self._session.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping | Iterable[tuple] | None = None,
        json: object = None,
        data: Mapping | Iterable[tuple] | str | bytes | None = None,
        files: Mapping | Iterable[tuple] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | Callable | None = None,
        safe: bool | None = None,
    ) -> Answer:
        """Send a request and return the answer, which is a success.

        A safe call is tried up to three times within the total time, as long as the error is of kind
        ``again`` and the service asks for no longer pause than 5 seconds. One that is not safe is sent once.

        :param path: below the base URL, its parts quoted (``urllib.parse.quote(part, safe="")``)
        :param params: the query
        :param json: is sent as JSON in UTF-8
        :param data: a form, or the body itself; a ``str`` is sent in UTF-8
        :param files: a form with files, as in `requests`; all of it is held in memory
        :param auth: user and password, or what takes and gives a ``requests.PreparedRequest``
        :param safe: whether it may be sent twice; by default GET and HEAD may
        :raises ServiceError: anything else than an answer with a status of 200–299
        """
        request = self._prepared(method, path, params, json, data, files, headers, auth)
        mask = self._mask_with(frozenset(_credentials(request, auth, self._mask)))
        deadline = time.monotonic() + self._total
        tries = ATTEMPTS if (request.method in _SAFE if safe is None else safe) else 1
        failed = 0
        while True:
            try:
                return self._send_once(request, deadline, mask)
            except ServiceError as error:
                failed += 1
                pause = self._pause(error, failed)
                if failed == tries or pause is None or time.monotonic() + pause >= deadline:
                    raise
            time.sleep(pause)

    def _mask_with(self, credentials: frozenset[str]) -> Mask:
        """Return the mask that hides these as well, the last one when it does: to make one takes time."""
        last, mask = self._last_mask
        if credentials != last:
            mask = self._mask.with_secrets(credentials)
            self._last_mask = credentials, mask
        return mask

    def _pause(self, error: ServiceError, failed: int) -> float | None:
        """Return the seconds to wait before a safe call is tried again in place; None when it is not."""
        asked = error.retry_after or 0
        if error.kind != "again" or asked > MAX_RETRY_AFTER_IN_PLACE:
            return None
        return max(asked, random.uniform(0, self._backoff * 2 ** (failed - 1)))

    # -- the request ------------------------------------------------------------------------------------

    def _prepared(self, method, path, params, json, data, files, headers, auth) -> requests.PreparedRequest:
        url = self._url(path)
        headers = CaseInsensitiveDict({"User-Agent": "BRP-for-Odoo", **(headers or {})})
        headers["Accept-Encoding"] = "gzip, deflate"
        if json is not None:
            data = json_format.dumps(json, ensure_ascii=False, allow_nan=False)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(data, str):
            data = data.encode()
        try:
            auth = auth or self._session.auth or _no_auth
            prepared = self._session.prepare_request(
                requests.Request(method, url, headers, files, data, params, auth)
            )
        except (requests.RequestException, UnicodeError):
            prepared = None
        if not prepared or _origin(prepared.url) != _origin(self.base_url):
            raise ServiceError("request", "ours", "no", host=self.host)
        if not isinstance(prepared.body, bytes | str | None):
            raise TypeError("a body that can be read only once cannot be sent")
        return prepared

    def _url(self, path: str) -> str:
        """Return the URL of a path below the base URL.

        :raises ServiceError: ``path``: it is an address of its own, or leads upwards
        """
        upwards = {".", ".."} & set(re.split(r"[/\\]", unquote(path)))
        if upwards or path.startswith("//") or "://" in path or _NOT_IN_PATH.search(path):
            raise ServiceError("path", "ours", "no", host=self.host)
        return f"{self.base_url}/{path.removeprefix('/')}" if path else self.base_url

    # -- one try ----------------------------------------------------------------------------------------

    def _send_once(self, request: requests.PreparedRequest, deadline: float, mask: Mask) -> Answer:
        attempt = Attempt(self.host, self._connect, self._read, deadline, self._max_answer)
        begun = time.monotonic()
        reply = None
        try:
            reply = perform(self._session, request, attempt)
            error = self._error_of(reply, attempt, mask)
        except ServiceError as failure:
            error = failure
        self._tell(request, reply, error, time.monotonic() - begun, mask)
        if error:
            raise error
        return Answer(reply.status, reply.headers, reply.body, self.host)

    def _error_of(self, reply: Reply, attempt: Attempt, mask: Mask) -> ServiceError | None:
        """Return what is wrong with an answer; None when it is a success."""
        if 200 <= reply.status < 300:
            return None
        reached, kind = reached_by(reply.status), kind_of(reply.status)
        if attempt.location:
            error = attempt.error("redirect", "settings", reached)
            error.other_host = mask.text(_host_of(self.base_url, attempt.location))[:MAX_CODE]
            return error
        explanation = self._explanation(reply)
        error = attempt.error("status", explanation.kind or kind, reached)
        error.code = mask.text(str(explanation.code or ""))[:MAX_CODE]
        error.words = mask.text(str(explanation.words or ""))[:MAX_WORDS]
        error.retry_after = read_retry_after(reply.headers.get("Retry-After"), reply.headers.get("Date"))
        if error.retry_after is None and explanation.retry_after is not None:
            error.retry_after = min(max(explanation.retry_after, 0.0), float(MAX_RETRY_AFTER))
        return error

    def _explanation(self, reply: Reply) -> Explanation:
        explanation = None
        if self._explain:
            try:
                explanation = self._explain(reply.status, reply.headers, reply.body)
            except Exception as failure:
                # What has been answered counts more than that we do not understand it.
                _logger.error("An error of %s could not be explained: %s", self.host, _whereabouts(failure))
        return explanation or _plain_explanation(reply)

    def _tell(
        self, request, reply: Reply | None, error: ServiceError | None, seconds: float, mask: Mask
    ) -> None:
        if not self._on_exchange:
            return
        trace = Trace(
            method=request.method,
            url=mask.text(request.url),
            status=reply.status if reply else error.status,
            seconds=seconds,
            show_request=lambda: mask.message(request.headers, request.body),
            show_answer=lambda: mask.message(reply.headers, reply.body) if reply else mask.text(str(error)),
        )
        try:
            self._on_exchange(trace)
        except Exception as failure:
            # What has been sent has been sent, whether or not it can be written down.
            _logger.error("An exchange with %s could not be logged: %s", self.host, _whereabouts(failure))


# -- addresses ------------------------------------------------------------------------------------------


def _checked_address(base_url: str) -> str:
    """Return a base URL in the form in which it is sent, without a slash at its end.

    :raises ServiceError: ``address``
    """
    base_url = (base_url or "").strip()
    with suppress(ValueError, requests.RequestException):
        parts = urlsplit(base_url)
        usable = (
            parts.hostname
            and parts.port != 0
            and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL))
            and not (parts.username or parts.password or parts.query or parts.fragment)
            and not {"..", "."} & set(unquote(parts.path).split("/"))
            and not _NOT_IN_PATH.search(base_url)
        )
        if usable:
            return requests.Request("GET", base_url).prepare().url.rstrip("/")
    raise ServiceError("address", "settings", "no")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _host_of(base_url: str, location: str) -> str:
    """Return the host that a redirect leads to, or nothing if that cannot be read."""
    try:
        return urlsplit(urljoin(base_url, location)).hostname or ""
    except ValueError:
        return ""


# -- credentials ----------------------------------------------------------------------------------------


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stands where `requests` would otherwise look into `.netrc`."""
    return request


def _credentials(request: requests.PreparedRequest, auth, mask: Mask) -> list[str]:
    """Return what a request proves itself with, which its answer could repeat."""
    found = [str(auth[1])] if isinstance(auth, tuple) else []
    for name, value in request.headers.items():
        if mask.hides(name):
            value = value.decode("latin-1") if isinstance(value, bytes) else value
            # Behind a scheme, or a cookie's name; a short piece could be anything.
            pieces = [value, *re.split(r"[\s;]+", value)[1:], *re.split(r"[\s;=]+", value)[1:]]
            found += [piece for piece in pieces if len(piece) >= 8]
    return found


# -- answers --------------------------------------------------------------------------------------------


def _whereabouts(failure: Exception) -> str:
    """Return what kind of error was raised where; its words could repeat an answer."""
    *_before, frame = traceback.extract_tb(failure.__traceback__)
    return f"{type(failure).__name__} in {frame.name}, {frame.filename}:{frame.lineno}"


def _no_number(name: str):
    raise ValueError(f"{name} is no number of JSON")


def _plain_explanation(reply: Reply) -> Explanation:
    """Return the words of a JSON object as many services write them, or those of a plain text."""
    kind = (reply.headers.get("Content-Type") or "").lower()
    if kind.startswith("text/plain"):
        return Explanation(words=decode(reply.body, kind).strip())
    if "json" not in kind:
        return Explanation()
    try:
        body = json_format.loads(reply.body)
    except (ValueError, RecursionError):
        return Explanation()
    said = (
        [body[name] for name in _WORDS if isinstance(body.get(name), str)] if isinstance(body, dict) else []
    )
    return Explanation(words=next(filter(None, said), ""))
