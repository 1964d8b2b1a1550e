from odoo import models


class InstallmentOrder(models.AbstractModel):
    """What it takes to sell by a plan that is collected by Autogiro."""

    _inherit = "brp.installment.order"

    def _check_can_sell_by(self, plan):
        """Refuse a plan by Autogiro as long as the company cannot collect, before anything is sold."""
        if plan.autogiro:
            for company in self.company_id:
                company._check_autogiro_settings()
        return super()._check_can_sell_by(plan)

    def _get_customers_without_mandate(self):
        """Return the customers that have neither a mandate in force nor one on its way."""
        Mandate = self.env["brp.autogiro.mandate"]
        without = self.env["res.partner"]
        for company, of_company in self.grouped("company_id").items():
            partners = of_company.partner_id
            found = Mandate._get_by_partner(company, partners | partners.commercial_partner_id)
            without += partners.filtered(
                lambda partner, found=found: (
                    not any(
                        found[one].state in ("to_send", "sent", "active")
                        for one in (partner, partner.commercial_partner_id)
                        if one in found
                    )
                )
            )
        return without
