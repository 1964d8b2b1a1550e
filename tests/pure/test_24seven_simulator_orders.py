"""What the 24SevenOffice simulator keeps, over real HTTP: customers, products, orders, their VAT."""

import pytest
from sevenoffice import SevenOffice
from sevenoffice_client import Client, Fault, many, order, row
from simulated import ask

ORDER = ("OrderId", "OrderStatus", "InvoiceId", "Paid", "OrderTotalIncVat", "OrderTotalVat")
ROW = ("RowId", "Name", "Price", "Quantity", "VatRate", "Type")
NOON = 1795348800.0  # 2026-11-22T12:00:00Z


@pytest.fixture
def seven():
    with SevenOffice(clock=lambda: NOON) as service:
        yield service


@pytest.fixture
def client(seven):
    return Client(seven.url).log_in()


@pytest.fixture
def customer(seven):
    added = seven.add_customer("Bygg & Gräv AB", organization_number="5560000001", email="kund@example.com")
    return added["Id"]


@pytest.fixture
def product(seven):
    return seven.add_product("Uthyrning")["Id"]


def message(saved):
    """Why the only item was not saved."""
    (item,) = saved
    assert "OrderId" not in item or item["OrderId"] != "5502"
    return item["APIException"]["Message"]


def totals(client, number=5501):
    """(total with VAT, VAT)."""
    (found,) = client.orders([number], ("OrderTotalIncVat", "OrderTotalVat"))
    return found["OrderTotalIncVat"], found["OrderTotalVat"]


# -- customers --------------------------------------------------------------------------------------------


def test_a_business(seven, client):
    (saved,) = client.save_customers({
        "ExternalId": "ODOO-77", "OrganizationNumber": "5560000001", "Name": "Bygg & Gräv AB",
        "Addresses": {"Post": {"Street": "Storgatan 1", "PostalCode": "111 22", "Country": "SE"}},
        "PhoneNumbers": {"Mobile": {"Value": "+46 70 000 00 00"}},
        "EmailAddresses": {
            "Invoice": {"Value": "faktura@example.com"}, "Work": {"Value": "kund@example.com"},
        },
        "Country": "SE", "Type": "Business",
    })  # fmt: skip
    assert saved["Id"] == "1042" and "APIException" not in saved
    for search in (
        {"ExternalId": "ODOO-77"}, {"CompanyId": 1042}, {"CompanyIds": many("int", [1, 1042])},
        {"CompanyName": "bygg & gräv ab"}, {"CompanyName": "bygg%"}, {"CompanyEmail": "KUND@example.com"},
        {"CompanyEmail": "faktura@example.com"}, {"CompanyPhone": "+46 70 000 00 00"},
        {"OrganizationNumber": "5560000001"}, {"ChangedAfter": "2026-11-22T12:59:59"},
    ):  # fmt: skip
        assert client.customers(**search) == [{"Id": "1042", "Name": "Bygg & Gräv AB"}]
    for search in (
        {"ExternalId": "ODOO-7"}, {"CompanyEmail": "example.com"}, {"OrganizationNumber": "556000-0001"},
        {"ChangedAfter": "2026-11-22T13:00:00"}, {"CompanyName": "ygg%"},
    ):  # fmt: skip
        assert client.customers(**search) == []
    assert client.customers("Addresses", "Type", CompanyId=1042) == [{
        "Addresses": {"Post": {"Street": "Storgatan 1", "PostalCode": "111 22", "Country": "SE"}},
        "Type": "Business",
    }]  # fmt: skip


def test_properties_that_are_not_asked_for_are_not_told(client, customer):
    told = client.call("Company", "GetCompanies", searchParams={"CompanyId": customer})
    assert told == [""]


def test_a_change_leaves_the_rest(client, customer):
    client.save_customers({"Id": customer, "PhoneNumbers": {"Work": {"Value": "08"}}, "Type": "Business"})
    client.save_customers({"Id": customer, "EmailAddresses": {"Work": {"Value": "ny@example.com"}}})
    (found,) = client.customers("Name", "EmailAddresses", "PhoneNumbers", CompanyId=customer)
    assert found == {
        "Name": "Bygg & Gräv AB",
        "PhoneNumbers": {"Work": {"Value": "08"}},
        "EmailAddresses": {"Invoice": {"Value": "kund@example.com"}, "Work": {"Value": "ny@example.com"}},
    }


def test_what_is_not_in_use_is_lost(client):
    client.save_customers({
        "Name": "A", "PhoneNumbers": {"Home": {"Value": "1"}, "Primary": {"Value": "2"}},
        "EmailAddresses": {"Primary": {"Value": "a@example.com"}}, "Type": "Business",
    })  # fmt: skip
    assert client.customers(CompanyEmail="a@example.com") == []
    assert client.customers("PhoneNumbers", CompanyId=1042) == [{"PhoneNumbers": ""}]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"Name": "A"}, "Type is missing"),
        ({"Type": "Business"}, "Name is missing"),
        ({"Name": "A", "FirstName": "B", "Type": "Business"}, "FirstName is for a Consumer only"),
        ({"Name": "A" * 201, "Type": "Business"}, "Name is longer than 200 characters"),
        (
            {"Name": "A", "Addresses": {"Post": {"PostalCode": "1" * 17}}, "Type": "Business"},
            "Addresses/Post/PostalCode is longer than 16 characters",
        ),
        ({"Name": "A", "Country": "S", "Type": "Business"}, "Country is a code of two letters"),
        ({"Name": "A", "Type": "Business", "PaymentTime": -6}, "PaymentTime is not valid"),
        ({"Name": "A", "Type": "Business", "TypeGroup": 11}, "TypeGroup 11 does not exist"),
        ({"Id": 7, "Name": "A", "Type": "Business"}, "Company 7 does not exist"),
    ],
)
def test_a_customer_that_is_refused(client, told, why):
    saved = client.save_customers(told, {"Name": "Ek", "FirstName": "Eva", "Type": "Consumer"})
    assert saved[0]["APIException"]["Message"] == why
    assert saved[1]["Id"] == "1042"  # the others of the call are saved
    assert len(client.customers(CompanyName="%")) == 1


def test_duplicates_and_several_parameters(seven, client, customer):
    again = seven.add_customer("Bygg & Gräv AB", email="kund@example.com")["Id"]
    assert [c["Id"] for c in client.customers(CompanyEmail="kund@example.com")] == [str(customer), str(again)]
    both = {"CompanyEmail": "kund@example.com", "OrganizationNumber": "5560000001"}
    assert len(client.customers(**both)) == 1
    seven.set(search_any=True)
    assert len(client.customers(**both)) == 2


def test_pages_of_customers(seven, client):
    seven.set(page_size=2)
    for name, active in (("Ek", True), ("Alm", False), ("Lind", True)):
        seven.add_customer(name, external_id=f"ODOO-{name}", active=active)

    def page(number=1, active=None, **since):
        told = {"Page": number, "Active": active, **since}
        return client.call("Company", "GetCompanySyncList", syncSearchParameters=told)

    first = page()
    (ek, alm), told = first.pop("Items"), {"DateChanged": "2026-11-22T12:00:00Z", "Active": "true"}
    assert first == {"CurrentPage": "1", "TotalPages": "2", "TotalItems": "3", "ItemsPerPage": "2"}
    told["DateRegistered"] = told["DateChanged"]
    assert ek == {"CompanyId": "1042", "ExternalId": "ODOO-Ek", **told}
    assert alm == {"CompanyId": "1043", "ExternalId": "ODOO-Alm", **told, "Active": "false"}
    assert numbers(client.call("Company", "GetCompanySyncList")) == ["1042", "1043"]
    assert numbers(page(2)) == ["1044"]
    assert numbers(page(3)) == []
    assert numbers(page(active=True)) == ["1042", "1044"]
    assert numbers(page(active=False)) == ["1043"]
    with pytest.raises(Fault, match="counted from 1"):
        page(0)
    seven.set(page_size=0)
    assert numbers(page()) == ["1042", "1043", "1044"]
    seven.set_clock("2026-11-23T10:00:00Z")
    client.log_in()
    client.save_customers({"Id": 1044, "Name": "Linden"})
    assert numbers(page(ChangedAfter="2026-11-23T00:00:00Z")) == ["1044"]
    assert numbers(page(RegisteredAfter="2026-11-23T00:00:00Z")) == []


def numbers(page):
    """The customers on a page."""
    return [customer["CompanyId"] for customer in page["Items"]]


# -- products ---------------------------------------------------------------------------------------------


def test_products_and_categories(seven, client):
    (category,) = client.call(
        "Product", "SaveCategories", categories=many("Category", [{"Name": "Uthyrning"}])
    )
    listed = client.call("Product", "GetCategories", returnProperties=many("string", ("Id", "Name")))
    assert listed == [{"Id": "1", "Name": "Diverse"}, category] and category["Id"] == "12"
    assert client.save_products({"Name": "Uthyrning", "CategoryId": 12})[0]["Id"] == "311"
    client.save_products({"Name": "Uthyrning tillbehör", "CategoryId": 12})
    assert len(client.products(Name="uthyrning")) == 2  # a part of the name is enough
    seven.set(name_search="exact")
    assert client.products("Id", "No", "StatusId", "CategoryId", Name="Uthyrning") == [
        {"Id": "311", "StatusId": "1", "CategoryId": "12", "No": "311"}
    ]
    assert len(client.products(Name="uthyrning%")) == 2 and client.products(Name="uthyr") == []
    client.save_products({"Id": 311, "Name": "Hyra"})
    assert client.products("Name", "CategoryId", No="311") == [{"Name": "Hyra", "CategoryId": "12"}]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"CategoryId": 1}, "Name is missing"),
        ({"Name": "A"}, "Category  does not exist"),
        ({"Name": "A", "CategoryId": 99}, "Category 99 does not exist"),
        ({"Name": "A" * 126, "CategoryId": 1}, "Name is longer than 125 characters"),
        ({"Id": 5, "Name": "A", "CategoryId": 1}, "Product 5 does not exist"),
    ],
)
def test_a_product_that_is_refused(client, told, why):
    assert message(client.save_products(told)) == why
    assert client.products(Name="%") == []


# -- totals and VAT ---------------------------------------------------------------------------------------


def test_an_order(client, customer, product):
    """1 250 × 3 less 10 % is 3 375, and 25 % of it 843,75. What is as usual is not told."""
    rows = (row(Name="Traktor (10–12 januari)"), row(product, 1250, 3, DiscountRate=10, Name="Traktor"))
    (saved,) = client.save_orders(order(customer, *rows, ReferenceNumber="INV/1", InvoiceTitle="Eva"))
    assert saved["OrderId"] == "5501" and "OrderStatus" not in saved and "OrderTotalVat" not in saved
    properties = (*ORDER, "InvoiceRows", "InvoiceTitle", "DateOrdered", "CustomerName", "InvoiceEmailAddress")
    assert client.orders([5501], properties, ROW) == [{
        "OrderId": "5501", "CustomerName": "Bygg & Gräv AB", "DateOrdered": "2026-11-21T23:00:00Z",
        "IncludeVAT": None, "OrderTotalIncVat": "4218.75", "OrderTotalVat": "843.75", "InvoiceTitle": "Eva",
        "InvoiceEmailAddress": "kund@example.com",
        "InvoiceRows": [
            {"RowId": "1", "Name": "Traktor (10–12 januari)", "Type": "Text"},
            {"RowId": "2", "VatRate": "25", "Price": "1250", "Name": "Traktor", "Quantity": "3"},
        ],
    }]  # fmt: skip
    assert client.orders([5501], ("IncludeVAT",)) == [{"IncludeVAT": "false"}]
    assert client.orders([5501], ()) == [{"IncludeVAT": None}]


def test_mixed_rates(client, customer, product):
    """225 at 25 %, 50 at 12 %, 99,99 at 6 %, 10 at 0 %: VAT 56,25 + 6 + 5,9994."""
    rows = (
        row(product, "100", "2.5", 3, DiscountRate=10), row(product, "50", 1, 4), row(product, "33.33", 3, 5),
        row(product, 10, 1, 0),
    )  # fmt: skip
    client.save_orders(order(customer, *rows))
    assert totals(client) == ("453.24", "68.25")


def test_prices_with_vat(client, customer, product):
    client.save_orders(order(customer, row(product, 125), row(product, 112, code=4), IncludeVAT=True))
    assert totals(client) == ("237.00", "37.00")


def test_rounding(seven, client, customer, product):
    """Three rows of ten öre: VAT of 7,5 öre in all, or of 2,5 in each."""
    rows = [row(product, "0.10") for _ in range(3)]
    client.save_orders(order(customer, *rows))
    seven.set(rounding="row")
    client.save_orders(order(customer, *rows))
    assert (totals(client), totals(client, 5502)) == (("0.38", "0.08"), ("0.39", "0.09"))


def test_tax_codes_are_told_by_id_or_number(seven, client, customer, product):
    """3 is the id of 25 % on sales, and the number of 6 %."""
    codes = client.call("Account", "GetTaxCodeList")
    assert next(c["TaxName"] for c in codes if c["TaxRate"] == "25").startswith("Ingående")
    (sales,) = [c for c in codes if c["AccountNo"] == "2611"]
    assert (sales["TaxId"], sales["TaxNo"], sales["TaxRate"]) == ("3", "1", "25")
    client.save_orders(order(customer, row(product, 100)))
    seven.set(tax_code="TaxNo")
    client.save_orders(order(customer, row(product, 100)))
    client.save_orders(order(customer, row(product, 100, code=1)))
    assert [totals(client, number)[1] for number in (5501, 5502, 5503)] == ["25.00", "6.00", "25.00"]


def test_sale_types(seven, client, customer, product):
    """Without tax settings the nearest sale type says: the row's, the order's, the product's."""
    food = seven.add_product("Kaffe", sale_type=2)["Id"]
    rows = (row(product, 100, code=None), row(food, 100, code=None), row(food, 100, code=None, TypeGroupId=3))
    client.save_orders(order(customer, *rows), order(customer, *rows, TypeOfSaleId=4))
    assert totals(client) == ("343.00", "43.00")
    assert totals(client, 5502) == ("306.00", "6.00")


def test_a_credit_note(seven, client, customer, product):
    client.save_orders(order(customer, row(product, 1250, 3)))
    part = order(customer, row(product, 1250, -1), ReferenceOrderId=5501)
    assert message(client.save_orders(part)) == "ReferenceOrderId 5501 is no invoice of the customer"
    credit = order(customer, row(product, 1250, -1), ReferenceInvoiceId=20007, ReferenceOrderId=5501)
    assert message(client.save_orders(credit)) == "ReferenceInvoiceId 20007 is no invoice of the customer"
    seven.publish(5501)
    client.save_orders(credit)
    assert totals(client, 5502) == ("-1562.50", "-312.50")


def test_what_an_order_has_from_its_customer(client, product):
    address = {"Street": "Storgatan 1", "Country": "SE"}
    client.save_customers({
        "Name": "Ek", "FirstName": "Astrid", "Addresses": {"Post": address}, "Type": "Consumer",
        "TypeGroup": 2, "PaymentTime": 10,
    })  # fmt: skip
    client.save_orders(order(1042, row(product, 100, code=None)))
    assert client.orders([5501], ("CustomerName", "Addresses", "PaymentTime", "OrderTotalVat")) == [{
        "CustomerName": "Astrid Ek", "Addresses": {"Post": address}, "PaymentTime": "10",
        "IncludeVAT": None, "OrderTotalVat": "12.00",
    }]  # fmt: skip


def test_to_be_paid_at_once(seven, client):
    client.save_customers({"Name": "Ek AB", "Type": "Business", "PaymentTime": 0})
    client.save_orders(order(1042))
    seven.publish(5501)
    assert client.orders([5501], ("PaymentTime",)) == [{"PaymentTime": "0", "IncludeVAT": None}]
    assert "förfaller 2026-11-22" in ask(client.base + "/")[1].decode()


def test_the_order_of_rows(client, customer):
    """By their sequence numbers if all have one, else as they came."""
    rows = (row(Name="B", SequenceNumber=2), row(Name="A", SequenceNumber=1))
    client.save_orders(order(customer, *rows), order(customer, *rows, row(Name="C")))
    found = client.orders([5501, 5502], ("InvoiceRows",), ("Name",))
    assert [[each["Name"] for each in told["InvoiceRows"]] for told in found] == [["A", "B"], ["B", "A", "C"]]


def test_the_invoice_address_may_have_a_long_postal_code(client, customer, product):
    def addressed(length):
        return order(customer, row(product, 1), Addresses={"Invoice": {"PostalCode": "1" * length}})

    assert "APIException" not in client.save_orders(addressed(50))[0]
    why = "Addresses/Invoice/PostalCode is longer than 50 characters"
    assert client.save_orders(addressed(51))[0]["APIException"]["Message"] == why


# -- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "told", "why"),
    [
        ([], {"CustomerId": 9}, "Customer 9 does not exist"),
        ([], {"OrderId": 9}, "Order 9 does not exist"),
        ([], {"YourReference": "A" * 51}, "YourReference is longer than 50 characters"),
        ([], {"InvoiceTitle": "A" * 301}, "InvoiceTitle is longer than 300 characters"),
        ([], {"DepartmentId": 9}, "DepartmentId 9 does not exist"),
        ([], {"Currency": {"Symbol": "XXX"}}, "Currency XXX does not exist"),
        ([], {"RoundFactor": "0.2"}, "RoundFactor is 0.1, 0.5 or 1.0"),
        ([], {"PaymentAmount": 1}, "PaymentAmount is not played by the simulator"),
        ([row(Name="A" * 301)], {}, "Row 1/Name is longer than 300 characters"),
        ([row(Name="A"), {"Price": 1}], {}, "Row 2: ProductId is missing"),
        ([row(9, 1)], {}, "Row 1: ProductId 9 does not exist"),
        ([row(311, 1, code=77)], {}, "Row 1: TaxCode 77 does not exist"),
        ([row(311, 1, code=1)], {}, "Row 1: TaxCode 1 (Ingående moms 25 %) is not for sales"),
        (
            [row(311, 1, code=8)],
            {},
            "Row 1: TaxCode 8 (Inköp med omvänd betalningsskyldighet 25 %) is not for sales",
        ),
        ([row(311, 1, DiscountRate=101)], {}, "Row 1: DiscountRate is not from 0 to 100"),
    ],
)
def test_an_order_that_is_refused(client, customer, product, rows, told, why):
    assert product == 311
    told = order(
        told.get("CustomerId", customer), *rows, **{k: v for k, v in told.items() if k != "CustomerId"}
    )
    saved = client.save_orders(told, order(customer, row(product, 1)))
    assert saved[0]["APIException"]["Message"] == why
    assert saved[1]["OrderId"] == "5501"  # the other of the call is saved, and no number was used up


def test_what_the_service_sets_is_ignored(client, customer, product):
    told = row(product, 100, VatRate=6, ProductNo="X")
    client.save_orders(order(
        customer, told, InvoiceId=5, OrderTotalIncVat=1, OrderTotalVat=1, Paid="2026-01-01T00:00:00",
        DateInvoiced="2026-01-01T00:00:00", DateOrdered="0001-01-01T00:00:00",
    ))  # fmt: skip
    properties = (*ORDER, "DateInvoiced", "DateOrdered", "InvoiceRows")
    assert client.orders([5501], properties, ("VatRate", "ProductNo")) == [{
        "OrderId": "5501", "DateOrdered": "2026-11-21T23:00:00Z", "IncludeVAT": None,
        "OrderTotalIncVat": "125.00", "OrderTotalVat": "25.00",
        "InvoiceRows": [{"VatRate": "25", "ProductNo": "311"}],
    }]  # fmt: skip


# -- changes ----------------------------------------------------------------------------------------------


def test_an_order_is_changed_by_its_rows(client, customer, product):
    client.save_orders(order(customer, row(product, 100), row(Name="Text"), ReferenceNumber="INV/1"))
    changes = (
        row(product, 200, RowId=1, ChangeState="Edit"),
        {"RowId": 2, "ChangeState": "Delete"},
        row(product, 10, ChangeState="Add"),
    )
    (saved,) = client.save_orders(order(customer, *changes, OrderId=5501))
    assert saved["ReferenceNumber"] == "INV/1"
    (found,) = client.orders([5501], ("OrderTotalIncVat", "InvoiceRows"), ("RowId", "Price"))
    assert found["InvoiceRows"] == [{"RowId": "1", "Price": "200"}, {"RowId": "3", "Price": "10"}]
    assert found["OrderTotalIncVat"] == "262.50"
    again = order(customer, row(product, 1), OrderId=5501)
    assert message(client.save_orders(again)) == "Row 1 has no ChangeState"
    unknown = order(customer, row(product, 1, RowId=7, ChangeState="Edit"), OrderId=5501)
    assert message(client.save_orders(unknown)) == "Row 7 does not exist"
    assert totals(client) == ("262.50", "52.50")


def test_an_invoice_is_not_changed(seven, client, customer, product):
    client.save_orders(order(customer, row(product, 100)))
    seven.publish(5501)
    change = order(customer, OrderId=5501)
    assert message(client.save_orders(change)) == "Order 5501 is invoiced and cannot be changed"
    told = {"OrderId": 5501, "IncludeVAT": None, "YourReference": "Nej", "InvoiceTitle": "Ny"}
    client.call("InvoiceOrder", "UpdateInvoices", invoices=many("InvoiceOrder", [told]))
    (found,) = client.orders([5501], ("InvoiceTitle", "YourReference"))
    assert found == {"IncludeVAT": None, "InvoiceTitle": "Ny"}


# -- what becomes of an order -----------------------------------------------------------------------------


def test_published_and_paid(seven, client, customer, product):
    client.save_orders(order(customer, row(product, 100), ReferenceNumber="INV/1"))
    status, published = client.control("publish", order="INV/1")
    assert (status, published["InvoiceId"], published["OrderId"]) == (200, 20007, 5501)
    assert client.orders([5501], (*ORDER, "DateInvoiced", "OCR")) == [{
        "OrderId": "5501", "OrderStatus": "Invoiced", "InvoiceId": "20007",
        "DateInvoiced": "2026-11-21T23:00:00Z", "IncludeVAT": None, "OrderTotalIncVat": "125.00",
        "OrderTotalVat": "25.00", "OCR": "2000776",
    }]  # fmt: skip
    seven.set(unpaid="minimum")
    assert client.orders([5501], ("Paid",)) == [{"IncludeVAT": None, "Paid": "0001-01-01T00:00:00"}]
    assert client.control("pay", order=5501, day="2026-06-30")[0] == 200
    assert client.orders([5501], ("Paid",)) == [{"IncludeVAT": None, "Paid": "2026-06-29T22:00:00Z"}]
    assert client.control("publish", order=5501)[0] == 400
    assert client.control("delete", order=5501)[0] == 400


def test_deleted(seven, client, customer):
    client.save_orders(order(customer), order(customer))
    assert client.control("pay", order=5501)[0] == 400
    assert client.control("delete", order=5501)[0] == 200
    assert [each["OrderId"] for each in client.orders([5501, 5502])] == ["5502"]
    assert client.state()["companies"][0]["deleted"] == [5501]
    assert message(client.save_orders(order(customer, OrderId=5501))) == "Order 5501 does not exist"


def test_published_by_the_caller(client, customer, product):
    """An order that is saved as invoiced is an invoice at once."""
    client.save_orders(order(customer, row(product, 1), OrderStatus="Invoiced"))
    assert client.orders([5501], ("InvoiceId",)) == [{"InvoiceId": "20007", "IncludeVAT": None}]


def test_sync_list(seven, client, customer):
    client.save_orders(order(customer), order(customer))

    def changed_after(moment):
        told = {"ChangedAfter": moment, "RegisteredAfter": "2026-01-01T00:00:00Z"}
        return client.call("InvoiceOrder", "GetOrderSyncList", syncParams=told)

    seven.set_clock("2026-11-23T10:00:00Z")
    seven.publish(5502)
    client.log_in()
    assert changed_after("2026-11-22T00:00:00Z") == ["5501", "5502"]
    assert changed_after("2026-11-23T00:00:00Z") == ["5502"]


def test_only_by_a_session(seven, customer):
    with pytest.raises(Fault, match="not authenticated"):
        Client(seven.url).orders([5501])
