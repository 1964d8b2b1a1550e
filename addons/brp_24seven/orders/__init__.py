"""What an invoice is as an order of 24SevenOffice: its rows, its customer and its status.

Knows nothing of Odoo.
"""

from .customers import Customer, Several, choose, company_of, digits_of, likeness_of
from .rows import Line, heading_of, rows_of, split_text
from .status import Status, status_of
from .texts import fit

__all__ = [
    "Customer",
    "Line",
    "Several",
    "Status",
    "choose",
    "company_of",
    "digits_of",
    "fit",
    "heading_of",
    "likeness_of",
    "rows_of",
    "split_text",
    "status_of",
]
