from odoo import api, models


class Slot(models.Model):
    _name = "brp.slot"
    _inherit = ["brp.slot", "pos.load.mixin"]

    @api.model
    def _load_pos_data_domain(self, data, config):
        # There are too many, and what is free of them changes: the till reads the one that it sells.
        return False

    @api.model
    def _load_pos_data_fields(self, config):
        return ["display_name", "product_id", "price_unit", "write_date"]
