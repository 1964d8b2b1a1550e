"""Quotes, bookings, statuses and the Orders feed: figures worked out by hand, and what may not be where."""

import dataclasses
import datetime as datetime_module
import json
import textwrap
from datetime import timedelta
from decimal import Decimal

import pytest
from brp_openactive import openactive
from brp_openactive.openactive import (
    ERRORS,
    AccessCode,
    BookingError,
    ItemStatus,
    Lease,
    Order,
    Step,
    Tax,
    b_answer,
    c1_answer,
    c2_answer,
    error_answer,
    order_data,
    order_status,
    slot_data,
)
from openactive_hall import (
    IDS,
    ROOMS,
    SAL_A,
    START,
    UUID,
    body,
    booked,
    offer,
    order,
    padel_slot,
    quoted,
    request,
    room_slot,
    vat,
)

FULL = BookingError("OpportunityIsFullError")
SEK = {"priceCurrency": "SEK"}


def told(answer):
    return json.loads(answer.body, parse_float=Decimal)


def due(price):
    return {"@type": "PriceSpecification", "price": price, **SEK}


def tax(price, name="Moms 6 %", rate="0.06", identifier="VAT-6"):
    return {
        "@type": "TaxChargeSpecification",
        "name": name,
        "identifier": identifier,
        "price": price,
        **SEK,
        "rate": Decimal(rate),
    }


# -- sums ---------------------------------------------------------------------------------------------------


def test_totals_are_added_up_item_by_item():
    # VAT of each: 340 × 6/106 = 19.245… → 19.25, 99.90 × 25/125 = 19.98. Of the sum 680: 38.49, not 38.50.
    dear = padel_slot(502, offers=(offer(502, "99.90"),))
    towels = (Tax("Moms 25 %", Decimal("0.25"), Decimal("19.98"), "VAT-25"),)
    quote = order(quoted(), quoted(position=1), quoted(dear, 2, taxes=towels), step=Step.C1)
    assert quote.total_due == Decimal("779.90")
    answer = told(c1_answer(quote))
    assert answer["totalPaymentDue"] == due(Decimal("779.9"))
    assert answer["totalPaymentTax"] == [
        tax(Decimal("38.5")),
        tax(Decimal("19.98"), "Moms 25 %", "0.25", "VAT-25"),
    ]
    for taxes, identifier in zip(answer["totalPaymentTax"], ("VAT-6", "VAT-25"), strict=True):
        parts = [each["unitTaxSpecification"][0] for each in answer["orderedItem"]]
        assert taxes["price"] == sum(part["price"] for part in parts if part["identifier"] == identifier)


def test_items_that_cannot_be_booked_are_left_out_of_the_totals():
    quote = order(quoted(errors=(FULL,)), quoted(room_slot(), 1, taxes=vat("28.30")), step=Step.C2)
    answer = c2_answer(quote)
    assert answer.status == 409
    assert told(answer)["totalPaymentDue"] == due(500)
    assert told(answer)["totalPaymentTax"] == [tax(Decimal("28.3"))]
    nothing = c1_answer(order(quoted(errors=(FULL,)), step=Step.C1))
    assert told(nothing)["totalPaymentDue"] == due(0)
    assert told(nothing)["totalPaymentTax"] == [tax(0)]


def test_items_that_are_cancelled_are_left_out_of_the_totals():
    room = booked(room_slot(), 2, 1, taxes=vat("28.30"))
    for status, total in (
        (ItemStatus.CONFIRMED, 840),
        (ItemStatus.CUSTOMER_CANCELLED, 500),
        (ItemStatus.SELLER_CANCELLED, 500),
        (ItemStatus.ATTENDED, 840),
        (ItemStatus.ABSENT, 840),
    ):
        assert order(booked(status=status), room).total_due == total


def test_a_free_booking_has_no_taxes():
    free = padel_slot(offers=(offer(price="0"),))
    answer = told(c2_answer(order(quoted(free, taxes=()), step=Step.C2)))
    assert answer["totalPaymentDue"] == due(0)
    assert "totalPaymentTax" not in answer and "unitTaxSpecification" not in answer["orderedItem"][0]


# -- quotes -------------------------------------------------------------------------------------------------


def test_a_quote():
    answer = c1_answer(order(quoted(), step=Step.C1))
    assert answer.status == 200
    data = told(answer)
    assert list(data) == [
        "@context", "@type", "@id", "orderRequiresApproval", "brokerRole", "broker", "seller",
        "bookingService", "orderedItem", "totalPaymentDue", "totalPaymentTax",
    ]  # fmt: skip
    assert (data["@type"], data["@id"]) == ("OrderQuote", IDS.quote(UUID))
    assert data["orderRequiresApproval"] is False
    (item,) = data["orderedItem"]
    assert list(item) == ["@type", "position", "orderedItem", "acceptedOffer", "unitTaxSpecification"]
    assert item["orderedItem"] == {
        "@type": "Slot",
        "@id": IDS.slot(501),
        "startDate": "2031-05-09T16:30:00Z",
        "endDate": "2031-05-09T17:30:00Z",
        "duration": "PT1H",
        "remainingUses": 3,
        "maximumUses": 4,
        "facilityUse": item["orderedItem"]["facilityUse"],
    }
    assert item["orderedItem"]["facilityUse"]["name"] == "Padelbana"
    assert data["seller"]["legalName"] == "Sundby Aktivitetscenter AB"
    assert [terms["requiresExplicitConsent"] for terms in data["seller"]["termsOfService"]] == [False, True]
    assert data["seller"]["logo"] == {"@type": "ImageObject", "url": "https://www.example.se/logo.png"}


def test_the_offer_is_the_one_of_the_feed():
    (item,) = told(c1_answer(order(quoted(), step=Step.C1)))["orderedItem"]
    assert [item["acceptedOffer"]] == json.loads(slot_data(padel_slot()))["offers"]


def test_a_slot_of_a_room_tells_the_room_and_its_facility():
    (item,) = told(c2_answer(order(quoted(room_slot()), step=Step.C2)))["orderedItem"]
    use = item["orderedItem"]["facilityUse"]
    assert (use["@type"], use["@id"], use["name"]) == ("IndividualFacilityUse", SAL_A.id, "Sal A")
    assert use["aggregateFacilityUse"]["@id"] == ROOMS.id
    assert not {"individualFacilityUse", "provider", "offers"} & set(use["aggregateFacilityUse"])


def test_a_quote_tells_the_customer_only_when_it_was_told():
    known = order(quoted(), step=Step.B, lease=Lease(START - timedelta(days=3)))
    assert "customer" not in told(c1_answer(known))
    data = told(c2_answer(known))
    assert data["customer"] == request(Step.C2)["customer"]
    assert data["lease"] == {"@type": "Lease", "leaseExpires": "2031-05-06T16:30:00Z"}


@pytest.mark.parametrize("make", [c1_answer, c2_answer])
def test_a_quote_tells_the_payment_without_its_reference(make):
    assert told(make(order(quoted(), step=Step.B)))["payment"] == {
        "@type": "Payment",
        "name": "Fritidstorget kort",
        "accountId": "SUNDBY",
        "paymentProviderId": "STRIPE",
    }


def test_errors_of_items_are_told_in_the_language_that_is_asked_for():
    full = BookingError("OpportunityIsFullError", instance=IDS.slot(501))
    quote = order(quoted(errors=(full,)), quoted(position=1), step=Step.C2)
    first, second = told(c2_answer(quote, "sv"))["orderedItem"]
    assert first["error"] == [
        {
            "@type": "OpportunityIsFullError",
            "name": "Tiden är redan bokad.",
            "description": "Tiden är redan bokad.",
            "instance": IDS.slot(501),
        }
    ]
    assert "error" not in second
    assert told(c2_answer(quote))["orderedItem"][0]["error"][0]["name"] == "The time is already booked."


# -- bookings -----------------------------------------------------------------------------------------------


def test_a_booking():
    answer = b_answer(order(booked()))
    assert answer.status == 201
    data = told(answer)
    assert (data["@type"], data["@id"], data["identifier"]) == ("Order", IDS.order(UUID), UUID)
    assert data["orderNumber"] == "MP00042"
    assert data["payment"] == request(Step.B)["payment"]
    assert data["customer"] == request(Step.B)["customer"]
    assert not {"lease", "orderRequiresApproval"} & set(data)
    (item,) = data["orderedItem"]
    assert item["@id"] == f"{IDS.order(UUID)}#/orderedItem/1"
    assert (item["orderItemStatus"], item["position"]) == ("https://openactive.io/OrderItemConfirmed", 0)
    assert item["accessCode"] == [
        {"@type": "PropertyValue", "name": "Bokningsnummer", "description": "MP00042"}
    ]


def test_the_answer_to_a_booking_stays_the_same_when_others_book():
    before, after = (b_answer(order(booked(padel_slot(remaining=remaining)))) for remaining in (3, 0))
    assert before == after
    assert "remainingUses" not in before.body and "maximumUses" in before.body


def test_a_booking_of_which_something_fails():
    items = quoted(errors=(FULL,)), quoted(room_slot(), 1, taxes=vat("28.30"))
    answer = b_answer(order(*items, number=""))
    assert answer.status == 409
    data = told(answer)
    assert data["@type"] == "Order" and data["totalPaymentDue"] == due(500)
    assert not {"@id", "identifier", "orderNumber"} & set(data)
    first, second = data["orderedItem"]
    assert first["error"][0]["@type"] == "OpportunityIsFullError"
    for item in (first, second):
        assert not {"@id", "orderItemStatus", "accessCode"} & set(item)
    assert second["orderedItem"]["remainingUses"] == 1


def test_a_booking_needs_its_numbers():
    for incomplete in (
        order(booked(), number=""),
        order(booked(id="")),
        order(booked(status=None)),
        order(booked(), seller=None),
    ):
        with pytest.raises(ValueError):
            b_answer(incomplete)


def test_the_status_of_an_order():
    status = order_status(order(booked(status=ItemStatus.SELLER_CANCELLED, cancellation_message="Stängt.")))
    assert status.status == 200
    data = told(status)
    assert data["totalPaymentDue"] == due(0)
    (item,) = data["orderedItem"]
    assert item["orderItemStatus"] == "https://openactive.io/SellerCancelled"
    assert item["cancellationMessage"] == "Stängt."
    assert "position" not in item
    with pytest.raises(ValueError):
        order_status(order(booked(errors=(FULL,))))


# -- the Orders feed ----------------------------------------------------------------------------------------


def test_an_order_in_the_feed():
    cancelled = booked(status=ItemStatus.SELLER_CANCELLED, cancellation_message="Banan är stängd.")
    kept = booked(room_slot(), 2, 1, taxes=vat("28.30"), customer_notice="Ta med rena skor.")
    data = json.loads(order_data(order(cancelled, kept)), parse_float=Decimal)
    code = [{"@type": "PropertyValue", "name": "Bokningsnummer", "description": "MP00042"}]
    assert data == {
        "@context": "https://openactive.io/",
        "@type": "Order",
        "@id": IDS.order(UUID),
        "identifier": UUID,
        "totalPaymentDue": due(500),
        "totalPaymentTax": [tax(Decimal("28.3"))],
        "orderedItem": [
            {
                "@type": "OrderItem",
                "@id": IDS.order_item(UUID, 1),
                "orderItemStatus": "https://openactive.io/SellerCancelled",
                "accessCode": code,
                "cancellationMessage": "Banan är stängd.",
            },
            {
                "@type": "OrderItem",
                "@id": IDS.order_item(UUID, 2),
                "orderItemStatus": "https://openactive.io/OrderItemConfirmed",
                "accessCode": code,
                "customerNotice": "Ta med rena skor.",
            },
        ],
    }


def test_the_orders_feed_has_no_personal_data():
    text = order_data(order(booked()))
    for personal in ("Alva", "Exempel", "alva@example.com", "+46 70", "FT-2031-77", "Fritidstorget"):
        assert personal in b_answer(order(booked())).body
        assert personal not in text


def test_the_orders_feed_needs_nothing_but_the_items():
    bare = Order(IDS, UUID, (booked(access_codes=(AccessCode("Dörrkod", "1234"),)),))
    assert json.loads(order_data(bare))["orderedItem"][0]["accessCode"][0]["description"] == "1234"


# -- errors -------------------------------------------------------------------------------------------------


def test_an_error():
    error = BookingError(
        "CancellationNotPermittedError", "Avbokning går till ett dygn före.", IDS.order(UUID)
    )
    answer = error_answer(error, "sv")
    assert answer.status == 400
    assert told(answer) == {
        "@context": "https://openactive.io/",
        "@type": "CancellationNotPermittedError",
        "name": "Det går inte längre att avboka, eller inte alls.",
        "description": "Avbokning går till ett dygn före.",
        "instance": IDS.order(UUID),
        "statusCode": 400,
    }


def test_every_error_has_words_for_a_customer():
    for type_, known in ERRORS.items():
        error = BookingError(type_)
        assert error.status == known.status and error.on_item is known.on_item
        for lang, text in (("en", known.english), ("sv", known.swedish), ("sv_SE", known.swedish)):
            assert told(error_answer(error, lang))["description"] == text
            assert text.endswith(".") and len(text) > 10
    assert len({known.swedish for known in ERRORS.values()}) == len(ERRORS)


def test_statuses():
    """A few by hand; all are held against the published ones by the conformance tests."""
    statuses = {
        "OpportunityIsFullError": 409, "OrderAlreadyExistsError": 500, "UnknownOrderError": 404,
        "NoAPITokenError": 403, "InvalidAPITokenError": 401, "TotalPaymentDueMismatchError": 400,
        "TooManyRequestsError": 429, "GoneError": 410, "TemporarilyUnableToCreateOrderError": 503,
    }  # fmt: skip
    assert {type_: BookingError(type_).status for type_ in statuses} == statuses
    assert [type_ for type_ in statuses if BookingError(type_).on_item] == ["OpportunityIsFullError"]
    with pytest.raises(ValueError, match="no error"):
        BookingError("NoSuchError")


# -- values -------------------------------------------------------------------------------------------------


def test_nonsense_is_refused_where_it_is_made():
    wrong = [
        lambda: order(),
        lambda: dataclasses.replace(order(booked()), uuid="77"),
        lambda: dataclasses.replace(order(booked()), currency="EUR"),
        lambda: quoted(errors=(BookingError("UnknownOrderError"),)),
        lambda: Tax("Moms", Decimal("6"), Decimal("1")),
        lambda: Tax("Moms", Decimal("0.06"), Decimal("1.005")),
        lambda: Lease(START.replace(tzinfo=None)),
    ]
    for make in wrong:
        with pytest.raises(ValueError):
            make()


def test_values_stay_as_they_are_and_show_no_customer():
    made = order(booked())
    assert {made, order(booked())} == {made}
    assert "alva" not in repr(made).lower() and "MP00042" in repr(made)
    for value in (made, made.items[0], made.items[0].slot, made.seller, Lease(START), *vat("1")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, dataclasses.fields(value)[0].name, None)


def test_what_is_free_of_tax_may_say_so():
    untaxed = Tax("Momsfri", Decimal(0), Decimal(0))
    (told_tax,) = told(c1_answer(order(quoted(taxes=(untaxed,)), step=Step.C1)))["totalPaymentTax"]
    assert (told_tax["rate"], told_tax["price"]) == (0, 0)


def test_the_example_of_the_package():
    """It runs as it stands, and ends in a booking."""
    lines = openactive.__doc__.partition("::\n\n")[2].partition("\n\nValues are")[0]
    known = {
        name: value for module in (openactive, datetime_module) for name, value in vars(module).items()
    } | {"Decimal": Decimal, "uuid": UUID}
    sent = request(
        Step.B, totalPaymentDue={"@type": "PriceSpecification", "price": 320, "priceCurrency": "SEK"}
    )
    known["body"] = body(sent)
    exec(textwrap.dedent(lines), known)
    assert known["status"] == 201
    assert json.loads(known["body"])["totalPaymentDue"]["price"] == 320
    assert json.loads(known["page"])["items"][0]["data"]["remainingUses"] == 3
