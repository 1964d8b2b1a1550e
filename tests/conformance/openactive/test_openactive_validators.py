"""Every feed, answer and error that is made, against OpenActive's published validators and data models."""

import dataclasses
import http.server
import json
import threading
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from brp_openactive.openactive import (
    CC_BY,
    ERRORS,
    FEED_MEDIA_TYPE,
    MEDIA_TYPE,
    AccessCode,
    Address,
    BookingError,
    BrokerRole,
    FacilityUse,
    ItemStatus,
    Lease,
    Place,
    Seller,
    Step,
    b_answer,
    c1_answer,
    c2_answer,
    dataset_data,
    dataset_page,
    error_answer,
    facility_use_data,
    feed_page,
    next_page_url,
    order_data,
    order_status,
    read_after_change_number,
    slot_data,
)
from openactive_hall import (
    IDS,
    MULTI_ROOM,
    PADEL,
    ROOMS,
    SELLER,
    START,
    UUID,
    body,
    booked,
    cancellation,
    offer,
    order,
    padel_slot,
    quoted,
    request,
    requested_item,
    room_slot,
    site,
    vat,
)
from openactive_validators import INSTALLED, PROGRAM, Page

QUOTES = {Step.C1: c1_answer, Step.C2: c2_answer}
ITEM_ERRORS = [type_ for type_, known in ERRORS.items() if known.on_item]
# Of the data models, but not of an API for slots that are booked at once, or not told as such.
NOT_OURS = {
    "IncompleteAttendeeDetailsError", "IncompleteIntakeFormError", "InvalidIntakeFormError",
    "OrderProposalVersionOutdatedError", "InternalLibraryConfigurationError", "InternalLibraryError",
    "InternalOpenBookingError",
}  # fmt: skip

FREE = offer(701, "0", is_cancellation_allowed=None, latest_cancellation_before_start=None)
SOMEONE = {
    "@type": "Organization",
    "name": "Bolaget AB",
    "email": "bolaget@example.com",
    "address": {
        "@type": "PostalAddress",
        "streetAddress": "Gatan 1",
        "addressLocality": "Orten",
        "addressRegion": "Uppsala län",
        "postalCode": "745 98",
        "addressCountry": "SE",
    },
}


def small_slot(key=801):
    """Return a slot of which nothing is told but what has to be."""
    seller = Seller(IDS.seller(2), "Liten", "Liten AB", Address("Vägen 1", "Orten", "Uppsala län", "745 98"))
    place = Place("Salen", seller.address)
    room = FacilityUse(
        IDS.facility_use("liten"), "Sal", "https://liten.example.se/", seller, place, (MULTI_ROOM,)
    )
    plain = dataclasses.replace(FREE, id=IDS.offer(key, 1))
    return dataclasses.replace(
        padel_slot(key), facility_use=room, maximum=None, identifier=None, offers=(plain,)
    )


# -- the validators are awake -------------------------------------------------------------------------------


def test_the_validators_find_what_is_wrong(validators):
    slot = json.loads(slot_data(padel_slot()))
    slot["offers"][0]["price"] = "340.00"
    (found,) = validators.failures([("BookableRPDEFeed", json.dumps(slot))])
    assert "$.offers[0].price" in found
    page = Page(
        "https://boka.example.se/f", '{"next":"https://boka.example.se/f?afterChangeNumber=0","items":[]}'
    )
    assert validators.check_pages([page])


def test_the_lock_names_no_registry():
    lock = (PROGRAM.parent / "package-lock.json").read_text("utf-8")
    packages = json.loads(lock)["packages"]
    assert len(packages) > 30 and "http" not in lock
    assert all(package.get("integrity") for name, package in packages.items() if name)


# -- feeds --------------------------------------------------------------------------------------------------


def test_items(validators):
    with_rooms = dataclasses.replace(ROOMS, opening_hours=PADEL.opening_hours)
    not_sold = dataclasses.replace(PADEL, provider=dataclasses.replace(SELLER, is_open_booking_allowed=False))
    uses = [PADEL, ROOMS, with_rooms, not_sold, small_slot().facility_use]
    slots = [
        padel_slot(identifier=501),
        padel_slot(
            remaining=0, offers=(offer(), dataclasses.replace(offer(price="99.90"), id=IDS.offer(501, 2)))
        ),
        padel_slot(701, offers=(FREE,)),
        padel_slot(702, offers=(offer(702, is_advance_booking_unavailable=True),)),
        room_slot(),
        small_slot(),
    ]
    documents = [*map(facility_use_data, uses), *map(slot_data, slots)]
    assert validators.failures(("BookableRPDEFeed", data) for data in documents) == []


def pages_of(feed_url, rows, size, **options):
    """Return the pages that a reader of a feed gets."""
    pages, after = [], None
    while not pages or after is not None:
        found = [row for row in rows if row[0] > (after or 0)][:size]
        url = next_page_url(feed_url, [], after)
        next_url = next_page_url(feed_url, found, after)
        pages.append((url, feed_page(found, next_url, **options)))
        if not found:
            return pages
        after = found[-1][0]
    return pages


def test_pages_of_open_feeds(validators):
    rows = [(number, "FacilityUse/Slot", str(500 + number), slot_data(padel_slot(500 + number)))
            for number in range(1, 1400)]  # fmt: skip
    rows[3] = (*rows[3][:3], None)
    rows[-1] = (9007199254740991, "IndividualFacilityUse/Slot", "601", slot_data(room_slot()))
    pages = pages_of(IDS.slots_feed, rows, 500)
    assert [len(json.loads(text)["items"]) for _url, text in pages] == [500, 500, 399, 0]
    cached = [
        Page(url, text, 200, FEED_MEDIA_TYPE, f"public, max-age={8 if number == 3 else 3600}")
        for number, (url, text) in enumerate(pages)
    ]
    assert validators.check_pages(cached) == []
    assert validators.failures([("BookableRPDEFeed", pages[2][1])]) == []


def test_a_feed_that_is_walked_over_http(validators):
    rows = [
        (number, "FacilityUse/Slot", str(number), None if number % 7 == 0 else slot_data(padel_slot(number)))
        for number in range(1, 1201)
    ]

    class Feed(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path, _, parameters = self.path.partition("?")
            url = f"http://127.0.0.1:{self.server.server_port}{path}"
            told = parameters.partition("afterChangeNumber=")[2] or None
            after = read_after_change_number(told)
            found = [row for row in rows if row[0] > (after or 0)][:500]
            body = feed_page(found, next_page_url(url, found, after)).encode()
            self.send_response(200)
            self.send_header("Content-Type", FEED_MEDIA_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", f"public, max-age={3600 if found else 8}")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Feed) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = validators.walk(f"http://127.0.0.1:{server.server_port}/feeds/slots")
        server.shutdown()
    # It cannot know a last page before it has read it; it says so of the time that this may be kept.
    (warning,) = [each for each in found if each.severity != "suggestion"]
    assert warning.severity == "warning" and "max-age" in warning.message
    assert warning.path.endswith("?afterChangeNumber=1200")


@pytest.mark.parametrize("rows", [[], [(5, "FacilityUse", "padel", None)]])
def test_feeds_with_little_in_them(validators, rows):
    pages = pages_of(IDS.facility_uses_feed, rows, 500)
    assert len(pages) == 1 + len(rows)
    told = [Page(url, text, 200, FEED_MEDIA_TYPE, "public, max-age=8") for url, text in pages]
    assert validators.check_pages(told) == []


def test_pages_of_the_orders_feed(validators):
    rows = [(77, "Order", UUID, order_data(order(booked(status=ItemStatus.SELLER_CANCELLED))))]
    pages = pages_of(IDS.orders_feed, rows, 500, license_url=None)
    assert all("license" not in json.loads(text) for _url, text in pages)
    told = [Page(url, text, 200, MEDIA_TYPE, "no-store") for url, text in pages]
    assert validators.check_pages(told, is_orders_feed=True) == []


# -- requests: what the tests send is what a marketplace may send -------------------------------------------


def test_requests(validators):
    documents = [(f"{step.value}Request", body(request(step))) for step in Step]
    documents.append(("OrderPatch", body(cancellation(1, 2))))
    assert validators.failures(documents) == []


# -- answers ------------------------------------------------------------------------------------------------


def quotes(step):
    """Yield quotes of every kind."""
    two = [quoted(), quoted(room_slot(), 1, taxes=vat("28.30"))]
    yield order(*two, step=step)
    yield order(*two, step=step, lease=Lease(START - timedelta(days=2)))
    yield order(quoted(padel_slot(701, offers=(FREE,)), taxes=()), step=step)
    yield order(quoted(small_slot(), taxes=()), step=step, booking_service=None, payment=None)
    yield order(*two, step=step, broker_role=BrokerRole.RESELLER, customer=None)
    yield order(*two, step=step, broker_role=BrokerRole.NONE, broker=None)
    yield order(*two, step=step, payment={"@type": "Payment", "identifier": "77", "accountId": "SUNDBY"})


@pytest.mark.parametrize("step", QUOTES)
def test_quotes(validators, step):
    answers = [QUOTES[step](quote) for quote in quotes(step)]
    assert {answer.status for answer in answers} == {200}
    assert validators.failures((f"{step.value}Response", answer.body) for answer in answers) == []


@pytest.mark.parametrize("step", QUOTES)
@pytest.mark.parametrize("lang", ["en", "sv"])
def test_quotes_with_errors(validators, step, lang):
    answers = [
        QUOTES[step](order(quoted(room_slot()), quoted(position=1, errors=(error,)), step=step), lang)
        for type_ in ITEM_ERRORS
        for error in (BookingError(type_), BookingError(type_, "Just så.", IDS.slot(501)))
    ]
    assert {answer.status for answer in answers} == {409}
    assert (
        validators.failures((f"{step.value}ResponseOrderItemError", answer.body) for answer in answers) == []
    )


@pytest.mark.parametrize("make", [c1_answer, c2_answer, b_answer])
def test_slots_and_offers_that_do_not_exist(validators, make):
    """What the marketplace told is told again; nothing more is known of it."""
    step = {c1_answer: "C1", c2_answer: "C2", b_answer: "B"}[make]
    unknown = dataclasses.replace(
        quoted(errors=(BookingError("UnknownOpportunityError"),)),
        slot=IDS.slot(1),
        offer=IDS.offer(1, 1),
        taxes=(),
    )
    documents = [
        (f"{step}ResponseOrderItemError", make(order(unknown, quoted(position=1), step=Step(step))).body)
    ]
    assert validators.failures(documents) == []


def test_items_of_which_something_is_missing(validators):
    """The validator wants the very thing whose absence is the error."""
    incomplete = quoted(errors=(BookingError("IncompleteOrderItemError"),))
    for name in ("offer", "slot"):
        item = dataclasses.replace(incomplete, **{name: None})
        answer = c2_answer(order(item, quoted(position=1), step=Step.C2))
        (found,) = validators.failures([("C2ResponseOrderItemError", answer.body)])
        property_ = {"offer": "acceptedOffer", "slot": "orderedItem"}[name]
        assert found.startswith(f"C2ResponseOrderItemError $.orderedItem[0].{property_}: Required property")


def orders():
    """Yield orders of every kind."""
    two = [booked(), booked(room_slot(), 2, 1, taxes=vat("28.30"))]
    yield order(*two)
    yield order(booked(padel_slot(701, offers=(FREE,)), taxes=()), payment=None)
    yield order(booked(small_slot(), taxes=(), access_codes=()), booking_service=None, payment=None)
    yield order(*two, broker_role=BrokerRole.RESELLER, customer=None)
    yield order(*two, broker_role=BrokerRole.NONE, broker=None)
    yield order(*two, customer=SOMEONE)


def later_orders():
    """Yield orders as they may become after they were booked."""
    yield from orders()
    for status in ItemStatus:
        yield order(booked(status=status), booked(room_slot(), 2, 1, taxes=vat("28.30")))
    yield order(booked(status=ItemStatus.SELLER_CANCELLED, cancellation_message="Banan är stängd."))
    yield order(booked(customer_notice="Ta med rena skor.", access_codes=(AccessCode("Dörrkod", "1234"),)))


def test_bookings(validators):
    answers = list(map(b_answer, orders()))
    assert {answer.status for answer in answers} == {201}
    assert validators.failures(("BResponse", answer.body) for answer in answers) == []


def test_bookings_with_errors(validators):
    answers = [
        b_answer(order(quoted(errors=(BookingError(type_),)), quoted(room_slot(), 1), number=""))
        for type_ in ITEM_ERRORS
    ]
    assert {answer.status for answer in answers} == {409}
    assert validators.failures(("BResponseOrderItemError", answer.body) for answer in answers) == []


def test_statuses(validators):
    documents = [("OrderStatus", order_status(each).body) for each in later_orders()]
    assert validators.failures(documents) == []


def test_items_of_the_orders_feed(validators):
    assert validators.failures(("OrdersFeed", order_data(each)) for each in later_orders()) == []


# -- errors -------------------------------------------------------------------------------------------------


def test_errors(validators):
    errors = [
        BookingError(type_, *details) for type_ in ERRORS for details in ((), ("Just så.", IDS.order(UUID)))
    ]
    documents = [
        ("OpenBookingError", error_answer(error, lang).body) for error in errors for lang in ("en", "sv")
    ]
    assert validators.failures(documents) == []


def test_errors_are_the_published_ones(validators):
    """Names and statuses are those of the data models; none is missing."""
    published = {}
    for path in INSTALLED.glob("@openactive/data-models/versions/2.x/models/*Error.json"):
        model = json.loads(path.read_text("utf-8"))
        published[model["type"]] = model["fields"].get("statusCode", {}).get("requiredContent")
    assert len(published) > 50
    assert set(published) - set(ERRORS) == NOT_OURS
    assert {type_: known.status for type_, known in ERRORS.items() if type_ != "OpenBookingError"} == {
        type_: int(published[type_]) for type_ in ERRORS if type_ != "OpenBookingError"
    }


# -- the dataset site ---------------------------------------------------------------------------------------


class JsonLd(HTMLParser):
    """Reads the JSON-LD of a page as a browser would, and what people see."""

    def __init__(self, page):
        super().__init__()
        self.data, self.seen, self.inside = "", "", None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "style", "title"):
            self.inside = tag

    def handle_endtag(self, tag):
        if tag == self.inside:
            self.inside = None

    def handle_data(self, data):
        if self.inside == "script":
            self.data += data
        elif not self.inside:
            self.seen += data


def test_the_dataset_site(validators):
    sites = [
        site(),
        site(landing_page="", background_image_url=""),
        site(description="Padel & dans, för dem < 20 år."),
    ]
    pages = [dataset_page(each, lang) for each in sites for lang in ("en", "sv")]
    documents = [dataset_data(each) for each in sites] + [JsonLd(page).data for page in pages]
    assert validators.failures(("DatasetSite", text) for text in documents) == []
    assert [json.loads(JsonLd(page).data) for page in pages[::2]] == list(map(json.loads, documents[:3]))


def test_the_page_shows_its_licence_to_people():
    for lang in ("en", "sv"):
        page = dataset_page(site(), lang)
        assert "CC BY 4.0" in JsonLd(page).seen and f'href="{CC_BY}"' in page


def test_items_that_are_asked_for(validators):
    """A place is asked for by repeating its item."""
    sent = request(Step.C1, orderedItem=[requested_item(0), requested_item(1)])
    assert validators.failures([("C1Request", body(sent))]) == []
