"""Misbehaviour that was ordered: what goes wrong with which of the coming calls."""

import re
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase

# What can go wrong, and whether the call has been acted on by then unless the order says otherwise.
KINDS = {
    "timeout": "before",  # no answer for `seconds`, then the connection is closed
    "close": "before",  # the connection is closed without an answer
    "status": "before",  # `status` with a proxy's HTML page; 429 with `retry_after`
    "error": "before",  # `exception_id` in the service's own form
    "spring": "before",  # `status` in Spring's bare form
    "garbage": "before",  # 200 with `body`, which is no JSON, as `content_type`
    "redirect": "before",  # `status` (307) to `location`
    "endless": "before",  # 200 and a body of `bytes`, or without end when it is 0
    "slow": "after",  # the true answer after `seconds`
    "trickle": "after",  # the true answer, one byte every `seconds`
    "cut": "after",  # the true answer, but the connection is closed in the midst of it
}
_TRUE = ("slow", "trickle", "cut")  # they need a true answer


@dataclass
class Fault:
    """One order. `path` is compared with the path under the API's base; `*` stands for anything."""

    fault: str
    when: str = ""  # before or after the call is acted on
    method: str = "*"
    path: str = "*"
    times: int = 1
    seconds: float = 0  # 0: as long as is usual of the kind
    status: int = 0
    retry_after: str = ""
    exception_id: str = ""
    message: str = ""
    body: str = ""
    content_type: str = "application/json"
    location: str = ""
    bytes: int = 200_000_000
    declared: bool = False  # an endless answer that tells its length

    @classmethod
    def of(cls, told) -> "Fault":
        """An order: an object, or short: a kind, a status, or an exceptionId."""
        if isinstance(told, int | str):
            told = _short(str(told))
        if not isinstance(told, dict):
            raise ValueError("a fault is an object or a text")
        told = {
            {"exceptionId": "exception_id", "retryAfter": "retry_after"}.get(k, k): v for k, v in told.items()
        }
        types = {f.name: f.type for f in fields(cls)}
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
        fault._check()
        return fault

    def _check(self) -> None:
        if self.fault not in KINDS:
            raise ValueError(f"fault is one of {', '.join(KINDS)}")
        self.when = self.when or KINDS[self.fault]
        if self.when not in ("before", "after") or (self.when == "before" and self.fault in _TRUE):
            raise ValueError(f"{self.fault}: when is not possible")
        if not 1 <= self.times <= 1000 or self.seconds < 0 or self.bytes < 0:
            raise ValueError("times, seconds or bytes is out of range")
        if self.status and not 100 <= self.status <= 599:
            raise ValueError("status is out of range")
        if self.fault == "status" and not self.status:
            raise ValueError("a status is missing")
        if self.fault == "error" and not re.fullmatch("[A-Z0-9_]+", self.exception_id):
            raise ValueError("an exceptionId is missing")
        if any(ord(c) < 32 for c in self.retry_after + self.content_type + self.location):
            raise ValueError("a header has no control characters")

    def hits(self, method: str, path: str) -> bool:
        return fnmatchcase(method, self.method.upper()) and fnmatchcase(path, self.path)

    def to_json(self) -> dict:
        """Without what is as usual."""
        return {
            f.name: value
            for f, value in zip(fields(self), asdict(self).values(), strict=True)
            if f.name in ("fault", "when") or value != f.default
        }


def _short(told: str) -> dict:
    if told in KINDS:
        return {"fault": told}
    if re.fullmatch(r"\d{3}", told):
        return {"fault": "status", "status": int(told)}
    return {"fault": "error", "exception_id": told}


def take(queue: list, method: str, path: str) -> Fault | None:
    """The first order for this call, with one time less left in the queue."""
    for fault in queue:
        if fault.hits(method, path):
            fault.times -= 1
            if not fault.times:
                queue.remove(fault)
            return fault
    return None
