from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    pos_sells_in_installments = fields.Boolean(
        related="pos_config_id.sells_in_installments", readonly=False, string="Pay in Installments (till)"
    )
