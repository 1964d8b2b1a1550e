"""24SevenOffice's calls: sessions, customers, products, orders and lists."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .envelope import read, read_fault, write
from .errors import FaultError, ItemError, LoginError, explain
from .problems import AnswerError, RequestError
from .schema import COMPANY, INVOICE_ORDER, INVOICE_ROW, OPERATIONS, PRODUCT, Complex

#: Where the services are
LIVE = "https://api.24sevenoffice.com"
#: Names of elements whose values are secrets, besides those whose names say so: for the connector's masking
SECRET_NAMES = ("LoginResult",)

MAX_ORDERS = 1000  # that one call may ask for
_COOKIE = "ASP.NET_SessionId"
_SESSION_ID = re.compile(r"[\w.~+/=-]{8,200}", re.ASCII)
_PDF = b"%PDF-"
_LITERAL = 3  # characters that lead up to a wildcard, so that a search does not list a whole register

COMPANY_PROPERTIES = (
    "Id", "ExternalId", "OrganizationNumber", "Name", "FirstName", "Type", "Addresses", "PhoneNumbers",
    "EmailAddresses",
)  # fmt: skip
PRODUCT_PROPERTIES = ("Id", "Name", "No", "CategoryId", "StatusId", "Price")
CATEGORY_PROPERTIES = ("Id", "Name", "No", "ParentId")
INVOICE_PROPERTIES = (
    "OrderId", "CustomerId", "OrderStatus", "InvoiceId", "DateInvoiced", "Paid", "OCR", "OrderTotalIncVat",
    "OrderTotalVat", "ReferenceNumber",
)  # fmt: skip


@dataclass(frozen=True)
class Saved:
    """What became of a thing that was to be saved.

    :ivar id: the service's; None when there is none
    :ivar error: why it was not saved, or not wholly; None when nothing is wrong. Without one there is an id
    :ivar told: all that was answered of it
    """

    id: int | None
    error: ItemError | None
    told: dict = field(repr=False)


@dataclass
class SevenOffice:
    """24SevenOffice's calls, for one of the companies that are its clients.

    Every call may raise the connector's ``ServiceError``, ``RequestError`` when it cannot be written,
    ``AnswerError`` when its answer cannot be relied on, and ``FaultError``. They all tell ``kind``,
    ``reached``, ``code`` and ``retry_after``.

    :ivar service: sends HTTP, with :func:`.errors.explain`; its base address is ``LIVE``, or another host
        that answers alike
    :ivar session: knows the session id: ``get()`` returns the one that is stored, or None;
        ``renew(lost)`` returns another one than ``lost``, by logging in unless somebody else has done so
    """

    service: object = field(repr=False)
    session: object = field(repr=False)

    def call(self, operation: str, values: dict | None = None) -> object:
        """Return what the service answers to a call; see :func:`.envelope.read`.

        When the session is lost it is renewed and the call is sent again, once: the service turned it away
        before doing anything.

        :param values: of the operation's elements; see :func:`.envelope.write`
        """
        body = write(operation, values or {})
        session_id = self.session.get() or self.session.renew(None)
        try:
            return _send(self.service, operation, body, session_id)
        except Exception as error:
            if getattr(error, "code", None) != "session":
                raise
        return _send(self.service, operation, body, self.session.renew(session_id))

    # -- the login's companies ----------------------------------------------------------------------------

    def identities(self) -> list[dict]:
        """Return what the user can be: an identity is a user at a client."""
        return _items(self.call("GetIdentities"))

    # -- customers ----------------------------------------------------------------------------------------

    def get_companies(self, properties: Sequence[str] = COMPANY_PROPERTIES, **search) -> list[dict]:
        """Return the customers that a search finds; each has the properties, and no others.

        :param search: by the names of ``CompanySearchParameters``. One at a time: whether several have to fit
            together is not known. Text is made safe by :func:`search_text`, and what is found is to be
            compared: it may be more than what is meant
        """
        told = self.call("GetCompanies", _search(search, returnProperties=_known(COMPANY, properties)))
        return _only(told, properties)

    def save_companies(self, companies: Sequence[dict]) -> list[Saved]:
        """Create customers, or change those that have an ``Id``; return what became of each, in order."""
        return self._save("SaveCompanies", "companies", companies)

    def list_companies(self) -> list[int]:
        """Return the numbers of all customers, active or not, in their order.

        They come in pages, which are asked for from 1 to the last one that is told. Where the service counts
        from is not known: an answer may call the first page 1 or 0, and has to go on as it began. A page
        with nothing new ends the list, whatever last page is told.

        :raises AnswerError: ``other``: an answer is another page than asked for. ``missing``: the list ends
            early, by a page with nothing new, and the service says that there are more customers; as when it
            takes 1 for its second page
        """
        where = OPERATIONS["GetCompanySyncList"].result.name
        numbers, page, last, first = set(), 0, 1, None
        while page < last:
            page += 1
            # Active is nil unless told, for both kinds.
            told = self.call("GetCompanySyncList", {"syncSearchParameters": {"Page": page}})
            if told is None:
                raise AnswerError("missing", where)
            first = told["CurrentPage"] if first is None else first
            if first not in (0, 1) or told["CurrentPage"] != first + page - 1:
                raise AnswerError("other", f"{where}.CurrentPage")
            new = _numbers(told["Items"], f"{where}.Items") - numbers
            if not new:
                if len(numbers) < told["TotalItems"]:
                    raise AnswerError("missing", f"{where}.Items")
                break
            numbers |= new
            last = told["TotalPages"]
        return sorted(numbers)

    # -- products -----------------------------------------------------------------------------------------

    def get_products(self, properties: Sequence[str] = PRODUCT_PROPERTIES, **search) -> list[dict]:
        """Return the products that a search finds, likewise.

        :param search: by the names of ``ProductSearchParameters``
        """
        told = self.call("GetProducts", _search(search, returnProperties=_known(PRODUCT, properties)))
        return _only(told, properties)

    def save_products(self, products: Sequence[dict]) -> list[Saved]:
        """Create products, which need a ``Name`` and a ``CategoryId``, or change them; likewise."""
        return self._save("SaveProducts", "products", products)

    def get_categories(self) -> list[dict]:
        """Return all categories of products."""
        told = self.call("GetCategories", {"returnProperties": list(CATEGORY_PROPERTIES)})
        return _only(told, CATEGORY_PROPERTIES)

    def save_categories(self, categories: Sequence[dict]) -> list[Saved]:
        """Create categories of products, or change them; likewise."""
        return self._save("SaveCategories", "categories", categories)

    # -- orders and invoices ------------------------------------------------------------------------------

    def get_invoices(
        self,
        ids: Iterable[int],
        properties: Sequence[str] = INVOICE_PROPERTIES,
        row_properties: Sequence[str] = (),
    ) -> list[dict]:
        """Return the orders with these ids, also those that are invoiced. What is not there was deleted.

        :param ids: ``OrderId`` of each; up to 1000 are asked for in a call
        :param properties: that each is to have; ``OrderId`` is always told
        :param row_properties: that its ``InvoiceRows`` are to have; without any, no rows are told
        """
        ids = list(dict.fromkeys(ids))
        properties = tuple(dict.fromkeys(("OrderId", *properties)))
        found = []
        for first in range(0, len(ids), MAX_ORDERS):
            part = ids[first : first + MAX_ORDERS]
            told = self.find_invoices(properties, row_properties, OrderIds=part)
            seen = [order["OrderId"] for order in told]
            if len(set(seen)) != len(seen) or not set(seen) <= set(part):
                raise AnswerError("other", "GetInvoicesResult")
            found += told
        return found

    def find_invoices(
        self,
        properties: Sequence[str] = INVOICE_PROPERTIES,
        row_properties: Sequence[str] = (),
        **search,
    ) -> list[dict]:
        """Return the orders that a search finds, likewise.

        :param search: by the names of ``InvoiceSearchParameters``. A ``ChangedAfter`` that is long ago takes
            the service too much time
        """
        properties = [name for name in properties if name != "InvoiceRows"]
        if row_properties:
            properties.append("InvoiceRows")
        values = _search(
            search,
            invoiceReturnProperties=_known(INVOICE_ORDER, properties),
            rowReturnProperties=_known(INVOICE_ROW, row_properties),
        )
        orders = _only(self.call("GetInvoices", values), properties)
        if row_properties:
            for order in orders:
                order["InvoiceRows"] = _only(order["InvoiceRows"], row_properties)
        return orders

    def save_invoices(self, invoices: Sequence[dict]) -> list[Saved]:
        """Create orders, or change those that have an ``OrderId``; return what became of each, in order.

        :raises AnswerError: ``other``: two are told to be the same order
        """
        saved = self._save("SaveInvoices", "invoices", invoices, "OrderId")
        numbers = [one.id for one in saved if not one.error]
        if len(set(numbers)) != len(numbers):
            raise AnswerError("other", "SaveInvoicesResult")
        return saved

    def get_invoice_document(self, invoice_id: int) -> bytes:
        """Return an invoice as PDF.

        :param invoice_id: its ``InvoiceId``, not that of the order
        """
        document = self.call("GetInvoiceDocument", {"Parameters": {"InvoiceId": invoice_id}})
        if not (document or b"").startswith(_PDF):
            raise AnswerError("not_pdf", "GetInvoiceDocumentResult")
        return document

    # -- lists --------------------------------------------------------------------------------------------

    def tax_codes(self) -> list[dict]:
        """Return the tax codes with rates in percent and the accounts of VAT. It may need further rights."""
        return _items(self.call("GetTaxCodeList"))

    def vat_types(self) -> list[dict]:
        """Return the kinds of VAT, with rates in percent."""
        return _items(self.call("GetVatTypeList"))

    def type_groups(self, module: str = "Sale") -> list[dict]:
        """Return the types of sale, each with its account.

        :param module: ``Sale``, ``Purchase`` or ``All``
        """
        return _items(self.call("GetTypeGroupList", {"module": module}))

    def currencies(self) -> list[dict]:
        """Return the currencies with their rates, each for ``Unit`` of it."""
        return _items(self.call("GetCurrencyList"))

    # -- the way there ------------------------------------------------------------------------------------

    def _save(self, operation: str, name: str, things: Sequence[dict], id_name: str = "Id") -> list[Saved]:
        """Save things; nothing is called when there are none."""
        if not things:
            return []
        where = OPERATIONS[operation].result.name
        told = self.call(operation, {name: list(things)})
        if len(told) != len(things):
            raise AnswerError("count", where, expected=len(things), got=len(told))
        return [
            _saved(thing.get(id_name), one, id_name, f"{where}[{number}]")
            for number, (thing, one) in enumerate(zip(things, told, strict=True))
        ]


# -- without a session ------------------------------------------------------------------------------------


def log_in(
    service: object, application_id: str, user: str, password: str, identity_id: str | None = None
) -> str:
    """Return the id of a new session. Who logs in often is slowed down or turned away: it is to be kept.

    :param application_id: of this integration, a guid
    :param identity_id: which of the user's identities it is; by default the user's own choice
    :raises LoginError: user and password were not accepted
    """
    credential = _credential(application_id, user, password, identity_id)
    session_id = _send(service, "Login", write("Login", {"credential": credential}))
    if not session_id:
        raise LoginError
    if not _SESSION_ID.fullmatch(session_id):
        raise AnswerError("session", "LoginResult")
    return session_id


def has_session(service: object, session_id: str) -> bool:
    """Return whether a session is still one."""
    try:
        return _send(service, "HasSession", write("HasSession", {}), session_id)
    except Exception as error:
        if getattr(error, "code", None) == "session":
            return False
        raise


def identities(service: object, application_id: str, user: str, password: str) -> list[dict]:
    """Return what a user can be, without logging in; an identity's ``Client`` is a company."""
    values = {"credential": _credential(application_id, user, password)}
    return _items(_send(service, "GetIdentitiesWithCredential", write("GetIdentitiesWithCredential", values)))


def _credential(application_id: str, user: str, password: str, identity_id: str | None = None) -> dict:
    return {
        "ApplicationId": application_id,
        "IdentityId": identity_id or None,
        "Password": password,
        "Username": user,
    }


def _send(service: object, operation: str, body: bytes, session_id: str | None = None) -> object:
    told = OPERATIONS[operation]
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{told.action}"'}
    if session_id:
        headers["Cookie"] = f"{_COOKIE}={session_id}"
    answer = service.send("POST", told.service, data=body, headers=headers, safe=told.safe).body
    try:
        return read(operation, answer)
    except AnswerError:
        if read_fault(answer) is None:
            raise
    # An answer in itself, whatever status it came with.
    kind, code, words, seconds = explain(500, {}, answer)
    raise FaultError(kind or "again", code, words, seconds)


# -- values -----------------------------------------------------------------------------------------------


def search_text(text: str) -> str:
    """Return a text that somebody has written, as one to search for; empty when there is nothing to search.

    For the service ``%`` stands for any characters. Where a few others lead up to it, it stays: it finds
    itself, and some more. Elsewhere it is left out, as it could find a whole register.
    """
    safe = ""
    for character in " ".join(text.split()):
        if character != "%" or (len(safe) >= _LITERAL and not safe.endswith("%")):
            safe += character
    return safe.strip()


def _search(search: dict, **properties: list[str]) -> dict:
    """Return what a search takes.

    :raises RequestError: ``search``: nothing is told to search for, which would find everything or nothing
    """
    search = {name: value for name, value in search.items() if value not in (None, "", [], ())}
    if not search:
        raise RequestError("search", "searchParams")
    return {"searchParams": search, **{name: value for name, value in properties.items() if value}}


def _known(of: Complex, properties: Sequence[str]) -> list[str]:
    """Return properties to ask for. One that does not exist would never be told, as if it were not set."""
    for name in properties:
        if name not in of.by_name:
            raise RequestError("unknown", f"{of.name}.{name}")
    return list(properties)


def _items(told: list[dict | None]) -> list[dict]:
    return [item for item in told if item is not None]


def _only(told: list[dict | None], properties: Sequence[str]) -> list[dict]:
    """Return items with what was asked for: the rest would be defaults, which tell nothing."""
    return [{name: item[name] for name in properties} for item in _items(told)]


def _numbers(told: list[dict | None], where: str) -> set[int]:
    """Return the numbers of customers on a page."""
    numbers = {company["CompanyId"] for company in _items(told)}
    if None in numbers:
        raise AnswerError("missing", f"{where}.CompanyId")
    return numbers


def _saved(sent: int | None, told: dict | None, id_name: str, where: str) -> Saved:
    if told is None:
        raise AnswerError("missing", where)
    error = ItemError.of(told["APIException"]) if told["APIException"] else None
    if error is None and told[id_name] is None:
        raise AnswerError("missing", f"{where}.{id_name}")
    if sent is not None and told[id_name] not in (None, sent):
        raise AnswerError("other", f"{where}.{id_name}")
    return Saved(told[id_name], error, told)
