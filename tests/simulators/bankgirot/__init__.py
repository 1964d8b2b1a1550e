"""The other side of Swedish Autogiro: reads a payee's files and answers with Bankgirot's reports.

Written from the description of the service, with the standard library only, and sharing no code with the
product: two independent readings of the format check each other. Amounts are int öre, dates local.
"""

from .incoming import Refused
from .machine import Bankgirot, Payee, Receipt

__all__ = ["Bankgirot", "Payee", "Receipt", "Refused"]
