"""The Klarna simulator over real HTTP: each call, each act, each fault, figures worked out by hand."""

import base64
import csv
import http.client
import json
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from klarna import (
    MERCHANT,
    NEIGHBOUR,
    NEIGHBOUR_PASSWORD,
    NEIGHBOUR_USER,
    PASSWORD,
    USER,
    Klarna,
    scenarios,
)
from simulated import SIMULATORS, ask, process

# How each total counts in what is paid out; the VAT of refunded fees is taken as given back.
CONTROL = {
    "sale": 1, "return": -1, "reversal": -1, "fee": -1, "fee_correction": 1, "fee_refund": 1, "commission": 1,
    "commission_reversal": -1, "tax": -1, "tax_refund": 1, "charge": -1, "credit": 1, "holdback": -1,
    "release": 1, "repay": -1, "deposit": 1,
}  # fmt: skip
FIRST, SECOND = "2611040001", "2611250001"


class Client:
    """Speaks HTTP to a simulator as a merchant does."""

    def __init__(self, base, user=USER, password=PASSWORD):
        self.base = base
        self.headers = {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}

    def ask(self, address, data=None, timeout=10, method=None, **headers):
        """(status, JSON or bytes, headers) of an address, or of a path under the host."""
        address = address if address.startswith("http") else self.base + address
        return ask(address, data, {**self.headers, **headers}, method, timeout)

    def call(self, path, timeout=10, **query):
        """(status, answer, headers) of a call of the Settlements API."""
        query = "?" + urllib.parse.urlencode(query) if query else ""
        return self.ask("/settlements/v1" + path + query, timeout=timeout)

    def get(self, path, **query):
        status, answer, _headers = self.call(path, **query)
        assert status == 200, answer
        return answer

    def refused(self, path, **query):
        """(status, error_code)."""
        status, error, _headers = self.call(path, **query)
        assert set(error) == {"error_code", "error_messages", "correlation_id"}
        return status, error["error_code"]

    def rows(self, **query):
        """All transactions, page after page, as `next` tells."""
        found, page = [], self.get("/transactions", **query)
        while True:
            found += page["transactions"]
            if "next" not in page["pagination"]:
                return found
            page = self.ask(page["pagination"]["next"])[1]

    def control(self, name, told=None):
        return self.ask("/control/" + name, json.dumps(told or {}).encode())[:2]

    def state(self):
        return self.ask("/state")[1]


def check(totals):
    """Holds totals against the control sum; returns what is not 0."""
    totals = {name.removesuffix("_amount"): amount for name, amount in totals.items()}
    opening, closing = totals.pop("opening_debt_balance"), totals.pop("closing_debt_balance")
    settlement = totals.pop("settlement")
    assert settlement == sum(CONTROL[name] * amount for name, amount in totals.items())
    assert closing == opening - totals["repay"] + totals["deposit"]
    debt = {"opening": opening, "closing": closing, "settlement": settlement}
    return {name: amount for name, amount in {**totals, **debt}.items() if amount}


@pytest.fixture
def klarna():
    with Klarna() as service:
        yield service


@pytest.fixture
def client(klarna):
    return Client(klarna.url)


@pytest.fixture(scope="module")
def history():
    """A client of a service with two months; its tests change nothing."""
    with Klarna(scenario=scenarios.second_month()) as service:
        yield Client(service.url)


# -- the scenarios ----------------------------------------------------------------------------------------


def test_the_reference_payout(history):
    payout = history.get(f"/payouts/{FIRST}")
    assert check(payout["totals"]) == {
        "sale": 221500, "return": 24900, "fee": 7673, "tax": 1921, "holdback": 10000, "settlement": 177006,
    }  # fmt: skip
    assert payout["payout_date"] == "2026-11-04T05:00:00Z"
    assert (payout["merchant_settlement_type"], payout["merchant_id"]) == ("NET", MERCHANT)
    rows = history.ask(payout["transactions"])[1]["transactions"]
    assert [(row["type"], row["amount"], row.get("vat_amount")) for row in rows] == [
        ("SALE", 125000, None), ("FEE", 3738, 935), ("FEE", 350, 88),
        ("SALE", 36500, None), ("FEE", 1091, 273), ("FEE", 350, 88),
        ("SALE", 60000, None), ("FEE", 1794, 449), ("FEE", 350, 88),
        ("RETURN", 19900, None), ("RETURN", 5000, None), ("HOLDBACK", 10000, None),
    ]  # fmt: skip
    vat = [{each["tax_rate"]: each["tax_amount"] for each in row.get("customer_vat", [])} for row in rows]
    assert [each for each in vat if each] == [
        {2500: 25000}, {2500: 4000, 1200: 1200, 600: 300}, {2500: 2000, 0: 0}, {2500: 3980}, {2500: 1000},
    ]  # fmt: skip
    assert len({row["capture_id"] for row in rows[:3]}) == 1
    assert rows[0]["sale_date"] == "2026-10-24T22:15:00Z"
    assert rows[0]["merchant_reference1"] == "WEB-2041"
    returns = rows[9:11]
    assert all("capture_id" not in row for row in returns)
    assert len({row["refund_id"] for row in returns}) == 2
    assert "order_id" not in rows[11] and rows[11]["detailed_type"] == "ROLLING_RESERVE"


def test_the_second_month(history):
    payout = history.get(f"/payouts/{SECOND}")
    assert check(payout["totals"]) == {
        "sale": 210000, "return": 36500, "reversal": 50000, "fee": 7329, "tax": 1835, "release": 10000,
        "settlement": 124336,
    }  # fmt: skip
    rows = {row["type"]: row for row in history.rows(payment_reference=SECOND)}
    assert rows["RETURN"]["customer_vat"] == [
        {"tax_rate": 2500, "tax_amount": 4000},
        {"tax_rate": 1200, "tax_amount": 1200},
        {"tax_rate": 600, "tax_amount": 300},
    ]
    assert rows["RETURN"]["merchant_reference1"] == "WEB-2042"
    assert rows["REVERSAL"]["reversal_reference"].startswith("krn:klarna:eu1:dispute:goods_not_received:")
    assert "customer_vat" not in rows["REVERSAL"]


def test_many_orders_are_the_same_each_time():
    first, second = scenarios.many(100, 10), scenarios.many(100, 10)
    assert first == second
    with Klarna(scenario=first) as klarna:
        client = Client(klarna.url)
        rows = client.rows(size=500)
        assert len(rows) == 100 * 3 + 10
        payouts = client.get("/payouts")["payouts"]
        assert [payout["payout_date"] for payout in payouts] == [
            "2026-10-08T00:00:00Z", "2026-10-15T00:00:00Z",
        ]  # fmt: skip
        for payout in payouts:
            check(payout["totals"])
        sold = sum(row["amount"] for row in rows if row["type"] == "SALE")
        assert sum(payout["totals"]["sale_amount"] for payout in payouts) == sold


def test_a_page_of_many_takes_no_time():
    with Klarna(scenario=scenarios.many(2000)) as klarna:
        client = Client(klarna.url)
        client.rows(size=500)
        took = []
        for offset in range(0, 6000, 500):
            begun = time.perf_counter()
            client.call("/transactions", size=500, offset=offset)
            took.append(time.perf_counter() - begun)
        assert min(took) < 0.05


# -- who may ask ------------------------------------------------------------------------------------------


def test_credentials(klarna):
    for user, password in ((USER, "wrong"), ("nobody", PASSWORD), ("", ""), (USER, NEIGHBOUR_PASSWORD)):
        client = Client(klarna.url, user, password)
        status, error, headers = client.call("/payouts")
        assert (status, error["error_code"]) == (401, "UNAUTHORIZED")
        assert headers["WWW-Authenticate"].startswith("Basic ")
        assert client.ask("/ordermanagement/v1/orders/1")[0] == 401
    client.headers = {}
    assert client.refused("/payouts") == (401, "UNAUTHORIZED")
    for told in ("Basic", "Basic ***", "Basic " + base64.b64encode(b"\xff:\xff").decode(), "Bearer x"):
        client.headers = {"Authorization": told}
        assert client.refused("/payouts") == (401, "UNAUTHORIZED")
    assert Client(klarna.url).get("/payouts")["payouts"] == []


def test_merchants_do_not_see_each_other():
    acts = scenarios.reference()
    theirs = [{"merchant": NEIGHBOUR, **act} for act in acts if act["do"] in ("order", "capture", "payout")]
    with Klarna(scenario=[*acts, *theirs]) as klarna:
        ours, other = Client(klarna.url), Client(klarna.url, NEIGHBOUR_USER, NEIGHBOUR_PASSWORD)
        # The same reference is given to both.
        assert check(ours.get(f"/payouts/{FIRST}")["totals"])["settlement"] == 177006
        theirs = other.get(f"/payouts/{FIRST}")
        assert check(theirs["totals"])["settlement"] == 221500 - 7673 - 1921
        assert theirs["merchant_id"] == NEIGHBOUR
        order = ours.rows()[0]["order_id"]
        assert ours.ask(f"/ordermanagement/v1/orders/{order}")[0] == 200
        status, error, _headers = other.ask(f"/ordermanagement/v1/orders/{order}")
        assert (status, error["error_code"]) == (404, "NO_SUCH_ORDER")
        assert other.get("/transactions", order_id=order)["transactions"] == []


def test_a_merchant_is_added(klarna, client):
    told = {"merchant": "K9", "user": "K9_a", "password": "b:c", "name": "Tredje AB"}
    status, answer = client.control("merchant", told)
    assert status == 200 and "password" not in answer
    assert Client(klarna.url, "K9_a", "b:c").get("/payouts")["payouts"] == []
    assert client.control("merchant", {"merchant": "K8", "user": "K9_a", "password": "x"})[0] == 400
    assert client.control("merchant", {"merchant": "K8", "user": "K8_a"})[0] == 400
    assert "b:c" not in json.dumps(client.state()) and PASSWORD not in json.dumps(client.state())


# -- what is asked for ------------------------------------------------------------------------------------


def references(answer):
    return [payout["payment_reference"] for payout in answer["payouts"]]


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (None, None, [FIRST, SECOND]),
        ("2026-11-04", None, [FIRST, SECOND]),
        ("2026-11-04T05:00:00Z", None, [FIRST, SECOND]),
        ("2026-11-04T05:00:01Z", None, [SECOND]),
        # A bare day ends when it begins.
        (None, "2026-11-04", []),
        (None, "2026-11-25", [FIRST]),
        (None, "2026-11-25T23:59:59Z", [FIRST, SECOND]),
        ("2026-11-04", "2026-11-04", []),
        ("2026-11-04", "2026-11-04T05:00:00Z", [FIRST]),
        ("2026-11-04", "2026-11-04T05:00:00.999Z", [FIRST]),
        ("2026-11-04T06:00:00+01:00", "2026-11-04T06:00:00+01:00", [FIRST]),
        ("2026-11-04T07:00:00+01:00", "2026-11-04T08:00:00+01:00", []),
    ],
)
def test_payouts_of_a_window(history, start, end, found):
    query = {name: value for name, value in (("start_date", start), ("end_date", end)) if value}
    assert references(history.get("/payouts", **query)) == found


def test_payouts_in_pages(history):
    first = history.get("/payouts", size=1, currency_code="SEK")
    assert references(first) == [FIRST]
    assert first["pagination"].pop("next").endswith("/payouts?currency_code=SEK&size=1&offset=1")
    assert first["pagination"] == {"count": 1, "total": 2, "offset": 0}
    second = history.get("/payouts", size=1, offset=1)
    assert references(second) == [SECOND]
    assert second["pagination"].pop("prev").endswith("/payouts?size=1&offset=0")
    assert second["pagination"] == {"count": 1, "total": 2, "offset": 1}
    assert references(history.get("/payouts", offset=2)) == []
    assert references(history.get("/payouts", currency_code="EUR")) == []


def test_rows_in_pages(history):
    assert len(history.get("/transactions")["transactions"]) == 20
    rows = history.rows(payment_reference=FIRST)
    assert (
        rows == history.rows(payment_reference=FIRST, size=5) == history.rows(payment_reference=FIRST, size=1)
    )
    assert len(rows) == 12
    order = rows[3]["order_id"]
    both = history.rows(order_id=order)
    assert [row["type"] for row in both] == ["SALE", "FEE", "FEE", "RETURN"]
    assert [row["payment_reference"] for row in both] == [FIRST] * 3 + [SECOND]
    assert [row["type"] for row in history.rows(order_id=order, payment_reference=SECOND)] == ["RETURN"]
    assert history.rows(payment_reference="2611049999") == []


def test_links_can_be_followed_from_where_they_were_given(history):
    for host in ("localhost", "127.0.0.1"):
        client = Client(history.base.replace("127.0.0.1", host))
        answer = client.get("/payouts", size=1)
        assert answer["pagination"]["next"].startswith(client.base)
        assert answer["payouts"][0]["transactions"].startswith(client.base)
    answer = history.ask("/settlements/v1/payouts?size=1", Host="evil.invalid")[1]
    assert answer["pagination"]["next"].startswith(history.base)


def test_summaries(history):
    found = history.get("/payouts/summary", start_date="2026-11-01", end_date="2026-11-30")
    assert len(found) == 1
    summary = {name.removeprefix("summary_"): value for name, value in found[0].items() if value}
    assert summary == {
        "total_sale_amount": 431500, "total_return_amount": 61400, "total_reversal_amount": 50000,
        "total_fee_amount": 15002, "total_tax_amount": 3756, "total_holdback_amount": 10000,
        "total_release_amount": 10000, "total_settlement_amount": 301342, "settlement_currency": "SEK",
        "payout_date_start": "2026-11-01T00:00:00Z", "payout_date_end": "2026-11-30T00:00:00Z",
    }  # fmt: skip
    assert history.get("/payouts/summary", start_date="2025-11-01", end_date="2025-11-30") == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/payouts", {"size": 501}), ("/payouts", {"size": 0}), ("/payouts", {"size": ""}),
        ("/payouts", {"offset": -1}), ("/payouts", {"start_date": "2026-13-01"}),
        ("/payouts", {"end_date": "2026-11-01 00:00:00"}), ("/payouts", {"currency_code": "sek"}),
        ("/payouts", {"start_date": "2026-11-02", "end_date": "2026-11-01"}), ("/payouts/a%20b", {}),
        ("/payouts/summary", {"start_date": "2026-11-02"}), ("/transactions", {"size": 501}),
        ("/reports/payout", {}), ("/reports/payouts-summary", {}),
    ],
)  # fmt: skip
def test_refusals(history, path, query):
    assert history.refused(path, **query) == (400, "BAD_REQUEST")


def test_what_is_not_there(history):
    assert history.refused("/payouts/2611049999") == (404, "NOT_FOUND")
    assert history.refused("/reports/payout", payment_reference="2611049999") == (404, "NOT_FOUND")
    assert history.refused("/settlements") == (404, "NOT_FOUND")
    assert history.ask("/settlements/v1/payouts", b"{}")[0] == 405


# -- reports ----------------------------------------------------------------------------------------------


def table(data, delimiter=";"):
    return list(csv.DictReader(data.decode().splitlines(), delimiter=delimiter))


def test_the_csv_report(history):
    rows = table(history.get("/reports/payout-with-transactions", payment_reference=FIRST))
    assert list(rows[0])[:10] == [
        "type", "capture_date", "sale_date", "order_id", "short_order_id", "capture_id",
        "merchant_reference1", "merchant_reference2", "amount", "posting_currency",
    ]  # fmt: skip
    assert [(row["type"], row["amount"], row["tax_amount"]) for row in rows] == [
        ("SALE", "1250.00", ""), ("FEE", "-37.38", "-9.35"), ("FEE", "-3.50", "-0.88"),
        ("SALE", "365.00", ""), ("FEE", "-10.91", "-2.73"), ("FEE", "-3.50", "-0.88"),
        ("SALE", "600.00", ""), ("FEE", "-17.94", "-4.49"), ("FEE", "-3.50", "-0.88"),
        ("RETURN", "-199.00", ""), ("RETURN", "-50.00", ""), ("HOLDBACK", "-100.00", ""),
    ]  # fmt: skip
    assert (rows[9]["tax_rate_1"], rows[9]["tax_amount_1"]) == ("25.00", "-39.80")
    ore = sum(round(float(row[name] or 0) * 100) for row in rows for name in ("amount", "tax_amount"))
    assert ore == 177006
    assert [rows[3][f"tax_{what}_{n}"] for n in (1, 2, 3, 4) for what in ("rate", "amount")] == [
        "25.00", "40.00", "12.00", "12.00", "6.00", "3.00", "", "",
    ]  # fmt: skip
    rows = history.get(
        "/reports/payouts-summary-with-transactions", start_date="2026-11-01", end_date="2026-11-30"
    )
    assert [row["payment_reference"] for row in table(rows)] == [FIRST] * 12 + [SECOND] * 12


def test_a_csv_report_as_the_merchant_has_set_it():
    layout = {
        "delimiter": ",", "decimal": ",", "columns": ["type", "amount"], "names": {"amount": "belopp"},
        "summary": True,
    }  # fmt: skip
    with Klarna(scenario=scenarios.reference(), csv=layout) as klarna:
        data = Client(klarna.url).get("/reports/payout-with-transactions", payment_reference=FIRST)
    head, rows = data.split(b"\n\n")
    summary = table(head, ",")[0]
    assert summary["total_settlement_amount"] == "1770,06" and summary["closing_debt_balance"] == "0,00"
    assert [row["belopp"] for row in table(rows, ",")][:2] == ["1250,00", "-37,38"]


def objects_of(data):
    """{number: content} of a PDF, after its table of places was looked at."""
    assert data.startswith(b"%PDF-1.4\n") and data.endswith(b"%%EOF\n")
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", data)[1])
    table = data[start:]
    count = int(re.match(rb"xref\n0 (\d+)\n0000000000 65535 f \n", table)[1])
    places = re.findall(rb"(\d{10}) 00000 n \n", table)
    assert len(places) == count - 1
    found = {}
    for number, place in enumerate(places, 1):
        head = b"%d 0 obj\n" % number
        assert data[int(place) :].startswith(head)
        found[number] = data[int(place) + len(head) : data.index(b"\nendobj\n", int(place))]
    return found


def test_the_pdf_reports(history):
    found = objects_of(history.get("/reports/payout", payment_reference=FIRST))
    stream = found[6]
    length = int(re.search(rb"/Length (\d+)", stream)[1])
    content = stream.split(b"stream\n", 1)[1].removesuffix(b"endstream")
    assert len(content) == length
    text = content.decode("cp1252")
    assert "Försäljning" in text and FIRST in text
    assert re.search(r"Utbetalt +1770,06", text) and re.search(r"Moms på avgifter +19,21", text)
    both = history.get("/reports/payouts-summary", start_date="2026-11-01", end_date="2026-11-30")
    assert b"1243,36" in b"".join(objects_of(both).values())
    none = history.get("/reports/payouts-summary", start_date="2025-11-01", end_date="2025-11-30")
    assert b"Inga utbetalningar" in b"".join(objects_of(none).values())


def test_a_pdf_of_several_pages():
    scenario = []
    for day in range(1, 11):
        scenario.append({"do": "sale", "at": f"2026-10-{day:02d}", "rates": {"2500": 10000}})
        scenario.append({"do": "payout", "at": f"2026-10-{day:02d}T05:00:00Z"})
    with Klarna(scenario=scenario) as klarna:
        window = {"start_date": "2026-10-01", "end_date": "2026-10-31"}
        found = objects_of(Client(klarna.url).get("/reports/payouts-summary", **window))
    assert b"/Count 3" in found[2] and sum(b"/Type /Page " in each for each in found.values()) == 3


# -- orders -----------------------------------------------------------------------------------------------


def test_an_order(history):
    order = next(row for row in history.rows() if row.get("merchant_reference1") == "WEB-2061")
    status, found, _headers = history.ask(f"/ordermanagement/v1/orders/{order['order_id']}")
    assert (status, found["status"], found["order_amount"]) == (200, "CAPTURED", 60000)
    assert [
        (line["type"], line["total_amount"], line["tax_rate"], line["total_tax_amount"], line["unit_price"])
        for line in found["order_lines"]
    ] == [("physical", 56000, 1200, 6000, 8000), ("surcharge", 4000, 0, 0, 4000)]
    assert found["captures"][0]["capture_id"] == order["capture_id"]
    assert found["created_at"] == "2026-11-09T23:15:00Z"


def test_part_captures_and_part_refunds_lose_no_ore(klarna, client):
    # 100.01 of which 20.00 is VAT (80.008 at 25 %), taken in three parts of 33.33, 33.33 and 33.35.
    order = klarna.do("order", at="2026-10-01", rates={"2500": 10001}, reference1="DEL-1")["order_id"]
    for amount in (3333, 3333, None):
        klarna.do("capture", order="DEL-1", at="2026-10-02", **({"amount": amount} if amount else {}))
    with pytest.raises(ValueError):
        klarna.do("capture", order=order, at="2026-10-02", amount=1)
    for _ in range(3):
        klarna.do("refund", order=order, at="2026-10-03", amount=3333)
    klarna.do("refund", order=order, at="2026-10-03")
    rows = client.rows(order_id=order, size=500)
    sales = [row for row in rows if row["type"] == "SALE"]
    assert [row["amount"] for row in sales] == [3333, 3333, 3335]
    assert len({row["capture_id"] for row in sales}) == 3
    assert [row["customer_vat"][0]["tax_amount"] for row in sales] == [667, 666, 667]
    returns = [row for row in rows if row["type"] == "RETURN"]
    assert [row["amount"] for row in returns] == [3333, 3333, 3333, 2]
    assert [row["customer_vat"][0]["tax_amount"] for row in returns] == [667, 666, 667, 0]
    assert len({row["refund_id"] for row in returns}) == 4
    told = client.ask(f"/ordermanagement/v1/orders/{order}")[1]
    assert [capture["refunded_amount"] for capture in told["captures"]] == [3333, 3333, 3335]
    assert (told["status"], told["refunded_amount"], told["remaining_authorized_amount"]) == (
        "CAPTURED",
        10001,
        0,
    )


# -- every kind of row ------------------------------------------------------------------------------------


def totals_of(client, reference):
    return check(client.get(f"/payouts/{reference}")["totals"])


def test_what_klarna_adds(klarna, client):
    at = "2026-10-01T10:00:00Z"
    klarna.do("sale", at=at, rates={"2500": 100000}, reference1="A")  # fees 29.90 + 3.50, VAT 7.48 + 0.88
    klarna.do("refund", order="A", at=at, amount=20000, fees_back=True)  # fee 5.98 back, VAT 1.50
    klarna.do("dispute", order="A", at=at, amount=30000, fee=5000)  # fee 50.00, VAT 12.50
    klarna.do("protect", order="A", at=at, amount=10000)
    klarna.do("correction", at=at, amount=-150, vat_rate=2500)  # VAT 0.375: 0.37, a half is rounded up
    klarna.do("charge", at=at, amount=700, detailed_type="PAYMENT_REMINDER")
    klarna.do("credit", at=at, amount=300, detailed_type="FRAUD_POLICY_CREDIT_NET")
    klarna.do("commission", at=at, amount=1000)
    klarna.do("commission", at=at, amount=400, detailed_type="COMMISSION_RETURN")
    klarna.do("fee", at=at, amount=100, vat_rate=2500)  # VAT 0.25
    klarna.do("tax", at=at, amount=11)
    klarna.do("holdback", at=at, amount=5000)
    klarna.do("release", at=at, amount=2000)
    klarna.do("payout", at="2026-10-08T05:00:00Z")
    assert totals_of(client, "2610080001") == {
        "sale": 100000, "return": 20000, "reversal": 20000, "fee": 2990 + 350 + 5000 + 100, "fee_refund": 598,
        "fee_correction": -150, "tax": 748 + 88 + 1250 + 37 + 25 + 11, "tax_refund": 150, "commission": 600,
        "charge": 700, "credit": 300, "holdback": 5000, "release": 2000,
        "settlement": 100000 - 20000 - 20000 - 8440 + 598 - 150 - 2159 + 150 + 600 - 700 + 300 - 5000 + 2000,
    }  # fmt: skip
    rows = {(row["type"], row["detailed_type"]): row for row in client.rows() if "detailed_type" in row}
    assert rows["CORRECTION", "CORRECTION"]["amount"] == -150
    assert rows["CORRECTION", "CORRECTION"]["vat_amount"] == -37
    dispute = rows["REVERSAL", "REVERSAL"]["reversal_reference"]
    assert rows["REVERSAL_MERCHANT_PROTECTION", "CORRECTION_DISPUTE"]["reversal_reference"] == dispute
    assert "order_id" not in rows["CHARGE", "PAYMENT_REMINDER"]
    # The VAT of what was given back can be counted in `tax` instead, and be told as well or not.
    settlement = totals_of(client, "2610080001")["settlement"]
    for setting, tax_refund in (("told", 150), ("untold", 0)):
        klarna.do("merchant", tax_refund=setting)
        totals = client.get("/payouts/2610080001")["totals"]
        assert (totals["tax_amount"], totals["tax_refund_amount"]) == (2159 - 150, tax_refund)
        assert totals["settlement_amount"] == settlement


def test_a_protection_can_be_a_credit(klarna, client):
    klarna.do("merchant", protection="credit")
    klarna.do("sale", at="2026-10-01", rates={"2500": 100000}, reference1="A")
    klarna.do("dispute", order="A", at="2026-10-02", amount=30000)
    klarna.do("protect", order="A", at="2026-10-03", amount=10000)
    klarna.do("payout", at="2026-10-08")
    found = totals_of(client, "2610080001")
    assert (found["reversal"], found["credit"]) == (30000, 10000)


def test_a_commission_taken_back_can_be_a_total_of_its_own(klarna, client):
    klarna.do("merchant", commission_reversal=True)
    klarna.do("commission", at="2026-10-01", amount=1000)
    klarna.do("commission", at="2026-10-01", amount=400, detailed_type="COMMISSION_RETURN")
    klarna.do("payout", at="2026-10-08")
    found = totals_of(client, "2610080001")
    assert found == {"commission": 1000, "commission_reversal": 400, "settlement": 600}


def test_debt(klarna, client):
    klarna.do("sale", at="2026-10-01", rates={"2500": 100000}, reference1="A")
    klarna.do("payout", at="2026-10-02")
    klarna.do("refund", order="A", at="2026-10-03")
    klarna.do("payout", at="2026-10-09")  # −1000.00
    assert totals_of(client, "2610090001") == {"return": 100000, "deposit": 100000, "closing": 100000}
    klarna.do("credit", at="2026-10-10", amount=40000)
    klarna.do("payout", at="2026-10-16")  # all of it goes to the debt
    assert totals_of(client, "2610160001") == {
        "credit": 40000, "repay": 40000, "opening": 100000, "closing": 60000,
    }  # fmt: skip
    klarna.do("charge", at="2026-10-17", amount=5000)
    klarna.do("payout", at="2026-10-23")
    assert totals_of(client, "2610230001") == {
        "charge": 5000, "deposit": 5000, "opening": 60000, "closing": 65000,
    }  # fmt: skip
    klarna.do("credit", at="2026-10-24", amount=80000)
    klarna.do("payout", at="2026-10-30")
    assert totals_of(client, "2610300001") == {
        "credit": 80000, "repay": 65000, "opening": 65000, "settlement": 15000,
    }  # fmt: skip
    klarna.do("charge", at="2026-10-31", amount=700)
    klarna.do("payout", at="2026-11-06")
    assert klarna.do("invoice_debt") == {"amount": 700}
    klarna.do("credit", at="2026-11-07", amount=100)
    klarna.do("payout", at="2026-11-13")
    assert totals_of(client, "2611130001") == {"credit": 100, "settlement": 100}


@pytest.mark.parametrize(
    ("settlement", "kinds", "total"),
    [
        ("NET", ["SALE", "FEE", "FEE", "RETURN", "FEE_REFUND"], {"fee": 3340, "fee_refund": 299}),
        ("GROSS_FEE", ["SALE", "FEE", "FEE", "RETURN", "FEE_REFUND"], {"fee": 3340, "fee_refund": 299}),
        ("GROSS", ["SALE", "RETURN", "REVERSAL"], {"fee": 0, "fee_refund": 0, "settlement": 80000}),
    ],
)
def test_settlement_types(settlement, kinds, total):
    with Klarna(settlement=settlement) as klarna:
        klarna.do("sale", at="2026-10-01", rates={"2500": 100000}, reference1="A")
        klarna.do("refund", order="A", at="2026-10-02", amount=10000, fees_back=True)
        if settlement == "GROSS":
            klarna.do("dispute", order="A", at="2026-10-02", amount=10000, fee=5000)
        klarna.do("payout", at="2026-10-03")
        payout = Client(klarna.url).get("/payouts")["payouts"][0]
        assert payout["merchant_settlement_type"] == settlement
        assert [row["type"] for row in Client(klarna.url).rows()] == kinds
        check(payout["totals"])
        assert {name: payout["totals"][f"{name}_amount"] for name in total} == total


def test_other_currencies_are_paid_out_by_themselves(klarna, client):
    klarna.do("merchant", exchange={"EUR": 112500}, fee_vat_rate=2500)
    klarna.do("sale", at="2026-10-01", rates={"2500": 100000}, currency="EUR", country="FI")
    klarna.do("sale", at="2026-10-01", rates={"2500": 50000})
    made = klarna.do("payout", at="2026-10-03")["payouts"]
    assert [each["payment_reference"] for each in made] == ["2610030001", "2610030002"]
    payouts = client.get("/payouts")["payouts"]
    assert [(p["currency_code"], p["currency_code_of_registration_country"]) for p in payouts] == [
        ("EUR", "SEK"), ("SEK", "SEK"),
    ]  # fmt: skip
    assert references(client.get("/payouts", currency_code="EUR")) == ["2610030001"]
    fee = client.rows(payment_reference="2610030001")[1]
    assert (fee["vat_amount"], fee["tax_in_currency_of_registration_country"]) == (748, 8415)  # 748 × 11.25
    summary = client.get("/payouts/summary", start_date="2026-10-01", end_date="2026-10-31")
    assert [each["summary_settlement_currency"] for each in summary] == ["EUR", "SEK"]


def test_signed_amounts():
    with Klarna(scenario=scenarios.second_month(), signed=True) as klarna:
        client = Client(klarna.url)
        for reference, settlement in ((FIRST, 177006), (SECOND, 124336)):
            rows = client.rows(payment_reference=reference)
            assert sum(row["amount"] + row.get("vat_amount", 0) for row in rows) == settlement
            assert totals_of(client, reference)["settlement"] == settlement
        refund = client.rows(payment_reference=FIRST)[9]
        assert (refund["amount"], refund["customer_vat"][0]["tax_amount"]) == (-19900, -3980)


def test_switches_of_a_merchant(klarna, client):
    klarna.load(scenarios.reference())
    assert "customer_vat" in client.rows()[0]
    klarna.do("merchant", customer_vat=False, blank_capture_id=True, extra_fields={"merchant_id": "X"})
    rows = client.rows()
    assert all("customer_vat" not in row and row["merchant_id"] == "X" for row in rows)
    assert [row["capture_id"] for row in rows][9:] == ["", "", ""]


def test_tax_in_rows_of_its_own():
    with Klarna(scenario=scenarios.reference(), tax_rows=True) as klarna:
        client = Client(klarna.url)
        assert totals_of(client, FIRST)["tax"] == 1921
        rows = client.rows(payment_reference=FIRST)
        assert [row["amount"] for row in rows if row["type"] == "TAX"] == [1023, 361, 537]
        assert not any("vat_amount" in row for row in rows)


def test_a_row_that_nobody_knows(klarna, client):
    klarna.do(
        "row", type="LIABILITY_TRANSFER", detailed_type="UNHEARD_OF", at="2026-10-01", amount=100, effect=-1
    )
    klarna.do("credit", detailed_type="CASH_ADVANCE_PAYOUT", at="2026-10-01", amount=500)
    klarna.do("payout", at="2026-10-02")
    assert totals_of(client, "2610020001") == {"charge": 100, "credit": 500, "settlement": 400}
    assert [row["type"] for row in client.rows()] == ["LIABILITY_TRANSFER", "CREDIT"]


# -- payouts ----------------------------------------------------------------------------------------------


def test_a_payout_takes_what_has_happened_until_then(klarna, client):
    klarna.do("sale", at="2026-10-01T10:00:00Z", rates={"2500": 1000}, reference1="A")
    klarna.do("sale", at="2026-10-02T10:00:00Z", rates={"2500": 1000}, reference1="B")
    klarna.do("payout", at="2026-10-05T05:00:00Z", until="2026-10-01T23:59:59Z")
    assert {row["merchant_reference1"] for row in client.rows(payment_reference="2610050001")} == {"A"}
    waiting = [row for row in client.rows() if "payment_reference" not in row]
    assert {row["merchant_reference1"] for row in waiting} == {"B"} and not any(
        "payout" in r for r in waiting
    )
    assert klarna.do("payout", at="2026-10-05T06:00:00Z")["payouts"][0]["payment_reference"] == "2610050002"
    assert {row["payment_reference"] for row in client.rows()} == {"2610050001", "2610050002"}
    assert klarna.do("payout", at="2026-10-05T07:00:00Z")["payouts"] == []
    klarna.do("credit", at="2026-10-06", amount=1)
    assert klarna.do("payout", at="2026-10-06", reference="XISA")["payouts"][0]["payment_reference"] == "XISA"
    klarna.do("credit", at="2026-10-06", amount=1)
    with pytest.raises(ValueError):
        klarna.do("payout", at="2026-10-06", reference="XISA")


def test_a_late_payout(klarna, client):
    klarna.do("sale", at="2026-10-01", rates={"2500": 1000})
    klarna.do("payout", at="2026-10-03T05:00:00Z", listed=False)
    assert references(client.get("/payouts")) == []
    assert client.refused("/payouts/2610030001") == (404, "NOT_FOUND")
    assert client.rows(payment_reference="2610030001") == []
    assert "payment_reference" not in client.rows()[0]
    klarna.do("reveal", payment_reference="2610030001")
    payout = client.get("/payouts")["payouts"][0]
    assert payout["payout_date"] == "2026-10-03T05:00:00Z"
    assert client.rows()[0]["payment_reference"] == "2610030001"


def test_a_payout_is_amended(klarna, client):
    klarna.load(scenarios.reference())
    klarna.do(
        "amend",
        payment_reference=FIRST,
        type="CHARGE",
        amount=1006,
        at="2026-11-05",
        detailed_type="LOAN_FEE",
    )
    assert totals_of(client, FIRST)["settlement"] == 176000
    assert len(client.rows(payment_reference=FIRST)) == 13
    assert klarna.merchant().unpaid == []


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("order", {"at": "2026-10-01"}), ("order", {"at": "2026-10-01", "rates": {"2500": -5}}),
        ("order", {"at": "x", "rates": {"2500": 5}}), ("order", {"rates": {"2500": 5}, "colour": "red"}),
        ("order", {"lines": [{"name": "A", "amount": 100, "type": "wood"}]}),
        ("order", {"lines": [{"name": "A", "amount": 100, "quantity": 3}]}),
        ("order", {"id": "taken", "rates": {"2500": 5}}), ("order", {"lines": [{"amount": 100}]}),
        ("capture", {"order": "unknown"}), ("capture", {"order": "taken", "amount": 1}),
        ("refund", {"order": "taken", "amount": 1001}), ("refund", {"order": "taken", "amount": 0}),
        ("refund", {"order": "taken", "amount": 1.5}), ("refund", {"order": "taken", "amount": True}),
        ("refund", {"order": "taken", "amount": 5, "rates": {"2500": 6}}),
        ("dispute", {"order": "taken", "amount": 1001}), ("protect", {"order": "taken"}),
        ("holdback", {"amount": 0}), ("holdback", {}), ("reveal", {"payment_reference": "none"}),
        ("row", {"type": "X", "amount": 5, "effect": 2}), ("row", {"type": "X", "amount": 5, "total": "x"}),
        ("merchant", {"tax_refund": "never"}), ("merchant", {"protection": "money"}),
        ("merchant", {"settlement": "NETTO"}), ("merchant", {"signed": "yes"}),
        ("merchant", {"fee_fixed": -1}),
        ("payout", {"listed": "maybe"}), ("amend", {"payment_reference": "none", "type": "FEE", "amount": 1}),
        ("misbehave", {"next": ["sulk"]}), ("scenario", {"name": "thriller"}), ("scenario", [{"at": "x"}]),
        ("scenario", {}),
    ],
)  # fmt: skip
def test_controls_that_are_refused(klarna, client, what, told):
    klarna.do("sale", id="taken", at="2026-10-01", rates={"2500": 1000})
    before = client.state()["merchants"]
    assert client.control(what, told)[0] == 400
    assert client.state()["merchants"] == before


def test_a_scenario_over_http(client):
    assert client.control("scenario", scenarios.reference())[1] == {"done": 10}
    assert totals_of(client, FIRST)["settlement"] == 177006
    assert client.control("reset")[0] == 200
    assert client.rows() == []
    assert client.control("scenario", {"name": "second-month"})[1] == {"done": 17}
    assert client.control("order", {"rates": {"2500": 1000}, "reference1": "NU"})[0] == 200
    assert client.control("nonsense")[0] == 404


# -- misbehaviour -----------------------------------------------------------------------------------------


@pytest.fixture
def served():
    with Klarna(scenario=scenarios.reference()) as service:
        yield service


@pytest.fixture
def merchant(served):
    return Client(served.url)


def test_statuses(served, merchant):
    for status, code in ((401, "UNAUTHORIZED"), (429, "TOO_MANY_REQUESTS"), (500, "INTERNAL_SERVER_ERROR")):
        served.misbehave({"fault": "status", "status": status, "times": 2})
        assert merchant.refused("/payouts") == merchant.refused("/payouts") == (status, code)
        merchant.get("/payouts")
    served.misbehave({"fault": "status", "status": 429, "retry_after": 7})
    assert merchant.call("/payouts")[2]["Retry-After"] == "7"
    served.misbehave({"fault": "status", "status": 502, "body": "<html>", "content_type": "text/html"})
    assert merchant.call("/payouts")[:2] == (502, b"<html>")


def test_rate_limit():
    with Klarna(rate_limit=2) as klarna:
        found = [Client(klarna.url).call("/payouts") for _ in range(3)]
        assert [status for status, _answer, _headers in found] == [200, 200, 429]
        assert found[2][2]["Retry-After"] == "1"
        assert Client(klarna.url, NEIGHBOUR_USER, NEIGHBOUR_PASSWORD).call("/payouts")[0] == 200


def test_connections_that_end_early(served, merchant):
    served.misbehave("close", "cut", {"fault": "timeout", "seconds": 0.1})
    for expected in (urllib.error.URLError, http.client.IncompleteRead, urllib.error.URLError):
        with pytest.raises((expected, http.client.RemoteDisconnected)):
            merchant.get("/transactions")
    served.misbehave("timeout")
    with pytest.raises((TimeoutError, socket.timeout)):
        merchant.call("/payouts", timeout=0.2)
    merchant.get("/payouts")


def test_strange_answers(served, merchant):
    served.misbehave("garbage", "redirect", {"fault": "endless", "bytes": 300_000})
    status, data, headers = merchant.call("/payouts")
    assert status == 200 and isinstance(data, bytes) and headers["Content-Type"] == "application/json"
    status, _data, headers = merchant.call("/payouts")
    assert (status, headers["Location"]) == (307, "http://other.invalid/settlements/v1/payouts")
    assert len(merchant.call("/payouts")[1]) == 300_000
    begun = time.monotonic()
    served.misbehave({"fault": "slow", "seconds": 0.2})
    assert references(merchant.get("/payouts")) == [FIRST]
    assert time.monotonic() - begun >= 0.2
    served.misbehave({"fault": "trickle", "seconds": 0.001})
    assert references(merchant.get("/payouts")) == [FIRST]


def test_pages_that_repeat_or_lack_rows(served, merchant):
    true = merchant.rows(payment_reference=FIRST)
    served.misbehave({"fault": "repeat", "path": "/transactions", "rows": 2})
    page = merchant.get("/transactions", payment_reference=FIRST, size=5, offset=5)
    assert page["transactions"] == true[3:10] and page["pagination"]["count"] == 7
    served.misbehave("repeat")
    assert merchant.get("/transactions", payment_reference=FIRST, size=5)["transactions"] == [
        true[0],
        *true[:5],
    ]
    served.misbehave("lack")
    page = merchant.get("/transactions", payment_reference=FIRST, size=5)
    assert page["transactions"] == true[:4] and page["pagination"]["total"] == 12
    assert merchant.rows(payment_reference=FIRST, size=5) == true


def test_rows_in_another_order(served, merchant):
    true = merchant.rows(payment_reference=FIRST)
    served.misbehave({"fault": "shuffle", "times": 2})
    first, second = merchant.rows(payment_reference=FIRST), merchant.rows(payment_reference=FIRST)
    assert len({json.dumps(rows) for rows in (true, first, second)}) == 3
    key = json.dumps
    assert sorted(first, key=key) == sorted(second, key=key) == sorted(true, key=key)


def test_a_next_page_elsewhere(served, merchant):
    served.misbehave("next", {"fault": "next", "location": "http://127.0.0.1:1"})
    page = merchant.get("/transactions", size=5)
    assert page["pagination"]["next"] == "http://other.invalid/settlements/v1/transactions?size=5&offset=5"
    page = merchant.get("/payouts")  # the last page has one, too
    assert page["pagination"]["next"].startswith("http://127.0.0.1:1/")


def test_totals_that_are_wrong(served, merchant):
    served.misbehave(
        {"fault": "totals", "path": "/payouts*"},
        {"fault": "totals", "field": "settlement_amount", "amount": -1},
    )
    totals = merchant.get("/payouts")["payouts"][0]["totals"]
    assert (totals["sale_amount"], totals["settlement_amount"]) == (221600, 177006)
    assert merchant.get(f"/payouts/{FIRST}")["totals"]["settlement_amount"] == 177005
    assert totals_of(merchant, FIRST)["settlement"] == 177006


def test_a_payout_that_changes_after_it_was_told(served, merchant):
    served.misbehave({"fault": "changed", "path": "/payouts/*", "amount": -250})
    assert totals_of(merchant, FIRST)["settlement"] == 177006
    assert totals_of(merchant, FIRST)["settlement"] == 176756
    assert merchant.rows(payment_reference=FIRST)[-1]["type"] == "CORRECTION"


def test_faults_for_some_calls(served, merchant):
    served.misbehave({"fault": "status", "status": 500, "path": "/reports/*"})
    served.misbehave({"fault": "status", "status": 503, "path": "/ordermanagement/*"})
    served.misbehave({"fault": "status", "status": 502, "merchant": NEIGHBOUR})
    order = merchant.rows()[0]["order_id"]
    assert merchant.refused("/reports/payout", payment_reference=FIRST)[0] == 500
    assert merchant.ask(f"/ordermanagement/v1/orders/{order}")[0] == 503
    assert merchant.ask(f"/ordermanagement/v1/orders/{order}")[0] == 200
    assert [fault["status"] for fault in served.look()["faults"]] == [502]
    assert served.misbehave(clear=True) == []


@pytest.mark.parametrize(
    "order",
    [
        "sulk", 99, {"status": 500}, {"fault": "status"}, {"fault": "slow", "seconds": -1},
        {"fault": "lack", "rows": 0},
        {"fault": "close", "times": 0}, {"fault": "close", "times": True}, {"fault": "close", "mood": "bad"},
        {"fault": "status", "status": 429, "retry_after": "1\r\nX: y"}, None,
    ],
)  # fmt: skip
def test_orders_that_are_not_understood(served, order):
    with pytest.raises((ValueError, TypeError)):
        served.misbehave(order)


def test_calls_are_counted(served, merchant):
    order = merchant.rows(size=10)[0]["order_id"]
    merchant.get(f"/payouts/{FIRST}")
    merchant.ask(f"/ordermanagement/v1/orders/{order}")
    merchant.call("/nonsense")
    state = merchant.state()
    assert state["counters"] == {
        "/transactions": 2, "/payouts/{payment_reference}": 1, "other": 1,
        "/ordermanagement/v1/orders/{order_id}": 1,
    }  # fmt: skip
    assert state["calls"][0] == {
        "method": "GET", "path": "/transactions?size=10", "status": 200, "user": USER, "fault": "",
    }  # fmt: skip
    assert [call["status"] for call in state["calls"]] == [200, 200, 200, 200, 404]


# -- the page, and the program ----------------------------------------------------------------------------


def test_the_page(served, merchant):
    served.do("sale", at="2026-11-05", rates={"2500": 100000}, reference1="<b>")
    page = merchant.ask("/")[1].decode()
    assert "1\N{NO-BREAK SPACE}770,06" in page and FIRST in page and "&lt;b&gt;" in page
    assert "958,24" in page  # 1000.00 less 33.40 and VAT 8.36
    assert USER in page and PASSWORD in page  # who tries the demo connects with them
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for action, told in re.findall(r'action="/control/(\w+)"(.*?)</form>', page, re.S):
        hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', told))
        for name, value in re.findall(r'<select name="(\w+)".*?<option value="([^"]*)"', told, re.S):
            hidden[name] = value.replace("&quot;", '"')
        status, _data, headers = merchant.ask(
            "/control/" + action, urllib.parse.urlencode(hidden).encode(), **form
        )
        assert (status, headers["Location"]) == (303, "/") or (action, status) == ("dispute", 400)
    assert served.faults and len(served.merchant().payouts) == 2
    page = merchant.ask("/")[1].decode()
    assert "Ångra" in page


def test_a_kill_loses_nothing_that_was_answered(tmp_path):
    file = tmp_path / "klarna.jsonl"
    options = ("--port", "0", "--state", str(file), "--scenario", "reference")
    with process("klarna", *options, folder=tmp_path) as (running, address):
        client = Client(address)
        assert client.control("sale", {"rates": {"2500": -1}})[0] == 400
        assert client.control("sale", {"rates": {"2500": 1000}})[0] == 200
        assert client.control("credit", {"amount": 500})[0] == 200
        assert client.control("payout")[0] == 200
        before, rows = client.state()["merchants"], client.rows()
        running.send_signal(signal.SIGKILL)
        running.wait(10)
    with file.open("ab") as torn:
        torn.write(b'{"do": "cred')
    with process("klarna", *options, folder=tmp_path, as_module=True) as (_running, address):
        client = Client(address)
        assert client.state()["merchants"] == before
        kept = [{**row, "payout": ""} for row in client.rows()]
        assert kept == [{**row, "payout": ""} for row in rows]
        assert client.control("credit", {"amount": 5})[0] == 200
    assert json.loads(file.read_text().splitlines()[-1])["amount"] == 5


def test_options(tmp_path):
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps({"events": scenarios.reference()}))
    options = ("--user", "u", "--password", "p", "--signed", "--no-customer-vat", "--rate-limit", "2")
    with process("klarna", "--scenario", str(scenario), *options) as (running, address):
        client = Client(address, "u", "p")
        row = client.get("/transactions", offset=1)["transactions"][0]
        assert row["amount"] == -3738 and "customer_vat" not in client.get("/transactions")["transactions"][0]
        assert client.refused("/transactions") == (429, "TOO_MANY_REQUESTS")
        running.send_signal(signal.SIGTERM)
        assert running.wait(10) == 0
    scenario.write_text("{}")
    run = subprocess.run(
        [sys.executable, str(SIMULATORS / "klarna"), "serve", "--scenario", str(scenario)],
        capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    assert run.returncode == 2 and run.stderr.startswith("klarna: ")


def test_many_at_once(served):
    found = []

    def work(number):
        served.do("sale", at="2026-11-05", rates={"2500": 1000 + number})
        found.append(len(Client(served.url).rows(payment_reference=FIRST, size=3)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [12] * 16
    assert len(served.merchant().unpaid) == 16 * 3
    assert len({row.capture_id for row in served.merchant().unpaid}) == 16


def test_who_leaves_is_not_missed(served, merchant, capfd):
    for _ in range(5):
        served.misbehave({"fault": "trickle", "seconds": 0.001})
        with socket.create_connection(("127.0.0.1", served.port)) as left:
            credentials = merchant.headers["Authorization"]
            head = f"GET /settlements/v1/payouts HTTP/1.1\r\nAuthorization: {credentials}\r\n\r\n"
            left.sendall(head.encode())
            assert left.recv(1)
            left.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # by a reset
    assert references(merchant.get("/payouts")) == [FIRST]
    time.sleep(0.1)
    assert "Exception" not in capfd.readouterr().err


def test_a_stopped_service_answers_nobody(served, merchant):
    merchant.get("/payouts")
    served.stop()
    with pytest.raises(OSError):
        merchant.get("/payouts")
