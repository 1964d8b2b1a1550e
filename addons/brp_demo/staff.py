"""What the people at the desk and in accounting do, with their own rights, by the methods of the buttons."""

from datetime import datetime, time, timedelta

from odoo import Command

from .company import LANGUAGE, TIME_ZONE


class Staff:
    """The desk and the bookkeeper on some day.

    :param today: local date; nothing is dated later
    """

    def __init__(self, env, today):
        context = {"lang": LANGUAGE, "tz": TIME_ZONE}
        self.desk = env(user=env.ref("brp_demo.user_desk"), context=context, su=False)
        self.bookkeeper = env(user=env.ref("brp_demo.user_bookkeeper"), context=context, su=False)
        self.today = today

    def sell(self, purchase):
        """Sell in installments and return the main invoice."""
        order = self.quote(purchase.customer, purchase.products)
        sold = purchase.sale_date(self.today)
        main = order._sell_in_installments(self.desk.ref(f"brp_demo.{purchase.plan}"), sold)
        order.date_order = datetime.combine(sold, time(10))
        return self.bookkeeper["account.move"].browse(main.ids)

    def quote(self, customer, products, quantity=1):
        """Return a quotation of products, their names parted by spaces."""
        return self.desk["sale.order"].create(
            {
                "partner_id": self.desk.ref(f"brp_demo.customer_{customer}").id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.desk.ref(f"brp_demo.{product}").id,
                            "product_uom_qty": quantity,
                        }
                    )
                    for product in products.split()
                ],
            }
        )

    def rent_out(self, customer, product, days, discount):
        """Rent out to a company's contact for the days until today, and return the order, to be invoiced.

        :param discount: in percent
        """
        last = self.today - timedelta(days=1)
        first = self.today - timedelta(days=days)
        line = {
            "product_id": self.desk.ref(f"brp_demo.{product}").id,
            "product_uom_qty": days,
            "discount": discount,
            "rent_start": first,
            "rent_stop": last,
        }
        contact = self.desk.ref(f"brp_demo.contact_{customer}")
        order = self.desk["sale.order"].create(
            {"partner_id": contact.id, "order_line": [Command.create(line)]}
        )
        order.action_confirm()
        order.date_order = datetime.combine(first, time(10))
        return order

    def invoice_at_once(self, customer, product, quantity, sold):
        """Sell on an ordinary invoice, which is paid ten days later."""
        invoice = self.invoice(customer, product, quantity, sold)
        invoice.action_post()
        self._pay(invoice, sold + timedelta(days=10))

    def sell_at_counter(self, customer, products, journal, sold):
        """Sell and take payment at once, in a journal of the desk; returns the invoice."""
        order = self.quote(customer, products)
        order.action_confirm()
        order.date_order = datetime.combine(sold, time(10))
        invoice = order.with_env(self.bookkeeper)._create_invoices(date=sold)
        invoice.invoice_date = sold
        invoice.action_post()
        self._pay(invoice, sold, journal=journal)
        return invoice

    def invoice(self, customer, product, quantity, sold):
        """Return the draft of an ordinary invoice."""
        order = self.quote(customer, product, quantity)
        order.action_confirm()
        order.date_order = datetime.combine(sold, time(10))
        invoice = order.with_env(self.bookkeeper)._create_invoices(date=sold)
        invoice.invoice_date = sold
        return invoice

    def note_as_sent(self, main):
        """Note the invoices as sent that the daily job would have sent by now, without mailing."""
        until = self.today + timedelta(days=main.company_id.installment_send_days)
        parts = main.installment_ids.filtered(lambda part: part.invoice_date_due <= until)
        (main + parts).is_move_sent = True

    def pay_what_fell_due(self, main, but_the_last=False):
        """Have the installments that fell due before today paid on their due dates."""
        due = main.installment_ids.filtered(lambda part: part.invoice_date_due < self.today)
        due = due.sorted("installment_number")
        for part in due[:-1] if but_the_last else due:
            self._pay(part, part.invoice_date_due)

    def credit_purchase(self, main, days_later, reason):
        """Credit a whole purchase in the dialog, some days after it was sold."""
        self.bookkeeper["account.move.reversal"].with_context(
            active_model="account.move", active_ids=main.ids
        ).create(
            {
                "date": main.invoice_date + timedelta(days=days_later),
                "journal_id": main.journal_id.id,
                "reason": reason,
            }
        ).refund_moves()

    def credit_last_parts(self, main, count):
        """Credit the last installments, so that the main invoice has them left to pay."""
        main.installment_ids.sorted("installment_number")[-count:].action_credit_installments()

    def _pay(self, invoice, date, journal=None):
        values = {"payment_date": date}
        if journal:
            found = self.bookkeeper["account.journal"].search([("code", "=", journal)], limit=1)
            values["journal_id"] = found.id
        self.bookkeeper["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create(values)._create_payments()
