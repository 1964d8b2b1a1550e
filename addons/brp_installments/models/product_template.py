from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    installment_plan_ids = fields.Many2many(
        "brp.installment.plan",
        string="Installment Plans",
        help="The plans by which a customer may pay this product in installments.",
    )
