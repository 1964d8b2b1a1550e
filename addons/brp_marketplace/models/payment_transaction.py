import logging
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from .sale_order_page import HOLD_MINUTES

_logger = logging.getLogger(__name__)

#: Some ways of paying take their time: so long are places held meanwhile, in minutes.
_PENDING_MINUTES = 24 * 60
#: When a provider has not said so long what became of a refund, somebody has to look.
_SILENCE = timedelta(days=2)


class PaymentTransaction(models.Model):
    """Payments at /boka: what is paid is booked and invoiced, or paid back."""

    _inherit = "payment.transaction"

    booking_refund = fields.Selection(
        [("waiting", "Waiting"), ("asked", "Asked For"), ("told", "Done by Hand")],
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="A refund of bookings, and whether the provider has been asked for it.",
    )

    def _find_page_order(self):
        """Return the order of the booking page that the customer pays, or none."""
        self.ensure_one()
        if self.operation in ("refund", "validation"):
            return self.env["sale.order"]
        return self.sale_order_ids.filtered(lambda order: order.booking_source == "page")[:1]

    def _find_booking_order(self):
        """Return the order that was paid, wherever it was booked."""
        return (self.sale_order_ids or self.invoice_ids.line_ids.sale_line_ids.order_id)[:1]

    # === PAID === #

    def _post_process(self):  # pylint: disable=missing-return
        """Override of ``payment``: places are held for who is paying, and paid back what cannot be booked."""
        for tx in self:
            if (order := tx._find_page_order()) and order.state in ("draft", "sent"):
                if tx.state == "pending":
                    order._hold_places(_PENDING_MINUTES)
                elif tx.state in ("cancel", "error"):
                    order._hold_places(HOLD_MINUTES)
        fresh = self.filtered(lambda tx: not tx.is_post_processed)
        super()._post_process()
        for tx in fresh:
            if order := tx._find_page_order():
                tx._finish_page_payment(order)
            elif tx.booking_refund:
                tx._finish_booking_refund()

    def _check_amount_and_confirm_order(self):
        """Override of ``sale``: an order of the booking page is invoiced whatever the settings."""
        confirmed = self.env["sale.order"]
        for tx in self:
            order = tx._find_page_order()
            if not order:
                confirmed += super(PaymentTransaction, tx)._check_amount_and_confirm_order()
                continue
            if order.state == "cancel" and not order.booking_ids and not order.booking_obstacle:
                order.action_draft()
            if order.state in ("draft", "sent") and tx._is_too_little(order):
                continue
            try:
                with self.env.cr.savepoint():
                    # What stops it is told to the customer.
                    tx = tx.with_context(lang=order.partner_id.lang)
                    confirmed += super(PaymentTransaction, tx)._check_amount_and_confirm_order()
            except UserError as error:
                # Somebody else took the places after they were no longer held for the customer.
                self.env.invalidate_all()
                order.booking_obstacle = str(error)
                order._action_cancel()
            if tx.state == "done" and order.state == "sale" and not tx.invoice_ids:
                tx._invoice_page_order(order)
        return confirmed

    def _is_too_little(self, order):
        """Return whether less is paid than it costs, as Odoo's own pages allow; then it is given up.

        Several payments do not add up: each that nothing is sold for is paid back.
        """
        if self.currency_id.compare_amounts(self.amount, order.amount_total) >= 0:
            return False
        env = self.with_context(lang=order.partner_id.lang).env
        order.booking_obstacle = env._(
            "%(paid)s was paid of %(price)s.",
            paid=order.currency_id.format(self.amount),
            price=order.currency_id.format(order.amount_total),
        )
        order._give_up()
        return True

    def _invoice_page_order(self, order):
        """Invoice what is paid, unless it is invoiced already: then the open invoice is what is paid."""
        if not order.invoice_ids:
            self._invoice_sale_orders()
        else:
            self.invoice_ids = order.invoice_ids.filtered(
                lambda move: (
                    (move.move_type, move.state, move.payment_state) == ("out_invoice", "posted", "not_paid")
                    and not move.currency_id.compare_amounts(move.amount_residual, self.amount)
                )
            )[:1]

    def _invoice_sale_orders(self):  # pylint: disable=missing-return
        """Override of ``sale``: what the booking page has invoiced is invoiced once."""
        todo = self.filtered(lambda tx: not (tx._find_page_order() and tx.invoice_ids))
        super(PaymentTransaction, todo)._invoice_sale_orders()
        for tx in todo:
            if (order := tx._find_page_order()) and tx.invoice_ids:
                zone = order.order_line.slot_id.facility_id[:1].tz
                tx.invoice_ids.invoice_date = fields.Date.context_today(tx.with_context(tz=zone))

    def _finish_page_payment(self, order):
        if self.state == "done" and not self.invoice_ids:
            # Nothing was sold for it: the places were gone, or the order was paid already.
            env = self._get_responsible_env(order)
            self._pay_back(self.amount, reason=order.booking_obstacle or env._("It was paid twice."))
        elif self.state == "authorized" and order.booking_obstacle:
            order._ask_to_pay_back(
                self.amount,
                self._get_responsible_env(order)._(
                    "%(reason)s The payment %(payment)s is authorized, not captured: void it.",
                    reason=order.booking_obstacle,
                    payment=self.reference,
                ),
            )
        if order.booking_obstacle or (self.state in ("done", "authorized") and order.booking_ids):
            order._mail_booking()

    # === PAYING BACK === #

    def _can_refund(self, amount):
        """Return whether the provider pays back an amount, in kronor, by itself."""
        self.ensure_one()
        method = self.payment_method_id.primary_payment_method_id or self.payment_method_id
        supported = {self.provider_id.support_refund, method.support_refund}
        refunds = self.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state not in ("cancel", "error")
        )
        left = self.amount + sum(refunds.mapped("amount"))
        whole = not self.currency_id.compare_amounts(amount, self.amount)
        return (
            self.provider_id.state != "disabled"
            and "none" not in supported
            and self.currency_id.compare_amounts(amount, left) <= 0
            and (whole or supported == {"partial"})
        )

    def _pay_back(self, amount, credit=None, reason=""):
        """Have the provider pay back an amount soon, or tell the facility's people to do it.

        The provider is asked by a scheduled action: what is asked of it cannot be undone when the request
        that cancels something fails in the end.

        :param credit: the credit note that it is for
        :param reason: why, if there is none
        """
        self.ensure_one()
        if not self._can_refund(amount):
            why = f"{credit.name}." if credit else reason
            order = self._find_booking_order()
            order._ask_to_pay_back(
                amount,
                self._get_responsible_env(order)._(
                    "%(why)s It was paid with %(provider)s, %(payment)s, which does not pay back by itself.",
                    why=why,
                    provider=self.provider_id.name,
                    payment=self.reference,
                ),
            )
            return self.browse()
        refund = self._create_child_transaction(
            amount,
            is_refund=True,
            booking_refund="waiting",
            invoice_ids=[Command.set(credit.ids if credit else [])],
        )
        self.env.ref("brp_marketplace.cron_pay_back")._trigger()
        return refund

    @api.model
    def _cron_pay_back(self):
        """Ask the providers for the refunds that wait, each once, and look after those that they forget."""
        waiting = self.search([("booking_refund", "=", "waiting")])
        self.env["ir.cron"]._commit_progress(remaining=len(waiting))
        for refund in waiting:
            refund._ask_for_refund()
            if not self.env["ir.cron"]._commit_progress(1):
                return
        for refund in self.search(
            [
                ("booking_refund", "=", "asked"),
                ("state", "in", ("draft", "pending")),
                ("write_date", "<", fields.Datetime.now() - _SILENCE),
            ]
        ):
            refund._leave_to_people(self.env._("the provider has not said what became of it"))

    def _ask_for_refund(self):
        # Noted and committed first: a request that is cut off halfway is not made again.
        self.booking_refund = "asked"
        self.env["ir.cron"]._commit_progress(0)
        try:
            self._ensure_provider_is_not_disabled()
            self._log_sent_message()
            self._send_refund_request()
        except (UserError, ValidationError) as error:
            self._set_error(str(error))
        if self.state in ("done", "cancel", "error"):
            self._post_process()

    def _finish_booking_refund(self):
        if self.state in ("cancel", "error"):
            self._leave_to_people(self.state_message or self.env._("the provider refused"))
        elif self.state == "done" and not self.invoice_ids:
            # What was paid in vain and what was paid back settle each other.
            (self.payment_id + self.source_transaction_id.payment_id).move_id.line_ids.filtered(
                lambda item: item.account_type == "asset_receivable" and not item.reconciled
            ).reconcile()

    def _leave_to_people(self, reason):
        if self.booking_refund == "told":
            return
        self.booking_refund = "told"
        order = self.source_transaction_id._find_booking_order()
        env = self._get_responsible_env(order)
        order._ask_to_pay_back(
            -self.amount,
            env._("The refund %(refund)s failed: %(reason)s", refund=self.reference, reason=reason),
        )

    def _get_responsible_env(self, order):
        """Return the environment in which texts are in the language of who is told about the order."""
        return self.with_context(lang=order._get_responsible().lang).env
