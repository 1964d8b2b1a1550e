"""The one error of a call to an outside service: who has to do something, and whether it may have arrived."""

from dataclasses import dataclass
from typing import Literal

#: ``again``: try again later; ``settings``: a person has to fix the settings; ``ours``: our own fault
Kind = Literal["again", "settings", "ours"]
#: Whether the other side can have acted on what was sent; see :class:`ServiceError`
Reached = Literal["no", "maybe", "yes"]

MAX_WORDS = 500  # characters
MAX_CODE = 100

_TEXTS = {
    "address": "The address of the service cannot be used: it has to begin with https:// and a host.",
    "path": "The path of a call to {host} is not one below the service's address.",
    "request": "The call to {host} cannot be written as HTTP.",
    "unreachable": "No connection to {host}.",
    "certificate": "The certificate of {host} is not valid.",
    "timeout": "{host} has not answered in time.",
    "too_slow": "The answer of {host} was not complete in time.",
    "closed": "{host} closed the connection before its answer was complete.",
    "too_large": "The answer of {host} is too large.",
    "garbage": "The answer of {host} cannot be read.",
    "redirect": "{host} redirects to {other_host}, which is not followed.",
    "status": "{host} answered {status}.",
}

_TRY_AGAIN = {408, 425, 429}
_FOR_A_PERSON = {401, 402, 403, 407}
_NOT_TAKEN = {425, 429}  # turned away before anything was done


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a connector reads an answer that is an error.

    :ivar kind: who has to do something; None leaves it to the status
    :ivar code: the service's own error code, or empty
    :ivar words: the service's own words, or empty
    :ivar retry_after: seconds that the service asks us to wait, where its header does not tell
    """

    kind: Kind | None = None
    code: str = ""
    words: str = ""
    retry_after: float | None = None


@dataclass(eq=False)
class ServiceError(Exception):
    """A call to an outside service that did not succeed.

    **Anything but** ``reached == "no"`` **is looked up at the service before it is sent again**, whatever the
    kind:

    * ``no``: it never got there (no connection), or was turned away unread (425, 429);
    * ``maybe``: nobody can say: a time-out or a closed connection after the request began, half an answer,
      408, a redirect, and every 5xx: a server that fails has not told how far it came;
    * ``yes``: the service got it and told what it thinks: other statuses, and a success that cannot be read.

    :ivar problem: what happened, machine-readable: ``address``, ``path``, ``request`` (nothing was sent),
        ``unreachable``, ``certificate``, ``timeout`` (no answer in time), ``too_slow`` (no whole answer in
        time), ``closed``, ``too_large``, ``garbage``, ``redirect``, ``status``
    :ivar kind: who has to do something
    :ivar reached: whether the other side can have acted on what was sent
    :ivar host: the service's host, with a port that is not the usual one
    :ivar status: the HTTP status, when there was one
    :ivar code: the service's own error code, masked, at most 100 characters
    :ivar words: the service's own words, masked, at most 500 characters
    :ivar retry_after: seconds, 0–86 400, that the service asks us to wait; None when it says nothing
    :ivar other_host: where a redirect leads

    ``str(error)`` is a short English sentence without secrets, paths, queries or the service's words.
    """

    problem: str
    kind: Kind = "again"
    reached: Reached = "maybe"
    host: str = ""
    status: int | None = None
    code: str = ""
    words: str = ""
    retry_after: float | None = None
    other_host: str = ""

    def __str__(self) -> str:
        text = _TEXTS.get(self.problem, "The call to {host} failed.")
        return text.format(
            host=self.host or "the service",
            other_host=self.other_host or "another address",
            status=self.status,
        )


def kind_of(status: int) -> Kind:
    """Return who has to do something about an HTTP status that is no success."""
    if status in _TRY_AGAIN or status >= 500:
        return "again"
    return "settings" if status in _FOR_A_PERSON or 300 <= status < 400 else "ours"


def reached_by(status: int) -> Reached:
    """Return whether a service that answers with this HTTP status can have acted on what was sent."""
    if status in _NOT_TAKEN:
        return "no"
    return "maybe" if status == 408 or 300 <= status < 400 or status >= 500 else "yes"
