"""What a booking system has to sell: facilities and times, made of the items of its feeds."""

import threading
from dataclasses import asdict, dataclass
from datetime import datetime, timezone

from .moments import duration, moment
from .money import ore_of
from .opportunities import FACILITY_KINDS
from .rpde import Item

_UNAVAILABLE = "https://openactive.io/Unavailable"
CURRENCY = "SEK"  # the marketplace sells in kronor only
# Names of facility types (openactive.io/facility-types) in Swedish; others are shown as they are.
_ACTIVITY = {
    "Padel Tennis Court": "Padel", "Tennis Court": "Tennis", "Badminton Court": "Badminton",
    "Squash Court": "Squash", "Table Tennis": "Bordtennis", "Sports Hall": "Idrottshall",
    "Multi Purpose Room": "Lokal", "Dance Studio": "Danssal", "Basketball Court": "Basket",
    "Volleyball Court": "Volleyboll", "Climbing Wall": "Klättring", "Swimming Pool": "Simhall",
    "Bowling Alley": "Bowling", "Gymnastics Hall": "Gymnastik",
}  # fmt: skip


@dataclass(frozen=True)
class Facility:
    """:ivar units: {@id: name} of its individual resources"""

    id: str
    name: str
    activities: tuple
    place: str
    address: str
    description: str
    seller: str
    seller_name: str
    bookable: bool
    units: dict


@dataclass(frozen=True)
class Offer:
    id: str
    name: str
    price: int | None  # öre; None: not in kronor
    available: bool
    opens: datetime | None
    closes: datetime | None
    refundable: bool
    cancel_until: datetime | None


@dataclass(frozen=True)
class Slot:
    key: tuple
    id: str
    facility: str  # @id of the facility or of its individual resource
    start: datetime
    end: datetime
    remaining: int
    modified: int
    offers: tuple


@dataclass(frozen=True)
class Time:
    """A slot by one of its offers, as a visitor sees it. Moments are in UTC, the price in öre."""

    system: int
    slot: str
    offer: str
    offer_name: str
    facility: str
    name: str  # of the facility and its resource
    activities: tuple
    place: str
    address: str
    seller: str
    seller_name: str
    start: datetime
    end: datetime
    price: int
    remaining: int
    refundable: bool
    cancel_until: datetime | None

    def to_json(self) -> dict:
        told = {**asdict(self), "start": self.start.isoformat(), "end": self.end.isoformat()}
        return {**told, "cancel_until": self.cancel_until.isoformat() if self.cancel_until else None}


class Catalogue:
    def __init__(self, system: int):
        self.system = system
        self.facilities = {}  # key of the item: Facility
        self.slots = {}  # key of the item: Slot
        self._owner = {}  # @id of a facility or an individual resource: key of the facility's item
        self._lock = threading.RLock()  # visitors look while feeds are read

    def forget(self, kinds: tuple) -> None:
        with self._lock:
            for known in (self.facilities, self.slots):
                for key in [key for key in known if key[0] in kinds]:
                    del known[key]

    def take(self, items: list) -> None:
        """Takes what came, in its order."""
        with self._lock:
            for item in items:
                key = (item.kind, item.id)
                known, made = (
                    (self.facilities, _facility) if item.kind in FACILITY_KINDS else (self.slots, _slot)
                )
                known.pop(key, None)
                found = made(item) if item.data else None
                if found:
                    known[key] = found
            self._owner = {
                name: key
                for key, facility in self.facilities.items()
                for name in (facility.id, *facility.units)
            }

    def facility_of(self, slot: Slot) -> Facility | None:
        return self.facilities.get(self._owner.get(slot.facility))

    def check(self, report) -> None:
        """Notes slots that do not fit to what they belong to; asked when all feeds are read to their end."""
        with self._lock:
            for slot in self.slots.values():
                name = f"{slot.key[0]} {slot.key[1]}: {slot.facility}"
                facility = self.facility_of(slot)
                if not facility:
                    report("orphan", name)
                    continue
                individual = slot.facility in facility.units
                if not individual and facility.units:
                    report("wrong_level", name)
                if individual != slot.key[0].startswith("Individual"):
                    report("kind_of_slot", name)
                if individual and slot.remaining > 1:
                    report("more_than_one", f"{name}, {slot.remaining}")

    def times(self, now: datetime) -> list:
        """The times that can be booked now, the soonest first."""
        with self._lock:
            found = [
                time
                for slot in self.slots.values()
                if slot.remaining > 0 and slot.start > now
                for offer in slot.offers
                if _bookable(offer, now) and (time := self._time(slot, offer))
            ]
        return sorted(found, key=lambda time: (time.start, time.name, time.price))

    def time(self, slot_id: str, offer_id: str = "") -> Time | None:
        """A time by its ids, whether it can be booked or not; its first offer unless told."""
        with self._lock:
            slot = next((slot for slot in self.slots.values() if slot.id == slot_id), None)
            offers = slot.offers if slot else ()
            found = (self._time(slot, offer) for offer in offers if offer.id == (offer_id or offer.id))
            return next(filter(None, found), None)

    def _time(self, slot: Slot, offer: Offer) -> Time | None:
        facility = self.facility_of(slot)
        if not facility or not facility.bookable or offer.price is None:
            return None
        unit = facility.units.get(slot.facility)
        return Time(
            system=self.system, slot=slot.id, offer=offer.id, offer_name=offer.name, facility=facility.id,
            name=f"{facility.name}, {unit}" if unit else facility.name, activities=facility.activities,
            place=facility.place, address=facility.address, seller=facility.seller,
            seller_name=facility.seller_name, start=slot.start, end=slot.end, price=offer.price,
            remaining=slot.remaining, refundable=offer.refundable, cancel_until=offer.cancel_until,
        )  # fmt: skip


def _bookable(offer: Offer, now: datetime) -> bool:
    return (
        offer.available
        and (not offer.opens or offer.opens <= now)
        and (not offer.closes or now <= offer.closes)
    )


def _part(data: dict, name: str) -> dict:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _parts(data: dict, name: str) -> list:
    value = data.get(name)
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _facility(item: Item) -> Facility | None:
    """A facility, None when too little is told to show it; the checks have said what is missing."""
    data = item.data
    provider, place = _part(data, "provider"), _part(data, "location")
    if not data.get("@id") or not provider.get("@id"):
        return None
    address = _part(place, "address")
    labels = [str(concept.get("prefLabel", "")) for concept in _parts(data, "facilityType")]
    lines = (
        address.get("streetAddress"), f"{address.get('postalCode', '')} {address.get('addressLocality', '')}"
    )  # fmt: skip
    return Facility(
        id=data["@id"],
        name=str(data.get("name", "")),
        activities=tuple(_ACTIVITY.get(label, label) for label in labels if label) or ("Övrigt",),
        place=str(place.get("name", "")),
        address=", ".join(str(line).strip() for line in lines if line and str(line).strip()),
        description=str(data.get("description", "")),
        seller=provider["@id"],
        seller_name=str(provider.get("name", "")),
        bookable=provider.get("isOpenBookingAllowed") is True,
        units={
            unit["@id"]: str(unit.get("name", ""))
            for unit in _parts(data, "individualFacilityUse")
            if unit.get("@id")
        },
    )


def _slot(item: Item) -> Slot | None:
    data = item.data
    try:
        start = moment(data["startDate"]).astimezone(timezone.utc)
        end = start + duration(data["duration"]).rest
        remaining = int(data["remainingUses"])
        offers = tuple(_offer(told, start) for told in _parts(data, "offers") if told.get("@id"))
        return Slot((item.kind, item.id), data["@id"], str(data["facilityUse"]), start, end, remaining,
                    item.modified, offers)  # fmt: skip
    except (KeyError, ValueError, TypeError):
        return None


def _offer(told: dict, start: datetime) -> Offer:
    def before(name: str) -> datetime | None:
        return duration(told[name]).before(start) if name in told else None

    price = ore_of(told.get("price"))
    return Offer(
        id=told["@id"],
        name=str(told.get("name", "")),
        price=price if not price or told.get("priceCurrency") == CURRENCY else None,
        available=told.get("openBookingInAdvance") != _UNAVAILABLE,
        opens=before("validFromBeforeStartDate"),
        closes=before("validThroughBeforeStartDate"),
        refundable=told.get("allowCustomerCancellationFullRefund") is True,
        cancel_until=before("latestCancellationBeforeStartDate"),
    )
