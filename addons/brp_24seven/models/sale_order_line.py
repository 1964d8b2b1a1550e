from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    rent_start = fields.Date(string="Rented From")
    rent_stop = fields.Date(string="Rented Until", help="The last day, included.")

    @api.constrains("rent_start", "rent_stop")
    def _check_rent(self):
        for line in self:
            if line.rent_start and line.rent_stop and line.rent_stop < line.rent_start:
                raise ValidationError(
                    self.env._(
                        "%s: the rent ends before it begins.", line.product_id.display_name or line.name
                    )
                )

    def _prepare_invoice_line(self, **optional_values):
        values = super()._prepare_invoice_line(**optional_values)
        return values | {"rent_start": self.rent_start, "rent_stop": self.rent_stop}
