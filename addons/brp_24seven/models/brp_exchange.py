from odoo import fields, models


class Exchange(models.Model):
    _inherit = "brp.exchange"

    operation = fields.Selection(
        selection_add=[("24seven_order", "Invoice to 24SevenOffice")], ondelete={"24seven_order": "cascade"}
    )

    # Two at the same time would be two orders.
    _seven_once = models.UniqueIndex(
        "(res_model, res_id) WHERE operation = '24seven_order' AND state IN ('pending', 'failed', 'blocked')",
        "The invoice is on its way to 24SevenOffice already.",
    )

    def _get_delay(self):
        """Return why an exchange still waits, for the user; nothing when it is on its way."""
        self.ensure_one()
        connection = self.connection_id
        if connection.state != "active":
            return self.env._("%s is not active.", connection.name)
        return self.error or connection.failure

    def _get_seven_data(self, move):
        """Return what to remember of an order that was found there.

        It has no fingerprint when the order may say something else: the invoice was changed meanwhile, or the
        order was there before this was sent for the first time.
        """
        fingerprint = move._get_seven_fingerprint()
        same = self.attempts > 1 and self.key.endswith(f" {fingerprint}")
        return {"fingerprint": fingerprint if same else False}

    def _is_seven_order(self, order, move):
        """Return whether an order that has the invoice's ID is the invoice, which may have been renamed."""
        reference = order["ReferenceNumber"]
        return bool(reference) and (
            reference == (move.name or "")[:50] or f"{self.record_name} ".startswith(f"{reference} ")
        )
