from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """Paying orders of bookings at the desk: what is open of an order is invoiced and paid as a whole."""

    _inherit = "sale.order"

    def _take_payment(self, journal, amount=None):
        """Have all that is open of the order paid in a journal, today, and return the payments.

        What is not invoiced is invoiced, drafts are posted, and each invoice is matched with its payment. Who
        may do so, and with which journal, is for the caller to find out: it is done with all rights.

        :param journal: of type bank, cash or credit
        :param amount: what the customer has been told, in the order's currency; not looked at if it is None
        :raise UserError: nothing is open, it is being paid by others, or comes to another amount
        """
        self.ensure_one()
        order = self.sudo().with_company(self.company_id)
        if not order.try_lock_for_update(allow_referencing=True):
            raise UserError(
                self.env._("Somebody else is working with %s just now: look at it again.", order.name)
            )
        if obstacle := order._find_pay_obstacle():
            raise UserError(obstacle)
        method = (
            journal.sudo()
            ._get_available_payment_method_lines("inbound")
            .filtered(lambda line: line.code == "manual")[:1]
        )
        if not method:
            raise UserError(
                self.env._(
                    "%s takes no payments: give the journal the incoming payment method Manual.",
                    journal.sudo().display_name,
                )
            )
        today = order._get_desk_facility()._get_today()
        invoices = order._post_open_invoices(today)
        total = sum(invoices.mapped("amount_residual"))
        if amount is not None and order.currency_id.compare_amounts(total, amount):
            raise UserError(
                self.env._(
                    "%(order)s comes to %(total)s now, not to %(amount)s: tell the customer, and open the"
                    " dialog again.",
                    order=order.name,
                    total=order.currency_id.format(total),
                    amount=order.currency_id.format(amount),
                )
            )
        payments = self.env["account.payment"].sudo()
        for invoice in invoices:
            # All of it, whatever its payment terms would ask for today.
            payments += (
                order.env["account.payment.register"]
                .with_context(active_model="account.move", active_ids=invoice.ids)
                .create(
                    {
                        "journal_id": journal.id,
                        "payment_method_line_id": method.id,
                        "payment_date": today,
                        "amount": invoice.amount_residual,
                        "group_payment": True,
                        "payment_difference_handling": "open",
                    }
                )
                ._create_payments()
            )
        return payments

    def _find_pay_obstacle(self):
        """Return why the desk can take no payment for the order, or nothing."""
        self.ensure_one()
        order = self.sudo()
        if order.state != "sale":
            return self.env._("%s is not confirmed: there is nothing to pay.", order.name)
        if till := order.booking_ids.connection_id[:1]:
            return self.env._("%(order)s was paid at %(till)s.", order=order.name, till=till.name)
        # What a provider has paid, and Odoo is about to book, is as good as under way.
        booked = order._find_payments("done").filtered("is_post_processed")
        pending = order._find_payments("pending", "authorized", "done") - booked
        if pending:
            return self.env._(
                "%(order)s is being paid with %(provider)s, %(payment)s: wait until it is known what became"
                " of it, or cancel that payment.",
                order=order.name,
                provider=pending[0].provider_id.name,
                payment=pending[0].reference,
            )
        if order.currency_id.compare_amounts(order._get_open_amount(), 0) <= 0:
            return self.env._("Nothing of %s is left to pay: somebody has taken payment for it.", order.name)
        return False

    # === WHAT IS OPEN === #

    def _get_open_amount(self):
        """Return what the customer has not paid, in the order's currency, VAT included: invoiced or not."""
        self.ensure_one()
        order = self.sudo().with_company(self.company_id)
        open_amount = order._compute_uninvoiced() + sum(
            invoice.amount_total if invoice.state == "draft" else invoice.amount_residual
            for invoice in order._get_open_invoices()
        )
        return order.currency_id.round(open_amount)

    def _get_open_bookings(self):
        """Return the bookings that are paid with what is open: the order's, and others on its invoices."""
        invoiced = self.sudo()._get_open_invoices().invoice_line_ids.sale_line_ids
        bookings = (self.sudo().order_line | invoiced).booking_ids
        return bookings.filtered(
            lambda booking: booking.state == "booked" and booking.paid in ("no", "invoiced")
        )

    def _get_open_invoices(self):
        return self.invoice_ids.filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and (
                    move.state == "draft"
                    or (move.state == "posted" and move.payment_state in ("not_paid", "partial"))
                )
            )
        )

    def _get_uninvoiced_lines(self):
        return self._get_invoiceable_lines(final=True).filtered(lambda line: not line.display_type)

    def _compute_uninvoiced(self):
        """Return what an invoice of the rest of the order will come to, rounded as invoices are."""
        lines = self._get_uninvoiced_lines()
        if not lines:
            return 0.0
        base_lines = [
            # Down payments are taken off.
            line._prepare_base_line_for_taxes_computation(
                quantity=-1 if line.is_downpayment else line.qty_to_invoice
            )
            for line in lines
        ]
        AccountTax = self.env["account.tax"]
        AccountTax._add_tax_details_in_base_lines(base_lines, self.company_id)
        AccountTax._round_base_lines_tax_details(base_lines, self.company_id)
        totals = AccountTax._get_tax_totals_summary(
            base_lines=base_lines, currency=self.currency_id, company=self.company_id
        )
        return totals["total_amount_currency"]

    def _post_open_invoices(self, today):
        """Invoice the rest of the order, post what is a draft, and return what is open."""
        if self._get_uninvoiced_lines():
            self._create_invoices(final=True)
        drafts = self._get_open_invoices().filtered(lambda move: move.state == "draft")
        for draft in drafts.filtered(lambda move: not move.invoice_date):
            draft.invoice_date = today
        if drafts:
            drafts.action_post()
        return self._get_open_invoices()

    def _get_desk_facility(self):
        return self.order_line.slot_id.facility_id[:1]
