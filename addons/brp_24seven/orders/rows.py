"""An invoice's lines as rows of an order.

Source: the vendor's description of InvoiceRow (a text has at most 300 characters; a row of type Text has no
product), and for the heading of what is rented, how such connections write it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .texts import clean, fit

LONGEST = 300  # characters of a row's text, as UTF-16 counts them


@dataclass(frozen=True)
class Line:
    """A line of an invoice.

    :ivar text: what it says, in one or several lines
    :ivar is_text: a note or a heading, without price
    :ivar product: what is rented, for the heading; empty when nothing is
    :ivar start: first day of the rent
    :ivar stop: last day of the rent, included
    :ivar price: kronor for one, with or without VAT as the whole order tells
    :ivar quantity: negative in a credit note
    :ivar discount: percent
    :ivar tax: as ``TaxSettings``, None to leave it to the service
    :ivar project: the service's number of a project, None for none
    :ivar department: likewise of a department
    """

    text: str
    is_text: bool = False
    product: str = ""
    start: date | None = None
    stop: date | None = None
    price: Decimal = Decimal(0)
    quantity: Decimal = Decimal(1)
    discount: Decimal = Decimal(0)
    tax: dict | None = None
    project: int | None = None
    department: int | None = None


def heading_of(product: str, start: date | None, stop: date | None) -> str:
    """Return the heading of what is rented: ``Traktor (2021-01-10 - 2021-01-12)``."""
    days = f"{start or stop:%Y-%m-%d} - {stop or start:%Y-%m-%d}"
    return f"{fit(clean(product), LONGEST - len(days) - 3).rstrip()} ({days})"


def split_text(text: str, longest: int = LONGEST) -> list[str]:
    """Return a text in parts that each fit in a row; a part ends where a line or a word does, if it can."""
    parts = []
    for line in text.splitlines():
        line = clean(line).rstrip()
        while (most := len(fit(line, longest))) < len(line):
            end = line.rfind(" ", 0, most + 1)
            end = end if end > 0 else most
            parts.append(line[:end].rstrip())
            line = line[end:].lstrip()
        if line:
            parts.append(line)
    return parts


def rows_of(lines: list[Line], product_id: int) -> list[dict]:
    """Return the rows of an order, as ``InvoiceRow``, in their order.

    What is rented has its heading before its row with the price; what does not fit in a row's text goes on in
    rows of text after it. Lines that cost nothing are rows as well.

    :param product_id: of the product that all rows with a price are of
    """
    rows = []
    for line in lines:
        parts = split_text(line.text)
        if line.is_text:
            rows += [_text(part) for part in parts]
            continue
        if line.start or line.stop:
            rows.append(
                _text(heading_of(line.product or line.text.partition("\n")[0], line.start, line.stop))
            )
        rows.append(_price(line, parts[0] if parts else line.product, product_id))
        rows += [_text(part) for part in parts[1:]]
    return [{**row, "SequenceNumber": number} for number, row in enumerate(rows, 1)]


def _text(text: str) -> dict:
    return {"Type": "Text", "Name": text}


def _price(line: Line, text: str, product_id: int) -> dict:
    row = {
        "Type": "Normal",
        "ProductId": product_id,
        "Name": text,
        "Price": line.price,
        "Quantity": line.quantity,
        "DiscountRate": line.discount,
        "TaxSettings": line.tax,
        "ProjectId": line.project,
        "DepartmentId": line.department,
    }
    return {name: value for name, value in row.items() if value is not None}
