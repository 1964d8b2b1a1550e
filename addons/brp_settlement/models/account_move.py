from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    payout_ids = fields.One2many("brp.payout", "move_id", string="Payout", readonly=True)
