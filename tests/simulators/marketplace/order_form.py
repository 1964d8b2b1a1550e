"""Whether a quote or an order that is answered has what was sent, and what the standard adds.

Open Booking API 1.0, "OrderQuote" and "Order", as its published validator and test suite have them.
"""

from .dataset import is_absolute

CONFIRMED = "https://openactive.io/OrderItemConfirmed"
_SELLER = ("@type", "@id", "name", "legalName", "taxMode", "address")
_SLOT = ("@type", "@id", "startDate", "duration", "remainingUses", "facilityUse")
_OF_ORDERS = ("@id", "orderItemStatus", "accessCode")  # of an item that is booked
_NOT_IN_FACILITY = ("offers", "event", "provider", "individualFacilityUse")


def check_form(told: dict, sent: dict, whole: bool, wrong) -> None:
    """Checks an answer.

    :param sent: what was asked
    :param whole: nothing was refused
    :param wrong: is told what is not as it should be
    """
    booked = told.get("@type") == "Order"
    for name in ("@context", "@id", "seller", "orderedItem", "totalPaymentDue", "bookingService"):
        if name not in told:
            wrong(f"{name} is missing")
    for name in ("brokerRole", "broker", "customer"):
        if told.get(name) != sent.get(name):
            wrong(f"{name} is not what was sent")
    if not booked and told.get("orderRequiresApproval") is not False:
        wrong("orderRequiresApproval is not false")
    if not booked and "payment" in told:
        wrong("a quote has a payment")
    _check_seller(told.get("seller"), sent.get("seller"), wrong)
    if booked and whole:
        if told.get("payment") != sent.get("payment"):
            wrong("payment is not what was sent")
        if not str(told.get("@id")).endswith(f"/orders/{told.get('identifier')}"):
            wrong("identifier is not the order's uuid")
    items = {item.get("position"): item for item in _objects(told.get("orderedItem"))}
    for asked in sent["orderedItem"]:
        item = items.get(asked["position"])
        if item and "error" not in item:
            _check_item(item, asked, booked and whole, lambda text: wrong(f"orderedItem: {text}"))


def _objects(value) -> list:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _check_seller(seller, asked: str, wrong) -> None:
    if not isinstance(seller, dict):
        wrong("seller is not told in full")
        return
    for name in _SELLER:
        if name not in seller:
            wrong(f"seller.{name} is missing")
    if seller.get("@id") != asked:
        wrong(f"seller {seller.get('@id')}")


def _check_item(item: dict, asked: dict, booked: bool, wrong) -> None:
    offer, slot = item.get("acceptedOffer"), item.get("orderedItem")
    for name, value in (("acceptedOffer", offer), ("orderedItem", slot)):
        if not isinstance(value, dict):
            wrong(f"{name} is not told in full")
        elif value.get("@id") != asked[name]:
            wrong(f"{name} {value.get('@id')}")
    if isinstance(slot, dict):
        _check_slot(slot, booked, wrong)
    for name in _OF_ORDERS[:2] if booked else ():
        if name not in item:
            wrong(f"{name} is missing")
    if booked and item.get("orderItemStatus", CONFIRMED) != CONFIRMED:
        wrong(f"orderItemStatus {item['orderItemStatus']}")
    for name in () if booked else _OF_ORDERS:
        if name in item:
            wrong(f"{name} of a quote")


def _check_slot(slot: dict, booked: bool, wrong) -> None:
    for name in _SLOT:
        # What is repeated word for word may leave out what changes.
        if name not in slot and not (booked and name == "remainingUses"):
            wrong(f"orderedItem.{name} is missing")
    if "offers" in slot:
        wrong("orderedItem.offers")
    facility = slot.get("facilityUse")
    if not isinstance(facility, dict):
        if "facilityUse" in slot:
            wrong("orderedItem.facilityUse is not told in full")
        return
    if facility.get("@type") == "IndividualFacilityUse":
        facility = facility.get("aggregateFacilityUse")
        if not isinstance(facility, dict):
            wrong("aggregateFacilityUse is missing")
            return
    for name in _NOT_IN_FACILITY:
        if name in facility:
            wrong(f"orderedItem.facilityUse.{name}")
    for name in ("@type", "@id", "name", "location"):
        if name not in facility:
            wrong(f"orderedItem.facilityUse.{name} is missing")
    if not is_absolute(facility.get("@id", "http://x")):
        wrong(f"orderedItem.facilityUse {facility['@id']}")
