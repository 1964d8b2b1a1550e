from odoo import api, fields, models

# Those who may read invoices.
_GROUPS = "account.group_account_invoice,account.group_account_readonly,sales_team.group_sale_salesman"


class ResPartner(models.Model):
    _inherit = "res.partner"

    installment_currency_id = fields.Many2one(
        "res.currency", compute="_compute_installment_left", groups=_GROUPS
    )
    installment_left = fields.Monetary(
        string="Installments to Pay",
        currency_field="installment_currency_id",
        compute="_compute_installment_left",
        compute_sudo=False,
        groups=_GROUPS,
    )

    def _get_installment_domain(self):
        return [
            ("installment_main_id", "!=", False),
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("commercial_partner_id", "in", self.commercial_partner_id.ids),
        ]

    @api.depends_context("allowed_company_ids")
    def _compute_installment_left(self):
        currency = self.env.company.currency_id
        companies = self.env.companies.filtered(lambda company: company.currency_id == currency)
        left = dict(
            self.env["account.move"]._read_group(
                [
                    *self._get_installment_domain(),
                    ("company_id", "in", companies.ids),
                ],
                ["commercial_partner_id"],
                ["amount_residual_signed:sum"],
            )
        )
        for partner in self:
            partner.installment_currency_id = currency
            partner.installment_left = left.get(partner.commercial_partner_id, 0)

    def action_view_installments(self):
        """Open the customer's installments."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("brp_installments.installment_action")
        action["domain"] = self._get_installment_domain()
        action["context"] = {"search_default_open": 1}
        return action
