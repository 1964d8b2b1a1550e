"""The Björn Lundén simulator over real HTTP: each call, each rule, each fault, figures worked out by hand."""

import base64
import http.client
import http.server
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager

import pytest
from bjornlunden import (
    CLIENT_ID,
    CLIENT_SECRET,
    NEIGHBOUR_KEY,
    SUNDBY_KEY,
    BjornLunden,
)
from simulated import SIMULATORS, ask, process

NOON = 1_792_929_600.0  # Sunday 25 October 2026, 12:00 UTC
FORM = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
# A day at the till: 500 + 25 %, 100 + 12 % and 100 + 6 % are 625 + 112 + 106 = 843 kronor, 343 of it cash.
DAY_ROWS = [
    {"accountId": "1910", "amount": 343, "text": "Kontant"},
    {"accountId": "1580", "amount": 500.00, "text": "Kort"},
    {"accountId": "3001", "amount": -500, "text": "Försäljning 25 %", "costCenterId": "B1"},
    {"accountId": "2611", "amount": -125},
    {"accountId": "3002", "amount": -100, "costCenterId": "C1", "costBearerId": "KURS", "projectId": "P1"},
    {"accountId": "2621", "amount": -12.0},
    {"accountId": "3003", "amount": -100},
    {"accountId": "2631", "amount": -6},
]


class Client:
    """Speaks HTTP to a simulator with a token and a key, as an integrator does."""

    def __init__(self, base, key=SUNDBY_KEY):
        self.base = base
        self.key = key
        self.token = None

    def ask(self, method, address, data=None, timeout=10, **headers):
        """(status, JSON or bytes, headers)."""
        return ask(self.base + address, data, headers, method, timeout)

    def fetch_token(self, **changes):
        form = {name: value for name, value in {**FORM, **changes}.items() if value is not None}
        data = urllib.parse.urlencode(form).encode()
        return self.ask("POST", "/auth/oauth/v2/token", data)

    def call(self, method, path, body=None, timeout=10, **headers):
        """(status, answer) of a call of the API."""
        if not self.token:
            self.token = self.fetch_token()[1]["access_token"]
        sent = {"Authorization": f"Bearer {self.token}", "User-Key": self.key}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent = {name: value for name, value in {**sent, **headers}.items() if value is not None}
        return self.ask(method, "/bla-api/v1/sp" + path, body, timeout, **sent)[:2]

    def get(self, path, **query):
        return self.call("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def book(self, **changes):
        return self.call("POST", "/journal", day_close(**changes))

    def upload(self, name="underlag.pdf", data=b"%PDF-1.4\r\n--x\r\n", field="file"):
        kind, body = form_of(name, data, field)
        return self.call("POST", "/document", body, **{"Content-Type": kind})

    def control(self, path, told=None):
        return self.ask("POST", "/control/" + path, json.dumps(told or {}).encode())[:2]

    def refused(self, **changes):
        """The exceptionId of a voucher that is not booked."""
        before = len(self.state()["vouchers"])
        status, error = self.book(**changes)
        assert status == 400 and len(self.state()["vouchers"]) == before, error
        return error.get("exceptionId") or error["message"]

    def state(self):
        found = self.ask("GET", "/state")[1]["companies"]
        return next(company for company in found if company["key"] == self.key)


def form_of(name, data, field="file"):
    """(content type, body) of a form with one file."""
    file = f'; filename="{name}"' if name is not None else ""
    head = f'--x-x\r\nContent-Disposition: form-data; name="{field}"{file}\r\nContent-Type: application/pdf'
    head += "\r\n\r\n"
    return "multipart/form-data; boundary=x-x", head.encode() + data + b"\r\n--x-x--\r\n"


def day_close(**changes):
    """A voucher; a field that is None is left out."""
    voucher = {
        "journalId": "K", "journalEntryDate": "2026-10-25", "journalEntryText": "Dagsavslut [BRP-000123]",
        "ledgerEntries": DAY_ROWS, **changes,
    }  # fmt: skip
    return {name: value for name, value in voucher.items() if value is not None}


def rows_of(*pairs, **more):
    """Rows of (account, amount); the last has more fields."""
    rows = [{"accountId": account, "amount": amount} for account, amount in pairs]
    rows[-1].update(more)
    return rows


@pytest.fixture
def bl():
    """A simulator at noon on Sunday 25 October 2026."""
    with BjornLunden(clock=lambda: NOON) as service:
        yield service


@pytest.fixture
def client(bl):
    return Client(bl.url)


# -- the gateway ----------------------------------------------------------------------------------------


def test_token(bl, client):
    status, answer, headers = client.fetch_token(scope="")
    assert status == 200 and headers["Cache-Control"] == "no-store"
    assert {**answer, "access_token": "…"} == {
        "access_token": "…", "token_type": "bearer", "expires_in": 3600, "scope": "oob",
    }  # fmt: skip
    first, second = answer["access_token"], client.fetch_token()[1]["access_token"]
    assert first != second
    for token in (first, second):
        client.token = token
        assert client.get("/isalive")[0] == 200
    assert bl.look()["tokens"] == 2


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 400, "invalid_request"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_token_refused(client, changes, status, error):
    got, answer, _headers = client.fetch_token(**changes)
    assert (got, answer["error"]) == (status, error) and answer["error_description"]


def test_token_is_a_form_that_is_posted(client):
    address = "/auth/oauth/v2/token"
    status, answer, _ = client.ask(
        "POST", address, json.dumps(FORM).encode(), **{"Content-Type": "application/json"}
    )
    assert (status, answer["error"]) == (400, "invalid_request")
    assert client.ask("GET", address)[0] == 405


def test_tokens_expire():
    now = [NOON]
    with BjornLunden(clock=lambda: now[0], token_lifetime=60) as service:
        client = Client(service.url)
        assert client.fetch_token()[1]["expires_in"] == 60
        assert client.get("/details")[0] == 200
        now[0] += 59
        assert client.get("/details")[0] == 200
        now[0] += 1
        status, answer, headers = client.ask(
            "GET", "/bla-api/v1/sp/details", Authorization=f"Bearer {client.token}"
        )
        assert (status, answer["error"]) == (401, "invalid_token")
        assert headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
        client.token = client.fetch_token()[1]["access_token"]
        assert client.get("/details")[0] == 200
        assert client.control("expire-tokens")[0] == 200
        assert client.get("/details")[0] == 401


def test_without_a_token_nothing_is_told(client):
    for header in (None, "Bearer", "Bearer unknown", "Basic YTpi"):
        assert client.call("GET", "/details", Authorization=header)[0] == 401
        assert client.call("POST", "/journal", day_close(), Authorization=header)[0] == 401
    assert client.state()["vouchers"] == []


def test_what_there_is_not(client):
    status, error = client.get("/nowhere")
    assert status == 404 and set(error) == {"timestamp", "status", "error", "message", "path"}
    assert (error["status"], error["path"]) == (404, "/bla-api/v1/sp/nowhere")
    assert client.call("DELETE", "/account")[0] == 405
    assert client.ask("GET", "/other")[0] == 404


def test_too_many_calls(bl, client):
    bl.set(rate_limit=2)
    client.token = client.fetch_token()[1]["access_token"]
    assert [client.get("/isalive")[0] for _ in range(2)] == [200, 200]
    status, answer, headers = client.ask(
        "GET", "/bla-api/v1/sp/isalive", **{"Authorization": f"Bearer {client.token}", "User-Key": SUNDBY_KEY}
    )
    assert (status, answer["status"], headers["Retry-After"]) == (429, 429, "1")


# -- the key --------------------------------------------------------------------------------------------


def test_the_integrators_own_calls_need_no_key(client):
    client.key = None
    assert client.get("/isalive")[0] == 200
    assert client.get("/common/me")[1]["clientId"] == CLIENT_ID
    assert client.get("/meta/allKeys") == (200, [SUNDBY_KEY, NEIGHBOUR_KEY])
    status, clients = client.get("/common/client")
    assert status == 200 and [c["publicKey"] for c in clients] == [SUNDBY_KEY, NEIGHBOUR_KEY]
    assert set(clients[0]) == {"externalCustomerId", "name", "publicKey", "email", "scopes"}
    assert {"serviceName": "journal", "accessTypes": ["CREATE", "READ", "UPDATE", "DELETE", "PATCH"]} in (
        clients[0]["scopes"]
    )


@pytest.mark.parametrize("key", ["11111111-2222-4333-8444-555555555555", None, ""])
def test_a_key_that_nobody_has(client, key):
    client.key = key
    status, error = client.get("/details")
    assert (status, error["status"]) == (500, "500 INTERNAL_SERVER_ERROR")
    assert error["message"] == "credentials is null" and "exceptionId" not in error


def test_a_key_that_is_no_key(client):
    client.key = "sundby"
    assert client.get("/details")[1]["exceptionId"] == "KEY_INVALID"
    client.key = SUNDBY_KEY.upper()
    assert client.get("/details")[0] == 200


def test_disconnected(bl, client):
    bl.disconnect(SUNDBY_KEY)
    status, error = client.get("/details")
    assert (status, error["exceptionId"]) == (403, "CLOUD_DATABASE_NO_CONNECTION_TO_INTEGRATOR")
    assert client.get("/meta/allKeys")[1] == [NEIGHBOUR_KEY]
    assert [c["publicKey"] for c in client.get("/common/client")[1]] == [NEIGHBOUR_KEY]
    assert client.control("connect", {"key": SUNDBY_KEY}) == (
        200, {"key": SUNDBY_KEY, "connected": True, "callback": None},
    )  # fmt: skip
    assert client.get("/details")[0] == 200


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("archived", "DATABASE_ARCHIVED"),
        ("inactive", "DATABASE_INACTIVE"),
        ("deletion", "DATABASE_MARKED_FOR_DELETION"),
        ("disabled", "CLOUD_DATABASE_DISABLED"),
        ("locked", "DATABASE_LOCKED_OR_HIDDEN"),
    ],
)
def test_a_company_that_cannot_be_used(client, status, found):
    assert client.control("company", {"key": SUNDBY_KEY, "status": status})[0] == 200
    assert client.get("/account")[1]["exceptionId"] == found


def test_rights(client):
    scopes = [
        {"serviceName": "journal", "accessTypes": ["READ"]},
        {"serviceName": "details", "accessTypes": ["READ"]},
    ]
    client.control("company", {"key": SUNDBY_KEY, "scopes": scopes})
    assert client.get("/common/client")[1][0]["scopes"] == scopes
    assert client.get("/details")[0] == 200
    assert client.get("/journal/entry/batch")[0] == 200
    for status, error in (client.book(), client.upload(), client.get("/account")):
        assert (status, error["exceptionId"]) == (403, "USER_HAS_NO_RIGHT_FOR_SERVICE")


@contextmanager
def integrator(status=204):
    """An integrator's registered address; yields it and what it was asked."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.command, self.path))
            self.send_response(status)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/bl", asked
    finally:
        server.shutdown()
        server.server_close()


def test_the_integrator_is_called(bl, client):
    with integrator() as (address, asked):
        bl.set(callback=address + "/")
        status, answer = client.control("disconnect", {"key": SUNDBY_KEY})
        assert (status, answer["callback"]["status"]) == (200, 204)
        client.control("settings", {"callback_method": "POST"})
        client.control("connect", {"key": SUNDBY_KEY})
    assert asked == [
        ("GET", f"/bl/{SUNDBY_KEY}/OFF/165599999801"),
        ("POST", f"/bl/{SUNDBY_KEY}/ON/165599999801"),
    ]
    # Nobody is there any more: told, and the company is disconnected all the same.
    assert "error" in client.control("disconnect")[1]["callback"]
    assert client.state()["connected"] is False
    assert [called.get("status") for called in bl.look()["callbacks"]] == [204, 204, None]
    with integrator(500) as (address, asked):
        assert (
            client.control("connect", {"key": NEIGHBOUR_KEY, "callback": address})[1]["callback"]["status"]
            == 500
        )
    assert asked == [("POST", f"/bl/{NEIGHBOUR_KEY}/ON/165599990016")]


# -- what a company has ---------------------------------------------------------------------------------


def test_details(client):
    status, details = client.get("/details")
    assert status == 200
    assert (details["name"], details["orgNumber"]) == ("Sundby Aktivitetscenter AB", "165599999801")
    assert (details["vatInfo"]["vat1account"], details["vatInfo"]["roundingVatAccount"]) == ("2610", "3740")
    client.control("company", {"details": {"bg": "5050-1055"}, "name": "Sundby & Co"})
    details = client.get("/details")[1]
    assert (details["name"], details["bg"], details["city"]) == ("Sundby & Co", "5050-1055", "Sundby")
    assert details["entityId"]


@pytest.mark.parametrize("number", ["5599999801", "5599990016"])
def test_organisation_numbers_have_right_check_digits(number):
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(number)]
    assert sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def test_accounts(client):
    status, accounts = client.get("/account")
    by_id = {account["id"]: account for account in accounts}
    assert status == 200 and list(by_id) == sorted(by_id)
    needed = "1510 1530 1580 1581 1582 1585 1910 1920 1930 1935 1940 2421 2611 2621 2631 2820 2897"
    assert {*needed.split(), "3001", "3002", "3003", "3004", "3740", "6040", "6064"} <= set(by_id)
    assert by_id["1910"]["closed"] is False and by_id["3009"]["closed"] is True
    assert client.get("/account/1910") == (200, by_id["1910"])
    assert client.get("/account", entityId=by_id["2421"]["entityId"])[1] == [by_id["2421"]]
    assert {a["id"][0] for a in client.get("/account", accountType="assets")[1]} == {"1"}
    assert {a["id"][0] for a in client.get("/account", accountType="assets,incomes")[1]} == {"1", "3"}
    status, error = client.get("/account/9999")
    assert (status, error["exceptionId"], error["message"]) == (400, "ACCOUNT_NOT_FOUND", "Konto 9999 saknas")


def test_account_batch(client):
    status, answer = client.get("/account/batch", span="3001-3004", rows=3, sortorder="desc")
    assert status == 200 and [a["id"] for a in answer["data"]] == ["3004", "3003", "3002"]
    assert (answer["totalRows"], answer["totalPages"], answer["rowsReturned"]) == (4, 2, 3)
    page = client.get("/account/batch", span="3001-3004", rows=3, sortorder="desc", page=2)[1]
    assert [a["id"] for a in page["data"]] == ["3001"]
    assert [a["id"] for a in client.get("/account/batch", search="swish")[1]["data"]] == ["1582"]
    assert [a["id"] for a in client.get("/account/batch", span="1910")[1]["data"]] == ["1910"]
    assert client.get("/account/batch", span="1-b")[1]["exceptionId"] == "ACCOUNT_RANGE_INVALID"
    assert client.get("/account/batch", sortkey="colour")[1]["exceptionId"] == "SORT_KEY_INVALID_VALUE"
    assert client.get("/account/batch", rows="many")[0] == 400


def test_financial_years(client):
    status, years = client.get("/financialyear")
    assert status == 200 and [year["id"] for year in years] == ["202501", "202601", "202701"]
    year = {name: value for name, value in years[1].items() if name != "entityId"}
    assert year == {
        "id": "202601", "fromDate": "2026-01-01", "toDate": "2026-12-31", "firstOpenPeriod": "202601",
        "open": True, "closingActive": False, "openingBalanceClosed": False,
        "blockFollowingOpeningBalance": False,
    }  # fmt: skip
    assert client.get("/financialyear/date/2026-12-31") == (200, years[1])
    assert client.get("/financialyear/202701") == (200, years[2])
    assert client.get("/financialyear", entityId=years[0]["entityId"]) == (200, [years[0]])
    for path in ("/financialyear/date/2028-01-01", "/financialyear/202801"):
        assert client.get(path)[1]["exceptionId"] == "FINANCIAL_YEAR_NOT_FOUND"
    status, error = client.get("/financialyear/date/2026-02-30")
    assert status == 400 and "exceptionId" not in error
    client.key = NEIGHBOUR_KEY
    year = client.get("/financialyear/date/2026-06-30")[1]
    assert (year["id"], year["fromDate"], year["firstOpenPeriod"]) == ("202507", "2025-07-01", "202601")


def test_dimensions(client):
    def ids(path):
        status, items = client.get(path)
        assert status == 200
        return {item["id"]: item["closed"] for item in items}

    assert ids("/costcenter") == {"B1": False, "C1": False, "H1": False, "OLD": True}
    assert ids("/costbearer") == {"KURS": False, "UTHYR": False}
    assert ids("/project") == {"P1": False, "P0": True}
    client.control("project", {"id": "P2", "name": "Vinterläger", "customerId": "7"})
    assert [p["name"] for p in client.get("/project", customerId="7")[1]] == ["Vinterläger"]


def test_not_found_may_be_told_in_another_way(client):
    client.control("settings", {"not_found_status": 500})
    status, error = client.get("/account/9999")
    assert (status, error["status"]) == (500, "500 INTERNAL_SERVER_ERROR")
    assert client.refused(ledgerEntries=rows_of(("9999", 1), ("1910", -1))) == "ACCOUNT_NOT_FOUND"


# -- booking --------------------------------------------------------------------------------------------


def test_a_voucher_is_booked_and_numbered(client):
    status, booked = client.book()
    assert status == 200
    head = {n: v for n, v in booked.items() if n not in ("ledgerEntries", "entityId")}
    assert head == {
        "journalId": "K", "journalName": "Kassa", "journalEntryId": 1, "journalEntryDate": "2026-10-25",
        "journalEntryText": "Dagsavslut [BRP-000123]", "financialYearId": "202601", "period": "202610",
        "fyStartDate": "2026-01-01", "fyEndDate": "2026-12-31", "entryInfoDate": "2026-10-25",
        "entryInfoBy": "API", "reportDate": "2026-10-25", "upsertDate": "2026-10-25T12:00:00.000+00:00",
        "documentIds": [], "isEditable": False, "isRemovable": True, "isOpen": False, "origin": "API",
        "autoRegistered": True, "eoy": False, "totalCreditSum": 843.0,
    }  # fmt: skip
    rows = booked["ledgerEntries"]
    assert [(row["accountId"], row["amount"]) for row in rows] == [
        ("1910", 343.0), ("1580", 500.0), ("3001", -500.0), ("2611", -125.0), ("3002", -100.0),
        ("2621", -12.0), ("3003", -100.0), ("2631", -6.0),
    ]  # fmt: skip
    assert (rows[0]["accountName"], rows[0]["text"], rows[0]["id"]) == ("Kassa", "Kontant", 1)
    assert (rows[4]["costCenterId"], rows[4]["costBearerId"], rows[4]["projectId"]) == ("C1", "KURS", "P1")
    assert client.book()[1]["journalEntryId"] == 2
    assert client.book(journalId="A")[1]["journalEntryId"] == 1
    assert client.book(journalEntryDate="2027-01-01")[1]["journalEntryId"] == 1  # a new year
    client.key = NEIGHBOUR_KEY
    assert client.book()[1]["financialYearId"] == "202607"


def test_the_same_voucher_twice_makes_two(bl, client):
    assert [client.book()[1]["journalEntryId"] for _ in range(2)] == [1, 2]
    client.book(journalEntryText="Dagsavslut [BRP-000124]")
    client.book(journalId="A")
    assert client.ask("GET", "/state")[1]["duplicates"] == [{
        "publicKey": SUNDBY_KEY, "journalId": "K", "journalEntryDate": "2026-10-25",
        "journalEntryText": "Dagsavslut [BRP-000123]", "numbers": [1, 2],
    }]  # fmt: skip
    client.call("DELETE", "/journal/entry/K/3/2026-10-25")
    client.call("DELETE", "/journal/entry/K/2/2026-10-25")
    assert bl.duplicates == []


def test_a_number_of_ones_own(client):
    assert client.book(journalEntryId=57)[1]["journalEntryId"] == 57
    assert client.book()[1]["journalEntryId"] == 58
    assert client.refused(journalEntryId=57) == "JOURNAL_ENTRY_ALREADY_EXISTS"
    assert client.refused(journalEntryId=0) == "JOURNAL_ENTRY_INVALID"
    assert client.book(journalEntryId=57, journalEntryDate="2025-10-25")[0] == 200


def test_latest_voucher_date(client):
    assert client.call("POST", "/journal?latestVoucherDate=false", day_close())[0] == 200
    assert "latestVoucherDate" not in client.get("/financialyear/202601")[1]
    assert client.call("POST", "/journal?latestVoucherDate=true", day_close())[0] == 200
    assert client.get("/financialyear/202601")[1]["latestVoucherDate"] == "2026-10-25"
    assert client.call("POST", "/journal?latestVoucherDate=maybe", day_close())[0] == 400


@pytest.mark.parametrize(
    ("rows", "found", "told"),
    [
        (rows_of(("1910", 100), ("3001", -99.99)), "JOURNAL_ENTRY_NOT_IN_BALANCE", ["Differens 0.01"]),
        ([], "JOURNAL_ENTRY_NOT_CREATED_VALID_ROWS_MISSING", []),
        (None, "JOURNAL_ENTRY_NOT_CREATED_VALID_ROWS_MISSING", []),
        (rows_of(("1910", 0), ("3001", 0)), "JOURNAL_ENTRY_NOT_CREATED_VALID_ROWS_MISSING", []),
        ([{"accountId": "1910"}], "JOURNAL_ENTRY_NOT_CREATED_VALID_ROWS_MISSING", []),
        (
            rows_of(("1910", 100), ("3001", -100), ("3740", 0)),
            "LEDGER_ENTRY_HAS_INVALID_TRANSACTION_VALUES",
            ["Beloppet är noll"],
        ),
        (
            rows_of(("1910", 0.125), ("3001", -0.125)),
            "LEDGER_ENTRY_HAS_INVALID_TRANSACTION_VALUES",
            ["Beloppet har fler än två decimaler"] * 2,
        ),
        (
            rows_of(("1910", 10**13), ("3001", -(10**13))),
            "LEDGER_ENTRY_HAS_INVALID_TRANSACTION_VALUES",
            ["Beloppet är orimligt"] * 2,
        ),
        (
            rows_of(("9998", 5), ("1910", 5), ("9999", -10)),
            "ACCOUNT_NOT_FOUND",
            ["Konto 9998 saknas", "Konto 9999 saknas"],
        ),
        (rows_of(("1910", 100), ("3009", -100)), "ACCOUNT_IS_BLOCKED", ["Konto 3009 är spärrat"]),
        (rows_of(("1910", 1), ("19101010", -1)), "ACCOUNT_NUMBER_FORMAT_INVALID", None),
        (rows_of(("1910", 1), (None, -1)), "JOURNAL_ENTRY_NOT_CREATED_ACCOUNT_MISSING", None),
        (rows_of(("1910", 1), ("3001", -1), costCenterId="X"), "COSTCENTER_NOT_FOUND", None),
        (
            rows_of(("1910", 1), ("3001", -1), costCenterId="OLD"),
            "COSTCENTER_NOT_FOUND",
            ["Resultatenheten OLD kan inte användas längre"],
        ),
        (rows_of(("1910", 1), ("3001", -1), costBearerId="X"), "COSTBEARER_NOT_FOUND", None),
        (rows_of(("1910", 1), ("3001", -1), projectId="P0"), "PROJECT_NOT_FOUND", None),
        (
            rows_of(("1910", 1), ("3001", -1), projectId="P" * 17),
            "LEDGER_ENTRY_HAS_INVALID_TRANSACTION_VALUES",
            ["Projektet har mer än 16 tecken"],
        ),
        (
            rows_of(("1910", 1), ("3001", -1), text="x" * 51),
            "LEDGER_ENTRY_HAS_INVALID_TRANSACTION_VALUES",
            ["Texten har mer än 50 tecken"],
        ),
        (rows_of(("1910", 1), ("3001", -1), accruals={}), "JOURNAL_ENTRY_NOT_VALID", None),
        (
            rows_of(("1910", 1), ("3001", -1), acountId="1"),
            "JOURNAL_ENTRY_INVALID",
            ["Fältet acountId finns inte"],
        ),
    ],
)  # fmt: skip
def test_rows_that_are_refused(client, rows, found, told):
    status, error = client.book(ledgerEntries=rows)
    assert (status, error["status"], error["exceptionId"]) == (400, "400 BAD_REQUEST", found)
    if told is not None:
        assert [sub["message"] for sub in error["subErrors"]] == told
    assert client.state()["vouchers"] == []


def test_what_an_error_looks_like(client):
    _status, error = client.book(ledgerEntries=rows_of(("1910", 100), ("3010", -100)))
    assert error == {
        "status": "400 BAD_REQUEST", "timestamp": "2026-10-25T12:00:00.000+00:00", "message": "Konto saknas",
        "debugMessage": "ACCOUNT_NOT_FOUND: simulated", "exceptionId": "ACCOUNT_NOT_FOUND",
        "request": {"description": "uri=/bla-api/v1/sp/journal"},
        "subErrors": [{
            "object": "LedgerEntryFullDto", "field": "accountId", "associatedValue": "3010",
            "message": "Konto 3010 saknas",
        }],
    }  # fmt: skip
    client.control("settings", {"bare_errors": True})
    assert client.book(ledgerEntries=rows_of(("1910", 100), ("3010", -100))) == (400, {
        "timestamp": "2026-10-25T12:00:00.000+00:00", "status": 400, "error": "Bad Request",
        "message": "Konto saknas", "path": "/bla-api/v1/sp/journal",
    })  # fmt: skip


def test_amounts_that_a_float_cannot_hold_are_exact(client):
    # 0.1 + 0.2 as a float is 0.30000000000000004: no amount.
    assert client.refused(ledgerEntries=rows_of(("1910", 0.1 + 0.2), ("3001", -0.3))) == (
        "LEDGER_ENTRY_HAS_INVALID_TRANSACTION_VALUES"
    )
    body = json.dumps(day_close(ledgerEntries=[])).replace("[]", (
        '[{"accountId": "1910", "amount": 0.10}, {"accountId": "1930", "amount": 2.0E-1},'
        ' {"accountId": "3001", "amount": -0.300}]'
    ))  # fmt: skip
    assert client.call("POST", "/journal", body.encode())[1]["totalCreditSum"] == 0.3
    for amount in ("1e999999999", "1e-999999999", "1" * 400, "0e99"):
        huge = body.replace("0.10", amount).encode()
        assert client.call("POST", "/journal", huge)[1]["exceptionId"] == (
            "LEDGER_ENTRY_HAS_INVALID_TRANSACTION_VALUES"
        )


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"journalId": "KA"}, "JOURNAL_ID_MAX_1_CHARACTER"),
        ({"journalId": "Z"}, "JOURNAL_NOT_FOUND"),
        ({"journalId": "L"}, "JOURNAL_SERIES_NOT_FOUND"),
        ({"journalId": None}, "VERIFICATION_NUMBER_SERIES_DEFAULT_VALUE_MISSING"),
        ({"journalEntryDate": None}, "DATE_NOT_SPECIFIED"),
        ({"journalEntryDate": "2024-12-31"}, "DATE_TOO_EARLY_WITH_RESPECT_TO_FINANCIAL_YEAR"),
        ({"journalEntryDate": "2028-01-01"}, "DATE_TOO_LATE_WITH_RESPECT_TO_FINANCIAL_YEAR"),
        ({"financialYearId": "202501"}, "DATE_OUTSIDE_FINANCIAL_YEAR"),
        ({"financialYearId": "199901"}, "FINANCIAL_YEAR_NOT_FOUND"),
        ({"period": "202609"}, "JOURNAL_ENTRY_INVALID"),
        ({"journalEntryText": "x" * 101}, "JOURNAL_ENTRY_INVALID"),
        ({"journalEntryTxt": "x"}, "JOURNAL_ENTRY_INVALID"),
        ({"documentIds": [4711]}, "DOCUMENT_NOT_FOUND"),
    ],
)
def test_heads_that_are_refused(client, changes, found):
    assert client.refused(**changes) == found


@pytest.mark.parametrize(
    "changes",
    [
        {"journalEntryDate": "2026-10-32"},
        {"journalEntryDate": "20261025"},
        {"journalEntryDate": 20261025},
        {"journalEntryId": "1"},
        {"journalEntryId": True},
        {"ledgerEntries": {}},
        {"ledgerEntries": ["1910"]},
        {"ledgerEntries": rows_of(("1910", "1"), ("3001", -1))},
        {"ledgerEntries": rows_of((1910, 1), ("3001", -1))},
        {"documentIds": ["1"]},
    ],
)
def test_types_that_never_get_to_the_service(client, changes):
    assert client.refused(**changes).startswith("JSON parse error")


def test_bodies_that_are_no_voucher(client):
    for body in (b"", b"{", b"[]", b'{"journalId": "\\ud800"}', b'{"totalCreditSum": NaN}', b"\xff"):
        status, error = client.call("POST", "/journal", body)
        assert (status, error["error"]) == (400, "Bad Request"), body
        assert error["message"].startswith("JSON parse error")
    assert client.call("POST", "/journal", b"{}", **{"Content-Type": "text/plain"})[0] == 415


def test_the_right_year_period_and_series_may_be_told(client):
    assert client.book(financialYearId="202601", period="202610", eoy=None)[0] == 200
    client.control("company", {"defaultJournal": "I"})
    assert client.book(journalId=None)[1]["journalName"] == "Integrationer"


def test_limits_can_be_changed(client):
    client.control("settings", {"voucher_rows": 8, "voucher_text": 5, "row_text": 60})
    assert client.refused(journalEntryText="sexsex") == "JOURNAL_ENTRY_INVALID"
    rows = [{**DAY_ROWS[0], "text": "x" * 60}, *DAY_ROWS[1:]]
    assert client.book(journalEntryText="fem..", ledgerEntries=rows)[0] == 200
    rows = [*DAY_ROWS[:-1], *rows_of(("2631", -3), ("2631", -3))]
    assert client.refused(journalEntryText="", ledgerEntries=rows) == "JOURNAL_ENTRY_NOT_VALID"


def test_years_and_periods_are_closed(bl, client):
    bl.lock_period(SUNDBY_KEY, "2026-10")
    assert client.refused() == "JOURNAL_ENTRY_DATE_NOT_ALLOWED_IN_LOCKED_PERIOD"
    assert client.book(journalEntryDate="2026-11-01")[0] == 200
    assert client.control("period", {"period": "202610", "locked": False})[1]["lockedPeriods"] == []
    assert client.book()[0] == 200
    client.control("financialyear", {"id": "202601", "firstOpenPeriod": "202611"})
    assert client.get("/financialyear/202601")[1]["firstOpenPeriod"] == "202611"
    assert client.refused() == "ACCOUNTING_PERIOD_IS_LOCKED"
    client.control("financialyear", {"id": "202601", "open": False})
    assert client.refused(journalEntryDate="2026-12-01") == "FINANCIAL_YEAR_IS_CLOSED"
    client.control("financialyear", {"id": "202601", "closingActive": True})
    assert client.refused(journalEntryDate="2026-12-01") == "FINANCIAL_YEAR_IS_BEING_CLOSED"
    # A year is missing in between.
    client.control("financialyear", {"fromDate": "2029-01-01", "toDate": "2029-12-31"})
    assert client.refused(journalEntryDate="2028-06-01") == "FINANCIAL_YEAR_NOT_FOUND"
    assert client.book(journalEntryDate="2029-06-01")[1]["financialYearId"] == "202901"


def test_accounts_series_and_dimensions_are_changed(bl, client):
    assert client.control("account", {"id": "3009", "closed": False})[0] == 200
    assert client.book(ledgerEntries=rows_of(("1910", 1), ("3009", -1)))[0] == 200
    bl.close_account(SUNDBY_KEY, "3009")
    assert client.refused(ledgerEntries=rows_of(("1910", 1), ("3009", -1))) == "ACCOUNT_IS_BLOCKED"
    client.control("account", {"id": "3010", "name": "Kiosk"})
    booked = client.book(ledgerEntries=rows_of(("1910", 1), ("3010", -1)))[1]
    assert booked["ledgerEntries"][1]["accountName"] == "Kiosk"
    client.control("journal", {"id": "L", "open": True})
    assert client.book(journalId="L")[1]["journalName"] == "Leverantörsfakturor"
    client.control("costcenter", {"id": "B1", "closed": True})
    assert client.refused() == "COSTCENTER_NOT_FOUND"
    client.control("costbearer", {"id": "NY", "name": "Ny"})
    rows = rows_of(("1910", 1), ("3001", -1), costBearerId="NY")
    assert client.book(ledgerEntries=rows)[0] == 200


def test_one_voucher_is_read_and_deleted(client):
    booked = [client.book()[1] for _ in range(2)]
    status, entry = client.get("/journal/entry/K/1/2026-10-25")
    assert status == 200 and entry["entityId"] == booked[0]["entityId"]
    assert (entry["isRemovable"], entry["documentIds"], entry["totalCreditSum"]) == (False, [], 843.0)
    assert [row["amount"] for row in entry["ledgerEntries"]][:2] == [343.0, 500.0]
    for path in ("K/3/2026-10-25", "K/1/2026-10-24", "A/1/2026-10-25"):
        assert client.get(f"/journal/entry/{path}")[1]["exceptionId"] == "JOURNAL_ENTRY_NOT_FOUND"
    assert client.get("/journal/entry/K/one/2026-10-25")[0] == 400

    status, error = client.call("DELETE", "/journal/entry/K/1/2026-10-25")
    assert (status, error["exceptionId"]) == (400, "JOURNAL_ENTRY_ONLY_LAST_ONE_CAN_BE_DELETED")
    client.control("period", {"period": "202610"})
    status, error = client.call("DELETE", "/journal/entry/K/2/2026-10-25")
    assert error["exceptionId"] == "JOURNAL_ENTRY_DATE_NOT_ALLOWED_IN_LOCKED_PERIOD"
    client.control("period", {"period": "202610", "locked": False})
    assert client.call("DELETE", "/journal/entry/K/2/2026-10-25") == (200, b"")
    assert (
        client.call("DELETE", "/journal/entry/K/2/2026-10-25")[1]["exceptionId"] == "JOURNAL_ENTRY_NOT_FOUND"
    )
    assert client.call("DELETE", "/journal/entry/K/1/2026-10-25")[0] == 200
    assert client.book()[1]["journalEntryId"] == 1
    assert [v["journalEntryId"] for v in client.state()["deleted"]] == [2, 1]


# -- search ---------------------------------------------------------------------------------------------


def search(client, **query):
    status, answer = client.get("/journal/entry/batch", **query)
    assert status == 200, answer
    return [(entry["journalId"], entry["journalEntryId"]) for entry in answer["data"]]


def test_search(client):
    client.book(journalEntryText="Dagsavslut [BRP-000001]", journalEntryDate="2026-10-23")
    client.book(journalEntryText="dagsavslut [BRP-000002]", journalEntryDate="2026-10-24")
    client.book(journalEntryText="Annat", journalEntryDate="2026-11-02", journalId="A",
                ledgerEntries=rows_of(("1930", 10), ("3004", -10)))  # fmt: skip
    assert search(client) == [("A", 1), ("K", 1), ("K", 2)]
    assert search(client, journalid="K", startdate="2026-10-24", enddate="2026-10-24",
                  search="[BRP-000002]") == [("K", 2)]  # fmt: skip
    assert search(client, search="DAGSAVSLUT") == [("K", 1), ("K", 2)]
    assert search(client, search="2", series="K") == [
        ("K", 2)
    ]  # in the text of the one, the number of the other
    assert search(client, startdate="2026-10-24") == [("A", 1), ("K", 2)]
    assert search(client, enddate="2026-10-23") == [("K", 1)]
    assert search(client, period="202611") == [("A", 1)]
    assert search(client, account="3004") == [("A", 1)]
    assert search(client, costcenter="C1", costbearer="KURS", project="P1") == [("K", 1), ("K", 2)]
    assert search(client, costcenter="H1") == []
    assert search(client, sortkey="entrydate", sortorder="desc") == [("A", 1), ("K", 2), ("K", 1)]
    assert search(client, sortkey="entrytext") == [("A", 1), ("K", 1), ("K", 2)]
    assert len(search(client, isOpen="False", autoRegistered="True", modified="false", origin="API")) == 3
    for name, value in {
        "isOpen": "true",
        "autoRegistered": "false",
        "origin": "A",
        "modifiedlogid": "3",
    }.items():
        assert search(client, **{name: value}) == []
    assert len(search(client, upsertstartdate="2026-10-25")) == 3
    assert search(client, upsertstartdate="2026-10-26") == []
    client.key = NEIGHBOUR_KEY
    assert search(client) == []


def test_search_in_pages(client):
    for _ in range(5):
        client.book()
    status, answer = client.get("/journal/entry/batch", rows="2", page=2, startdate="2026-10-01")
    data = answer.pop("data")
    assert status == 200 and [entry["journalEntryId"] for entry in data] == [3, 4]
    assert answer == {
        "offset": 2, "pageRequested": 2, "rowsRequested": 2, "rowsReturned": 2, "sortKey": "entryid",
        "sortOrder": "asc", "totalPages": 3, "totalRows": 5, "startDate": "2026-10-01",
    }  # fmt: skip
    assert [len(search(client, rows=2, page=page)) for page in (1, 2, 3, 4)] == [2, 2, 1, 0]
    client.control("settings", {"page_parameter": "pageRequested", "most_rows": 3})
    assert search(client, rows=2, page=2) == [("K", 1), ("K", 2)]  # another name is not heard
    assert search(client, rows=2, pageRequested=3) == [("K", 5)]
    assert len(search(client, rows=1000)) == 3


def test_search_with_documents(client):
    number = client.upload()[1]["id"]
    client.book(documentIds=[number])
    assert "documentIds" not in client.get("/journal/entry/batch")[1]["data"][0]
    assert client.get("/journal/entry/batch", includeDocumentIds="True")[1]["data"][0]["documentIds"] == [
        number
    ]


def test_searches_that_are_refused(client):
    assert client.get("/journal/entry/batch", startdate="2026-02-30")[1]["exceptionId"] == "DATE_FORMAT_ERROR"
    assert client.get("/journal/entry/batch", enddate="26-10-25")[1]["exceptionId"] == "DATE_FORMAT_ERROR"
    assert client.get("/journal/entry/batch", sortkey="amount")[1]["exceptionId"] == "SORT_KEY_INVALID_VALUE"
    assert client.get("/journal/entry/batch", sortorder="up")[1]["exceptionId"] == "SORT_KEY_INVALID_VALUE"
    assert client.get("/journal/entry/batch", isOpen="perhaps")[0] == 400


# -- documents ------------------------------------------------------------------------------------------


def test_a_document_comes_with_its_voucher(client):
    data = bytes(range(256)) + b"\r\n--x-\r\n\r\n"
    status, document = client.upload("Z-rapport 25 okt å.pdf", data)
    number = document["id"]
    assert (status, document) == (200, {
        "id": number, "name": "Z-rapport 25 okt å.pdf", "type": "file", "fileExt": "pdf",
        "contentType": "application/pdf", "created": "2026-10-25T12:00:00.000+00:00",
        "reference": "/Z-rapport 25 okt å.pdf", "properties": [],
    })  # fmt: skip
    booked = client.book(documentIds=[number, number])[1]
    assert booked["documentIds"] == [number]
    assert client.get(f"/document/{number}") == (200, data)
    status, text = client.get(f"/document/JOURNAL/{booked['entityId']}")
    assert status == 200 and base64.b64decode(text) == data
    assert client.get(f"/document/{number}/meta")[1]["attachedTo"] == booked["entityId"]
    assert [d["id"] for d in client.get("/document")[1]] == [number]
    assert client.get("/document", entityId=1)[1] == []
    status, page_copy, headers = client.ask("GET", f"/documents/{number}")
    assert page_copy == data and "Z-rapport%2025%20okt%20%C3%A5.pdf" in headers["Content-Disposition"]
    assert client.refused(documentIds=[number]) == "DOCUMENT_IN_USE"
    client.key = NEIGHBOUR_KEY
    assert client.refused(documentIds=[number]) == "DOCUMENT_NOT_FOUND"
    assert client.get(f"/document/{number}")[1]["exceptionId"] == "DOCUMENT_NOT_FOUND"


def test_a_document_is_attached_and_detached(client):
    entity, number = client.book()[1]["entityId"], client.upload()[1]["id"]
    assert client.get(f"/document/journal/{entity}")[1]["exceptionId"] == "DOCUMENT_NOT_FOUND"
    status, attached = client.call("POST", f"/document/attachto/journal/{entity}/{number}")
    assert status == 200 and attached["attachedTo"] == {"type": "JOURNAL", "entityId": entity}
    assert (attached["id"], attached["fileExt"]) == (number, "pdf")
    assert client.get("/journal/entry/K/1/2026-10-25")[1]["documentIds"] == [number]
    address = f"/document/attachto/JOURNAL/{entity}/{number}"
    assert client.call("POST", address)[1]["exceptionId"] == "DOCUMENT_IN_USE"
    assert client.call("DELETE", f"/document/detach/{number}") == (200, {})
    assert client.call("DELETE", f"/document/detach/{number}")[1]["exceptionId"] == "DOCUMENT_NOT_FOUND"
    assert client.get("/journal/entry/K/1/2026-10-25")[1]["documentIds"] == []
    assert client.call("POST", address)[0] == 200
    client.call("DELETE", "/journal/entry/K/1/2026-10-25")  # the document is loose, and can be used again
    assert client.book(documentIds=[number])[0] == 200


def test_attaching_that_is_refused(client):
    entity, number = client.book()[1]["entityId"], client.upload()[1]["id"]
    for path, found in (
        (f"JOURNAL/{entity}/4711", "DOCUMENT_NOT_FOUND"),
        (f"JOURNAL/4711/{number}", "JOURNAL_ENTRY_NOT_FOUND"),
        (f"supplierinvoice/4711/{number}", "ENTITY_NOT_FOUND"),
        (f"VOUCHER/{entity}/{number}", None),
        (f"JOURNAL/{entity}/x", None),
    ):
        status, error = client.call("POST", f"/document/attachto/{path}")
        assert (status, error.get("exceptionId")) == (400, found)
    client.control("settings", {"attach_to_posted": False})
    status, error = client.call("POST", f"/document/attachto/JOURNAL/{entity}/{number}")
    assert error["exceptionId"] == "JOURNAL_ENTRY_IS_LOCKED"
    assert client.book(documentIds=[number])[0] == 200


def test_a_document_in_one_step(client):
    entity = client.book()[1]["entityId"]
    body = {"data": base64.b64encode(b"%PDF-").decode()}
    address = f"/document/attachto/JOURNAL/{entity}"
    status, attached = client.call("POST", address + "?fileName=a.pdf", body)
    assert status == 200 and client.get(f"/document/{attached['id']}") == (200, b"%PDF-")
    assert client.call("POST", address, body)[1]["exceptionId"] == "FILE_NAME_NOT_SPECIFIED"
    assert (
        client.call("POST", address + "?fileName=a.pdf", {})[1]["exceptionId"]
        == "FILE_DATA_OR_FILE_NAME_MISSING"
    )
    assert client.call("POST", address + "?fileName=a.pdf", {"data": "*"})[0] == 400
    kind, form = form_of("a.pdf", b"x")
    assert client.call("POST", address + "?fileName=a.pdf", form, **{"Content-Type": kind})[0] == 415


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("", b"x", "FILE_NAME_NOT_SPECIFIED"),
        (None, b"x", "FILE_NAME_NOT_SPECIFIED"),
        ("rapport", b"x", "FILE_NAME_NOT_SPECIFIED"),
        ("rapport.", b"x", "FILE_NAME_NOT_SPECIFIED"),
        ("rapport.pdfpdf", b"x", "FILE_EXTENSION_LENGTH_EXCEEDS_REQUIRED_LIMIT"),
        ("rapport.exe", b"x", "DOCUMENT_TYPE_NOT_SUPPORTED"),
        ("rapport.pdf", b"", "FILE_IS_EMPTY"),
    ],
)
def test_documents_that_are_refused(client, name, data, found):
    status, error = client.upload(name, data)
    assert (status, error["exceptionId"]) == (400, found)
    assert client.state()["documents"] == []


def test_uploads_that_never_get_to_the_service(bl, client):
    assert client.upload(field="document")[1]["message"] == "Required request part 'file' is not present"
    assert client.call("POST", "/document", {"file": "x"})[0] == 415
    kind, body = form_of("a.pdf", b"x")
    assert client.call("POST", "/document", body, **{"Content-Type": "multipart/form-data"})[0] == 400
    assert client.call("POST", "/document", body[:-6], **{"Content-Type": kind})[0] == 400
    bl.set(document_bytes=1000)
    assert client.upload(data=b"x" * 1000)[0] == 200
    assert client.upload(data=b"x" * 1001)[0] == 413
    # In RFC 5987's form.
    body = body.replace(b'filename="a.pdf"', b"filename*=UTF-8''k%C3%B6p.pdf")
    assert client.call("POST", "/document", body, **{"Content-Type": kind})[1]["name"] == "köp.pdf"


# -- SIE ------------------------------------------------------------------------------------------------

SIE = """#FLAGGA 0
#PROGRAM "BRP" 1.0
#FORMAT PC8
#GEN 20261025
#SIETYP 4
#FNAMN "Sundby Å"
#ORGNR 559999-9801
#KONTO 1910 "Kassa"
#KONTO 3001 "Försäljning"
#VER K "" 20261025 "Dagsavslut"
{
#TRANS 1910 {} 625.00
#TRANS 3001 {1 "B1"} -625.00
}
"""


@pytest.mark.parametrize(
    ("old", "new", "log"),
    [
        ("", "", []),
        ("#GEN 20261025\n", "", [("CRITICAL", "#GEN", None)]),
        ("-625.00", "-624.00", [("CRITICAL", "#VER", "10")]),
        ("1910 {}", "1910A {}", [("CRITICAL", "#TRANS", "12")]),
        ("-625.00", "-625,00", [("CRITICAL", "#TRANS", "13"), ("CRITICAL", "#VER", "10")]),
        ("#VER K", "#VER KA", [("INFO", "#VER", "10")]),
        ("#FLAGGA 0", "#FLAGGA 1", [("WARNING", "#FLAGGA", "1")]),
        ("559999-9801", "5599999801", [("INFO", "#ORGNR", "7")]),
        ('#KONTO 3001 "Försäljning"\n', "", [("INFO", "#TRANS", "12")]),
    ],
)
def test_sie_files_are_looked_at(client, old, new, log):
    data = SIE.replace(old, new, 1).replace("\n", "\r\n").encode("cp437")
    body = {"data": base64.b64encode(data).decode()}
    status, answer = client.call("POST", "/import/sie/validate?checkBalances=false", body)
    assert status == 200
    assert [(entry["level"], entry["tag"], entry.get("line")) for entry in answer["logs"]] == log


def test_a_sie_file_that_is_none(client):
    status, error = client.call("POST", "/import/sie/validate", {"data": base64.b64encode(b"x").decode()})
    assert (status, error["exceptionId"]) == (400, "SIE_FILE_EMPTY_OR_FAULTY")


# -- misbehaviour ---------------------------------------------------------------------------------------


def booked_numbers(bl):
    return [voucher["journalEntryId"] for voucher in bl.vouchers(SUNDBY_KEY)]


@pytest.fixture
def ready(client):
    """A client that has its token already, so that a fault hits the call that is meant."""
    assert client.get("/isalive")[0] == 200
    return client


@pytest.mark.parametrize(("when", "numbers"), [("before", []), ("after", [1])])
def test_time_out(bl, ready, when, numbers):
    bl.misbehave({"fault": "timeout", "when": when})
    with pytest.raises((TimeoutError, urllib.error.URLError)):
        ready.call("POST", "/journal", day_close(), timeout=0.3)
    assert booked_numbers(bl) == numbers
    assert bl.calls[-1] == {
        "method": "POST", "path": "/journal", "status": 0, "key": SUNDBY_KEY, "fault": "timeout",
    }  # fmt: skip
    assert ready.book()[1]["journalEntryId"] == len(numbers) + 1


def test_a_time_out_that_ends_by_itself(bl, ready):
    bl.misbehave({"fault": "timeout", "seconds": 0.1})
    with pytest.raises(http.client.RemoteDisconnected):
        ready.get("/details")


@pytest.mark.parametrize(("when", "numbers"), [("before", []), ("after", [1])])
def test_connection_closed(bl, ready, when, numbers):
    bl.misbehave({"fault": "close", "when": when})
    with pytest.raises(http.client.RemoteDisconnected):
        ready.book()
    assert booked_numbers(bl) == numbers


def test_answer_cut_off(bl, ready):
    bl.misbehave("cut")
    with pytest.raises(http.client.IncompleteRead):
        ready.book()
    assert booked_numbers(bl) == [1]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_proxy_in_trouble(bl, ready, status):
    bl.misbehave(str(status), {"fault": "status", "status": status, "when": "after"})
    got, page = ready.book()
    assert got == status and page.startswith(f"<html><head><title>{status} ".encode())
    assert booked_numbers(bl) == []
    assert ready.book()[0] == status and booked_numbers(bl) == [1]


def test_too_many_calls_by_order(bl, ready):
    bl.misbehave(429, {"fault": "status", "status": 429, "retryAfter": 7})
    for wait in ("1", "7"):
        status, _page, headers = ready.ask("GET", "/bla-api/v1/sp/isalive")
        assert (status, headers["Retry-After"]) == (429, wait)


def test_garbage(bl, ready):
    bl.misbehave("garbage", {"fault": "garbage", "body": "[1", "content_type": "text/html"},
                 {"fault": "garbage", "body": '{"ok": []}', "when": "after"})  # fmt: skip
    status, answer = ready.book()
    assert status == 200 and isinstance(answer, bytes) and booked_numbers(bl) == []
    assert ready.book() == (200, b"[1")
    assert ready.book() == (200, {"ok": []}) and booked_numbers(bl) == [1]


def test_redirect_to_another_host(bl, ready):
    bl.misbehave("redirect", {"fault": "redirect", "location": "http://localhost:1/x", "status": 302})
    address = "/bla-api/v1/sp/journal?latestVoucherDate=false"
    status, _body, headers = ready.ask("POST", address, b"{}")
    assert (status, headers["Location"]) == (307, "http://other.invalid" + address)
    status, _body, headers = ready.ask("POST", address, b"{}")
    assert (status, headers["Location"]) == (302, "http://localhost:1/x")
    assert booked_numbers(bl) == []


@pytest.mark.parametrize("declared", [True, False])
def test_an_answer_that_is_far_too_long(bl, ready, declared):
    bl.misbehave({"fault": "endless", "bytes": 1_000_000, "declared": declared})
    assert len(ready.get("/account")[1]) == 1_000_000
    bl.misbehave({"fault": "endless", "bytes": 0 if not declared else 200_000_000, "declared": declared})
    with socket.create_connection(("127.0.0.1", bl.port), timeout=10) as link:
        link.sendall(b"GET /bla-api/v1/sp/account HTTP/1.1\r\nHost: x\r\n\r\n")
        seen = 0
        while seen < 2_000_000:
            data = link.recv(65536)
            assert data
            if not seen:
                assert (b"Content-Length: 200000000" in data) is declared
            seen += len(data)
    assert ready.get("/details")[0] == 200


def test_slow_answers(bl, ready):
    bl.misbehave(
        {"fault": "slow", "seconds": 0.05}, {"fault": "trickle", "seconds": 0.001, "path": "/isalive"}
    )
    assert ready.book()[1]["journalEntryId"] == 1
    assert ready.get("/isalive") == (200, {"alive": True})
    bl.misbehave("trickle")
    with socket.create_connection(("127.0.0.1", bl.port), timeout=10) as link:
        asked = (
            f"GET /bla-api/v1/sp/isalive HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ready.token}\r\n\r\n"
        )
        link.sendall(asked.encode())
        data = b""
        while not data.endswith(b'{"a'):
            piece = link.recv(65536)
            assert piece, data
            data += piece
    assert bl.faults == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_any_error_of_the_service(bl, ready, when):
    bl.misbehave({"fault": "error", "exceptionId": "DATABASE_ERROR", "when": when}, "COMPANY_NOT_CONNECTED",
                 {"fault": "error", "exceptionId": "ACCOUNT_LOCKED", "status": 422, "message": "Nej"},
                 {"fault": "spring", "status": 400, "message": "Hm"}, "spring")  # fmt: skip
    status, error = ready.book()
    assert (status, error["exceptionId"], error["message"]) == (500, "DATABASE_ERROR", "Databasfel")
    assert len(booked_numbers(bl)) == (when == "after")
    status, error = ready.book()
    assert (status, error["exceptionId"]) == (400, "COMPANY_NOT_CONNECTED")
    status, error = ready.book()
    assert (status, error["status"], error["message"]) == (422, "422 UNPROCESSABLE_ENTITY", "Nej")
    status, error = ready.book()
    assert (status, error["error"], error["message"]) == (400, "Bad Request", "Hm")
    status, error = ready.book()
    assert (status, error["error"]) == (500, "Internal Server Error")
    assert ready.book()[0] == 200


def test_faults_for_some_calls_and_times(bl, ready):
    status, answer = ready.control("misbehave", {"next": [
        {"fault": "status", "status": 503, "method": "post", "path": "/journal", "times": 2},
        {"fault": "status", "status": 502, "path": "/document/attachto/*"},
        {"fault": "status", "status": 500, "path": "*/token"},
    ]})  # fmt: skip
    assert status == 200 and answer["faults"][0] == {
        "fault": "status", "when": "before", "method": "post", "path": "/journal", "times": 2, "status": 503,
    }  # fmt: skip
    assert ready.get("/journal/entry/batch")[0] == 200
    assert ready.call("POST", "/document/attachto/JOURNAL/1/1")[0] == 502
    assert [ready.book()[0] for _ in range(3)] == [503, 503, 200]
    assert ready.fetch_token()[0] == 500
    assert ready.fetch_token()[0] == 200
    ready.control("misbehave", {"next": ["timeout"]})
    assert ready.control("misbehave", {"next": ["503"], "clear": True})[1]["faults"] == [
        {"fault": "status", "when": "before", "status": 503},
    ]
    assert ready.ask("GET", "/state")[1]["faults"] == [{"fault": "status", "when": "before", "status": 503}]
    assert ready.control("misbehave", {"clear": True}) == (200, {"faults": []})


@pytest.mark.parametrize(
    "order",
    [
        {"fault": "explode"}, {}, [], {"fault": "status"}, {"fault": "error"},
        {"fault": "close", "when": "now"}, {"fault": "cut", "when": "before"},
        {"fault": "slow", "seconds": "1"}, {"fault": "close", "times": 0},
        {"fault": "close", "sort": 1}, {"fault": "redirect", "location": "a\r\nb"}, "no such thing",
        {"fault": "endless", "declared": 1},
    ],
)  # fmt: skip
def test_orders_that_are_not_understood(bl, client, order):
    assert client.control("misbehave", {"next": ["503", order]})[0] == 400
    assert bl.faults == []


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("settings", {"colour": "red"}),
        ("settings", {"token_lifetime": "1"}),
        ("settings", {"token_lifetime": -1}),
        ("settings", {"today": "soon"}),
        ("settings", {"not_found_status": 200}),
        ("period", {"period": "202613"}),
        ("period", {"period": "203001"}),
        ("period", {}),
        ("account", {"name": "Utan nummer"}),
        ("account", {"id": "1", "closed": "yes"}),
        ("account", {"id": "1", "colour": "red"}),
        ("financialyear", {"id": "203001"}),
        ("financialyear", {"id": "202601", "lockedPeriods": ["october"]}),
        ("company", {"status": "asleep"}),
        ("company", {"orgNumber": "559999-9801"}),
        ("company", {"scopes": [{"serviceName": "journal", "accessTypes": ["EAT"]}]}),
        ("company", {"key": "new"}),
        ("company", {"key": "11111111-2222-4333-8444-555555555555", "name": "Utan nummer"}),
        ("connect", {"key": "11111111-2222-4333-8444-555555555555"}),
        ("nothing", {}),
    ],
)
def test_controls_that_are_refused(client, path, told):
    before = client.ask("GET", "/state")[1]
    status, why = client.control(path, told)
    assert status == (404 if path == "nothing" else 400) and why
    assert client.ask("GET", "/state")[1] == before


def test_today_can_be_set(client):
    client.control("settings", {"today": "2026-10-26"})
    booked = client.book()[1]
    assert (booked["entryInfoDate"], booked["upsertDate"][:10]) == ("2026-10-26", "2026-10-26")


def test_a_company_is_added_and_all_is_reset(bl, client):
    key = "11111111-2222-4333-8444-555555555555"
    told = {
        "key": key, "name": "Tredje AB", "orgNumber": "165599991113",
        "accounts": [{"id": "1910"}, {"id": "3001"}],
        "journals": [{"id": "V", "name": "Verifikationer"}], "financialYears": [
            {"fromDate": "2026-05-01", "toDate": "2027-04-30", "lockedPeriods": ["202605"]},
        ],
    }  # fmt: skip
    assert client.control("company", told)[1]["publicKey"] == key
    client.key = key
    assert [a["id"] for a in client.get("/account")[1]] == ["1910", "3001"]
    assert [y["id"] for y in client.get("/financialyear")[1]] == ["202605"]
    rows = rows_of(("1910", 1), ("3001", -1))
    assert client.book(journalId="V", ledgerEntries=rows)[1]["journalEntryId"] == 1
    assert client.refused(journalId="V", ledgerEntries=rows, journalEntryDate="2026-05-31") == (
        "JOURNAL_ENTRY_DATE_NOT_ALLOWED_IN_LOCKED_PERIOD"
    )
    bl.misbehave("503")
    assert client.control("reset")[0] == 200
    assert [c["key"] for c in bl.look()["companies"]] == [SUNDBY_KEY, NEIGHBOUR_KEY]
    assert bl.faults == [] and bl.vouchers(SUNDBY_KEY) == []
    assert client.get("/details")[0] == 401


# -- the page -------------------------------------------------------------------------------------------


def press(client, action, **fields):
    """What a button of the page does."""
    return client.ask("POST", f"/control/{action}", urllib.parse.urlencode(fields).encode())


def test_the_page_shows_what_was_booked(bl, client):
    number = client.upload("Z & rapport.pdf")[1]["id"]
    client.book(documentIds=[number], journalEntryText="Dagsavslut <BRP-1>")
    client.book(ledgerEntries=rows_of(("1910", 1234567.5), ("3001", -1234567.5)))
    loose = client.upload("ensam.pdf")[1]["id"]
    page = client.ask("GET", "/")[1].decode()
    assert SUNDBY_KEY in page and "Sundby Aktivitetscenter AB" in page and "559999-9801" in page
    assert (
        "Dagsavslut &lt;BRP-1&gt;" in page
        and f'<a href="/documents/{number}">Z &amp; rapport.pdf</a>' in page
    )
    assert f'<a href="/documents/{loose}">ensam.pdf</a>' in page
    assert page.index("K 2") < page.index("K 1")  # the newest first
    assert page.count("843,00") == 2 and page.count("1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,50") == 4
    assert "Öresavrundning" not in page and "Försäljning 25 %" in page and "C1 · KURS · P1" in page
    assert "Inget fel är beställt" in page and "<script" not in page and "mer än en gång" not in page
    client.book(ledgerEntries=rows_of(("1910", 1), ("3001", -1)))
    assert "Bokförd mer än en gång: Dagsavslut [BRP-000123] 2026-10-25 (K 2, K 3)" in (
        client.ask("GET", "/")[1].decode()
    )


def test_the_buttons_of_the_page(bl, client):
    status, _body, headers = press(client, "disconnect", key=SUNDBY_KEY)
    assert (status, headers["Location"]) == (303, "/")
    page = client.ask("GET", "/")[1].decode()
    assert "inte ansluten" in page and "Starta integrationen" in page
    press(client, "connect", key=SUNDBY_KEY)
    press(client, "period", key=SUNDBY_KEY, period="2026-10")
    assert client.refused() == "JOURNAL_ENTRY_DATE_NOT_ALLOWED_IN_LOCKED_PERIOD"
    assert "Låsta månader: 2026-10" in client.ask("GET", "/")[1].decode()
    press(client, "period", key=SUNDBY_KEY, period="202610", locked="0")
    assert client.book()[0] == 200
    # Every fault that can be chosen is one that can be ordered.
    page = client.ask("GET", "/")[1].decode()
    choices = re.findall(r'<option value="([^"]*fault[^"]*)"', page)
    assert len(choices) == 7
    for choice in choices:
        assert press(client, "misbehave", next=choice.replace("&quot;", '"'))[0] == 303
    assert [fault.fault for fault in bl.faults] == [
        "timeout", "timeout", "status", "status", "garbage", "error", "error",
    ]  # fmt: skip
    page = client.ask("GET", "/")[1].decode()
    assert (
        "inget svar, efter att anropet utförts (POST /journal)" in page
        and "felsvar från mellanled 503" in page
    )
    press(client, "misbehave", clear="1")
    assert bl.faults == []


# -- the state, threads, processes ----------------------------------------------------------------------


def test_everything_is_there_after_a_restart(tmp_path):
    state = tmp_path / "deep" / "bl.json"
    with BjornLunden(state, clock=lambda: NOON) as service:
        client = Client(service.url)
        number = client.upload(data=b"%PDF-x")[1]["id"]
        client.book(documentIds=[number])
        client.book()
        client.call("DELETE", "/journal/entry/K/2/2026-10-25")
        service.lock_period(SUNDBY_KEY, "202609")
        service.close_account(SUNDBY_KEY, "1930")
        service.misbehave({"fault": "error", "exceptionId": "DATABASE_ERROR", "times": 2})
        service.set(page_parameter="sida", today="2026-10-26")
        assert client.get("/details")[0] == 500
        before = service.look()
    assert number and CLIENT_SECRET not in state.read_text()
    with BjornLunden(state, clock=lambda: NOON) as service:
        assert {**service.look(), "calls": []} == {**before, "calls": []}
        client.base = service.url
        assert client.get("/details")[1]["exceptionId"] == "DATABASE_ERROR"
        assert client.get(f"/document/{number}") == (200, b"%PDF-x")  # and the token is still good
        assert client.book()[1]["journalEntryId"] == 2
        entities = [v["entityId"] for v in service.vouchers(SUNDBY_KEY)]
        assert len(set(entities)) == 2
        service.reset()
        assert list(state.with_name("bl.json.documents").iterdir()) == []


def test_a_stopped_service_answers_nobody(bl):
    link = http.client.HTTPConnection("127.0.0.1", bl.port, timeout=10)
    link.request("GET", "/state")
    assert link.getresponse().read()
    bl.stop()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        link.request("GET", "/state")
        link.getresponse()
    link.close()


def test_many_at_once_get_a_number_each(bl, ready):
    numbers, start = [], threading.Barrier(8)

    def work():
        start.wait()
        numbers.extend(ready.book()[1]["journalEntryId"] for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 41))
    assert bl.duplicates[0]["numbers"] == list(range(1, 41))


def test_a_kill_loses_nothing_that_was_answered(tmp_path):
    options = ("--port", "0", "--state", str(tmp_path / "bl.json"))
    with process("bjornlunden", *options, folder=tmp_path) as (running, address):
        client = Client(address)
        number = client.upload()[1]["id"]
        assert client.book(documentIds=[number])[1]["journalEntryId"] == 1
        client.control("misbehave", {"next": [{"fault": "timeout", "when": "after", "path": "/journal"}]})
        with pytest.raises((TimeoutError, urllib.error.URLError)):
            client.call("POST", "/journal", day_close(journalEntryText="tyst"), timeout=0.3)
        running.send_signal(signal.SIGKILL)
        running.wait(10)
    with process("bjornlunden", *options, folder=tmp_path, as_module=True) as (running, address):
        client.base = address
        assert [v["journalEntryText"] for v in client.state()["vouchers"]] == [
            "Dagsavslut [BRP-000123]",
            "tyst",
        ]
        assert client.get(f"/document/{number}")[0] == 200
        assert client.book()[1]["journalEntryId"] == 3
        running.send_signal(signal.SIGTERM)
        assert running.wait(10) == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["bl.json", "bl.json.documents"]


def test_options(tmp_path):
    companies = tmp_path / "companies.json"
    companies.write_text(json.dumps([
        {"key": NEIGHBOUR_KEY, "name": "Grannen AB", "orgNumber": "165599990016", "connected": False},
    ]))  # fmt: skip
    told = (
        "--companies", str(companies), "--client-id", "me", "--client-secret", "mine",
        "--token-lifetime", "5", "--bare-errors", "--callback", "http://127.0.0.1:9/x",
    )  # fmt: skip
    with process("bjornlunden", *told) as (_running, address):
        client = Client(address, NEIGHBOUR_KEY)
        assert client.fetch_token()[0] == 401
        status, token, _headers = client.fetch_token(client_id="me", client_secret="mine")
        assert (status, token["expires_in"]) == (200, 5)
        client.token = token["access_token"]
        status, error = client.get("/details")
        assert (status, error["status"], error["error"]) == (403, 403, "Forbidden")
        state = client.ask("GET", "/state")[1]
        assert [company["name"] for company in state["companies"]] == ["Grannen AB"]
        assert state["settings"]["callback"] == "http://127.0.0.1:9/x"
    companies.write_text("{}")
    run = subprocess.run(
        [sys.executable, str(SIMULATORS / "bjornlunden"), "serve", "--companies", str(companies)],
        capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    assert run.returncode == 2 and run.stderr.startswith("bjornlunden: ")
