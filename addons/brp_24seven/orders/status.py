"""What has become of an order at 24SevenOffice.

Source: an order that is published gets the number of an invoice, and one that is paid a date; what the
service does not find any more was deleted there.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

_SWEDEN = ZoneInfo("Europe/Stockholm")


@dataclass(frozen=True)
class Status:
    """
    :ivar state: ``order`` (not published), ``invoiced``, ``paid`` or ``deleted``
    :ivar invoice: the invoice's number, empty when there is none
    :ivar paid: the day it was paid, in Sweden
    :ivar ocr: the reference that it is paid with
    """

    state: Literal["order", "invoiced", "paid", "deleted"]
    invoice: str = ""
    paid: date | None = None
    ocr: str = ""


def status_of(order: dict | None) -> Status:
    """Return the status of an order.

    :param order: as ``GetInvoices`` tells it, None when it does not
    """
    if order is None:
        return Status("deleted")
    number, paid = order["InvoiceId"], order["Paid"]
    if not number:
        return Status("order")
    ocr = order["OCR"] or ""
    if not paid:
        return Status("invoiced", str(number), ocr=ocr)
    day = paid.astimezone(_SWEDEN).date() if isinstance(paid, datetime) and paid.tzinfo else paid
    return Status("paid", str(number), day, ocr)
