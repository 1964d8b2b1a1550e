"""Every answer of the Klarna simulator against the services' published descriptions."""

import base64
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from openapi_schema import Description
from plain_yaml import read_yaml

SIMULATORS = Path(__file__).resolve().parents[2] / "simulators"
sys.path.insert(0, str(SIMULATORS))

from klarna import PASSWORD, USER, Klarna, calls, faults, model, scenarios  # noqa: E402

FIRST = "2611040001"
WINDOW = {"start_date": "2026-11-01", "end_date": "2026-11-30T23:59:59Z"}
# What is known of the service that its description does not have.
NO_ORDER = re.compile(r"\$\.transactions\[(\d+)\]: order_id is missing")
CUSTOMER_VAT = re.compile(r"\$\.transactions\[\d+\]: customer_vat is not in the schema")


def described(reference, name):
    return Description(read_yaml((reference("klarna") / name).read_text("utf-8")))


@pytest.fixture(scope="session")
def settlements(reference):
    return described(reference, "settlements-openapi.yml")


@pytest.fixture(scope="session")
def orders(reference):
    description = described(reference, "order-management-openapi.yml")
    # The types of a line are written as one value; the pattern beside it says what is meant.
    del description.schemas["order_line"]["properties"]["type"]["enum"]
    return description


class Checked:
    """Calls a simulator and holds every answer against its description."""

    def __init__(self, description, address, password=PASSWORD):
        self.description = description
        self.address = address
        self.headers = {"Authorization": "Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode()}
        self.tolerated = []

    def _open(self, path):
        request = urllib.request.Request(self.address + path, headers=self.headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(), error.headers

    def ask(self, path, base="/settlements/v1", **query):
        """(status, answer), after it was looked at: JSON, or bytes where the description says nothing."""
        described = "" if base.startswith("/settlements") else base
        operation = self.description.operation("GET", described + path)
        assert set(query) <= {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
        query = "?" + urllib.parse.urlencode(query) if query else ""
        status, content, headers = self._open(base + path + query)
        if status in (401, 429, 500, 503):  # not described; the form is the same
            schema = {"$ref": "#/components/schemas/ErrorResponse"}
        else:
            schema = self.description.answer("GET", described + path, status)
        if not schema:
            return status, content
        assert headers["Content-Type"] == "application/json"
        value = json.loads(content)
        wrong = [each for each in self.description.wrong(schema, value) if not self._known(each, value)]
        assert wrong == [], f"{path}: {status}"
        return status, value

    def _known(self, wrong, value):
        """Whether something that is not as described is known of the service."""
        orderless = NO_ORDER.fullmatch(wrong)
        if orderless:
            row = value["transactions"][int(orderless[1])]
            return row["type"] in ("HOLDBACK", "RELEASE", "CORRECTION", "CHARGE", "CREDIT", "COMMISSION")
        return any(pattern.fullmatch(wrong) for pattern in self.tolerated)

    def ok(self, path, **more):
        status, value = self.ask(path, **more)
        assert status == 200, value
        return value

    def refused(self, path, **more):
        status, _value = self.ask(path, **more)
        assert status != 200
        return status


@pytest.fixture
def klarna():
    with Klarna(scenario=scenarios.second_month(), customer_vat=False) as service:
        yield service


@pytest.fixture
def checked(settlements, klarna):
    return Checked(settlements, klarna.url)


def test_what_is_read(checked):
    payouts = checked.ok("/payouts", **WINDOW, currency_code="SEK", size=1, offset=0)
    assert payouts["pagination"]["total"] == 2
    assert len(checked.ok("/payouts", size=500)["payouts"]) == 2
    checked.ok(f"/payouts/{FIRST}")
    assert len(checked.ok("/payouts/summary", **WINDOW)) == 1
    rows = checked.ok("/transactions", payment_reference=FIRST, size=5, offset=5)
    assert len(rows["transactions"]) == 5
    checked.ok("/transactions", order_id=rows["transactions"][0]["order_id"])
    assert len(checked.ok("/transactions", size=500)["transactions"]) == 24


def test_reports(checked):
    assert checked.ok("/reports/payout", payment_reference=FIRST).startswith(b"%PDF-")
    assert checked.ok("/reports/payout-with-transactions", payment_reference=FIRST).startswith(b"type;")
    assert checked.ok("/reports/payouts-summary", **WINDOW).startswith(b"%PDF-")
    assert checked.ok("/reports/payouts-summary-with-transactions", **WINDOW).startswith(b"type;")


def test_refusals(checked):
    for path, query in (
        ("/payouts", {"size": 501}), ("/payouts", {"size": 0}), ("/payouts", {"offset": -1}),
        ("/payouts", {"start_date": "yesterday"}), ("/payouts", {"currency_code": "kronor"}),
        ("/payouts/a.b", {}), ("/payouts/summary", {}), ("/payouts/summary", {"start_date": "2026-11-01"}),
        ("/transactions", {"size": "all"}), ("/transactions", {"payment_reference": "a.b"}),
        ("/reports/payout", {}), ("/reports/payout-with-transactions", {}), ("/reports/payouts-summary", {}),
        ("/reports/payouts-summary-with-transactions", {"end_date": "2026-11-01"}),
    ):  # fmt: skip
        assert checked.refused(path, **query) == 400
    assert checked.refused("/payouts/2611049999") == 404
    assert checked.refused("/reports/payout", payment_reference="2611049999") == 404
    assert checked.refused("/reports/payout-with-transactions", payment_reference="2611049999") == 404


def test_undescribed_refusals(checked, settlements, klarna):
    assert Checked(settlements, klarna.url, "wrong").refused("/payouts") == 401
    for status in ("401", "429", "500", "503"):
        klarna.misbehave(status)
        assert checked.refused("/payouts") == int(status)


def test_every_type_of_row(checked, klarna, settlements):
    order = klarna.do(
        "sale", at="2026-12-01T10:00:00Z", currency="EUR", country="FI", rates={"2550": 12550},
        method="pay_later_in_parts", installments=3, reference1="FI-1",
    )["order_id"]  # fmt: skip
    klarna.do("merchant", exchange={"EUR": 112500})
    klarna.do("refund", order=order, at="2026-12-02", amount=2550, reference="R", fees_back=True)
    klarna.do("dispute", order=order, at="2026-12-03", fee=20000)
    klarna.do("protect", order=order, at="2026-12-04")
    for what in ("correction", "charge", "credit", "commission", "holdback", "release"):
        klarna.do(what, at="2026-12-05", amount=1000, currency="EUR", comment="Test")
    klarna.do("correction", at="2026-12-05", amount=-50, currency="EUR", order=order)
    klarna.do("merchant", tax_rows=True)
    klarna.do("sale", at="2026-12-06", rates={"2500": 10000})
    klarna.do("payout", at="2026-12-07")
    for settings in ({}, {"signed": True}, {"blank_capture_id": True}, {"settlement": "GROSS"}):
        klarna.do("merchant", **settings)
        rows = checked.ok("/transactions", size=500)["transactions"]
        checked.ok("/payouts", size=500)
        checked.ok("/payouts/summary", start_date="2026-11-01", end_date="2026-12-31")
    assert {row["type"] for row in rows} == set(model.TYPES)
    kinds = settlements.schemas["Transaction"]["properties"]["type"]["enum"]
    assert set(model.TYPES) == set(kinds)


def test_customer_vat_is_all_that_is_not_described(settlements):
    with Klarna(scenario=scenarios.second_month()) as klarna:
        checked = Checked(settlements, klarna.url)
        with pytest.raises(AssertionError, match="customer_vat"):
            checked.ok("/transactions", size=500)
        checked.tolerated = [CUSTOMER_VAT]
        checked.ok("/transactions", size=500)


def test_many_rows(settlements):
    with Klarna(scenario=scenarios.many(300), customer_vat=False) as klarna:
        rows = Checked(settlements, klarna.url).ok("/transactions", size=500)
        assert rows["pagination"]["total"] == 300 * 3 + 30


@pytest.mark.parametrize("fault", ["repeat", "lack", "shuffle", "next", "totals", "changed"])
def test_wrong_answers_look_right(checked, klarna, fault):
    """They are wrong in what they say, not in their form."""
    assert fault in faults.KINDS
    for path in ("/payouts", "/transactions"):
        klarna.misbehave(fault)
        checked.ok(path)


def test_orders(orders, klarna):
    checked = Checked(orders, klarna.url)
    made = klarna.do("order", at="2026-12-01", lines=[
        {"name": "Kurs", "type": "digital", "amount": 50000, "rate": 2500, "quantity": 2},
        {"name": "Rabatt", "type": "discount", "amount": -5000, "rate": 2500},
        {"name": "Presentkort", "type": "gift_card", "amount": -10000},
        {"name": "Tröja", "amount": 4000, "rate": 2500, "discount": 1000},
    ], installments=4, method="pay_in_x")  # fmt: skip
    klarna.do("capture", order=made["order_id"], at="2026-12-02", amount=10000, reference="L1")
    klarna.do("refund", order=made["order_id"], at="2026-12-03", reference="R1", rates={"2500": 5000})
    for order in klarna.merchant().orders:
        answer = checked.ok(f"/{order}", base="/ordermanagement/v1/orders")
        assert sum(line["total_amount"] for line in answer["order_lines"]) == answer["order_amount"]
    assert checked.refused("/none", base="/ordermanagement/v1/orders") == 404


def test_paths_are_those_of_the_description(settlements, orders):
    described = set(settlements.document["paths"])
    told = {name for _pattern, name, _work in calls.ROUTES}
    assert told - described == {"/ordermanagement/v1/orders/{order_id}"}
    assert described <= told
    assert orders.operation("GET", "/ordermanagement/v1/orders/1")
