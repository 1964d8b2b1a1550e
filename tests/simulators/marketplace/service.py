"""What the marketplace remembers, and everything that can be done to it from outside."""

import hmac
import json
import secrets
import sys
import threading
import time
import traceback
from collections import deque
from dataclasses import asdict
from datetime import date, datetime, timezone
from pathlib import Path

from plumbing import Service, write_whole

from .accounts import Accounts
from .broker import Broker
from .calls import NoAnswer
from .faults import Fault
from .moments import SWEDEN, day_of
from .orders import Orders
from .purchases import Purchase
from .server import Handler
from .systems import BookingSystem

STATEMENT_TOKEN = "tidstorget-utbetalning"  # of the first booking system, unless told
ROLES = ("AgentBroker", "ResellerBroker")

# What can be set while it runs, and what it is unless told.
SETTINGS = {
    "name": "Tidstorget",
    "website": "https://tidstorget.example/",
    "broker_role": "AgentBroker",
    "commission": 1200,  # hundredths of a percent of what was sold
    "commission_vat": 2500,
    "payout_day": 3,  # of the month after
    "poll": 15.0,  # seconds between readings of the feeds; 0: when told
    "timeout": 10.0,  # seconds that an answer is waited for
    "attempts": 3,  # of a call that has no clear answer
    "retry_wait": 0.5,  # seconds before the second one, twice that before the third
    "account_id": "",  # of payments, with payment_provider_id: what a seller may ask for to reconcile
    "payment_provider_id": "",
}
_TICK = 0.1  # seconds


class Marketplace(Service):
    """The service. `with Marketplace() as market:` serves it on a free port of 127.0.0.1, see `market.url`.

    `state` is a file to remember everything in; without it all is in memory. `systems` are booking systems to
    begin with, each the named arguments of `connect`. `clock` gives the seconds since 1970. Settings are
    named arguments.
    """

    fault_class = Fault
    handler_class = Handler

    def __init__(self, state: Path | str | None = None, systems=(), *, clock=time.time, **settings):
        super().__init__()
        self.state = Path(state) if state else None
        self.clock = clock
        self._told, self._told_settings = [dict(told) for told in systems], settings
        self.broker = Broker(self)
        self.orders = Orders(self.broker)
        self._player = None
        self._ended = threading.Event()
        self._begin()
        if self.state:
            self.state.parent.mkdir(parents=True, exist_ok=True)
            if self.state.exists():
                self._restore(json.loads(self.state.read_text(encoding="utf-8")))
        self.set(**settings)
        for told in self._told:
            self._know(**told)
        self.save()

    def _begin(self) -> None:
        self.settings = dict(SETTINGS)
        self.systems: dict[int, BookingSystem] = {}
        self.purchases: dict[str, Purchase] = {}
        self.accounts = Accounts()
        self.payments = 0  # the last payment's number
        self.ahead = 0.0  # seconds that the accounts' clock is before the machine's
        self.faults = []
        self.calls.clear()
        self.sent = deque(maxlen=1000)  # the newest calls of booking systems
        self._played = 0.0

    def _restore(self, saved: dict) -> None:
        self.settings.update({name: value for name, value in saved["settings"].items() if name in SETTINGS})
        for told in saved["systems"]:
            self._know(**told)
        self.purchases = {told["uuid"]: Purchase.from_json(told) for told in saved["purchases"]}
        self.accounts = Accounts.from_json(saved["accounts"])
        self.payments, self.ahead = saved["payments"], saved["ahead"]
        self.faults = [Fault.of(told) for told in saved["faults"]]

    def save(self) -> None:
        """Writes the state file, if there is one. What the feeds said is read again instead."""
        if not self.state:
            return
        with self.lock:
            saved = {
                "settings": self.settings,
                "systems": [_connection(system) for system in self.systems.values()],
                "purchases": [purchase.to_json() for purchase in self.purchases.values()],
                "accounts": self.accounts.to_json(),
                "payments": self.payments,
                "ahead": self.ahead,
                "faults": [fault.to_json() for fault in self.faults],
            }
            write_whole(self.state, json.dumps(saved, ensure_ascii=False).encode())

    def reset(self) -> None:
        """Begins anew, with what it was given at first."""
        with self.lock:
            self._begin()
            self.set(**self._told_settings)
            for told in self._told:
                self._know(**told)
            self.save()

    def set(self, **settings) -> dict:
        """Changes settings; all of them or, when something is wrong, none."""
        told = {}
        for name, value in settings.items():
            if name not in SETTINGS:
                raise ValueError(f"{name} is no setting")
            told[name] = _setting(name, value)
        if told.get("broker_role", ROLES[0]) not in ROLES:
            raise ValueError(f"broker_role is one of {', '.join(ROLES)}")
        if not 1 <= told.get("payout_day", 1) <= 31 or told.get("attempts", 1) < 1:
            raise ValueError("payout_day is 1 to 31, and attempts at least 1")
        if told.get("commission", 0) > 10_000 or told.get("timeout", 1) <= 0:
            raise ValueError("commission is at most 10000, and timeout more than 0")
        with self.lock:
            self.settings.update(told)
            for system in self.systems.values():
                system.wait_for(self.settings["timeout"])
            self.save()
            return dict(self.settings)

    # -- time ---------------------------------------------------------------------------------------------

    def real_now(self) -> datetime:
        """The moment that booking systems live in: what is free, and what can be cancelled, goes by it."""
        return datetime.fromtimestamp(self.clock(), timezone.utc)

    def now(self) -> datetime:
        """The moment by the accounts' clock, which can be set."""
        return datetime.fromtimestamp(self.clock() + self.ahead, timezone.utc)

    def today(self) -> str:
        return day_of(self.now())

    def set_clock(self, to: str) -> list:
        """Sets the accounts' date, not before that of the newest entry; returns the payouts it makes."""
        day = date.fromisoformat(to)
        with self.lock:
            newest = max((e.day for e in self.accounts.entries), default="")
            newest = max([newest, *(payout.paid for payout in self.accounts.payouts)])
            if to < newest:
                raise ValueError(f"the accounts have got to {newest}")
            now = datetime.fromtimestamp(self.clock(), SWEDEN)
            self.ahead = now.replace(year=day.year, month=day.month, day=day.day).timestamp() - self.clock()
            self.save()
            return self.make_payouts()

    # -- booking systems ----------------------------------------------------------------------------------

    def system(self, number: int = 0) -> BookingSystem:
        """A booking system, the first one unless told; ValueError when there is none."""
        found = self.systems.get(number or next(iter(self.systems), 0))
        if not found:
            raise ValueError(f"there is no booking system {number or ''}".strip())
        return found

    def _know(
        self, dataset: str, token: str = "", statement_token: str = "", addresses=(), number: int = 0
    ) -> BookingSystem:
        with self.lock:
            same = [system for system in self.systems.values() if system.dataset == dataset]
            number = same[0].number if same else number or max(self.systems, default=0) + 1
            if not statement_token:
                usual = STATEMENT_TOKEN if number == 1 else secrets.token_urlsafe(16)
                statement_token = same[0].statement_token if same else usual
            others = [system for system in self.systems.values() if system.number != number]
            if any(system.statement_token == statement_token for system in others):
                raise ValueError("another booking system has that statement_token")
            system = BookingSystem(
                number, dataset, token, statement_token, addresses=addresses,
                seconds=self.settings["timeout"], note=self._note_sent,
            )  # fmt: skip
            self.systems[number] = system
            return system

    def connect(self, **told) -> BookingSystem:
        """Connects to a booking system, or gives one that it is connected to another token, and reads it.

        :param told: dataset (URL of its dataset site), token, statement_token (what its owner fetches
            statements with), addresses (host:port, called in turn instead of the URLs' own)
        """
        system = self._know(**told)
        self.save()
        self.harvest(system.number)
        return system

    def _note_sent(self, **told) -> None:
        with self.lock:
            self.sent.append(told)

    def harvest(self, number: int = 0, anew: bool = False) -> list:
        """Reads the feeds of one booking system or of all, clears up what is unclear, and follows orders.

        Returns of each what came; with `error` when it could not be read.
        """
        systems = [self.system(number)] if number else list(self.systems.values())
        done = []
        for system in systems:
            told = {"system": system.number}
            try:
                told.update(system.harvest(anew))
                self.broker.settle()
                told["orders"] = self.orders.follow(system, anew)
            except (ValueError, NoAnswer) as error:
                told["error"] = str(error)
            done.append(told)
        return done

    def hasten(self) -> None:
        """Has the feeds be read soon, as there is news; not if they are read when told only."""
        self._played = 0.0

    def times(self) -> list:
        """All times that can be booked now."""
        now = self.real_now()
        return [time for system in list(self.systems.values()) for time in system.catalogue.times(now)]

    # -- purchases ----------------------------------------------------------------------------------------

    def purchase(self, name: str) -> Purchase:
        """A purchase by its uuid or booking number; ValueError when there is none."""
        found = self.purchases.get(name)
        if not found:
            found = next((p for p in self.purchases.values() if name and p.order_number == name), None)
        if not found:
            raise ValueError(f"there is no order {name}")
        return found

    def next_payment(self) -> str:
        self.payments += 1
        return f"TT-{self.payments}"

    def book(self, slots=(), *, name="Kim Kund", email="kim.kund@example.com", phone="070-174 06 05",
             offer: str = "", seen: int | None = None) -> Purchase:  # fmt: skip
        """Books slots, by their @id, as a visitor does; the first time that is free unless told.

        A slot that is named twice is two places. ValueError with what a visitor is told when it is refused.
        """
        if not slots:
            times = self.times()[:1]
        else:
            found = [self._time(slot, offer) for slot in slots]
            times = [time for time in found if time]
            if len(times) < len(found):
                raise ValueError(f"there is no time {slots[found.index(None)]}")
        purchase = self.broker.begin(times)
        self.broker.book(purchase, {"name": name, "email": email, "phone": phone}, seen)
        return purchase

    def _time(self, slot: str, offer: str = ""):
        found = (system.catalogue.time(slot, offer) for system in list(self.systems.values()))
        return next(filter(None, found), None)

    def cancel(self, order: str, lines: list | None = None) -> Purchase:
        """Cancels an order, or some of its lines (from 0), as its customer does."""
        purchase = self.purchase(order)
        self.orders.cancel(purchase, lines)
        return purchase

    # -- payouts ------------------------------------------------------------------------------------------

    def pay_out(self, month: str = "", number: int = 0) -> list:
        """Pays out a month, YYYY-MM, now: to one seller, or to each that something was sold for."""
        month = month or self.today()[:7]
        date.fromisoformat(f"{month}-01")
        with self.lock:
            numbers = [self.system(number).number] if number else list(self.systems)
            if not number:
                numbers = [n for n in numbers if self.accounts.unpaid(n)] or numbers[:1]
            payouts = [self._pay_out(n, month, self.today()) for n in numbers]
            self.save()
            return payouts

    def _pay_out(self, number: int, month: str, day: str):
        return self.accounts.pay_out(
            number, month, day, self.settings["commission"], self.settings["commission_vat"]
        )

    def make_payouts(self) -> list:
        """Makes the payouts whose day has come."""
        with self.lock:
            made = [
                self._pay_out(number, month, day)
                for number in self.systems
                for month, day in self.accounts.due(number, self.today(), self.settings["payout_day"])
            ]
            if made:
                self.save()
            return made

    def known_seller(self, token: str) -> BookingSystem | None:
        """The booking system whose owner fetches statements with a token."""
        with self.lock:
            for system in self.systems.values():
                if hmac.compare_digest(system.statement_token.encode(), token.encode()):
                    return system
        return None

    # -- looking ------------------------------------------------------------------------------------------

    def look(self) -> dict:
        """Everything, as `GET /state` tells it, without tokens."""
        with self.lock:
            return {
                "today": self.today(),
                "settings": dict(self.settings),
                "systems": [system.look() for system in self.systems.values()],
                "times": len(self.times()),
                "purchases": [purchase.look() for purchase in self.purchases.values()],
                "entries": [asdict(entry) for entry in self.accounts.entries],
                "payouts": [{**asdict(payout), "amount": payout.amount} for payout in self.accounts.payouts],
                "faults": [fault.to_json() for fault in self.faults],
                "calls": list(self.calls),
                "sent": list(self.sent),
            }

    # -- serving ------------------------------------------------------------------------------------------

    def start(self, port: int = 0) -> "Marketplace":
        """Starts serving on 127.0.0.1, and reading feeds, each in threads of its own."""
        super().start(port)
        self._ended.clear()
        self.broker.resume()
        self._player = threading.Thread(target=self._play, daemon=True, name="marketplace")
        self._player.start()
        return self

    def stop(self) -> None:
        """Stops serving and reading."""
        self._ended.set()
        self.broker.stop()
        super().stop()

    def _play(self) -> None:
        day = ""
        while not self._ended.wait(_TICK):
            try:
                poll = self.settings["poll"]
                if poll and time.monotonic() - self._played >= poll:
                    self._played = time.monotonic()
                    self.harvest()
                if self.today() != day:  # what is sold today is not paid out today
                    self.make_payouts()
                    day = self.today()
            except Exception:
                # The next reading may do better; what went wrong is for whoever runs the simulator.
                traceback.print_exc(file=sys.stderr)


def _setting(name: str, value):
    """The value of a setting; forms write numbers as text."""
    kind = type(SETTINGS[name])
    if isinstance(value, bool) or not isinstance(value, str if kind is str else int | float | str):
        raise ValueError(f"{name} is of the wrong type")
    made = kind(value)
    if kind is not str and (made < 0 or made != float(value)):
        raise ValueError(f"{name} is a number from 0 on" + (", a whole one" if kind is int else ""))
    return made


def _connection(system: BookingSystem) -> dict:
    return {
        "number": system.number, "dataset": system.dataset, "token": system.token,
        "statement_token": system.statement_token, "addresses": system.addresses,
    }  # fmt: skip
