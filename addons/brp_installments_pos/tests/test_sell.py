from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TillCommon


@tagged("post_install", "-at_install")
class TestSell(TillCommon):
    """What the till sells in installments is the same as what an order sells."""

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time("2026-01-10 11:00:00"))

    def test_what_the_till_shows(self):
        offer = self.offer(self.sync(self.line(self.year_card)))
        self.assertEqual((offer["obstacle"], offer["separate"]), ("", []))
        self.assertEqual([plan["name"] for plan in offer["plans"]], ["3 months", "12 months"])
        [plan] = [plan for plan in offer["plans"] if plan["id"] == self.plan.id]
        # 9 600 and 25 %, a twelfth a month from 27 January
        self.assertEqual((plan["total"], plan["fees_shown"], len(plan["parts"])), (12000, "", 12))
        self.assertEqual(
            plan["parts"][0], {"label": "1 of 12", "due": "01/27/2026", "amount": "1,000.00\xa0kr"}
        )
        self.assertEqual(plan["parts"][-1]["due"], "12/27/2026")

    def test_sold(self):
        order = self.sync(self.line(self.year_card))
        main = self.sell(order)
        self.assertEqual(
            (order.state, order.amount_paid, order.installment_plan_id), ("done", 12000, self.plan)
        )
        self.assertEqual(order.payment_ids.payment_method_id.name, "Installments")
        self.assertEqual((main.amount_total, main.payment_state), (12000, "paid"))
        self.assertEqual(main.status_in_payment, "installments")
        parts = main.installment_ids.sorted("installment_number")
        self.assertEqual(parts.mapped("amount_total"), [1000.0] * 12)
        self.assertEqual(str(parts[0].invoice_date_due), "2026-01-27")
        # All of it is owed, and by the contract no more: 1530 is empty, as every part is an invoice.
        self.assertEqual((self._balance(self.account_1530), self._balance(self.receivable)), (0, 12000))
        self.assertEqual(order.installment_schedule[0], ["1 of 12", "01/27/2026", "1,000.00\xa0kr"])

    def test_an_ore_that_does_not_divide(self):
        self.year_card.list_price = 800.01  # 1 000.01 with VAT
        main = self.sell(self.sync(self.line(self.year_card)), self.plan_3)
        parts = main.installment_ids.sorted("installment_number").mapped("amount_total")
        self.assertEqual(sum(parts), 1000.01)
        self.assertEqual(sorted(parts), [333.33, 333.34, 333.34])

    def test_fees(self):
        fee = self._create_card("Fee", 20, 25, self.env["brp.installment.plan"])
        self.plan_3.write({"setup_fee_product_id": fee.id, "installment_fee_product_id": fee.id})
        order = self.sync(self.line(self.course))
        [plan] = self.offer(order)["plans"]
        # 1 000 and 12 %, four times 20 and 25 %
        self.assertEqual((plan["total"], plan["fees_shown"]), (1220, "100.00\xa0kr"))
        main = self.sell(order, self.plan_3)
        self.assertEqual((order.amount_total, main.amount_total), (1220, 1220))
        self.assertEqual(main.amount_tax, 140)
        self.assertEqual(sum(order.lines.filtered("is_installment_fee").mapped("qty")), 4)

    def test_sent_twice(self):
        order = self.sync(self.line(self.year_card))
        main = self.sell(order)
        again = order.with_user(self.cashier).sell_in_installments(self.plan.id, 12000)
        self.assertEqual(again["pos.order"][0]["id"], order.id)
        self.assertEqual(
            (order.account_move, len(order.payment_ids), len(main.installment_ids)), (main, 1, 12)
        )
        # The till sends it once more, as it knew it.
        self.assertEqual(self.sync(self.line(self.year_card), uuid=order.uuid), order)
        self.assertEqual(order.state, "done")
        with self.assertRaisesRegex(UserError, "paid already"):
            order.with_user(self.cashier).sell_in_installments(self.plan_3.id, 12000)

    def test_another_price_than_shown(self):
        order = self.sync(self.line(self.year_card))
        with self.assertRaisesRegex(UserError, "12,000.00.*11,000.00"):
            self.sell(order, total=11000)
        self.assertEqual((order.state, order.account_move.id, len(order.lines)), ("draft", False, 1))

    # === WHAT CANNOT BE SOLD SO === #

    def test_products_without_a_plan(self):
        order = self.sync(self.line(self.year_card), self.line(self.towel))
        offer = self.offer(order)
        self.assertEqual((offer["separate"], offer["products"]), (order.lines[1].ids, "Towel"))
        with self.assertRaisesRegex(UserError, "Towel has no installment plan"):
            self.sell(order)
        # The price is shown without what is to be moved.
        [plan] = [plan for plan in offer["plans"] if plan["id"] == self.plan.id]
        self.assertEqual(plan["total"], 12000)

    def test_a_combo_stays_together(self):
        order = self.sync(self.line(self.year_card), *(self.line(self.towel) for _ in range(3)))
        _card, combo, part, gift = order.lines
        (part + gift).combo_parent_id = combo
        (combo + gift).write({"price_unit": 0, "price_subtotal": 0, "price_subtotal_incl": 0})
        self.assertCountEqual(self.offer(order)["separate"], (combo + part + gift).ids)

    def test_a_customer_who_cannot_be_written_to(self):
        order = self.sync(self.line(self.year_card))
        self.assertFalse(self.offer(order)["warning"])
        self.customer.email = False
        self.assertIn("Astrid Berg has neither an e-mail address", self.offer(order)["warning"])
        self.customer.street = "Storgatan 1"
        self.assertFalse(self.offer(order)["warning"])

    def test_no_plan_in_common(self):
        self.course.installment_plan_ids = self.plan_3
        self.year_card.installment_plan_ids = self.plan
        offer = self.offer(self.sync(self.line(self.year_card), self.line(self.course)))
        self.assertIn("Year Card (12 months); Swimming Course (3 months)", offer["obstacle"])
        self.assertEqual(offer["plans"], [])

    def test_without_a_customer_or_with_payments(self):
        order = self.sync(self.line(self.year_card), partner_id=False)
        self.assertIn("Choose a customer", self.offer(order)["obstacle"])
        order = self.sync(self.line(self.year_card))
        order.add_payment({"pos_order_id": order.id, "amount": 100, "payment_method_id": self.cash.id})
        self.assertIn("payments away", self.offer(order)["obstacle"])

    def test_a_sale_order_that_is_settled_in_the_till(self):
        """It is confirmed, delivered and invoiced by its own rules, and has a button of its own."""
        if "sale_order_origin_id" not in self.env["pos.order.line"]._fields:
            self.skipTest("Odoo's pos_sale is not installed")
        line = self.line(self.year_card)
        quotation = self._create_order(self.year_card)
        line[2].update(sale_order_origin_id=quotation.id, sale_order_line_id=quotation.order_line.id)
        order = self.sync(line)
        self.assertIn(f"{quotation.name} in installments on the order", self.offer(order)["obstacle"])
        with self.assertRaisesRegex(UserError, "on the order itself"):
            self.sell(order, total=12000)

    def test_missing_settings(self):
        order = self.sync(self.line(self.year_card))
        self.company.installment_journal_id = False
        with self.assertRaisesRegex(UserError, "Installment Invoice Journal"):
            self.offer(order)

    # === HOW ELSE IT IS SOLD === #

    def test_only_in_installments(self):
        self.company.installment_only = True
        with self.assertRaisesRegex(UserError, "Year Card can only be sold in installments"):
            self.sync(self.line(self.year_card), method=self.card)
        self.assertEqual(self.sync(self.line(self.towel), method=self.card).state, "paid")
        self.assertTrue(self.sell(self.sync(self.line(self.year_card))))

    def test_paid_online_by_the_customer(self):
        """Money that has come is booked, whatever may be sold how."""
        Method = self.env["pos.payment.method"]
        if "is_online_payment" not in Method._fields:
            self.skipTest("Odoo's pos_online_payment is not installed")
        self.company.installment_only = True
        order = self.sync(self.line(self.year_card))
        method = Method.create({"name": "Online", "is_online_payment": True})
        paid = self.env["account.payment"].create({"partner_id": self.customer.id, "amount": 12000})
        order.add_payment(
            {
                "pos_order_id": order.id,
                "amount": 12000,
                "payment_method_id": method.id,
                "online_account_payment_id": paid.id,
            }
        )
        order._process_saved_order(False)
        self.assertEqual(order.state, "paid")

    def test_the_method_alone_is_no_plan(self):
        method = self.config._get_installment_method()
        with self.assertRaisesRegex(UserError, "use the button"):
            self.sync(self.line(self.year_card), method=method, to_invoice=True)

    def test_the_plan_is_not_the_till_s_to_say(self):
        order = self.sync(self.line(self.year_card), method=self.card, installment_plan_id=self.plan.id)
        self.assertFalse(order.installment_plan_id)

    # === GIVEN BACK === #

    def test_given_back(self):
        order = self.sync(self.line(self.year_card))
        main = self.sell(order)
        back = self.line(self.year_card, -1, refunded=order.lines)
        with self.assertRaisesRegex(UserError, "no money is paid out"), self.env.cr.savepoint():
            self.sync(back, method=self.cash)
        method = self.config._get_installment_method()
        refund = self.sync(back, method=method, to_invoice=True)
        self.assertEqual(refund.account_move.reversed_entry_id, main)
        self.assertEqual(set(main.installment_ids.mapped("payment_state")), {"reversed"})
        self.assertEqual(self._balance(self.receivable), 0)

    def test_closed_together_with_cash(self):
        self.sell(self.sync(self.line(self.year_card)))
        self.sync(self.line(self.towel), method=self.cash)
        self.till_session.action_pos_session_closing_control(bank_payment_method_diffs={})
        self.assertEqual(self.till_session.state, "closed")
        # The session's entry has the towel alone: 80 and 25 %.
        tax = self.till_session.move_id.line_ids.filtered("tax_line_id")
        self.assertEqual(tax.mapped("balance"), [-20])

    def test_who_may(self):
        order = self.sync(self.line(self.year_card))
        seller = new_test_user(self.env, "seller_sundby", groups="sales_team.group_sale_salesman")
        seller.write({"company_ids": [(6, 0, self.company.ids)], "company_id": self.company.id})
        with self.assertRaises(AccessError):
            order.with_user(seller).sell_in_installments(self.plan.id, 12000)
        # The cashier sells, and no more.
        main = self.sell(order)
        with self.assertRaises(AccessError):
            main.with_user(self.cashier).action_credit_installments()
