"""The 24SevenOffice simulator over real HTTP: who may call, what is refused, what is remembered."""

import json
import signal
import socket
import subprocess
import sys
import threading
import urllib.parse

import pytest
from sevenoffice import APPLICATION, COMPANIES, PASSWORD, USER, SevenOffice
from sevenoffice_client import Client, Fault, element, many, order, row
from simulated import SIMULATORS, ask, process

SUNDBY, GRANNBY = COMPANIES
BUSINESS = {"Name": "Bygg & Gräv AB", "Country": "SE", "Type": "Business"}


class Clock:
    """Stands still until it is told."""

    def __init__(self):
        self.now = 1795348800.0  # 2026-11-22T12:00:00Z

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def seven(clock):
    with SevenOffice(clock=clock) as service:
        yield service


@pytest.fixture
def client(seven):
    return Client(seven.url).log_in()


def refused(call, *arguments, **told):
    with pytest.raises(Fault) as fault:
        call(*arguments, **told)
    return str(fault.value)


# -- who may call -----------------------------------------------------------------------------------------


def test_log_in(seven):
    client = Client(seven.url).log_in()
    assert len(client.session) == 24 and client.has_session()
    other = Client(seven.url).log_in()
    assert other.session != client.session and client.has_session()


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"user": "other@example.com"}])
def test_a_wrong_password_is_an_empty_result(seven, wrong):
    client = Client(seven.url).log_in(**wrong)
    assert client.session == "" and not client.has_session()
    assert "not authenticated" in refused(client.customers, CompanyId=1)


def test_unknown_application(seven):
    told = refused(Client(seven.url).log_in, application="11111111-2222-3333-4444-555555555555")
    assert "Your application id is not registered" in told


def test_several_companies(seven, client):
    identities = client.call("Authenticate", "GetIdentities")
    assert [(i["Client"]["Name"], i["IsCurrent"], i["IsDefault"]) for i in identities] == [
        (SUNDBY, "true", "true"), (GRANNBY, "false", "false"),
    ]  # fmt: skip
    client.save_customers(BUSINESS)
    grannby = identities[1]["Id"]
    other = Client(seven.url).log_in(identity=grannby)
    assert other.call("Authenticate", "GetIdentity")["Client"]["Name"] == GRANNBY
    assert other.customers(CompanyName="%") == [] and len(client.customers(CompanyName="%")) == 1
    assert client.call("Authenticate", "SetIdentityById", identityId=grannby) == "true"
    assert client.customers(CompanyName="%") == []
    unknown = "11111111-2222-3333-4444-555555555555"
    assert client.call("Authenticate", "SetIdentityById", identityId=unknown) == "false"


def test_a_blocked_identity(seven, client):
    grannby = client.call("Authenticate", "GetIdentities")[1]["Id"]
    inside = Client(seven.url).log_in(identity=grannby)
    assert client.control("company", name=GRANNBY, blocked=True)[0] == 200
    assert "IdentityId is blocked" in refused(Client(seven.url).log_in, identity=grannby)
    assert "not authenticated" in refused(inside.customers, CompanyId=1)
    listed = client.call("Authenticate", "GetIdentitiesWithCredential", credential=client.credential())
    assert [each.get("IsDisabled") for each in listed] == [None, "true"]
    assert (
        client.call("Authenticate", "GetIdentitiesWithCredential", credential=client.credential("no")) == ""
    )


def test_sessions_end(seven, client, clock):
    assert client.control("end-sessions")[0] == 200
    assert "Client is not authenticated on this identity" in refused(client.customers, CompanyId=1)
    client.log_in()
    clock.now += 3600
    assert client.has_session()  # an hour since its last call
    clock.now += 3601
    assert not client.has_session()


def test_log_ins_are_throttled(seven, clock):
    seven.set(logins_per_minute=3)
    client = Client(seven.url)
    for _ in range(3):
        client.log_in()
    assert "Too many log-ins" in refused(client.log_in)
    clock.now += 61
    assert client.log_in().has_session()


def test_calls_of_an_hour(seven, clock):
    seven.set(hourly_limit=3)
    client = Client(seven.url).log_in()
    headers = client.send("Authenticate", "HasSession")[2]
    assert (headers["APILimitRemaining"], headers["APILimitReset"]) == ("1", "2026-11-22T13:00:00Z")
    assert client.has_session()
    told = "Limit exceeded by {}. Request is blocked. Quarantine ends at 2026-11-22T13:00:00Z"
    assert refused(client.has_session) == told.format(1)
    assert refused(client.has_session) == told.format(2)
    clock.now += 3600
    assert client.has_session()


def test_a_burst_of_calls(seven, client):
    seven.set(burst=1)
    found = [client.send("Authenticate", "HasSession") for _ in range(3)]
    assert (429, "1") in [(status, headers["Retry-After"]) for status, _answer, headers in found]


def test_without_accounting(seven, client):
    seven.change_company(SUNDBY, accounting=False)
    assert "not authenticated" in refused(client.call, "Account", "GetTaxCodeList")
    assert client.has_session() and len(client.call("Client", "GetVatTypeList")) == 10


# -- what is no call as described -------------------------------------------------------------------------


def breaches(seven):
    return [(breach["operation"], breach["rule"], breach["times"]) for breach in seven.breaches]


@pytest.mark.parametrize(
    ("headers", "status", "rule"),
    [
        ({"Content-Type": "application/json"}, 415, "Content-Type"),
        ({"Content-Type": "application/soap+xml; charset=utf-8"}, 415, "Content-Type"),
        ({"Content-Type": "text/xml"}, 500, "Content-Type"),
        ({"SOAPAction": '"http://24sevenoffice.com/webservices/HasSession"'}, 500, "SOAPAction"),
        ({"SOAPAction": "http://24sevenOffice.com/webservices/HasSession"}, 500, "SOAPAction"),
        ({"SOAPAction": ""}, 500, "SOAPAction"),
    ],
)
def test_headers(seven, client, headers, status, rule):
    assert client.send("Authenticate", "HasSession", **headers)[0] == status
    assert [breach["rule"] for breach in seven.breaches] == [rule]


def test_what_is_no_message(seven, client):
    address = client.base + "/authenticate/v001/authenticate.asmx"
    headers = {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": '"http://24sevenOffice.com/webservices/HasSession"',
    }
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    for body in (b"", b"<a>", b"<a />", b'{"a": 1}', bomb):
        assert ask(address, body, headers)[0] == 500
    assert ask(address)[0] == 405
    assert ask(client.base + "/authenticate/v002/authenticate.asmx", b"", headers)[0] == 404
    assert {breach["rule"] for breach in seven.breaches} == {"XML", "envelope"}


def test_a_wrong_request_is_refused_and_listed(seven, client):
    """Id comes before Name in the description. Nothing of the call is done."""
    for _ in range(2):
        told = refused(client.save_customers, BUSINESS, {"Name": "A", "Id": 1, "Type": "Business"})
        assert "SaveCompanies/companies/Company[2]/Id comes too late" in told
    assert breaches(seven) == [("SaveCompanies", "order", 2)]
    assert client.state()["breaches"][0]["times"] == 2
    assert "Company[2]/Id comes too late" in ask(client.base + "/")[1].decode()
    assert client.customers(CompanyName="%") == []


def test_a_time_that_does_not_exist(seven, client):
    """The clocks go from two to three on the last Sunday of March."""
    told = order(1, DateOrdered="2027-03-28T02:30:00")
    assert "clocks were put forward" in refused(client.save_orders, told)
    told = order(1, DateOrdered="2027-03-28T03:30:00")
    assert client.save_orders(told)[0]["APIException"]["Message"] == "Customer 1 does not exist"


def test_searches(seven, client):
    assert "at least one search parameter" in refused(client.customers)
    assert "at least one search parameter" in refused(client.orders, [])
    assert "no property OrderID" in refused(client.orders, [1], ("OrderID",))
    assert "more than 1000" in refused(client.orders, range(1, 1002))
    assert client.orders(range(1, 1001)) == []
    assert breaches(seven) == [
        ("GetCompanies", "search", 1), ("GetInvoices", "search", 1), ("GetInvoices", "property", 1),
        ("GetInvoices", "search", 1),
    ]  # fmt: skip


# -- faults -----------------------------------------------------------------------------------------------


def test_a_time_out_after_an_order_was_saved(seven, client):
    """The order is there although nobody was told: it is found by its reference."""
    customer = int(client.save_customers(BUSINESS)[0]["Id"])
    product = seven.add_product("Bana")["Id"]
    told = order(customer, row(product, 100), ReferenceNumber="INV/2026/00001")
    seven.misbehave({"fault": "timeout", "when": "after", "path": "*/SaveInvoices"})
    with pytest.raises(TimeoutError):
        client.send("InvoiceOrder", "SaveInvoices", _inside(told), timeout=0.5)
    found = client.call(
        "InvoiceOrder",
        "GetInvoices",
        searchParams={"CustomerIds": many("int", [customer]), "ChangedAfter": "2026-11-22T11:00:00Z"},
        invoiceReturnProperties=many("string", ("OrderId", "ReferenceNumber")),
    )
    assert [(each["OrderId"], each["ReferenceNumber"]) for each in found] == [("5501", "INV/2026/00001")]
    seven.misbehave({"fault": "timeout", "path": "*/SaveInvoices"})
    with pytest.raises(TimeoutError):
        client.send("InvoiceOrder", "SaveInvoices", _inside(told), timeout=0.5)
    assert len(seven.office().orders) == 1 and seven.duplicates == []
    client.save_orders(told)
    assert seven.duplicates == [{"company": SUNDBY, "reference": "INV/2026/00001", "orders": [5501, 5502]}]
    assert "Överförd mer än en gång: INV/2026/00001" in ask(client.base + "/")[1].decode()


def _inside(told):
    return element("invoices", [("InvoiceOrder", told)])


def test_an_item_that_is_not_saved(seven, client):
    seven.misbehave(
        {"fault": "item_error", "name": "Ek AB", "message": "Kunden är spärrad", "type": "Locked"}
    )
    assert "APIException" not in client.save_customers(BUSINESS)[0]  # it is not about this one
    saved = client.save_customers({**BUSINESS, "Name": "Ek AB"}, {**BUSINESS, "Name": "Alm AB"})
    assert saved[0]["APIException"] == {"Type": "Locked", "Message": "Kunden är spärrad", "StackTrace": ""}
    assert saved[1]["Id"] == "1043" and [c["Name"] for c in client.customers(CompanyName="%")] == [
        "Bygg & Gräv AB", "Alm AB",
    ]  # fmt: skip


def test_faults_of_its_own(seven, client):
    seven.misbehave("lost_session")
    assert "not authenticated" in refused(client.customers, CompanyId=1)
    assert not client.has_session()
    client.log_in()
    seven.misbehave("rate_limit", {"fault": "soap", "message": "Databasen svarar inte"})
    assert refused(client.has_session).startswith("Limit exceeded by 1.")
    assert refused(client.has_session).endswith("---> Databasen svarar inte")
    assert client.has_session()


def test_wrong_totals(seven, client):
    customer = int(client.save_customers(BUSINESS)[0]["Id"])
    client.save_orders(order(customer, row(seven.add_product("Bana")["Id"], 100)))
    seven.misbehave({"fault": "wrong_total", "amount": 250})
    totals = [client.orders([5501], ("OrderTotalIncVat", "OrderTotalVat")) for _ in range(2)]
    assert [(each["OrderTotalIncVat"], each["OrderTotalVat"]) for (each,) in totals] == [
        ("127.50", "27.50"), ("125.00", "25.00"),
    ]  # fmt: skip


def test_usual_faults(seven, client):
    seven.misbehave("503", "429", "garbage", {"fault": "slow", "seconds": 0.2}, "redirect")
    statuses = [client.send("Authenticate", "HasSession")[:2] for _ in range(5)]
    assert [status for status, _answer in statuses] == [503, 429, 200, 200, 307]
    assert b"HasSessionResult" not in statuses[2][1] and b"true</HasSessionResult>" in statuses[3][1]
    for fault in ("close", "cut"):
        seven.misbehave(fault)
        with pytest.raises(Exception, match=r"(?i)closed|incomplete|bytes read"):
            client.send("Authenticate", "HasSession")
    assert client.has_session()
    kinds = [call["fault"] for call in client.state()["calls"]]
    assert kinds == ["", "status", "status", "garbage", "slow", "redirect", "close", "cut", ""]


# -- control ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("control", "told"),
    [
        ("settings", {"tax_code": "TaxName"}),
        ("settings", {"hourly_limit": "7"}),
        ("settings", {"unknown": 1}),
        ("clock", {"to": "soon"}),
        ("company", {"name": SUNDBY, "blocked": "yes"}),
        ("customer", {"name": "A", "company": "Nobody AB"}),
        ("customer", {"name": ""}),
        ("customer", {"name": "A", "active": "no"}),
        ("product", {"name": "A", "category": 99}),
        ("product", {"name": "A", "sale_type": 11}),
        ("product", {"name": "A", "price": 100}),
        ("publish", {"order": 1}),
        ("publish", {}),
        ("pay", {"order": 1}),
        ("delete", {"order": 1}),
        ("misbehave", {"next": [{"fault": "nonsense"}]}),
        ("misbehave", {"next": [{"fault": "item_error", "when": "before"}]}),
    ],
)
def test_what_is_not_understood(client, control, told):
    before = client.state()
    assert client.control(control, **told)[0] == 400
    assert client.state() == before


def test_state_tells_no_secrets(seven, client):
    state = json.dumps(client.state())
    assert PASSWORD not in state and client.session not in state
    assert client.state()["sessions"] == 1
    assert client.state()["counters"] == {"2026-11-22T12": {"Login": 1}}


def test_clock(seven, client):
    assert client.control("clock", to="2026-12-03")[1] == {"now": "2026-12-03T11:00:00Z"}
    assert client.control("clock")[1] == {"now": "2026-11-22T12:00:00Z"}


def test_page(seven, client):
    """Everything that a person does is a form on the page."""
    customer = int(client.save_customers({**BUSINESS, "Name": "<b>Ek</b>"})[0]["Id"])
    product = seven.add_product("Bana")["Id"]
    rows = (row(Name="Padel 22 nov"), row(product, 1250, 3, DiscountRate=10))
    client.save_orders(order(customer, *rows, InvoiceTitle="Till Eva", PaymentTime=-1))
    page = ask(client.base + "/")[1].decode()
    for shown in (
        "&lt;b&gt;Ek",
        "Padel 22 nov",
        "Till Eva",
        "10 %",
        "25 %",
        "4\xa0218,75",
        "843,75",
        "30 dagar efter",
    ):
        assert shown in page
    assert USER in page and APPLICATION in page and "Felaktiga anrop" not in page

    def press(control, **fields):
        form = urllib.parse.urlencode(fields).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        assert ask(f"{client.base}/control/{control}", form, kind)[0] == 303
        return ask(client.base + "/")[1].decode()

    assert "Publicera som faktura" in page and "Ta bort" in page
    one = {"company": seven.office().id, "order": 5501}
    assert "TaxCode är nu momskodens nummer" in press("settings", tax_code="TaxNo")
    page = press("publish", **one)
    # 22 November and 30 days after its end.
    assert "Faktura 20007" in page and "förfaller 2026-12-30" in page and "Publicera som" not in page
    page = press("pay", **one)
    assert "betald 2026-11-22" in page and "Registrera betalning" not in page


def test_reset(seven, client):
    seven.set(tax_code="TaxNo")
    client.save_customers(BUSINESS)
    assert client.control("reset")[0] == 200
    state = client.state()
    assert state["companies"][0]["customers"] == [] and state["settings"]["tax_code"] == "TaxId"
    assert not client.has_session()


# -- as a process -----------------------------------------------------------------------------------------


def test_it_goes_on_after_a_kill(tmp_path):
    options = ("--state", str(tmp_path / "seven.json"), "--company", "Ek AB", "--password", "p")
    with process("sevenoffice", *options) as (running, address):
        client = Client(address).log_in("p")
        customer = int(client.save_customers(BUSINESS)[0]["Id"])
        product = client.control("product", name="Bana")[1]["Id"]
        client.save_orders(order(customer, row(product, 100)))
        assert client.control("publish", order=5501)[0] == 200
        assert client.control("misbehave", next=["wrong_total"])[0] == 200
        client.save_customers(BUSINESS)
        before = client.state()
        running.send_signal(signal.SIGKILL)
        running.wait(10)
    with process("sevenoffice", *options, folder=tmp_path, as_module=True) as (running, address):
        client.base = address
        after = client.state()
        for name in ("companies", "faults", "settings", "sessions"):
            assert after[name] == before[name]
        assert [company["name"] for company in after["companies"]] == ["Ek AB"]
        assert client.orders([5501], ("InvoiceId", "OrderTotalIncVat"))[0]["OrderTotalIncVat"] == "126.00"
        assert client.save_orders(order(customer, row(product, 1)))[0]["OrderId"] == "5502"
        running.send_signal(signal.SIGTERM)
        assert running.wait(10) == 0
    with process("sevenoffice", *options, "--company", "Alm AB") as (_running, address):
        companies = Client(address).state()["companies"]
        assert [(company["name"], len(company["orders"])) for company in companies] == [
            ("Ek AB", 2),
            ("Alm AB", 0),
        ]


def test_options():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        run = subprocess.run(
            [sys.executable, str(SIMULATORS / "sevenoffice"), "serve", "--port", port],
            capture_output=True, text=True, timeout=20,
        )  # fmt: skip
    assert (run.returncode, run.stderr) == (2, f"sevenoffice: port {port} is taken\n")


def test_many_at_once(seven):
    """Eight clients, ten orders each: every one has a number of its own, and all are counted."""
    seven.set(logins_per_minute=0)
    product = seven.add_product("Bana")["Id"]
    numbers, customer = [], seven.add_customer("Ek AB")["Id"]

    def work():
        client = Client(seven.url).log_in()
        for _ in range(10):
            numbers.append(client.save_orders(order(customer, row(product, 1)))[0]["OrderId"])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(map(int, numbers)) == list(range(5501, 5581))
    assert seven.counters["2026-11-22T12"] == {"Login": 8, "SaveInvoices": 80}
