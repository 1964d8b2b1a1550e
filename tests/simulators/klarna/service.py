"""What the service remembers, and everything that can be done to it from outside its APIs."""

import hmac
import time
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

from plumbing import Service, add_lines, read_lines

from .acts import ACTS, AT
from .faults import Fault
from .model import Merchant
from .moments import text_of
from .rows import written
from .server import Handler
from .told import Told

MERCHANT = "K123456"
USER = "K123456_brp"
PASSWORD = "brp-sandbox-secret"
NEIGHBOUR = "K654321"
NEIGHBOUR_USER = "K654321_brp"
NEIGHBOUR_PASSWORD = "brp-sandbox-neighbour"
USUAL = [
    {"merchant": MERCHANT, "user": USER, "password": PASSWORD, "name": "Sundby Aktivitetscenter AB"},
    {
        "merchant": NEIGHBOUR,
        "user": NEIGHBOUR_USER,
        "password": NEIGHBOUR_PASSWORD,
        "name": "Grannby Idrottshall AB",
    },
]


class Klarna(Service):
    """The service. `with Klarna() as klarna:` serves it on a free port of 127.0.0.1, see `klarna.url`.

    `state` is a file to remember in what was done; without it all is in memory. `scenario` is a list of acts,
    done when nothing is remembered. `clock` gives the seconds since 1970. `rate_limit` is how many calls a
    merchant may make in a second, 0 any number. Other named arguments are settings of the first merchant.
    """

    fault_class = Fault
    handler_class = Handler

    def __init__(
        self, state: Path | str | None = None, scenario=(), *, clock=time.time, rate_limit: int = 0,
        **settings,
    ):  # fmt: skip
        super().__init__()
        self.state = Path(state) if state else None
        self.clock, self.rate_limit = clock, rate_limit
        self._told = [{"do": "merchant", **told} for told in USUAL]
        self._told[0].update(settings)
        self._told += scenario
        done = read_lines(self.state) if self.state else []
        self._begin(done or self._told)
        if self.state and not done:
            self.state.parent.mkdir(parents=True, exist_ok=True)
            self._remember(self._told)

    def _begin(self, done: list) -> None:
        self.merchants = {}
        self.faults = []
        self.calls.clear()  # method, path, status, user, fault
        self.counters = Counter()  # calls of the APIs: "/payouts/{payment_reference}": 3
        for act in done:
            self._act(dict(act))

    def _remember(self, acts: list) -> None:
        if self.state:
            add_lines(self.state, acts)

    # -- what can be done ---------------------------------------------------------------------------------

    def do(self, what: str, merchant: str = "", **told) -> dict:
        """Does one act (see acts.py), of the first merchant unless told; ValueError when it is impossible."""
        act = {"do": what, "merchant": merchant or self.first, **told}
        if what in AT and not act.get("at"):
            act["at"] = self.now()
        with self.lock:
            done = self._act(dict(act))
            self._remember([act])
            return done

    def load(self, acts) -> list:
        """Does the acts of a scenario, one after the other: objects with `do` and what it is told."""
        if isinstance(acts, dict):
            acts = acts.get("events")
        if not isinstance(acts, list) or not all(isinstance(act, dict) and "do" in act for act in acts):
            raise ValueError("a scenario is a list of objects with do")
        done = []
        for number, act in enumerate(acts, 1):
            told = dict(act)
            try:
                done.append(self.do(told.pop("do"), **told))
            except (ValueError, TypeError) as wrong:
                raise ValueError(f"act {number}: {wrong}") from wrong
        return done

    def _act(self, act: dict) -> dict:
        what, number = act.pop("do"), act.pop("merchant", "") or self.first
        if what not in ACTS:
            raise ValueError(f"what is done is one of {', '.join(ACTS)}")
        if what == "merchant":
            return self._change(number, act)
        return ACTS[what](self.merchant(number), Told(act))

    def _change(self, number: str, told: dict) -> dict:
        taken = {merchant.settings["user"] for merchant in self.merchants.values() if merchant.id != number}
        if told.get("user") in taken:
            raise ValueError("another merchant has that user")
        merchant = self.merchants.get(number) or Merchant(number)
        done = ACTS["merchant"](merchant, Told(told))
        if not merchant.settings["user"] or not merchant.settings["password"]:
            raise ValueError("a merchant has a user and a password")
        self.merchants[number] = merchant
        return done

    def reset(self) -> None:
        """Begins anew, with what it was given at first."""
        with self.lock:
            self._begin(self._told)
            if self.state:
                self.state.unlink(missing_ok=True)
            self._remember(self._told)

    # -- looking ------------------------------------------------------------------------------------------

    @property
    def first(self) -> str:
        """The merchant that is meant when none is told."""
        return next(iter(self.merchants), MERCHANT)

    def merchant(self, number: str = "") -> Merchant:
        found = self.merchants.get(number or self.first)
        if not found:
            raise ValueError(f"there is no merchant {number}")
        return found

    def now(self) -> str:
        return text_of(datetime.fromtimestamp(self.clock(), timezone.utc))

    def look(self) -> dict:
        """Everything but the rows, as `GET /state` tells it, without passwords."""
        with self.lock:
            return {
                "merchants": [_look(merchant) for merchant in self.merchants.values()],
                "faults": [fault.to_json() for fault in self.faults],
                "counters": dict(self.counters),
                "calls": list(self.calls),
            }

    # -- for the server -----------------------------------------------------------------------------------

    def known(self, user: str, password: str) -> Merchant | None:
        """The merchant that a user and a password belong to."""
        with self.lock:
            for merchant in self.merchants.values():
                if merchant.settings["user"] == user:
                    right = merchant.settings["password"]
                    return merchant if hmac.compare_digest(right.encode(), password.encode()) else None
        return None

    def note(self, name: str, **told) -> dict:
        """Remembers a call, and counts it by its name."""
        with self.lock:
            self.counters[name] += 1
        return super().note(method="GET", **told)

    # -- serving ------------------------------------------------------------------------------------------

    def start(self, port: int = 0) -> "Klarna":
        """Starts serving on 127.0.0.1 in a thread of its own."""
        super().start(port)
        with self.lock:
            for merchant in self.merchants.values():
                for row in merchant.rows:
                    written(merchant, row, self.url)  # beforehand: who measures a client measures no writing
        return self

    @property
    def api(self) -> str:
        """The base of the Settlements API."""
        return f"{self.url}/settlements/v1"


def _look(merchant: Merchant) -> dict:
    return {
        "merchant": merchant.id,
        **{name: value for name, value in merchant.settings.items() if name != "password"},
        "orders": len(merchant.orders),
        "transactions": len(merchant.rows),
        "not_paid_out": len(merchant.unpaid),
        "debts": {currency: debt for currency, debt in merchant.debts.items() if debt},
        "payouts": [
            {
                "payment_reference": payout.reference,
                "payout_date": payout.at,
                "currency_code": payout.currency,
                "listed": payout.listed,
                "transactions": len(payout.rows),
                "totals": payout.totals(merchant.settings["tax_refund"]),
            }
            for payout in merchant.payouts.values()
        ],
    }
