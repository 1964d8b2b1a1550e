"""The 24SevenOffice simulator against the services' published interface descriptions (WSDL)."""

import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from lxml import etree

SIMULATORS = Path(__file__).resolve().parents[1] / "simulators"
sys.path.insert(0, str(SIMULATORS))

from sevenoffice import APPLICATION, PASSWORD, USER, SevenOffice, description, faults  # noqa: E402

NAMESPACE = "http://24sevenOffice.com/webservices"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
XSD = "{http://www.w3.org/2001/XMLSchema}"
FILES = {
    "Authenticate": "authService", "Company": "companyService", "Product": "productService",
    "InvoiceOrder": "invoiceService", "Account": "accountService", "Client": "clientService",
}  # fmt: skip
# The folder of the example messages: its service.
FOLDERS = {"auth": "Authenticate", "company": "Company", "product": "Product", "invoice": "InvoiceOrder"}


class Description:
    """A service's interface description: its address, its actions, and the schema of its messages."""

    def __init__(self, path, folder):
        document = etree.parse(str(path))
        self.address = document.find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address").get("location")
        self.actions = {
            operation.get("soapAction")
            for operation in document.iter("{http://schemas.xmlsoap.org/wsdl/soap/}operation")
            if operation.get("soapAction")
        }
        self.elements = {}  # element or type: [(name, type, listed, required, nillable)] within it
        self._read(document)
        files = {}
        for number, schema in enumerate(document.iter(f"{XSD}schema")):
            files[schema.get("targetNamespace")] = folder / f"{path.stem}-{number}.xsd"
        for schema in document.iter(f"{XSD}schema"):
            for imported in schema.iter(f"{XSD}import"):
                imported.set("schemaLocation", files[imported.get("namespace")].as_uri())
            files[schema.get("targetNamespace")].write_bytes(etree.tostring(schema))
        self.schema = etree.XMLSchema(etree.parse(str(files[NAMESPACE])))

    def _read(self, document):
        for defined in document.iterfind(f".//{XSD}schema/*[@name]"):
            if defined.tag != f"{XSD}simpleType":
                self.elements[defined.get("name")] = [
                    (
                        each.get("name") or "?",
                        (each.get("type") or "?").rpartition(":")[2],
                        each.get("maxOccurs", "1") == "unbounded",
                        each.get("minOccurs", "1") != "0",
                        each.get("nillable") == "true",
                    )
                    for each in defined.iter(f"{XSD}element")
                    if each is not defined
                ]

    def wrong(self, message):
        """What is not as it is described in an envelope's body."""
        body = etree.fromstring(message).find(f"{SOAP}Body")
        assert len(body) == 1
        self.schema.validate(etree.fromstring(etree.tostring(body[0])))
        return [error.message for error in self.schema.error_log]


@pytest.fixture(scope="session")
def samples(reference):
    return reference("24seven")


@pytest.fixture(scope="session")
def descriptions(samples, tmp_path_factory):
    folder = tmp_path_factory.mktemp("schemas")
    return {service: Description(samples / f"{name}.wsdl", folder) for service, name in FILES.items()}


class Client:
    """Asks a simulator; every request that is meant to be right, and every answer, is as it is described."""

    def __init__(self, seven, descriptions):
        self.seven, self.descriptions, self.session = seven, descriptions, ""

    def send(self, service, operation, message):
        """(status, message)."""
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{NAMESPACE}/{operation}"',
            "Cookie": f"ASP.NET_SessionId={self.session}",
        }
        address = self.seven.url + description.PATHS[service]
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(urllib.request.Request(address, message, headers), timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def message(self, service, message):
        """The result of a request, after both were looked at."""
        assert self.descriptions[service].wrong(message) == []
        operation = etree.QName(etree.fromstring(message)[0][0]).localname
        status, answer = self.send(service, operation, message)
        assert status == 200, answer
        assert self.descriptions[service].wrong(answer) == [], answer
        return etree.fromstring(answer)[0][0][0]

    def ask(self, service, operation, inside=""):
        return self.message(service, envelope(operation, inside))

    def log_in(self):
        self.session = self.ask(
            "Authenticate",
            "Login",
            f"<credential><ApplicationId>{APPLICATION}</ApplicationId><Password>{PASSWORD}</Password>"
            f"<Username>{USER}</Username></credential>",
        ).text
        return self


def envelope(operation, inside):
    body = f'<{operation} xmlns="{NAMESPACE}">{inside}</{operation}>'
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


@pytest.fixture
def seven():
    with SevenOffice() as service:
        yield service


@pytest.fixture
def client(seven, descriptions):
    return Client(seven, descriptions).log_in()


def strings(*names):
    return "".join(f"<string>{name}</string>" for name in names)


def requests_of(samples):
    """[(service, message)] of the example requests of the services that are played."""
    found = []
    for folder, service in FOLDERS.items():
        paths = sorted((samples / "messages" / folder).glob("*_request.xml"))
        found += [(service, path.read_bytes()) for path in paths]
    tax = samples / "messages" / "tax"
    found.append(("Account", (tax / "01_gettaxcodelist_request.xml").read_bytes()))
    found.append(("Client", (tax / "03_getvattypelist_request.xml").read_bytes()))
    return found


def test_where_the_services_are(descriptions):
    for service, path in description.PATHS.items():
        assert descriptions[service].address == "https://api.24sevenoffice.com" + path
    for service, operation in description.ASKED:
        assert f"{NAMESPACE}/{operation}" in descriptions[service].actions


def test_example_requests_are_accepted(samples, client, seven):
    messages = requests_of(samples)
    assert len(messages) >= 15
    for service, message in messages:
        operation = etree.QName(etree.fromstring(message)[0][0]).localname
        status, answer = client.send(service, operation, message)
        assert b"unable to read request" not in answer, answer
        if status == 200:
            assert client.descriptions[service].wrong(answer) == []
    assert seven.breaches == []


def test_every_operation(client, seven):
    ask = client.ask
    assert ask("Authenticate", "HasSession").text == "true"
    assert len(ask("Authenticate", "GetIdentities")) == 2
    identity = ask("Authenticate", "GetIdentity")[0].text
    assert ask("Authenticate", "SetIdentityById", f"<identityId>{identity}</identityId>").text == "true"
    seven.change_company("Sundby Aktivitetscenter AB", blocked=False)
    assert len(ask("Account", "GetTaxCodeList")) == 10
    for operation in ("GetClientInformation", "GetCurrencyList", "GetDepartmentList", "GetVatTypeList"):
        assert len(ask("Client", operation))
    assert len(ask("Client", "GetTypeGroupList", "<module>Sale</module>")) == 4
    assert len(ask("InvoiceOrder", "GetPaymentMethods"))
    assert len(
        ask("Product", "SaveCategories", "<categories><Category><Name>Hall</Name></Category></categories>")
    )
    every = {name: strings(*description.names_of(name)) for name in ("Company", "Product", "Category")}
    assert (
        len(ask("Product", "GetCategories", f"<returnProperties>{every['Category']}</returnProperties>")) == 2
    )
    saved = ask(
        "Company",
        "SaveCompanies",
        "<companies><Company><Name>Ek &amp; Alm</Name><Addresses><Post><Country>SE</Country></Post></Addresses>"
        "<EmailAddresses><Invoice><Value>a@example.com</Value></Invoice></EmailAddresses><Country>SE</Country>"
        "<Type>Business</Type><AccountDebit>1510</AccountDebit></Company><Company><Type>None</Type></Company>"
        "</companies>".replace(
            "<Type>Business</Type><AccountDebit>1510</AccountDebit>", "<Type>Business</Type>"
        ),
    )
    assert saved[0].findtext(f"{{{NAMESPACE}}}Id") == "1042"
    assert saved[1].find(f"{{{NAMESPACE}}}APIException") is not None
    search = "<searchParams><CompanyName>%alm</CompanyName></searchParams>"
    assert (
        len(
            ask("Company", "GetCompanies", f"{search}<returnProperties>{every['Company']}</returnProperties>")
        )
        == 1
    )
    product = "<Name>Bana</Name><CategoryId>12</CategoryId>"
    assert len(ask("Product", "SaveProducts", f"<products><Product>{product}</Product></products>"))
    search = "<searchParams><Name>Bana</Name></searchParams>"
    assert (
        len(ask("Product", "GetProducts", f"{search}<returnProperties>{every['Product']}</returnProperties>"))
        == 1
    )
    order_of(client)
    for number in ("5501", "5502"):
        seven.publish(number)
    seven.pay("5501")
    for unpaid in ("absent", "minimum"):
        seven.set(unpaid=unpaid)
        found = read_all(client)
        assert len(found) == 2 and len(found[0].find(f"{{{NAMESPACE}}}InvoiceRows")) == 2
    changed = "<InvoiceOrder><OrderId>5501</OrderId><IncludeVAT xsi:nil='true' /><InvoiceTitle>Ny</InvoiceTitle></InvoiceOrder>"
    assert len(ask("InvoiceOrder", "UpdateInvoices", f"<invoices>{changed}</invoices>"))
    since = "<RegisteredAfter>2020-01-01T00:00:00</RegisteredAfter>"
    assert len(ask("InvoiceOrder", "GetOrderSyncList", f"<syncParams>{since}</syncParams>")) == 2
    assert set().union(*seven.counters.values()) | {"GetIdentitiesWithCredential"} == {
        operation for _service, operation in description.ASKED
    }
    assert seven.breaches == []


def order_of(client):
    """Two orders, and one that is refused."""
    rows = (
        "<InvoiceRow><Name>Bana 1</Name><Type>Text</Type></InvoiceRow>"
        "<InvoiceRow><ProductId>311</ProductId><Price>100</Price><DiscountRate>10</DiscountRate>"
        "<Quantity>2.5</Quantity><TaxSettings><TaxCode>3</TaxCode></TaxSettings></InvoiceRow>"
    )
    one = (
        "<InvoiceOrder><CustomerId>1042</CustomerId><OrderStatus>Web</OrderStatus><IncludeVAT>false</IncludeVAT>"
        f"<Currency><Symbol>SEK</Symbol></Currency><InvoiceRows>{rows}</InvoiceRows></InvoiceOrder>"
    )
    unknown = one.replace("1042", "1")
    saved = client.ask("InvoiceOrder", "SaveInvoices", f"<invoices>{one}{one}{unknown}</invoices>")
    assert [len(order.findall(f"{{{NAMESPACE}}}APIException")) for order in saved] == [0, 0, 1]


def read_all(client):
    properties = (
        f"<invoiceReturnProperties>{strings(*description.names_of('InvoiceOrder'))}</invoiceReturnProperties>"
        f"<rowReturnProperties>{strings(*description.names_of('InvoiceRow'))}</rowReturnProperties>"
    )
    search = "<searchParams><CustomerIds><int>1042</int></CustomerIds></searchParams>"
    return client.ask("InvoiceOrder", "GetInvoices", search + properties)


WRONG = {
    "order": ("<Name>A</Name><Id>1</Id>", "order"),
    "unknown": ("<Nam>A</Nam>", "unknown"),
    "twice": ("<Name>A</Name><Name>B</Name>", "twice"),
    "enumeration": ("<Type>Firm</Type>", "type"),
    "whole number": ("<Id>1.0</Id>", "type"),
    "too large": ("<Id>2147483648</Id>", "type"),
    "short": ("<PaymentTime>40000</PaymentTime>", "type"),
    "boolean": ("<BlockInvoice>yes</BlockInvoice>", "type"),
    "exponent": ("<Discount>1e-05</Discount>", "type"),
    "comma": ("<Discount>1,5</Discount>", "type"),
    "moment": ("<DateCreated>2026-11-22</DateCreated>", "type"),
    "nil": ('<Id xsi:nil="true" />', "nil"),
    "text": ("Ek<Name>A</Name>", "text"),
    "elements": ("<Name><First>A</First></Name>", "type"),
    "attribute": ('<Name lang="sv">A</Name>', "attribute"),
    "namespace": ('<Name xmlns="">A</Name>', "namespace"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_requests_are_refused(client, seven, name):
    """What the description refuses, the simulator refuses, for the same reason."""
    inside, rule = WRONG[name]
    message = envelope("SaveCompanies", f"<companies><Company>{inside}</Company></companies>")
    assert client.descriptions["Company"].wrong(message)
    status, answer = client.send("Company", "SaveCompanies", message)
    assert (status, b"<faultcode>soap:Client</faultcode>" in answer) == (500, True)
    assert [breach["rule"] for breach in seven.breaches] == [rule]
    assert not seven.office().customers


def test_what_is_missing_is_refused(client, seven):
    for service, operation, inside in (
        ("Authenticate", "Login", "<credential><Username>a</Username></credential>"),
        ("Authenticate", "SetIdentityById", ""),
        ("Client", "GetTypeGroupList", ""),
        ("InvoiceOrder", "GetOrderSyncList", "<syncParams />"),
        ("InvoiceOrder", "SaveInvoices", "<invoices><InvoiceOrder /></invoices>"),
    ):
        message = envelope(operation, inside)
        assert client.descriptions[service].wrong(message)
        assert client.send(service, operation, message)[0] == 500
    assert {breach["rule"] for breach in seven.breaches} == {"required"}


# Types that two services describe differently: the simulator's name, and the service's.
NAMED = {
    "IdentityClient": "Client", "ClientInformation": "Client", "ClientCurrency": "Currency",
    "CompanyDistribution": "DistributionMethod", "OrderDistribution": "DistributionMethod",
}  # fmt: skip


def test_every_field_is_as_described(descriptions):
    """Names, order, types, lists, what is required and what may be nil: of all that is asked and answered."""
    for service, operation in description.ASKED:
        elements, seen = descriptions[service].elements, set()

        def check(fields, told, elements=elements, seen=seen):
            assert [field.name for field in fields] == [each[0] for each in told]
            for field, (_name, kind, _listed, required, nillable) in zip(fields, told, strict=True):
                if field.listed:
                    (item,) = elements[kind]
                    assert item[2] and not item[3]
                    assert (field.item.name, field.item.nillable) == (item[0], item[4])
                    kind = item[1]
                assert NAMED.get(field.kind, field.kind) == kind
                assert (field.required, field.nillable) == (required, nillable), (
                    f"{field.name} of {operation}"
                )
                if field.kind in description.TYPES and field.kind not in seen:
                    seen.add(field.kind)
                    check(description.TYPES[field.kind], elements[kind])

        check(description.ASKED[service, operation], elements[operation])
        (result,) = elements[f"{operation}Response"]
        field = description.RESULTS[service, operation]
        assert field.name == result[0]
        check([field], [(*result[:3], field.required, result[4])])


def test_faults_look_like_those_of_the_service(samples, client, seven):
    """The same elements as in the example faults."""

    def shape(message):
        fault = etree.fromstring(message)[0][0]
        return [fault.tag, *(child.tag for child in fault), fault[0].text]

    described = shape((samples / "messages/faults/03_session_not_authenticated.xml").read_bytes())
    for order in ("lost_session", "rate_limit", "soap"):
        assert order in faults.KINDS
        seven.misbehave(order)
        status, answer = client.send("Client", "GetVatTypeList", envelope("GetVatTypeList", ""))
        assert (status, shape(answer)) == (500, described)
