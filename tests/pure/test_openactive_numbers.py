"""Amounts, durations, moments and addresses of OpenActive: exact, in both directions."""

import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from brp_openactive.openactive import (
    Ids,
    is_amount,
    is_uuid,
    json_number,
    read_duration,
    read_instant,
    write_duration,
    write_instant,
)
from brp_openactive.openactive.documents import read_object, write_text
from hypothesis import given
from hypothesis import strategies as st

BASE = "https://boka.example.se/openactive/1"
IDS = Ids(BASE)
UUID = "3f0c5a52-9d0e-4b7e-8a11-1f2f7f0d9c01"


# -- amounts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0"),
        ("-0.00", "0"),
        ("320", "320"),
        ("320.00", "320"),
        ("320.5", "320.5"),
        ("18.11", "18.11"),
        ("0.1", "0.1"),
        ("1.10", "1.1"),
        ("9999999999.99", "9999999999.99"),
        ("0.06", "0.06"),
        ("59.314", "59.314"),
        ("1E+3", "1000"),
    ],
)
def test_amounts_as_json(amount, text):
    assert write_text({"price": Decimal(amount)}) == f'{{"price":{text}}}'


def test_every_amount_comes_back_as_it_was():
    chance = random.Random(20310509)
    for _ in range(20_000):
        amount = Decimal(chance.randrange(10 ** chance.randint(1, 12))) / 100
        text = write_text({"price": amount})
        assert text == f'{{"price":{amount.normalize():f}}}'
        assert read_object(text.encode())["price"] == amount


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "0.12345678901234567890", "1e400"])
def test_numbers_that_cannot_be_told(number):
    with pytest.raises(ValueError, match="cannot be told exactly"):
        json_number(Decimal(number))


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("0", True), ("320", True), ("320.5", True), ("320.50", True), ("320.500", True), ("0.01", True),
        ("9999999999.99", True), ("10000000000", False), ("-1", False), ("-0.01", False), ("0.001", False),
        ("320.505", False), ("3.2e2", False), ("32E1", False), ("1e-2", False), ("1e999999999", False),
        ("0.00000000000000000", False), ("true", False), ("null", False), ('"320"', False), ("[320]", False),
("99999999999999999999999999", False),
    ],
)  # fmt: skip
def test_amounts_that_are_read(text, is_it):
    assert is_amount(read_object(f'{{"price":{text}}}'.encode())["price"]) is is_it


def test_a_float_is_no_amount():
    assert not is_amount(320.0)


# -- durations ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("PT1H", timedelta(hours=1)),
        ("PT1H30M", timedelta(minutes=90)),
        ("PT45M", timedelta(minutes=45)),
        ("PT23H59M59S", timedelta(days=1, seconds=-1)),
        ("P1D", timedelta(hours=24)),
        ("P14D", timedelta(weeks=2)),
        ("P2DT3H", timedelta(hours=51)),
        ("PT0S", timedelta(0)),
    ],
)
def test_durations(text, duration):
    assert write_duration(duration) == text
    assert read_duration(text) == duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P2W", timedelta(days=14)),
        ("P0D", timedelta(0)),
        ("PT90M", timedelta(hours=1, minutes=30)),
        ("PT36H", timedelta(days=1, hours=12)),
        ("PT5400S", timedelta(minutes=90)),
    ],
)
def test_durations_as_others_write_them(text, duration):
    assert read_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1DT", "1D", "P1Y", "P1M", "P1W1D", "PT1.5H", "P-1D", "-P1D", "PT1M1H", "pt1h", " PT1H",
     "PT1H\n", "PT٣H", "P1H", "P999999999DT999999H", "PT1e3M"],
)  # fmt: skip
def test_durations_that_are_none(text):
    with pytest.raises(ValueError):
        read_duration(text)


@pytest.mark.parametrize("duration", [timedelta(minutes=-1), timedelta(microseconds=1)])
def test_durations_that_are_not_told(duration):
    with pytest.raises(ValueError, match="whole seconds"):
        write_duration(duration)


@given(
    st.timedeltas(min_value=timedelta(0)).map(lambda each: each - timedelta(microseconds=each.microseconds))
)
def test_every_duration_comes_back(duration):
    assert read_duration(write_duration(duration)) == duration


# -- moments ------------------------------------------------------------------------------------------------


def test_moments_are_told_in_utc():
    stockholm = ZoneInfo("Europe/Stockholm")
    assert write_instant(datetime(2031, 7, 1, 18, tzinfo=stockholm)) == "2031-07-01T16:00:00Z"
    assert write_instant(datetime(2031, 1, 1, 0, 30, tzinfo=stockholm)) == "2030-12-31T23:30:00Z"
    # The hour that there is twice, an hour apart
    first = datetime(2031, 10, 26, 2, 30, tzinfo=stockholm)
    assert write_instant(first) == "2031-10-26T00:30:00Z"
    assert write_instant(first.replace(fold=1)) == "2031-10-26T01:30:00Z"
    assert (
        write_instant(datetime(2031, 7, 1, 18, 0, 0, 999_999, tzinfo=timezone.utc)) == "2031-07-01T18:00:00Z"
    )
    with pytest.raises(ValueError, match="time zone"):
        write_instant(datetime(2031, 7, 1))


@pytest.mark.parametrize(
    "text",
    ["2031-07-01T16:00:00Z", "2031-07-01T16:00Z", "2031-07-01T18:00:00+02:00", "2031-07-01T18:00:00.000+0200",
     "2031-07-01T12:30:00-03:30", "2031-07-01T21:59:00+05:59"],
)  # fmt: skip
def test_moments_that_are_read(text):
    assert read_instant(text) == datetime(2031, 7, 1, 16, tzinfo=timezone.utc)
    assert read_instant(text).tzinfo is timezone.utc


@pytest.mark.parametrize(
    "text",
    ["", "2031-07-01", "2031-07-01T16:00:00", "2031-02-29T16:00:00Z", "2031-07-01T24:00:00Z",
     "2031-07-01 16:00Z", "2031-07-01T16:00:00+25:00", "2031-07-01T16:00:00+01:60", "0000-01-01T00:00Z",
     "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00", "2031-07-01T16:00:00Z\n"],
)  # fmt: skip
def test_moments_that_are_none(text):
    with pytest.raises(ValueError):
        read_instant(text)


@given(st.datetimes(timezones=st.just(timezone.utc)).map(lambda each: each.replace(microsecond=0)))
def test_every_moment_comes_back(moment):
    assert read_instant(write_instant(moment)) == moment


# -- addresses ----------------------------------------------------------------------------------------------


def test_addresses():
    assert IDS.facility_uses_feed == f"{BASE}/feeds/facility-uses"
    assert IDS.slots_feed == f"{BASE}/feeds/slots"
    assert IDS.api == f"{BASE}/api"
    assert IDS.orders_feed == f"{BASE}/api/orders-rpde"
    assert IDS.seller(1) == f"{BASE}/sellers/1"
    assert IDS.facility_use("padel") == f"{BASE}/facility-uses/padel"
    assert IDS.individual_facility_use("sal", 21) == f"{BASE}/facility-uses/sal/individual-facility-uses/21"
    assert IDS.slot(501) == f"{BASE}/slots/501"
    assert IDS.offer(501, 2) == f"{BASE}/slots/501#/offers/2"
    assert IDS.quote(UUID) == f"{BASE}/api/order-quotes/{UUID}"
    assert IDS.order(UUID) == f"{BASE}/api/orders/{UUID}"
    assert IDS.order_item(UUID, 7) == f"{BASE}/api/orders/{UUID}#/orderedItem/7"


def test_addresses_are_read_again():
    assert IDS.read_slot(IDS.slot(501)) == "501"
    assert IDS.read_slot(IDS.slot("21-20310509T1630-60")) == "21-20310509T1630-60"
    assert IDS.read_offer(IDS.offer(501, 2)) == ("501", "2")
    assert IDS.read_order_item(IDS.order_item(UUID, 7)) == (UUID, 7)
    assert IDS.read_order_item(IDS.order_item(UUID.upper(), 7)) == (UUID, 7)


@pytest.mark.parametrize(
    "id_",
    ["", "501", "https://other.example.se/openactive/1/slots/501", f"{BASE}/slots/", f"{BASE}/slots/5/1",
     f"{BASE}/slots/501#/offers/2", f"{BASE}/slots/501?x=1", f"{BASE}/slots/5 1", f"{BASE}2/slots/501",
     f"{BASE}/slots/501\n", f"{BASE}/slots/{'9' * 101}", f"{BASE}/facility-uses/501"],
)  # fmt: skip
def test_addresses_that_no_slot_has(id_):
    assert IDS.read_slot(id_) is None


@pytest.mark.parametrize(
    "id_",
    ["", f"{BASE}/slots/501", f"{BASE}/slots/501#/offers/", f"{BASE}/slots/#/offers/1", f"{BASE}#/offers/1",
     f"{BASE}/slots/501#/offers/1#/offers/2", f"{BASE}/slots/501#/orderedItem/1"],
)  # fmt: skip
def test_addresses_that_no_offer_has(id_):
    assert IDS.read_offer(id_) is None


@pytest.mark.parametrize(
    "id_",
    ["", UUID, IDS.order(UUID), f"{IDS.order(UUID)}#/orderedItem/", f"{IDS.order(UUID)}#/orderedItem/01",
     f"{IDS.order(UUID)}#/orderedItem/-1", f"{IDS.order(UUID)}#/orderedItem/٣",
     f"{IDS.order(UUID)}#/orderedItem/{'9' * 19}", f"{BASE}/api/orders/77#/orderedItem/1",
     f"{BASE}/api/order-quotes/{UUID}#/orderedItem/1"],
)  # fmt: skip
def test_addresses_that_no_order_item_has(id_):
    assert IDS.read_order_item(id_) is None


@pytest.mark.parametrize(
    "base", ["", "boka.example.se", "https://boka.example.se/", "/openactive/1", "ftp://x"]
)
def test_bases_that_are_no_addresses(base):
    with pytest.raises(ValueError, match="absolute address"):
        Ids(base)


@pytest.mark.parametrize("key", ["", "a/b", "å", "a b", "a#b", "\n"])
def test_keys_that_cannot_stand_in_an_address(key):
    with pytest.raises(ValueError, match="part of an address"):
        IDS.slot(key)


@pytest.mark.parametrize(
    "text",
    ["", None, 5, UUID[:-1], UUID + "0", f"{{{UUID}}}", UUID.replace("-", ""), f"urn:uuid:{UUID}",
     UUID + "\n", "g" + UUID[1:]],
)  # fmt: skip
def test_uuids(text):
    assert is_uuid(UUID) and is_uuid(UUID.upper())
    assert not is_uuid(text)
