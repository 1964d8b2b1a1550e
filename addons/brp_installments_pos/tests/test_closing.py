from odoo.tests import freeze_time, tagged

from .common import TillCommon


@tagged("post_install", "-at_install")
class TestClosing(TillCommon):
    """What is sold in installments has nothing to do with the drawer that is counted."""

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time("2026-01-10 11:00:00"))
        self.method = self.config._get_installment_method()
        self.between = self.company.account_default_pos_receivable_account_id

    def close(self, counted):
        """Count the drawer and close, as the till does."""
        session = self.till_session.with_user(self.cashier)
        self.assertTrue(session.post_closing_cash_details(counted)["successful"])
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(session.close_session_from_ui([])["successful"])
        self.assertEqual(session.state, "closed")

    def left_between(self):
        """Return what is left on the account that payments of tills go through."""
        self.env.flush_all()
        domain = [("account_id", "=", self.between.id), ("parent_state", "=", "posted")]
        return round(sum(self.env["account.move.line"].search(domain).mapped("balance")), 2)

    def test_with_cash_and_card_and_a_difference(self):
        order = self.sync(self.line(self.year_card), self.line(self.course))
        self.plan_3.setup_fee_product_id = self._create_card("Fee", 20, 25, self.env["brp.installment.plan"])
        main = self.sell(order, self.plan_3)  # 12 000, 1 120 and 25
        self.sync(self.line(self.towel), method=self.cash)  # 100
        self.sync(self.line(self.towel, 2), method=self.card)  # 200
        self.sync(self.line(self.book), method=self.card, to_invoice=True)  # 106
        self._pay(main._get_current_installments()[0], 4381.67)
        back = self.line(self.course, -1, refunded=order.lines[1])
        self.sync(back, method=self.method, to_invoice=True)
        session = self.till_session
        self.assertEqual(session.cash_register_balance_end, 100)
        self.close(90)
        self.assertEqual(sum(session.move_id.line_ids.mapped("balance")), 0)
        # Three towels at 80 and 25 %: nothing of what was invoiced is in the entry.
        tax = session.move_id.line_ids.filtered("tax_line_id")
        self.assertEqual(tax.mapped("balance"), [-60])
        difference = session.statement_line_ids.filtered(lambda line: line.amount < 0)
        self.assertEqual(difference.mapped("amount"), [-10])
        # 13 145, less 4 381.67 that was paid and 1 120 that was given back
        self.assertEqual(self._balance(self.receivable), 7643.33)
        self.assertEqual(main.installment_left, 7643.33)
        self.assertEqual(self._balance(self.account_1530), 0)
        self.assertEqual(self.left_between(), 0)

    def test_nothing_but_installments(self):
        main = self.sell(self.sync(self.line(self.year_card)))
        self.close(0)
        self.assertFalse(self.till_session.move_id.line_ids)
        self.assertEqual((main.installment_left, self._balance(self.receivable)), (12000, 12000))

    def test_whole_kronor_in_the_drawer(self):
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "Whole kronor",
                "rounding": 1,
                "rounding_method": "HALF-UP",
                "strategy": "add_invoice_line",
                "profit_account_id": self.company_data["default_account_revenue"].id,
                "loss_account_id": self.company_data["default_account_expense"].id,
            }
        )
        self.config.write(
            {"cash_rounding": True, "rounding_method": rounding.id, "only_round_cash_method": False}
        )
        self.year_card.list_price = 800.01  # 1 000.01 with VAT
        order = self.sync(self.line(self.year_card))
        main = self.sell(order)
        self.towel.list_price = 79.9  # 99.88 with VAT, 100 in cash
        self.sync(self.line(self.towel), method=self.cash, amount_total=100, amount_paid=100)
        self.close(100)
        self.assertEqual((order.amount_total, main.installment_left), (1000.01, 1000.01))
        self.assertEqual(self._balance(self.receivable), 1000.01)
        self.assertEqual(self.left_between(), 0)
