"""What a company is set up with (tax codes, sale types, currencies), and what rows come to."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

ORE = Decimal("0.01")


@dataclass(frozen=True)
class TaxCode:
    """`sale`: whether a row that is sold can have it. Ids and numbers differ, and rates are told twice."""

    id: int
    number: str
    name: str
    rate: int
    account: int | None
    sale: bool = False


TAX_CODES = (
    TaxCode(0, "0", "Ingen momsbehandling", 0, None, True),
    TaxCode(1, "5", "Ingående moms 25 %", 25, 2641),
    TaxCode(2, "6", "Ingående moms 12 %", 12, 2641),
    TaxCode(3, "1", "Utgående moms 25 %", 25, 2611, True),
    TaxCode(4, "2", "Utgående moms 12 %", 12, 2621, True),
    TaxCode(5, "3", "Utgående moms 6 %", 6, 2631, True),
    TaxCode(6, "4", "Momsfri försäljning", 0, None, True),
    TaxCode(7, "7", "Ingående moms 6 %", 6, 2641),
    TaxCode(8, "8", "Inköp med omvänd betalningsskyldighet 25 %", 25, 2614),
    TaxCode(9, "9", "Försäljning med omvänd betalningsskyldighet", 0, None, True),
)


@dataclass(frozen=True)
class SaleType:
    """An accounting group: what is sold, or bought, on which account, and with which VAT."""

    id: int
    name: str
    account_id: int
    rate: int
    module: str = "Sale"


SALE_TYPES = (
    SaleType(1, "Försäljning 25 % moms", 101, 25),
    SaleType(2, "Försäljning 12 % moms", 102, 12),
    SaleType(3, "Försäljning 6 % moms", 103, 6),
    SaleType(4, "Försäljning momsfri", 104, 0),
    SaleType(11, "Inköp 25 % moms", 201, 25, "Purchase"),
)

# (symbol, id, kronor for `unit` of it, unit).
CURRENCIES = (
    ("SEK", 1, "1", 1),
    ("EUR", 2, "11.25", 1),
    ("NOK", 3, "97.4", 100),
    ("DKK", 4, "150.8", 100),
    ("USD", 5, "10.4", 1),
)
PAYMENT_METHODS = ((1, "Faktura"), (2, "Kort"))
DEPARTMENTS = ((1, "Anläggning"), (2, "Kurser"))
PROJECTS = (1, 2)
EMPLOYEES = (1, 2)


def rate_of_sale_type(number: int) -> int | None:
    """The VAT of a sale type; None when there is none."""
    return next((each.rate for each in SALE_TYPES if each.id == number and each.module == "Sale"), None)


def totals(rows: list, with_vat: bool, by_row: bool) -> tuple:
    """(total with VAT, VAT) of rows, exact and rounded to the öre once, a half away from nought.

    :param rows: [(price, quantity, discount in percent, VAT rate)], decimals
    :param with_vat: whether prices include VAT
    :param by_row: whether each row's amounts are rounded, instead of their sum
    """
    total, vat = Decimal(0), Decimal(0)
    for price, quantity, discount, rate in rows:
        amount = price * quantity * (100 - discount) / 100
        tax = amount * rate / (100 + rate if with_vat else 100)
        if by_row:
            amount, tax = rounded(amount), rounded(tax)
        vat += tax
        total += amount if with_vat else amount + tax
    return rounded(total), rounded(vat)


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(ORE, ROUND_HALF_UP)
