"""The Klarna simulator over real HTTP: each call, each act, each fault, figures worked out by hand."""

import base64
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

SIMULATORS = Path(__file__).resolve().parent.parent / "simulators"
sys.path.insert(0, str(SIMULATORS))

from klarna import (  # noqa: E402
    MERCHANT,
    PASSWORD,
    USER,
    Klarna,
    scenarios,
)

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
        request = urllib.request.Request(address, data, {**self.headers, **headers}, method=method)
        try:
            with _OPENER.open(request, timeout=timeout) as answer:
                return _read(answer.status, answer)
        except urllib.error.HTTPError as error:
            with error:
                return _read(error.code, error)

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


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def _read(status, answer):
    data = answer.read()
    if not answer.headers.get("Content-Type", "").startswith("application/json"):
        return status, data, answer.headers
    try:
        return status, json.loads(data), answer.headers
    except ValueError:
        return status, data, answer.headers


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
