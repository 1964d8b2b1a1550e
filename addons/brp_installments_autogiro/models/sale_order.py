from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _sell_in_installments(self, plan, sale_date):
        """Refuse a plan by Autogiro as long as the company cannot collect, before anything is sold."""
        if plan.autogiro:
            for company in self.company_id:
                company._check_autogiro_settings()
        return super()._sell_in_installments(plan, sale_date)
