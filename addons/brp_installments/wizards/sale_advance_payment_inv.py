from odoo import models


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def _create_invoices(self, sale_orders):
        """Refuse down payments as well on what is only sold in installments."""
        sale_orders._check_only_in_installments()
        return super()._create_invoices(sale_orders)
