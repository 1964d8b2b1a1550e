"""What the services remember, and everything that can be done to it from outside them."""

import json
import re
import secrets
import string
import time
import uuid
from collections import deque
from datetime import date, datetime, timezone
from pathlib import Path

from plumbing import Service, write_whole

from . import customers, moments, orders, products
from .faults import Fault
from .items import Refused
from .ledger import rate_of_sale_type
from .office import Office
from .server import Handler
from .soap import Asked
from .soap import Fault as SoapFault

USER = "api@sundby.example"
PASSWORD = "brp-sandbox-secret"
APPLICATION = "5b1f1c1e-24f0-4c7e-9a55-2d6f0b3c8a11"
COMPANIES = ("Sundby Aktivitetscenter AB", "Grannby Idrottshall AB")
FIRST_OFFICE = 543000000000001
HOUR = 3600
_SESSION_ID = string.ascii_lowercase + "012345"
_KEPT_HOURS = 24
_MOST_BREACHES = 200
_SAVED = ("ahead", "settings", "sessions", "breaches", "counters", "hour")

# What can be set while it runs, and what it is unless told.
SETTINGS = {
    "hourly_limit": 7200,  # calls; 0: any number
    "burst": 0,  # calls a second; 0: any number
    "logins_per_minute": 10,  # of a user; 0: any number
    "session_seconds": 3600,  # a session lives after its last call; 0: until it is ended
    "tax_code": "TaxId",  # what the TaxCode of a row's TaxSettings is
    "name_search": "contains",  # what a name without % is
    "page_size": 1000,  # customers on a page of GetCompanySyncList; 0: all
    "search_any": False,  # whether a customer has to fit one of several search parameters only
    "unpaid": "absent",  # how an invoice that is not paid tells it
    "rounding": "total",  # what is rounded to the öre
}
_CHOICES = {
    "tax_code": ("TaxId", "TaxNo"),
    "name_search": ("contains", "exact"),
    "unpaid": ("absent", "minimum"),
    "rounding": ("total", "row"),
}


class SevenOffice(Service):
    """The services. `with SevenOffice() as seven:` serves them on a free port of 127.0.0.1, see `seven.url`.

    `state` is a file to remember everything in; without it all is in memory. `companies` are the names of
    those that the user can choose between, the first by default. `clock` gives the seconds since 1970.
    Settings are named arguments.
    """

    fault_class = Fault
    handler_class = Handler

    def __init__(
        self, state: Path | str | None = None, companies=COMPANIES, *, user: str = USER,
        password: str = PASSWORD, application: str = APPLICATION, clock=time.time, **settings,
    ):  # fmt: skip
        super().__init__()
        self.state = Path(state) if state else None
        self.user, self.password, self.application = user, password, application.lower()
        self.user_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"24seven/{user}"))
        self._clock, self._told, self._told_settings = clock, tuple(companies), settings
        self._begin()
        if self.state:
            self.state.parent.mkdir(parents=True, exist_ok=True)
            if self.state.exists():
                self._restore(json.loads(self.state.read_text(encoding="utf-8")))
        self.set(**settings)

    def _begin(self) -> None:
        self.settings = dict(SETTINGS)
        self.ahead = 0.0  # seconds that the clock was put forward
        self.offices, self.sessions = {}, {}
        self.faults, self.breaches = [], []
        self.counters = {}  # hour: {operation: calls}
        self.hour = {"began": 0.0, "calls": 0}  # the hour that the limit is for
        self._logins = {}
        self.calls.clear()
        for name in self._told:
            self._add_office(name)

    def _add_office(self, name: str) -> Office:
        number = FIRST_OFFICE + len(self.offices)
        self.offices[number] = Office(number, name, f"556{len(self.offices):03d}-0001")
        return self.offices[number]

    def _restore(self, saved: dict) -> None:
        offices = [Office.from_json(told) for told in saved["offices"]]
        known = {office.name for office in offices}
        self.offices = {office.id: office for office in offices}
        for name in self._told:
            if name not in known:
                self._add_office(name)
        self.faults = [Fault.of(told) for told in saved["faults"]]
        for name in ("ahead", "sessions", "breaches", "counters", "hour"):
            setattr(self, name, saved[name])
        self.settings.update({name: value for name, value in saved["settings"].items() if name in SETTINGS})

    def save(self) -> None:
        """Writes the state file, if there is one."""
        if not self.state:
            return
        saved = {
            "offices": [office.to_json() for office in self.offices.values()],
            "faults": [fault.to_json() for fault in self.faults],
            **{name: getattr(self, name) for name in _SAVED},
        }
        write_whole(self.state, json.dumps(saved, ensure_ascii=False).encode())

    def reset(self) -> None:
        """Begins anew, with what it was given at first."""
        with self.lock:
            self._begin()
            self.set(**self._told_settings)

    def set(self, **settings) -> dict:
        """Changes settings; all of them or, when something is wrong, none."""
        for name, value in settings.items():
            if name not in SETTINGS:
                raise ValueError(f"{name} is no setting")
            if type(value) is not type(SETTINGS[name]) or (type(value) is int and value < 0):
                raise ValueError(f"{name} is of the wrong type")
            if value not in _CHOICES.get(name, (value,)):
                raise ValueError(f"{name} is one of {', '.join(_CHOICES[name])}")
        with self.lock:
            self.settings.update(settings)
            self.save()
            return dict(self.settings)

    # -- time ---------------------------------------------------------------------------------------------

    def seconds(self) -> float:
        """Since 1970, by the clock that can be put forward."""
        return self._clock() + self.ahead

    def now(self) -> str:
        return moments.text_of(datetime.fromtimestamp(self.seconds(), timezone.utc))

    def set_clock(self, to: str = "") -> str:
        """Puts the clock to a day (its noon) or a moment, or right again; returns the moment."""
        with self.lock:
            if to:
                told = f"{date.fromisoformat(to)}T12:00:00" if len(to) == 10 else to
                moment = moments.read(told)
                if not moment:
                    raise ValueError("the clock needs a moment")
                self.ahead = moments.moment_of(moment).timestamp() - self._clock()
            else:
                self.ahead = 0.0
            self.save()
            return self.now()

    # -- who calls, and how often -------------------------------------------------------------------------

    def open_session(self, office: Office) -> str:
        """A new session in a company; returns its id. The older ones go on."""
        self.sessions = {key: told for key, told in self.sessions.items() if self._lives(told)}
        session = "".join(secrets.choice(_SESSION_ID) for _ in range(24))
        self.enter(session, office)
        return session

    def enter(self, session: str, office: Office) -> None:
        """Has a session be in a company."""
        self.sessions[session] = {"office": office.id, "last": self.seconds()}
        self.save()

    def office_of(self, session: str) -> Office | None:
        """The company that a session is in; None when it is unknown or has ended, or may not be there."""
        known = self.sessions.get(session)
        if not known or not self._lives(known):
            return None
        known["last"] = self.seconds()
        office = self.offices[known["office"]]
        return None if office.blocked else office

    def end_session(self, session: str) -> None:
        with self.lock:
            self.sessions.pop(session, None)
            self.save()

    def end_sessions(self) -> None:
        """Ends every session."""
        with self.lock:
            self.sessions = {}
            self.save()

    def may_log_in(self, user: str) -> bool:
        """Whether this log-in is not one too many of the user for this minute."""
        most, now = self.settings["logins_per_minute"], self.seconds()
        recent = self._logins.setdefault(user, deque())
        while recent and recent[0] <= now - 60:
            recent.popleft()
        recent.append(now)
        return not most or len(recent) <= most

    def count(self, asked: Asked) -> None:
        """Counts a call; a fault when it is one too many for this hour."""
        now, most = self.seconds(), self.settings["hourly_limit"]
        if not 0 <= now - self.hour["began"] < HOUR:
            self.hour = {"began": now, "calls": 0}
        self.hour["calls"] += 1
        hour = self.counters.setdefault(self.now()[:13], {})
        hour[asked.operation] = hour.get(asked.operation, 0) + 1
        for old in list(self.counters)[:-_KEPT_HOURS]:
            del self.counters[old]
        if most and self.hour["calls"] > most:
            raise self.limit_exceeded(self.hour["calls"] - most)

    def _limit_ends(self) -> str:
        return moments.text_of(datetime.fromtimestamp(self.hour["began"] + HOUR, timezone.utc))

    def limit_exceeded(self, by: int) -> SoapFault:
        ends = self._limit_ends()
        return SoapFault(f"Limit exceeded by {by}. Request is blocked. Quarantine ends at {ends}")

    def limit_headers(self) -> dict:
        """What an answer tells of the calls that are left."""
        most = self.settings["hourly_limit"]
        left = max(0, most - self.hour["calls"])
        return {"APILimitRemaining": left, "APILimitReset": self._limit_ends()} if most else {}

    def complain(self, asked: Asked, wrong: list) -> None:
        """Remembers which rules a call has broken, [(rule, text)]."""
        with self.lock:
            for rule, text in wrong:
                about = {"service": asked.service, "operation": asked.operation, "rule": rule, "text": text}
                known = next((each for each in self.breaches if about.items() <= each.items()), None)
                if known:
                    known["times"] += 1
                elif len(self.breaches) < _MOST_BREACHES:
                    self.breaches.append({**about, "times": 1, "at": self.now()})
            self.save()

    # -- what people at the companies do ------------------------------------------------------------------

    def office(self, told="") -> Office:
        """A company by its id or name, the first when none is told."""
        for office in self.offices.values():
            if not told or str(told) in (str(office.id), office.name):
                return office
        raise ValueError(f"there is no company {told}")

    def order(self, number, company="") -> dict:
        """An order by its OrderId or ReferenceNumber; ValueError when there is none."""
        found = self.office(company).orders.values()
        for order in reversed(found):
            if str(number) in (str(order["OrderId"]), order.get("ReferenceNumber")):
                return order
        raise ValueError(f"there is no order {number}")

    def change_company(self, name: str, **told) -> dict:
        """Changes a company, or adds one: `organization_number`, `blocked`, `accounting`."""
        with self.lock:
            office = next((office for office in self.offices.values() if office.name == name), None)
            for key, value in told.items():
                kind = {"organization_number": str, "blocked": bool, "accounting": bool}.get(key)
                if not kind or not isinstance(value, kind):
                    raise ValueError(f"{key} is not known of a company, or of the wrong type")
            office = office or self._add_office(name)
            for key, value in told.items():
                setattr(office, key, value)
            self.save()
            return _head(office)

    def add_customer(
        self, name: str, first_name: str = "", organization_number: str = "", email: str = "",
        phone: str = "", external_id: str = "", active: bool = True, company="",
    ) -> dict:  # fmt: skip
        """Adds a customer by hand, one more whether there is such a one or not; a person by `first_name`."""
        if not isinstance(active, bool):
            raise ValueError("active is true or false")
        told = {
            "Name": name,
            "FirstName": first_name,
            "OrganizationNumber": organization_number,
            "ExternalId": external_id,
            "EmailAddresses": {"Invoice": {"Value": email}, "Work": {"Value": email}} if email else None,
            "PhoneNumbers": {"Mobile": {"Value": phone}} if phone else None,
            "Country": "SE",
            "Type": "Consumer" if first_name else "Business",
            "Inactive": not active,
        }
        return self._by_hand(customers.add, {key: value for key, value in told.items() if value}, company)

    def add_product(
        self, name: str, category: int = 1, price: str = "0.0000", sale_type: int = 1, status: int = 1,
        company="",
    ) -> dict:  # fmt: skip
        """Adds a product by hand. Its sale type says its VAT, status 0 that it has expired."""
        if rate_of_sale_type(sale_type) is None or status not in (0, 1):
            raise ValueError("there is no such sale type, or status")
        if not re.fullmatch(r"\d+(\.\d+)?", price):
            raise ValueError("price is a decimal as a text")
        product = {
            "Name": name,
            "CategoryId": category,
            "Price": price,
            "SaleType": sale_type,
            "StatusId": status,
        }
        return self._by_hand(products.add_product, product, company)

    def _by_hand(self, add, told: dict, company) -> dict:
        with self.lock:
            try:
                added = add(self.office(company), told, self.now())
            except Refused as refused:
                raise ValueError(str(refused)) from refused
            self.save()
            return dict(added)

    def publish(self, order, company="") -> dict:
        """Makes an order an invoice."""
        with self.lock:
            found = self.order(order, company)
            if "InvoiceId" in found:
                raise ValueError(f"order {order} is invoiced")
            orders.publish(self, self.office(company), found)
            self.save()
            return dict(found)

    def pay(self, order, day: str = "", company="") -> dict:
        """Registers that an invoice was paid whole, today unless told (YYYY-MM-DD)."""
        with self.lock:
            found = self.order(order, company)
            if "InvoiceId" not in found:
                raise ValueError(f"order {order} is not invoiced")
            found["Paid"] = moments.midnight(day or moments.day_of(self.now()))
            found["DateChanged"] = self.now()
            self.save()
            return dict(found)

    def delete(self, order, company="") -> dict:
        """Deletes an order that is not invoiced."""
        with self.lock:
            office, found = self.office(company), self.order(order, company)
            if "InvoiceId" in found:
                raise ValueError(f"order {order} is invoiced")
            office.deleted.append(found["OrderId"])
            self.save()
            return office.orders.pop(found["OrderId"])

    # -- looking ------------------------------------------------------------------------------------------

    @property
    def duplicates(self) -> list:
        """References that several orders of a company have: handed over more than once."""
        found = []
        for office in self.offices.values():
            seen = {}
            for number, order in office.orders.items():
                if order.get("ReferenceNumber"):
                    seen.setdefault(order["ReferenceNumber"], []).append(number)
            found += [
                {"company": office.name, "reference": reference, "orders": numbers}
                for reference, numbers in seen.items()
                if len(numbers) > 1
            ]
        return found

    def look(self) -> dict:
        """Everything, as `GET /state` tells it, without the password and the sessions' ids."""
        with self.lock:
            told = {name: getattr(self, name) for name in _SAVED if name != "sessions"}
            whole = {
                **told,
                "now": self.now(),
                "companies": [_look(office) for office in self.offices.values()],
                "sessions": sum(self._lives(session) for session in self.sessions.values()),
                "duplicates": self.duplicates,
                "faults": [fault.to_json() for fault in self.faults],
                "calls": list(self.calls),
            }
            return json.loads(json.dumps(whole))  # what is done later does not change it

    def _lives(self, session: dict) -> bool:
        life = self.settings["session_seconds"]
        return not life or session["last"] + life >= self.seconds()

    def note(self, **told) -> dict:
        return super().note(at=self.now(), **told)


def _head(office: Office) -> dict:
    names = ("id", "name", "organization_number", "identity", "blocked", "accounting")
    return {name: getattr(office, name) for name in names}


def _look(office: Office) -> dict:
    lists = {
        name: list(getattr(office, name).values())
        for name in ("customers", "categories", "products", "orders")
    }
    return {**_head(office), **lists, "deleted": office.deleted}
