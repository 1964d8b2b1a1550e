from odoo import api, models


class AccountPaymentMethod(models.Model):
    _inherit = "account.payment.method"

    @api.model
    def _get_payment_method_information(self):
        """Offer Autogiro once per company, on a bank journal in kronor of a Swedish company."""
        information = super()._get_payment_method_information()
        information["autogiro"] = {
            "mode": "unique",
            "type": ("bank",),
            "currency_ids": self.env.ref("base.SEK").ids,
            "country_id": self.env.ref("base.se").id,
        }
        return information

    @api.model
    def _get_sdd_payment_method_code(self):
        """Autogiro is a direct debit."""
        return [*super()._get_sdd_payment_method_code(), "autogiro"]
