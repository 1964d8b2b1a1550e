from odoo import models

#: What is told of a time that its product says.
_TOLD = {
    "name",
    "slot_opens_days",
    "slot_closes_hours",
    "slot_cancellable",
    "slot_cancel_hours",
    "taxes_id",
    "company_id",
}


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def write(self, vals):
        done = super().write(vals)
        if _TOLD & vals.keys():
            self.product_variant_ids._note_times_told()
        return done


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _note_times_told(self):
        """Note that what is told of the coming times that are sold as these products may have changed."""
        resources = self.env["brp.slot"].sudo()._read_group([("product_id", "in", self.ids)], ["resource_id"])
        for (resource,) in resources:
            resource._note_all_times()
