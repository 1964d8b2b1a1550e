from odoo import api, fields, models
from odoo.exceptions import ValidationError


class InstallmentPlan(models.Model):
    """How a purchase may be divided (delbetalningsplan): months, cut-off day and fees."""

    _name = "brp.installment.plan"
    _description = "Installment Plan"
    _order = "sequence, months, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    months = fields.Integer(
        string="Number of Months",
        required=True,
        default=12,
        help="The purchase becomes this many installment invoices, one a month.",
    )
    cutoff_day = fields.Integer(
        string="Cut-off Day",
        required=True,
        default=15,
        help="Sold on or before this day of the month, the first installment falls due"
        " in the same month; sold after it, in the next month.",
    )
    setup_fee_product_id = fields.Many2one(
        "product.product",
        string="Set-up Fee",
        domain="[('type', '=', 'service'), ('invoice_policy', '=', 'order')]",
        check_company=True,
        ondelete="restrict",
        help="Added once to each sale. The product gives the price, the account and the VAT.",
    )
    installment_fee_product_id = fields.Many2one(
        "product.product",
        string="Fee per Installment",
        domain="[('type', '=', 'service'), ('invoice_policy', '=', 'order')]",
        check_company=True,
        ondelete="restrict",
        help="Added once per installment to each sale. The product gives the price, the account and the VAT.",
    )
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        help="Leave empty to offer the plan in all companies.",
    )
    active = fields.Boolean(default=True)

    _months_range = models.Constraint(
        "CHECK(months BETWEEN 1 AND 60)",
        "The number of months of an installment plan must be from 1 to 60.",
    )
    _cutoff_day_range = models.Constraint(
        "CHECK(cutoff_day BETWEEN 1 AND 31)",
        "The cut-off day of an installment plan must be from 1 to 31.",
    )

    @api.constrains("setup_fee_product_id", "installment_fee_product_id")
    def _check_fee_products(self):
        for plan in self:
            fees = plan.setup_fee_product_id | plan.installment_fee_product_id
            late = fees.filtered(lambda product: product.invoice_policy != "order")
            if late:
                raise ValidationError(
                    self.env._(
                        "%(product)s is invoiced on delivered quantities. Choose a fee"
                        " that is invoiced on ordered quantities for the plan %(plan)s.",
                        product=late[0].display_name,
                        plan=plan.name,
                    )
                )

    def _offered_in(self, company):
        """Return the plans of ``self`` that ``company`` may sell with."""
        return self.filtered(
            lambda plan: plan.active and (not plan.company_id or plan.company_id in company.parent_ids)
        )
