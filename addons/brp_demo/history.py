"""Some months of sales in installments, made the way people make them and relative to today."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import Command

from .company import LANGUAGE, TIME_ZONE


class Purchase(NamedTuple):
    """A purchase in installments, sold on a day of an earlier month or so many days ago."""

    shows: str
    customer: str
    products: str
    months: int
    months_ago: int = 0
    day: int | None = None
    days_ago: int = 0

    def sale_date(self, today):
        """Return the local date of the sale."""
        earlier = relativedelta(months=self.months_ago, days=self.days_ago)
        return today - earlier + relativedelta(day=self.day)


# In the order of their dates on whatever day, so that the invoices' numbers are too.
PURCHASES = (
    Purchase("paid", "cecilia", "course_swimming", 3, months_ago=5, day=3),
    Purchase("overdue", "astrid", "card_training", 12, months_ago=5, day=8),
    Purchase("fees", "david", "course_leader camp", 6, months_ago=4, day=10),
    Purchase("late start", "elin", "course_padel", 3, months_ago=4, day=20),
    Purchase("parts credited", "fatima", "card_training", 12, months_ago=3, day=12),
    Purchase("all credited", "gustav", "card_relax", 12, months_ago=2, day=5),
    Purchase("running", "bengt", "card_swimming", 12, months_ago=1, day=18),
    Purchase("new", "emma", "card_swimming", 6, days_ago=3),
)


def create_history(env, today):
    """Sell, have paid and credit what the demo company has done up to ``today``, any day.

    :param today: local date
    :return: {what the purchase shows: main invoice}
    """
    history = History(env, today)
    history.invoice_at_once("padel_club", "rental_hall", 10, today - relativedelta(months=5, day=1))
    mains = {}
    for purchase in PURCHASES:
        main = mains[purchase.shows] = history.sell(purchase)
        history.note_as_sent(main)
        if purchase.shows == "all credited":
            history.credit_purchase(main, days_later=7, reason="Flyttar till annan ort")
        else:
            history.pay_what_fell_due(main, but_the_last=purchase.shows == "overdue")
    history.credit_last_parts(mains["parts credited"], 2)
    history.quote("karin", "card_training")
    history.quote("hanna", "course_padel rental_racket")
    return mains


class History:
    """Does what the desk and the bookkeeper would have done, with their own rights.

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
        plan = self.desk.ref(f"brp_demo.plan_{purchase.months}_months")
        main = order._sell_in_installments(plan, sold)
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

    def invoice_at_once(self, customer, product, quantity, sold):
        """Sell on an ordinary invoice, which is paid ten days later."""
        order = self.quote(customer, product, quantity)
        order.action_confirm()
        order.date_order = datetime.combine(sold, time(10))
        invoice = order.with_env(self.bookkeeper)._create_invoices(date=sold)
        invoice.invoice_date = sold
        invoice.action_post()
        self._pay(invoice, sold + timedelta(days=10))

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

    def _pay(self, invoice, date):
        self.bookkeeper["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": date})._create_payments()
