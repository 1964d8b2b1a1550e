"""The other side of the 24SevenOffice connection: log-in, customers, products and orders over SOAP.

Written from the published descriptions of the services, with the standard library only, and sharing no code
with the product: two independent readings check each other. Amounts are Decimal, moments UTC.
"""

from .faults import Fault
from .service import APPLICATION, COMPANIES, PASSWORD, USER, SevenOffice

__all__ = ["APPLICATION", "COMPANIES", "PASSWORD", "USER", "Fault", "SevenOffice"]
