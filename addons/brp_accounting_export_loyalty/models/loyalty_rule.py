from odoo import api, models


class LoyaltyRule(models.Model):
    """What is bought to have a gift card."""

    _inherit = "loyalty.rule"

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.program_id._book_as_payments()
        return rules

    def write(self, vals):
        done = super().write(vals)
        if "product_ids" in vals:
            self.program_id._book_as_payments()
        return done
