"""24SevenOffice's messages: what is sent is what it takes, and what it answers is read as it means."""

import pickle
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from brp_24seven.soap import AnswerError, Fault, RequestError, moments, read, read_fault, write
from brp_24seven.soap.problems import ANSWER, REQUEST
from seven_office import APPLICATION, NAMESPACE, PASSWORD, SOAP, XSI, answer, elements, envelope, fault

UTC = timezone.utc
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def order(**values):
    """What is written of an order with these values, as names and texts."""
    return dict(elements(write("SaveInvoices", {"invoices": [values]})))


def refused(operation, values):
    """(problem, where) of what cannot be written."""
    with pytest.raises(RequestError) as caught:
        write(operation, values)
    return caught.value.problem, caught.value.where


def refused_order(**values):
    return refused("SaveInvoices", {"invoices": [{}, values]})


def unread(operation, body):
    with pytest.raises(AnswerError) as caught:
        read(operation, body)
    return caught.value.problem, caught.value.where


def read_order(inner):
    (told,) = read("GetInvoices", answer("GetInvoices", f"<InvoiceOrder>{inner}</InvoiceOrder>"))
    return told


# -- writing ----------------------------------------------------------------------------------------------


def test_envelope():
    body = write("GetTypeGroupList", {"module": "Sale"})
    assert body.decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<soap:Envelope xmlns:soap="{SOAP}" xmlns:xsi="{XSI}"><soap:Body>'
        f'<GetTypeGroupList xmlns="{NAMESPACE}"><module>Sale</module></GetTypeGroupList>'
        "</soap:Body></soap:Envelope>"
    )


def test_elements_come_in_the_order_of_the_service():
    rows = [
        {"Type": "Text", "SequenceNumber": 1, "Name": "Sal 2 (2026-03-01 – 2026-03-03)"},
        {"Quantity": Decimal("-1.00"), "Price": Decimal("1250.50"), "ProductId": 7},
    ]
    values = {
        "ReferenceNumber": "F/2026/0007",
        "InvoiceRows": rows,
        "IncludeVAT": False,
        "DateOrdered": date(2026, 3, 1),
        "OrderStatus": "ForInvoicing",
        "CustomerId": 12,
    }
    assert elements(write("SaveInvoices", {"invoices": [values]})) == [
        ("SaveInvoices", None),
        ("invoices", None),
        ("InvoiceOrder", None),
        ("CustomerId", "12"),
        ("OrderStatus", "ForInvoicing"),
        ("DateOrdered", "2026-03-01T00:00:00"),
        ("IncludeVAT", "false"),
        ("InvoiceRows", None),
        ("InvoiceRow", None),
        ("Name", "Sal 2 (2026-03-01 – 2026-03-03)"),
        ("SequenceNumber", "1"),
        ("Type", "Text"),
        ("InvoiceRow", None),
        ("ProductId", "7"),
        ("Price", "1250.5"),
        ("Quantity", "-1"),
        ("ReferenceNumber", "F/2026/0007"),
    ]


def test_what_is_none_is_left_out_but_for_what_the_service_demands():
    body = write("SaveInvoices", {"invoices": [{"CustomerId": 12, "OrderId": None, "YourReference": None}]})
    assert elements(body)[3:] == [("CustomerId", "12"), ("IncludeVAT", None)]
    assert b'<IncludeVAT xsi:nil="true"></IncludeVAT>' in body


def test_the_greatest_numbers_are_values():
    told = order(CustomerId=2**31 - 1, InvoiceRows=[{"SequenceNumber": -(2**15) + 1}])
    assert (told["CustomerId"], told["SequenceNumber"]) == ("2147483647", "-32767")


def test_zero_and_empty_text_are_values():
    told = order(ExternalStatus=0, PaymentAmount=0, YourReference="", InvoiceRows=[])
    assert told["ExternalStatus"] == told["PaymentAmount"] == "0"
    assert "YourReference" in told and "InvoiceRows" in told


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E-5"), "0.00001"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1250.500"), "1250.5"),
        (Decimal("100"), "100"),
        (Decimal("-0.00"), "0"),
        (Decimal("0E+30"), "0"),
        (12, "12"),
        (Decimal("1E-28"), "0.0000000000000000000000000001"),
        (Decimal("1E+27"), "1000000000000000000000000000"),
        (Decimal("-12.340"), "-12.34"),
        (Decimal("9999999999999999999999999.999"), "9999999999999999999999999.999"),
    ],
)
def test_decimals_have_fixed_digits(value, text):
    assert order(PaymentAmount=value)["PaymentAmount"] == text


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "1E+28", "1E-29", "1E+999999", "1.0000000000000000000000000001"]
)
def test_decimals_that_the_service_cannot_hold_are_refused(value):
    assert refused_order(PaymentAmount=Decimal(value)) == ("range", "invoices[1].PaymentAmount")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 3, 29), "2026-03-29T00:00:00"),  # the clocks skip 02:00–03:00 on this day
        (datetime(2026, 3, 29, 3, 0), "2026-03-29T03:00:00"),
        (datetime(2026, 7, 1, 23, 30, 5, 999, tzinfo=UTC), "2026-07-02T01:30:05"),
        (datetime(2026, 1, 1, 0, 30, tzinfo=STOCKHOLM), "2026-01-01T00:30:00"),
        (datetime(2026, 3, 29, 2, 30, tzinfo=STOCKHOLM), "2026-03-29T03:30:00"),
        (datetime(2026, 10, 25, 2, 30, fold=1), "2026-10-25T02:30:00"),
    ],
)
def test_dates_are_sent_as_oslo_tells_them(value, text):
    assert order(DateOrdered=value)["DateOrdered"] == text


def test_noon_is_sent_where_the_clocks_skip_midnight(monkeypatch):
    monkeypatch.setattr(moments, "OSLO", ZoneInfo("America/Sao_Paulo"))
    assert order(DateOrdered=date(2018, 11, 4))["DateOrdered"] == "2018-11-04T12:00:00"
    assert order(DateOrdered=date(2018, 11, 5))["DateOrdered"] == "2018-11-05T00:00:00"


@pytest.mark.parametrize(
    ("values", "problem", "where"),
    [
        ({"Kund": 1}, "unknown", "invoices[1].Kund"),
        ({"InvoiceRows": [{"Price": 1}, {"price": 1}]}, "unknown", "invoices[1].InvoiceRows[1].price"),
        ({"CustomerId": "12"}, "type", "invoices[1].CustomerId"),
        ({"CustomerId": True}, "type", "invoices[1].CustomerId"),
        ({"CustomerId": 2**31}, "range", "invoices[1].CustomerId"),
        ({"CustomerId": -(2**31)}, "range", "invoices[1].CustomerId"),  # would mean "not set"
        ({"InvoiceRows": [{"SequenceNumber": 32768}]}, "range", "invoices[1].InvoiceRows[0].SequenceNumber"),
        ({"PaymentAmount": 1.5}, "type", "invoices[1].PaymentAmount"),
        ({"SkipStock": 1}, "type", "invoices[1].SkipStock"),
        ({"IncludeVAT": "false"}, "type", "invoices[1].IncludeVAT"),
        ({"DateOrdered": "2026-03-01"}, "type", "invoices[1].DateOrdered"),
        ({"DateOrdered": datetime(2026, 3, 29, 2, 30)}, "moment", "invoices[1].DateOrdered"),
        ({"DateOrdered": date(1, 1, 1)}, "range", "invoices[1].DateOrdered"),
        ({"DateOrdered": date(9999, 12, 31)}, "range", "invoices[1].DateOrdered"),
        ({"YourReference": 7}, "type", "invoices[1].YourReference"),
        ({"YourReference": "å" * 51}, "long", "invoices[1].YourReference"),
        ({"YourReference": "😀" * 26}, "long", "invoices[1].YourReference"),  # each counts as two
        ({"InvoiceText": "a\x00b"}, "character", "invoices[1].InvoiceText"),
        ({"InvoiceText": "a\x0bb"}, "character", "invoices[1].InvoiceText"),
        ({"InvoiceText": "a\ud800b"}, "character", "invoices[1].InvoiceText"),
        ({"InvoiceText": "a\uffffb"}, "character", "invoices[1].InvoiceText"),
        ({"OrderStatus": "web"}, "enum", "invoices[1].OrderStatus"),
        ({"OrderStatus": None, "Distributor": 1}, "type", "invoices[1].Distributor"),
        ({"DistributionMethod": "Default"}, "enum", "invoices[1].DistributionMethod"),  # a company's only
        ({"InvoiceTemplateId": "{0}"}, "type", "invoices[1].InvoiceTemplateId"),
        ({"InvoiceRows": {"Price": 1}}, "type", "invoices[1].InvoiceRows"),
        ({"InvoiceRows": [None]}, "type", "invoices[1].InvoiceRows[0]"),
        ({"Currency": "SEK"}, "type", "invoices[1].Currency"),
        ({"Addresses": {"Post": {"Country": "SWE"}}}, "long", "invoices[1].Addresses.Post.Country"),
    ],
)
def test_what_the_service_does_not_take_is_refused_by_its_place(values, problem, where):
    assert refused_order(**values) == (problem, where)


def test_what_is_missing_is_refused():
    assert refused("GetTypeGroupList", {}) == ("missing", "module")
    assert refused("Login", {"credential": {"Username": "a"}}) == ("missing", "credential.ApplicationId")
    assert refused("GetInvoiceDocument", {"Parameters": {}}) == ("missing", "Parameters.InvoiceId")


def test_texts_of_the_greatest_length_are_taken():
    assert order(YourReference="å" * 50)["YourReference"] == "å" * 50
    assert order(YourReference="😀" * 25)["YourReference"] == "😀" * 25


def test_an_order_may_have_a_longer_postal_code_for_its_invoice():
    code = {"PostalCode": "1" * 50}
    assert order(Addresses={"Invoice": code})["PostalCode"] == "1" * 50
    assert refused_order(Addresses={"Post": code})[0] == "long"
    company = {"companies": [{"Addresses": {"Invoice": code}}]}
    assert refused("SaveCompanies", company) == ("long", "companies[0].Addresses.Invoice.PostalCode")


def test_texts_are_not_markup():
    text = "</Name><Price>0</Price> & \"'<!-- ]]> %\t\n 😀"
    assert order(InvoiceText=text)["InvoiceText"] == text
    assert order(InvoiceText="a\r\nb\rc")["InvoiceText"] == "a\nb\nc"


def test_errors_of_writing_tell_no_value_and_are_in_swedish_too():
    with pytest.raises(RequestError) as caught:
        write("Login", {"credential": {"ApplicationId": APPLICATION, "Password": PASSWORD + "\0"}})
    error = caught.value
    assert str(error) == "credential.Password: The text holds a character that cannot be sent."
    assert error.text("sv_SE") == "credential.Password: Texten innehåller ett tecken som inte går att skicka."
    assert PASSWORD not in repr(error)
    assert (error.kind, error.reached) == ("ours", "no")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize("lang", ["en", "sv"])
def test_every_problem_has_words(lang):
    details = {"longest": 50, "expected": 2, "got": 1}
    for cls, texts in ((RequestError, REQUEST), (AnswerError, ANSWER)):
        for problem in texts:
            assert "{" not in cls(problem, **details).text(lang)


# -- reading ----------------------------------------------------------------------------------------------


def test_what_is_left_out_has_its_default():
    told = read_order("<OrderId>5</OrderId><Currency><Symbol>SEK</Symbol></Currency>")
    assert told["OrderStatus"] == "Web"
    assert told["Currency"] == {"Rate": 1, "Unit": 1, "Symbol": "SEK"}
    assert told["Distributor"] == "Default"
    assert told["SkipStock"] is False
    assert told["Paid"] is told["InvoiceId"] is told["OrderTotalVat"] is told["IncludeVAT"] is None
    assert told["OCR"] == ""
    assert told["InvoiceRows"] == []
    assert told["Addresses"] is told["APIException"] is None


def test_what_stands_for_not_set_is_none():
    told = read_order(
        "<OrderId>-2147483648</OrderId><DateInvoiced>0001-01-01T00:00:00Z</DateInvoiced>"
        '<IncludeVAT xsi:nil="true" /><OrderTotalVat>-79228162514264337593543950335</OrderTotalVat>'
        "<Paid>0001-01-01T00:00:00</Paid>"
        "<InvoiceTemplateId>00000000-0000-0000-0000-000000000000</InvoiceTemplateId>"
        "<InvoiceRows><InvoiceRow><SequenceNumber>-32768</SequenceNumber></InvoiceRow></InvoiceRows>"
    )
    for name in ("OrderId", "DateInvoiced", "IncludeVAT", "OrderTotalVat", "Paid", "InvoiceTemplateId"):
        assert told[name] is None, name
    assert told["InvoiceRows"][0]["SequenceNumber"] is None
    product = (
        "<Product><CashPriceIncTax>-1.7976931348623157E+308</CashPriceIncTax><Web xsi:nil='1'/></Product>"
    )
    (read_product,) = read("GetProducts", answer("GetProducts", product))
    assert read_product["CashPriceIncTax"] is read_product["Web"] is None


def test_values_have_their_types():
    told = read_order(
        "<OrderId> 5 </OrderId><Paid>2026-02-09T23:00:00Z</Paid><IncludeVAT>1</IncludeVAT>"
        "<SkipStock>0</SkipStock><SendToFactoring>false</SendToFactoring>"
        "<OrderTotalVat>0843.7500</OrderTotalVat>"
        f"<InvoiceTemplateId>{APPLICATION.upper()}</InvoiceTemplateId>"
        "<InvoiceText>  två\n rader </InvoiceText>"
    )
    assert told["OrderId"] == 5
    assert told["Paid"] == datetime(2026, 2, 9, 23, tzinfo=UTC)
    assert told["IncludeVAT"] is True
    assert told["SkipStock"] is told["SendToFactoring"] is False
    assert told["OrderTotalVat"] == Decimal("843.75")
    assert told["InvoiceTemplateId"] == APPLICATION
    assert told["InvoiceText"] == "  två\n rader "


@pytest.mark.parametrize(
    ("text", "hour", "microsecond"),
    [
        ("2026-02-09T23:00:00Z", 23, 0),
        ("2026-02-09T23:00:00", 22, 0),  # without a zone it is Oslo's
        ("2026-02-09T23:00:00+05:30", 17, 0),
        ("2026-02-09T23:00:00.1234567Z", 23, 123456),
        ("2026-02-09T23:00:00.5-00:30", 23, 500000),
    ],
)
def test_moments_are_told_in_utc(text, hour, microsecond):
    moment = read_order(f"<Paid>{text}</Paid>")["Paid"]
    assert (moment.hour, moment.microsecond, moment.utcoffset()) == (hour, microsecond, timedelta())


def test_one_or_many_are_a_list():
    for count in range(4):
        rows = "<InvoiceRow><RowId>1</RowId></InvoiceRow>" * count
        told = read_order(f"<InvoiceRows>{rows}</InvoiceRows>")
        assert [row["RowId"] for row in told["InvoiceRows"]] == [1] * count
    assert read("GetInvoices", answer("GetInvoices", None)) == []
    assert read("GetInvoices", answer("GetInvoices", "\n  ")) == []
    assert read("GetInvoices", answer("GetInvoices", '<InvoiceOrder xsi:nil="true" />')) == [None]


def test_what_is_not_known_is_left_out():
    told = read_order(
        "<OrderId>5</OrderId><Nytt><OrderId>6</OrderId></Nytt><o:OrderId xmlns:o='urn:o'>7</o:OrderId>"
    )
    assert told["OrderId"] == 5 and "Nytt" not in told


def test_a_new_value_of_an_enumeration_is_told():
    assert read_order("<OrderStatus>Krediterad</OrderStatus>")["OrderStatus"] == "Krediterad"


def test_prefixes_are_the_services_own_affair():
    body = (
        f'\ufeff<S:Envelope xmlns:S="{SOAP}" xmlns:w="{NAMESPACE}"><S:Header/><S:Body>\n'
        "<w:LoginResponse><w:LoginResult xmlns:d='urn:d'>abc</w:LoginResult></w:LoginResponse>\n"
        "</S:Body></S:Envelope>"
    )
    assert read("Login", body.encode()) == "abc"
    assert read("Login", body.replace(SOAP, "http://www.w3.org/2003/05/soap-envelope").encode()) == "abc"


def test_other_results():
    assert read("Login", answer("Login")) == ""
    assert read("Login", answer("Login", None)) is None
    assert read("HasSession", answer("HasSession", "true")) is True
    assert read("GetInvoiceDocument", answer("GetInvoiceDocument", "JVBE\nRi0=")) == b"%PDF-"
    assert read("GetInvoiceDocument", answer("GetInvoiceDocument", None)) is None


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "xml"),
        (b"<html><body>Service unavailable", "xml"),
        (b"<html><body>Service unavailable</body></html>", "operation"),
        (answer("HasSession", "true"), "operation"),
        (answer("Login", "abc")[:-9], "xml"),
        (answer("Login", "abc").decode().encode("utf-16"), "xml"),
        (answer("Login", "å").replace("å".encode(), b"\xe5"), "xml"),
        (fault("Nej"), "operation"),
        (answer("Login", "<a>b</a>"), "shape"),
        (envelope(f'<LoginResponse xmlns="{NAMESPACE}">abc</LoginResponse>'), "shape"),
        (envelope(f'<LoginResponse xmlns="{NAMESPACE}"/>' * 2), "shape"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + answer("Login", "&b;").partition(b"?>")[2], "xml"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + answer("Login").partition(b"?>")[2], "xml"),
        (answer("Login", "&b;"), "xml"),
    ],
)
def test_what_is_no_answer_is_refused(body, problem):
    assert unread("Login", body)[0] == problem


@pytest.mark.parametrize(
    ("inner", "where"),
    [
        ("<OrderId>5x</OrderId>", "OrderId"),
        ("<OrderId></OrderId>", "OrderId"),
        ("<OrderId>2147483648</OrderId>", "OrderId"),
        ("<OrderId>٥</OrderId>", "OrderId"),
        ("<OrderTotalVat>1,50</OrderTotalVat>", "OrderTotalVat"),
        ("<OrderTotalVat>1e3</OrderTotalVat>", "OrderTotalVat"),
        ("<OrderTotalVat>.</OrderTotalVat>", "OrderTotalVat"),
        ("<OrderTotalVat>NaN</OrderTotalVat>", "OrderTotalVat"),
        ("<Paid>2026-02-30T00:00:00Z</Paid>", "Paid"),
        ("<Paid>2026-02-09</Paid>", "Paid"),
        ("<Paid>9999-12-31T23:59:59-10:00</Paid>", "Paid"),
        ("<Paid>2026-02-09T23:00:00+99:00</Paid>", "Paid"),
        ("<SkipStock>True</SkipStock>", "SkipStock"),
        ("<InvoiceTemplateId>7</InvoiceTemplateId>", "InvoiceTemplateId"),
    ],
)
def test_a_value_that_is_none_is_refused_by_its_place(inner, where):
    body = answer("GetInvoices", f"<InvoiceOrder/><InvoiceOrder>{inner}</InvoiceOrder>")
    assert unread("GetInvoices", body) == ("value", f"GetInvoicesResult[1].{where}")


@pytest.mark.parametrize(("number", "is_one"), [(2**63 - 1, True), (2**63, False), (-(2**63) - 1, False)])
def test_a_client_has_a_long_number(number, is_one):
    identity = (
        f"<Identity><Id>{APPLICATION}</Id><Client><Id>{number}</Id></Client><IsCurrent>true</IsCurrent>"
        "<IsDefault>true</IsDefault><IsProtected>true</IsProtected></Identity>"
    )
    body = answer("GetIdentities", identity)
    if is_one:
        assert read("GetIdentities", body)[0]["Client"]["Id"] == number
    else:
        assert unread("GetIdentities", body) == ("value", "GetIdentitiesResult[0].Client.Id")


def test_the_wrong_shape_is_refused_by_its_place():
    for inner, where in (
        ("<OrderId>5</OrderId><OrderId>6</OrderId>", "OrderId"),
        ("<OrderId><int>5</int></OrderId>", "OrderId"),
        ("<Currency>SEK</Currency>", "Currency"),
        ("<InvoiceRows>1</InvoiceRows>", "InvoiceRows"),
        ("<InvoiceRows/><InvoiceRows/>", "InvoiceRows"),
    ):
        body = answer("GetInvoices", f"<InvoiceOrder>{inner}</InvoiceOrder>")
        assert unread("GetInvoices", body) == ("shape", f"GetInvoicesResult[0].{where}")
    assert unread("HasSession", answer("HasSession", None)) == ("missing", "HasSessionResult")
    for text in ("JVB", "JV!BERi0="):
        assert unread("GetInvoiceDocument", answer("GetInvoiceDocument", text))[0] == "value"


def test_what_is_told_in_error_is_not_repeated():
    with pytest.raises(AnswerError) as caught:
        read("GetInvoices", answer("GetInvoices", "<InvoiceOrder><Paid>19900101-0017</Paid></InvoiceOrder>"))
    error = caught.value
    assert str(error) == "GetInvoicesResult[0].Paid: The value cannot be read."
    assert "1990" not in repr(error)
    assert (error.code, error.kind, error.reached) == ("garbage", "again", "yes")


def test_what_is_written_is_read_alike():
    """The service tells an order in the elements in which it takes one."""
    values = {
        "OrderId": 5,
        "Addresses": {"Post": {"Street": "Å & Ö-gatan 1", "Country": "SE"}},
        "OrderStatus": "Draft",
        "DateOrdered": datetime(2026, 7, 1, 22, 30, tzinfo=UTC),
        "IncludeVAT": True,
        "InvoiceRows": [{"Price": Decimal("-0.05")}, {"Type": "Text", "Name": " a "}],
        "InvoiceTemplateId": UUID(APPLICATION),
    }
    written = write("SaveInvoices", {"invoices": [values]}).decode()
    inner = written.partition("<InvoiceOrder>")[2].partition("</InvoiceOrder>")[0]
    told = read_order(inner)
    assert told["Addresses"]["Post"]["Street"] == "Å & Ö-gatan 1"
    assert [row["Price"] for row in told["InvoiceRows"]] == [Decimal("-0.05"), None]
    assert [row["Name"] for row in told["InvoiceRows"]] == ["", " a "]
    assert told["InvoiceTemplateId"] == APPLICATION
    for name in ("OrderId", "OrderStatus", "DateOrdered", "IncludeVAT"):
        assert told[name] == values[name]


# -- faults -----------------------------------------------------------------------------------------------


def test_faults_of_both_versions():
    assert read_fault(fault("Nej &amp; åter nej")) == Fault("Server", "Nej & åter nej")
    assert read_fault(fault("Nej", "q0:Client.Argument")) == Fault("Client.Argument", "Nej")
    body = envelope(
        "<soap:Fault><soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code><soap:Reason>"
        "<soap:Text xml:lang='sv'>Nej</soap:Text><soap:Text xml:lang='en'>No</soap:Text></soap:Reason>"
        "</soap:Fault>"
    ).replace(SOAP.encode(), b"http://www.w3.org/2003/05/soap-envelope")
    assert read_fault(body) == Fault("Sender", "Nej")
    assert read_fault(envelope("<soap:Fault />")) == Fault("", "")


@pytest.mark.parametrize("body", [b"", b"nej", b"<html/>", answer("Login", "a"), b"\xff\xfe\x00", b"{}"])
def test_what_is_no_fault(body):
    assert read_fault(body) is None
