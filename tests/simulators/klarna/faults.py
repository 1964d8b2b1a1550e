"""Misbehaviour that was ordered, and what only this service does."""

from dataclasses import dataclass

import plumbing
from plumbing import faults

# What changes what a true answer says.
UNTRUE = {
    "repeat": "after",  # a page begins with `rows` that came before it
    "lack": "after",  # a page ends `rows` too early
    "shuffle": "after",  # all rows in another order, each time in a new one
    "next": "after",  # the page's `next` is at `location`, another host
    "totals": "after",  # the total `field` of each payout is `amount` too large
    "changed": "after",  # the true answer; then a CORRECTION of `amount` is added to the payout it told of
}
# `status` is in the service's own form unless there is a proxy's `body`; `redirect` is to a host, `location`.
KINDS = {**faults.KINDS, **UNTRUE}


@dataclass
class Fault(plumbing.Fault):
    merchant: str = ""  # any one
    error_code: str = ""
    location: str = faults.ELSEWHERE
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
