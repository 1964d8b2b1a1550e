from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_payouts_of_moves(self):
        days = self.env["brp.klarna.day"].search([("move_id", "in", self.ids)])
        return super()._get_payouts_of_moves() | {day.move_id: day.payout_id for day in days}
