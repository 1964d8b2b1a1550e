from odoo import fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    payout_ids = fields.One2many("brp.payout", "move_id", readonly=True)

    def _check_draftable(self):
        super()._check_draftable()
        if self.env.context.get("payout_undo"):
            return
        for move in self:
            if payouts := move.sudo()._get_payouts():
                raise UserError(
                    self.env._(
                        "%(entry)s is the entry of the payout %(payout)s. Undo the payout instead.",
                        entry=move.name,
                        payout=payouts[0].name,
                    )
                )

    def _get_payouts(self):
        """Return the payouts that the entries are of."""
        return self.payout_ids
