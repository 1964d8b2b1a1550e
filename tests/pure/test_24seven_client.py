"""24SevenOffice's calls over HTTP: sessions, what is asked for, and what must not be believed."""

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
import sevenoffice
from brp_24seven.soap import (
    SECRET_NAMES,
    AnswerError,
    FaultError,
    LoginError,
    RequestError,
    SevenOffice,
    explain,
    has_session,
    identities,
    log_in,
    search_text,
)
from brp_connector.service import Explanation, Service, ServiceError
from seven_office import APPLICATION, IDENTITY, PASSWORD, answer, elements, fault, playing

LOST = "Server was unable to process request. ---&gt; Client is not authenticated on this identity"
USER = "api@example.com"
FIRST, SECOND = "abcdefghijklmnopqrstuvwx", "zyxwvutsrqponmlkjihgfedc"


@dataclass
class Session:
    """A stored session id, and those that are got by logging in."""

    id: str | None = FIRST
    new: list = field(default_factory=lambda: [SECOND])
    lost: list = field(default_factory=list)

    def get(self):
        return self.id

    def renew(self, lost):
        self.lost.append(lost)
        self.id = self.new.pop(0)
        return self.id


@contextmanager
def served(give, **more):
    """A service, as the connector has it, and the calls that come; `give` is an answer, or makes one."""

    def explained(*told):
        return Explanation(*explain(*told))

    with (
        playing(give if callable(give) else lambda _call: give) as (address, calls),
        Service(address, explain=explained, names=SECRET_NAMES, backoff=0, **more) as service,
    ):
        yield service, calls


@pytest.fixture
def office():
    """A function from what the server gives to (client, its session, the calls that come)."""
    with ExitStack() as stack:

        def start(give, session=None):
            service, calls = stack.enter_context(served(give))
            session = session or Session()
            return SevenOffice(service, session), session, calls

        yield start


def saved(*inner, operation="SaveCompanies", name="Company"):
    return answer(operation, "".join(f"<{name}>{one}</{name}>" for one in inner))


# -- sessions ---------------------------------------------------------------------------------------------


def test_a_call_is_soap_with_the_session(office):
    client, session, calls = office(answer("GetVatTypeList"))
    assert client.vat_types() == []
    (call,) = calls
    assert call.path == "/Client/V001/ClientService.asmx"
    assert call.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert call.headers["SOAPAction"] == '"http://24sevenOffice.com/webservices/GetVatTypeList"'
    assert call.session == f"ASP.NET_SessionId={FIRST}"
    assert session.lost == []


def test_without_a_session_there_is_a_login_first(office):
    client, session, calls = office(answer("GetVatTypeList"), Session(id=None))
    client.vat_types()
    assert session.lost == [None]
    assert [call.session for call in calls] == [f"ASP.NET_SessionId={SECOND}"]


@pytest.mark.parametrize("status", [200, 500])
def test_a_lost_session_is_renewed_and_the_call_is_sent_again(office, status):
    def give(call):
        return (status, fault(LOST), {}) if FIRST in call.session else saved("<Id>7</Id>")

    client, session, calls = office(give)
    (result,) = client.save_companies([{"Name": "Bad & Gym AB"}])
    assert result.id == 7
    assert session.lost == [FIRST]
    assert [call.session[-24:] for call in calls] == [FIRST, SECOND]
    assert calls[0].body == calls[1].body


def test_a_session_is_renewed_only_once(office):
    client, session, calls = office((500, fault(LOST), {}))
    with pytest.raises(ServiceError) as caught:
        client.vat_types()
    assert (caught.value.kind, caught.value.code) == ("settings", "session")
    assert session.lost == [FIRST]
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (500, fault("Server was unable to process request."), "again", "fault"),
        (500, fault("Limit exceeded by 1. Quarantine ends at 2026-07-01T12:30:00Z"), "again", "limit"),
        (503, b"<html>Service unavailable</html>", "again", ""),
        (401, b"", "settings", ""),
    ],
)
def test_other_errors_pass(office, status, body, kind, code):
    client, session, calls = office((status, body, {}))
    with pytest.raises(ServiceError) as caught:
        client.save_companies([{"Name": "A"}])
    assert (caught.value.kind, caught.value.code) == (kind, code)
    assert (len(calls), session.lost) == (1, [])


@pytest.mark.parametrize(
    ("words", "code"), [("Limit exceeded by 1. Request is blocked.", "limit"), ("Out of order", "fault")]
)
def test_a_fault_is_one_whatever_its_status(office, words, code):
    client, _session, calls = office(fault(words))
    with pytest.raises(FaultError) as caught:
        client.vat_types()
    assert (caught.value.kind, caught.value.code, caught.value.words) == ("again", code, words)
    assert len(calls) == 1


def test_what_is_no_answer_is_not_believed_and_not_sent_again(office):
    client, session, calls = office(b"<html>Sign in</html>")
    with pytest.raises(AnswerError) as caught:
        client.save_companies([{"Name": "A"}])
    assert (caught.value.kind, caught.value.reached) == ("again", "yes")
    assert (len(calls), session.lost) == (1, [])


def test_calls_that_only_read_are_sent_again_and_others_are_not(office):
    client, _session, calls = office((503, b"", {}))
    for call in (client.vat_types, lambda: client.save_products([{"Name": "A", "CategoryId": 1}])):
        calls.clear()
        with pytest.raises(ServiceError):
            call()
        assert len(calls) == (3 if call == client.vat_types else 1)


def test_a_cookie_of_the_service_does_not_take_the_place_of_the_session(office):
    def give(_call):
        return 200, answer("GetVatTypeList"), {"Set-Cookie": "ASP.NET_SessionId=other; path=/; HttpOnly"}

    client, _session, calls = office(give)
    client.vat_types()
    client.vat_types()
    assert [call.session for call in calls] == [f"ASP.NET_SessionId={FIRST}"] * 2


# -- logging in -------------------------------------------------------------------------------------------


def test_log_in():
    traces = []
    with served(answer("Login", FIRST), on_exchange=traces.append) as (service, calls):
        assert log_in(service, APPLICATION, USER, PASSWORD, IDENTITY) == FIRST
        assert log_in(service, APPLICATION, USER, PASSWORD) == FIRST
    assert elements(calls[0].body) == [
        ("Login", None),
        ("credential", None),
        ("ApplicationId", APPLICATION),
        ("IdentityId", IDENTITY),
        ("Password", PASSWORD),
        ("Username", USER),
    ]
    assert "IdentityId" not in dict(elements(calls[1].body))
    assert calls[0].path == "/authenticate/v001/authenticate.asmx"
    assert calls[0].session is None
    for trace in traces:
        assert PASSWORD not in trace.request_text
        assert FIRST not in trace.answer_text
        assert "LoginResult" in trace.answer_text


@pytest.mark.parametrize("result", ["", None])
def test_a_login_that_is_refused(result):
    with served(answer("Login", result)) as (service, calls), pytest.raises(LoginError) as caught:
        log_in(service, APPLICATION, USER, PASSWORD)
    assert caught.value.kind == "settings"
    assert PASSWORD not in repr(caught.value)
    assert len(calls) == 1


def test_a_login_is_not_tried_again():
    with served((503, b"", {})) as (service, calls), pytest.raises(ServiceError):
        log_in(service, APPLICATION, USER, PASSWORD)
    assert len(calls) == 1


@pytest.mark.parametrize("result", ["short", "abcdefgh; path=/", "abcdefgh\r\nX: y", "å" * 24])
def test_a_session_id_that_is_none(result):
    with served(answer("Login", result)) as (service, _calls), pytest.raises(AnswerError, match="session id"):
        log_in(service, APPLICATION, USER, PASSWORD)


def test_whether_there_is_a_session():
    told = {FIRST: answer("HasSession", "true"), SECOND: answer("HasSession", "false")}
    told["fault-fault"] = (500, fault(LOST), {})
    with served(lambda call: told[call.session.partition("=")[2]]) as (service, _calls):
        assert [has_session(service, session_id) for session_id in told] == [True, False, False]


def test_identities():
    identity = (
        f"<Identity><Id>{IDENTITY}</Id><Client><Id>543000000000001</Id><Name>Bad &amp; Gym AB</Name></Client>"
        "<IsCurrent>false</IsCurrent><IsDefault>true</IsDefault><IsProtected>false</IsProtected></Identity>"
    )
    with served(answer("GetIdentitiesWithCredential", identity)) as (service, calls):
        (told,) = identities(service, APPLICATION, USER, PASSWORD)
    assert told["Client"] == {"Id": 543000000000001, "Name": "Bad & Gym AB"}
    assert (told["Id"], told["IsDefault"], told["IsDisabled"]) == (IDENTITY, True, False)
    assert ("Password", PASSWORD) in elements(calls[0].body)


# -- searching --------------------------------------------------------------------------------------------


def test_customers_are_found_by_one_thing(office):
    client, _session, calls = office(answer("GetCompanies", "<Company><Id>7</Id><Name>A</Name></Company>"))
    assert client.get_companies(("Id", "Name"), CompanyEmail="kund@example.com", CompanyName="") == [
        {"Id": 7, "Name": "A"}
    ]
    assert elements(calls[0].body) == [
        ("GetCompanies", None),
        ("searchParams", None),
        ("CompanyEmail", "kund@example.com"),
        ("returnProperties", None),
        ("string", "Id"),
        ("string", "Name"),
    ]


def test_what_was_not_asked_for_is_not_told_as_a_default(office):
    client, _session, _calls = office(
        answer("GetInvoices", "<InvoiceOrder><OrderId>7</OrderId></InvoiceOrder>")
    )
    assert client.get_invoices([7], ["InvoiceId"]) == [{"OrderId": 7, "InvoiceId": None}]


@pytest.mark.parametrize("search", [{}, {"CompanyName": ""}, {"CompanyIds": []}, {"CompanyId": None}])
def test_nothing_is_searched_for(office, search):
    client, _session, calls = office(answer("GetCompanies"))
    with pytest.raises(RequestError) as caught:
        client.get_companies(**search)
    assert caught.value.problem == "search"
    assert calls == []


def test_a_property_that_does_not_exist_is_not_asked_for(office):
    client, _session, calls = office(answer("GetInvoices"))
    for arguments in (([7], ["Payed"]), ([7], ["Paid"], ["Vat"])):
        with pytest.raises(RequestError, match="no such element"):
            client.get_invoices(*arguments)
    with pytest.raises(RequestError, match=r"searchParams\.Email"):
        client.get_companies(Email="a")
    assert calls == []


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Bad & Gym AB", "Bad & Gym AB"),
        ("  Bad \t Gym\nAB ", "Bad Gym AB"),
        ("Rabatt 10%", "Rabatt 10%"),
        ("50% Gym", "50 Gym"),
        ("100% Gym", "100% Gym"),
        ("Gym %%% AB", "Gym % AB"),
        ("%", ""),
        ("% %%", ""),
        ("a%", "a"),
        ("%@example.com", "@example.com"),
        ("", ""),
    ],
)
def test_a_search_does_not_find_a_whole_register(text, safe):
    assert search_text(text) == safe


def test_products_and_categories(office):
    def give(call):
        if call.operation == "GetProducts":
            return answer("GetProducts", "<Product><Id>3</Id><Name>Uthyrning</Name></Product>")
        return answer("GetCategories", "<Category><Id>1</Id><Name>Hyra</Name></Category>")

    client, _session, calls = office(give)
    assert client.get_products(("Id", "Name", "StatusId"), Name="Uthyrning") == [
        {"Id": 3, "Name": "Uthyrning", "StatusId": None}
    ]
    assert client.get_categories() == [{"Id": 1, "Name": "Hyra", "No": "", "ParentId": None}]
    assert {call.path for call in calls} == {"/Logistics/Product/V001/ProductService.asmx"}


# -- all customers ----------------------------------------------------------------------------------------


def test_all_customers_are_listed_page_by_page():
    """Customers get the numbers from 1042 on. One is not active."""
    with sevenoffice.SevenOffice(page_size=2) as seven, Service(seven.url, names=SECRET_NAMES) as service:
        for name in ("Ek AB", "Alm AB", "Lind AB", "Asp AB"):
            seven.add_customer(name)
        seven.add_customer("Rönn AB", active=False)
        told = (sevenoffice.APPLICATION, sevenoffice.USER, sevenoffice.PASSWORD)
        client = SevenOffice(service, Session(id=log_in(service, *told)))
        assert client.list_companies() == [1042, 1043, 1044, 1045, 1046]
        assert [call["operation"] for call in seven.calls] == ["Login"] + ["GetCompanySyncList"] * 3
        seven.set(page_size=5)
        assert client.list_companies() == [1042, 1043, 1044, 1045, 1046]
        assert len(seven.calls) == 5
        assert seven.breaches == []


def test_there_are_no_customers():
    with sevenoffice.SevenOffice() as seven, Service(seven.url, names=SECRET_NAMES) as service:
        told = (sevenoffice.APPLICATION, sevenoffice.USER, sevenoffice.PASSWORD)
        client = SevenOffice(service, Session(id=log_in(service, *told)))
        assert client.list_companies() == []


def page_asked_for(call):
    return int(dict(elements(call.body))["Page"])


def company_page(current, items, pages=2, total=3):
    """A page of customers; an item that is None is nil, one that is empty has no number."""
    when = "<DateRegistered>2026-07-01T10:00:00Z</DateRegistered><Active>true</Active>"
    told = "".join(
        '<SyncCompany xsi:nil="true" />'
        if item is None
        else f"<SyncCompany>{f'<CompanyId>{item}</CompanyId>' if item else ''}{when}</SyncCompany>"
        for item in items
    )
    return answer(
        "GetCompanySyncList",
        f"<CurrentPage>{current}</CurrentPage><TotalPages>{pages}</TotalPages>"
        f"<TotalItems>{total}</TotalItems><ItemsPerPage>2</ItemsPerPage><Items>{told}</Items>"
        "<Context><Note>nothing of ours</Note></Context>",
    )


def pages_of(*pages):
    """An answer to each page that is asked for, the last of them also to those after it."""
    return lambda call: pages[min(page_asked_for(call), len(pages)) - 1]


def test_active_customers_and_others_are_asked_for(office):
    client, _session, calls = office(company_page(1, [7, None], pages=1, total=1))
    assert client.list_companies() == [7]
    assert elements(calls[0].body) == [
        ("GetCompanySyncList", None), ("syncSearchParameters", None), ("Page", "1"), ("Active", None),
    ]  # fmt: skip
    assert b'<Active xsi:nil="true">' in calls[0].body


@pytest.mark.parametrize(
    ("pages", "numbers"),
    [
        # the first page is called 0
        ([company_page(0, [9, 8]), company_page(1, [7])], [7, 8, 9]),
        # a last page that is not there
        ([company_page(1, [7, 8], 9, 2), company_page(2, [], 9, 2)], [7, 8]),
        # no end is told, and the same customers again and again
        ([company_page(1, [7, 8], 99, 2), company_page(2, [8, 7], 99, 2)], [7, 8]),
        # a customer was deleted meanwhile, and the last page went with it
        ([company_page(1, [7, 8]), company_page(2, [], 1, 2)], [7, 8]),
        # a customer was added meanwhile, and is told on a page that was the last one
        ([company_page(1, [7, 8]), company_page(2, [9, 10], 2, 4)], [7, 8, 9, 10]),
    ],
)
def test_a_list_ends(office, pages, numbers):
    client, _session, calls = office(pages_of(*pages))
    assert client.list_companies() == numbers
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("pages", "problem", "where"),
    [
        # the same page whatever is asked for
        ([company_page(1, [7, 8])], "other", "CurrentPage"),
        ([company_page(0, [7, 8])], "other", "CurrentPage"),
        ([company_page(2, [7, 8])], "other", "CurrentPage"),
        ([company_page(0, [7, 8]), company_page(2, [9])], "other", "CurrentPage"),
        ([company_page(1, [7, 8]), company_page(3, [9])], "other", "CurrentPage"),
        # 1 was taken for the second page
        ([company_page(1, [], 1, 2)], "missing", "Items"),
        ([company_page(1, [9]), company_page(2, [])], "missing", "Items"),
        ([company_page(1, [7, ""])], "missing", "Items.CompanyId"),
    ],
)
def test_a_list_that_is_not_believed(office, pages, problem, where):
    client, _session, _calls = office(pages_of(*pages))
    with pytest.raises(AnswerError) as caught:
        client.list_companies()
    assert (caught.value.problem, caught.value.where) == (problem, f"GetCompanySyncListResult.{where}")


def test_no_list_at_all(office):
    client, _session, _calls = office(answer("GetCompanySyncList", None))
    with pytest.raises(AnswerError, match="missing"):
        client.list_companies()


# -- orders -----------------------------------------------------------------------------------------------


def orders_asked_for(call):
    return [int(text) for name, text in elements(call.body) if name == "int"]


def give_orders(call):
    inner = "".join(
        f"<InvoiceOrder><OrderId>{one}</OrderId></InvoiceOrder>" for one in orders_asked_for(call)
    )
    return answer("GetInvoices", inner)


def test_many_orders_are_asked_for_in_parts(office):
    client, _session, calls = office(give_orders)
    told = client.get_invoices([*range(1, 2002), 1, 2], ["OrderId", "Paid"])
    assert [order["OrderId"] for order in told] == list(range(1, 2002))
    assert [len(orders_asked_for(call)) for call in calls] == [1000, 1000, 1]
    assert client.get_invoices([]) == []
    assert len(calls) == 3


def test_rows_of_orders(office):
    row = "<InvoiceRow><RowId>1</RowId><VatRate>25</VatRate></InvoiceRow>"
    order = f"<InvoiceOrder><OrderId>7</OrderId><InvoiceRows>{row}</InvoiceRows></InvoiceOrder>"
    client, _session, calls = office(answer("GetInvoices", order))
    (told,) = client.get_invoices([7], ["OrderTotalVat"], ["RowId", "VatRate", "Price"])
    rows = [{"RowId": 1, "VatRate": Decimal(25), "Price": None}]
    assert told == {"OrderId": 7, "OrderTotalVat": None, "InvoiceRows": rows}
    assert [text for name, text in elements(calls[0].body) if name == "string"] == [
        "OrderId", "OrderTotalVat", "InvoiceRows", "RowId", "VatRate", "Price",
    ]  # fmt: skip


@pytest.mark.parametrize("ids", [(8,), (7, 7), (7, 8), ("",)])
def test_orders_that_were_not_asked_for_are_not_believed(office, ids):
    inner = "".join(
        f"<InvoiceOrder>{f'<OrderId>{one}</OrderId>' if one else ''}</InvoiceOrder>" for one in ids
    )
    client, _session, _calls = office(answer("GetInvoices", inner))
    with pytest.raises(AnswerError) as caught:
        client.get_invoices([7])
    assert caught.value.problem == "other"


def test_orders_are_found_by_customer(office):
    client, _session, calls = office(answer("GetInvoices"))
    assert client.find_invoices(("OrderId",), CustomerIds=[12], OrderStates=["Web"]) == []
    assert elements(calls[0].body)[2:6] == [
        ("CustomerIds", None), ("int", "12"), ("OrderStates", None), ("OrderSlipStateType", "Web"),
    ]  # fmt: skip


def test_an_invoice_as_pdf(office):
    client, _session, calls = office(answer("GetInvoiceDocument", "JVBERi0xLjQ="))
    assert client.get_invoice_document(20007) == b"%PDF-1.4"
    assert ("InvoiceId", "20007") in elements(calls[0].body)


@pytest.mark.parametrize("result", [None, "", "PGh0bWw+"])
def test_what_is_no_pdf(office, result):
    client, _session, _calls = office(answer("GetInvoiceDocument", result))
    with pytest.raises(AnswerError) as caught:
        client.get_invoice_document(20007)
    assert caught.value.problem == "not_pdf"


# -- saving -----------------------------------------------------------------------------------------------

WRONG = (
    "<APIException><Type>Validation</Type><Message>Numret är ogiltigt</Message><StackTrace/></APIException>"
)


def test_each_thing_that_is_saved_has_its_id_or_its_error(office):
    client, _session, _calls = office(saved("<Id>7</Id>", WRONG, "<Id>9</Id>"))
    first, second, third = client.save_companies([{"Name": "A"}, {"Name": "B"}, {"Name": "C", "Id": 9}])
    assert (first.id, first.error, third.id, third.error) == (7, None, 9, None)
    assert second.id is None
    assert (second.error.type, second.error.message) == ("Validation", "Numret är ogiltigt")


def test_an_order_that_is_saved_in_part_has_both(office):
    inner = f"<OrderId>7</OrderId>{WRONG}"
    client, _session, _calls = office(saved(inner, operation="SaveInvoices", name="InvoiceOrder"))
    (result,) = client.save_invoices([{"CustomerId": 1}])
    assert (result.id, result.error.type, result.told["OrderId"]) == (7, "Validation", 7)


def test_products_and_categories_are_saved(office):
    def give(call):
        name = {"SaveProducts": "Product", "SaveCategories": "Category"}[call.operation]
        return saved("<Id>3</Id>", operation=call.operation, name=name)

    client, _session, _calls = office(give)
    assert client.save_products([{"Name": "Uthyrning", "CategoryId": 1}])[0].id == 3
    assert client.save_categories([{"Name": "Hyra"}])[0].id == 3


@pytest.mark.parametrize(
    ("inner", "problem"),
    [
        (("<Id>7</Id>",), "count"),
        (("<Id>7</Id>",) * 3, "count"),
        ((), "count"),
        (("<Id>7</Id>", ""), "missing"),
        (("<Id>7</Id>", "<Id>-2147483648</Id>"), "missing"),
        (("<Id>8</Id>", "<Id>9</Id>"), "other"),  # the first is 7
    ],
)
def test_a_result_that_is_not_of_what_was_sent(office, inner, problem):
    client, _session, calls = office(saved(*inner))
    with pytest.raises(AnswerError) as caught:
        client.save_companies([{"Name": "A", "Id": 7}, {"Name": "B"}])
    assert (caught.value.problem, caught.value.code) == (problem, "garbage")
    assert len(calls) == 1


def test_a_result_that_is_nothing(office):
    client, _session, _calls = office(answer("SaveCompanies", '<Company xsi:nil="true" />'))
    with pytest.raises(AnswerError, match=r"SaveCompaniesResult\[0\]"):
        client.save_companies([{"Name": "A"}])


def test_nothing_to_save_is_no_call(office):
    client, _session, calls = office(saved())
    assert client.save_companies([]) == client.save_invoices([]) == []
    assert calls == []


# -- lists ------------------------------------------------------------------------------------------------


def test_lists(office):
    told = {
        "GetTaxCodeList": "<TaxCodeElement><TaxId>8</TaxId><TaxNo>05</TaxNo><TaxRate>25</TaxRate>"
        "<AccountNo>2611</AccountNo></TaxCodeElement>",
        "GetVatTypeList": "<VatType><No>1</No><Rate>12.00</Rate></VatType>",
        "GetTypeGroupList": "<AccountingGroup><AccountId>4</AccountId><Id>2</Id></AccountingGroup>",
        "GetCurrencyList": "<Currency><Symbol>DKK</Symbol><Id>2</Id><Rate>153.2</Rate><Unit>100</Unit>"
        "</Currency>",
        "GetIdentities": "",
    }
    client, _session, calls = office(lambda call: answer(call.operation, told[call.operation]))
    tax = {"TaxId": 8, "TaxNo": "05", "TaxName": None, "TaxRate": Decimal(25), "AccountNo": 2611}
    assert client.tax_codes() == [tax]
    assert client.vat_types() == [{"No": 1, "Name": None, "Rate": Decimal(12)}]
    assert client.type_groups() == [{"AccountId": 4, "Id": 2, "Name": None}]
    assert client.currencies() == [{"Symbol": "DKK", "Id": 2, "Rate": Decimal("153.2"), "Unit": 100}]
    assert client.identities() == []
    assert ("module", "Sale") in elements(calls[2].body)
    assert calls[0].path == "/Economy/Account/V004/Accountservice.asmx"


def test_a_client_does_not_show_its_session(office):
    client, session, _calls = office(answer("GetVatTypeList"))
    assert session.id not in repr(client)
