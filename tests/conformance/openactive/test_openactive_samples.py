"""Samples of feeds, requests and answers that pass OpenActive's validators: the same is made of the same."""

import dataclasses
import json
from datetime import time, timedelta
from decimal import Decimal

import pytest
from brp_openactive.openactive import (
    ERRORS,
    AccessCode,
    Address,
    BookingError,
    BookingService,
    BrokerRole,
    FacilityType,
    FacilityUse,
    Ids,
    ItemStatus,
    Lease,
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
    b_answer,
    c1_answer,
    c2_answer,
    error_answer,
    facility_use_data,
    feed_page,
    order_data,
    order_status,
    read_cancellation,
    read_duration,
    read_instant,
    read_request,
    slot_data,
)

STEPS = {Step.C1: "c1_request.json", Step.C2: "c2_request.json", Step.B: "b_request.json"}
# What is not told of an offer that can only be booked and paid in advance; and how many places are left,
# which would make every answer to the same booking another one.
LEFT_OUT = {"openBookingInAdvance"}


@pytest.fixture
def samples(reference):
    return reference("openactive")


@pytest.fixture
def load(samples):
    return lambda name: json.loads((samples / name).read_bytes(), parse_float=Decimal)


@pytest.fixture
def ids(load):
    return Ids(load("item_Slot.json")["@id"].partition("/facility-uses/")[0])


def without(data, left_out):
    """Return JSON data without some properties, however deep."""
    if isinstance(data, dict):
        return {name: without(value, left_out) for name, value in data.items() if name not in left_out}
    return [without(each, left_out) for each in data] if isinstance(data, list) else data


def again(text):
    return json.loads(text, parse_float=Decimal)


# -- samples as values ------------------------------------------------------------------------------------


def address(data):
    names = ("streetAddress", "addressLocality", "addressRegion", "postalCode", "addressCountry")
    return Address(*(data[name] for name in names))


def terms(data):
    return tuple(
        Terms(each["@type"], each["name"], each["url"], each["requiresExplicitConsent"])
        for each in data["termsOfService"]
    )


def seller(provider, told):
    """Return the seller as a feed and as an answer tell it."""
    return Seller(
        told["@id"],
        told["name"],
        told["legalName"],
        address(told["address"]),
        email=told["email"],
        url=told["url"],
        telephone=told["telephone"],
        vat_id=told["vatID"],
        logo_url=told["logo"]["url"],
        same_as=tuple(provider["sameAs"]),
        terms=terms(told),
        is_open_booking_allowed=provider["isOpenBookingAllowed"],
    )


def offer(data):
    def duration(name):
        return read_duration(data[name]) if name in data else None

    return Offer(
        data["@id"],
        data["name"],
        Decimal(data["price"]),
        data["priceCurrency"],
        valid_from_before_start=duration("validFromBeforeStartDate"),
        valid_through_before_start=duration("validThroughBeforeStartDate"),
        is_cancellation_allowed=data["allowCustomerCancellationFullRefund"],
        latest_cancellation_before_start=duration("latestCancellationBeforeStartDate"),
    )


def place(data):
    return Place(
        data["name"],
        address(data["address"]),
        id=data["@id"],
        latitude=data["geo"]["latitude"],
        longitude=data["geo"]["longitude"],
        url=data["url"],
        telephone=data["telephone"],
        description=data["description"],
    )


def facility_use(data, provider):
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    return FacilityUse(
        data["@id"],
        data["name"],
        data["url"],
        provider,
        place(data["location"]),
        tuple(
            FacilityType(each["@id"], each["prefLabel"], each["inScheme"]) for each in data["facilityType"]
        ),
        description=data["description"],
        image_urls=tuple(each["url"] for each in data["image"]),
        identifier=data["identifier"],
        opening_hours=tuple(
            OpeningHours(
                tuple(days.index(day.rpartition("/")[2]) for day in each["dayOfWeek"]),
                time.fromisoformat(each["opens"]),
                time.fromisoformat(each["closes"]),
            )
            for each in data["hoursAvailable"]
        ),
        offers=tuple(map(offer, data["offers"])),
    )


@pytest.fixture
def padel(load):
    data = load("item_FacilityUse.json")
    return facility_use(data, seller(data["provider"], load("b_response_201.json")["seller"]))


@pytest.fixture
def slot(load, padel):
    data = load("item_Slot.json")
    return Slot(
        data["@id"],
        padel,
        read_instant(data["startDate"]),
        read_instant(data["endDate"]),
        data["remainingUses"],
        data["maximumUses"],
        tuple(map(offer, data["offers"])),
        identifier=data["identifier"],
    )


@pytest.fixture
def make_order(load, samples, ids, slot):
    """Return a function that makes the order, or quote, that a request asks for."""
    told = load("b_response_201.json")
    # The answers among the samples tell less of the facility than its own item does.
    less = dataclasses.replace(slot.facility_use, identifier=None, opening_hours=())
    slot = dataclasses.replace(slot, facility_use=less)

    def make(step, number="", lease=None, **of_item):
        request = read_request((samples / STEPS[step]).read_bytes(), step)
        for check in (
            request.check_broker,
            request.check_customer,
            request.check_seller,
            request.check_items,
        ):
            check()
        (asked,) = request.items
        assert (asked.slot_id, asked.offer_id, asked.error) == (slot.id, slot.offers[0].id, None)
        assert request.seller_id == slot.facility_use.provider.id
        # 6 % VAT of 320 kronor with VAT: 320 × 6 / 106
        taxes = (Tax("Moms 6 %", Decimal("0.06"), Decimal("18.11"), "VAT-6"),)
        item = OrderItem(slot, slot.offers[0], asked.position, taxes=taxes, **of_item)
        service = told["bookingService"]
        order = Order(
            ids,
            told["identifier"],
            (item,),
            slot.facility_use.provider,
            request.broker_role,
            request.broker,
            request.customer,
            request.payment,
            BookingService(service["name"], service["url"], terms(service)),
            number,
            lease,
        )
        request.check_payment(order.total_due)
        request.check_total(order.total_due)
        return order

    return make


@pytest.fixture
def booked(load):
    """What an item has once it is booked."""
    (told,) = load("b_response_201.json")["orderedItem"]
    (code,) = told["accessCode"]
    return {
        "id": told["@id"],
        "status": ItemStatus(told["orderItemStatus"]),
        "access_codes": (AccessCode(code["name"], code["description"]),),
    }


# -- feeds ------------------------------------------------------------------------------------------------


def test_items(load, padel, slot):
    assert again(facility_use_data(padel)) == load("item_FacilityUse.json")
    assert again(slot_data(slot)) == without(load("item_Slot.json"), LEFT_OUT)


@pytest.mark.parametrize(
    "name",
    [
        "feed_facility_uses_page1.json",
        "feed_slots_page1.json",
        "feed_slots_last_page.json",
        "orders_feed_page1.json",
    ],
)
def test_pages(load, name):
    page = load(name)
    rows = [
        (
            item["modified"],
            item["kind"],
            item["id"],
            json.dumps(item["data"], default=float) if "data" in item else None,
        )
        for item in page["items"]
    ]
    assert again(feed_page(rows, page["next"], page.get("license"))) == page


# -- answers ----------------------------------------------------------------------------------------------


def test_quotes(load, make_order):
    answer = c1_answer(make_order(Step.C1))
    assert answer.status == 200
    expected = without(load("c1_response.json"), LEFT_OUT)
    told = again(answer.body)
    assert told == expected

    lease = Lease(read_instant(load("c2_response_with_lease.json")["lease"]["leaseExpires"]))
    told = again(c2_answer(make_order(Step.C2, lease=lease)).body)
    assert told == without(load("c2_response_with_lease.json"), LEFT_OUT)


def test_a_quote_of_a_slot_that_is_full(load, make_order):
    expected = without(load("c1_response_409_full.json"), LEFT_OUT | {"remainingUses", "name"})
    (told,) = expected["orderedItem"][0]["error"]
    error = BookingError(told["@type"], told["description"], told["instance"])
    answer = c1_answer(make_order(Step.C1, errors=(error,)))
    assert answer.status == 409
    assert without(again(answer.body), {"remainingUses", "name"}) == expected


def test_bookings(load, make_order, booked):
    order = make_order(Step.B, "MP00042", **booked)
    left_out = LEFT_OUT | {"remainingUses"}
    answer = b_answer(order)
    assert answer.status == 201
    assert again(answer.body) == without(load("b_response_201.json"), left_out)
    status = order_status(order)
    assert status.status == 200
    assert again(status.body) == without(load("order_status.json"), left_out)


def test_a_cancelled_order_in_the_feed(load, make_order, booked):
    order = make_order(Step.B, "MP00042", **booked)
    message = "Banan är stängd för underhåll."
    item = dataclasses.replace(
        order.items[0], status=ItemStatus.SELLER_CANCELLED, cancellation_message=message
    )
    assert again(order_data(dataclasses.replace(order, items=(item,)))) == load("orders_feed_item.json")


def test_errors(load, samples):
    paths = sorted(samples.glob("error_*.json"))
    assert len(paths) >= 5
    for path in paths:
        told = load(path.name)
        error = BookingError(told["@type"], told["description"], told["instance"])
        answer = error_answer(error)
        assert answer.status == told["statusCode"] == ERRORS[told["@type"]].status
        assert without(again(answer.body), {"name"}) == without(told, {"name"})


# -- requests ---------------------------------------------------------------------------------------------


def test_requests(load, samples):
    c1, c2, b = (read_request((samples / name).read_bytes(), step) for step, name in STEPS.items())
    sent = load("b_request.json")
    assert (c1.broker_role, c1.broker, c1.customer) == (BrokerRole.AGENT, sent["broker"], None)
    assert c2.customer == b.customer == sent["customer"]
    assert (b.payment, b.total_due, b.currency) == (sent["payment"], Decimal(320), "SEK")
    assert len({c1.fingerprint, c2.fingerprint, b.fingerprint}) == 3


def test_a_cancellation(load, samples, ids, booked):
    body = (samples / "patch_cancel_request.json").read_bytes()
    read = read_cancellation(body, ids, load("b_response_201.json")["identifier"])
    assert (read.item_ids, read.numbers) == ((booked["id"],), (9001,))


def test_an_hour(slot):
    assert slot.duration == timedelta(hours=1)
