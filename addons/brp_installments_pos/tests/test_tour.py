from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

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

    def assertSoldOnce(self, order):
        """One order, one invoice, one schedule: 9 600 and 25 %."""
        self.assertEqual((order.state, order.amount_total, order.amount_paid), ("done", 12000, 12000))
        self.assertEqual((len(order.lines), len(order.payment_ids)), (1, 1))
        invoices = self.env["account.move"].search(
            [("partner_id", "=", self.customer.id), ("move_type", "=", "out_invoice")]
        )
        main = order.account_move
        self.assertEqual(invoices, main | main.installment_ids)
        self.assertEqual((len(main), sum(main.installment_ids.mapped("amount_total"))), (1, 12000))
        self.assertEqual(self._balance(self.receivable), 12000)

    def test_the_answer_is_lost(self):
        self.assertSoldOnce(self.start("brp_till_answer_lost"))

    def test_the_answer_is_lost_and_the_page_reloaded(self):
        self.assertSoldOnce(self.start("brp_till_answer_lost_and_reloaded"))

    # The server refuses once what the till sends again.
    @mute_logger("odoo.sql_db", "odoo.http")
    def test_the_order_is_not_acknowledged(self):
        self.assertSoldOnce(self.start("brp_till_order_not_acknowledged"))

    @mute_logger("odoo.sql_db", "odoo.http")
    def test_the_move_is_not_acknowledged(self):
        self.assertTowelIsSeparate(*self.start("brp_till_move_not_acknowledged"))

    def test_something_is_added_after_the_answer_was_lost(self):
        self.assertTowelIsSeparate(*self.start("brp_till_added_after_answer_lost"))

    def assertTowelIsSeparate(self, sale, separate):
        self.assertSoldOnce(sale)
        # 80 and 25 %
        self.assertEqual((separate.state, separate.amount_total), ("paid", 100))
        self.assertEqual((separate.lines.product_id, separate.lines.qty), (self.towel, 1))
