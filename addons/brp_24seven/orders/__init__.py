"""What an invoice is as an order of 24SevenOffice: its rows, its customer and its status.

Knows nothing of Odoo.
"""

from .customers import Customer, Several, choose, company_of, digits_of
from .rows import Line, heading_of, rows_of, split_text
from .status import Status, status_of

__all__ = [
    "Customer",
    "Line",
    "Several",
    "Status",
    "choose",
    "company_of",
    "digits_of",
    "heading_of",
    "rows_of",
    "split_text",
    "status_of",
]
