from odoo import fields, models
from odoo.exceptions import RedirectWarning, UserError

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
        unpaid = self.filtered(lambda move: move.seven_state != "paid")
        for move in self:
            order = told.get(move.seven_order)
            status = status_of(order)
            # What is to be brought up to date is on its way until it is published.
            waits = move.seven_state == "waiting" and status.state == "order"
            values = {
                "seven_state": "waiting" if waits else status.state,
                "seven_invoice": status.invoice or False,
                "seven_paid_date": status.paid or False,
            }
            if order:
                values["seven_difference"] = move._compare_with_seven(
                    order["OrderTotalIncVat"], order["OrderTotalVat"]
                )
            else:
                values |= {"seven_order": False, "seven_fingerprint": False, "is_move_sent": False}
            changed = {name: value for name, value in values.items() if move[name] != value}
            if changed:
                move._write_seven(changed)
        self._write_seven({"seven_checked": now})
        self.filtered("seven_invoice")._cancel_seven_updates()
        self._register_seven_payments()
        for move in unpaid.filtered(lambda move: move.seven_state == "paid" and move.seven_difference):
            move.message_post(
                body=self.env._("Paid at 24SevenOffice, but not registered as paid here: the amounts differ.")
            )

    def _cancel_seven_updates(self):
        """Give up what the order there was to be told: it has been published, and stays as it is."""
        late = self._get_seven_exchanges(("pending", "failed", "blocked"))
        late = late.filtered(lambda exchange: not exchange._is_on_its_way())
        if late:
            late.write({"state": "cancelled"})
            late.connection_id._refresh_problem()

    # === PAYMENTS === #

    def _register_seven_payments(self):
        """Register as paid what is paid there, where a journal has been chosen for that."""
        due = self.filtered(
            lambda move: (
                move.seven_state == "paid"
                and move.payment_state in ("not_paid", "partial")
                # What has been paid there is another amount.
                and not move.seven_difference
            )
        )
        for company, of_company in due.grouped("company_id").items():
            journal = self.env["brp.connection"].sudo()._find_seven(company).seven_journal_id
            if not journal:
                continue
            alike = of_company.grouped(lambda move: move._get_seven_payment_key())
            for moves in alike.values():
                moves._register_seven_payment(journal)

    def _get_seven_payment_key(self):
        """Return what is the same for invoices whose payments Odoo can register together."""
        self.ensure_one()
        # Together a discount for early payment would be drawn: paid there means that nothing is left.
        alone = self.invoice_payment_term_id.early_discount and self
        return self.move_type, self.seven_paid_date, alone

    def _register_seven_payment(self, journal):
        """Register all that is left of invoices that were paid on the same day."""
        try:
            with self.env.cr.savepoint():
                self._make_seven_payment(journal)
        except (UserError, RedirectWarning) as error:
            if len(self) > 1:
                for move in self:
                    move._register_seven_payment(journal)
                return
            # As when the books are closed: what is paid there is noted all the same.
            told = self.env._("Paid at 24SevenOffice, but not registered as paid here: %s", error.args[0])
            self.message_post(body=told)

    def _make_seven_payment(self, journal):
        """Make a payment for each of the invoices, of all that is left."""
        for move in self:
            # Odoo would have a draft be paid.
            move._check_is_posted()
        values = {
            "journal_id": journal.id,
            "payment_date": self[:1].seven_paid_date,
            "installments_mode": "full",
        }
        if len(self) > 1:
            values["group_payment"] = False
        else:
            values |= {"currency_id": self.currency_id.id, "amount": self.amount_residual}
        dialog = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.ids, seven_paid_there=True
        )
        dialog.create(values)._create_payments()
