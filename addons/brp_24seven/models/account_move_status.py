from odoo import fields, models
from odoo.exceptions import UserError

from ..orders import status_of


class AccountMove(models.Model):
    """What has become of an invoice at 24SevenOffice."""

    _inherit = "account.move"

    def _note_seven(self, orders):
        """Note what has become of the invoices; what is as it was is not written.

        :param orders: those that are there, as ``GetInvoices`` tells them
        """
        told = {str(order["OrderId"]): order for order in orders}
        now = fields.Datetime.now()
        for move in self:
            order = told.get(move.seven_order)
            status = status_of(order)
            values = {
                "seven_state": status.state,
                "seven_invoice": status.invoice or False,
                "seven_paid_date": status.paid or False,
            }
            if order:
                values["seven_difference"] = move._compare_with_seven(
                    order["OrderTotalIncVat"], order["OrderTotalVat"]
                )
            else:
                values |= {"seven_order": False, "seven_fingerprint": False}
            changed = {name: value for name, value in values.items() if move[name] != value}
            if changed:
                move.write(changed)
        self.seven_checked = now
        self._register_seven_payments()

    def _register_seven_payments(self):
        """Register as paid what is paid there, where a journal has been chosen for that."""
        for move in self:
            if move.seven_state != "paid" or move.payment_state not in ("not_paid", "partial"):
                continue
            journal = move.env["brp.connection"].sudo()._find_seven(move.company_id).seven_journal_id
            if not journal:
                continue
            try:
                with move.env.cr.savepoint():
                    move._register_seven_payment(journal)
            except UserError as error:
                # As when the books are closed: what is paid there is noted all the same.
                told = move.env._("Paid at 24SevenOffice, but not registered as paid here: %s", error)
                move.message_post(body=told)

    def _register_seven_payment(self, journal):
        """Register all that is left as paid."""
        self.ensure_one()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.ids
        ).create(
            {
                "journal_id": journal.id,
                "payment_date": self.seven_paid_date,
                "communication": f"{self.name} ({self.seven_invoice})",
                "installments_mode": "full",
                "currency_id": self.currency_id.id,
                "amount": self.amount_residual,
            }
        )._create_payments()
