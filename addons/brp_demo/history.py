"""Some months of sales in installments, made the way people make them and relative to today."""

from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command

from .company import LANGUAGE, TIME_ZONE


def create_history(env, today):
    """Sell, have paid and credit what the demo company has done up to ``today``.

    Every day of the year will do. The purchases are in the order of their dates, so that
    invoice numbers are too.

    :param today: local date
    :return: {what it shows: main invoice}
    """
    history = History(env, today)
    purchases = {"paid": history.sell("cecilia", "course_swimming", 3, months_ago=5, day=3)}
    history.pay_what_fell_due(purchases["paid"])

    purchases["overdue"] = history.sell("astrid", "card_training", 12, months_ago=5, day=8)
    history.pay_what_fell_due(purchases["overdue"], but_the_last=True)

    purchases["fees"] = history.sell("david", "course_leader camp", 6, months_ago=4, day=10)
    history.pay_what_fell_due(purchases["fees"])

    purchases["late start"] = history.sell("elin", "course_padel", 3, months_ago=4, day=20)
    history.pay_what_fell_due(purchases["late start"])

    purchases["parts credited"] = history.sell("fatima", "card_training", 12, months_ago=3, day=12)
    history.pay_what_fell_due(purchases["parts credited"])

    history.invoice_at_once("padel_club", "rental_hall", 10, months_ago=2, day=2)

    purchases["all credited"] = history.sell("gustav", "card_relax", 12, months_ago=2, day=5)
    history.credit_purchase(purchases["all credited"], days_later=7, reason="Flyttar till annan ort")

    purchases["running"] = history.sell("bengt", "card_swimming", 12, months_ago=1, day=18)
    history.pay_what_fell_due(purchases["running"])

    purchases["new"] = history.sell("emma", "card_swimming", 6, days_ago=3)
    history.credit_last_parts(purchases["parts credited"], 2)

    history.quote("karin", "card_training")
    history.quote("hanna", "course_padel rental_racket")
    return purchases


class History:
    """Does what the desk and the bookkeeper would have done, with their own rights.

    :param today: local date; nothing is dated later
    """

    def __init__(self, env, today):
        context = {"lang": LANGUAGE, "tz": TIME_ZONE}
        self.desk = env(user=env.ref("brp_demo.user_desk"), context=context, su=False)
        self.bookkeeper = env(user=env.ref("brp_demo.user_bookkeeper"), context=context, su=False)
        self.today = today

    def sell(self, customer, products, months, **when):
        """Sell products, their names parted by spaces, and return the main invoice."""
        order = self.quote(customer, products)
        sold = self._date(**when)
        plan = self.desk.ref(f"brp_demo.plan_{months}_months")
        main = order._sell_in_installments(plan, sold)
        order.date_order = datetime.combine(sold, time(10))
        return self.bookkeeper["account.move"].browse(main.ids)

    def quote(self, customer, products, quantity=1):
        """Return a quotation."""
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

    def invoice_at_once(self, customer, product, quantity, **when):
        """Sell on an ordinary invoice, which is paid ten days later."""
        order = self.quote(customer, product, quantity)
        order.action_confirm()
        sold = self._date(**when)
        order.date_order = datetime.combine(sold, time(10))
        invoice = order.with_env(self.bookkeeper)._create_invoices(date=sold)
        invoice.invoice_date = sold
        invoice.action_post()
        self._pay(invoice, sold + timedelta(days=10))

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

    def _pay(self, invoice, date):
        self.bookkeeper["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": date})._create_payments()

    def _date(self, months_ago=0, day=None, days_ago=0):
        """Return that day of an earlier month, or the day so many days ago."""
        return self.today - relativedelta(months=months_ago, days=days_ago) + relativedelta(day=day)
