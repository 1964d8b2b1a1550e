from odoo import models


class AutogiroMandate(models.Model):
    _inherit = "brp.autogiro.mandate"

    def _keep_personal_number(self):
        """Give a customer who has none the mandate's personal number, if it is the customer's own."""
        for mandate in self.sudo():
            customer = mandate.partner_id
            if (
                mandate.holder_id == customer
                and not customer.is_company
                and not customer.personal_number
                and not mandate.holder_number.startswith("00")  # an organisation number
            ):
                customer.personal_number = mandate.holder_number
