from odoo import api, models
from odoo.fields import Domain


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _get_installments_to_send_domain(self):
        """Do not mail what is drawn from the customer's account; the amounts were agreed at the purchase."""
        return super()._get_installments_to_send_domain() & Domain("autogiro", "=", False)
