from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TillCommon


@tagged("post_install", "-at_install")
class TestRights(TillCommon):
    """A cashier sells in installments with the rights of the till, and gets no others by it."""

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time("2026-01-10 11:00:00"))

    def test_what_the_cashier_has_no_right_to(self):
        self.assertFalse(self.cashier.has_group("account.group_account_invoice"))
        main = self.sell(self.sync(self.line(self.year_card)))
        part = main.installment_ids[0]
        for method in (
            "action_credit_installments",
            "action_reverse",
            "button_draft",
        ):
            with self.subTest(method=method), self.assertRaises(AccessError), self.env.cr.savepoint():
                getattr(part.with_user(self.cashier), method)()
        with self.assertRaises(AccessError):
            self.env["brp.installment.plan"].with_user(self.cashier).create({"name": "Mine", "months": 2})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.plan.with_user(self.cashier).months = 60

    def test_the_plan_of_an_order_is_not_written_by_hand(self):
        order = self.sync(self.line(self.year_card), method=self.card)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.with_user(self.cashier).installment_plan_id = self.plan
        sold = self.sync(self.line(self.year_card))
        self.sell(sold)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            sold.with_user(self.cashier).installment_plan_id = False
        self.assertEqual((order.installment_plan_id.id, sold.installment_plan_id), (False, self.plan))

    def test_portal_and_others(self):
        order = self.sync(self.line(self.year_card))
        portal = new_test_user(self.env, "till_portal", groups="base.group_portal")
        employee = new_test_user(self.env, "till_employee", groups="base.group_user")
        self.customer.user_ids = portal
        for user in (portal, employee):
            user.write({"company_ids": [Command.set(self.company.ids)], "company_id": self.company.id})
            mine = order.with_user(user)
            for call in (
                mine.offer_installments,
                lambda mine=mine: mine.sell_in_installments(self.plan.id, 12000),
                lambda mine=mine: mine.read(["installment_schedule", "installment_plan_id"]),
            ):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    call()
        self.assertEqual(order.state, "draft")

    def test_a_till_of_another_company(self):
        order = self.sync(self.line(self.year_card))
        other = self.env["res.company"].create({"name": "Elsewhere AB"})
        stranger = new_test_user(
            self.env,
            "cashier_elsewhere",
            groups="base.group_user,point_of_sale.group_pos_user",
            company_ids=[Command.set(other.ids)],
            company_id=other.id,
        )
        with self.assertRaises(AccessError):
            order.with_user(stranger).offer_installments()
        with self.assertRaises(AccessError):
            order.with_user(stranger).sell_in_installments(self.plan.id, 12000)

    def test_a_till_without_installments(self):
        order = self.sync(self.line(self.year_card))
        self.till_session.state = "closed"
        self.config.sells_in_installments = False
        self.till_session.state = "opened"
        for call in (
            order.with_user(self.cashier).offer_installments,
            lambda: order.with_user(self.cashier).sell_in_installments(self.plan.id, 12000),
        ):
            with self.assertRaisesRegex(UserError, "does not sell in installments"):
                call()

    def test_several_orders_at_once(self):
        orders = self.sync(self.line(self.year_card)) + self.sync(self.line(self.year_card))
        with self.assertRaises(ValueError):
            orders.with_user(self.cashier).sell_in_installments(self.plan.id, 12000)
        with self.assertRaises(ValueError):
            orders.browse().with_user(self.cashier).offer_installments()

    def test_paid_by_the_method_by_other_ways(self):
        """What a till's other calls do does not get past the rules either."""
        self.company.installment_only = True
        order = self.sync(self.line(self.year_card)).with_user(self.cashier)
        method = self.config._get_installment_method()
        for one in (method, self.cash):
            with self.subTest(method=one.name), self.assertRaises(UserError), self.env.cr.savepoint():
                order.add_payment({"pos_order_id": order.id, "amount": 12000, "payment_method_id": one.id})
                order.action_pos_order_paid()

    # === HOW MUCH IS ASKED FOR === #

    def count_queries(self, order):
        self.env.flush_all()
        self.env.invalidate_all()
        self.offer(order)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        offer = self.offer(order)
        return self.env.cr.sql_log_count - before, len(offer["plans"])

    def test_plans_cost_no_queries(self):
        order = self.sync(self.line(self.year_card))
        few, plans = self.count_queries(order)
        self.assertEqual(plans, 2)
        self.year_card.installment_plan_ids += self.env["brp.installment.plan"].create(
            [{"name": f"{months} months", "months": months} for months in range(13, 33)]
        )
        many, plans = self.count_queries(order)
        self.assertEqual(plans, 22)
        self.assertLessEqual(many, few)

    def test_products_with_a_plan_cost_no_queries(self):
        """The till is loaded with which of its products have a plan, however many there are."""
        Template = self.env["product.template"]

        def count(products):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            read = Template._load_pos_data_read(products, self.config)
            told = [values["id"] for values in read if values["_has_installment_plan"]]
            return self.env.cr.sql_log_count - before, told

        values = {"type": "service", "available_in_pos": True, "list_price": 1}
        products = Template.create([{**values, "name": f"Product {number}"} for number in range(2000)])
        with_plan = products[::2]
        with_plan.installment_plan_ids = self.plan
        count(products[:10])
        few, _told = count(products[:10])
        many, told = count(products)
        self.assertEqual(sorted(told), sorted(with_plan.ids))
        # Odoo itself reads a thousand records at a time.
        self.assertLessEqual(many, 3 * few)
