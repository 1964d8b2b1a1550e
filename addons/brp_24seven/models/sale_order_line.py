from odoo import models


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["sale.order.line", "brp.24seven.rented"]

    def _prepare_invoice_line(self, **optional_values):
        values = super()._prepare_invoice_line(**optional_values)
        return values | {"rent_start": self.rent_start, "rent_stop": self.rent_stop}
