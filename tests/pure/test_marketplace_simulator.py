"""The marketplace over real HTTP: what it reads, books, cancels and pays out; figures worked out by hand.

The other side is the small hall of booking_system.py, on 1 March 2090, ten in the morning.
"""

import csv
import io
import itertools
import json
import re
import subprocess
import sys
import threading
import urllib.parse
from datetime import date
from decimal import Decimal

import pytest
from booking_system import BOOKING, LICENSE, NOW, OA, ROOM, TOKEN, Hall
from brp_settlement.csv_file import read_table
from brp_settlement.csv_payouts import propose, read_payouts
from marketplace import STATEMENT_TOKEN, Marketplace
from marketplace.moments import duration, moment
from marketplace.money import share_of
from simulated import SIMULATORS, ask, process

CLOCK = NOW.timestamp
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WHO = {"namn": "Astrid Ek", "mobil": "070-174 06 05", "epost": "astrid.ek@example.com"}
CARD = {"kort": "4242 4242 4242 4242", "giltigt": "09/93", "cvc": "123"}
PAYING = {**WHO, **CARD}


@pytest.fixture
def hall():
    with Hall().furnish() as service:
        yield service


@pytest.fixture
def market(hall):
    with Marketplace(clock=CLOCK, poll=0, retry_wait=0.01, timeout=5) as service:
        service.connect(dataset=hall.base, token=TOKEN)
        yield service


def rules(market):
    """{(place, rule)} that were broken."""
    return {(breach.place, breach.rule) for breach in market.system().breaches.listed()}


def remaining(market):
    """{the end of the slot's @id: places} that the marketplace knows of."""
    slots = market.system().catalogue.slots.values()
    return {slot.id.rpartition("/")[2]: slot.remaining for slot in slots}


def entries(market):
    return [(e.kind, e.amount, e.payment, e.order_number) for e in market.accounts.entries]


# === READING FEEDS === #


def test_a_hall_that_keeps_the_rules(hall, market):
    assert rules(market) == set()
    told = market.look()["systems"][0]
    assert (told["name"], told["facilities"], told["slots"]) == ("Lilla hallen AB", 2, 5)
    assert told["endpoint"] == f"{hall.base}/api"
    assert [feed["at_end"] for feed in told["feeds"]] == [True, True, True]
    assert [(t.name, t.activities, t.price, t.remaining) for t in market.times()] == [
        ("Padelhallen, Bana 1", ("Padel",), 32000, 1),
        ("Padelhallen, Bana 2", ("Padel",), 29550, 1),
        ("Gympasalen", ("Idrottshall",), 8000, 4),
        ("Gympasalen", ("Idrottshall",), 10000, 2),
        ("Gympasalen", ("Idrottshall",), 0, 10),
    ]


def test_open_feeds_are_read_without_credentials_and_the_others_with_them(hall, market):
    sent = {
        path: head.get("Authorization") for (_m, path, _b), head in zip(hall.asked, hall.headers, strict=True)
    }
    assert sent == {
        "": None, "/feeds/facility-uses": None, "/feeds/slots": None,
        "/api/orders-rpde": f"Bearer {TOKEN}",
    }  # fmt: skip


def test_changes_and_deletions_come_with_the_next_reading(hall, market):
    hall.change_slot("3", free=0)
    hall.change_slot("2", gone=True)
    assert market.harvest() == [{"system": 1, "facilities": 0, "slots": 2, "orders": 0}]
    assert remaining(market) == {"1": 1, "3": 0, "4": 2, "5": 10}
    assert len(market.times()) == 3
    assert market.harvest() == [{"system": 1, "facilities": 0, "slots": 0, "orders": 0}]
    assert rules(market) == set()


def test_many_pages():
    with Hall(page_size=2).furnish() as hall, Marketplace(clock=CLOCK, poll=0) as market:
        market.connect(dataset=hall.base, token=TOKEN)
        feed = market.system().slots[0]
        assert (feed.pages, len(feed.items), feed.at_end) == (4, 5, True)  # 2, 2, 1, and the empty one
        assert feed.next.endswith("/feeds/slots?afterChangeNumber=1007")
        assert rules(market) == set()


def test_it_reads_by_itself_as_often_as_it_is_told(hall):
    with Marketplace(clock=CLOCK, poll=0.1) as market:
        market.connect(dataset=hall.base, token=TOKEN)
        read = threading.Event()
        hall.alter = lambda path, answer: path == "/feeds/slots" and answer.value["items"] and read.set()
        hall.change_slot("1", free=0)
        assert read.wait(10)


def put(*path, value):
    """Has a page have a value at a place: `put("items", 0, "modified", value=5)`."""

    def change(page):
        for step in path[:-1]:
            page = page[step]
        page[path[-1]] = value

    return change


def drop(*path):
    def change(page):
        for step in path[:-1]:
            page = page[step]
        del page[path[-1]]

    return change


SLOT = ("items", 0, "data")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (drop("license"), {"no_license"}),
        (put("license", value="https://example.com/license"), {"no_license"}),
        (put("@context", value=OA), {"json_ld_outside_data"}),
        (put("items", 0, "@type", value="Slot"), {"json_ld_outside_data"}),
        (put("items", 0, "extra", value=1), {"item_fields"}),
        (put("items", 0, "kind", value="ScheduledSession"), {"kind"}),
        (put("items", 0, "kind", value="FacilityUse/Slot"), {"kind_of_slot"}),
        (put("items", 0, "state", value="changed"), {"state"}),
        (put("items", 0, "state", value="deleted"), {"data_on_deleted"}),
        (drop(*SLOT), {"data_missing"}),
        (put("items", 0, "id", value=None), {"id"}),
        (put("items", 0, "modified", value="1003"), {"modified"}),
        (put("items", 0, "modified", value=0), {"modified"}),
        (put("items", 0, "modified", value=1003.5), {"modified"}),
        (put("items", 1, "modified", value=1003), {"not_growing"}),
        (put("items", 1, "modified", value=900), {"not_growing"}),
        (put("items", 1, "id", value="1"), {"twice_on_page"}),
        (put(*SLOT, "maximumUses", value=None), {"null", "number"}),
        (put(*SLOT, "identifier", value=""), {"empty"}),
        (put(*SLOT, "identifier", value=[]), {"empty"}),
        (put(*SLOT, "@context", value="https://schema.org/"), {"context"}),
        (put(*SLOT, "offers", 0, "@context", value=OA), {"context"}),
        (put(*SLOT, "@type", value="Event"), {"type"}),
        (put(*SLOT, "name", value="Padel"), {"unexpected"}),
        (put(*SLOT, "startDate", value="2090-03-04T18:00:00"), {"moment"}),
        (drop(*SLOT, "startDate"), {"missing"}),
        (put(*SLOT, "duration", value="PT0S"), {"duration"}),
        (put(*SLOT, "duration", value="1 h"), {"duration"}),
        (put(*SLOT, "duration", value="PT90M"), {"end"}),
        (put(*SLOT, "remainingUses", value=-1), {"number"}),
        (put(*SLOT, "remainingUses", value="1"), {"number"}),
        (put(*SLOT, "remainingUses", value=2), {"more_than_maximum", "more_than_one"}),
        (put(*SLOT, "@id", value="/slots/1"), {"relative_url"}),
        (put(*SLOT, "facilityUse", value=f"{OA}elsewhere"), {"orphan"}),
        (put(*SLOT, "offers", value=[]), {"empty", "no_offer"}),
        (drop(*SLOT, "offers", 0, "price"), {"price"}),
        (put(*SLOT, "offers", 0, "price", value="320"), {"price"}),
        (put(*SLOT, "offers", 0, "price", value=320.005), {"price"}),
        (drop(*SLOT, "offers", 0, "priceCurrency"), {"currency"}),
        (put(*SLOT, "offers", 0, "description", value="Bara <b>här</b>"), {"html"}),
        (put(*SLOT, "offers", 0, "advanceBooking", value="Required"), {"deprecated"}),
        (put(*SLOT, "offers", 0, "latestCancellationBeforeStartDate", value="1 day"), {"duration"}),
    ],
)  # fmt: skip
def test_a_page_of_times_that_breaks_a_rule(hall, change, found):
    def alter(path, answer):
        if path == "/feeds/slots" and answer.value["items"]:
            change(answer.value)

    hall.alter = alter
    with Marketplace(clock=CLOCK, poll=0) as market:
        market.connect(dataset=hall.base, token=TOKEN)
        assert rules(market) == {("slots", rule) for rule in found}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (drop("facilityType"), {"missing"}),
        (put("activity", value=[{"@type": "Concept"}]), {"deprecated"}),
        (drop("location", "address"), {"place"}),
        (drop("location", "address", "addressRegion"), {"missing"}),
        (put("location", "address", "addressCountry", value="Sverige"), {"country"}),
        (drop("provider", "@id"), {"missing"}),
        (put("provider", "taxMode", value=f"{OA}TaxFree"), {"tax_mode"}),
        (put("url", value="/boka/padel"), {"relative_url"}),
        (put("description", value="En hall &amp; en sal"), {"html"}),
    ],
)
def test_a_facility_that_breaks_a_rule(hall, change, found):
    def alter(path, answer):
        if path == "/feeds/facility-uses" and answer.value["items"]:
            change(answer.value["items"][0]["data"])

    hall.alter = alter
    with Marketplace(clock=CLOCK, poll=0) as market:
        market.connect(dataset=hall.base, token=TOKEN)
        assert {rule for place, rule in rules(market) if place == "facility-uses"} == found


def head(name, value):
    def change(answer):
        answer.headers[name] = value

    return change


def content_type(value):
    def change(answer):
        answer.content_type = value

    return change


def page(change):
    return lambda answer: change(answer.value)


def instead(**told):
    """Has another answer: a status, a body, headers."""

    def change(answer):
        for name, value in told.items():
            setattr(answer, name, value)

    return change


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (content_type("application/vnd.openactive.rpde+json; version=1"), set()),
        (content_type("application/json; charset=utf-8"), set()),
        (content_type("text/json"), {"content_type"}),
        (content_type(BOOKING), {"content_type"}),
        (head("Set-Cookie", "session_id=1"), {"cookie"}),
        (head("Cache-Control", "no-store"), {"not_public"}),
        (page(put("next", value="/openactive/1/feeds/slots?afterChangeNumber=1007")), {"next_relative"}),
        (page(put("next", value="https://example.com/slots?afterChangeNumber=1007")), {"next_elsewhere"}),
        (page(put("next", value="")), {"not_a_page"}),
        (page(drop("items")), {"not_a_page"}),
        (instead(data=b"[]"), {"not_a_page"}),
        (instead(data=b"<html>"), {"no_json"}),
        (instead(status=503), {"status"}),
        (instead(status=404), {"gone"}),
        (instead(status=401), {"needs_credentials"}),
        (instead(status=302, headers={"Location": "/web/login"}), {"redirected"}),
    ],
)
def test_an_answer_that_is_no_page(hall, change, found):
    def alter(path, answer):
        if path == "/feeds/slots" and answer.value and answer.value.get("items"):
            change(answer)

    hall.alter = alter
    with Marketplace(clock=CLOCK, poll=0) as market:
        market.connect(dataset=hall.base, token=TOKEN)
        assert rules(market) == {("slots", rule) for rule in found}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?afterChangeNumber=1007", set()),
        ("?afterChangeNumber=1006", {"next_not_of_last_item"}),
        ("?afterTimestamp=1007&afterId=5", set()),
        ("?afterTimestamp=1007&afterId=4", {"next_not_of_last_item"}),
        ("?page=2", {"next_strategy"}),
        ("", {"next_strategy", "next_own"}),
    ],
)
def test_the_next_page_follows_from_the_last_item(hall, query, found):
    """The second page is empty and its own next: the last one."""
    asked = []

    def alter(path, answer):
        if path == "/feeds/slots":
            answer.value["next"] = f"{hall.base}/feeds/slots{query}"
            if asked:
                answer.value["items"] = []
                answer.headers["Cache-Control"] = "public, max-age=8"
            asked.append(path)

    hall.alter = alter
    with Marketplace(clock=CLOCK, poll=0) as market:
        market.connect(dataset=hall.base, token=TOKEN)
        assert rules(market) == {("slots", rule) for rule in found}


def test_pages_that_lead_back_are_not_read_for_ever(hall):
    def alter(path, answer):
        if path == "/feeds/slots" and not answer.value["items"]:
            answer.value["next"] = f"{hall.base}/feeds/slots"

    hall.alter = alter
    with Marketplace(clock=CLOCK, poll=0) as market:
        market.connect(dataset=hall.base, token=TOKEN)
        assert rules(market) == {("slots", "next_again")}
        assert not market.system().slots[0].at_end


def test_a_feed_that_is_gone_is_not_asked_again_and_one_that_is_down_is(hall, market):
    down = {"status": 503}
    hall.alter = lambda path, answer: path == "/feeds/slots" and setattr(answer, "status", down["status"])
    market.harvest()
    assert rules(market) == {("slots", "status")} and len(market.times()) == 5
    down["status"] = 410
    market.harvest()
    assert ("slots", "gone") in rules(market) and market.times() == []
    asked = len(hall.asked)
    hall.alter = lambda _path, _answer: None
    market.harvest()
    assert [path for _m, path, _b in hall.asked[asked:]] == ["/feeds/facility-uses", "/api/orders-rpde"]
    market.harvest(anew=True)
    assert len(market.times()) == 5


def test_what_vanishes_without_a_word_is_noticed_when_all_is_read_anew(hall, market):
    hall.change_slot("2", gone=True)
    del hall.slots["3"]
    market.harvest(anew=True)
    [breach] = market.system().breaches.listed()
    assert (breach.place, breach.rule, breach.example) == ("slots", "vanished", "FacilityUse/Slot 3")
    assert remaining(market) == {"1": 1, "4": 2, "5": 10}


def test_a_facility_that_comes_between_two_readings_is_no_orphan(hall, market):
    """A new room and its time are there when the times are read, but not yet when the facilities were."""

    def alter(path, _answer):
        if path == "/feeds/facility-uses" and "6" not in hall.slots:
            hall.facilities[ROOM] = hall.next_change()
            hall.add_slot("6", ROOM, "2090-03-08T09:00:00Z", 1, 5000)

    del hall.facilities[ROOM]
    for key in ("3", "4", "5"):
        del hall.slots[key]
    with Marketplace(clock=CLOCK, poll=0) as other:
        hall.alter = alter
        other.connect(dataset=hall.base, token=TOKEN)
        assert rules(other) == set()
        assert remaining(other) == {"1": 1, "2": 1, "6": 1}


@pytest.mark.parametrize(
    ("change", "place", "rule"),
    [
        (lambda told: told.pop("license"), "dataset", "site_fields"),
        (lambda told: told["publisher"].pop("logo"), "dataset", "site_fields"),
        (lambda told: told["accessService"].pop("landingPage"), "dataset", "site_fields"),
        (lambda told: told["accessService"].update(endpointUrl="/api"), "dataset", "endpoint"),
        (lambda told: told["distribution"].pop(), "dataset", "site_feeds"),
    ],
)
def test_a_dataset_site_that_breaks_a_rule(hall, change, place, rule, monkeypatch):
    told = hall.dataset()
    change(told)
    monkeypatch.setattr(hall, "dataset", lambda: told)
    with Marketplace(clock=CLOCK, poll=0) as market:
        market.connect(dataset=hall.base, token=TOKEN)
        assert (place, rule) in rules(market)


def test_what_cannot_be_booked_is_not_offered(hall):
    hall.add_slot("past", ROOM, "2090-03-01T08:00:00Z", 5, 1000)
    hall.add_slot("pounds", ROOM, "2090-03-05T08:00:00Z", 5, 1000)
    hall.add_slot("desk", ROOM, "2090-03-05T09:00:00Z", 5, 1000)
    hall.add_slot("later", ROOM, "2090-03-16T10:00:00Z", 5, 1000)
    hall.add_slot("soon", ROOM, "2090-03-01T10:30:00Z", 5, 1000)
    rules_of = {
        "pounds": {"priceCurrency": "GBP"}, "desk": {"openBookingInAdvance": f"{OA}Unavailable"},
        "later": {"validFromBeforeStartDate": "P14D"}, "soon": {"validThroughBeforeStartDate": "PT2H"},
    }  # fmt: skip

    def alter(path, answer):
        for item in answer.value["items"] if path == "/feeds/slots" else ():
            item["data"]["offers"][0].update(rules_of.get(item["id"], {}))

    hall.alter = alter
    with Marketplace(clock=CLOCK, poll=0) as market:
        market.connect(dataset=hall.base, token=TOKEN)
        assert {time.slot.rpartition("/")[2] for time in market.times()} == {"1", "2", "3", "4", "5"}
        assert rules(market) == set()


def test_moments_and_durations():
    assert moment("2090-03-04T18:00:00+01:00") == moment("2090-03-04T17:00Z")
    start = moment("2090-03-31T17:00:00Z")
    assert duration("P1M").before(start) == moment("2090-02-28T18:00:00Z")  # 19:00 in winter
    assert duration("P1DT2H30M").before(start) == moment("2090-03-30T14:30:00Z")
    for wrong in ("", "P", "PT", "1 day", "P1H", "-P1D", None):
        with pytest.raises(ValueError, match="no duration"):
            duration(wrong)
    with pytest.raises(ValueError, match="no moment"):
        moment("2090-03-04T18:00:00")


# === BOOKING === #


def test_what_a_booking_says(hall, market):
    before = len(hall.asked)
    purchase = market.book(
        [hall.slot_id("1"), hall.slot_id("2")], name="Astrid Maria Ek", email="a@example.com"
    )
    c1, c2, b = hall.asked[before:]
    uuid = purchase.uuid
    assert [(method, path) for method, path, _body in (c1, c2, b)] == [
        ("PUT", f"/api/order-quote-templates/{uuid}"),
        ("PUT", f"/api/order-quotes/{uuid}"),
        ("PUT", f"/api/orders/{uuid}"),
    ]
    asked = {
        "@context": OA,
        "@type": "OrderQuote",
        "brokerRole": f"{OA}AgentBroker",
        "broker": {"@type": "Organization", "name": "Tidstorget", "url": "https://tidstorget.example/"},
        "seller": hall.seller,
        "orderedItem": [
            {"@type": "OrderItem", "position": n, "orderedItem": hall.slot_id(key),
             "acceptedOffer": f"{hall.slot_id(key)}#/offers/1"}
            for n, key in ((0, "1"), (1, "2"))
        ],
    }  # fmt: skip
    customer = {
        "@type": "Person", "email": "a@example.com", "givenName": "Astrid Maria", "familyName": "Ek",
        "telephone": "070-174 06 05",
    }  # fmt: skip
    assert c1[2] == asked
    assert c2[2] == {**asked, "customer": customer}
    assert b[2] == {
        **asked,
        "@type": "Order",
        "customer": customer,
        "totalPaymentDue": {"@type": "PriceSpecification", "price": 615.5, "priceCurrency": "SEK"},
        "payment": {"@type": "Payment", "identifier": "TT-1", "name": "Tidstorget"},
    }
    assert hall.headers[-1]["Content-Type"] == BOOKING
    assert (purchase.state, purchase.order_number, purchase.charged) == ("booked", "LH00001", 61550)
    assert purchase.tax == 3484  # 6 % within: 18.11 of 320.00 and 16.73 of 295.50
    assert [line.access for line in purchase.lines] == [[["Dörrkod", "4001"]]] * 2
    assert entries(market) == [("sale", 61550, "TT-1", "LH00001")]
    market.harvest()
    assert remaining(market) == {"1": 0, "2": 0, "3": 4, "4": 2, "5": 10}
    assert rules(market) == set()


def test_payments_are_numbered_and_may_carry_an_account(hall, market):
    market.set(account_id="SN1593", payment_provider_id="KORT")
    for _time in range(2):
        market.book([hall.slot_id("3")])
    assert hall.asked[-1][2]["payment"] == {
        "@type": "Payment", "identifier": "TT-2", "name": "Tidstorget", "accountId": "SN1593",
        "paymentProviderId": "KORT",
    }  # fmt: skip


def test_a_free_time_has_no_payment(hall, market):
    purchase = market.book([hall.slot_id("5")])
    assert purchase.state == "booked" and purchase.payment == ""
    assert "payment" not in hall.asked[-1][2]
    with pytest.raises(ValueError, match="no order TT"):
        market.purchase("TT-1")
    assert "Betalt" not in visit(market, f"/kvitto/{purchase.uuid}")


def test_a_reseller_is_the_customer_itself(hall, market):
    market.set(broker_role="ResellerBroker")
    market.book([hall.slot_id("1")])
    assert hall.asked[-1][2]["brokerRole"] == f"{OA}ResellerBroker"
    assert "customer" not in hall.asked[-1][2]


def test_several_places_at_one_time(hall, market):
    market.book([hall.slot_id("3")] * 3)
    assert [item["position"] for item in hall.asked[-1][2]["orderedItem"]] == [0, 1, 2]
    with pytest.raises(ValueError, match="Det gick inte att boka alla tider"):
        market.book([hall.slot_id("3")] * 2)
    [refused] = [purchase for purchase in market.purchases.values() if purchase.state == "basket"]
    assert [line.error for line in refused.lines] == ["", "Det finns inte så många platser kvar på tiden."]
    assert hall.slots["3"]["free"] == 1 and len(market.accounts.entries) == 1


@pytest.mark.parametrize(
    "faults",
    [
        [{"fault": "timeout", "seconds": 0.1, "when": "after"}],
        [{"fault": "close", "when": "after"}, {"fault": "close"}],
        [{"fault": "cut"}],
        [{"fault": "status", "status": 503, "when": "after"}],
        [{"fault": "status", "status": 429, "retry_after": "0"}],
        [{"fault": "status", "status": 500, "body": "<html>"}],
    ],
)
def test_a_booking_without_a_clear_answer_is_sent_again_and_booked_once(hall, market, faults):
    hall.misbehave(*({**fault, "path": "/api/orders/*", "method": "PUT"} for fault in faults))
    purchase = market.book([hall.slot_id("3")])
    sent = [body for method, path, body in hall.asked if path == f"/api/orders/{purchase.uuid}"]
    assert all(body == sent[0] for body in sent)
    assert (purchase.state, purchase.order_number) == ("booked", "LH00001")
    assert (len(hall.orders), hall.slots["3"]["free"]) == (1, 3)
    assert entries(market) == [("sale", 8000, "TT-1", "LH00001")]


def test_a_booking_that_stays_unclear_is_cleared_up_later_and_the_customer_is_told_to_wait(hall, market):
    hall.misbehave({"fault": "close", "when": "after", "path": "/api/orders/*", "times": 3})
    purchase = market.book([hall.slot_id("3")])
    assert (purchase.state, purchase.charged, entries(market)) == ("unclear", 0, [])
    assert "Vi väntar på besked från anläggningen" in visit(market, f"/kvitto/{purchase.uuid}")
    market.harvest()
    assert (purchase.state, purchase.order_number, len(hall.orders)) == ("booked", "LH00001", 1)
    assert entries(market) == [("sale", 8000, "TT-1", "LH00001")]
    market.harvest()
    assert len(market.accounts.entries) == 1


def test_what_was_cancelled_while_the_booking_was_unclear_is_refunded(hall, market):
    hall.misbehave({"fault": "close", "when": "after", "path": "/api/orders/*", "times": 3})
    purchase = market.book([hall.slot_id("3")])
    hall.cancel(purchase.uuid, [0], message="Salen är stängd.")
    market.orders.follow(market.system())
    market.harvest()
    market.harvest()
    assert entries(market) == [("sale", 8000, "TT-1", "LH00001"), ("refund", -8000, "TT-1", "LH00001")]


def test_killed_in_the_midst_it_sends_the_same_booking_again(hall, tmp_path):
    state = tmp_path / "state.json"
    with Marketplace(state, clock=CLOCK, poll=0, retry_wait=0.01) as market:
        market.connect(dataset=hall.base, token=TOKEN)
        hall.misbehave({"fault": "close", "when": "after", "path": "/api/orders/*", "times": 3})
        uuid = market.book([hall.slot_id("1")], name="Astrid Ek").uuid
        market.set_clock("2090-03-02")
    with Marketplace(state, clock=CLOCK, poll=0) as market:
        market.harvest()
        purchase = market.purchase(uuid)
        assert (purchase.state, purchase.customer["name"]) == ("booked", "Astrid Ek")
        assert len(hall.orders) == 1
        market.cancel("LH00001")
    with Marketplace(state, clock=CLOCK, poll=0) as market:
        assert entries(market) == [("sale", 32000, "TT-1", "LH00001"), ("refund", -32000, "TT-1", "LH00001")]
        assert {entry.day for entry in market.accounts.entries} == {"2090-03-02"}
        assert market.next_payment() == "TT-2"


def test_who_presses_pay_twice_books_once(hall, market):
    purchase = market.broker.begin([market.times()[0]])
    hall.misbehave({"fault": "slow", "seconds": 0.3, "path": "/api/orders/*"})
    form = urllib.parse.urlencode({**PAYING, "summa": 32000}).encode()
    answers = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(ask(f"{market.url}/kop/{purchase.uuid}/betala", form, FORM))
        )
        for _press in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(status, headers["Location"]) for status, _body, headers in answers] == [
        (303, f"/kvitto/{purchase.uuid}")
    ] * 3
    assert len([path for method, path, _b in hall.asked if path.startswith("/api/orders/")]) == 1
    assert entries(market) == [("sale", 32000, "TT-1", "LH00001")]


@pytest.mark.parametrize("kind", ["OrderAlreadyExistsError", "SellerNotFoundError"])
def test_a_refusal_for_good_is_not_sent_again(hall, market, kind):
    body = json.dumps({"@context": OA, "@type": kind, "description": "Nej."})
    told = {"fault": "status", "status": 500, "body": body, "content_type": BOOKING, "path": "/api/orders/*"}
    hall.misbehave(told)
    with pytest.raises(ValueError, match="Nej"):
        market.book([hall.slot_id("1")])
    assert [purchase.state for purchase in market.purchases.values()] == ["refused"]
    assert hall.sold == 0 and entries(market) == []


IN_FACILITY = ("orderedItem", 0, "orderedItem", "facilityUse", "aggregateFacilityUse")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (drop("seller", "address"), "booking_answer"),
        (drop("bookingService"), "booking_answer"),
        (drop("orderRequiresApproval"), "booking_answer"),
        (put("broker", "name", value="En annan"), "booking_answer"),
        (put("seller", "@id", value=f"{OA}sellers/2"), "booking_answer"),
        (put("payment", value={"@type": "Payment"}), "booking_answer"),
        (put("orderedItem", 0, "position", value=1), "booking_answer"),
        (put("orderedItem", 0, "@id", value=f"{OA}1"), "booking_answer"),
        (put("orderedItem", 0, "acceptedOffer", value=f"{OA}offer"), "booking_answer"),
        (put("orderedItem", 0, "orderedItem", "offers", value=[{"@type": "Offer"}]), "booking_answer"),
        (put(*IN_FACILITY, "provider", value={"@type": "Organization"}), "booking_answer"),
        (drop(*IN_FACILITY), "booking_answer"),
        (put("orderedItem", 0, "unitTaxSpecification", 0, "price", value=18.12), "tax"),
        (put("seller", "telephone", value=""), "empty"),
        (put("seller", "url", value=None), "null"),
    ],
)
def test_quotes_that_break_a_rule(hall, market, change, rule):
    hall.alter = lambda path, answer: path.startswith("/api/order-quote") and change(answer.value)
    market.book([hall.slot_id("1")])
    assert rules(market) == {("C1", rule), ("C2", rule)}


@pytest.mark.parametrize("kind", ["TemporarilyUnableToCreateOrderError", "OrderCreationFailedError"])
def test_a_booking_that_cannot_be_made_now_can_be_tried_again(hall, market, kind):
    told = {"fault": "status", "status": 503, "path": "/api/orders/*", "times": 3}
    told |= {"body": json.dumps({"@context": OA, "@type": kind}), "content_type": BOOKING}
    hall.misbehave(told)
    purchase = market.broker.begin([market.times()[0]])
    who = {"name": "Astrid Ek", "email": "astrid.ek@example.com", "phone": "0701740605"}
    with pytest.raises(ValueError, match="Försök igen om en stund"):
        market.broker.book(purchase, who)
    assert (purchase.state, purchase.payment, hall.sold) == ("basket", "", 0)
    market.broker.book(purchase, who)
    assert entries(market) == [("sale", 32000, "TT-2", "LH00001")]


def test_a_refusal_after_no_answer_is_doubted(hall, market):
    """The first attempt is acted on, but has no answer; the second is refused, and should not be."""

    def alter(path, answer):
        if path.startswith("/api/orders/") and len(hall.orders) and answer.status == 201 and len(refused) < 2:
            refused.append(path)
            if len(refused) == 2:
                error = {"@context": OA, "@type": "OpportunityIsFullError"}
                answer.data, answer.status = json.dumps(error).encode(), 409

    refused = []
    hall.alter = alter
    hall.misbehave({"fault": "close", "when": "after", "path": "/api/orders/*"})
    with pytest.raises(ValueError, match="Tiden hann bokas av någon annan"):
        market.book([hall.slot_id("1")])
    assert ("B", "refused_but_booked") in rules(market)
    [purchase] = market.purchases.values()
    assert purchase.state == "refused" and hall.orders[purchase.uuid]["gone"]
    assert entries(market) == []


def test_a_failure_is_told_though_the_next_attempt_went_well(hall, market):
    body = json.dumps({"@context": OA, "@type": "InternalApplicationError"})
    told = {"fault": "status", "status": 500, "body": body, "content_type": BOOKING}
    hall.misbehave({**told, "path": "/api/order-quotes/*"})
    assert market.book([hall.slot_id("1")]).state == "booked"
    [breach] = market.system().breaches.listed()
    assert (breach.place, breach.rule) == ("C2", "failed")
    assert breach.example == "500 InternalApplicationError"


def test_a_quote_without_a_total_is_not_paid(hall, market):
    gone = drop("totalPaymentDue")
    hall.alter = lambda path, answer: path.startswith("/api/order-quote") and gone(answer.value)
    with pytest.raises(ValueError, match="svarade obegripligt"):
        market.book([hall.slot_id("1")])
    assert hall.sold == 0


def test_an_unclear_booking_can_be_given_up(hall, market):
    hall.misbehave({"fault": "close", "path": "/api/orders/*", "method": "PUT", "times": 3})
    purchase = market.book([hall.slot_id("1")])
    market.orders.undo(purchase)
    market.harvest()
    assert (purchase.state, hall.sold, entries(market)) == ("dropped", 0, [])
    assert ask(f"{market.url}/kop/{purchase.uuid}")[0] == 410
    assert rules(market) == {("B", "no_answer")}


def test_answers_that_break_the_rules_of_booking(hall, market):
    def alter(path, answer):
        if path.startswith("/api/orders/"):
            told = json.loads(answer.data)
            del told["orderNumber"]
            told["totalPaymentDue"]["price"] = 300
            told["orderedItem"][0]["unitTaxSpecification"][0]["price"] = 1
            answer.data, answer.status = json.dumps(told).encode(), 200
            answer.content_type = "application/json"

    hall.alter = alter
    market.book([hall.slot_id("1")])
    broken = {"no_order_number", "total", "tax", "booking_status", "booking_answer"}
    assert rules(market) == {("B", rule) for rule in broken}


# === CANCELLING === #


def test_a_customer_cancels_one_of_two_times(hall, market):
    purchase = market.book([hall.slot_id("1"), hall.slot_id("2")])
    market.cancel("LH00001", [1])
    [patch] = [body for method, _path, body in hall.asked if method == "PATCH"]
    assert patch == {
        "@context": OA,
        "@type": "Order",
        "orderedItem": [
            {"@type": "OrderItem", "@id": f"{hall.base}/api/orders/{purchase.uuid}#/orderedItem/1",
             "orderItemStatus": f"{OA}CustomerCancelled"}
        ],
    }  # fmt: skip
    assert [line.status for line in purchase.lines] == ["booked", "by_customer"]
    assert (purchase.charged, purchase.refunded) == (61550, 29550)
    assert entries(market)[1:] == [("refund", -29550, "TT-1", "LH00001")]
    assert market.accounts.entries[1].text == "Padelhallen, Bana 2 lör 4 mars 18:00"
    with pytest.raises(ValueError, match="Välj minst en tid som är bokad"):
        market.cancel("LH00001", [1])
    market.cancel("LH00001")
    assert purchase.refunded == 61550 and purchase.left == 0
    assert rules(market) == set()


def test_it_is_too_late_to_cancel(hall):
    now = {"clock": NOW.timestamp()}
    with Marketplace(clock=lambda: now["clock"], poll=0) as market:
        market.connect(dataset=hall.base, token=TOKEN)
        market.book([hall.slot_id("1")])
        market.book([hall.slot_id("4")])
        asked = len(hall.asked)
        now["clock"] = moment("2090-03-03T17:00:01Z").timestamp()
        with pytest.raises(ValueError, match=r"kunde avbokas till fre 3 mars kl. 18:00"):
            market.cancel("LH00001")
        with pytest.raises(ValueError, match="går inte att avboka"):
            market.cancel("LH00002")
        assert len(hall.asked) == asked
        hall.clock = lambda: moment("2090-03-03T17:00:01Z")
        market.misbehave("late_cancel")
        with pytest.raises(ValueError, match="För sent att avboka hos hallen"):
            market.cancel("LH00001")
        assert hall.asked[-1][0] == "PATCH" and market.faults == []
        assert market.purchase("LH00001").lines[0].status == "booked" and len(market.accounts.entries) == 2


def test_the_seller_cancels_and_the_customer_gets_the_money_back(hall, market):
    purchase = market.book([hall.slot_id("1"), hall.slot_id("3")])
    hall.cancel(purchase.uuid, [0], message="Banan är <blöt>.")
    market.harvest()
    assert (purchase.refunded, purchase.due) == (32000, 8000)
    text = visit(market, f"/kvitto/{purchase.uuid}")
    assert "Inställd av anläggningen" in text and "Banan är &lt;blöt&gt;." in text
    assert "Återbetalt: 320,00 kr" in text
    market.harvest(anew=True)
    assert purchase.refunded == 32000 and rules(market) == set()


def test_an_order_that_the_seller_deletes_is_refunded(hall, market):
    purchase = market.book([hall.slot_id("1"), hall.slot_id("2")])
    market.cancel("LH00001", [0])
    hall.delete(purchase.uuid)
    market.harvest()
    assert purchase.deleted and [line.status for line in purchase.lines] == ["by_customer", "deleted"]
    assert [entry[1] for entry in entries(market)] == [61550, -32000, -29550]
    assert "Borttagen av anläggningen" in visit(market, f"/kvitto/{purchase.uuid}")


def test_an_order_that_is_undone_is_refunded_once(hall, market):
    purchase = market.book([hall.slot_id("1")])
    hall.alter = lambda path, answer: path == "/api/orders-rpde" and answer.value.update(items=[])
    market.orders.undo(purchase)
    assert ("DELETE", f"/api/orders/{purchase.uuid}", None) in hall.asked
    assert purchase.deleted and purchase.refunded == 32000
    hall.alter = lambda _path, _answer: None
    market.orders.undo(purchase)
    market.harvest(anew=True)
    assert [entry[1] for entry in entries(market)] == [32000, -32000]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (put("data", "customer", value={"@type": "Person"}), {"personal_data"}),
        (put("data", "orderedItem", 0, "position", value=0), {"personal_data"}),
        (put("data", "totalPaymentDue", "price", value=900), {"total_rose"}),
        (put("data", "totalPaymentDue", "price", value=100), {"total"}),
        (put("id", value="7c1c1f0e-63a4-4c55-9b42-5d1f7bb0c0aa"), {"unknown_order"}),
        (put("data", "orderedItem", 0, "@id", value=f"{OA}other"), {"booking_answer", "total"}),
    ],
)
def test_an_orders_feed_that_breaks_a_rule(hall, market, change, found):
    purchase = market.book([hall.slot_id("1")])
    hall.cancel(purchase.uuid, [0])

    def alter(path, answer):
        if path == "/api/orders-rpde" and answer.value["items"]:
            change(answer.value["items"][0])

    hall.alter = alter
    market.harvest()
    assert rules(market) == {("orders", rule) for rule in found}


def test_an_orders_feed_is_private(hall, market):
    def alter(path, answer):
        if path == "/api/orders-rpde":
            answer.value["license"] = LICENSE
            answer.headers["Cache-Control"] = "public, max-age=8"
            answer.content_type = "application/json"

    hall.alter = alter
    market.harvest()
    assert rules(market) == {
        ("orders", "license_on_orders"), ("orders", "public_orders"), ("orders", "content_type")
    }  # fmt: skip


# === MISBEHAVING AS A BROKER === #


def test_a_booking_that_is_sent_twice_at_once(hall, market):
    market.misbehave("book_twice")
    purchase = market.book([hall.slot_id("3")])
    sent = [path for method, path, _b in hall.asked if path.startswith("/api/orders/")]
    assert sent == [f"/api/orders/{purchase.uuid}"] * 2
    assert (len(hall.orders), hall.slots["3"]["free"], len(market.accounts.entries)) == (1, 3, 1)
    assert rules(market) == set() and market.faults == []


def test_a_booking_without_asking_for_the_price(hall, market):
    before = len(hall.asked)
    market.misbehave("no_quotes")
    purchase = market.book([hall.slot_id("1")])
    assert [path for _m, path, _b in hall.asked[before:]] == [f"/api/orders/{purchase.uuid}"]
    market.misbehave({"fault": "no_quotes", "path": "/order-quotes/*"})
    before = len(hall.asked)
    purchase = market.book([hall.slot_id("2")])
    assert [path for _m, path, _b in hall.asked[before:]] == [
        f"/api/order-quote-templates/{purchase.uuid}", f"/api/orders/{purchase.uuid}"
    ]  # fmt: skip


def test_a_booking_with_a_wrong_total(hall, market):
    market.misbehave({"fault": "wrong_total", "amount": 50})
    with pytest.raises(ValueError, match="Priset har ändrats"):
        market.book([hall.slot_id("1")])
    sent = [body for _m, path, body in hall.asked if path.startswith("/api/orders/")]
    assert [body["totalPaymentDue"]["price"] for body in sent] == [320.5]
    assert hall.sold == 0 and entries(market) == []
    assert hall.asked[-1][:2] == ("DELETE", f"/api/order-quotes/{next(iter(market.purchases))}")


# === STATEMENTS === #


def sell(market, hall):
    """March: 320.00, 295.50 and 80.00 sold, the second given back: 400.00 is left."""
    market.book([hall.slot_id("1")])
    market.set_clock("2090-03-15")
    market.book([hall.slot_id("2")])
    market.book([hall.slot_id("3")])
    market.set_clock("2090-03-20")
    market.cancel("LH00002")


def fetch(market, path="", token=STATEMENT_TOKEN, **options):
    return ask(f"{market.url}/statements{path}", headers={"Authorization": f"Bearer {token}"}, **options)


def rows(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))


def test_a_months_statement(hall, market):
    sell(market, hall)
    market.book([hall.slot_id("5")])  # for nothing
    assert market.set_clock("2090-04-02") == []
    [payout] = market.set_clock("2090-04-10")
    # 12 % of 400.00 is 48.00, and 25 % of that 12.00: 340.00, on the third as agreed.
    assert (payout.reference, payout.paid, payout.amount) == ("UTB-2090-03-1", "2090-04-03", 34000)
    status, listed, _headers = fetch(market)
    assert (status, listed) == (
        200,
        [
            {"reference": "UTB-2090-03-1", "period": "2090-03", "paid": "2090-04-03", "amount": 340,
             "url": f"{market.url}/statements/2090-03.csv"}
        ],
    )  # fmt: skip
    status, data, headers = ask(listed[0]["url"], headers={"Authorization": f"Bearer {STATEMENT_TOKEN}"})
    assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    found = rows(data)
    assert {(row["Utbetalning"], row["Utbetalningsdatum"], row["Utbetalt belopp"]) for row in found} == {
        ("UTB-2090-03-1", "2090-04-03", "340,00")
    }
    assert [(r["Datum"], r["Typ"], r["Bokning"], r["Referens"], r["Belopp"]) for r in found] == [
        ("2090-03-01", "Försäljning", "LH00001", "TT-1", "320,00"),
        ("2090-03-15", "Försäljning", "LH00002", "TT-2", "295,50"),
        ("2090-03-15", "Försäljning", "LH00003", "TT-3", "80,00"),
        ("2090-03-20", "Återbetalning", "LH00002", "TT-2", "-295,50"),
        ("2090-03-31", "Provision", "", "", "-48,00"),
        ("2090-03-31", "Moms på provision", "", "", "-12,00"),
    ]
    assert [row["Kundorder"] for row in found[:4]] == [
        market.purchase(number).uuid for number in ("LH00001", "LH00002", "LH00003", "LH00002")
    ]


def test_the_statement_is_read_by_the_payouts_import(hall, market):
    """By its header alone: the proposed columns, what was paid, and references that find documents."""
    sell(market, hall)
    market.pay_out("2090-03")
    _status, data, _headers = fetch(market, "/2090-03.csv")
    table = read_table(data)
    columns = propose(table)
    assert {column.name: column.target for column in columns} == {
        "Utbetalning": "payout_reference", "Utbetalningsdatum": "payout_date",
        "Utbetalt belopp": "amount_paid", "Datum": "date", "Typ": "type", "Bokning": "order_reference",
        "Referens": "reference", "Kundorder": "ignore", "Text": "text", "Belopp": "amount",
        "Valuta": "currency",
    }  # fmt: skip
    reading = read_payouts(table, columns)
    [payout] = reading.payouts
    assert reading.errors == [] and reading.without == []
    assert (payout.reference, payout.day, payout.currency) == ("UTB-2090-03-1", date(2090, 3, 20), "SEK")
    assert payout.paid == payout.total == Decimal("340.00")
    assert [(row.code, row.order_reference, row.reference) for row in payout.rows[:2]] == [
        ("Försäljning", "LH00001", "TT-1"), ("Försäljning", "LH00002", "TT-2")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "commission", "vat"),
    [(32000, 3840, 960), (29550, 3546, 887), (4, 0, 0), (5, 1, 0), (-29550, -3546, -887), (0, 0, 0)],
)
def test_commission_and_the_vat_on_it_are_to_the_ore(amount, commission, vat):
    """295.50: 35.46, and of that 8.865, which is 8.87. A half goes away from nought, also below it."""
    assert (share_of(amount, 1200), share_of(share_of(amount, 1200), 2500)) == (commission, vat)


def test_a_refund_of_last_months_sale_is_in_this_months_payout(hall, market):
    market.book([hall.slot_id("1")])
    [march] = market.set_clock("2090-04-03")
    market.cancel("LH00001")
    market.book([hall.slot_id("3")])
    [april] = market.set_clock("2090-05-03")
    assert (march.collected, march.amount) == (32000, 32000 - 3840 - 960)
    # 80.00 - 320.00: the commission of 28.80, and 7.20, comes back.
    assert (april.collected, april.commission, april.vat, april.amount) == (-24000, 2880, 720, -20400)
    _status, data, _headers = fetch(market, "/2090-04.csv")
    assert [row["Belopp"] for row in rows(data)] == ["-320,00", "80,00", "28,80", "7,20"]


def test_a_payout_before_its_day_leaves_the_rest_to_the_next(hall, market):
    market.book([hall.slot_id("1")])
    assert [payout.amount for payout in market.pay_out()] == [27200]
    with pytest.raises(ValueError, match="2090-03 är redan utbetald"):
        market.pay_out("2090-03")
    market.book([hall.slot_id("3")])
    assert market.set_clock("2090-04-04") == []
    [payout] = market.pay_out("2090-04")
    assert (payout.collected, payout.amount) == (8000, 6800)
    market.book([hall.slot_id("5")])  # for nothing
    assert market.set_clock("2090-06-30") == []
    with pytest.raises(ValueError, match="inget sålt"):
        market.pay_out("2090-05")
    with pytest.raises(ValueError, match="Invalid isoformat"):
        market.pay_out("mars")


def test_other_terms_and_the_clock(hall, market):
    market.set(commission=750, commission_vat=0, payout_day=31)
    market.book([hall.slot_id("1")])
    assert market.set_clock("2090-04-29") == []
    [payout] = market.set_clock("2090-04-30")  # there is no 31 April
    assert (payout.commission, payout.vat, payout.amount) == (-2400, 0, 29600)
    with pytest.raises(ValueError, match="got to 2090-04-30"):
        market.set_clock("2090-04-29")
    market.harvest()
    assert len(market.times()) == 4  # what is free goes by the machine's clock


def test_each_seller_has_statements_of_its_own(hall, market):
    with Hall().furnish() as other:
        second = market.connect(dataset=other.base, token=TOKEN, statement_token="grannens")
        market.book([hall.slot_id("1")])
        market.book([other.slot_id("3")])
        assert {p.reference: p.amount for p in market.pay_out()} == {
            "UTB-2090-03-1": 27200, "UTB-2090-03-2": 6800
        }  # fmt: skip
        assert [row["period"] for row in fetch(market, token="grannens")[1]] == ["2090-03"]
        assert rows(fetch(market, "/2090-03.csv", "grannens")[1])[0]["Belopp"] == "80,00"
        assert second.number == 2
        with pytest.raises(ValueError, match="another booking system has that statement_token"):
            market.connect(dataset=f"{other.base}0", statement_token="grannens")
        with pytest.raises(ValueError, match="en och samma anläggning"):
            first = next(time for time in market.times() if time.system == 1)
            purchase = market.broker.begin([first])
            market.broker.add(purchase, [next(time for time in market.times() if time.system == 2)])


def test_who_may_fetch_statements(hall, market):
    assert fetch(market, token="fel")[0] == 401
    status, _body, headers = ask(f"{market.url}/statements")
    assert status == 401 and headers["WWW-Authenticate"].startswith("Bearer")
    assert fetch(market, "/2090-03.csv")[0] == 404
    assert fetch(market, method="POST", data=b"")[0] == 405
    assert fetch(market)[:2] == (200, [])
    market.misbehave(503)
    assert fetch(market)[0] == 503


def test_statements_that_are_wrong(hall, market):
    sell(market, hall)
    market.pay_out("2090-03")

    def fetched():
        found = rows(fetch(market, "/2090-03.csv")[1])
        total = sum(Decimal(row["Belopp"].replace(",", ".")) for row in found)
        return found[0]["Utbetalt belopp"], str(total), [row["Typ"] for row in found]

    right = ["Försäljning"] * 3 + ["Återbetalning", "Provision", "Moms på provision"]
    market.misbehave("forget", {"fault": "wrong_sum", "amount": 250}, "unknown_type")
    assert fetch(market)[0] == 200 and len(market.faults) == 3  # they are for the files
    assert fetched() == ("340,00", "20.00", right[1:])
    assert fetched() == ("342,50", "340.00", right)
    assert fetched() == ("339,00", "339.00", [*right, "Kampanjavdrag"])
    assert fetched() == ("340,00", "340.00", right)


# === THE SHOP === #


def visit(market, path):
    status, body, _headers = ask(f"{market.url}{path}")
    assert status == 200, path
    return body.decode()


def send(market, path, told=()):
    """(status, text, where it leads) of a form."""
    body = urllib.parse.urlencode(told, doseq=True).encode()
    status, text, headers = ask(f"{market.url}{path}", body, FORM)
    return status, text.decode(), headers.get("Location", "")


def choices(text):
    """The times that a page offers."""
    return [value.replace("&#x27;", "'") for value in re.findall(r'name=tid value="([^"]*)"', text)]


def test_a_visitor_finds_a_time_books_it_and_cancels_it(hall, market):
    text = visit(market, "/?" + urllib.parse.urlencode({"aktivitet": "Padel", "dag": "2090-03-04"}))
    assert "Padelhallen, Bana 1" in text and "Gympasalen" not in text
    assert "18:00–19:00" in text and "320,00 kr" in text
    first, second = choices(text)
    status, _text, basket = send(market, "/kop", {"tid": [first, second]})
    assert status == 303
    text = visit(market, basket)
    assert "Att betala 615,50 kr" in text and "varav moms 34,84 kr" in text
    assert "Kan avbokas till fre 3 mars kl. 18:00" in text and "En plats till" not in text
    assert f'<a href="{hall.url}/villkor">Bokningsvillkor</a>' in text
    status, _text, receipt = send(market, f"{basket}/betala", {**PAYING, "summa": 61550})
    assert (status, receipt) == (303, basket.replace("kop", "kvitto"))
    text = visit(market, receipt)
    for said in ("LH00001", "Dörrkod: <b>4001</b>", "Betalt med kort: 615,50 kr", "Astrid Ek", "TT-1",
                 "lör 4 mars kl. 18:00–19:00", "Provgatan 1, 123 45 Provstad"):  # fmt: skip
        assert said in text
    assert "checked" in visit(market, f"{receipt}/avboka")
    assert send(market, f"{receipt}/avboka", {"rad": "1"}) == (303, "", receipt)
    assert "Återbetalt: 295,50 kr" in visit(market, receipt)
    market.harvest()
    assert len(choices(visit(market, "/?dag=2090-03-04"))) == 1


def test_a_time_with_several_prices(hall):
    def alter(path, answer):
        for item in answer.value["items"] if path == "/feeds/slots" else ():
            if item["id"] == "3":
                [offer] = item["data"]["offers"]
                more = {"@id": f"{hall.slot_id('3')}#/offers/2", "name": "Student", "price": 60}
                item["data"]["offers"].append({**offer, **more})

    hall.alter = alter
    with Marketplace(clock=CLOCK, poll=0) as market:
        market.connect(dataset=hall.base, token=TOKEN)
        text = visit(market, "/?dag=2090-03-05")
        assert "60,00 kr · Student · 4 platser kvar" in text and "80,00 kr · Ordinarie · 4 platser" in text
        assert "Ordinarie" not in visit(market, "/?dag=2090-03-04")
        assert (
            market.system().catalogue.time(hall.slot_id("3"), f"{hall.slot_id('3')}#/offers/2").price == 6000
        )


def test_a_basket_is_filled_from_several_days_and_emptied(hall, market):
    [room] = choices(visit(market, "/?dag=2090-03-05"))
    _status, _text, basket = send(market, "/kop", {"tid": room})
    uuid = basket.rpartition("/")[2]
    text = visit(market, f"/?dag=2090-03-06&kop={uuid}")
    assert "Du har 1 i varukorgen hos Lilla hallen AB" in text
    assert send(market, "/kop", {"tid": choices(text), "kop": uuid})[2] == basket
    assert "Kan inte avbokas" in visit(market, basket)
    assert send(market, f"{basket}/en-till", {"rad": 0})[2] == basket
    assert "Att betala 260,00 kr" in visit(market, basket)  # 80.00, 100.00 and 80.00
    send(market, f"{basket}/ta-bort", {"rad": 1})
    assert "Att betala 160,00 kr" in visit(market, basket)
    assert send(market, f"{basket}/avbryt")[2] == "/"
    assert hall.asked[-1][:2] == ("DELETE", f"/api/order-quotes/{uuid}")
    assert ask(f"{market.url}{basket}")[0] == 410


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("namn", "", "Skriv ditt namn."),
        ("namn", "12", "Skriv ditt namn."),
        ("namn", "x" * 101, "Namnet är för långt"),
        ("mobil", "", "Skriv ditt mobilnummer."),
        ("mobil", "08-123 456", "Det är inget mobilnummer."),
        ("epost", "", "Skriv din e-postadress."),
        ("epost", "astrid@", "E-postadressen är inte rätt skriven."),
        ("kort", "4242 4242 4242 4241", "Kortnumret är fel skrivet."),
        ("kort", "4000 0000 0000 0002", "Kortet nekades av banken."),
        ("giltigt", "13/93", "Skriv månad och år"),
        ("giltigt", "02/90", "Kortet har gått ut"),
        ("cvc", "12", "CVC är de tre siffrorna"),
        ("summa", "", "Summan saknas"),
        ("summa", "31000", "Priset har ändrats"),
    ],
)
def test_what_a_visitor_fills_in_wrong(hall, market, field, value, said):
    _status, _text, basket = send(market, "/kop", {"tid": choices(visit(market, "/"))[0]})
    status, text, _to = send(market, f"{basket}/betala", {**PAYING, "summa": 32000, field: value})
    assert status == 400 and said in text
    if field != "epost":
        assert 'value="astrid.ek@example.com"' in text  # what was right is still there
    assert hall.sold == 0 and market.accounts.entries == []


@pytest.mark.parametrize("mobile", ["0701740605", "+46 70 174 06 05", "0046701740605", "+47 406 12 345"])
def test_mobile_numbers_as_people_write_them(hall, market, mobile):
    _status, _text, basket = send(market, "/kop", {"tid": choices(visit(market, "/"))[0]})
    assert send(market, f"{basket}/betala", {**PAYING, "summa": 32000, "mobil": mobile})[0] == 303
    assert hall.asked[-1][2]["customer"]["telephone"] == mobile.replace(" ", "")


def test_a_time_that_somebody_else_took(hall, market):
    text = visit(market, "/")
    _status, _text, basket = send(market, "/kop", {"tid": choices(text)[0]})
    hall.change_slot("1", free=0)
    status, text, _to = send(market, f"{basket}/betala", {**PAYING, "summa": 32000})
    assert status == 400 and "Tiden hann bokas av någon annan." in text
    market.harvest()
    status, text, _to = send(market, "/kop", {"tid": f"1 {hall.slot_id('1')} {hall.slot_id('1')}#/offers/1"})
    assert status == 400 and "inte ledig längre" in text


def test_a_price_that_changed_is_shown_before_it_is_paid(hall, market):
    _status, _text, basket = send(market, "/kop", {"tid": choices(visit(market, "/"))[0]})
    hall.change_slot("1", price=35000)
    status, text, _to = send(market, f"{basket}/betala", {**PAYING, "summa": 32000})
    assert status == 400 and "Priset har ändrats" in text and "Betala 350,00 kr" in text
    assert send(market, f"{basket}/betala", {**PAYING, "summa": 35000})[0] == 303
    assert entries(market) == [("sale", 35000, "TT-1", "LH00001")]


def test_a_booking_system_that_does_not_answer(hall, market):
    text = visit(market, "/")
    hall.misbehave({"fault": "close", "times": 3})
    _status, _text, basket = send(market, "/kop", {"tid": choices(text)[0]})
    hall.misbehave({"fault": "close", "times": 3})
    status, text, _to = send(market, f"{basket}/betala", {**PAYING, "summa": 32000})
    assert status == 400 and "svarar inte. Försök igen om en stund" in text
    assert send(market, f"{basket}/betala", {**PAYING, "summa": 32000})[0] == 303


@pytest.mark.parametrize(
    ("path", "told", "status", "said"),
    [
        ("/kop", {}, 400, "Välj minst en tid."),
        ("/kop", {"tid": "1 x y"}, 400, "inte ledig längre"),
        ("/kop/7c1c1f0e-63a4-4c55-9b42-5d1f7bb0c0aa/betala", PAYING, 404, "Det finns ingen bokning"),
        ("/kvitto/x", {}, 404, "Det finns ingen bokning"),
    ],
)
def test_addresses_and_forms_that_lead_nowhere(market, path, told, status, said):
    got, text, _to = send(market, path, told)
    assert got == status and said in text


def test_what_the_shop_shows_is_escaped(hall, market):
    hall.alter = lambda path, answer: (
        answer.value["items"][0]["data"].update(name="<script>x</script>")
        if path == "/feeds/facility-uses" and answer.value["items"]
        else None
    )
    market.harvest(anew=True)
    send(market, "/kop", {"tid": choices(visit(market, "/"))[0]})
    for path in ("/", "/insidan"):
        text = visit(market, path)
        assert "&lt;script&gt;" in text and "<script>" not in text
    assert ("facility-uses", "html") in rules(market)


# === CONTROL, AND THE COMMAND LINE === #


def control(market, name, told=None):
    return ask(f"{market.url}/control/{name}", json.dumps(told or {}).encode())[:2]


def test_control_over_http(hall):
    with Marketplace(clock=CLOCK, poll=0) as market:
        status, told = control(market, "connect", {"dataset": hall.base, "token": TOKEN})
        assert (status, told["number"], told["statement_token"]) == (200, 1, STATEMENT_TOKEN)
        assert len(ask(f"{market.url}/times")[1]) == 5
        status, told = control(market, "book", {"slots": [hall.slot_id("1")], "name": "Astrid Ek"})
        assert (status, told["order_number"], told["charged"]) == (200, "LH00001", 32000)
        assert control(market, "book", {"slots": [hall.slot_id("1")]})[0] == 400
        assert control(market, "cancel", {"order": "LH00001"})[1]["refunded"] == 32000
        assert control(market, "harvest", {"anew": True})[1] == {
            "systems": [{"system": 1, "facilities": 2, "slots": 5, "orders": 1}]
        }
        assert control(market, "book")[1]["charged"] == 32000
        assert control(market, "pay-out")[1]["payouts"][0]["amount"] == 27200
        assert control(market, "clock", {"to": "2090-04-10"})[1] == {"today": "2090-04-10", "payouts": []}
        status, told = control(market, "status", {"order": "LH00002"})
        assert (status, told["status"], told["body"]["orderNumber"]) == (200, 200, "LH00002")
        assert control(market, "undo", {"order": "LH00002"})[1]["deleted"]
        assert control(market, "settings", {"commission": "1000"})[1]["commission"] == 1000
        state = ask(f"{market.url}/state")[1]
        assert [system["breaches"] for system in state["systems"]] == [[]]
        assert TOKEN not in json.dumps(state) and STATEMENT_TOKEN not in json.dumps(state)
        assert "UTB-2090-03-1" in visit(market, "/insidan")
        assert len(rows(ask(f"{market.url}/insidan/UTB-2090-03-1.csv")[1])) == 5
        status, _body, headers = ask(f"{market.url}/control/harvest", b"system=1", FORM)
        assert (status, headers["Location"]) == (303, "/insidan")
        assert control(market, "reset") == (200, {}) and market.systems == {}


@pytest.mark.parametrize(
    ("name", "told", "why"),
    [
        ("connect", {}, b"dataset is missing"),
        ("connect", {"dataset": "/openactive/1"}, b"whole address"),
        ("connect", {"dataset": "http://x/", "addresses": ["x"]}, b"host:port"),
        ("book", {"slots": ["x"]}, b"there is no time x"),
        ("book", {"slot": "x"}, b"slot is not known here"),
        ("cancel", {"order": "x"}, b"there is no order x"),
        ("harvest", {"system": 9}, b"there is no booking system 9"),
        ("pay-out", {"month": "2090-13"}, b"month must be in 1..12"),
        ("clock", {"to": "snart"}, b"Invalid isoformat"),
        ("settings", {"commission": -1}, b"commission is a number from 0 on"),
        ("settings", {"commission": 12.5}, b"a whole one"),
        ("settings", {"broker_role": "NoBroker"}, b"broker_role is one of"),
        ("settings", {"margin": 1}, b"margin is no setting"),
        ("settings", {"payout_day": 0}, b"payout_day is 1 to 31"),
        ("misbehave", {"next": ["sulk"]}, b"fault is one of"),
    ],
)
def test_controls_that_are_not_understood(market, name, told, why):
    status, text = control(market, name, told)
    assert status == 400 and why in text


def test_a_booking_system_that_is_not_there_yet(hall):
    told = {"dataset": f"{hall.base}/elsewhere", "token": TOKEN}
    with Marketplace(systems=[told], clock=CLOCK, poll=0) as market:
        [done] = market.harvest()
        assert "answers 401" in done["error"]
        assert ("dataset", "site") in rules(market)
        assert "Det finns inga lediga tider" in visit(market, "/")


def test_as_a_process_that_remembers(hall, tmp_path):
    state = tmp_path / "state.json"
    options = ["--state", str(state), "--dataset", hall.base, "--token", TOKEN, "--poll", "0"]
    with process("marketplace", *options) as (_running, url):
        ask(f"{url}/control/harvest", b"{}")
        status, told, _headers = ask(f"{url}/control/book", b"{}")
        assert (status, told["order_number"]) == (200, "LH00001")
    with process("marketplace", *options, "--commission", "1000", as_module=True) as (_running, url):
        assert ask(f"{url}/state")[1]["purchases"][0]["order_number"] == "LH00001"
        _status, told, _headers = ask(f"{url}/control/pay-out", b"{}")
        assert told["payouts"][0]["amount"] == 28000  # 320.00 less 32.00 and 8.00


def run(*options):
    command = [sys.executable, str(SIMULATORS / "marketplace"), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_many_want_the_same_times_and_no_place_is_sold_twice():
    with Hall() as hall:
        hall.facilities = {"padel": hall.next_change(), ROOM: hall.next_change()}
        hall.add_slot("1", ROOM, "2090-03-05T18:00:00Z", 30, 8000)
        hall.add_slot("2", ROOM, "2090-03-05T19:00:00Z", 10, 0)
        hall.misbehave(
            *({"fault": "close", "when": "after", "path": "/api/orders/*"} for _time in range(3)),
            {"fault": "status", "status": 503, "path": "/api/orders/*", "times": 3},
        )
        told = run(
            "fight", "--dataset", hall.base, "--token", TOKEN, "--slots", "2", "--attempts", "120",
            "--clients", "16", "--quotes", "0.2", "--address", hall.host,
            "--address", f"localhost:{hall.port}",
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        summary = json.loads(told.stdout)
        assert [slot["sold"] for slot in summary["slots"]] == [30, 10]
        assert (summary["sold"], summary["twice"], len(hall.orders)) == (40, [], 40)
        assert summary["errors"] == {"409 OpportunityIsFullError": 80}
        assert {order["orderNumber"] for order in summary["orders"]} == {f"LH{n:05d}" for n in range(1, 41)}
        assert {order["uuid"] for order in summary["orders"]} == set(hall.orders)
        assert 0 < summary["retried"] <= 6


def test_a_consumer_has_it_all_when_the_feeds_are_still():
    """Each page that it has been given is out of date at once, until sixty changes are made."""
    with Hall(page_size=3) as hall:
        hall.facilities = {"padel": hall.next_change(), ROOM: hall.next_change()}
        for number in range(20):
            hall.add_slot(str(number), ROOM, "2090-03-05T18:00:00Z", 5, 8000)
        changes = iter(range(60))

        def alter(path, _answer):
            for number in itertools.islice(changes, 2) if path == "/feeds/slots" else ():
                hall.change_slot(str(number % 20), free=number % 5, gone=number % 20 == 7)

        hall.alter = alter
        told = run("consume", "--dataset", hall.base, "--until-still", "0.3", "--every", "0.02")
        assert (told.returncode, told.stderr) == (0, "")
        lines = map(json.loads, told.stdout.splitlines())
        read = {line["id"]: (line["remaining"], line["modified"]) for line in lines}
        assert next(changes, None) is None
        assert read == {
            key: (slot["free"], slot["change"]) for key, slot in hall.slots.items() if not slot["gone"]
        }
        assert len(read) == 19


def test_a_consumer_says_what_is_wrong(hall):
    hall.alter = lambda path, answer: answer.value.pop("license") if path == "/feeds/slots" else None
    told = run("consume", "--dataset", hall.base, "--until-still", "0.1")
    assert told.returncode == 1 and '"rule": "no_license"' in told.stderr
    assert len(told.stdout.splitlines()) == 5
    told = run("consume", "--dataset", f"{hall.base}0", "--until-still", "0.1")
    assert told.returncode == 2 and "answers 4" in told.stderr
