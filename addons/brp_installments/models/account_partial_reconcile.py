from odoo import models

from .permission import is_permitted


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        """Keep what ties a purchase together: its settlement, and its credited installments."""
        if not is_permitted(self.env):
            for partial in self:
                debit = partial.debit_move_id.move_id
                purchase = debit._get_purchase()
                if purchase and purchase == partial.credit_move_id.move_id._get_purchase():
                    debit._refuse_breaking_purchase()
        return super().unlink()
