"""The calls of the API: which there are, who may make them, what they answer."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from plumbing import Answer

from . import documents, journal, sie
from .companies import STATUS, Company, checked_key
from .errors import Problem, Spring, api_error, spring_error

BASE = "/bla-api/v1/sp"
TOKEN = "/auth/oauth/v2/token"


@dataclass
class Call:
    """A request, after the gateway has taken it."""

    method: str
    path: str  # under the base
    query: dict
    headers: dict  # names in lower case
    body: bytes
    parts: tuple = ()


# -- the gateway ------------------------------------------------------------------------------------------


def token(service, headers: dict, body: bytes) -> Answer:
    """`POST /auth/oauth/v2/token`, refusing as RFC 6749 says."""

    def refuse(error: str, why: str, status: int = 400, **extra) -> Answer:
        return Answer(
            {"error": error, "error_description": why}, status, {"Cache-Control": "no-store", **extra}
        )

    if (
        headers.get("content-type", "").partition(";")[0].strip().lower()
        != "application/x-www-form-urlencoded"
    ):
        return refuse("invalid_request", "The body has to be a form")
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    form = dict(pairs)
    needed = ("grant_type", "client_id", "client_secret")
    if len(form) != len(pairs) or not all(form.get(name) for name in needed):
        return refuse("invalid_request", "Missing or duplicate parameters")
    if form["grant_type"] != "client_credentials":
        return refuse("unsupported_grant_type", "The given grant_type is not supported")
    if (form["client_id"], form["client_secret"]) != (service.client_id, service.client_secret):
        return refuse("invalid_client", "The given client credentials were not valid", 401)
    given, lifetime = service.issue()
    return Answer(
        {"access_token": given, "token_type": "bearer", "expires_in": lifetime, "scope": "oob"},
        headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
    )


def answer(service, call: Call) -> Answer:
    """What the API answers to a call, whatever happens."""
    full = BASE + call.path
    try:
        scheme, _blank, given = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not service.known_token(given.strip()):
            return Answer(
                {"error": "invalid_token", "error_description": "The given access token is not valid"},
                401,
                {"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        if service.throttled(call.headers.get("user-key", ""), service.settings["rate_limit"]):
            return Answer(
                spring_error(429, "Rate limit exceeded", full, service.now()), 429, {"Retry-After": "1"}
            )
        return _act(service, call)
    except Problem as problem:
        settings = service.settings
        if call.method == "GET" and (problem.exception_id or "").endswith("_NOT_FOUND"):
            problem.status = settings["not_found_status"]
        if settings["bare_errors"]:
            return Answer(spring_error(problem.status, str(problem), full, service.now()), problem.status)
        return Answer(api_error(problem, full, service.now()), problem.status)
    except Spring as problem:
        return Answer(spring_error(problem.status, str(problem), full, service.now()), problem.status)


def _act(service, call: Call) -> Answer:
    fitting = [(route, match) for route in _ROUTES if (match := route[1].fullmatch(call.path))]
    if not fitting:
        raise Spring(404, "No message available")
    route, match = next(((r, m) for r, m in fitting if r[0] == call.method), (None, None))
    if not route:
        raise Spring(405, f"Request method '{call.method}' not supported")
    _method, _path, work, about = route
    call.parts = match.groups()
    with service.lock:
        if not about:
            return work(service, call)
        return work(service, _company(service, call, about), call)


def _company(service, call: Call, about: str) -> Company:
    """The company that the key opens, if it does."""
    told = call.headers.get("user-key", "").strip()
    try:
        key = checked_key(told)
    except ValueError as error:
        if told:
            raise Problem("KEY_INVALID") from error
        key = ""
    company = service.companies.get(key)
    if not company:
        # Nothing better is answered to a key that nobody has.
        raise Problem(None, "credentials is null", status=500)
    if not company.connected:
        raise Problem("CLOUD_DATABASE_NO_CONNECTION_TO_INTEGRATOR")
    if STATUS[company.status]:
        raise Problem(STATUS[company.status])
    access = {"GET": "READ", "POST": "CREATE", "PUT": "UPDATE", "DELETE": "DELETE"}[call.method]
    if not company.may(about, access):
        raise Problem("USER_HAS_NO_RIGHT_FOR_SERVICE", f"Rättigheten {access} saknas för tjänsten {about}")
    return company


# -- the integrator's own calls ---------------------------------------------------------------------------


def _alive(_service, _call: Call) -> Answer:
    return Answer({"alive": True})


def _me(service, _call: Call) -> Answer:
    return Answer({"clientId": service.client_id, "name": "Integratör (simulerad)"})


def _clients(service, _call: Call) -> Answer:
    return Answer([company.binding() for company in service.companies.values() if company.connected])


def _keys(service, _call: Call) -> Answer:
    return Answer([company.key for company in service.companies.values() if company.connected])


# -- the company ------------------------------------------------------------------------------------------


def _details(_service, company: Company, _call: Call) -> Answer:
    return Answer({
        "accountingMethod": True, **company.details, "name": company.name, "orgNumber": company.org_number,
        "email": company.email, "vatInfo": company.vat_info,
    })  # fmt: skip


_TYPES = {"1": "assets", "2": "equity_and_debts", "3": "incomes"}


def _account_dto(account: dict) -> dict:
    return {**account, "field": account["id"][0], "type": _TYPES.get(account["id"][0], "costs")}


def _accounts(_service, company: Company, call: Call) -> Answer:
    types = [kind for kind in call.query.get("accountType", "").split(",") if kind]
    found = [_account_dto(account) for _id, account in sorted(company.accounts.items())]
    return _listed(call, [account for account in found if not types or account["type"] in types])


def _account(_service, company: Company, call: Call) -> Answer:
    if call.parts[0] not in company.accounts:
        raise Problem("ACCOUNT_NOT_FOUND", f"Konto {call.parts[0]} saknas")
    return Answer(_account_dto(company.accounts[call.parts[0]]))


_ACCOUNT_SORT = {
    "id": lambda account: account["id"],
    "name": lambda account: (account["name"].casefold(), account["id"]),
}


def _account_batch(service, company: Company, call: Call) -> Answer:
    span, wanted = call.query.get("span", ""), call.query.get("search", "").casefold()
    first, last = "", "999999"
    if span:
        match = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", span)
        if not match:
            raise Problem("ACCOUNT_RANGE_INVALID", f"Kontointervallet {span} är ogiltigt")
        first, last = match[1], match[2] or match[1]
    found = [
        account
        for number, account in company.accounts.items()
        if first <= number <= last and (wanted in number or wanted in account["name"].casefold())
    ]
    return Answer(journal.batch(found, call.query, service.settings, _ACCOUNT_SORT, "id", _account_dto))


def _listed(call: Call, found: list) -> Answer:
    """All of them, or the one with the entityId that was asked for."""
    entity = journal.whole(call.query, "entityId", 0)
    return Answer([item for item in found if not entity or item["entityId"] == entity])


def _year_dto(year: dict) -> dict:
    usual = {"openingBalanceClosed": False, "blockFollowingOpeningBalance": False}
    return {**usual, **{name: value for name, value in year.items() if name != "lockedPeriods"}}


def _years(_service, company: Company, call: Call) -> Answer:
    years = sorted(company.financial_years.values(), key=lambda year: year["fromDate"])
    return _listed(call, [_year_dto(year) for year in years])


def _year(_service, company: Company, call: Call) -> Answer:
    if call.parts[0] not in company.financial_years:
        raise Problem("FINANCIAL_YEAR_NOT_FOUND", f"Räkenskapsår {call.parts[0]} saknas")
    return Answer(_year_dto(company.financial_years[call.parts[0]]))


def _year_of(_service, company: Company, call: Call) -> Answer:
    year = journal.year_of(company, journal.day(call.parts[0], "date"))
    if not year:
        raise Problem("FINANCIAL_YEAR_NOT_FOUND", f"Räkenskapsår för {call.parts[0]} saknas")
    return Answer(_year_dto(year))


def _dimension(section: str):
    def listed(_service, company: Company, call: Call) -> Answer:
        found = getattr(company, section).values()
        customer = call.query.get("customerId") if section == "projects" else None
        return _listed(call, [item for item in found if not customer or item.get("customerId") == customer])

    return listed


# -- vouchers ---------------------------------------------------------------------------------------------


def _book(service, company: Company, call: Call) -> Answer:
    _json_only(call)
    latest = call.query.get("latestVoucherDate", "false").lower()
    if latest not in ("true", "false"):
        raise Spring(400, "Failed to convert value of type 'java.lang.String' to required type 'boolean'")
    return Answer(service.book(company, journal.parse(call.body), latest == "true"))


def _json_only(call: Call) -> None:
    content_type = call.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Spring(415, f"Content type '{content_type}' not supported")


def _search(service, company: Company, call: Call) -> Answer:
    return Answer(journal.search(company, call.query, service.settings))


def _voucher(company: Company, call: Call) -> dict:
    series, number, when = call.parts
    if not number.isdecimal():
        raise Spring(400, "Failed to convert value of type 'java.lang.String' to required type 'int'")
    return journal.find(company, series, int(number), journal.day(when, "journalEntryDate").isoformat())


def _entry(_service, company: Company, call: Call) -> Answer:
    return Answer(journal.entry(company, _voucher(company, call)))


def _delete(service, company: Company, call: Call) -> Answer:
    service.take_back(company, _voucher(company, call))
    return Answer()


# -- documents --------------------------------------------------------------------------------------------


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text):
        raise Spring(400, "Failed to convert value of type 'java.lang.String' to required type 'long'")
    return int(text)


def _upload(service, company: Company, call: Call) -> Answer:
    name, data = documents.uploaded(call.headers.get("content-type", ""), call.body)
    described = documents.checked(name, data, service.settings["document_bytes"])
    return Answer(documents.document_dto(service.keep(company, described, data)))


def _attach(service, company: Company, call: Call) -> Answer:
    kind, entity, number = call.parts
    document = service.attach(company, documents.entity_type(kind), _number(entity), _number(number))
    return Answer(documents.attached_dto(document))


def _attach_new(service, company: Company, call: Call) -> Answer:
    _json_only(call)
    kind, entity = documents.entity_type(call.parts[0]), _number(call.parts[1])
    data = documents.in_json(call.body)
    described = documents.checked(call.query.get("fileName", ""), data, service.settings["document_bytes"])
    service.entity_of(company, kind, entity)
    document = service.keep(company, described, data)
    return Answer(documents.attached_dto(service.attach(company, kind, entity, document["id"])))


def _of_entity(service, company: Company, call: Call) -> Answer:
    voucher = service.entity_of(
        company, documents.entity_type(call.parts[0]), _number(call.parts[1]), writing=False
    )
    if not voucher["documentIds"]:
        raise Problem("DOCUMENT_NOT_FOUND", f"Verifikation {call.parts[1]} har inga dokument")
    content = service.content(company.documents[str(voucher["documentIds"][0])])
    return Answer(documents.base64.b64encode(content).decode())


def _document(company: Company, call: Call) -> dict:
    document = company.documents.get(str(_number(call.parts[0])))
    if not document:
        raise Problem("DOCUMENT_NOT_FOUND", f"Dokument {call.parts[0]} saknas")
    return document


def _content(service, company: Company, call: Call) -> Answer:
    document = _document(company, call)
    return Answer(data=service.content(document), content_type=document["contentType"])


def _meta(_service, company: Company, call: Call) -> Answer:
    document = _document(company, call)
    attached = {"attachedTo": document["attachedTo"]} if document["attachedTo"] else {}
    return Answer({**documents.document_dto(document), "size": document["size"], **attached})


def _all_documents(_service, company: Company, call: Call) -> Answer:
    entity = journal.whole(call.query, "entityId", 0)
    found = [d for d in company.documents.values() if not entity or d["id"] == entity]
    return Answer([documents.document_dto(document) for document in found])


def _detach(service, company: Company, call: Call) -> Answer:
    service.detach(company, _number(call.parts[0]))
    return Answer({})


def _sie(_service, _company: Company, call: Call) -> Answer:
    _json_only(call)
    return Answer({"logs": sie.validate(documents.in_json(call.body))})


# (method, path, what it does, the service that rights are for; none: the integrator's own, without a key)
_ROUTES = [
    (method, re.compile(path.replace("{}", "([^/]+)")), work, about)
    for method, path, work, about in (
        ("GET", "/isalive", _alive, ""),
        ("GET", "/common/me", _me, ""),
        ("GET", "/common/client", _clients, ""),
        ("GET", "/meta/allKeys", _keys, ""),
        ("GET", "/details", _details, "details"),
        ("GET", "/account", _accounts, "account"),
        ("GET", "/account/batch", _account_batch, "account"),
        ("GET", "/account/{}", _account, "account"),
        ("GET", "/financialyear", _years, "financialyear"),
        ("GET", "/financialyear/date/{}", _year_of, "financialyear"),
        ("GET", "/financialyear/{}", _year, "financialyear"),
        ("GET", "/costcenter", _dimension("cost_centers"), "costcenter"),
        ("GET", "/costbearer", _dimension("cost_bearers"), "costbearer"),
        ("GET", "/project", _dimension("projects"), "project"),
        ("POST", "/journal", _book, "journal"),
        ("GET", "/journal/entry/batch", _search, "journal"),
        ("GET", "/journal/entry/{}/{}/{}", _entry, "journal"),
        ("DELETE", "/journal/entry/{}/{}/{}", _delete, "journal"),
        ("GET", "/document", _all_documents, "document"),
        ("POST", "/document", _upload, "document"),
        ("POST", "/document/attachto/{}/{}", _attach_new, "document"),
        ("POST", "/document/attachto/{}/{}/{}", _attach, "document"),
        ("DELETE", "/document/detach/{}", _detach, "document"),
        ("GET", r"/document/(\d+)", _content, "document"),
        ("GET", r"/document/(\d+)/meta", _meta, "document"),
        ("GET", "/document/{}/{}", _of_entity, "document"),
        ("POST", "/import/sie/validate", _sie, "import"),
    )
]
