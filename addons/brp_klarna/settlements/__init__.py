"""Klarna's settlements: payouts, their rows and what these do to them. Knows nothing of Odoo."""

from .client import LIVE, PLAYGROUND, Klarna
from .control import (
    DEPOSIT,
    PLACES,
    REPAY,
    Difference,
    Places,
    TaxRefund,
    check_rows,
    check_totals,
    choose_signs,
    control_sum,
    effects_of_totals,
)
from .days import local_day
from .effects import FEE_REFUND_VAT, FEE_VAT, Effect, Signs, Sums, as_told, code_of, effects, sign_of
from .errors import explain
from .keys import Keys
from .kinds import DEFAULTS, stands_for_type
from .problems import SettlementError
from .records import Payout, Transaction, Vat, read_payout, read_transaction, read_transactions
from .reports import read_csv
from .vat import GIFT_CARD, SALES, TIP, Share, split, split_from_lines, split_return
