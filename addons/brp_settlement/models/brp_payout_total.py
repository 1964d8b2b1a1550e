from odoo import api, fields, models


class PayoutTotal(models.Model):
    """A sum that the channel tells of a payout, beside what its rows come to."""

    _name = "brp.payout.total"
    _description = "Payout Total"
    _order = "payout_id, id"

    payout_id = fields.Many2one("brp.payout", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="payout_id.company_id")
    currency_id = fields.Many2one(related="payout_id.currency_id")
    name = fields.Char(required=True, readonly=True)
    amount = fields.Monetary(string="Told", readonly=True)
    amount_lines = fields.Monetary(string="Rows", readonly=True)
    difference = fields.Monetary(compute="_compute_difference", store=True)

    @api.depends("amount", "amount_lines")
    def _compute_difference(self):
        for total in self:
            total.difference = total.currency_id.round(total.amount - total.amount_lines)
