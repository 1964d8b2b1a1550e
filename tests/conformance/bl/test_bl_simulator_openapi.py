"""Every answer of the Björn Lundén simulator against the service's published description."""

import base64
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from openapi_schema import Description

SIMULATORS = Path(__file__).resolve().parents[2] / "simulators"
sys.path.insert(0, str(SIMULATORS))

from bjornlunden import CLIENT_ID, CLIENT_SECRET, SUNDBY_KEY, BjornLunden, calls, errors, journal  # noqa: E402

SPRING = {"timestamp", "status", "error", "message", "path"}  # its form is not in the description


@pytest.fixture(scope="session")
def description(reference):
    return Description(json.loads((reference("bl") / "openapi.json").read_text("utf-8")))


class Checked:
    """Calls a simulator and holds every answer against the description."""

    def __init__(self, description, address):
        self.description = description
        self.address = address
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        data = urllib.parse.urlencode(form).encode()
        token = json.loads(self._open("POST", "/auth/oauth/v2/token", data, {})[1])["access_token"]
        self.headers = {"Authorization": f"Bearer {token}", "User-Key": SUNDBY_KEY}

    def _open(self, method, path, data, headers):
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(), error.headers

    def ask(self, method, path, body=None, kind="application/json", **query):
        """The answer, after it was looked at: in JSON, or bytes where the description says nothing."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {**self.headers, **({"Content-Type": kind} if data is not None else {})}
        parameters = {p["name"] for p in self.description.operation(method, path).get("parameters", [])}
        assert set(query) <= parameters, f"{method} {path} has no such parameter"
        address = "/bla-api/v1/sp" + path + ("?" + urllib.parse.urlencode(query) if query else "")
        status, content, headers = self._open(method, address, data, headers)
        if status == 200:
            schema = self.description.answer(method, path, 200)
            if not schema:
                return content
            assert headers["Content-Type"] == "application/json"
            value = json.loads(content)
        else:
            value = json.loads(content)
            if set(value) == SPRING:
                return value
            schema = {"$ref": "#/components/schemas/ApiError"}
            assert value["status"].startswith(f"{status} ")
        assert self.description.wrong(schema, value) == [], f"{method} {path}: {status}"
        return value

    def ok(self, method, path, body=None, **more):
        value = self.ask(method, path, body, **more)
        assert not (isinstance(value, dict) and {"exceptionId", "error"} & set(value)), value
        return value

    def refused(self, method, path, body=None, **more):
        value = self.ask(method, path, body, **more)
        return value["exceptionId"]


@pytest.fixture
def checked(description):
    with BjornLunden() as service:
        yield Checked(description, service.url)


def voucher(*rows, **changes):
    lines = [{"accountId": account, "amount": amount} for account, amount in rows]
    return {
        "journalId": "K", "journalEntryDate": "2026-10-25", "journalEntryText": "Dagsavslut [BRP-1]",
        "ledgerEntries": lines, **changes,
    }  # fmt: skip


SALE = (("1910", 125), ("3001", -100), ("2611", -25))


def test_what_is_read(checked):
    for path in (
        "/isalive", "/common/me", "/common/client", "/details", "/account", "/account/1910", "/financialyear",
        "/financialyear/202601", "/financialyear/date/2026-10-25", "/costcenter", "/costbearer", "/project",
    ):  # fmt: skip
        assert checked.ok("GET", path)
    accounts = checked.ok("GET", "/account/batch", span="3001-3004", sortkey="name", sortorder="desc", rows=2)
    assert len(accounts["data"]) == 2
    for account in accounts["data"]:
        assert checked.description.wrong({"$ref": "#/components/schemas/Account"}, account) == []


def test_vouchers(checked):
    rows = [
        {"accountId": "1580", "amount": 56.5, "text": "Kort", "quantity": 2, "date": "2026-10-25"},
        {
            "accountId": "3004",
            "amount": -56.50,
            "costCenterId": "B1",
            "costBearerId": "KURS",
            "projectId": "P1",
        },
    ]
    sent = voucher(ledgerEntries=rows)
    schema = {"$ref": "#/components/schemas/JournalEntryFullDto"}
    assert checked.description.wrong(schema, sent) == []
    assert checked.ok("POST", "/journal", sent, latestVoucherDate="true")["journalEntryId"] == 1
    assert checked.ok("POST", "/journal", voucher(*SALE))["journalEntryId"] == 2
    assert checked.ok("GET", "/journal/entry/K/1/2026-10-25")["totalCreditSum"] == 56.5
    found = checked.ok(
        "GET", "/journal/entry/batch", startdate="2026-10-01", enddate="2026-10-31", search="[BRP-1]",
        journalid="K", series="K", includeDocumentIds="true", sortkey="entrydate", sortorder="asc", rows=10,
        costcenter="B1", costbearer="KURS", project="P1", account="3004", isOpen="false",
        autoRegistered="true", period="202610",
        upsertstartdate="2025-01-01", modified="false", eoy="false", origin="API",
    )  # fmt: skip
    assert [entry["journalEntryId"] for entry in found["data"]] == [1]
    for entry in found["data"]:
        assert checked.description.wrong({"$ref": "#/components/schemas/JournalEntry"}, entry) == []
    assert checked.ok("GET", "/financialyear")[1]["latestVoucherDate"] == "2026-10-25"
    assert checked.ok("DELETE", "/journal/entry/K/2/2026-10-25") == b""


def test_documents(checked):
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-\r\n--x--\r\n'
    kind = "multipart/form-data; boundary=x"
    first = checked.ok("POST", "/document", form, kind=kind, active="true")["id"]
    second = checked.ok("POST", "/document", form, kind=kind)["id"]
    entity = checked.ok("POST", "/journal", voucher(*SALE, documentIds=[first]))["entityId"]
    checked.ok("POST", f"/document/attachto/journal/{entity}/{second}")
    data = {"data": base64.b64encode(b"%PDF-").decode()}
    checked.ok("POST", f"/document/attachto/JOURNAL/{entity}", data, fileName="b.pdf")
    assert base64.b64decode(checked.ok("GET", f"/document/JOURNAL/{entity}")) == b"%PDF-"
    checked.ok("GET", f"/document/{first}/meta")
    assert checked.ok("GET", f"/document/{first}") == b"%PDF-"
    listed = json.loads(checked.ok("GET", "/document"))
    wrong = checked.description.wrong
    assert wrong({"type": "array", "items": {"$ref": "#/components/schemas/DocumentDTO"}}, listed) == []
    checked.ok("DELETE", f"/document/detach/{first}")
    assert checked.refused("DELETE", f"/document/detach/{first}") == "DOCUMENT_NOT_FOUND"
    form = form.replace(b"a.pdf", b"a.exe")
    assert checked.refused("POST", "/document", form, kind=kind) == "DOCUMENT_TYPE_NOT_SUPPORTED"


def test_sie(checked):
    file = b'#FLAGGA 1\r\n#VER KA "" 20261025\r\n{\r\n#TRANS 1910 {} 1.00\r\n}\r\n'
    logs = checked.ok("POST", "/import/sie/validate", {"data": base64.b64encode(file).decode()})["logs"]
    assert len(logs) == 7
    assert checked.refused("POST", "/import/sie/validate", {"data": ""}) == "SIE_FILE_EMPTY_OR_FAULTY"


def test_refusals(checked):
    booked = checked.ok("POST", "/journal", voucher(*SALE, journalEntryId=5))
    for changes, found in (
        ({"journalEntryId": 5}, "JOURNAL_ENTRY_ALREADY_EXISTS"),
        ({"journalId": "KK"}, "JOURNAL_ID_MAX_1_CHARACTER"),
        ({"journalId": None}, "VERIFICATION_NUMBER_SERIES_DEFAULT_VALUE_MISSING"),
        ({"journalEntryDate": "2030-01-01"}, "DATE_TOO_LATE_WITH_RESPECT_TO_FINANCIAL_YEAR"),
        ({"ledgerEntries": []}, "JOURNAL_ENTRY_NOT_CREATED_VALID_ROWS_MISSING"),
        ({"ledgerEntries": voucher(("1910", 1.005), ("3001", -1.005))["ledgerEntries"]},
         "LEDGER_ENTRY_HAS_INVALID_TRANSACTION_VALUES"),
        ({"ledgerEntries": voucher(("1910", 1), ("3001", -2))["ledgerEntries"]},
         "JOURNAL_ENTRY_NOT_IN_BALANCE"),
        ({"ledgerEntries": voucher(("1", 1), ("2", -1))["ledgerEntries"]}, "ACCOUNT_NOT_FOUND"),
        ({"unheard": "of"}, "JOURNAL_ENTRY_INVALID"),
    ):  # fmt: skip
        assert checked.refused("POST", "/journal", voucher(*SALE, **changes)) == found
    assert set(checked.ask("POST", "/journal", b"{")) == SPRING
    assert checked.refused("GET", "/account/9999") == "ACCOUNT_NOT_FOUND"
    assert checked.refused("GET", "/financialyear/date/1999-01-01") == "FINANCIAL_YEAR_NOT_FOUND"
    assert checked.refused("GET", "/journal/entry/batch", sortkey="x") == "SORT_KEY_INVALID_VALUE"
    assert checked.refused("GET", f"/document/JOURNAL/{booked['entityId']}") == "DOCUMENT_NOT_FOUND"
    assert checked.refused("GET", "/document/ORDER/1") == "ENTITY_NOT_FOUND"
    checked.headers["User-Key"] = "11111111-2222-4333-8444-555555555555"
    assert checked.ask("GET", "/details")["message"] == "credentials is null"
    checked.headers["User-Key"] = "none"
    assert checked.refused("GET", "/details") == "KEY_INVALID"


def test_ordered_errors(description):
    with BjornLunden() as service:
        checked = Checked(description, service.url)
        for found in description.schemas["ApiError"]["properties"]["exceptionId"]["enum"][::7]:
            service.misbehave(found)
            assert checked.refused("GET", "/account") == found


def test_names_are_those_of_the_description(description):
    schemas = description.schemas
    assert set(journal._HEAD) == set(schemas["JournalEntryFullDto"]["properties"])
    assert set(journal._ROW) == set(schemas["LedgerEntryFullDto"]["properties"])
    error = schemas["ApiError"]["properties"]
    assert set(errors.MESSAGES) <= set(error["exceptionId"]["enum"])
    for status in (400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 502, 503, 504):
        assert errors.status_line(status) in error["status"]["enum"]


def test_paths_are_those_of_the_description(description):
    for method, pattern, _work, _about in calls._ROUTES:
        path = pattern.pattern.replace("([^/]+)", "JOURNAL").replace(r"(\d+)", "1")
        if path != "/meta/allKeys":  # in the quick guide, not in the description
            assert description.operation(method, path)
    with pytest.raises(LookupError):
        description.operation("GET", "/meta/allKeys")


@pytest.mark.parametrize(
    ("schema", "value", "count"),
    [
        ({"$ref": "#/components/schemas/CostCenter"}, {"id": "B1", "closed": False}, 0),
        ({"$ref": "#/components/schemas/CostCenter"}, {"closed": "no", "colour": "red"}, 3),
        ({"$ref": "#/components/schemas/AttachedTo"}, {"type": "VOUCHER", "entityId": 2**63}, 2),
        ({"$ref": "#/components/schemas/FinancialYear"}, {"entityId": 1, "fromDate": "2026-13-01"}, 1),
        ({"$ref": "#/components/schemas/FinancialYear"}, {"entityId": True, "fromDate": None}, 2),
        ({"$ref": "#/components/schemas/Account"}, {"entityId": 1, "id": "1234567"}, 1),
        ({"$ref": "#/components/schemas/ApiError"},
         {"timestamp": "2026-10-25 12:00:00", "subErrors": [{"x": 1}]}, 2),
        ({"$ref": "#/components/schemas/Details"}, {"entityId": 1, "apiKey": "x"}, 1),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"a": "b", "c": 1}, 1),
        ({"type": "string", "format": "byte"}, "*", 1),
    ],
)  # fmt: skip
def test_the_validator_sees_what_is_wrong(description, schema, value, count):
    assert len(description.wrong(schema, value)) == count
