from odoo import fields, models


class InstallmentPlan(models.Model):
    _inherit = "brp.installment.plan"

    autogiro = fields.Boolean(
        string="Collected by Autogiro",
        help="The installments are drawn from the customer's bank account; the customer needs an Autogiro"
        " mandate.",
    )
