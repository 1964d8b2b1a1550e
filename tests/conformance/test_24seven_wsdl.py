"""Our tables, calls and readings against 24SevenOffice's WSDLs and example messages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from brp_24seven.soap import LIVE, OPERATIONS, explain, read, read_fault, write
from brp_24seven.soap.schema import NAMESPACE, Complex, Element, Enum
from lxml import etree

XSD = "{http://www.w3.org/2001/XMLSchema}"
SOAP_BINDING = "{http://schemas.xmlsoap.org/wsdl/soap/}"
BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
GUIDS = "http://microsoft.com/wsdl/types/"
UTC = timezone.utc

EVERY = pytest.mark.parametrize("name", OPERATIONS)
# The ledger, which is not called
NOT_OURS = {"transactionService.wsdl", "transaction"}
FAULTS = {
    "01_application_id_not_registered": "application",
    "02_identity_blocked": "identity",
    "03_session_not_authenticated": "session",
    "04_rate_limit": "limit",
}


@dataclass
class Part:
    """An element as a WSDL or our tables tell it."""

    name: str
    kind: str
    required: bool
    nillable: bool
    unset: str | None
    of: object = None  # the values of an enum, the parts of a complex, the part that a list repeats


class Wsdl:
    """A WSDL and what it tells."""

    def __init__(self, path: Path):
        self.tree = etree.parse(path)
        (address,) = {each.get("location") for each in self.tree.iter(f"{SOAP_BINDING}address")}
        self.host = "://".join(urlsplit(address)[:2])
        self.service = urlsplit(address).path
        self.actions = {
            each.getparent().get("name"): each.get("soapAction")
            for each in self.tree.iter(f"{SOAP_BINDING}operation")
        }
        self.schemas = {each.get("targetNamespace"): each for each in self.tree.iter(f"{XSD}schema")}
        told = self.schemas[NAMESPACE]
        self.elements = {each.get("name"): each for each in told.findall(f"{XSD}element")}
        self.types = {each.get("name"): each for each in told if each.tag != f"{XSD}element"}

    def parts(self, name: str) -> list[Part]:
        """The parts of a global element."""
        return self._parts(self.elements[name].find(f"{XSD}complexType"))

    def _parts(self, told) -> list[Part]:
        """Those that have a type: what another holds is not described, and not read by us."""
        return [self._part(each) for each in told.iterfind(f"{XSD}sequence/{XSD}element[@type]")]

    def _part(self, told) -> Part:
        kind, of = told.get("type").partition(":")[2], None
        type_ = self.types.get(kind)
        if type_ is not None and type_.tag == f"{XSD}simpleType":
            kind, of = "enum", [each.get("value") for each in type_.iter(f"{XSD}enumeration")]
        elif type_ is not None:
            kind, of = "complex", self._parts(type_)
            if type_.find(".//*[@maxOccurs='unbounded']") is not None:
                kind, (of,) = "list", of
        required, nillable = told.get("minOccurs") == "1", told.get("nillable") == "true"
        return Part(told.get("name"), kind, required, nillable, told.get("default"), of)

    def schema(self, folder: Path) -> etree.XMLSchema:
        """What validates messages. The type of guids is imported without a place: it is put next to it."""
        for namespace, told in self.schemas.items():
            for imported in told.findall(f"{XSD}import"):
                imported.set("schemaLocation", "guids.xsd")
            name = "guids.xsd" if namespace == GUIDS else "service.xsd"
            (folder / name).write_bytes(etree.tostring(told))
        return etree.XMLSchema(etree.parse(folder / "service.xsd"))


def part_of(element: Element) -> Part:
    """An element of our tables, told as a WSDL does."""
    of = None
    if isinstance(element.of, Enum):
        of = list(element.of.values)
    elif isinstance(element.of, Complex):
        of = [part_of(each) for each in element.of.elements]
    elif element.of:
        of = part_of(element.of)
    return Part(element.name, element.kind, element.required, element.nillable, element.unset, of)


@pytest.fixture(scope="session")
def folder(reference):
    return reference("24seven")


@pytest.fixture(scope="session")
def wsdls(folder):
    """Each WSDL by its service's path."""
    every = [Wsdl(path) for path in sorted(folder.glob("*.wsdl")) if path.name not in NOT_OURS]
    return {wsdl.service: wsdl for wsdl in every}


@pytest.fixture(scope="session")
def schemas(wsdls, tmp_path_factory):
    return {path: wsdl.schema(tmp_path_factory.mktemp("xsd")) for path, wsdl in wsdls.items()}


# -- tables -----------------------------------------------------------------------------------------------


@EVERY
def test_tables_are_those_of_the_wsdl(wsdls, name):
    operation = OPERATIONS[name]
    wsdl = wsdls[operation.service]
    assert wsdl.host == LIVE
    assert wsdl.actions[name] == operation.action
    assert [part_of(each) for each in operation.request] == wsdl.parts(name)
    assert [part_of(operation.result)] == wsdl.parts(f"{name}Response")


def test_every_service_is_called(wsdls):
    assert {operation.service for operation in OPERATIONS.values()} == set(wsdls)


# -- calls ------------------------------------------------------------------------------------------------

FILLED = {
    "int": 7,
    "short": -7,
    "long": 543000000000001,
    "decimal": Decimal("-1250.50"),
    "double": Decimal("0.00001"),
    "boolean": True,
    "dateTime": datetime(2026, 7, 1, 22, 30, tzinfo=UTC),
    "guid": "0F0E0D0C-0b0a-4908-8706-050403020100",
}


def filled(element: Element) -> object:
    """A value with all that an element can hold: lists with every value of an enum, the longest texts."""
    if element.kind == "complex":
        return {each.name: filled(each) for each in element.of.elements}
    if element.kind == "list":
        if element.of.kind == "enum":
            return list(element.of.of.values)
        return [filled(element.of)] * 2
    if element.kind == "enum":
        return element.of.values[-1]
    if element.kind == "string":
        return "å" * element.longest if element.longest else "ä<&> \"'"
    return FILLED[element.kind]


def least(element: Element) -> object:
    """A value with no more than is demanded."""
    if element.kind == "complex":
        demanded = [each for each in element.of.elements if each.required and not each.nillable]
        return {each.name: least(each) for each in demanded}
    return [] if element.kind == "list" else filled(element)


def is_valid(schema: etree.XMLSchema, body: bytes) -> bool:
    (call,) = etree.fromstring(body).find(BODY)
    schema.assertValid(etree.ElementTree(call))
    return True


@EVERY
def test_calls_are_valid(schemas, name):
    operation = OPERATIONS[name]
    for values in (
        {each.name: filled(each) for each in operation.request},
        {each.name: least(each) for each in operation.request},
        {each.name: least(each) for each in operation.request if each.required},
    ):
        assert is_valid(schemas[operation.service], write(name, values))


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name.startswith("Save")])
def test_things_with_the_least_are_valid(schemas, name):
    operation = OPERATIONS[name]
    (things,) = operation.request
    assert is_valid(schemas[operation.service], write(name, {things.name: [least(things.of)] * 2}))


def test_an_element_out_of_order_would_not_be_valid(schemas):
    operation = OPERATIONS["SaveCategories"]
    body = write("SaveCategories", {"categories": [{"Id": 1, "Name": "A"}]})
    moved = body.replace(b"<Id>1</Id>", b"").replace(b"</Name>", b"</Name><Id>1</Id>")
    with pytest.raises(etree.DocumentInvalid):
        is_valid(schemas[operation.service], moved)


# -- example messages -------------------------------------------------------------------------------------


def messages(folder: Path) -> Iterator[tuple[Path, etree._Element]]:
    """Each message and what is in its body."""
    for path in sorted((folder / "messages").glob("*/*.xml")):
        if path.parent.name not in NOT_OURS:
            (content,) = etree.parse(path).getroot().find(BODY)
            yield path, content


def plain_name(node) -> str:
    return etree.QName(node).localname


def meaning(node, part: Part) -> object:
    """What an element means by the WSDL; None when it holds what stands for its absence."""
    if node.get(NIL) == "true":
        return None
    if part.kind == "list":
        return [meaning(each, part.of) for each in node] or None
    if part.kind == "complex":
        return meanings(node, part.of)
    text = node.text or ""
    values = [typed(each, part.kind) for each in (text, part.unset) if each is not None]
    return None if len(values) == 2 and values[0] == values[1] else values[0]


def meanings(node, parts: list[Part]) -> dict:
    by_name = {part.name: part for part in parts}
    told = {plain_name(each): meaning(each, by_name[plain_name(each)]) for each in node}
    return {name: value for name, value in told.items() if value is not None}


def typed(text: str, kind: str) -> object:
    if kind in ("int", "short", "long"):
        return int(text)
    if kind in ("decimal", "double"):
        return Decimal(text)
    if kind == "boolean":
        return text == "true"
    if kind == "dateTime":
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    return text


def without_defaults(value: object, element: Element) -> object:
    """What we have read, less what stands for its absence."""
    if isinstance(value, list):
        return [without_defaults(each, element.of) for each in value] or None
    if isinstance(value, dict):
        kept = {name: without_defaults(each, element.of.by_name[name]) for name, each in value.items()}
        return {name: each for name, each in kept.items() if each is not None}
    if value is None or (element.unset is not None and value == typed(element.unset, element.kind)):
        return None
    return value


def test_every_file_is_tested(folder):
    services = {
        f"{name}Service.wsdl" for name in ("account", "auth", "client", "company", "invoice", "product")
    }
    assert {path.name for path in folder.iterdir()} - NOT_OURS == services | {"messages"}
    faults = set()
    for path, content in messages(folder):
        name = plain_name(content)
        if name == "Fault":
            faults.add(path.stem)
        else:
            assert name.removesuffix("Response") in OPERATIONS, path.name
    assert faults == set(FAULTS)


def test_calls_mean_what_the_examples_do(folder, wsdls):
    seen = set()
    for path, content in messages(folder):
        name = plain_name(content)
        if name not in OPERATIONS:
            continue
        parts = wsdls[OPERATIONS[name].service].parts(name)
        told = meanings(content, parts)
        (ours,) = etree.fromstring(write(name, told)).find(BODY)
        assert (plain_name(ours), meanings(ours, parts)) == (name, told), path.name
        seen.add(name)
    assert {"Login", "SaveCompanies", "SaveProducts", "SaveInvoices", "GetInvoices"} <= seen


def test_answers_are_read_as_the_examples_mean(folder, wsdls):
    seen = set()
    for path, content in messages(folder):
        name = plain_name(content).removesuffix("Response")
        if name not in OPERATIONS or name == plain_name(content):
            continue
        operation = OPERATIONS[name]
        told = meanings(content, wsdls[operation.service].parts(plain_name(content)))
        result = without_defaults(read(name, path.read_bytes()), operation.result)
        assert result == told.get(operation.result.name), path.name
        seen.add(name)
    assert {"Login", "GetIdentities", "GetCompanies", "GetInvoices", "SaveInvoices", "GetTaxCodeList"} <= seen


def test_faults_are_told_apart(folder):
    for path, content in messages(folder):
        if plain_name(content) == "Fault":
            body = path.read_bytes()
            kind, code, words, _wait = explain(500, {}, body)
            assert code == FAULTS[path.stem]
            assert kind == ("again" if code == "limit" else "settings")
            assert read_fault(body).words.endswith(words) and "--->" not in words


def test_an_invoice_is_paid_when_it_says_so(folder):
    """The example of an invoice, before and after: what it says, by hand."""
    invoices = folder / "messages" / "invoice"
    told = {path.stem[:2]: read("GetInvoices", path.read_bytes()) for path in invoices.glob("0[5-9]_*.xml")}
    states = {
        number: [(one["InvoiceId"], one["OrderStatus"], one["Paid"]) for one in orders]
        for number, orders in told.items()
    }
    assert states == {
        "05": [(None, "Web", None)],
        "06": [(20007, "Invoiced", None)],
        "07": [(20007, "Invoiced", None)],
        "08": [(20007, "Invoiced", datetime(2021, 2, 9, 23, tzinfo=UTC))],
        "09": [],
    }
