"""Bankgirot as a state machine: takes files in, plays banking days, and gives the report files of each day.

A day's work is done in the order: files of the days before (in order of arrival), what payers and banks
did, payments, refunds, applications from internet banks. So a file executes its payments on the next
banking day at the earliest.
"""

import json
from collections import Counter
from copy import deepcopy
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from plumbing import write_whole

from . import bankdays, outcomes, reports
from .changes import ChangesDesk
from .incoming import Refused, check_seal, parse
from .mandates import MandateDesk
from .model import Application, Execution, Mandate, Order, Payee
from .payments import PaymentDesk

__all__ = ["Bankgirot", "Payee", "Receipt"]

MISBEHAVIOURS = ("truncated", "twice", "wrong_sum", "latin1_garbage", "lf_only")
MAX_AHEAD = 1500  # days the clock is moved at once: more is a mistake, not a wish
_FIRST_SECOND = 6 * 3600  # reports are made from 06:00:00 on, one second apart


@dataclass
class Receipt:
    """What was taken.

    written: earliest TK01 date; arrival: the banking day it counts as received; orders: how many per TK.
    """

    filename: str
    written: date
    arrival: date
    sections: int
    orders: dict
    bankgiros: list
    sealed: bool
    duplicate: bool = False

    def to_json(self) -> dict:
        """The receipt with only what JSON knows."""
        return {**asdict(self), "written": self.written.isoformat(), "arrival": self.arrival.isoformat()}


class Bankgirot(MandateDesk, PaymentDesk, ChangesDesk):
    """The state of the whole service.

    today: the simulated date, None until the first file sets it. open_registration: a payee that is not
    known gets an agreement with the options `layout`, `retries`, `report_stopped` and `seal_key` at its
    first file. execute_duplicates: a file received before is executed again, as the real service would,
    instead of refused.
    """

    def __init__(
        self,
        today: date | None = None,
        *,
        open_registration: bool = True,
        execute_duplicates: bool = False,
        layout: str = "new",
        retries: int = 0,
        report_stopped: bool = True,
        seal_key: str = "",
    ):
        self.today = today
        self.open_registration = open_registration
        self.execute_duplicates = execute_duplicates
        self.defaults = {
            "layout": layout, "retries": retries, "report_stopped": report_stopped, "seal_key": seal_key,
        }  # fmt: skip
        self.duplicates = 0
        self.payees: dict[str, Payee] = {}
        self.mandates: dict[str, Mandate] = {}
        self.applications: list[Application] = []
        self.orders: list[Order] = []
        self.executions: list[Execution] = []
        self.inbox: list[dict] = []
        self.events: list[dict] = []
        self.received: list[dict] = []
        self.reports: list[dict] = []
        self.outcomes: dict = {}
        self.uses: dict[str, int] = {}
        self.emitted: dict[str, int] = {}
        self.last_number = 0
        self.misbehaviours: list[str] = []
        self._rows: dict = {}

    # -- agreements -------------------------------------------------------------------------------------

    def add_payee(self, bankgiro: str, customer: str, **options) -> Payee:
        """Makes an agreement for a bankgiro number, or a new one in place of it; options as in `Payee`."""
        payee = Payee(bankgiro, customer, **{**self.defaults, **options})
        if payee.bankgiro in self.payees:
            payee.serials = self.payees[payee.bankgiro].serials
        self.payees[payee.bankgiro] = payee
        return payee

    def payee(self, bankgiro: str) -> Payee:
        """The payee of a bankgiro number, written in any way; ValueError when there is none."""
        found = self.payees.get(str(bankgiro).replace("-", "").lstrip("0"))
        if not found:
            raise ValueError(f"no payee has the bankgiro number {bankgiro}")
        return found

    def _row(self, kind: str, bankgiro: str, row: dict) -> None:
        """Notes a row for the day's report of that kind."""
        self._rows.setdefault((kind, bankgiro), []).append(row)

    def number(self) -> int:
        """A number no order or execution has."""
        self.last_number += 1
        return self.last_number

    # -- files in ---------------------------------------------------------------------------------------

    def receive(self, data: bytes, filename: str = "", late: bool = False) -> Receipt:
        """Takes a file that arrives on `today` (late: after 19:00), or raises Refused and takes nothing.

        What arrives late, or on a day that is no banking day, counts as received on the next banking day.
        """
        incoming = parse(data)
        written = min(section.written for section in incoming.sections)
        unknown: dict[str, Payee] = {}
        for section in incoming.sections:
            bankgiro = section.bankgiro.lstrip("0")
            payee = self.payees.get(bankgiro) or unknown.get(bankgiro)
            if not payee and not self.open_registration:
                raise Refused(section.line, 69, f"bankgiro number {bankgiro} has no agreement about Autogiro")
            if not payee:
                payee = unknown[bankgiro] = Payee(bankgiro, section.customer, **self.defaults)
            if payee.customer != section.customer:
                raise Refused(
                    section.line, 63, f"customer number {section.customer} is not that of {bankgiro}"
                )
            if payee.seal_key:
                check_seal(incoming, payee.seal_key)
        before = next((old for old in self.received if old["digest"] == incoming.digest), None)
        if before:
            self.duplicates += 1
            if not self.execute_duplicates:
                name = before["filename"] or "without a name"
                raise Refused(0, 0, f"duplicate: the same content was received {before['arrival']} ({name})")
        self.payees |= unknown
        self.today = self.today or written
        arrival = bankdays.on_or_after(self.today)
        if late and arrival == self.today:
            arrival = bankdays.after(arrival)
        orders = Counter(record.tk for section in incoming.sections for record in section.records)
        receipt = Receipt(
            filename, written, arrival, len(incoming.sections), dict(orders),
            sorted({section.bankgiro.lstrip("0") for section in incoming.sections}), bool(incoming.seal),
            bool(before),
        )  # fmt: skip
        self.received.append({**receipt.to_json(), "digest": incoming.digest})
        for section in incoming.sections:
            self.inbox.append({
                "arrival": arrival.isoformat(),
                "bankgiro": section.bankgiro.lstrip("0"),
                "orders": [{"tk": record.tk, **record.fields} for record in section.records],
            })  # fmt: skip
        return receipt

    def follow(self, data: bytes) -> tuple:
        """Plays until a file's written date, for it cannot have come before; returns (that date, reports)."""
        sections = parse(data).sections
        written = min(section.written for section in sections)
        if self.today and (written - self.today).days > MAX_AHEAD:
            raise Refused(sections[0].line, 3, f"written {written}, years after the simulator's {self.today}")
        return written, self.advance(written) if self.today and self.today < written else []

    def play_file(self, data: bytes, filename: str = "", past: bool = True) -> tuple:
        """Takes a file as received on its written date and plays on until all it started is finished.

        Returns (receipt, reports). past: a file written before `today` is played on its own date, after
        which the clock stands where it stood, or later. Otherwise it counts as received today.
        """
        clock = self.today
        written, given = self.follow(data)
        try:
            if clock and written < clock and past:
                self.today = written
            receipt = self.receive(data, filename)
            given += self.finish()
        finally:
            if clock:
                self.today = max(self.today, clock)
        return receipt, given

    # -- time -------------------------------------------------------------------------------------------

    def advance(self, to: date) -> list:
        """Plays the banking days after `today` up to and including `to`; returns [(filename, bytes)]."""
        if self.today is None:
            self.today = to
        given = []
        while self.today < to:
            self.today += timedelta(days=1)
            if bankdays.is_banking_day(self.today):
                given += self._play(self.today)
        return given

    def next_banking_day(self) -> list:
        """Plays one banking day."""
        return self.advance(bankdays.after(self.today)) if self.today else []

    def finish(self) -> list:
        """Plays days until nothing is left to happen by itself.

        Applications that wait for the payee's answer do not count, nor do recurring orders that were
        processed once.
        """
        given = []
        for _ in range(1000):  # more banking days than any payment may lie ahead
            if not self.busy():
                break
            given += self.next_banking_day()
        return given

    def busy(self) -> bool:
        """True while something is left to happen by itself."""
        return bool(
            self.inbox
            or self.events
            or any(mandate.answer_due for mandate in self.mandates.values())
            or any(not application.reported for application in self.applications)
            or any(self._will_run(order) for order in self.orders)
            or any(done.refund_due and not done.refunded for done in self.executions)
        )

    def _will_run(self, order: Order) -> bool:
        if not order.recurring:
            return True
        mandate = self.mandate(order.bankgiro, order.payer)
        return not order.times and not (mandate and mandate.status == "asked" and not mandate.answer_due)

    def _play(self, day: date) -> list:
        self._rows = {}
        waiting = []
        for section in self.inbox:
            if date.fromisoformat(section["arrival"]) < day:
                self._section(section, day)
            else:
                waiting.append(section)
        self.inbox = waiting
        events, self.events = self.events, []
        for event in events:
            self._event(event, day)
        self._answer_mandates(day)
        self._execute(day)
        self._refund(day)
        self._tell_applications(day)
        return self._report(day)

    def _section(self, section: dict, day: date) -> None:
        payee = self.payees[section["bankgiro"]]
        arrival = date.fromisoformat(section["arrival"])
        for order in section["orders"]:
            if order["tk"] in ("03", "04", "05"):
                self._mandate_order(payee, order, arrival, day)
            elif order["tk"] in ("82", "32"):
                self._payment_order(payee, order, arrival, day)
            else:
                self._change_order(payee, order, day)

    # -- what others do ---------------------------------------------------------------------------------

    def end_mandate(self, bankgiro: str, payer: str, info: str = "46", comment: str = "02") -> None:
        """The payer, or his bank, ends a mandate; told and done the next banking day.

        info/comment: 46/02, or 44/98 when the payer's bankgiro was closed.
        """
        payee = self.payee(bankgiro)
        mandate = self.mandate(payee.bankgiro, payer)
        if not mandate or mandate.status not in ("active", "asked"):
            raise ValueError(f"payer {payer} has no mandate")
        if (info, comment) not in (("46", "02"), ("44", "98")):
            raise ValueError("a mandate ends with 46/02 or 44/98")
        self.events.append(
            {
                "what": "end",
                "bankgiro": payee.bankgiro,
                "payer": mandate.payer,
                "info": info,
                "comment": comment,
            }
        )

    def close_payee(self, bankgiro: str) -> None:
        """The payee's agreement ends, the next banking day, and with it all mandates and payments."""
        self.events.append({"what": "close", "bankgiro": self.payee(bankgiro).bankgiro})

    def set_outcomes(self, told: dict, replace_all: bool = False) -> None:
        """Sets the sections told of the outcomes (see `outcomes`), or all of them; ValueError when wrong."""
        told = outcomes.checked(told)
        self.outcomes = told if replace_all else {**self.outcomes, **told}

    def misbehave(self, next_report: str) -> None:
        """Spoils the next report file in one of the ways of MISBEHAVIOURS."""
        if next_report not in MISBEHAVIOURS:
            raise ValueError(f"{next_report!r} is none of {', '.join(MISBEHAVIOURS)}")
        self.misbehaviours.append(next_report)

    # -- files out --------------------------------------------------------------------------------------

    def _report(self, day: date) -> list:
        """The day's files: one per kind, customer number and layout, with a section per bankgiro."""
        files: dict[tuple, list] = {}
        for bankgiro, payee in sorted(self.payees.items()):
            files.setdefault((payee.customer, payee.layout), []).append(bankgiro)
        given = []
        for kind in ("electronic", "advice", "rejected", "changes", "payments"):
            for (customer, _layout), bankgiros in sorted(files.items()):
                second = self._second(day)
                lines = [line for bg in bankgiros for line in self._lines(kind, self.payees[bg], day, second)]
                if lines:
                    given += self._emit(kind, customer, day, lines)
        return given

    def _lines(self, kind: str, payee: Payee, day: date, second: int) -> list:
        rows, new = self._rows.get((kind, payee.bankgiro), []), payee.layout == "new"
        if kind == "electronic":
            return reports.electronic(payee, day, rows)
        if kind == "advice":
            return reports.advice(payee, day, rows, new)
        if kind == "rejected":
            return reports.rejected(payee, day, rows, new)
        if kind == "changes":
            return reports.changes(payee, day, rows, new, payee.signed_sums)
        refunds = self._rows.get(("refunds", payee.bankgiro), [])

        def serial() -> int:
            return payee.next_serial(day.year)

        return reports.payments(payee, day, rows, refunds, serial, new, second * 1_000_000)

    def _second(self, day: date) -> int:
        return _FIRST_SECOND + self.emitted.get(day.isoformat(), 0)

    def _emit(self, kind: str, customer: str, day: date, lines: list) -> list:
        data = reports.encode(lines)
        how = self.misbehaviours.pop(0) if self.misbehaviours else ""
        data = spoiled(data, how)
        given = []
        for _ in range(2 if how == "twice" else 1):
            name = reports.dataset_name(kind, customer, day, self._second(day))
            self.emitted[day.isoformat()] = self.emitted.get(day.isoformat(), 0) + 1
            self.reports.append(
                {
                    "name": name,
                    "kind": kind,
                    "date": day.isoformat(),
                    "data": data.decode("latin-1"),
                    "delivered": False,
                }
            )
            given.append((name, data))
        return given

    def mandate_register(self, bankgiro: str) -> tuple:
        """(filename, bytes): the payee's mandates, approved or under inquiry, by payer number."""
        payee = self.payee(bankgiro)
        rows = []
        for _key, mandate in sorted(self.mandates.items()):
            if mandate.bankgiro == payee.bankgiro and mandate.status in ("active", "asked"):
                status = "1" if mandate.status == "active" else "2"
                year = mandate.active_year or mandate.changed.year
                # The advice has 99 before the organisation number of a bankgiro mandate, the register 00.
                identity = "00" + mandate.identity[2:] if mandate.on_bankgiro else mandate.identity
                rows.append({**asdict(mandate), "status": status, "active_year": year, "identity": identity})
        lines = reports.mandate_register(payee, rows, payee.layout == "new")
        return self._emit("mandate_register", payee.customer, self._now(), lines)[0]

    def monitoring_register(self, bankgiro: str) -> tuple:
        """(filename, bytes): the payee's payments that wait for their date."""
        payee = self.payee(bankgiro)
        rows = [
            {**asdict(order), "date": order.stated}
            for order in self.orders
            if order.bankgiro == payee.bankgiro
        ]
        rows.sort(key=lambda row: (row["tk"] != "82", row["date"], row["payer"]))
        lines = reports.monitoring(payee, self._now(), rows)
        return self._emit("monitoring", payee.customer, self._now(), lines)[0]

    def _now(self) -> date:
        if self.today is None:
            raise ValueError("the clock has not been set")
        return self.today

    # -- state ------------------------------------------------------------------------------------------

    @property
    def executed_twice(self) -> list:
        """One-off debits paid more than once with the same reference: what a payer would complain about."""
        paid = Counter(
            (done.bankgiro, done.payer, done.reference)
            for done in self.executions
            if done.status == "0"
            and done.tk == "82"
            and done.period == "0"
            and not done.refunded
            and done.reference
        )
        return [
            {"bankgiro": bankgiro, "payer": payer, "reference": reference, "times": times}
            for (bankgiro, payer, reference), times in sorted(paid.items())
            if times > 1
        ]

    _PLAIN = (
        "open_registration", "execute_duplicates", "defaults", "duplicates", "inbox", "events", "received",
        "reports", "outcomes", "uses", "emitted", "last_number", "misbehaviours",
    )  # fmt: skip
    _LISTS = (("applications", Application), ("orders", Order), ("executions", Execution))

    def to_json(self) -> dict:
        """The whole state with only what JSON knows."""
        state = {name: deepcopy(getattr(self, name)) for name in self._PLAIN}
        state["today"] = self.today.isoformat() if self.today else None
        state["payees"] = [payee.to_json() for payee in self.payees.values()]
        state["mandates"] = [mandate.to_json() for mandate in self.mandates.values()]
        for name, _kind in self._LISTS:
            state[name] = [item.to_json() for item in getattr(self, name)]
        return state

    @classmethod
    def from_json(cls, state: dict) -> "Bankgirot":
        """The machine that `to_json` described."""
        machine = cls()
        for name in cls._PLAIN:
            setattr(machine, name, deepcopy(state[name]))
        machine.today = date.fromisoformat(state["today"]) if state["today"] else None
        machine.payees = {item["bankgiro"]: Payee.from_json(item) for item in state["payees"]}
        for item in state["mandates"]:
            machine.keep_mandate(Mandate.from_json(item))
        for name, kind in cls._LISTS:
            setattr(machine, name, [kind.from_json(item) for item in state[name]])
        return machine

    def save(self, path) -> None:
        """Writes the state to a file, whole or not at all."""
        write_whole(Path(path), json.dumps(self.to_json(), ensure_ascii=False, indent=1).encode())

    @classmethod
    def load(cls, path) -> "Bankgirot":
        """Reads the state that `save` wrote."""
        return cls.from_json(json.loads(Path(path).read_text(encoding="utf-8")))


def spoiled(data: bytes, how: str) -> bytes:
    """A report with a fault: see MISBEHAVIOURS ("twice" leaves it as it is)."""
    lines = data.split(b"\r\n")[:-1]
    middle = len(lines) // 2
    if how == "lf_only":
        return data.replace(b"\r\n", b"\n")
    if how == "truncated":
        return b"\r\n".join(lines[:middle]) + b"\r\n" + lines[middle][:37]
    if how == "latin1_garbage":
        lines[middle] = lines[middle][:20] + b"\x00\x81\xff\x9d\xa4\xf7\x07\xd0" + lines[middle][28:]
        return b"".join(line + b"\r\n" for line in lines)
    if how == "wrong_sum":
        deposits = [n for n, line in enumerate(lines) if line[:2] in (b"15", b"16", b"17")]
        target = deposits[0] if deposits else len(lines) - 1
        # The last digit of the first sum or count of that line.
        place = _sum_place(lines, target)
        digit = lines[target][place : place + 1]
        wrong = b"1" if digit == b"0" else b"0"
        lines[target] = lines[target][:place] + wrong + lines[target][place + 1 :]
        return b"".join(line + b"\r\n" for line in lines)
    return data


def _sum_place(lines: list, target: int) -> int:
    """Index of the last digit of the amount of a deposit, or of a sum or count of the closing line."""
    if lines[target][:2] in (b"15", b"16", b"17"):
        return 67
    if lines[target][:2] == b"59" or b"AG-MEDAVI" in lines[0]:
        return 20
    if b"AVVISADE" in lines[0] or b"FELLISTA" in lines[0]:
        return 49
    return 67
