from odoo import models
from odoo.tools import SQL


class AccountInvoiceReport(models.Model):
    """Turnover counts a purchase once: by its main invoice, not by its installments as well."""

    _inherit = "account.invoice.report"

    def _where(self):
        return SQL("%s AND move.installment_main_id IS NULL", super()._where())
