"""A Swedish hall in OpenActive's terms: four padel courts that are alike, two named rooms, and a marketplace.

Imported by the tests next to this file.
"""

import json
from datetime import datetime, time, timedelta, timezone
from decimal import Decimal

from brp_openactive.openactive import (
    FACILITY_TYPES,
    AccessCode,
    Address,
    BookingService,
    DatasetSite,
    FacilityType,
    FacilityUse,
    Ids,
    IndividualFacilityUse,
    ItemStatus,
    Offer,
    OpeningHours,
    Order,
    OrderItem,
    Place,
    Seller,
    Slot,
    Step,
    Tax,
    Terms,
    read_request,
)

IDS = Ids("https://boka.example.se/openactive/1")
UUID = "3f0c5a52-9d0e-4b7e-8a11-1f2f7f0d9c01"
OTHER_UUID = "b1a7d1c4-2f3e-4c55-9a77-0c1d2e3f4a5b"
START = datetime(2031, 5, 9, 16, 30, tzinfo=timezone.utc)

ADDRESS = Address("Hallvägen 3", "Sundby", "Uppsala län", "745 99")
SELLER = Seller(
    IDS.seller(1),
    "Sundby Aktivitetscenter",
    "Sundby Aktivitetscenter AB",
    ADDRESS,
    email="info@example.se",
    url="https://www.example.se/",
    telephone="+46 18 00 00 00",
    vat_id="SE556000000001",
    logo_url="https://www.example.se/logo.png",
    same_as=("https://social.example.com/sundby",),
    terms=(
        Terms("PrivacyPolicy", "Integritetspolicy", "https://www.example.se/integritet"),
        Terms("TermsOfUse", "Bokningsvillkor", "https://www.example.se/villkor", True),
    ),
)
PLACE = Place(
    "Sundbyhallen",
    ADDRESS,
    id=IDS.place(7),
    latitude=Decimal("59.8586"),
    longitude=Decimal("17.6389"),
    url="https://www.example.se/hitta-hit",
    telephone="+46 18 00 00 00",
    description="Hall med padel och gruppträning.",
)
PADEL_COURT = FacilityType(f"{FACILITY_TYPES}#7a13f426-d2bc-4464-8a9b-18b30569b263", "Padel Tennis Court")
MULTI_ROOM = FacilityType(f"{FACILITY_TYPES}#d365ee78-4aab-48f7-848e-382fb721f7c4", "Multi Purpose Room")

PADEL = FacilityUse(
    IDS.facility_use("padel"),
    "Padelbana",
    "https://www.example.se/boka/padel",
    provider=SELLER,
    location=PLACE,
    facility_types=(PADEL_COURT,),
    description="Inomhus. Racket finns att låna.",
    image_urls=("https://www.example.se/padel.jpg",),
    identifier=10,
    opening_hours=(
        OpeningHours((0, 1, 2, 3, 4), time(6), time(22, 30)),
        OpeningHours((5, 6), time(8), time(20)),
    ),
    offers=(Offer("https://www.example.se/boka/padel#/offers/60", "60 minuter", Decimal(340)),),
)
SAL_A = IndividualFacilityUse(IDS.individual_facility_use("sal", 21), "Sal A")
SAL_B = IndividualFacilityUse(IDS.individual_facility_use("sal", 22), "Sal B")
ROOMS = FacilityUse(
    IDS.facility_use("sal"),
    "Gruppträningssal",
    "https://www.example.se/boka/sal",
    provider=SELLER,
    location=PLACE,
    facility_types=(MULTI_ROOM,),
    individual_facility_uses=(SAL_A, SAL_B),
)

VAT_6 = "Moms 6 %", Decimal("0.06")


def offer(slot=501, price="340", **more):
    """Return an offer that can be booked from two weeks to two hours before, and cancelled a day before."""
    told = {
        "valid_from_before_start": timedelta(days=14),
        "valid_through_before_start": timedelta(hours=2),
        "is_cancellation_allowed": True,
        "latest_cancellation_before_start": timedelta(days=1),
    }
    return Offer(IDS.offer(slot, 1), "60 minuter", Decimal(price), **told | more)


def padel_slot(key=501, remaining=3, **more):
    """Return an hour of padel, with four courts."""
    more = {"offers": (offer(key),), **more}
    return Slot(IDS.slot(key), PADEL, START, START + timedelta(hours=1), remaining, maximum=4, **more)


def room_slot(key=601, remaining=1, **more):
    """Return one and a half hour of a room."""
    more = {"offers": (offer(key, "500"),), "individual_facility_use": SAL_A, **more}
    return Slot(IDS.slot(key), ROOMS, START, START + timedelta(minutes=90), remaining, maximum=1, **more)


def vat(amount):
    return (Tax(*VAT_6, Decimal(amount), "VAT-6"),)


def request(step, **changes):
    """Return what a marketplace sends, as a ``dict``; a change to None leaves a property out."""
    sent = {
        "@context": "https://openactive.io/",
        "@type": step.type,
        "brokerRole": "https://openactive.io/AgentBroker",
        "broker": {
            "@type": "Organization",
            "name": "Fritidstorget",
            "url": "https://fritidstorget.example.com/",
            "email": "hej@fritidstorget.example.com",
            "logo": {"@type": "ImageObject", "url": "https://fritidstorget.example.com/logo.png"},
        },
        "seller": SELLER.id,
        "orderedItem": [requested_item(0)],
    }
    if step is not Step.C1:
        sent["customer"] = {
            "@type": "Person",
            "email": "alva@example.com",
            "givenName": "Alva",
            "familyName": "Exempel",
            "telephone": "+46 70 000 00 00",
        }
    if step is Step.B:
        sent["totalPaymentDue"] = {"@type": "PriceSpecification", "price": 340, "priceCurrency": "SEK"}
        sent["payment"] = {
            "@type": "Payment",
            "identifier": "FT-2031-77",
            "name": "Fritidstorget kort",
            "accountId": "SUNDBY",
            "paymentProviderId": "STRIPE",
        }
    sent |= changes
    return {name: value for name, value in sent.items() if value is not None}


def requested_item(position, slot=501, **changes):
    sent = {
        "@type": "OrderItem",
        "position": position,
        "orderedItem": IDS.slot(slot),
        "acceptedOffer": IDS.offer(slot, 1),
    } | changes
    return {name: value for name, value in sent.items() if value is not None}


def body(sent):
    return json.dumps(sent).encode()


def read(step, **changes):
    """Return the request as it is read; see :func:`request`."""
    return read_request(body(request(step, **changes)), step)


def cancellation(*numbers, uuid=UUID, **changes):
    """Return what a marketplace sends to cancel items."""
    items = [
        {
            "@type": "OrderItem",
            "@id": IDS.order_item(uuid, number),
            "orderItemStatus": "https://openactive.io/CustomerCancelled",
        }
        | changes
        for number in numbers
    ]
    return {"@context": "https://openactive.io/", "@type": "Order", "orderedItem": items}


def quoted(slot=None, position=0, **more):
    """Return an item of a quote."""
    slot = slot or padel_slot()
    return OrderItem(slot, slot.offers[0], position, **{"taxes": vat("19.25"), **more})


def booked(slot=None, number=1, position=0, **more):
    """Return an item that is booked."""
    more = {
        "id": IDS.order_item(UUID, number),
        "status": ItemStatus.CONFIRMED,
        "access_codes": (AccessCode("Bokningsnummer", "MP00042"),),
        **more,
    }
    return quoted(slot, position, **more)


def order(*items, step=Step.B, **more):
    """Return an order, or a quote, of the request that :func:`request` tells."""
    asked = read(step)
    told = {
        "seller": SELLER,
        "broker_role": asked.broker_role,
        "broker": asked.broker,
        "customer": asked.customer,
        "payment": asked.payment,
        "booking_service": BookingService("BRP", "https://brp.example.com/", SELLER.terms[1:]),
        "number": "MP00042" if step is Step.B else "",
    }
    return Order(IDS, UUID, items, **told | more)


def site(**more):
    published = datetime(2031, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    told = {
        "publisher": SELLER,
        "landing_page": "https://www.example.se/partner",
        "terms_url": "https://www.example.se/partnervillkor",
        "background_image_url": "https://www.example.se/hall.jpg",
    }
    return DatasetSite(
        IDS,
        "Sundby Aktivitetscenter",
        discussion_url="https://www.example.se/fragor",
        published=published,
        modified=published + timedelta(days=9),
        booking_service=BookingService("BRP", "https://brp.example.com/", software_version="19.0"),
        **told | more,
    )
