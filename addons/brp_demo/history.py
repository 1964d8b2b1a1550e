"""Some months of sales in installments, made the way people make them and relative to today."""

from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from . import autogiro, counter


class Purchase(NamedTuple):
    """A purchase in installments, sold on a day of an earlier month or so many days ago."""

    shows: str
    customer: str
    products: str
    months: int
    months_ago: int = 0
    day: int | None = None
    days_ago: int = 0

    @property
    def plan(self):
        """The name of the plan's record."""
        return f"plan_{self.months}_months"

    def sale_date(self, today):
        """Return the local date of the sale."""
        earlier = relativedelta(months=self.months_ago, days=self.days_ago)
        return today - earlier + relativedelta(day=self.day)


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

    What is to be collected by Autogiro waits for :func:`~.autogiro.play_autogiro`.

    :param today: local date
    :return: {what the purchase shows: main invoice}
    """
    staff = autogiro.AutogiroStaff(env, today)
    staff.invoice_at_once("padel_club", "rental_hall", 10, today - relativedelta(months=5, day=1))
    # In the order of their dates, so that the invoices' numbers are too.
    events = [(purchase.sale_date(today), purchase) for purchase in (*PURCHASES, *autogiro.PURCHASES)]
    events += [(invoiced, month) for month, invoiced in autogiro.get_rents(today)]
    mains = {}
    for _day, event in sorted(events, key=lambda event: event[0]):
        if isinstance(event, Purchase):
            mains[event.shows] = sell(staff, event)
        elif isinstance(event, autogiro.AutogiroPurchase):
            mains[event.shows] = staff.sell_by_autogiro(event)
        else:
            staff.invoice_rent(event)
    staff.credit_last_parts(mains["parts credited"], 2)
    counter.sell_over_the_counter(staff)
    staff.quote("karin", "card_training")
    staff.quote("hanna", "course_padel rental_racket")
    staff.rent_out("builder", "rental_tractor", 3, discount=10)
    return mains


def sell(staff, purchase):
    """Sell in installments, have paid what fell due, and return the main invoice."""
    main = staff.sell(purchase)
    staff.note_as_sent(main)
    if purchase.shows == "all credited":
        staff.credit_purchase(main, days_later=7, reason="Flyttar till annan ort")
    else:
        staff.pay_what_fell_due(main, but_the_last=purchase.shows == "overdue")
    return main
