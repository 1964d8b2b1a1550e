"""Invoices as orders of 24SevenOffice: rows, customers and status, worked out by hand."""

from datetime import date, datetime, timezone
from decimal import Decimal

import pytest
from brp_24seven.orders import (
    Customer,
    Line,
    Several,
    choose,
    company_of,
    digits_of,
    heading_of,
    rows_of,
    split_text,
    status_of,
)

FROM, UNTIL = date(2026, 11, 23), date(2026, 11, 25)
TAX = {"TaxCode": 3, "TaxRate": Decimal(25)}

# -- rows -----------------------------------------------------------------------------------------------


def test_what_is_rented_has_a_heading_and_a_price():
    line = Line("Traktor 90 hk", product="Traktor", start=FROM, stop=UNTIL, price=Decimal(1000),
        quantity=Decimal(3), discount=Decimal(10), tax=TAX, department=2)  # fmt: skip
    assert rows_of([line], 311) == [
        {"Type": "Text", "Name": "Traktor (2026-11-23 - 2026-11-25)", "SequenceNumber": 1},
        {
            "Type": "Normal",
            "ProductId": 311,
            "Name": "Traktor 90 hk",
            "Price": Decimal(1000),
            "Quantity": Decimal(3),
            "DiscountRate": Decimal(10),
            "TaxSettings": TAX,
            "DepartmentId": 2,
            "SequenceNumber": 2,
        },
    ]


def test_notes_and_what_costs_nothing_are_rows():
    rows = rows_of([Line("Vecka 48", is_text=True), Line("Hjälm"), Line("", is_text=True)], 7)
    assert [(row["Type"], row["Name"], row["SequenceNumber"]) for row in rows] == [
        ("Text", "Vecka 48", 1),
        ("Normal", "Hjälm", 2),
    ]
    assert (rows[1]["Price"], rows[1]["Quantity"], rows[1]["DiscountRate"]) == (0, 1, 0)
    assert "TaxSettings" not in rows[1]


def test_a_line_without_a_text_is_called_as_its_product():
    assert [row["Name"] for row in rows_of([Line("", product="Traktor")], 7)] == ["Traktor"]


def test_the_heading_of_what_has_no_product_is_its_first_line():
    rows = rows_of([Line("Släp\nmed kapell", start=FROM, stop=UNTIL)], 7)
    assert [row["Name"] for row in rows] == ["Släp (2026-11-23 - 2026-11-25)", "Släp", "med kapell"]


@pytest.mark.parametrize(("start", "stop"), [(FROM, None), (None, FROM)])
def test_what_is_rented_from_or_until_a_day_has_a_heading(start, stop):
    rows = rows_of([Line("Släp", start=start, stop=stop)], 7)
    assert [row["Name"] for row in rows] == ["Släp (2026-11-23 - 2026-11-23)", "Släp"]


@pytest.mark.parametrize(
    ("start", "stop", "days"),
    [
        (FROM, UNTIL, "2026-11-23 - 2026-11-25"),
        (FROM, FROM, "2026-11-23 - 2026-11-23"),
        (FROM, None, "2026-11-23 - 2026-11-23"),
        (None, UNTIL, "2026-11-25 - 2026-11-25"),
    ],
)
def test_the_days_of_a_heading(start, stop, days):
    assert heading_of("Traktor", start, stop) == f"Traktor ({days})"


def test_a_heading_has_room_for_its_days():
    # " (" and ")" and 23 characters of days leave 274
    heading = heading_of("T" * 400, FROM, UNTIL)
    assert heading == "T" * 274 + " (2026-11-23 - 2026-11-25)"
    assert len(heading) == 300


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("  \n\n", []),
        ("En rad", ["En rad"]),
        ("En rad\r\ntvå  \n\ntre", ["En rad", "två", "tre"]),
        ("en två tre", ["en två", "tre"]),
        ("1234567 12", ["1234567", "12"]),
        ("12345678 1", ["12345678", "1"]),
        ("123456789", ["12345678", "9"]),
        ("12345678901234567", ["12345678", "90123456", "7"]),
        ("12345678", ["12345678"]),
    ],
)
def test_long_texts_go_on(text, parts):
    assert split_text(text, 8) == parts


def test_a_text_of_300_characters_is_one_row():
    assert [len(part) for part in split_text("x" * 300)] == [300]
    assert [len(part) for part in split_text("x" * 301)] == [300, 1]
    # The service counts an emoji as two.
    assert split_text("\N{TRACTOR}" * 7, 5) == ["\N{TRACTOR}" * 2] * 3 + ["\N{TRACTOR}"]
    assert split_text("Trak\x07tor\x02") == ["Traktor"]


# -- customers ------------------------------------------------------------------------------------------

FIRM = Customer("odoo-1", "Ek AB", organisation=True, number="556000-1234", email="Faktura@ek.example")
PERSON = Customer("odoo-2", "Anna Maria Lund", email="anna@lund.example")


def there(number, name="Ek", org=None, email=None, kind="Business", key=None, first=None, place="Invoice"):
    return {
        "Id": number,
        "ExternalId": key,
        "OrganizationNumber": org,
        "Name": name,
        "FirstName": first,
        "Type": kind,
        "Addresses": None,
        "PhoneNumbers": None,
        "EmailAddresses": {place: {"Value": email}} if email else None,
    }


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("556000-1234", "5560001234"),
        ("5560001234", "5560001234"),
        ("16556000-1234", "5560001234"),
        ("19800101-0001", "8001010001"),
        ("SE 556000 1234", "5560001234"),
        ("912345678", "912345678"),
        ("", ""),
        (None, ""),
    ],
)
def test_numbers_are_compared_by_their_digits(number, digits):
    assert digits_of(number) == digits


@pytest.mark.parametrize(
    ("customer", "found", "number"),
    [
        (FIRM, [], None),
        (FIRM, [there(1, org="5560001234")], 1),
        (FIRM, [there(1, org="556000-1234"), there(2, org="559999-0001", email=FIRM.email)], 1),
        # The same one by number and by e-mail
        (FIRM, [there(1, org="556000-1234"), there(1, org="556000-1234")], 1),
        # Two have the number, and one of them the e-mail
        (FIRM, [there(1, org="5560001234"), there(2, org="5560001234", email="faktura@EK.example")], 2),
        # Another organisation's, a person's, and one that nobody has told the number of
        (FIRM, [there(2, org="559999-0001", email=FIRM.email)], None),
        (FIRM, [there(3, email=FIRM.email, kind="Consumer", first="Eva")], None),
        (FIRM, [there(4, email=FIRM.email, place="Work")], 4),
        (FIRM, [there(4, email=FIRM.email, kind="None")], 4),
        # The search found somebody who has part of the address
        (FIRM, [there(5, email="xfaktura@ek.example")], None),
        (PERSON, [there(6, email=PERSON.email, kind="Consumer")], 6),
        (PERSON, [there(6, email=PERSON.email, kind="Consumer", org="800101-0001")], 6),
        (PERSON, [there(6, email=PERSON.email, kind="Consumer"), there(7, email=PERSON.email)], 6),
        (PERSON, [there(8, email=PERSON.email, kind="None")], 8),
        # Whom we have made, whatever else fits
        (PERSON, [there(6, email=PERSON.email, kind="Consumer"), there(9, key="odoo-2")], 9),
        (Customer("odoo-3", "Ingen"), [there(1), there(2, key="odoo-30")], None),
    ],
)
def test_who_it_is(customer, found, number):
    assert choose(customer, found) == number
    assert choose(customer, found[::-1]) == number


@pytest.mark.parametrize(
    ("customer", "found", "told"),
    [
        (FIRM, [there(2, "B", "5560001234"), there(1, "A", "556000-1234")], [(1, "A"), (2, "B")]),
        (
            FIRM,
            [there(1, "A", "5560001234", FIRM.email), there(2, "B", "5560001234", FIRM.email)],
            [(1, "A"), (2, "B")],
        ),
        (FIRM, [there(1, "A", email=FIRM.email), there(2, "B", email=FIRM.email)], [(1, "A"), (2, "B")]),
        (
            PERSON,
            [there(n, "Lund", email=PERSON.email, kind="Consumer", first="Anna") for n in (1, 2)],
            [(1, "Anna Lund"), (2, "Anna Lund")],
        ),
        # It may be her own firm, and may be where she works
        (PERSON, [there(1, "Lunds Bygg", email=PERSON.email)], [(1, "Lunds Bygg")]),
        (PERSON, [there(1, "Lunds Bygg", "5560001234", PERSON.email)], [(1, "Lunds Bygg")]),
        (
            Customer("odoo-4", "Ek AB", organisation=True, email="faktura@ek.example"),
            [there(1, "Ek AB", "5560001234", "faktura@ek.example")],
            [(1, "Ek AB")],
        ),
    ],
)
def test_a_person_has_to_say_which(customer, found, told):
    with pytest.raises(Several) as several:
        choose(customer, found)
    assert several.value.found == told


def test_an_organisation_as_it_is_saved():
    firm = Customer("odoo-1", "Ek AB", True, "556000-1234", "faktura@ek.example", "08-1", "070-1",
        "Storgatan 1", "111 22", "Sundby", "NO")  # fmt: skip
    address = {
        "Street": "Storgatan 1", "PostalCode": "111 22", "PostalArea": "Sundby", "City": "Sundby",
        "Country": "NO",
    }  # fmt: skip
    assert company_of(firm) == {
        "ExternalId": "odoo-1",
        "OrganizationNumber": "556000-1234",
        "Name": "Ek AB",
        "Addresses": {"Post": address, "Invoice": address},
        "PhoneNumbers": {"Mobile": {"Value": "070-1"}, "Work": {"Value": "08-1"}},
        "EmailAddresses": {
            "Invoice": {"Value": "faktura@ek.example"}, "Work": {"Value": "faktura@ek.example"},
        },
        "Country": "NO",
        "Type": "Business",
    }  # fmt: skip
    # Whose key somebody else may have set is left as it is.
    known = company_of(firm, 1042)
    assert (known["Id"], "ExternalId" in known) == (1042, False)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("Anna Maria Lund", "Anna Maria", "Lund"), ("Lund", None, "Lund"), (" Bo Ek ", "Bo", "Ek")],
)
def test_a_person_as_saved(name, first, last):
    company = company_of(Customer("odoo-2", name))
    assert (company.get("FirstName"), company["Name"], company["Type"]) == (first, last, "Consumer")
    assert not {"OrganizationNumber", "PhoneNumbers", "EmailAddresses"} & company.keys()


# -- status ---------------------------------------------------------------------------------------------


def order(invoice=None, paid=None, ocr=None):
    return {"OrderId": 5501, "InvoiceId": invoice, "Paid": paid, "OCR": ocr}


def test_what_has_become_of_an_order():
    assert status_of(None).state == "deleted"
    assert status_of(order()).state == "order"
    invoiced = status_of(order(20007, ocr="2000772"))
    assert (invoiced.state, invoiced.invoice, invoiced.paid, invoiced.ocr) == (
        "invoiced", "20007", None, "2000772",
    )  # fmt: skip
    # Nobody has paid what is no invoice.
    assert status_of(order(paid=datetime(2026, 11, 30, tzinfo=timezone.utc))).state == "order"


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        # Midnight in Sweden, an hour and in summer two hours before that of UTC
        (datetime(2026, 11, 29, 23, tzinfo=timezone.utc), date(2026, 11, 30)),
        (datetime(2026, 11, 29, 22, 59, tzinfo=timezone.utc), date(2026, 11, 29)),
        (datetime(2026, 6, 29, 22, tzinfo=timezone.utc), date(2026, 6, 30)),
        (date(2026, 11, 30), date(2026, 11, 30)),
    ],
)
def test_the_day_of_a_payment_is_that_of_sweden(moment, day):
    status = status_of(order(20007, moment))
    assert (status.state, status.paid) == ("paid", day)
