from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TillCommon


@tagged("post_install", "-at_install")
class TestTwice(TillCommon):
    """An order is sold once, however often and by whichever device it is sent."""

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time("2026-01-10 11:00:00"))

    def assert_sold_once(self, order, main, total=12000):
        order.invalidate_recordset()
        self.assertEqual((order.state, order.account_move, order.amount_total), ("done", main, total))
        self.assertEqual((len(order.payment_ids), order.amount_paid), (1, total))
        self.assertEqual(sum(main.installment_ids.mapped("amount_total")), total)
        self.assertEqual(self.env["account.move"].search([("pos_order_ids", "in", order.ids)]), main)

    def test_another_device_has_it_as_a_draft(self):
        order = self.sync(self.line(self.year_card))
        main = self.sell(order)
        self.sync(self.line(self.year_card), self.line(self.towel), uuid=order.uuid)
        self.assert_sold_once(order, main)
        self.assertEqual(order.lines.product_id, self.year_card)

    def test_another_device_takes_cash_for_it(self):
        order = self.sync(self.line(self.year_card))
        main = self.sell(order)
        self.sync(self.line(self.year_card), uuid=order.uuid, method=self.cash)
        self.assert_sold_once(order, main)
        self.sync(self.line(self.year_card), uuid=order.uuid, state="cancel")
        self.assert_sold_once(order, main)

    def test_cancelled_on_another_device(self):
        order = self.sync(self.line(self.year_card))
        order.with_user(self.cashier).action_pos_order_cancel()
        with self.assertRaises(UserError):
            order.with_user(self.cashier).sell_in_installments(self.plan.id, 12000)
        self.assertFalse(order.account_move)

    def test_paid_by_card_on_another_device(self):
        order = self.sync(self.line(self.year_card))
        self.sync(self.line(self.year_card), uuid=order.uuid, method=self.card, lines=[])
        self.assertEqual(order.state, "paid")
        for plan_id in (self.plan.id, False, 0):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                order.with_user(self.cashier).sell_in_installments(plan_id, 12000)
        self.assertFalse(order.account_move)

    def test_a_plan_that_is_no_longer_offered(self):
        order = self.sync(self.line(self.year_card))
        gone = self.env["brp.installment.plan"].create({"name": "Gone", "months": 2})
        elsewhere = self.env["brp.installment.plan"].create({"name": "Not of this product", "months": 2})
        gone_id = gone.id
        gone.unlink()
        for plan_id in (False, 0, gone_id, elsewhere.id):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                order.with_user(self.cashier).sell_in_installments(plan_id, 12000)
        self.plan.active = False
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.with_user(self.cashier).sell_in_installments(self.plan.id, 12000)
        self.plan.active = True
        self.plan.company_id = self.env["res.company"].create({"name": "Elsewhere AB"})
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.with_user(self.cashier).sell_in_installments(self.plan.id, 12000)
        self.assertEqual((order.state, order.account_move.id, len(order.payment_ids)), ("draft", False, 0))

    def test_a_total_that_is_none(self):
        order = self.sync(self.line(self.year_card))
        for total in (None, False, "12000", "rubbish", float("nan"), float("inf"), [], {}):
            with self.subTest(total=total), self.assertRaises(UserError), self.env.cr.savepoint():
                order.with_user(self.cashier).sell_in_installments(self.plan.id, total)
        self.assertEqual(order.state, "draft")

    def test_its_session_has_been_closed(self):
        order = self.sync(self.line(self.year_card))
        with self.assertRaisesRegex(UserError, "draft orders"), self.env.cr.savepoint():
            self.till_session.action_pos_session_closing_control(bank_payment_method_diffs={})
        for state in ("closing_control", "closed"):
            self.till_session.state = state
            with self.assertRaisesRegex(UserError, "session"), self.env.cr.savepoint():
                order.with_user(self.cashier).sell_in_installments(self.plan.id, 12000)
        self.assertFalse(order.account_move)
        # The till sends it once more, in the session that is open now.
        self.till_session.state = "closed"
        self.config.with_user(self.cashier).open_ui()
        self.till_session = self.config.current_session_id
        self.till_session.with_user(self.cashier).set_opening_control(0, None)
        self.sync(self.line(self.year_card), uuid=order.uuid, lines=[])
        self.assert_sold_once(order, self.sell(order))

    def test_of_a_day_to_come(self):
        """An order that is kept for another day has no session until it is sent again."""
        order = self.sync(self.line(self.year_card))
        order.session_id = False
        with self.assertRaisesRegex(UserError, "session"):
            order.with_user(self.cashier).sell_in_installments(self.plan.id, 12000)

    def test_how_it_was_paid_is_not_changed(self):
        order = self.sync(self.line(self.year_card))
        self.sell(order)
        method = self.config._get_installment_method()
        sold = self.sync(self.line(self.towel), method=self.cash)
        back = self.line(self.year_card, -1, refunded=order.lines)
        refund = self.sync(back, method=method, to_invoice=True)
        for one, other in ((order, self.cash), (refund, self.cash), (sold, method)):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                one.payment_ids.with_user(self.cashier).payment_method_id = other
        with self.assertRaises(UserError), self.env.cr.savepoint():
            payment = order.payment_ids.with_user(self.cashier)
            order.with_user(self.cashier).write(
                {
                    "payment_ids": [
                        Command.delete(payment.id),
                        Command.create({"amount": 12000, "payment_method_id": self.cash.id}),
                    ]
                }
            )
        self.assertEqual((order + refund).payment_ids.payment_method_id, method)
