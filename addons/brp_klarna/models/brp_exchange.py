from odoo import fields, models


class Exchange(models.Model):
    _inherit = "brp.exchange"

    operation = fields.Selection(
        selection_add=[
            ("klarna_payout", "Payout's Rows"),
            ("klarna_report", "Payout's Report"),
            ("klarna_orders", "VAT of Orders"),
        ],
        ondelete={
            "klarna_payout": "cascade",
            "klarna_report": "cascade",
            "klarna_orders": "cascade",
        },
    )
