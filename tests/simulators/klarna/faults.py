"""Misbehaviour that was ordered, and what only this service does."""

from dataclasses import dataclass

import plumbing
from plumbing.faults import AFTER, BEFORE, ELSEWHERE

# What changes what a true answer says.
ANSWERS = (
    "repeat",  # a page begins with `rows` that came before it
    "lack",  # a page ends `rows` too early
    "shuffle",  # all rows in another order, each time in a new one
    "next",  # the page's `next` is at `location`, another host
    "totals",  # the total `field` of each payout is `amount` too large
    "changed",  # the true answer; then a CORRECTION of `amount` is added to the payout it told of
)
# `status` is in the service's own form, unless it has a proxy's `body`; `redirect` and `next` are to a host.
KINDS = (*BEFORE, *AFTER, *ANSWERS)


@dataclass
class Fault(plumbing.Fault):
    """One order, for the calls of a merchant or of any."""

    merchant: str = ""  # any one
    error_code: str = ""
    location: str = ELSEWHERE
    rows: int = 1
    field: str = "sale_amount"
    amount: int = 100  # minor units

    kinds = KINDS

    def check(self) -> None:
        super().check()
        if self.rows < 1:
            raise ValueError("rows is out of range")

    def hits(self, method: str, path: str, merchant: str) -> bool:
        return super().hits(method, path) and self.merchant in ("", merchant)
