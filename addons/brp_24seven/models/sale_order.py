from odoo import api, fields, models

from .res_partner import INVOICE_TYPES


class SaleOrder(models.Model):
    _inherit = "sale.order"

    seven_type = fields.Selection(
        INVOICE_TYPES,
        string="Invoice Type",
        compute="_compute_seven_type",
        store=True,
        readonly=False,
        help="Whether its invoices are sent from here, or handed over to 24SevenOffice.",
    )

    @api.depends("partner_invoice_id", "company_id")
    def _compute_seven_type(self):
        for order in self:
            customer = order.partner_invoice_id.commercial_partner_id.with_company(order.company_id)
            order.seven_type = customer.seven_type or "invoice"

    def _prepare_invoice(self):
        return super()._prepare_invoice() | {"seven_type": self.seven_type}
