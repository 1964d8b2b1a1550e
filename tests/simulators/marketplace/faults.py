"""Misbehaviour that was ordered: what any service does, and what only a marketplace can do wrong."""

from dataclasses import dataclass

import plumbing
from plumbing import faults

# As a broker, towards the booking system. They hit what the marketplace sends, not what it is asked.
BROKER = {
    "book_twice": "before",  # B is sent twice at once, with the same uuid
    "no_quotes": "before",  # B is sent without C2 before it
    "wrong_total": "before",  # B has a totalPaymentDue that is `amount` too large
    "late_cancel": "before",  # a customer's cancellation is sent though it is too late
}
# What changes a statement that is asked for.
STATEMENT = {
    "forget": "after",  # its first `rows` sales are not on it
    "wrong_sum": "after",  # what was paid is told `amount` too large
    "unknown_type": "after",  # it has a row of a type that nobody knows, of -`amount`, and less is paid
}
KINDS = {**faults.KINDS, **BROKER, **STATEMENT}


@dataclass
class Fault(plumbing.Fault):
    rows: int = 1
    amount: int = 100  # öre

    kinds = KINDS

    def check(self) -> None:
        super().check()
        if self.rows < 1:
            raise ValueError("rows is out of range")

    def hits(self, method: str, path: str, kinds: tuple = ()) -> bool:
        """:param kinds: those that can go wrong with a call of the marketplace's own"""
        if kinds:
            return self.fault in kinds and super().hits(method, path)
        if self.fault in BROKER or (self.fault in STATEMENT and not path.endswith(".csv")):
            return False
        return super().hits(method, path)
