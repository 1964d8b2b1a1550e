"""Whether the data of an item is as the model has it: Modelling Opportunity Data 2.0 in the form of its
published validator, FacilityUse, Slot and Offer of a bookable feed."""

import re

from .dataset import is_absolute
from .moments import duration, moment
from .money import ore_of
from .rpde import Item

CONTEXT = "https://openactive.io/"
TAX_MODES = ("https://openactive.io/TaxGross", "https://openactive.io/TaxNet")
TYPE_OF = {
    "FacilityUse": "FacilityUse",
    "FacilityUse/Slot": "Slot",
    "IndividualFacilityUse/Slot": "Slot",
    "Order": "Order",
}
FACILITY_KINDS = ("FacilityUse",)
SLOT_KINDS = ("FacilityUse/Slot", "IndividualFacilityUse/Slot")

_ADDRESS = ("streetAddress", "addressLocality", "addressRegion", "postalCode", "addressCountry")
_SLOT_FIELDS = frozenset(
    {
        "@context", "@type", "@id", "identifier", "url", "facilityUse", "startDate", "endDate", "duration",
        "remainingUses", "maximumUses", "offers",
    }
)  # fmt: skip
_DEPRECATED = frozenset({"activity", "advanceBooking", "prepayment", "availableChannel"})
_URLS = frozenset({"@id", "url", "sameAs", "contentUrl", "inScheme", "taxMode"})
_MOMENTS = frozenset({"startDate", "endDate"})
_TAG = re.compile(r"</?[a-zA-Z][^>]*>|&[a-z]+;")


def check(item: Item, report) -> None:
    """Checks the data of an item of an open feed, or of the Orders feed."""

    def wrong(rule: str, about="") -> None:
        report(rule, f"{item.name}: {about}" if about != "" else item.name)

    data = item.data
    check_values(data, wrong)
    if data.get("@context") != CONTEXT:
        wrong("context", data.get("@context"))
    if data.get("@type") != TYPE_OF[item.kind]:
        wrong("type", data.get("@type"))
    if item.kind in SLOT_KINDS:
        _check_slot(data, wrong)
    elif item.kind in FACILITY_KINDS:
        _check_facility(data, wrong)


def check_values(value, wrong, name: str = "", nested: bool = False) -> None:
    """What holds of all data: nothing empty, whole addresses, plain text, moments with a zone."""
    if value is None:
        wrong("null", name)
    elif value in ("", [], {}):
        wrong("empty", name)
    elif isinstance(value, dict):
        for field, inner in value.items():
            if field == "@context" and nested:
                wrong("context", name)
            if field in _DEPRECATED:
                wrong("deprecated", field)
            check_values(inner, wrong, field, True)
    elif isinstance(value, list):
        for inner in value:
            check_values(inner, wrong, name, True)
    elif isinstance(value, str):
        if name in _URLS and not is_absolute(value):
            wrong("relative_url", f"{name} {value}")
        elif name in ("name", "description", "prefLabel") and _TAG.search(value):
            wrong("html", f"{name} {value}")
        elif name in _MOMENTS and not _is(moment, value):
            wrong("moment", f"{name} {value}")


def _is(read, value) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _need(data: dict, names: tuple, wrong, within: str = "") -> None:
    for name in names:
        if name not in data:
            wrong("missing", within + name)


def _objects(value) -> list:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


# === FACILITIES === #


def _check_facility(data: dict, wrong) -> None:
    _need(data, ("@id", "url", "name", "location", "provider", "facilityType"), wrong)
    for concept in _objects(data.get("facilityType")):
        _need(concept, ("@type", "@id", "prefLabel", "inScheme"), wrong, "facilityType.")
    provider = data.get("provider")
    if isinstance(provider, dict):
        _need(provider, ("@type", "@id", "name", "taxMode"), wrong, "provider.")
        if "taxMode" in provider and provider["taxMode"] not in TAX_MODES:
            wrong("tax_mode", provider["taxMode"])
    elif provider is not None:
        wrong("type", "provider")
    _check_place(data.get("location"), wrong)
    for unit in _objects(data.get("individualFacilityUse")):
        _need(unit, ("@type", "@id", "name"), wrong, "individualFacilityUse.")
        if unit.get("@type") != "IndividualFacilityUse":
            wrong("type", unit.get("@type"))
    if "offers" in data:
        _check_offers(data["offers"], wrong)


def _check_place(place, wrong) -> None:
    if not isinstance(place, dict):
        if place is not None:
            wrong("type", "location")
        return
    _need(place, ("@type", "name"), wrong, "location.")
    address = place.get("address")
    if address is None and place.get("geo") is None:
        wrong("place", place.get("name"))
    if isinstance(address, dict):
        _need(address, ("@type", *_ADDRESS), wrong, "address.")
        if "addressCountry" in address and not re.fullmatch("[A-Z]{2}", str(address["addressCountry"])):
            wrong("country", address["addressCountry"])
    elif address is not None:
        wrong("type", "address")


# === SLOTS === #


def _check_slot(data: dict, wrong) -> None:
    _need(data, ("@id", "facilityUse", "startDate", "duration", "remainingUses"), wrong)
    for name in data.keys() - _SLOT_FIELDS:
        wrong("unexpected", name)
    if not is_absolute(data.get("facilityUse")):
        wrong("relative_url", f"facilityUse {data.get('facilityUse')}")
    _check_length(data, wrong)
    for name in ("remainingUses", "maximumUses"):
        value = data.get(name, 0)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            wrong("number", f"{name} {value}")
            return
    if "maximumUses" in data and data.get("remainingUses", 0) > data["maximumUses"]:
        wrong("more_than_maximum", f"{data['remainingUses']} > {data['maximumUses']}")
    if not _objects(data.get("offers")):
        wrong("no_offer")
    else:
        _check_offers(data["offers"], wrong)


def _check_length(data: dict, wrong) -> None:
    if "duration" not in data:
        return
    try:
        length = duration(data["duration"])
    except ValueError:
        wrong("duration", data["duration"])
        return
    if length.months or not length.rest:
        wrong("duration", data["duration"])
        return
    try:
        start, end = moment(data["startDate"]), moment(data["endDate"])
    except (KeyError, ValueError):
        return  # is told elsewhere, or need not be there
    if end - start != length.rest:
        wrong("end", f"{data['startDate']} + {data['duration']}, {data['endDate']}")


def _check_offers(offers, wrong) -> None:
    seen = set()
    for offer in _objects(offers):
        _need(offer, ("@id", "@type"), wrong, "offers.")
        if offer.get("@type") != "Offer":
            wrong("type", offer.get("@type"))
        for name in ("@id", "name"):
            if (name, offer.get(name)) in seen and name in offer:
                wrong("offer_twice", offer[name])
            seen.add((name, offer.get(name)))
        try:
            price = ore_of(offer.get("price"))
        except ValueError:
            wrong("price", repr(offer.get("price")))
            continue
        if price < 0:
            wrong("price", offer["price"])
        if price and not re.fullmatch("[A-Z]{3}", str(offer.get("priceCurrency", ""))):
            wrong("currency", offer.get("priceCurrency", ""))
        for name in offer:
            if name.endswith("BeforeStartDate") and not _is(duration, offer[name]):
                wrong("duration", f"{name} {offer[name]}")
