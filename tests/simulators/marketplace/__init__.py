"""Tidstorget, an invented Swedish marketplace of free times: the other side of the OpenActive connection.

It harvests the feeds of booking systems (Realtime Paged Data Exchange 1.0), quotes, books and cancels as a
broker (Open Booking API 1.0), and pays out what it has collected once a month, less its commission. Written
from the published standard, with the standard library only, and sharing no code with the product: two
independent readings check each other. Amounts are int öre inside, kronor in what others read.
"""

from .faults import Fault
from .service import STATEMENT_TOKEN, Marketplace

__all__ = ["STATEMENT_TOKEN", "Fault", "Marketplace"]
