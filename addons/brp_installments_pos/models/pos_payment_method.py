from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PosPaymentMethod(models.Model):
    _inherit = "pos.payment.method"

    is_installment = fields.Boolean(
        string="Installments",
        readonly=True,
        help="What is paid so is divided into installments by the plan that is chosen.",
    )

    @api.model
    def _load_pos_data_fields(self, config):
        return [*super()._load_pos_data_fields(config), "is_installment"]

    @api.constrains("is_installment", "journal_id", "split_transactions")
    def _check_installment(self):
        for method in self:
            if method.is_installment and (method.journal_id or not method.split_transactions):
                raise ValidationError(
                    self.env._(
                        "%s is for installments: it has no journal and identifies the customer.", method.name
                    )
                )
