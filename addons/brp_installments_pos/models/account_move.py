from odoo import models


class AccountMove(models.Model):
    """The main invoice of what was sold in the till."""

    _inherit = "account.move"

    def _get_installment_fees(self):
        """Override of ``brp_installments``: the lines of a till's invoice do not know those of its order."""
        fee_lines = self.sudo().pos_order_ids.lines.filtered("is_installment_fee")
        return super()._get_installment_fees() + fee_lines._get_total_with_vat()
