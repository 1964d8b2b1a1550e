from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TillCommon


@tagged("post_install", "-at_install")
class TestRefunds(TillCommon):
    """What is given back is credited to the öre, and no money leaves the drawer."""

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time("2026-01-10 11:00:00"))
        self.method = self.config._get_installment_method()

    def give_back(self, *pairs, **values):
        """Have the till give back quantities of lines of an order, netted against its installments."""
        lines = [self.line(line.product_id, -quantity, refunded=line) for line, quantity in pairs]
        return self.sync(*lines, method=self.method, **{"to_invoice": True, **values})

    def left(self, main):
        main.invalidate_recordset()
        return round(sum(main.installment_ids.mapped("amount_residual")), 2)

    def test_one_of_three(self):
        self.book.list_price = 33.33
        order = self.sync(self.line(self.book, 3))  # 99.99 and 6 %: 105.99
        main = self.sell(order, self.plan_3)
        self.assertEqual(main.amount_total, 105.99)
        refund = self.give_back((order.lines, 1))  # 35.33
        self.assertEqual((refund.state, refund.amount_total, refund.amount_paid), ("done", -35.33, -35.33))
        self.assertEqual(self.left(main), 70.66)
        self.assertEqual((main.installment_credited, main.installment_left), (35.33, 70.66))
        self.assertEqual(self._balance(self.receivable), 70.66)
        # First due first: 35.33 is paid off.
        parts = main._get_current_installments().mapped("amount_residual")
        self.assertEqual(parts, [0, 35.33, 35.33])

    def test_one_of_two_products(self):
        order = self.sync(self.line(self.course), self.line(self.book))
        main = self.sell(order, self.plan_3)  # 1 120 and 106
        refund = self.give_back((order.lines[1], 1))
        self.assertEqual(refund.account_move.amount_tax, 6)
        self.assertEqual(self.left(main), 1120)

    def test_more_than_there_was(self):
        order = self.sync(self.line(self.course), self.line(self.book))
        main = self.sell(order, self.plan_3)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.give_back((order.lines[1], 2))
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.give_back((order.lines[0], 1), (order.lines[1], 5))
        self.assertEqual(self.left(main), 1226)

    def test_given_back_twice(self):
        order = self.sync(self.line(self.course), self.line(self.book))
        main = self.sell(order, self.plan_3)
        refund = self.give_back((order.lines[1], 1))
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.give_back((order.lines[1], 1))
        # The refund itself is not given back either.
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.sync(self.line(self.book, 1, refunded=refund.lines), method=self.method, to_invoice=True)
        self.assertEqual(self.left(main), 1120)

    def test_after_the_first_is_paid(self):
        order = self.sync(self.line(self.year_card))
        main = self.sell(order)
        self._pay(main._get_current_installments()[0], 1000)
        refund = self.give_back((order.lines, 1))
        self.assertEqual(self.left(main), 0)
        self.assertEqual((main.installment_paid, main.installment_to_refund), (1000, 1000))
        self.assertEqual(refund.account_move.amount_residual, 1000)
        self.assertEqual(self._balance(self.receivable), -1000)

    def test_after_all_are_paid(self):
        order = self.sync(self.line(self.course))
        main = self.sell(order, self.plan_3)
        for part in main.installment_ids:
            self._pay(part, part.amount_total)
        with self.assertRaisesRegex(UserError, "no money is paid out"), self.env.cr.savepoint():
            self.sync(self.line(self.course, -1, refunded=order.lines), method=self.cash)
        self.give_back((order.lines, 1))
        self.assertEqual((main.installment_to_refund, self.left(main)), (1120, 0))
        self.assertFalse(self.till_session.order_ids.payment_ids.filtered("payment_method_id.is_cash_count"))

    def test_in_another_session(self):
        order = self.sync(self.line(self.course))
        main = self.sell(order, self.plan_3)
        self.till_session.action_pos_session_closing_control(bank_payment_method_diffs={})
        self.config.with_user(self.cashier).open_ui()
        self.till_session = self.config.current_session_id
        self.till_session.with_user(self.cashier).set_opening_control(0, None)
        self.give_back((order.lines, 1))
        self.till_session.action_pos_session_closing_control(bank_payment_method_diffs={})
        self.assertEqual(self.till_session.state, "closed")
        self.assertEqual((self.left(main), self._balance(self.receivable)), (0, 0))

    def test_partly_in_cash(self):
        order = self.sync(self.line(self.course))
        self.sell(order, self.plan_3)
        payments = [
            Command.create({"amount": amount, "payment_method_id": method.id})
            for amount, method in ((-120, self.cash), (-1000, self.method))
        ]
        with self.assertRaises(UserError):
            self.sync(
                self.line(self.course, -1, refunded=order.lines),
                state="paid",
                to_invoice=True,
                amount_paid=-1120,
                payment_ids=payments,
            )

    def test_nothing_is_sold_against_what_is_given_back(self):
        order = self.sync(self.line(self.course))
        main = self.sell(order, self.plan_3)
        lines = [self.line(self.course, -1, refunded=order.lines), self.line(self.towel)]
        with self.assertRaisesRegex(UserError, "Towel"), self.env.cr.savepoint():
            self.sync(*lines, method=self.method, to_invoice=True)
        self.assertEqual(self.left(main), 1120)

    def test_to_another_customer(self):
        order = self.sync(self.line(self.course))
        main = self.sell(order, self.plan_3)
        other = self.env["res.partner"].create({"name": "Bo Ek"})
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.give_back((order.lines, 1), partner_id=other.id)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.give_back((order.lines, 1), partner_id=False)
        self.assertEqual(self.left(main), 1120)

    def test_rounding_of_cash_does_not_round_what_is_given_back(self):
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
        self.book.list_price = 33.33
        order = self.sync(self.line(self.book, 3))
        main = self.sell(order, self.plan_3)
        self.config.write(
            {"cash_rounding": True, "rounding_method": rounding.id, "only_round_cash_method": False}
        )
        payment = [Command.create({"amount": -35, "payment_method_id": self.method.id})]
        refund = self.sync(
            self.line(self.book, -1, refunded=order.lines),
            state="paid",
            to_invoice=True,
            amount_paid=-35,
            payment_ids=payment,
        )
        self.assertEqual((refund.amount_total, refund.account_move.amount_total), (-35.33, 35.33))
        self.assertEqual(self.left(main), 70.66)

    def test_given_back_in_the_office(self):
        """Odoo's own dialogs of orders do what the till does."""
        order = self.sync(self.line(self.course))
        main = self.sell(order, self.plan_3)
        refund = self.env["pos.order"].browse(order.refund()["res_id"])
        dialog = self.env["pos.make.payment"].with_context(active_id=refund.id, active_ids=refund.ids)
        with self.assertRaisesRegex(UserError, "no money is paid out"), self.env.cr.savepoint():
            dialog.create({"payment_method_id": self.cash.id}).check()
        dialog.create({"payment_method_id": self.method.id}).check()
        self.assertEqual((refund.state, refund.account_move.reversed_entry_id), ("done", main))
        self.assertEqual(self.left(main), 0)

    def test_credited_in_the_office_before(self):
        order = self.sync(self.line(self.course))
        main = self.sell(order, self.plan_3)
        main._reverse_moves([{"invoice_date": main.date}])._post()
        self.assertEqual(self.left(main), 0)
        with self.assertRaisesRegex(UserError, "more than its"), self.env.cr.savepoint():
            self.give_back((order.lines, 1))
