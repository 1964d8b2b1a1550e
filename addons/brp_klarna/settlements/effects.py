"""What the rows of a payout do to it: öre by code, positive to the merchant.

A code is ``TYPE:DETAILED_TYPE``, or ``TYPE`` of a row without detail. The VAT of a fee is an effect of its
own: ``FEE_VAT``, and ``FEE_REFUND_VAT`` of a fee that is given back. Older layouts have rows ``TAX`` instead.
Source: Klarna's description of settlement reports.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from .problems import SettlementError
from .records import Transaction

FEE_VAT = "FEE_VAT"
FEE_REFUND_VAT = "FEE_REFUND_VAT"

#: Type -> what a positive amount does to the payout; None: rows tell their sign themselves
SIGNS: dict[str, int | None] = {
    "SALE": 1,
    "RETURN": -1,
    "REVERSAL": -1,
    "REVERSAL_MERCHANT_PROTECTION": 1,
    "FEE": -1,
    "FEE_REFUND": 1,
    "CORRECTION": None,
    "TAX": -1,
    "COMMISSION": 1,
    "CHARGE": -1,
    "CREDIT": 1,
    "HOLDBACK": -1,
    "RELEASE": 1,
}
#: Details that go the other way than their type: a commission that is taken back
COMMISSION_BACK = frozenset({"COMMISSION:COMMISSION_RETURN", "COMMISSION:COMMISSION_RETURN_GROSS"})
#: Types whose rows may have VAT of Klarna's -> its code. In others the field has no meaning and no effect
_VAT_CODES = {
    "FEE": FEE_VAT,
    "FEE_REFUND": FEE_REFUND_VAT,
    "CORRECTION": FEE_VAT,
    "CHARGE": FEE_VAT,
    "CREDIT": FEE_REFUND_VAT,
}


class Signs(Enum):
    """How rows tell amounts. Klarna does not say; see :func:`.control.choose_signs`."""

    UNSIGNED = "unsigned"  # the sign follows from the type
    SIGNED = "signed"  # the amount is the effect itself, as in reports


@dataclass(frozen=True, slots=True)
class Effect:
    """What something does to a payout: a code, and öre, positive to the merchant."""

    code: str
    amount: int


@lru_cache(maxsize=1024)
def _codes(type_: str, detail: str | None) -> tuple[str, str | None]:
    """Return the code of a row, and that of its VAT."""
    return f"{type_}:{detail}" if detail else type_, _VAT_CODES.get(type_)


def sign_of(code: str, signs: Signs) -> int:
    """Return what makes an effect of an amount that rows of a code tell: it is multiplied by 1 or -1."""
    if signs is Signs.SIGNED:
        return 1
    sign = SIGNS.get(code.partition(":")[0])
    if sign is None:
        # We do not know the type: the amount is taken as it is, and what goes wrong shows in the control sum.
        return 1
    return -sign if code in COMMISSION_BACK else sign


def code_of(row: Transaction) -> str:
    """Return the code of a row: ``TYPE:DETAILED_TYPE``, or ``TYPE``."""
    return _codes(row.type, row.detailed_type)[0]


def _vat_along(amount: int, vat: int) -> int:
    """Return VAT with the sign of the amount it is on: amounts may be signed where VAT is not."""
    return vat if not amount else abs(vat) if amount > 0 else -abs(vat)


def as_told(row: Transaction) -> tuple[str, int, int]:
    """Return the code of a row, its amount and the VAT on it, as long as the signs are not known."""
    code, vat_code = _codes(row.type, row.detailed_type)
    amount, vat = row.amount, row.vat_amount
    return code, amount, _vat_along(amount, vat) if vat and vat_code else 0


def effects(row: Transaction, signs: Signs) -> list[Effect]:
    """Return what a row does to the payout: its amount, and its VAT if it has any."""
    code, amount, vat = as_told(row)
    sign = sign_of(code, signs)
    found = [Effect(code, sign * amount)]
    if vat:
        found.append(Effect(_VAT_CODES[row.type], sign * vat))
    return found


class Sums:
    """The sums of a payout's rows, taken page by page; the rows are not kept.

    They give the effects of both ways to tell amounts, so that the way can be chosen when all are known.

    :param currency: that of the payout; a row in another is refused. None takes any
    :ivar count: rows taken
    """

    def __init__(self, currency: str | None = None):
        self.currency = currency
        self.count = 0
        self._sums: dict[tuple[str, str | None], list[int]] = {}

    def add(self, rows: Iterable[Transaction]) -> None:
        """Take rows.

        :raises SettlementError: ``other_currency``
        """
        sums, currency = self._sums, self.currency
        for row in rows:
            if currency and row.currency and row.currency != currency:
                raise SettlementError(
                    "other_currency", f"transactions[{self.count}]", found=row.currency, expected=currency
                )
            amount, vat = row.amount, row.vat_amount
            kind = row.type, row.detailed_type
            sum_ = sums.get(kind)
            if sum_ is None:
                sum_ = sums[kind] = [0, 0]
            sum_[0] += amount
            if vat:
                sum_[1] += _vat_along(amount, vat)
            self.count += 1

    def effects(self, signs: Signs) -> dict[str, int]:
        """Return öre by code, the same as all rows' :func:`effects` together."""
        summed: dict[str, int] = {}
        for (type_, detail), (amount, vat) in self._sums.items():
            code, vat_code = _codes(type_, detail)
            sign = sign_of(code, signs)
            summed[code] = summed.get(code, 0) + sign * amount
            if vat and vat_code:
                summed[vat_code] = summed.get(vat_code, 0) + sign * vat
        return summed
