"""Speaks SOAP to the simulator of 24SevenOffice as a client does, without any of its code."""

import json
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from sevenoffice import APPLICATION, PASSWORD, USER
from simulated import ask

NAMESPACE = "http://24sevenOffice.com/webservices"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
PATHS = {
    "Authenticate": "/authenticate/v001/authenticate.asmx",
    "Company": "/CRM/Company/V001/CompanyService.asmx",
    "Product": "/Logistics/Product/V001/ProductService.asmx",
    "InvoiceOrder": "/Economy/InvoiceOrder/V001/InvoiceService.asmx",
    "Account": "/Economy/Account/V004/Accountservice.asmx",
    "Client": "/Client/V001/ClientService.asmx",
}
# What lists are lists of.
ITEMS = {
    "AccountingGroup", "Category", "Company", "Currency", "Department", "Identity", "InvoiceOrder",
    "InvoiceRow", "PaymentMethod", "Product", "SyncCompany", "TaxCodeElement", "VatType", "int",
}  # fmt: skip
ORDER = ("OrderId", "CustomerId", "OrderStatus", "InvoiceId", "Paid", "OrderTotalIncVat", "OrderTotalVat")


class Fault(Exception):
    """A SOAP fault; its text is the faultstring."""


def element(name, value):
    """A value as an element: None is nil, a dict has elements, a list has pairs of name and value."""
    if value is None:
        return f'<{name} xsi:nil="true" />'
    if isinstance(value, dict):
        value = list(value.items())
    if isinstance(value, list):
        return f"<{name}>{''.join(element(*pair) for pair in value)}</{name}>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(text)}</{name}>"


def read(found):
    """An element as a value: a list, a dict, a text, or None."""
    names = {child.tag.rpartition("}")[2] for child in found}
    if found.attrib.get(NIL) == "true":
        return None
    if not names:
        return found.text or ""
    if len(names) == 1 and names <= ITEMS and found.tag.endswith(("Result", "Rows", "Items")):
        return [read(child) for child in found]
    return {child.tag.rpartition("}")[2]: read(child) for child in found}


def many(name, values):
    return [(name, value) for value in values]


class Client:
    def __init__(self, base):
        self.base, self.session = base, ""

    def send(self, service, operation, inside="", timeout=10, **headers):
        """(status, bytes, headers) of what is sent as it is."""
        message = (
            '<?xml version="1.0" encoding="utf-8"?>'
            '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Body>'
            f'<{operation} xmlns="{NAMESPACE}">{inside}</{operation}></soap:Body></soap:Envelope>'
        )
        usual = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{NAMESPACE}/{operation}"',
            "Cookie": f"ASP.NET_SessionId={self.session}",
        }
        return ask(self.base + PATHS[service], message.encode(), {**usual, **headers}, timeout=timeout)

    def call(self, service, operation, **told):
        """What an operation results in; Fault when it is refused."""
        inside = "".join(element(name, value) for name, value in told.items())
        status, answer, headers = self.send(service, operation, inside)
        assert headers["Content-Type"] == "text/xml; charset=utf-8"
        (body,) = ElementTree.fromstring(answer).find(f"{SOAP}Body")
        if body.tag == f"{SOAP}Fault":
            assert status == 500
            raise Fault(body.findtext("faultstring"))
        assert (status, body.tag) == (200, f"{{{NAMESPACE}}}{operation}Response")
        return read(body[0])

    # -- Authenticate -------------------------------------------------------------------------------------

    def log_in(self, password=PASSWORD, user=USER, application=APPLICATION, identity=None):
        self.session = self.call(
            "Authenticate", "Login", credential=self.credential(password, user, application, identity)
        )
        return self

    @staticmethod
    def credential(password=PASSWORD, user=USER, application=APPLICATION, identity=None):
        chosen = {"IdentityId": identity} if identity else {}
        return {"ApplicationId": application, **chosen, "Password": password, "Username": user}

    def has_session(self):
        return self.call("Authenticate", "HasSession") == "true"

    # -- the others ---------------------------------------------------------------------------------------

    def customers(self, *properties, **search):
        properties = properties or ("Id", "Name")
        wanted = many("string", properties)
        return self.call("Company", "GetCompanies", searchParams=search, returnProperties=wanted) or []

    def save_customers(self, *customers):
        return self.call("Company", "SaveCompanies", companies=many("Company", customers))

    def products(self, *properties, **search):
        properties = properties or ("Id", "Name")
        wanted = many("string", properties)
        return self.call("Product", "GetProducts", searchParams=search, returnProperties=wanted) or []

    def save_products(self, *products):
        return self.call("Product", "SaveProducts", products=many("Product", products))

    def save_orders(self, *orders):
        return self.call("InvoiceOrder", "SaveInvoices", invoices=many("InvoiceOrder", orders))

    def orders(self, numbers, properties=ORDER, rows=()):
        told = {
            "searchParams": {"OrderIds": many("int", numbers)},
            "invoiceReturnProperties": many("string", properties),
            "rowReturnProperties": many("string", rows),
        }
        return self.call("InvoiceOrder", "GetInvoices", **told) or []

    # -- what controls the simulator ----------------------------------------------------------------------

    def control(self, control, /, **told):
        return ask(f"{self.base}/control/{control}", json.dumps(told).encode())[:2]

    def state(self):
        return ask(f"{self.base}/state")[1]


# What is told of orders and rows here, in the description's order.
_ORDER = (
    "OrderId", "CustomerId", "CustomerName", "Addresses", "OrderStatus", "InvoiceId", "DateOrdered",
    "DateInvoiced", "PaymentTime",
    "IncludeVAT", "YourReference", "OrderTotalIncVat", "OrderTotalVat", "InvoiceTitle", "Paid", "Currency",
    "PaymentAmount", "TypeOfSaleId", "DepartmentId", "InvoiceRows", "ReferenceInvoiceId", "ReferenceOrderId",
    "ReferenceNumber", "RoundFactor",
)  # fmt: skip
_ROW = (
    "ProductId", "RowId", "VatRate", "Price", "Name", "DiscountRate", "Quantity", "ChangeState",
    "TypeGroupId", "SequenceNumber", "Type", "ProductNo", "TaxSettings",
)  # fmt: skip


def order(customer, *rows, **told):
    """An order; prices are without VAT unless told."""
    told = {"CustomerId": customer, "OrderStatus": "Web", "IncludeVAT": False, **told}
    told["InvoiceRows"] = many("InvoiceRow", rows)
    return dict(sorted(told.items(), key=lambda pair: _ORDER.index(pair[0])))


def row(product=None, price=None, quantity=1, code=3, **told):
    """A row that is sold, its tax code by default that of 25 % on sales; without a product a text."""
    if product is None:
        told = {"Type": "Text", **told}
    else:
        told = {"ProductId": product, "Price": price, "Quantity": quantity, "Type": "Normal", **told}
        if code is not None:
            told = {"TaxSettings": {"TaxCode": code}, **told}
    return dict(sorted(told.items(), key=lambda pair: _ROW.index(pair[0])))
