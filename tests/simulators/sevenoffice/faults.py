"""Misbehaviour that was ordered, and what only this service does."""

from dataclasses import dataclass

import plumbing
from plumbing import faults

from .soap import CONTENT_TYPE

# Calls that these are about, unless a path is told.
_USUAL_PATHS = {"item_error": "/*/Save*", "wrong_total": "/InvoiceOrder/GetInvoices"}
KINDS = {
    **faults.KINDS,
    "soap": "before",  # a SOAP fault with `message`, HTTP 500 or `status`
    "lost_session": "before",  # the session has ended
    "rate_limit": "before",  # the calls of the hour are used up
    "item_error": "after",  # the item called `name`, or every one, is refused: `type`, `message`
    "wrong_total": "after",  # the totals of the orders that are read are `amount` öre too large
}


@dataclass
class Fault(plumbing.Fault):
    name: str = ""
    type: str = "Validation"
    message: str = "Ordered to go wrong"
    amount: int = 100  # öre
    content_type: str = CONTENT_TYPE

    kinds = KINDS

    def check(self) -> None:
        super().check()
        if self.path == "*":
            self.path = _USUAL_PATHS.get(self.fault, "*")

    def hits(self, method: str, path: str, names: set) -> bool:
        return super().hits(method, path) and (not self.name or self.name in names)

    def means(self, names: set) -> bool:
        """Whether an item with these names is not to be saved."""
        return self.fault == "item_error" and (not self.name or self.name in names)
