from odoo import fields, models

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
            connection = move.env["brp.connection"].sudo()._find_seven(move.company_id)
            if not connection.seven_journal_id:
                continue
            move.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=move.ids
            ).create(
                {
                    "journal_id": connection.seven_journal_id.id,
                    "payment_date": move.seven_paid_date,
                    "communication": f"{move.name} ({move.seven_invoice})",
                }
            )._create_payments()
