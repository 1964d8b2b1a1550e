from odoo import api, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    @api.model
    def _load_pos_data_read(self, records, config):
        """Tell the till which products have a plan; which plans, it asks for when they are sold."""
        read = super()._load_pos_data_read(records, config)
        with_plan = {
            product.id
            for product in records.sudo()
            if product.installment_plan_ids._offered_in(config.company_id)
        }
        for values in read:
            values["_has_installment_plan"] = values["id"] in with_plan
        return read
