"""The other side of the Klarna connection: the Settlements API and the one order call of Order Management.

Written from the published descriptions of the services, with the standard library only, and sharing no code
with the product: two independent readings check each other. Amounts are int minor units (öre), moments UTC.
"""

from . import scenarios
from .faults import Fault
from .service import MERCHANT, NEIGHBOUR, NEIGHBOUR_PASSWORD, NEIGHBOUR_USER, PASSWORD, USER, Klarna

__all__ = [
    "MERCHANT",
    "NEIGHBOUR",
    "NEIGHBOUR_PASSWORD",
    "NEIGHBOUR_USER",
    "PASSWORD",
    "USER",
    "Fault",
    "Klarna",
    "scenarios",
]
