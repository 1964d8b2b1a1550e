from odoo import fields, models


class Exchange(models.Model):
    _inherit = "brp.exchange"

    operation = fields.Selection(
        selection_add=[("24seven_order", "Invoice to 24SevenOffice")], ondelete={"24seven_order": "cascade"}
    )

    def _get_seven_data(self, move):
        """Return what to remember of an order that was found there.

        It has no fingerprint when the invoice was changed meanwhile: the order may say what it said before.
        """
        fingerprint = move._get_seven_fingerprint()
        return {"fingerprint": fingerprint if self.key.endswith(f" {fingerprint}") else False}
