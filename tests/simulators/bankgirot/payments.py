"""Payments: taking orders, checking coverage on the day, retries, recurring orders and refunds."""

from dataclasses import replace
from datetime import date

from . import bankdays, checks, outcomes
from .model import Execution, Order, Payee

LATE = 5  # banking days that a payment date may have passed
AT_ONCE = "GENAST  "
MONTHS = {"1": 1, "2": 3, "3": 6, "4": 12, "5": 1, "6": 3, "7": 6, "8": 12}
MONTH_ENDS = "5678"


class PaymentDesk:
    """The part of the machine that keeps the payments."""

    # -- orders -----------------------------------------------------------------------------------------

    def _payment_order(self, payee: Payee, order: dict, arrival: date, day: date) -> None:
        """Takes a TK82 or TK32 into the register, or rejects it."""
        comment = self._fault(payee, order, arrival)
        if comment:
            self._reject(payee.bankgiro, order, comment)
            return
        period = order["period"]
        stated = day if order["date"] == AT_ONCE else checks.to_date(order["date"])
        renewals = int(order["renewals"]) if order["renewals"].strip() else None
        self.orders.append(
            Order(
                self.number(), payee.bankgiro, order["tk"], order["payer"], int(order["amount"]),
                order["reference"].strip(), period, renewals, stated, max(due_date(stated, period), day),
                stated,
            )
        )  # fmt: skip

    def _reject(self, bankgiro: str, order: dict, comment: str) -> None:
        names = ("tk", "date", "period", "renewals", "payer", "amount", "reference")
        self._row("rejected", bankgiro, {name: order[name] for name in names} | {"comment": comment})

    def _fault(self, payee: Payee, order: dict, arrival: date) -> str:
        """The comment code of the first thing wrong with the order, "" when nothing is."""
        period, renewals = order["period"], order["renewals"]
        if order["bankgiro"].lstrip("0") != payee.bankgiro or not checks.is_digits(order["bankgiro"]):
            return "15"
        if payee.closed:
            return "10"
        if order["tk"] == "32" and not payee.payouts:
            return "09"
        if order["date"] != AT_ONCE:
            stated = checks.to_date(order["date"])
            if stated is None or stated.year > arrival.year + 2:
                return "12"
            if bankdays.passed(stated, arrival) > LATE:
                return "13"
        if period not in tuple("012345678") or (order["date"] == AT_ONCE and period != "0"):
            return "06"
        if renewals != "   " and (period == "0" or not checks.is_digits(renewals) or int(renewals) == 0):
            return "07"
        if not checks.is_digits(order["amount"]) or int(order["amount"]) == 0:
            return "08"
        mandate = self.mandate(payee.bankgiro, order["payer"])
        if not mandate or mandate.status == "refused":
            return "01"
        # A recurring order waits for its mandate, a single payment does not.
        if mandate.status == "ended" or (mandate.status == "asked" and period == "0"):
            return "02"
        if payee.max_amount and int(order["amount"]) > payee.max_amount:
            return "24"
        return ""

    # -- the day's work ---------------------------------------------------------------------------------

    def _execute(self, day: date) -> None:
        """Checks the coverage of all payments that are due."""
        for order in [order for order in self.orders if order.due <= day]:
            mandate = self.mandate(order.bankgiro, order.payer)
            status = mandate.status if mandate else "refused"
            if status == "active":
                mandate.active_year = day.year
            if not order.recurring:
                self._check(order, day, status)
                continue
            if status == "active":
                once = replace(order, number=self.number(), retry=True, due=day, outcomes=[], checks=0)
                self.orders.append(once)
                self._check(once, day, status)
                order.times += 1
                order.renewals = order.renewals - 1 if order.renewals else order.renewals
            elif status != "asked":
                self._reject(order.bankgiro, _as_sent(order), "02" if status == "ended" else "01")
            if order.renewals == 0 or status not in ("active", "asked"):
                self.orders.remove(order)
                continue
            self._next_time(order, day)

    def _next_time(self, order: Order, day: date) -> None:
        """Moves a recurring order on to its first date after that day."""
        months = MONTHS[order.period]
        while order.due <= day:
            ahead = (
                (order.stated.year - order.first.year) * 12 + order.stated.month - order.first.month + months
            )
            order.stated = bankdays.add_months(order.first, ahead)
            if order.period in MONTH_ENDS:
                order.stated = bankdays.last_of_month(order.stated)
            order.due = due_date(order.stated, order.period)

    def _check(self, order: Order, day: date, mandate_status: str) -> None:
        """One coverage check of one payment; takes it out of the register unless it is to be tried again."""
        payee = self.payees[order.bankgiro]
        if not order.outcomes:
            order.outcomes = self._outcomes_of(order)
        codes = [code for code in order.outcomes if not code.startswith("refund")]
        status = codes[min(order.checks, len(codes) - 1)]
        order.checks += 1
        if mandate_status != "active":
            status = "2"
        elif status == "9" and (order.tk == "32" or order.checks > payee.retries):
            status = "1"
        done = Execution(
            self.number(), order.number, order.bankgiro, order.tk, order.payer, order.amount, order.reference,
            order.period, order.renewals, day, day if payee.shown_date == "processed" else order.stated,
            status,
        )  # fmt: skip
        self.executions.append(done)
        if status == "0" or payee.report_stopped:
            self._row("payments", order.bankgiro, _reported(done))
        if status == "9":
            order.retry, order.due = True, bankdays.after(day)
            return
        self.orders.remove(order)
        if status == "0":
            for code in order.outcomes:
                if code.startswith("refund"):
                    _word, done.refund_code, days = code.split(":")
                    done.refund_due = bankdays.after(day, int(days))

    def _outcomes_of(self, order: Order) -> list:
        """What the payment's coverage checks will find: by its reference, else its payer, else its amount."""
        keys = {"references": order.reference, "payers": order.payer, "amounts": str(order.amount)}
        for section, key in keys.items():
            key = outcomes.key_of(section, key)
            sequence = self.outcomes.get(section, {}).get(key)
            if sequence:
                parts = outcomes.parts(sequence)
                used = self.uses.get(f"{section}:{key}", 0)
                self.uses[f"{section}:{key}"] = used + 1
                return parts[min(used, len(parts) - 1)]
        return outcomes.parts(self.outcomes.get("default", ["0"]))[0]

    # -- refunds ----------------------------------------------------------------------------------------

    def refund(self, number: int, code: str = "02", days: int = 1) -> Execution:
        """Has an approved debit refunded so many banking days from today; number: of the execution."""
        done = next((done for done in self.executions if done.number == number), None)
        if not done or done.status != "0" or done.tk != "82" or done.refund_due:
            raise ValueError(f"{number} is no approved debit that can be refunded")
        if code not in ("01", "02", "03", "04", "05"):
            raise ValueError("refund codes are 01–05")
        done.refund_code, done.refund_due = code, bankdays.after(self._now(), max(days, 1))
        return done

    def _refund(self, day: date) -> None:
        for done in self.executions:
            if done.refund_due and not done.refunded and done.refund_due <= day:
                done.refunded = day
                row = {**_reported(done), "refund_date": day, "refund_code": done.refund_code}
                self._row("refunds", done.bankgiro, row)


def due_date(stated: date, period: str) -> date:
    """The banking day of a payment: the month's last one for periods 5–8, else on or after its date."""
    if period in MONTH_ENDS:
        return bankdays.on_or_before(bankdays.last_of_month(stated))
    return bankdays.on_or_after(stated)


def _reported(done: Execution) -> dict:
    names = ("tk", "period", "renewals", "payer", "amount", "bankgiro", "reference", "status")
    return {"date": done.shown, **{name: getattr(done, name) for name in names}}


def _as_sent(order: Order) -> dict:
    """A registered order as text, as it stands in a file."""
    renewals = "   " if order.renewals is None else f"{order.renewals:03d}"
    return {
        "tk": order.tk, "date": f"{order.stated:%Y%m%d}", "period": order.period, "renewals": renewals,
        "payer": order.payer, "amount": f"{order.amount:012d}", "reference": f"{order.reference:<16}",
    }  # fmt: skip
