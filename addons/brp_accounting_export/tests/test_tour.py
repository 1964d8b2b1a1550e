from odoo import Command
from odoo.tests import HttpCase, tagged

from .test_bjorn_lunden import KEY, BjornLundenCommon


@tagged("post_install", "-at_install")
class TestTour(BjornLundenCommon, HttpCase):
    """A day's sales into Björn Lundén on the screens, in Swedish, with its simulator on the other side."""

    now = None
    today = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("sv_SE")
        cls.day = cls.env["brp.connection"]._get_swedish_date()
        cls.clerk = cls.make_user(
            "tour_export",
            "base.group_user,account.group_account_manager",
            lang="sv_SE",
            tz="Europe/Stockholm",
        )
        cls.tip, cls.gift_card = cls.env["product.product"].create(
            [
                {"name": "Tip", "accounting_event": "tip", "taxes_id": False},
                {"name": "Gift Card", "accounting_event": "gift_card", "taxes_id": False},
            ]
        )

    def test_day(self):
        cash = self.sell({25: 100, 6: 50}, self.day)
        card = self.sell({12: 200}, self.day, invoice_line_ids=[
            Command.create({"product_id": self.products[12].id, "price_unit": 200}),
            Command.create({"product_id": self.tip.id, "price_unit": 20}),
        ])  # fmt: skip
        swish = self.sell({}, self.day, invoice_line_ids=[
            Command.create({"product_id": self.gift_card.id, "price_unit": 500}),
        ])  # fmt: skip
        for move, journal in ((cash, self.cash), (card, self.card), (swish, self.swish)):
            self.pay(move, journal, self.day)
        action = self.env.ref("brp_connector.action_integrations")

        self.start_tour(f"/odoo/action-{action.id}", "brp_accounting_export_activate", login="tour_export")
        self.assertEqual(self.connection.state, "active")
        self.send()
        # 125 + 53 in cash, 224 + 20 by card, 500 by Swish.
        self.assertEqual(
            self.booked(),
            [
                {
                    "1510": 922,
                    "2421": -500,
                    "2610": -25,
                    "2620": -24,
                    "2630": -3,
                    "2820": -20,
                    "3001": -100,
                    "3002": -200,
                    "3003": -50,
                },
                {"1510": -178, "1910": 178},
                {"1510": -744, "1581": 244, "1582": 500},
            ],
        )
        self.check_ledger(self.day)
        for voucher in self.service.vouchers(KEY):
            self.assertTrue(voucher["documentIds"])

        self.products[25].categ_id = self.env["product.category"].create({"name": "Nytt"})
        self.sell({25: 80}, self.day)
        self.connection.sudo()._close_days(self.day)
        self.assertIn("Nytt", self.connection.problem)
        self.start_tour("/odoo", "brp_accounting_export_mend", login="tour_export")
        self.connection.sudo()._close_days(self.day)
        self.send()
        self.assertFalse(self.connection.problem)
        self.assertEqual(self.booked()[-1], {"1510": 100, "2610": -20, "3004": -80})
        self.check_ledger(self.day)
