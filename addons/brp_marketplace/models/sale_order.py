from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .brp_booking import SOURCES


class SaleOrder(models.Model):
    _inherit = "sale.order"

    booking_ids = fields.One2many("brp.booking", "order_id", readonly=True)
    booking_count = fields.Integer(compute="_compute_booking_count", string="Bookings")
    booking_source = fields.Selection(SOURCES, readonly=True, copy=False)

    @api.depends("order_line.booking_ids")
    def _compute_booking_count(self):
        for order in self:
            order.booking_count = len(order.order_line.booking_ids)

    def _action_confirm(self):
        self.order_line._book_slots()
        return super()._action_confirm()

    def _action_cancel(self):
        # What is booked is cancelled with the order, and what was paid is credited.
        if bookings := self.booking_ids.filtered(lambda booking: booking.state == "booked"):
            bookings._cancel("facility")
            self = self.filtered(lambda order: order.state != "cancel")
        return super()._action_cancel()

    def action_view_bookings(self):
        """Show what is booked on the order."""
        action = self.env["ir.actions.actions"]._for_xml_id("brp_marketplace.brp_booking_action")
        return action | {"domain": [("order_id", "in", self.ids)], "context": {"create": False}}

    # === PAYING === #

    def _pay_document(self, document, till, reference, amount):
        """Have an invoice or credit note paid at an online till, and match the two.

        :param reference: what the payment is called by who collected it
        :param amount: what was collected, or given back, in kronor; öre that the document differs by are
            rounding
        """
        inbound = document.move_type == "out_invoice"
        method = till.marketplace_method_id if inbound else till.marketplace_refund_method_id
        rounding = document.currency_id.round(document.amount_residual - amount) * (1 if inbound else -1)
        write_off = {}
        if not document.currency_id.is_zero(rounding):
            account = till._find_or_make_account("3740", self.env._("Rounding"), "income")
            line = {"name": account.name, "account_id": account.id, "currency_id": document.currency_id.id}
            write_off["write_off_line_vals"] = [{**line, "amount_currency": rounding, "balance": rounding}]
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound" if inbound else "outbound",
                "partner_type": "customer",
                "partner_id": document.commercial_partner_id.id,
                "amount": amount,
                "currency_id": document.currency_id.id,
                "date": document.date,
                "journal_id": method.journal_id.id,
                "payment_method_line_id": method.id,
                "memo": reference,
                "invoice_ids": [Command.set(document.ids)],
                **write_off,
            }
        )
        payment.action_post()
        items = (payment.move_id + document).line_ids.filtered(
            lambda item: item.account_type == "asset_receivable" and not item.reconciled
        )
        items.reconcile()
        return payment

    # === CANCELLING BOOKINGS === #

    def _credit_bookings(self, bookings):
        """Take back what was charged for bookings of the order that are cancelled.

        They are taken off the order. What is invoiced is credited, and the credit note is matched with the
        invoice if that is not paid, else paid back the way it was paid.
        """
        self.ensure_one()
        invoiced = self.env["brp.booking"]
        was_locked, self.locked = self.locked, False
        of_lines = bookings.grouped("order_line_id")
        for line, of_line in of_lines.items():
            drafts = line.invoice_lines.move_id.filtered(lambda move: move.state == "draft")
            drafts.button_cancel()
            invoiced += of_line[: min(line._count_invoiced(), len(of_line))]
        if invoiced:
            self._credit_invoiced(invoiced)
        # What is credited as well: else it would be there to be invoiced anew.
        for line, of_line in of_lines.items():
            line.with_context(booking=True).product_uom_qty -= len(of_line)
        self.locked = was_locked
        if not invoiced and not any(line.product_uom_qty for line in self.order_line):
            self._action_cancel()
            self._ask_to_pay_back_deposit()

    def _ask_to_pay_back_deposit(self):
        """Tell the facility's people of what was invoiced in advance of an order that nothing is left of."""
        items = self.order_line.filtered("is_downpayment").invoice_lines.filtered(
            lambda item: item.parent_state == "posted"
        )
        sold = items.filtered(lambda item: item.move_type == "out_invoice")
        amount = sum(sold.mapped("price_total")) - sum((items - sold).mapped("price_total"))
        if self.currency_id.compare_amounts(amount, 0) > 0:
            env = self.with_context(lang=self._get_responsible().lang).env
            names = ", ".join(sold.move_id.mapped("name"))
            reason = env._("%s was invoiced in advance: credit it, and pay back what is paid of it.", names)
            self._ask_to_pay_back(amount, reason)

    def _credit_invoiced(self, bookings):
        till = bookings.connection_id
        credits = self.env["account.move"]
        by_invoice = bookings.grouped(lambda booking: booking.order_line_id._get_booking_invoice())
        for invoice, of_invoice in by_invoice.items():
            credit = self.env["account.move"].create(self._prepare_credit(invoice, of_invoice))
            self._check_credit(invoice, credit, of_invoice)
            credit._post(soft=False)
            if till and not credit.currency_id.is_zero(credit.amount_total):
                reference = of_invoice.channel_order_id[:1].payment_reference or self.client_order_ref
                self._pay_document(credit, till, reference, sum(of_invoice.mapped("price")))
            else:
                self._match_credit(invoice, credit)
            credits += credit
        return credits

    def _check_credit(self, invoice, credit, bookings):
        """Refuse to credit something else than what the bookings were sold for, or more than is invoiced.

        :raise UserError: prices, discounts or the invoice have been changed by hand meanwhile
        """
        currency = credit.currency_id
        sold = sum(bookings.mapped("price"))
        if not self._is_agreed(credit.amount_total, sold, len(bookings)):
            raise UserError(
                self.env._(
                    "The credit note comes to %(credit)s, the bookings were sold for %(sold)s: nothing is"
                    " cancelled. Credit the invoice %(invoice)s by hand.",
                    credit=currency.format(credit.amount_total),
                    sold=currency.format(sold),
                    invoice=invoice.name,
                )
            )
        before = invoice.reversal_move_ids.filtered(lambda move: move.state == "posted")
        left = invoice.amount_total - sum(before.mapped("amount_total"))
        places = sum(invoice.invoice_line_ids.mapped("quantity"))
        if credit.amount_total > left and not self._is_agreed(credit.amount_total, left, places):
            raise UserError(
                self.env._(
                    "The bookings were sold for %(sold)s, of the invoice %(invoice)s only %(left)s is left:"
                    " nothing is cancelled. Credit the invoice by hand.",
                    sold=currency.format(sold),
                    left=currency.format(left),
                    invoice=invoice.name,
                )
            )

    def _is_agreed(self, amount, agreed, places):
        """Return whether an amount is what places are sold for, each by itself.

        VAT that comes on top of prices is rounded once for several places: three at 33.33 are 124.99 with it,
        and one is 41.66. So much they may differ.
        """
        return abs(amount - agreed) < self.currency_id.rounding * (max(places, 1) - 0.5)

    def _prepare_invoice(self):
        values = super()._prepare_invoice()
        if self.booking_source in ("page", "channel"):
            # What is sold with our VAT is on the accounts of sales with it, wherever the customer is.
            values["fiscal_position_id"] = self.fiscal_position_id.id
        return values

    def _prepare_credit(self, invoice, bookings):
        lines = [
            line._prepare_invoice_line(quantity=len(of_line))
            for line, of_line in bookings.grouped("order_line_id").items()
        ]
        return {
            **self._prepare_invoice(),
            "move_type": "out_refund",
            "reversed_entry_id": invoice.id,
            "partner_id": invoice.partner_id.id,
            "invoice_date": fields.Date.context_today(self.with_context(tz=bookings.facility_id[:1].tz)),
            "ref": self.env._("Reversal of: %s", invoice.name),
            "invoice_line_ids": [Command.create(line) for line in lines],
        }

    def _match_credit(self, invoice, credit):
        """Settle an invoice that is not paid with its credit note; have what was paid already paid back."""
        (invoice + credit).line_ids.filtered(
            lambda item: item.account_type == "asset_receivable" and not item.reconciled
        ).reconcile()
        if not credit.currency_id.is_zero(credit.amount_residual):
            env = self.with_context(lang=self._get_responsible().lang).env
            self._ask_to_pay_back(
                credit.amount_residual,
                env._(
                    "%(invoice)s had been paid: pay it back, and register that on %(credit)s.",
                    credit=credit.name,
                    invoice=invoice.name,
                ),
            )
