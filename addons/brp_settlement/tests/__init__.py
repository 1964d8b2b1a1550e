from . import test_payout
