from odoo import Command
from odoo.tests import tagged

from odoo.addons.brp_accounting_export.tests.common import AccountingExportCommon
from odoo.addons.brp_accounting_export_loyalty import post_init_hook

DAY = "2026-04-15"


@tagged("post_install", "-at_install")
class TestGiftCard(AccountingExportCommon):
    """What a gift card is sold for is owed until somebody pays with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sold = cls.env["product.product"].create({"name": "Card to Give", "taxes_id": False})
        cls.program = cls.make_program("gift_card", cls.sold)

    @classmethod
    def make_program(cls, kind, product):
        """Return a new program with what Odoo's form proposes, for which a product is bought."""
        Program = cls.env["loyalty.program"].sudo()
        values = Program._program_type_default_values()[kind]
        program = Program.create({"name": kind, "program_type": kind, "company_id": cls.company.id, **values})
        program.trigger_product_ids = product
        return program

    def test_sold_and_redeemed(self):
        redeemed = self.program.reward_ids.discount_line_product_id
        self.assertFalse(redeemed.taxes_id)  # what is paid with a card is no sale
        self.connection._prepare_mapping()
        sold = self.sell(
            {}, invoice_line_ids=[Command.create({"product_id": self.sold.id, "price_unit": 500})]
        )
        paid_with = self.sell({25: 200}, invoice_line_ids=[
            Command.create({"product_id": self.products[25].id, "price_unit": 200}),
            Command.create({"product_id": redeemed.id, "price_unit": -250}),
        ])  # fmt: skip
        self.assertEqual((sold.amount_total, paid_with.amount_total), (500, 0))
        self.assertEqual(self.rows(self.close()), {"1510": 500, "2421": -250, "3001": -200, "2611": -50})

    def test_ewallets_are_deposits(self):
        top_up = self.env["product.product"].create({"name": "Top-up", "taxes_id": False})
        program = self.make_program("ewallet", top_up)
        products = top_up + program.reward_ids.discount_line_product_id
        self.assertEqual(products.mapped("accounting_event"), ["deposit", "deposit"])

    def test_other_products_are_left_alone(self):
        discount = (
            self.env["loyalty.program"].sudo().create({"name": "Tenth visit", "program_type": "loyalty"})
        )
        self.assertFalse(discount.reward_ids.discount_line_product_id.accounting_event)
        chosen = self.env["product.product"].create({"name": "Voucher", "accounting_event": "deposit"})
        self.program.trigger_product_ids += chosen
        self.assertEqual(chosen.accounting_event, "deposit")

    def test_cards_that_were_there_before(self):
        products = self.sold + self.program.reward_ids.discount_line_product_id
        products.accounting_event = False
        post_init_hook(self.env(su=True))
        self.assertEqual(products.mapped("accounting_event"), ["gift_card", "gift_card"])
