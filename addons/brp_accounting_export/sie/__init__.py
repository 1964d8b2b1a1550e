"""SIE type 4I: vouchers for any Swedish accounting system to read in. Knows nothing of Odoo."""

from .checksum import checksum
from .fields import MAX_OBJECT_CODE, MAX_TEXT, clean_text, organisation_number
from .problems import SieError
from .records import (
    Account,
    Company,
    Dimension,
    DimensionObject,
    FiscalYear,
    Program,
    Row,
    Voucher,
)
from .writer import ACCOUNT_PLANS, write_file
