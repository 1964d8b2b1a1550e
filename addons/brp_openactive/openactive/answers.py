"""What the Open Booking API answers, and the data of its Orders feed, as JSON.

Source: Open Booking API 1.0; what may not be where is as the data models 3.0.9 of OpenActive have it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from .documents import without_empty, write_text
from .errors import ERRORS, BookingError
from .facilities import Offer, Slot
from .json_ld import (
    CONTEXT,
    facility_use_object,
    individual_facility_use_object,
    offer_object,
    seller_object,
    slot_times,
    terms_objects,
)
from .moments import write_instant
from .orders import BookingService, Order, OrderItem, Tax

#: of requests and answers of the Open Booking API, and of its Orders feed
MEDIA_TYPE = "application/vnd.openactive.booking+json; version=1"


class Answer(NamedTuple):
    """What is sent back.

    :ivar status: of HTTP
    :ivar body: JSON, of ``MEDIA_TYPE``, to be sent as UTF-8
    """

    status: int
    body: str


# -- answers ------------------------------------------------------------------------------------------------


def c1_answer(order: Order, lang: str = "en") -> Answer:
    """Return a quote without the customer: 200, or 409 when items have errors, which are told with them.

    :param lang: of errors' own words: ``en`` or ``sv``
    :raises ValueError: the order has no seller
    """
    return _quote(order, _parties(order, customer=False, reference=False), lang)


def c2_answer(order: Order, lang: str = "en") -> Answer:
    """Return a quote with the customer; see :func:`c1_answer`."""
    return _quote(order, _parties(order, reference=False), lang)


def b_answer(order: Order, lang: str = "en") -> Answer:
    """Return what was booked, 201; or 409 when items have errors: then nothing was, and no id is told.

    The same order always gives the same text, since how many places are left is not told.

    :param lang: of errors' own words: ``en`` or ``sv``
    :raises ValueError: an item that was booked has no id or no status, or the order no number or no seller
    """
    if order.has_errors:
        return _answer(409, order, {"@type": "Order", **_parties(order)}, _wanted_items(order, lang))
    items = [_booked_item(item, order) | {"position": item.position} for item in order.items]
    return _answer(201, order, {**_identity(order), **_parties(order)}, items)


def order_status(order: Order) -> Answer:
    """Return an order as it is now; see :func:`b_answer`."""
    if order.has_errors:
        raise ValueError(f"the order {order.uuid} was never booked")
    items = [_booked_item(item, order) for item in order.items]
    return _answer(200, order, {**_identity(order), **_parties(order)}, items)


def error_answer(error: BookingError, lang: str = "en") -> Answer:
    """Return an error that is an answer of its own; one of an item may be told so as well.

    :param lang: of the error's own words: ``en`` or ``sv``
    """
    body = {"@context": CONTEXT, **_error(error, lang), "statusCode": error.status}
    return Answer(error.status, write_text(body))


def order_data(order: Order) -> str:
    """Return the data of an order's item in the Orders feed, as JSON. It has no personal data.

    :raises ValueError: an item has no id or no status
    """
    data = {
        "@context": CONTEXT,
        "@type": "Order",
        "@id": order.ids.order(order.uuid),
        "identifier": order.uuid,
        **_totals(order),
        "orderedItem": [
            {"@type": "OrderItem", **_item_identity(item, order), **_afterwards(item)} for item in order.items
        ],
    }
    return write_text(data)


# -- their parts --------------------------------------------------------------------------------------------


def _answer(status: int, order: Order, data: dict, items: list[dict]) -> Answer:
    body = {"@context": CONTEXT, **data, "orderedItem": items, **_totals(order)}
    return Answer(status, write_text(body))


def _quote(order: Order, parties: dict, lang: str) -> Answer:
    data = {"@type": "OrderQuote", "@id": order.ids.quote(order.uuid), "orderRequiresApproval": False}
    if order.lease:
        data["lease"] = {"@type": "Lease", "leaseExpires": write_instant(order.lease.expires)}
    return _answer(409 if order.has_errors else 200, order, data | parties, _wanted_items(order, lang))


def _identity(order: Order) -> dict:
    """Return what an order is known by, once it is booked."""
    if not order.number:
        raise ValueError(f"the order {order.uuid} has no number")
    return {
        "@type": "Order",
        "@id": order.ids.order(order.uuid),
        "identifier": order.uuid,
        "orderNumber": order.number,
    }


def _parties(order: Order, customer: bool = True, reference: bool = True) -> dict:
    """Return who takes part and how it is paid.

    :param reference: whether the payment's identifier is told, as it must not be in quotes
    """
    if not order.seller:
        raise ValueError(f"the order {order.uuid} has no seller")
    payment = dict(order.payment or {})
    if not reference:
        payment.pop("identifier", None)
    return without_empty(
        {
            "brokerRole": order.broker_role.value,
            "broker": order.broker,
            "seller": seller_object(order.seller),
            "bookingService": _booking_service(order.booking_service),
            "customer": order.customer if customer else None,
            "payment": payment,
        }
    )


def _booking_service(service: BookingService | None) -> Mapping | None:
    return service and without_empty(
        {
            "@type": "BookingService",
            "name": service.name,
            "url": service.url,
            "termsOfService": terms_objects(service.terms),
        }
    )


def _totals(order: Order) -> dict:
    due = {"@type": "PriceSpecification", "price": order.total_due, "priceCurrency": order.currency}
    return without_empty(
        {
            "totalPaymentDue": due,
            "totalPaymentTax": [_tax(tax, order.currency) for tax in order.total_taxes],
        }
    )


def _tax(tax: Tax, currency: str) -> dict:
    return without_empty(
        {
            "@type": "TaxChargeSpecification",
            "name": tax.name,
            "identifier": tax.identifier,
            "price": tax.amount,
            "priceCurrency": currency,
            "rate": tax.rate,
        }
    )


def _wanted_items(order: Order, lang: str) -> list[dict]:
    """Return the items of what is not booked, or not yet."""
    items = []
    for item in order.items:
        told = {"@type": "OrderItem", "position": item.position, **_contents(item, order, places=True)}
        if item.errors:
            told["error"] = [_error(error, lang) for error in item.errors]
        items.append(told)
    return items


def _booked_item(item: OrderItem, order: Order) -> dict:
    return {
        "@type": "OrderItem",
        **_item_identity(item, order),
        **_contents(item, order, places=False),
        **_afterwards(item),
    }


def _item_identity(item: OrderItem, order: Order) -> dict:
    if not item.id or not item.status:
        raise ValueError(f"an item of the order {order.uuid} has no id or no status")
    return {"@id": item.id, "orderItemStatus": item.status.value}


def _contents(item: OrderItem, order: Order, places: bool) -> dict:
    """Return which slot it is, and for what price."""
    told = {}
    if item.slot:
        told["orderedItem"] = _slot(item.slot, places) if isinstance(item.slot, Slot) else item.slot
    if item.offer:
        told["acceptedOffer"] = offer_object(item.offer) if isinstance(item.offer, Offer) else item.offer
    if item.taxes:
        told["unitTaxSpecification"] = [_tax(tax, order.currency) for tax in item.taxes]
    return told


def _afterwards(item: OrderItem) -> dict:
    """Return what is told of an item once it is booked."""
    return without_empty(
        {
            "accessCode": [
                {"@type": "PropertyValue", "name": code.name, "description": code.description}
                for code in item.access_codes
            ],
            "cancellationMessage": item.cancellation_message,
            "customerNotice": item.customer_notice,
        }
    )


def _slot(slot: Slot, places: bool) -> dict:
    """Return a slot with its facility."""
    told = slot_times(slot)
    if places:
        told["remainingUses"] = slot.remaining
    if slot.maximum is not None:
        told["maximumUses"] = slot.maximum
    facility_use = facility_use_object(slot.facility_use)
    if slot.individual_facility_use:
        individual = individual_facility_use_object(slot.individual_facility_use)
        told["facilityUse"] = individual | {"aggregateFacilityUse": facility_use}
    else:
        told["facilityUse"] = facility_use
    return told


def _error(error: BookingError, lang: str) -> dict:
    swedish = lang.startswith("sv")
    known = ERRORS[error.type]
    return without_empty(
        {
            "@type": error.type,
            "name": known.swedish if swedish else known.english,
            "description": error.text(lang),
            "instance": error.instance,
        }
    )
