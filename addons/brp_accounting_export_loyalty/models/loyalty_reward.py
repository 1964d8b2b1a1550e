from odoo import models


class LoyaltyReward(models.Model):
    """What is paid with a gift card is a line of a product that Odoo makes and does not show."""

    _inherit = "loyalty.reward"

    def _create_missing_discount_line_products(self):
        made = super()._create_missing_discount_line_products()
        self.program_id._book_as_payments()
        return made
