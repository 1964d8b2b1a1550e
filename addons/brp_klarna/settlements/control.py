"""Whether a payout adds up: its totals among themselves, and its rows against them.

``settlement = sale − return − reversal − fee + fee_correction + fee_refund + commission −
commission_reversal − tax + tax_refund − charge + credit − holdback + release − repay + deposit``, and
``closing_debt_balance = opening_debt_balance − repay + deposit``. A payout that does not add up is not to be
booked. Source: Klarna's description of settlement files, which leaves open where ``tax_refund``, ``deposit``
and what is given back by the merchant protection stand; see :class:`Places`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from .effects import COMMISSION_BACK, FEE_REFUND_VAT, FEE_VAT, Effect, Signs, Sums
from .records import Payout

REPAY = "REPAY"
DEPOSIT = "DEPOSIT"

#: Total -> its sign in the control sum
TERMS = {
    "sale": 1,
    "return": -1,
    "reversal": -1,
    "fee": -1,
    "fee_correction": 1,
    "fee_refund": 1,
    "commission": 1,
    "commission_reversal": -1,
    "tax": -1,
    "tax_refund": 1,
    "charge": -1,
    "credit": 1,
    "holdback": -1,
    "release": 1,
    "repay": -1,
    "deposit": 1,
}
#: Of a GROSS payout these are invoiced, and told only for information
_FEES = {"fee", "fee_correction", "fee_refund", "tax", "tax_refund"}
_WITHOUT_ROWS = {"repay", "deposit"}
#: Type, or code of VAT -> the total that its rows add up to
_TOTAL_OF = {
    "SALE": "sale",
    "RETURN": "return",
    "REVERSAL": "reversal",
    "FEE": "fee",
    "FEE_REFUND": "fee_refund",
    "CORRECTION": "fee_correction",
    "TAX": "tax",
    FEE_VAT: "tax",
    "COMMISSION": "commission",
    "CHARGE": "charge",
    "CREDIT": "credit",
    "HOLDBACK": "holdback",
    "RELEASE": "release",
}


class TaxRefund(Enum):
    """What the total ``tax_refund``, VAT of fees that are given back, is."""

    ADDED = "added"  # a total of its own, added to the payout
    IN_TAX = "in_tax"  # told for information: `tax` is already less by it


@dataclass(frozen=True, slots=True)
class Places:
    """Where totals stand of which Klarna's description says too little.

    :ivar tax_refund: what the total ``tax_refund`` is
    :ivar protection: the total that rows of the type REVERSAL_MERCHANT_PROTECTION are part of
    """

    tax_refund: TaxRefund = TaxRefund.ADDED
    protection: str = "reversal"


PLACES = Places()


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that does not add up, in öre.

    :ivar total: Klarna's name without ``_amount``
    :ivar told: what Klarna tells
    :ivar counted: what it should be by the other totals, or by the rows
    """

    total: str
    told: int
    counted: int


def control_sum(payout: Payout, places: Places = PLACES) -> int:
    """Return what the payout should be by its totals, in öre."""
    get = payout.totals.get
    return sum(sign * get(name, 0) for name, sign in TERMS.items() if _counts(name, payout, places))


def _counts(total: str, payout: Payout, places: Places) -> bool:
    if total == "tax_refund" and places.tax_refund is TaxRefund.IN_TAX:
        return False
    return total not in _FEES or payout.settlement_type != "GROSS"


def check_totals(payout: Payout, places: Places = PLACES) -> list[Difference]:
    """Return what of a payout's totals does not add up: ``settlement`` and ``closing_debt_balance``.

    The debt is not checked when neither its opening nor its closing balance is told.
    """
    found = []
    counted = control_sum(payout, places)
    if counted != payout.settlement:
        found.append(Difference("settlement", payout.settlement, counted))
    totals = payout.totals
    if "opening_debt_balance" in totals or "closing_debt_balance" in totals:
        told = totals.get("closing_debt_balance", 0)
        closing = totals.get("opening_debt_balance", 0) - totals.get("repay", 0) + totals.get("deposit", 0)
        if told != closing:
            found.append(Difference("closing_debt_balance", told, closing))
    return found


def effects_of_totals(payout: Payout) -> list[Effect]:
    """Return the effects that no row tells: ``REPAY`` of a debt to Klarna, and ``DEPOSIT``, a new one."""
    repay, deposit = payout.totals.get("repay", 0), payout.totals.get("deposit", 0)
    told = [Effect(REPAY, -repay), Effect(DEPOSIT, deposit)]
    return [effect for effect in told if effect.amount]


def check_rows(payout: Payout, counted: Mapping[str, int], places: Places = PLACES) -> list[Difference]:
    """Return the totals that the rows do not add up to, and ``settlement`` if all of them do not.

    Fees in a GROSS payout are not compared by total: there they are told only for information.

    :param counted: öre by code, of all rows: ``Sums.effects``
    """
    by_total: dict[str, int] = {}
    for code, amount in counted.items():
        total = _total_of(code, payout, places)
        if total:
            by_total[total] = by_total.get(total, 0) + TERMS[total] * amount
    found = [
        Difference(total, payout.totals.get(total, 0), by_total.get(total, 0))
        for total in TERMS
        if total not in _WITHOUT_ROWS
        and _counts(total, payout, places)
        and payout.totals.get(total, 0) != by_total.get(total, 0)
    ]
    paid = sum(counted.values()) + sum(effect.amount for effect in effects_of_totals(payout))
    if paid != payout.settlement:
        found.append(Difference("settlement", payout.settlement, paid))
    return found


def _total_of(code: str, payout: Payout, places: Places) -> str | None:
    """Return the total that an effect is part of; None of a type that we do not know."""
    if code in COMMISSION_BACK and "commission_reversal" in payout.totals:
        return "commission_reversal"
    type_ = code.partition(":")[0]
    if type_ == FEE_REFUND_VAT:
        return "tax" if places.tax_refund is TaxRefund.IN_TAX else "tax_refund"
    if type_ == "REVERSAL_MERCHANT_PROTECTION":
        return places.protection
    return _TOTAL_OF.get(type_)


def choose_signs(payout: Payout, sums: Sums, places: Places = PLACES) -> Signs:
    """Return how the rows of a payout tell amounts: the way by which they add up to its totals.

    It is ``UNSIGNED`` when they do so in both ways or in neither.
    """
    if not check_rows(payout, sums.effects(Signs.UNSIGNED), places):
        return Signs.UNSIGNED
    if not check_rows(payout, sums.effects(Signs.SIGNED), places):
        return Signs.SIGNED
    return Signs.UNSIGNED
