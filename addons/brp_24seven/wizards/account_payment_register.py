from odoo import api, models


class PaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    @api.model
    def _get_communication(self, lines):
        if not self.env.context.get("seven_paid_there"):
            return super()._get_communication(lines)
        return ", ".join(f"{move.name} ({move.seven_invoice})" for move in lines.move_id)
