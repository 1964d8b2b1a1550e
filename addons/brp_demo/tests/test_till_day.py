from odoo import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.brp_accounting_export.tests.test_bjorn_lunden import BjornLundenCommon
from odoo.addons.brp_accounting_export_pos.tests.common import TillExportCommon


@tagged("post_install", "-at_install")
class TestTillDay(TillExportCommon, BjornLundenCommon, HttpCase):
    """A day at the till on the screen, closed and booked in Björn Lundén."""

    now = None
    today = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.day = cls.env["brp.connection"]._get_swedish_date()
        # The demo's own products have the same names.
        cls.env["product.template"].search([("available_in_pos", "=", True)]).available_in_pos = False
        for rate, name, price in ((25, "Towel", 100), (12, "Lunch", 200), (6, "Book", 50)):
            cls.products[rate].write({"name": name, "list_price": price, "available_in_pos": True})
        cls.gift_card.write({"name": "Card to Give", "list_price": 500, "available_in_pos": True})
        cls.tip.available_in_pos = True
        cls.set_up_gift_cards()
        cls.set_up_installments()
        cls.till.write({"iface_tipproduct": True, "tip_product_id": cls.tip.id})
        cls.till.sells_in_installments = True

    @classmethod
    def set_up_gift_cards(cls):
        Program = cls.env["loyalty.program"].sudo()
        Program.search([("program_type", "in", ("gift_card", "ewallet"))]).active = False
        program = Program.create(
            {
                "name": "Gift Cards",
                "program_type": "gift_card",
                "company_id": cls.company.id,
                "pos_report_print_id": cls.env.ref("loyalty.report_gift_card").id,
                **Program._program_type_default_values()["gift_card"],
            }
        )
        program.trigger_product_ids = cls.gift_card

    @classmethod
    def set_up_installments(cls):
        cls.company._set_up_installments()
        plan = cls.env["brp.installment.plan"].create({"name": "3 months", "months": 3, "cutoff_day": 15})
        cls.year_card = cls.env["product.product"].create(
            {
                "name": "Year Card",
                "type": "service",
                "list_price": 1200,
                "categ_id": cls.group.id,
                "taxes_id": [Command.set(cls.taxes[25].ids)],
                "installment_plan_ids": [Command.set(plan.ids)],
                "available_in_pos": True,
            }
        )
        cls.customer.name = "Astrid Berg"

    @classmethod
    def look_at_mapping(cls):
        """Accounts are proposed when Björn Lundén is connected."""

    def test_day(self):
        self.activate()
        session = self.open(cash=500)
        self.start_tour(f"/pos/ui/{self.till.id}", "brp_till_day", login="export_cashier")
        self.env.invalidate_all()
        self.assertEqual((session.state, session.z_number), ("closed", 1))
        # 500 when it was opened, 250 of the towels, 125 given back; five kronor are not there.
        self.assertEqual(
            (session.cash_register_balance_end, session.cash_register_balance_end_real), (625, 620)
        )
        sold = session.order_ids.account_move.filtered("installment_plan_id")
        self.assertEqual(
            sold.installment_ids.sorted("invoice_date_due").mapped("amount_total"), [383.34, 383.33, 383.33]
        )
        card = self.env["loyalty.card"].sudo().search([("code", "=", "044000001")])
        self.assertEqual(card.points, 0)  # 600 less 250 and 350

        connection = self.connection.sudo()
        connection._close_days(self.day)
        self.assertIn("1530", connection.problem)
        # The bookkeeper says where what is owed in installments goes, and what is not in the drawer.
        self.set_code(f"account:{self.company.installment_account_id.id}", "1510")
        self.set_code(f"account:{self.cash.loss_account_id.id}", "3740")
        connection._close_days(self.day)
        self.assertFalse(connection.problem)
        self.send()
        for voucher in self.booked():
            self.assertEqual(round(sum(voucher.values()), 2), 0)
        self.assertEqual(
            {code: amount for code, amount in self.booked_in_all().items() if amount},
            {
                "1910": 120,  # 250 less 125, less what is not there
                "1581": 744,  # lunch 224, a gift card of 500 and a tip of 20
                "1582": 653,  # book 53 and a gift card of 600
                "1510": 1150,
                "3001": -1500,  # two towels 200, two by gift card 200, one back 100, the year card 1 200
                "2610": -375,
                "3002": -200,
                "2620": -24,
                "3003": -50,
                "2630": -3,
                "2421": -500,  # sold 500 and 600, redeemed 250 and 350
                "2820": -20,
                "3740": 5,
            },
        )
        self.check_ledger(self.day)
