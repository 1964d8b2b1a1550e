"""The 24SevenOffice simulator against the services' published interface descriptions (WSDL)."""

import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from lxml import etree

SIMULATORS = Path(__file__).resolve().parents[2] / "simulators"
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
CREDENTIAL = (
    f"<credential><ApplicationId>{APPLICATION}</ApplicationId><Password>{PASSWORD}</Password>"
    f"<Username>{USER}</Username></credential>"
)


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
                        (each.get("type") or "anyType").rpartition(":")[2],
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
        self.session = self.ask("Authenticate", "Login", CREDENTIAL).text
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


def told(*names):
    return "".join(f"<string>{name}</string>" for name in names)


def returned(kind):
    """Everything that a type has, as it is asked for."""
    return f"<returnProperties>{told(*description.names_of(kind))}</returnProperties>"


def exceptions(items):
    """How many APIExceptions each item has."""
    return [len(item.findall(f"{{{NAMESPACE}}}APIException")) for item in items]


def test_who_calls(client):
    assert client.ask("Authenticate", "HasSession").text == "true"
    identities = client.ask("Authenticate", "GetIdentities")
    assert len(identities) == 2
    chosen = f"<identityId>{identities[1][0].text}</identityId>"
    assert client.ask("Authenticate", "SetIdentityById", chosen).text == "true"
    assert client.ask("Authenticate", "GetIdentity")[0].text == identities[1][0].text
    client.seven.change_company("Grannby Idrottshall AB", blocked=True)
    with_credential = client.ask("Authenticate", "GetIdentitiesWithCredential", CREDENTIAL)
    assert [each[-1].text for each in with_credential] == ["false", "true"]  # IsProtected; IsDisabled
    wrong = CREDENTIAL.replace(PASSWORD, "wrong")
    assert client.ask("Authenticate", "Login", wrong).text is None


def test_what_a_company_is_set_up_with(client):
    assert len(client.ask("Account", "GetTaxCodeList")) == 10
    assert len(client.ask("Client", "GetVatTypeList")) == 10
    assert len(client.ask("Client", "GetTypeGroupList", "<module>Sale</module>")) == 4
    assert len(client.ask("Client", "GetTypeGroupList", "<module>All</module>")) == 5
    assert len(client.ask("Client", "GetClientInformation"))
    assert len(client.ask("Client", "GetCurrencyList")) == 5
    assert len(client.ask("Client", "GetDepartmentList")) == 2
    assert len(client.ask("InvoiceOrder", "GetPaymentMethods")) == 2


def test_customers_and_products(client):
    company = (
        "<Company><ExternalId>7</ExternalId><Name>Ek &amp; Alm</Name>"
        "<Addresses><Post><Street>Storgatan 1</Street><Country>SE</Country></Post></Addresses>"
        "<PhoneNumbers><Work><Value>08</Value></Work></PhoneNumbers>"
        "<EmailAddresses><Invoice><Value>a@example.com</Value></Invoice></EmailAddresses>"
        "<Type>Business</Type><CurrencyId>SEK</CurrencyId><PaymentTime>30</PaymentTime></Company>"
    )
    companies = f"<companies>{company}<Company><Name>Utan slag</Name></Company></companies>"
    assert exceptions(client.ask("Company", "SaveCompanies", companies)) == [0, 1]
    search = "<searchParams><CompanyName>%alm</CompanyName></searchParams>"
    assert len(client.ask("Company", "GetCompanies", search + returned("Company"))) == 1
    assert len(client.ask("Company", "GetCompanies", search)) == 1
    page = client.ask("Company", "GetCompanySyncList")
    assert [len(each) for each in page] == [0, 0, 0, 0, 1]
    customer = page[4][0]
    assert [etree.QName(each).localname for each in customer] == [
        "CompanyId", "ExternalId", "DateChanged", "DateRegistered", "Active",
    ]  # fmt: skip
    second = '<syncSearchParameters><Page>2</Page><Active xsi:nil="true" /></syncSearchParameters>'
    assert len(client.ask("Company", "GetCompanySyncList", second)[4]) == 0
    categories = "<categories><Category><Name>Hall</Name></Category><Category /></categories>"
    assert exceptions(client.ask("Product", "SaveCategories", categories)) == [0, 1]
    assert len(client.ask("Product", "GetCategories", returned("Category"))) == 2
    product = "<Product><Name>Bana</Name><CategoryId>{}</CategoryId><Web>true</Web></Product>"
    products = f"<products>{product.format(12)}{product.format(99)}</products>"
    assert exceptions(client.ask("Product", "SaveProducts", products)) == [0, 1]
    search = "<searchParams><Name>Bana</Name></searchParams>"
    assert len(client.ask("Product", "GetProducts", search + returned("Product"))) == 1


def test_orders(client, seven):
    customer, product = (
        seven.add_customer("Ek AB", email="ek@example.com")["Id"],
        seven.add_product("Bana")["Id"],
    )
    rows = (
        "<InvoiceRow><Name>Bana 1</Name><SequenceNumber>1</SequenceNumber><Type>Text</Type></InvoiceRow>"
        f"<InvoiceRow><ProductId>{product}</ProductId><Price>100</Price><DiscountRate>10</DiscountRate>"
        "<Quantity>2.5</Quantity><SequenceNumber>2</SequenceNumber>"
        "<TaxSettings><TaxCode>3</TaxCode></TaxSettings></InvoiceRow>"
    )
    one = (
        "<InvoiceOrder><CustomerId>{}</CustomerId><OrderStatus>Draft</OrderStatus><IncludeVAT>false</IncludeVAT>"
        f"<Currency><Symbol>SEK</Symbol></Currency><InvoiceRows>{rows}</InvoiceRows></InvoiceOrder>"
    )
    invoices = f"<invoices>{one.format(customer)}{one.format(customer)}{one.format(1)}</invoices>"
    assert exceptions(client.ask("InvoiceOrder", "SaveInvoices", invoices)) == [0, 0, 1]
    seven.publish(5501)
    for unpaid in ("absent", "minimum"):
        seven.set(unpaid=unpaid)
        assert read_all(client, customer) == ["5501", "5502"]
    seven.pay(5501)
    assert read_all(client, customer) == ["5501", "5502"]
    seven.misbehave("wrong_total")
    assert read_all(client, customer) == ["5501", "5502"]
    change = "<InvoiceOrder><OrderId>{}</OrderId><IncludeVAT xsi:nil='true' /></InvoiceOrder>"
    changes = f"<invoices>{change.format(5501)}{change.format(5502)}</invoices>"
    assert exceptions(client.ask("InvoiceOrder", "UpdateInvoices", changes)) == [0, 1]
    since = "<syncParams><RegisteredAfter>2020-01-01T00:00:00</RegisteredAfter></syncParams>"
    assert len(client.ask("InvoiceOrder", "GetOrderSyncList", since)) == 2


def read_all(client, customer):
    """The OrderIds of a customer's orders, with everything that orders and rows have."""
    asked = (
        f"<searchParams><CustomerIds><int>{customer}</int></CustomerIds></searchParams>"
        f"<invoiceReturnProperties>{told(*description.names_of('InvoiceOrder'))}</invoiceReturnProperties>"
        f"<rowReturnProperties>{told(*description.names_of('InvoiceRow'))}</rowReturnProperties>"
    )
    found = client.ask("InvoiceOrder", "GetInvoices", asked)
    assert [len(order.find(f"{{{NAMESPACE}}}InvoiceRows")) for order in found] == [2, 2]
    return [order[0].text for order in found]


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
    "full nil": ('<Factoring xsi:nil="true">true</Factoring>', "nil"),
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
        ("Company", "GetCompanySyncList", "<syncSearchParameters><Page>1</Page></syncSearchParameters>"),
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
                assert (field.required, field.nillable) == (required, nillable), field.name
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
