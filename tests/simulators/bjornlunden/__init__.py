"""The other side of the Björn Lundén connection: its OAuth gateway and the part of its API that books.

Written from the published description of the service, with the standard library only, and sharing no code
with the product: two independent readings check each other. Amounts are int öre inside, kronor in answers.
"""

from .companies import NEIGHBOUR_KEY, SUNDBY_KEY
from .faults import Fault
from .service import CLIENT_ID, CLIENT_SECRET, BjornLunden

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "NEIGHBOUR_KEY", "SUNDBY_KEY", "BjornLunden", "Fault"]
