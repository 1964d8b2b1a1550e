"""What was sold over the counter in the last days, paid at once: what the accounting export has to tell."""

from datetime import timedelta
from typing import NamedTuple


class Sale(NamedTuple):
    """A sale so many days ago, its products parted by spaces, paid in a journal."""

    days_ago: int
    customer: str
    products: str
    journal: str


SALES = (
    Sale(3, "bengt", "towel goggles", "KORT"),
    Sale(3, "david", "lunch lunch", "KASSA"),
    Sale(2, "elin", "rental_racket lunch training_book tip", "KORT"),
    Sale(2, "hanna", "gift_card", "SWISH"),
    Sale(1, "karin", "rental_hall", "SWISH"),
    Sale(1, "emma", "lunch towel", "KASSA"),
    Sale(0, "gustav", "goggles lunch tip", "KORT"),
    Sale(0, "fatima", "training_book", "SWISH"),
)


def sell_over_the_counter(staff, sales=SALES):
    """Sell, invoice and take payment; returns the invoices."""
    return [
        staff.sell_at_counter(
            sale.customer, sale.products, sale.journal, staff.today - timedelta(sale.days_ago)
        )
        for sale in sales
    ]
