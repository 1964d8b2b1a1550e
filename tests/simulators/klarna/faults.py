"""Misbehaviour that was ordered: what goes wrong with which of the coming calls."""

import re
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase

# What can go wrong. The first ones hit any call; the last ones change what a true answer says.
KINDS = (
    "timeout",  # no answer for `seconds`, then the connection is closed
    "close",  # the connection is closed without an answer
    "status",  # `status` in the service's own form, or a proxy's with `body`; 429 has `retry_after`
    "garbage",  # 200 with `body`, which is no JSON
    "redirect",  # `status` (307) to `location`
    "endless",  # 200 and a body of `bytes`, or without end when it is 0
    "slow",  # the true answer after `seconds`
    "trickle",  # the true answer, one byte every `seconds`
    "cut",  # the true answer, but the connection is closed in the midst of it
    "repeat",  # a page begins with `rows` that came before it
    "lack",  # a page ends `rows` too early
    "shuffle",  # all rows in another order, each time in a new one
    "next",  # the page's `next` is at `location`, another host
    "totals",  # the total `field` of each payout is `amount` too large
    "changed",  # the true answer; then a CORRECTION of `amount` is added to the payout it told of
)


@dataclass
class Fault:
    """One order. `path` is compared with the path under the API's base; `*` stands for anything."""

    fault: str
    path: str = "*"
    times: int = 1
    merchant: str = ""  # any one
    seconds: float = 0  # 0: as long as is usual of the kind
    status: int = 0
    retry_after: str = ""
    error_code: str = ""
    body: str = ""
    content_type: str = "application/json"
    location: str = "http://other.invalid"
    bytes: int = 200_000_000
    rows: int = 1
    field: str = "sale_amount"
    amount: int = 100  # minor units

    @classmethod
    def of(cls, told) -> "Fault":
        """An order: an object, or short: a kind or a status."""
        if isinstance(told, int | str):
            told = str(told)
            is_status = re.fullmatch(r"\d{3}", told)
            told = {"fault": "status", "status": int(told)} if is_status else {"fault": told}
        if not isinstance(told, dict):
            raise ValueError("a fault is an object or a text")
        told, types = dict(told), {f.name: f.type for f in fields(cls)}
        for name, value in told.items():
            if name not in types:
                raise ValueError(f"{name} is not known of a fault")
            if name == "retry_after":
                told[name] = str(value)
            elif isinstance(value, bool) or not isinstance(
                value, {float: (int, float)}.get(types[name], types[name])
            ):
                raise ValueError(f"{name} is of the wrong type")
        fault = cls(**told)
        fault._check()
        return fault

    def _check(self) -> None:
        if self.fault not in KINDS:
            raise ValueError(f"fault is one of {', '.join(KINDS)}")
        if not 1 <= self.times <= 1000 or self.seconds < 0 or self.bytes < 0 or self.rows < 1:
            raise ValueError("times, seconds, bytes or rows is out of range")
        if self.status and not 200 <= self.status <= 599:
            raise ValueError("status is out of range")
        if self.fault == "status" and not self.status:
            raise ValueError("a status is missing")
        if any(ord(c) < 32 for c in self.retry_after + self.content_type + self.location):
            raise ValueError("a header has no control characters")

    def hits(self, path: str, merchant: str) -> bool:
        return fnmatchcase(path, self.path) and self.merchant in ("", merchant)

    def to_json(self) -> dict:
        """Without what is as usual."""
        return {
            f.name: value
            for f, value in zip(fields(self), asdict(self).values(), strict=True)
            if f.name == "fault" or value != f.default
        }


def take(queue: list, path: str, merchant: str) -> Fault | None:
    """The first order for this call, with one time less left in the queue."""
    for fault in queue:
        if fault.hits(path, merchant):
            fault.times -= 1
            if not fault.times:
                queue.remove(fault)
            return fault
    return None
