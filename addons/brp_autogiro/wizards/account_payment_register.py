from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_list

# So many invoices are named in a message.
_NAMED = 10


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    def _create_payments(self):
        """Do not register another payment of what the bank is collecting."""
        if live := self.line_ids.move_id.filtered("autogiro_live"):
            raise UserError(
                self.env._(
                    "Autogiro is collecting these invoices, they would be paid twice: %s. Leave them out of"
                    " their batch, or cancel their payments at the bank, first.",
                    format_list(
                        self.env, [*live[:_NAMED].mapped("name"), *(["…"] if len(live) > _NAMED else [])]
                    ),
                )
            )
        return super()._create_payments()
