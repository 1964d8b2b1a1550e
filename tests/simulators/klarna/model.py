"""What Klarna keeps of a merchant. Amounts are int minor units (öre), rates hundredths of a percent, moments
texts in UTC."""

import hashlib
import uuid
from base64 import b32encode
from dataclasses import dataclass, field

# type of a transaction: (its effect on the payout, the total it is counted in).
TYPES = {
    "SALE": (1, "sale"),
    "RETURN": (-1, "return"),
    "REVERSAL": (-1, "reversal"),
    "REVERSAL_MERCHANT_PROTECTION": (1, "reversal"),
    "FEE": (-1, "fee"),
    "FEE_REFUND": (1, "fee_refund"),
    "CORRECTION": (1, "fee_correction"),  # its amount has a sign of its own
    "TAX": (-1, "tax"),
    "COMMISSION": (1, "commission"),
    "CHARGE": (-1, "charge"),
    "CREDIT": (1, "credit"),
    "HOLDBACK": (-1, "holdback"),
    "RELEASE": (1, "release"),
}

# total: how it counts in the settlement.
TOTALS = {
    "sale": 1,
    "return": -1,
    "reversal": -1,
    "fee": -1,
    "fee_refund": 1,
    "fee_correction": 1,
    "tax": -1,
    "tax_refund": 1,
    "commission": 1,
    "commission_reversal": -1,
    "charge": -1,
    "credit": 1,
    "holdback": -1,
    "release": 1,
}


def half_up(dividend: int, divisor: int) -> int:
    """The quotient as a whole number; a half is rounded up."""
    return (2 * dividend + divisor) // (2 * divisor)


def vat_within(amount: int, rate: int) -> int:
    """The VAT that is part of an amount."""
    return amount - half_up(amount * 10000, 10000 + rate)


@dataclass(slots=True, eq=False)
class Line:
    """A line of an order; `amount` and `vat` are of the whole line, VAT included in the amount."""

    type: str
    name: str
    amount: int
    rate: int
    vat: int
    reference: str = ""
    quantity: int = 1
    discount: int = 0


@dataclass(slots=True, eq=False)
class Event:
    """A capture or a refund of an order; `vat` is {rate: VAT}."""

    id: str
    at: str
    amount: int
    vat: dict
    lines: list
    reference: str = ""
    refunded: int = 0  # of a capture


@dataclass(slots=True, eq=False)
class Order:
    id: str
    short_id: str
    at: str
    lines: list
    currency: str
    country: str
    shipping_country: str
    reference1: str = ""
    reference2: str = ""
    method: str = "invoice"
    installments: int = 0
    captures: list = field(default_factory=list)
    refunds: list = field(default_factory=list)
    reversals: dict = field(default_factory=dict)  # reversal reference: what is not given back of it
    rows: list = field(default_factory=list)

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def captured(self) -> int:
        return sum(capture.amount for capture in self.captures)

    @property
    def refunded(self) -> int:
        return sum(refund.amount for refund in self.refunds)

    @property
    def vat(self) -> dict:
        """{rate: VAT}."""
        return vat_of(self.lines)


def vat_of(lines: list) -> dict:
    """{rate: VAT} of lines."""
    found = {}
    for line in lines:
        found[line.rate] = found.get(line.rate, 0) + line.vat
    return found


def vat_of_part(order: Order, amount: int, earlier: list) -> dict:
    """{rate: VAT} of a part of an order. What completes the order gets what is left of its VAT."""
    before = sum(event.amount for event in earlier)
    if before + amount == order.amount:
        return {
            rate: vat - sum(event.vat.get(rate, 0) for event in earlier) for rate, vat in order.vat.items()
        }
    return {
        rate: half_up(vat * (before + amount), order.amount) - half_up(vat * before, order.amount)
        for rate, vat in order.vat.items()
    }


@dataclass(slots=True, eq=False)
class Row:
    """A transaction. `effect` is 1 when the amount is the merchant's, -1 when it is Klarna's."""

    type: str
    amount: int
    effect: int
    total: str
    at: str
    sale_at: str
    currency: str
    country: str
    detailed_type: str = ""
    order: Order | None = None
    capture_id: str = ""
    refund_id: str = ""
    vat_rate: int | None = None  # of Klarna's fee
    vat: int = 0
    capture_reference: str = ""
    refund_reference: str = ""
    reversal_reference: str = ""
    comment: str = ""
    customer_vat: dict | None = None
    payout: "Payout | None" = None
    written: tuple = ()  # the row as the API writes it, and what it depends on: see answers.py

    @property
    def money(self) -> int:
        """What the row adds to the payout, without VAT."""
        return self.effect * self.amount

    @property
    def tax(self) -> int:
        """What the VAT of a fee adds to the payout."""
        return self.effect * self.vat


@dataclass(slots=True, eq=False)
class Payout:
    reference: str
    at: str
    currency: str
    settlement: str
    rows: list
    opening: int = 0  # the merchant's debt
    listed: bool = True
    sums: tuple = ()  # (number of rows, {total: amount}), kept

    def totals(self, tax_refund: str) -> dict:
        """{name: amount} as the API names them. What exceeds the sales becomes a debt and is repaid later.

        `tax_refund` is what the VAT of refunded fees is: see SETTINGS.
        """
        if not self.sums or self.sums[0] != len(self.rows):
            self.sums = (len(self.rows), self._sums())
        sums = dict(self.sums[1])
        earned = sum(TOTALS[name] * amount for name, amount in sums.items())
        if tax_refund != "added":
            sums["tax"] -= sums["tax_refund"]
        if tax_refund == "untold":
            sums["tax_refund"] = 0
        repaid = max(0, min(earned, self.opening))
        deposit = max(0, -earned)
        told = {f"{name}_amount": amount for name, amount in sums.items()}
        return {
            **told,
            "repay_amount": repaid,
            "deposit_amount": deposit,
            "opening_debt_balance_amount": self.opening,
            "closing_debt_balance_amount": self.opening - repaid + deposit,
            "settlement_amount": earned - repaid + deposit,
        }

    def _sums(self) -> dict:
        sums = dict.fromkeys(TOTALS, 0)
        for row in self.rows:
            sums[row.total] += TOTALS[row.total] * row.money
            tax = "tax_refund" if row.type in ("FEE_REFUND", "CREDIT") else "tax"
            sums[tax] += TOTALS[tax] * row.tax
        return sums


# What is told of a merchant, and what it is unless told.
SETTINGS = {
    "name": "",
    "user": "",
    "password": "",
    "settlement": "NET",  # GROSS: no fee rows
    "currency": "SEK",  # of the country of registration
    "country": "SE",
    "fee_percent": 299,
    "fee_fixed": 350,
    "fee_vat_rate": 2500,
    "exchange": {},  # currency: units of the registration country's currency for 10 000 of it
    "signed": False,  # amounts of rows have the sign of their effect
    "customer_vat": True,  # which is not in the published description
    "tax_rows": False,  # the VAT of fees in rows of their own, as older layouts have it
    # The VAT of refunded fees: "added" as a total of its own, "told" though tax is less by it, or "untold".
    "tax_refund": "added",
    "protection": "reversal",  # the total that a merchant protection is part of
    "commission_reversal": False,  # totals have that field, which is not in the published description
    "blank_capture_id": False,  # rows that have no capture say so with an empty text
    "extra_fields": {},  # of every row
    "csv": {},  # delimiter, decimal, columns, names {column: heading}, summary (true: the totals come first)
}


class Merchant:
    def __init__(self, number: str):
        self.id = number
        self.settings = dict(SETTINGS)
        self.version = 0  # changes when rows are to be written anew
        self.orders = {}
        self.known_as = {}  # short id, or the merchant's reference: the newest order
        self.rows = []
        self.unpaid = []
        self.payouts = {}
        self.debts = {}  # currency: amount
        self._made = 0

    def new_id(self, kind: str) -> str:
        """An id that is the same whenever the same things are done in the same order."""
        self._made += 1
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.id}/{kind}/{self._made}"))

    @staticmethod
    def short_id(order_id: str) -> str:
        return b32encode(hashlib.sha256(order_id.encode()).digest())[:8].decode()

    def add(self, row: Row) -> Row:
        self.rows.append(row)
        self.unpaid.append(row)
        if row.order:
            row.order.rows.append(row)
        return row

    def paid_out(self, reference: str) -> Payout | None:
        """A payout that the merchant can see."""
        payout = self.payouts.get(reference)
        return payout if payout and payout.listed else None
