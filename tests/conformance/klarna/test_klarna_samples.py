"""Reference answers of Klarna's and the published descriptions: all is read, nothing published is unknown."""

import json
import re
from collections import defaultdict
from datetime import date
from types import SimpleNamespace

import pytest
from brp_klarna.settlements import (
    DEFAULTS,
    Difference,
    Keys,
    Klarna,
    Signs,
    Sums,
    check_rows,
    check_totals,
    choose_signs,
    code_of,
    effects,
    local_day,
    read_csv,
    read_payout,
    read_transactions,
    split,
    stands_for_type,
)
from brp_klarna.settlements.client import ORDERS, SETTLEMENTS
from brp_klarna.settlements.control import TERMS
from brp_klarna.settlements.effects import SIGNS
from brp_klarna.settlements.kinds import DETAILS, WITHOUT_DEFAULT

PAYOUTS = "payouts_list.json"
ROWS = "klarna_transactions_2611040001.json"
PAGES = ("klarna_transactions_2611040001_page1.json", "klarna_transactions_2611040001_page2.json")
REPORT = "klarna_transactions_2611040001.csv"
DESCRIPTION = "settlements-openapi.yml"
ORDER_DESCRIPTION = "order-management-openapi.yml"


@pytest.fixture
def samples(reference):
    return reference("klarna")


@pytest.fixture
def load(samples):
    return lambda name: json.loads((samples / name).read_bytes())


@pytest.fixture
def payout(load):
    (told,) = load(PAYOUTS)["payouts"]
    return read_payout(told)


@pytest.fixture
def rows(load):
    return read_transactions(load(ROWS)["transactions"])


@pytest.fixture
def description(samples):
    return (samples / DESCRIPTION).read_text()


def enum_of(text, schema, name):
    """Return the values that a description in YAML allows for a property."""
    block = re.search(rf"^    {schema}:\n((?:     .*\n|\n)+)", text, re.MULTILINE)[1]
    values = re.search(
        rf"^        {name}:\n(?:          .*\n)*?          enum:\n((?:            - .*\n)+)", block, re.M
    )
    return set(re.findall(r"- (\S+)", values[1]))


def properties_of(text, schema):
    block = re.search(rf"^    {schema}:\n((?:     .*\n|\n)+)", text, re.MULTILINE)[1]
    return set(re.findall(r"^        (\w+):$", block, re.MULTILINE))


# -- answers --------------------------------------------------------------------------------------------


def test_every_sample_is_tested(samples):
    tested = {PAYOUTS, ROWS, *PAGES, REPORT, DESCRIPTION, ORDER_DESCRIPTION}
    assert {path.name for path in samples.iterdir()} == tested


def test_payout_adds_up(payout, rows):
    assert check_totals(payout) == []
    sums = Sums(payout.currency)
    sums.add(rows)
    assert choose_signs(payout, sums) is Signs.UNSIGNED
    assert check_rows(payout, sums.effects(Signs.UNSIGNED)) == []
    each = [effect for row in rows for effect in effects(row, Signs.UNSIGNED)]
    assert sum(effect.amount for effect in each) == payout.settlement == 177006
    assert all(stands_for_type(effect.code) for effect in each)


def test_an_öre_more_or_less_is_seen(payout, rows):
    for index, row in enumerate(rows):
        sums = Sums()
        sums.add([*rows[:index], *rows[index + 1 :]])
        assert check_rows(payout, sums.effects(Signs.UNSIGNED)), code_of(row)
    sums = Sums()
    sums.add(rows)
    counted = sums.effects(Signs.UNSIGNED)
    counted["FEE_VAT"] += 1
    assert check_rows(payout, counted) == [
        Difference("tax", 1921, 1920),
        Difference("settlement", 177006, 177007),
    ]


def test_pages_are_the_same_rows(load, payout, rows):
    pages = {page["pagination"]["offset"]: page for page in map(load, PAGES)}

    def send(_method, _path, params, **_content):
        return SimpleNamespace(json=lambda: pages[params["offset"]])

    client = Klarna(SimpleNamespace(send=send))
    read = list(client.iterate_pages(payout.reference))
    assert [len(page) for page in read] == [7, 5]
    assert [row for page in read for row in page] == rows


def test_report_is_the_same_payout(samples, payout, rows):
    read = list(read_csv((samples / REPORT).read_bytes()))
    sums = Sums(payout.currency)
    sums.add(read)
    assert choose_signs(payout, sums) is Signs.SIGNED
    assert check_rows(payout, sums.effects(Signs.SIGNED)) == []
    keys = [Keys(payout.merchant, payout.reference).keys(each) for each in (read, rows)]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == len(rows)
    for one, other in zip(read, rows, strict=True):
        assert (one.sold_at, one.captured_at) == (other.sold_at, other.captured_at)
        assert (one.order_id, one.reference1) == (other.order_id, other.reference1)


def test_vouchers_of_the_days(rows):
    """Two orders on the day the clocks went back, one with a gift card, two partial returns."""
    vouchers = defaultdict(lambda: defaultdict(int))
    for row in rows:
        for sign, type_, moment in ((1, "SALE", row.sold_at), (-1, "RETURN", row.captured_at)):
            if row.type == type_:
                for share in split(row.amount, row.customer_vat):
                    day = vouchers[local_day(moment)]
                    day[share.rate, "net"] += sign * share.net
                    day[share.rate, "vat"] += sign * share.vat
    assert {day: {key: öre for key, öre in sums.items() if öre} for day, sums in vouchers.items()} == {
        date(2026, 10, 25): {
            (2500, "net"): 116000, (2500, "vat"): 29000, (1200, "net"): 10000, (1200, "vat"): 1200,
            (600, "net"): 5000, (600, "vat"): 300,
        },
        date(2026, 10, 27): {(2500, "net"): 8000, (2500, "vat"): 2000, (0, "net"): 50000},
        date(2026, 10, 30): {(2500, "net"): -19920, (2500, "vat"): -4980},
    }  # fmt: skip


# -- descriptions ---------------------------------------------------------------------------------------


def test_every_published_type_has_a_sign_or_tells_its_own(description):
    published = enum_of(description, "Transaction", "type")
    assert len(published) == 13
    assert published == set(SIGNS)
    assert {type_ for type_ in published if SIGNS[type_] is None} == {"CORRECTION"}
    assert {type_ for type_ in published if type_ not in DEFAULTS} == {"CHARGE", "CREDIT"}


def test_every_published_detail_is_known(description):
    published = enum_of(description, "Transaction", "detailed_type")
    assert len(published) == 43
    assert published == DETAILS | WITHOUT_DEFAULT


def test_every_published_total_has_its_place(description):
    published = {name.removesuffix("_amount") for name in properties_of(description, "Totals")}
    assert published == {
        *TERMS, "settlement", "opening_debt_balance", "closing_debt_balance"
    } - {"commission_reversal"}  # fmt: skip


def test_settlement_types(description):
    for settlement_type in enum_of(description, "Payout", "merchant_settlement_type"):
        told = {
            "payment_reference": "1", "payout_date": "2026-01-01T00:00:00Z", "currency_code": "SEK",
            "merchant_settlement_type": settlement_type, "merchant_id": "K1",
            "totals": {"settlement_amount": 0},
        }  # fmt: skip
        assert read_payout(told).settlement_type == settlement_type


def test_what_is_asked_for_is_published(samples, description):
    for path in ("payouts", "payouts/{payment_reference}", "transactions", "reports/payout"):
        assert re.search(rf"^  /{re.escape(path)}:$", description, re.MULTILINE)
    assert re.search(r"^  /reports/payout-with-transactions:$", description, re.MULTILINE)
    assert f"api.klarna.com{SETTLEMENTS}\n" in description
    assert properties_of(description, "ErrorResponse") == {"error_code", "error_messages", "correlation_id"}
    assert properties_of(description, "Pagination") >= {"count", "total", "next", "offset"}
    orders = (samples / ORDER_DESCRIPTION).read_text()
    assert f"\n  {ORDERS}/{{order_id}}:\n" in orders
    published = properties_of(orders, "order_line")
    assert published >= {"name", "reference", "type", "tax_rate", "total_amount", "total_tax_amount"}
    assert "|store_credit|gift_card|" in orders
