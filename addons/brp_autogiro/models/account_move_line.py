from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _reconcile_post_hook(self, data):
        """Nothing is to be decided any more about an invoice that has been paid or credited."""
        result = super()._reconcile_post_hook(data)
        settled = data["not_paid_invoices"].filtered(
            lambda move: move.payment_state in ("paid", "in_payment", "reversed")
        )
        if settled:
            settled._close_autogiro_activities(self.env._("Nothing is left to pay"))
        return result
