from odoo import Command
from odoo.tests import tagged

from .common import TillCommon


@tagged("post_install", "-at_install")
class TestSettings(TillCommon):
    """An administrator switches the button on and off in the settings."""

    def set_up_till(self, till, value):
        self.env["res.config.settings"].create(
            {"pos_config_id": till.id, "pos_sells_in_installments": value}
        ).execute()

    def test_other_payment_methods_stay(self):
        till = self.env["pos.config"].create(
            {"name": "Café", "payment_method_ids": [Command.set(self.card.ids)], "use_pricelist": False}
        )
        self.set_up_till(till, True)
        self.assertTrue(till.sells_in_installments)
        self.assertEqual(till.payment_method_ids, self.card + self.config._get_installment_method())
        self.set_up_till(till, False)
        self.assertEqual(till.payment_method_ids, self.card)
