"""Mandates: new, ended, with a changed payer number, and asked for in payers' internet banks."""

from dataclasses import replace
from datetime import date

from . import bankdays, checks, outcomes
from .model import Application, Mandate, Order, Payee

QUARANTINE = 7  # banking days before a cancelled payer number may be used again
ANSWER_WITHIN = 18  # banking days the payee has to answer an application
REMINDERS = (10, 15)  # banking days after which the payee is reminded of it


class MandateDesk:
    """The part of the machine that keeps the mandate register."""

    def mandate(self, bankgiro: str, payer: str) -> Mandate | None:
        """The newest mandate of a payer number, whatever its status."""
        return self.mandates.get(f"{bankgiro}:{payer.strip().zfill(16)}")

    def keep_mandate(self, mandate: Mandate) -> None:
        """Puts a mandate into the register, in place of an older one of the same payer number."""
        self.mandates[f"{mandate.bankgiro}:{mandate.payer}"] = mandate

    def apply_for_mandate(
        self,
        bankgiro: str,
        payer: str,
        account: str,
        identity: str,
        name: str | list = "",
        *,
        text: str = "",
        postcode: str = "00000",
        town: str = "",
    ) -> Application:
        """A payer asks for a mandate in his internet bank; the payee is told the next banking day.

        payer: as he typed it, up to 16 digits. account: clearing number and account, 16 digits. identity:
        12 digits. name: up to four rows of name and address of 36 characters.
        """
        payee = self.payee(bankgiro)
        rows = ([name] if isinstance(name, str) else list(name)) + ["", "", "", ""]
        application = Application(
            payee.bankgiro, payer.zfill(16), account, identity, text, rows[:4], postcode, town, self._now()
        )
        if not checks.is_digits(application.payer) or len(application.payer) != 16:
            raise ValueError("a payer number is up to 16 digits")
        if not checks.is_account(account):
            raise ValueError("an account is a clearing number and an account number, 16 digits")
        if not checks.is_digits(identity) or len(identity) != 12:
            raise ValueError("an identity is YYYYMMDDNNNN, or 00 and an organisation number")
        if not checks.is_digits(postcode) or len(postcode) != 5:
            raise ValueError("a postcode is five digits")
        for written in (text, town, *application.name):
            if len(written) > 36 or any(ord(char) < 32 or ord(char) > 255 for char in written):
                raise ValueError("texts are rows of up to 36 Latin-1 characters")
        if self._application(payee.bankgiro, application.payer):
            raise ValueError("the payer has already asked")
        self.applications.append(application)
        return application

    def _application(self, bankgiro: str, payer: str) -> Application | None:
        return next((a for a in self.applications if (a.bankgiro, a.payer) == (bankgiro, payer)), None)

    # -- orders -----------------------------------------------------------------------------------------

    def _mandate_order(self, payee: Payee, order: dict, arrival: date, day: date) -> None:
        """Takes a TK03, TK04 or TK05."""

        def answer(
            info: str, comment: str, payer: str = order["payer"], account: str = "", identity: str = ""
        ) -> None:
            self._advise(payee.bankgiro, payer, info, comment, day, account, identity)

        info = order["tk"]
        if order["bankgiro"].lstrip("0") != payee.bankgiro or not checks.is_digits(order["bankgiro"]):
            answer(info, "29")
        elif payee.closed:
            answer(info, "30")
        elif not _is_payer(order["payer"]):
            answer(info, "21")
        elif info == "03":
            self._cancel(payee, order, day)
        elif info == "05":
            self._renumber(payee, order, day)
        else:
            self._new_mandate(payee, order, arrival, day)

    def _advise(
        self,
        bankgiro: str,
        payer: str,
        info: str,
        comment: str,
        day: date,
        account: str = "",
        identity: str = "",
        debitable: date | None = None,
    ) -> None:
        self._row("advice", bankgiro, {
            "bankgiro": bankgiro, "payer": payer, "account": account, "identity": identity, "info": info,
            "comment": comment, "date": day, "debitable": debitable,
        })  # fmt: skip

    def _new_mandate(self, payee: Payee, order: dict, arrival: date, day: date) -> None:
        payer, account, identity = order["payer"], order["account"].strip(), order["identity"].strip()
        application = self._application(payee.bankgiro, payer)

        def refuse(comment: str) -> None:
            self._advise(payee.bankgiro, payer, "04", comment, day, _whole(account, 16), _whole(identity, 12))

        if order["answer"] == "AV":
            if application:
                self.applications.remove(application)
            else:
                refuse("21")
            return
        present = self.mandate(payee.bankgiro, payer)
        if present and (
            present.status in ("active", "asked")
            or (present.status == "ended" and bankdays.passed(present.changed, day) < QUARANTINE)
        ):
            refuse("10")
            return
        source = "1"
        if application and not account and not identity:
            self.applications.remove(application)
            account, identity, source = application.account, application.identity, "2"
        elif application:
            refuse("10")  # under inquiry: the application is to be answered, not a new mandate sent
            return
        elif not account and not identity:
            if not checks.is_bankgiro(payer):
                refuse("21")
                return
            if not payee.bankgiro_mandates:
                refuse("20")
                return
            identity = "99" + checks.organisation_of(payer)
        elif not checks.is_account(order["account"]):
            refuse("23")
            return
        elif not checks.is_identity(order["identity"]):
            refuse("20")
            return
        told = self.outcomes.get("mandates", {}).get(outcomes.key_of("mandates", payer), "32")
        reply = outcomes.mandate_answer(told)
        mandate = Mandate(payee.bankgiro, payer, account, identity, day, day, source=source)
        if reply:
            mandate.answer_info, mandate.answer_comment, days = reply
            mandate.answer_due = bankdays.after(arrival, days)
        self.keep_mandate(mandate)

    def _answer_mandates(self, day: date) -> None:
        """Tells what the payers' banks have answered by that day."""
        for mandate in self.mandates.values():
            if mandate.answer_due and mandate.answer_due <= day:
                approved = mandate.answer_comment == "32"
                mandate.status = "active" if approved else "refused"
                mandate.changed, mandate.answer_due = day, None
                mandate.debitable = bankdays.after(day) if approved else None
                self._advise_of(mandate, mandate.answer_info, mandate.answer_comment, day)

    def _advise_of(self, mandate: Mandate, info: str, comment: str, day: date) -> None:
        """An advice with the mandate's account and identity; zeros for the account of a bankgiro mandate."""
        self._advise(
            mandate.bankgiro, mandate.payer, info, comment, day, mandate.account or "0" * 16,
            mandate.identity, mandate.debitable if comment == "32" else None,
        )  # fmt: skip

    def _cancel(self, payee: Payee, order: dict, day: date) -> None:
        mandate = self.mandate(payee.bankgiro, order["payer"])
        if not mandate or mandate.status not in ("active", "asked"):
            self._advise(payee.bankgiro, order["payer"], "03", "04", day)
            return
        self._end(mandate, day)
        self._advise(payee.bankgiro, order["payer"], "03", "33", day)
        self._remove_orders(mandate, "03", day)

    def _end(self, mandate: Mandate, day: date) -> None:
        mandate.status, mandate.changed, mandate.answer_due = "ended", day, None

    def _remove_orders(self, mandate: Mandate, code: str, day: date) -> None:
        """Takes the mandate's payments out of the register, each with a row in the changes report."""
        for order in [o for o in self.orders if (o.bankgiro, o.payer) == (mandate.bankgiro, mandate.payer)]:
            self.orders.remove(order)
            self._removed(order, code)

    def _removed(self, order: Order, code: str) -> None:
        self._row("changes", order.bankgiro, {
            "code": code, "date": f"{order.stated:%Y%m%d}", "payer": order.payer, "tk": order.tk,
            "amount": order.amount, "reference": order.reference, "new_date": "0" * 8, "comment": "12",
            "count": None,
        })  # fmt: skip

    def _renumber(self, payee: Payee, order: dict, day: date) -> None:
        old = self.mandate(payee.bankgiro, order["payer"])
        comment = ""
        if order["new_bankgiro"] != order["bankgiro"]:
            comment = "29"
        elif not old or old.status not in ("active", "asked"):
            comment = "04"
        elif old.on_bankgiro or not _is_payer(order["new_payer"]):
            comment = "21"
        else:
            taken = self.mandate(payee.bankgiro, order["new_payer"])
            if taken and (
                taken.status in ("active", "asked")
                or (taken.status == "ended" and bankdays.passed(taken.changed, day) < QUARANTINE)
            ):
                comment = "10"
        if comment:
            self._advise(payee.bankgiro, order["payer"], "05", comment, day)
            return
        new = replace(old, payer=order["new_payer"], changed=day)
        self._end(old, day)
        self.keep_mandate(new)
        for waiting in self.orders:
            if (waiting.bankgiro, waiting.payer) == (payee.bankgiro, old.payer):
                waiting.payer = new.payer
        self._advise_of(old, "05", "33", day)
        self._advise_of(new, "05", "32", day)

    # -- what others do ---------------------------------------------------------------------------------

    def _event(self, event: dict, day: date) -> None:
        if event["what"] == "close":
            self._close(self.payees[event["bankgiro"]], day)
            return
        mandate = self.mandate(event["bankgiro"], event["payer"])
        if mandate and mandate.status in ("active", "asked"):  # the payee may have ended it the same day
            self._end(mandate, day)
            self._advise_of(mandate, event["info"], event["comment"], day)
            self._remove_orders(mandate, "11", day)

    def _close(self, payee: Payee, day: date) -> None:
        """Ends the agreement: one row for all payments, an advice for each mandate."""
        payee.closed = True
        gone = [order for order in self.orders if order.bankgiro == payee.bankgiro]
        self.orders = [order for order in self.orders if order.bankgiro != payee.bankgiro]
        if gone:
            self._row("changes", payee.bankgiro, {
                "code": "21", "date": "0" * 8, "payer": "", "tk": "00",
                "amount": sum(order.amount for order in gone), "reference": "", "new_date": "0" * 8,
                "comment": "12", "count": len(gone),
            })  # fmt: skip
        for mandate in self.mandates.values():
            if mandate.bankgiro == payee.bankgiro and mandate.status in ("active", "asked"):
                self._end(mandate, day)
                self._advise(payee.bankgiro, mandate.payer, "10", "" if payee.layout == "new" else "33", day)

    def _tell_applications(self, day: date) -> None:
        """Tells new applications, reminds of old ones, and drops those not answered in time."""
        kept = []
        for application in self.applications:
            message = ""
            if not application.reported:
                application.reported, message = day, "0"
            else:
                waited = bankdays.passed(application.reported, day)
                if waited > ANSWER_WITHIN:
                    continue
                if application.reminders < len(REMINDERS) and waited >= REMINDERS[application.reminders]:
                    application.reminders += 1
                    message = str(application.reminders)
            kept.append(application)
            if message:
                self._row("electronic", application.bankgiro, {
                    "payer": application.payer, "account": application.account,
                    "identity": application.identity, "message": message, "text": application.text,
                    "name": application.name, "postcode": application.postcode, "town": application.town,
                })  # fmt: skip
        self.applications = kept


def _is_payer(text: str) -> bool:
    return len(text) == 16 and checks.is_digits(text) and int(text) > 0


def _whole(text: str, width: int) -> str:
    """A field to repeat in an advice; "" when it was not sent whole."""
    return text if len(text) == width else ""
