"""Items and pages of feeds: what is told of a facility and a slot, always in the same words."""

import dataclasses
import json
from datetime import datetime, timedelta
from decimal import Decimal
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from brp_openactive.openactive import (
    CC_BY,
    BookingError,
    FacilityUse,
    Ids,
    Offer,
    Terms,
    facility_use_data,
    feed_page,
    next_page_url,
    read_after_change_number,
    slot_data,
)
from openactive_hall import (
    IDS,
    PADEL,
    PLACE,
    ROOMS,
    SAL_A,
    SELLER,
    START,
    UUID,
    offer,
    padel_slot,
    room_slot,
)

PAGE = "https://boka.example.se/openactive/1/feeds/slots?afterChangeNumber=9"


# -- items --------------------------------------------------------------------------------------------------


def test_a_slot_to_the_letter():
    assert slot_data(padel_slot()) == (
        '{"@context":"https://openactive.io/","@type":"Slot",'
        '"@id":"https://boka.example.se/openactive/1/slots/501",'
        '"startDate":"2031-05-09T16:30:00Z","endDate":"2031-05-09T17:30:00Z","duration":"PT1H",'
        '"remainingUses":3,"maximumUses":4,'
        '"facilityUse":"https://boka.example.se/openactive/1/facility-uses/padel",'
        '"offers":[{"@type":"Offer","@id":"https://boka.example.se/openactive/1/slots/501#/offers/1",'
        '"name":"60 minuter","price":340,"priceCurrency":"SEK",'
        '"validFromBeforeStartDate":"P14D","validThroughBeforeStartDate":"PT2H",'
        '"allowCustomerCancellationFullRefund":true,"latestCancellationBeforeStartDate":"P1D"}]}'
    )


def test_the_same_slot_gives_the_same_text():
    """However its moments and amounts are written: the text tells whether the item has changed."""
    stockholm = ZoneInfo("Europe/Stockholm")
    local = dataclasses.replace(
        padel_slot(offers=(offer(price="340.00"),)),
        start=datetime(2031, 5, 9, 18, 30, tzinfo=stockholm),
        end=datetime(2031, 5, 9, 19, 30, tzinfo=stockholm),
    )
    assert slot_data(local) == slot_data(padel_slot())
    assert slot_data(padel_slot(remaining=2)) != slot_data(padel_slot())


def test_a_slot_over_the_end_of_summer_time_has_its_true_length():
    stockholm = ZoneInfo("Europe/Stockholm")
    start = datetime(2031, 10, 26, 2, 0, tzinfo=stockholm)
    slot = dataclasses.replace(padel_slot(), start=start, end=start.replace(hour=3))
    told = json.loads(slot_data(slot))
    assert (told["startDate"], told["endDate"]) == ("2031-10-26T00:00:00Z", "2031-10-26T02:00:00Z")
    assert told["duration"] == "PT2H"


def test_a_slot_of_a_room():
    slot = room_slot()
    assert slot.kind == "IndividualFacilityUse/Slot"
    told = json.loads(slot_data(slot))
    assert told["facilityUse"] == SAL_A.id
    assert (told["remainingUses"], told["maximumUses"], told["duration"]) == (1, 1, "PT1H30M")
    assert padel_slot().kind == "FacilityUse/Slot"


def test_an_offer_tells_only_what_is_known():
    (told,) = json.loads(slot_data(padel_slot(offers=(Offer(IDS.offer(501, 1), "", Decimal("0")),))))[
        "offers"
    ]
    assert told == {"@type": "Offer", "@id": IDS.offer(501, 1), "price": 0, "priceCurrency": "SEK"}


def test_what_can_only_be_bought_on_the_spot():
    (told,) = json.loads(slot_data(padel_slot(offers=(offer(is_advance_booking_unavailable=True),))))[
        "offers"
    ]
    assert told["openBookingInAdvance"] == "https://openactive.io/Unavailable"
    assert not {"openBookingPrepayment", "openBookingInAdvance"} & set(
        json.loads(slot_data(padel_slot()))["offers"][0]
    )


def test_a_facility():
    told = json.loads(facility_use_data(PADEL))
    assert list(told) == [
        "@context", "@type", "@id", "identifier", "name", "description", "url", "facilityType", "image",
        "location", "hoursAvailable", "provider", "offers",
    ]  # fmt: skip
    assert told["provider"] == {
        "@type": "Organization",
        "@id": "https://boka.example.se/openactive/1/sellers/1",
        "name": "Sundby Aktivitetscenter",
        "url": "https://www.example.se/",
        "telephone": "+46 18 00 00 00",
        "sameAs": ["https://social.example.com/sundby"],
        "taxMode": "https://openactive.io/TaxGross",
        "isOpenBookingAllowed": True,
    }
    assert told["location"]["address"] == {
        "@type": "PostalAddress",
        "streetAddress": "Hallvägen 3",
        "addressLocality": "Sundby",
        "addressRegion": "Uppsala län",
        "postalCode": "745 99",
        "addressCountry": "SE",
    }
    assert told["location"]["geo"] == {"@type": "GeoCoordinates", "latitude": 59.8586, "longitude": 17.6389}
    weekdays = [
        f"https://schema.org/{day}" for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    ]
    assert told["hoursAvailable"][0] == {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": weekdays,
        "opens": "06:00",
        "closes": "22:30",
    }
    assert told["image"] == [{"@type": "ImageObject", "url": "https://www.example.se/padel.jpg"}]
    assert "Hallvägen" in facility_use_data(PADEL), "letters are written as they are"


def test_a_facility_of_named_rooms():
    told = json.loads(facility_use_data(ROOMS))
    assert told["individualFacilityUse"] == [
        {"@type": "IndividualFacilityUse", "@id": f"{ROOMS.id}/individual-facility-uses/21", "name": "Sal A"},
        {"@type": "IndividualFacilityUse", "@id": f"{ROOMS.id}/individual-facility-uses/22", "name": "Sal B"},
    ]
    assert not {"offers", "hoursAvailable", "image", "description", "identifier"} & set(told)


def test_nothing_empty_is_published():
    def values(data):
        yield data
        for each in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
            yield from values(each)

    bare = FacilityUse(
        IDS.facility_use(1), "Sal", "https://www.example.se/1",
        dataclasses.replace(SELLER, url="", telephone="", same_as=()),
        dataclasses.replace(PLACE, id="", url="", telephone="", description="", latitude=None),
        PADEL.facility_types,
    )  # fmt: skip
    found = list(values(json.loads(facility_use_data(bare))))
    assert len(found) > 20
    assert not [value for value in found if value is None or value in ("", [], {})]


def test_nonsense_is_refused_where_it_is_made():
    wrong = [
        lambda: padel_slot(remaining=-1),
        lambda: padel_slot(remaining=5),
        lambda: dataclasses.replace(padel_slot(), end=START),
        lambda: dataclasses.replace(padel_slot(), start=START.replace(tzinfo=None)),
        lambda: offer(price="-1"),
        lambda: offer(price="0.005"),
        lambda: offer(currency="kr"),
        lambda: Offer(IDS.offer(1, 1), "x", 340.5),
        lambda: dataclasses.replace(PADEL, facility_types=()),
        lambda: dataclasses.replace(PADEL, url=""),
        lambda: dataclasses.replace(SELLER, legal_name=""),
        lambda: dataclasses.replace(PLACE.address, region=""),
        lambda: Terms("Agreement", "Avtal", "https://www.example.se/avtal"),
        lambda: slot_data(padel_slot(individual_facility_use=SAL_A)),
        lambda: slot_data(room_slot(individual_facility_use=None)),
        lambda: slot_data(padel_slot(offers=())),
        lambda: slot_data(padel_slot(offers=(offer(latest_cancellation_before_start=-timedelta(days=1)),))),
    ]
    for make in wrong:
        with pytest.raises(ValueError):
            make()


# -- pages --------------------------------------------------------------------------------------------------


def test_a_page():
    rows = [
        (8, "FacilityUse/Slot", "501", '{"@type":"Slot","name":"Å"}'),
        (9, "IndividualFacilityUse/Slot", '6"1', None),
    ]
    page = feed_page(rows, PAGE)
    assert page == (
        f'{{"next":"{PAGE}","items":['
        '{"state":"updated","kind":"FacilityUse/Slot","id":"501","modified":8,"data":{"@type":"Slot","name":"Å"}},'
        '{"state":"deleted","kind":"IndividualFacilityUse/Slot","id":"6\\"1","modified":9}],'
        '"license":"https://creativecommons.org/licenses/by/4.0/"}'
    )
    assert json.loads(page)["items"][1] == {
        "state": "deleted", "kind": "IndividualFacilityUse/Slot", "id": '6"1', "modified": 9
    }  # fmt: skip


def test_a_page_of_the_orders_feed_has_no_licence():
    page = json.loads(feed_page([(3, "Order", UUID, "{}")], PAGE, license_url=None))
    assert list(page) == ["next", "items"]
    assert json.loads(feed_page([], PAGE)) == {"next": PAGE, "items": [], "license": CC_BY}


def test_the_page_that_follows():
    feed = IDS.slots_feed
    rows = [(8, "FacilityUse/Slot", "501", "{}"), (19, "FacilityUse/Slot", "502", None)]
    assert next_page_url(feed, rows) == next_page_url(feed, rows, 7) == f"{feed}?afterChangeNumber=19"
    assert next_page_url(feed, [], 19) == f"{feed}?afterChangeNumber=19", "the last page leads to itself"
    assert next_page_url(feed, []) == feed, "an empty feed leads to its bare address"


def test_a_feed_is_read_to_its_end_whatever_the_size_of_pages():
    rows = [(number, "FacilityUse/Slot", str(number), "{}") for number in (1, 2, 5, 8, 13, 21, 34)]
    for size in (1, 2, 3, 7, 500):
        after, read = None, []
        while True:
            asked = next_page_url(IDS.slots_feed, [], after)
            found = [row for row in rows if row[0] > (after or 0)][:size]
            page = json.loads(feed_page(found, next_page_url(IDS.slots_feed, found, after)))
            if not page["items"]:
                break
            read += [item["modified"] for item in page["items"]]
            after = read_after_change_number(page["next"].partition("afterChangeNumber=")[2])
        assert read == [row[0] for row in rows]
        assert page["next"] == asked


def test_change_numbers_that_are_read():
    assert read_after_change_number(None) is None
    assert read_after_change_number("1") == 1
    assert read_after_change_number("9007199254740991") == 9007199254740991


@pytest.mark.parametrize(
    "text", ["", "0", "01", "-1", "1.0", "1e3", " 1", "1\n", "٣", "9007199254740992", "1" * 5000]
)
def test_change_numbers_that_are_none(text):
    with pytest.raises(BookingError) as refused:
        read_after_change_number(text)
    assert refused.value.status == 400


def test_a_page_of_500_takes_no_time():
    """Pages are put together from texts: how much is in each item hardly matters."""
    ids = Ids("https://boka.example.se/openactive/1")
    data = slot_data(padel_slot())
    rows = [(number, "FacilityUse/Slot", str(number), data) for number in range(1, 501)]
    took = []
    for _ in range(50):
        began = perf_counter()
        feed_page(rows, next_page_url(ids.slots_feed, rows))
        took.append(perf_counter() - began)
    assert min(took) < 0.005
