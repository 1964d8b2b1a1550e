from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    pos_slot_facility_ids = fields.Many2many(related="pos_config_id.slot_facility_ids", readonly=False)
