from odoo.tests import HttpCase, tagged

from .common import TillCommon


@tagged("post_install", "-at_install")
class TestTour(TillCommon, HttpCase):
    """The cashier sells in installments on the screen."""

    def setUp(self):
        super().setUp()
        if not self._registry_patched:
            self.enterContext(self.enter_registry_test_mode())

    def start(self, tour):
        self.start_tour(f"/pos/ui/{self.config.id}", tour, login="cashier_sundby")
        self.env.invalidate_all()
        return self.env["pos.order"].search([("config_id", "=", self.config.id)], order="id")

    def test_sold_and_given_back(self):
        sale, refund = self.start("brp_till_installments")
        main = sale.account_move
        self.assertEqual((sale.state, main.amount_total, len(main.installment_ids)), ("done", 12000, 12))
        self.assertEqual(refund.account_move.reversed_entry_id, main)
        self.assertEqual(refund.payment_ids.payment_method_id, self.config._get_installment_method())
        self.assertEqual(self._balance(self.receivable), 0)

    def test_mixed_cart(self):
        sale, separate = self.start("brp_till_mixed_cart").sorted("amount_total", reverse=True)
        self.assertEqual((sale.state, sale.lines.product_id), ("done", self.year_card))
        self.assertEqual((separate.state, separate.lines.product_id), ("draft", self.towel))
        self.assertEqual(separate.partner_id, self.customer)

    def test_no_common_plan(self):
        self.year_card.installment_plan_ids = self.plan
        order = self.start("brp_till_no_common_plan")
        self.assertEqual((order.state, order.installment_plan_id.id), ("draft", False))

    def test_without_connection(self):
        order = self.start("brp_till_installments_offline")
        self.assertEqual((order.state, len(order.account_move.installment_ids)), ("done", 3))
