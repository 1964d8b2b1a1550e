from datetime import date

from odoo import Command
from odoo.tests import tagged

from .common import KlarnaCommon


@tagged("post_install", "-at_install")
class TestPayoutOnly(KlarnaCommon):
    """The sales are booked in Odoo already: the payout clears what Klarna owes for them, and nothing else."""

    def setUp(self):
        super().setUp()
        self.activate(klarna_mode="payout")
        self.customer = self.env["res.partner"].create({"name": "Customer"})
        self.journal = self.env["account.journal"].create({"name": "Klarna", "type": "bank", "code": "KLB"})
        lines = self.journal.inbound_payment_method_line_ids | self.journal.outbound_payment_method_line_ids
        lines.payment_account_id = self.receivable

    def sell(self, amount, reference, day, kind="out_invoice"):
        """Invoice an order of the web shop that Klarna has collected."""
        invoice = self.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": self.customer.id,
                "invoice_date": day,
                "invoice_origin": reference,
                "invoice_line_ids": [
                    Command.create({"name": "Order", "price_unit": amount, "tax_ids": [Command.clear()]})
                ],
            }
        )
        invoice.action_post()
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": self.journal.id, "payment_date": day})
        )
        return wizard._create_payments()

    def test_receivable_is_zero_when_all_is_matched(self):
        self.sell(1250, "WEB-2041", date(2026, 10, 25))
        self.sell(365, "WEB-2042", date(2026, 10, 25))
        self.sell(600, "WEB-2043", date(2026, 10, 27))
        self.sell(199, "WEB-2041", date(2026, 10, 30), "out_refund")
        self.run_jobs()
        payout = self.payout()
        # The second refund of order A has not been booked.
        self.assertEqual((payout.state, payout.count_unmatched), ("open", 1))
        unmatched = self.env["brp.payout.line"].search(payout.action_view_unmatched()["domain"])
        self.assertEqual((unmatched.reference, unmatched.amount), ("WEB-2041", -50))
        self.sell(50, "WEB-2041", date(2026, 10, 30), "out_refund")
        self.run_jobs()
        self.assertEqual(payout.state, "posted")
        self.assertEqual(
            self.vouchers(payout),
            {
                date(2026, 11, 4): {
                    "1938": 1770.06,
                    "6064": 76.73,
                    "2640": 19.21,
                    "1689": 100,
                    "1582": -1966,
                }
            },
        )
        balance, open_items = self.open_on_receivable()
        self.assertEqual(balance, 0)
        self.assertFalse(open_items)
        self.assertFalse(payout.klarna_day_ids)
