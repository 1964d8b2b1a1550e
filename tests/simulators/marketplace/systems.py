"""A booking system that the marketplace is connected to: its feeds, what they say, and calls of its API."""

import threading
import time

from . import opportunities
from .breaches import Breaches
from .calls import NoAnswer, Reply, Route
from .catalogue import Catalogue
from .dataset import is_absolute, read_dataset
from .opportunities import FACILITY_KINDS, SLOT_KINDS
from .rpde import Feed, Item

_READS = {"Accept": "application/json, application/vnd.openactive.rpde+json; version=1"}
MEDIA = "application/vnd.openactive.booking+json; version=1"
# What an order in the Orders feed must not tell (Open Booking API 1.0, "Orders feed").
_PRIVATE = (
    "broker", "brokerRole", "seller", "bookingService", "customer", "orderNumber", "payment",
)  # fmt: skip


class BookingSystem:
    """`number` is the marketplace's own; `note` is told each call that is made."""

    def __init__(
        self, number: int, dataset: str, token: str, statement_token: str, *, addresses=(),
        seconds: float = 10, note=lambda **_told: None,
    ):  # fmt: skip
        if not is_absolute(dataset):
            raise ValueError("dataset is the whole address of a dataset site")
        self.number, self.dataset, self.token, self.statement_token = number, dataset, token, statement_token
        self.addresses = list(addresses)
        self._route, self._note = Route(addresses, seconds), note
        self.breaches = Breaches()
        self.catalogue = Catalogue(number)
        self.name = self.endpoint = ""
        self.facilities: Feed | None = None
        self.slots: list[Feed] = []
        self.orders: Feed | None = None
        self.read_at = 0.0  # seconds since 1970
        self.lock = threading.RLock()  # of reading: one at a time

    def wait_for(self, seconds: float) -> None:
        """How long an answer is waited for."""
        self._route.seconds = seconds

    # -- calls --------------------------------------------------------------------------------------------

    def _call(self, method: str, url: str, headers: dict, told=None) -> Reply:
        began, status = time.monotonic(), 0
        try:
            reply = self._route.call(method, url, headers, told)
            status = reply.status
            return reply
        finally:
            self._note(
                system=self.number, method=method, url=url, status=status,
                seconds=round(time.monotonic() - began, 3),
            )  # fmt: skip

    def api(self, method: str, path: str, told=None) -> Reply:
        """A call of the Open Booking API, with the credentials."""
        if not self.facilities:
            try:
                with self.lock:
                    self.find_feeds()
            except ValueError as error:
                raise NoAnswer(str(error)) from error
        if not self.endpoint:
            raise NoAnswer("the dataset site tells no Open Booking API")
        headers = {"Authorization": f"Bearer {self.token}", "Accept": MEDIA}
        if told is not None:
            headers["Content-Type"] = MEDIA
        return self._call(method, self.endpoint + path, headers, told)

    def _fetch(self, url: str) -> Reply:
        return self._call("GET", url, _READS)

    def _fetch_orders(self, url: str) -> Reply:
        return self._call("GET", url, {"Authorization": f"Bearer {self.token}", "Accept": MEDIA})

    # -- feeds --------------------------------------------------------------------------------------------

    def _feed(self, name: str, url: str, kinds: tuple, check, **options) -> Feed:
        report = self.breaches.at(name)
        return Feed(url, kinds, report, lambda item: check(item, report), **options)

    def find_feeds(self) -> None:
        """Reads the dataset site; ValueError when it cannot be used. Feeds that it had before go on."""
        found = read_dataset(self.dataset, self._fetch, self.breaches.at("dataset"))
        self.name = self.name or found.publisher or found.name
        if not self.facilities or self.facilities.url != found.facilities:
            self.facilities = self._feed(
                "facility-uses", found.facilities, FACILITY_KINDS, opportunities.check
            )
        known = {feed.url: feed for feed in self.slots}
        self.slots = [
            known.get(url)
            or self._feed("slots" if number == 1 else f"slots {number}", url, SLOT_KINDS, opportunities.check)
            for number, url in enumerate(found.slots, 1)
        ]
        if found.endpoint != self.endpoint:
            self.endpoint = found.endpoint
            url = f"{found.endpoint}/orders-rpde"
            self.orders = (
                self._feed("orders", url, ("Order",), _check_order, orders=True) if found.endpoint else None
            )

    def harvest(self, anew: bool = False) -> dict:
        """Reads what is new in the open feeds, or all of it; returns how many items came."""
        with self.lock:
            if not self.facilities or anew:
                self.find_feeds()
            came = {}
            for name, feeds in (("facilities", [self.facilities]), ("slots", self.slots)):
                came[name] = sum(self._read(feed, anew) for feed in feeds)
            if any(came.values()) and all(feed.at_end for feed in (self.facilities, *self.slots)):
                self._check_relations()
            self.read_at = time.time()
            seller = next(iter(self.catalogue.facilities.values()), None)
            if seller and seller.seller_name:
                self.name = seller.seller_name
            return came

    def _read(self, feed: Feed, anew: bool = False) -> int:
        items = feed.read_anew(self._fetch) if anew else feed.read(self._fetch)
        if anew or feed.gone:
            self.catalogue.forget(feed.kinds)
        self.catalogue.take(items)
        return len(items)

    def _check_relations(self) -> None:
        found = []
        self.catalogue.check(lambda *told: found.append(told))
        if not found:
            return
        # A facility may have come after its feed was read, with its times before theirs was.
        self._read(self.facilities)
        self.catalogue.check(self.breaches.at("slots"))

    def read_orders(self, anew: bool = False) -> list[Item]:
        """Reads what is new in the Orders feed, or all of it; returns the items that came."""
        with self.lock:
            if not self.facilities:
                self.find_feeds()
            if not self.orders:
                return []
            if anew:
                self.forget_orders()
            return self.orders.read(self._fetch_orders)

    def forget_orders(self) -> None:
        """Has the Orders feed be read from its beginning."""
        with self.lock:
            if self.orders:
                self.orders.begin()

    def look(self) -> dict:
        feeds = {
            "facility-uses": [self.facilities], "slots": self.slots, "orders": [self.orders]
        }  # fmt: skip
        return {
            "number": self.number, "name": self.name, "dataset": self.dataset, "endpoint": self.endpoint,
            "addresses": self.addresses,
            "feeds": [
                {"name": name, **feed.look()} for name, found in feeds.items() for feed in found if feed
            ],
            "facilities": len(self.catalogue.facilities), "slots": len(self.catalogue.slots),
            "breaches": [breach.to_json() for breach in self.breaches.listed()],
        }  # fmt: skip


def _check_order(item: Item, report) -> None:
    opportunities.check(item, report)
    for name in _PRIVATE:
        if name in item.data:
            report("personal_data", f"{item.name}: {name}")
    for name in ("@id", "identifier", "totalPaymentDue", "orderedItem"):
        if name not in item.data:
            report("missing", f"{item.name}: {name}")
    for line in item.data.get("orderedItem") or ():
        if isinstance(line, dict):
            if "position" in line:
                report("personal_data", f"{item.name}: position")
            for name in ("@type", "@id", "orderItemStatus"):
                if name not in line:
                    report("missing", f"{item.name}: orderedItem.{name}")
