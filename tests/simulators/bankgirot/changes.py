"""Cancelled and moved payments: TK23–29. They reach payments that have not been executed."""

from datetime import date

from . import bankdays, checks
from .model import Order, Payee

CANCELLED = "12"
ALL_MOVED = "14"
MOVED = "18"
RECURRING = "15"
MISSING = "13"
_NO_DATE = "0" * 8


class ChangesDesk:
    """The part of the machine that cancels and moves payments."""

    def _change_order(self, payee: Payee, order: dict, day: date) -> None:
        """Takes a TK23–29."""
        comment = self._change_fault(payee, order, day)
        if comment:
            self._unchanged(payee, order, comment)
            return
        found = self._matching(payee, order)
        if order["tk"] in ("23", "24", "25"):
            for payment in found:
                self.orders.remove(payment)
                self._removed(payment, order["tk"])
            if not found:
                self._unchanged(payee, order, MISSING)
            return
        self._move(payee, order, found)

    def _change_fault(self, payee: Payee, order: dict, day: date) -> str:
        """The comment code of the first thing wrong with the order, "" when nothing is."""
        if not checks.is_bankgiro(order["bankgiro"]):
            return "10"
        if order["bankgiro"].lstrip("0") != payee.bankgiro or payee.closed:
            return "11"
        if "payer" in order and not self.mandate(payee.bankgiro, order["payer"]):
            return "02"
        if "date" in order and checks.to_date(order["date"]) is None:
            return "01"
        if "direction" in order and order["direction"] not in ("82", "32"):
            return "04"
        if "amount" in order and not checks.is_digits(order["amount"]):
            return "05"
        if "new_date" in order:
            new = checks.to_date(order["new_date"])
            if new is None or new < day or new.year > day.year + 2:
                return "06"
        return ""

    def _matching(self, payee: Payee, order: dict) -> list:
        """The payments the order is about; for TK25 and TK29 at most one."""
        moving = "new_date" in order
        single = order["tk"] in ("25", "29")
        found = []
        for payment in self.orders:
            if payment.bankgiro != payee.bankgiro or (moving and payment.retry):
                continue
            if "payer" in order and payment.payer != order["payer"]:
                continue
            if "date" in order and f"{payment.stated:%Y%m%d}" != order["date"]:
                continue
            if single:
                reference = order["reference"].strip()
                if (payment.tk, payment.amount) != (order["direction"], int(order["amount"])):
                    continue
                if reference and payment.reference != reference:
                    continue
            found.append(payment)
        return found[:1] if single else found

    def _move(self, payee: Payee, order: dict, found: list) -> None:
        new = checks.to_date(order["new_date"])
        kept = [payment for payment in found if payment.recurring]
        moved = [payment for payment in found if not payment.recurring]
        old_dates = [f"{payment.stated:%Y%m%d}" for payment in moved]
        for payment in moved:
            payment.stated, payment.first, payment.due = new, new, bankdays.on_or_after(new)
        if not found:
            self._unchanged(payee, order, MISSING)
        elif order["tk"] in ("26", "27"):
            # One row for all of them, with their number where a single payment has the word REFERENS.
            for payments, comment in ((moved, ALL_MOVED), (kept, RECURRING)):
                if payments:
                    self._unchanged(payee, order, comment, len(payments))
        else:
            # The old layout tells a single moved payment with the code for many.
            single = ALL_MOVED if payee.layout == "old" and order["tk"] == "29" else MOVED
            for payment, old in zip(moved, old_dates, strict=True):
                self._change_row(payment, order, old, single)
            for payment in kept:
                self._change_row(payment, order, f"{payment.stated:%Y%m%d}", RECURRING)

    def _change_row(self, payment: Order, order: dict, old: str, comment: str) -> None:
        self._row("changes", payment.bankgiro, {
            "code": order["tk"], "date": old, "payer": payment.payer, "tk": payment.tk,
            "amount": payment.amount, "reference": payment.reference, "new_date": order["new_date"],
            "comment": comment, "count": None,
        })  # fmt: skip

    def _unchanged(self, payee: Payee, order: dict, comment: str, count: int | None = None) -> None:
        """A row about the order itself: of one that failed, or (count) of one about many payments."""
        amount, direction = order.get("amount", ""), order.get("direction", "")
        new_date = order.get("new_date", _NO_DATE)
        self._row("changes", payee.bankgiro, {
            "code": order["tk"],
            "date": order.get("date", _NO_DATE),
            "payer": order.get("payer", ""),
            "tk": direction if direction in ("82", "32") else "00",
            "amount": int(amount) if checks.is_digits(amount) else 0,
            "reference": order.get("reference", ""),
            "new_date": new_date,
            "comment": comment,
            "count": 0 if count is None and order["tk"] in ("26", "27") else count,
        })  # fmt: skip
