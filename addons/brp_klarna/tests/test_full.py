from datetime import date

from odoo.tests import tagged

from .common import KlarnaCommon

# Numbers that the chart of accounts had free: 1582 and 1938 are made by the dialog.
WORKED_EXAMPLE = {
    # Orders A (a quarter past midnight) and B
    date(2026, 10, 25): {
        "1582": 1615,
        "3001": -1160,
        "2611": -290,
        "3002": -100,
        "2621": -12,
        "3003": -50,
        "2631": -3,
    },
    # Order C, with a gift card of 500
    date(2026, 10, 27): {"1582": 600, "2421": -500, "3001": -80, "2611": -20},
    # Two parts of A came back
    date(2026, 10, 30): {"1582": -249, "3001": 199.2, "2611": 49.8},
    date(2026, 11, 4): {"1938": 1770.06, "6064": 76.73, "2640": 19.21, "1689": 100, "1582": -1966},
}


@tagged("post_install", "-at_install")
class TestFull(KlarnaCommon):
    """Klarna is the only source: its sales are booked on their days, and its payout."""

    def test_worked_example(self):
        self.activate()
        self.run_jobs()
        payout = self.payout()
        self.assertEqual(payout.problem, "")
        self.assertEqual(payout.state, "posted")
        self.assertEqual(self.vouchers(payout), WORKED_EXAMPLE)
        balance, open_items = self.open_on_receivable()
        self.assertEqual(balance, 0)
        self.assertFalse(open_items)
