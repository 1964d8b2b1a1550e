from odoo import fields, models


class Exchange(models.Model):
    _inherit = "brp.exchange"

    operation = fields.Selection(
        selection_add=[("24seven_order", "Invoice to 24SevenOffice")], ondelete={"24seven_order": "cascade"}
    )

    def _get_seven_data(self, move):
        """Return what is known of an order that was found there: whether it says what the invoice says now."""
        fingerprint = move._get_seven_fingerprint()
        return {"fingerprint": fingerprint if self.key.endswith(f" {fingerprint}") else False}
