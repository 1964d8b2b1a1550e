from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _prepare_installment_document(self, move_type, amount, due, label):
        """Let the plan say how its installments are paid, whatever the customer's usual way is."""
        values = super()._prepare_installment_document(move_type, amount, due, label)
        line = self.company_id.sudo().autogiro_method_line_id
        autogiro = move_type == "out_invoice" and self.installment_plan_id.autogiro
        return {**values, "preferred_payment_method_line_id": line.id if autogiro else False}
