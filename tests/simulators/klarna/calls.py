"""The calls of the two APIs, from what was asked to what is answered."""

import json
import random
import re
import uuid
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from plumbing import Answer
from plumbing.http import phrase_of

from . import reports, rows
from .faults import Fault
from .model import Merchant
from .moments import moment

BASE = "/settlements/v1"
ORDERS = "/ordermanagement/v1/orders"
USUAL_SIZE = 20
MOST = 500
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Problem(Exception):
    """A refusal in the service's own form."""

    def __init__(self, code: str, message: str, status: int = 400):
        super().__init__(message)
        self.code, self.status = code, status


@dataclass
class Call:
    """`path` is without the base of the settlements; `fault` may change what a true answer says."""

    merchant: Merchant
    path: str
    parameters: dict
    base: str  # this server as it was called: http://127.0.0.1:PORT
    fault: Fault | None = None
    told: list = field(default_factory=list)  # the payouts that the answer tells of

    def has(self, kind: str) -> bool:
        return bool(self.fault) and self.fault.fault == kind


def error(problem: Problem) -> Answer:
    headers = {}
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="Klarna API"'
    body = {
        "error_code": problem.code,
        "error_messages": [str(problem)],
        "correlation_id": str(uuid.uuid4()),
    }
    return Answer(body, problem.status, headers)


def error_of(status: int, code: str = "") -> Answer:
    """A refusal with a status, in the service's own form."""
    phrase = phrase_of(status)
    return error(Problem(code or phrase.upper().replace(" ", "_"), phrase, status))


def answer(call: Call) -> Answer:
    """The true answer, or a refusal."""
    try:
        for pattern, _name, work in ROUTES:
            found = pattern.fullmatch(call.path)
            if found:
                return work(call, *found.groups())
        raise Problem("NOT_FOUND", "No such resource", 404)
    except Problem as problem:
        return error(problem)


def name_of(path: str) -> str:
    """The path as it is described: `/payouts/{payment_reference}`."""
    return next((name for pattern, name, _work in ROUTES if pattern.fullmatch(path)), "other")


# -- parameters -------------------------------------------------------------------------------------------


def _bad(message: str) -> Problem:
    return Problem("BAD_REQUEST", message)


def _moment(call: Call, name: str, required: bool) -> str | None:
    text = call.parameters.get(name)
    if text is None:
        if required:
            raise _bad(f"{name} is required")
        return None
    try:
        return moment(text)
    except ValueError as wrong:
        raise _bad(f"{name} is not a valid date-time") from wrong


def _window(call: Call, required: bool = False) -> tuple:
    """(start, end), both included; a bare date is its midnight, so that a bare end excludes its own day."""
    start, end = _moment(call, "start_date", required), _moment(call, "end_date", required)
    if start and end and start > end:
        raise _bad("start_date is after end_date")
    return start, end


def _number(call: Call, name: str, usual: int, least: int, most: int | None = None) -> int:
    text = call.parameters.get(name, str(usual))
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise _bad(f"{name} is not a number")
    if int(text) < least or (most is not None and int(text) > most):
        raise _bad(f"{name} must be at least {least}" + (f" and at most {most}" if most else ""))
    return int(text)


def _reference(text: str | None) -> str:
    if text is None:
        raise _bad("payment_reference is required")
    if not _REFERENCE.fullmatch(text):
        raise _bad("payment_reference is not valid")
    return text


def _payouts(call: Call, required: bool = False) -> list:
    """The payouts of a window, oldest first."""
    start, end = _window(call, required)
    currency = call.parameters.get("currency_code")
    if currency is not None and not re.fullmatch("[A-Z]{3}", currency):
        raise _bad("currency_code is not valid")
    found = [
        payout
        for payout in call.merchant.payouts.values()
        if payout.listed
        and (not start or payout.at >= start)
        and (not end or payout.at <= end)
        and currency in (None, payout.currency)
    ]
    return sorted(found, key=lambda payout: (payout.at, payout.reference))


def _payout(call: Call, reference: str | None):
    payout = call.merchant.paid_out(_reference(reference))
    if not payout:
        raise Problem("NOT_FOUND", f"Payout {reference} not found", 404)
    call.told.append(payout)
    return payout


# -- pages ------------------------------------------------------------------------------------------------


def _page(call: Call, name: str, items: list, write) -> Answer:
    """A page of items; `write` makes JSON of one. It is joined from what is written, which is kept."""
    size, offset = _number(call, "size", USUAL_SIZE, 1, MOST), _number(call, "offset", 0, 0)
    if call.has("shuffle"):
        items = random.sample(items, len(items))
    shown = items[offset : offset + size]
    if call.has("repeat"):
        shown = (items[max(0, offset - call.fault.rows) : offset] or shown[: call.fault.rows]) + shown
    elif call.has("lack"):
        shown = shown[: -call.fault.rows]
    pagination = {"count": len(shown), "total": len(items), "offset": offset}
    more = {key: value for key, value in call.parameters.items() if key not in ("size", "offset")}

    def link(base: str, place: int) -> str:
        query = urlencode({**more, "size": size, "offset": place}, quote_via=quote)
        return f"{base}{BASE}{call.path}?{query}"

    if offset + size < len(items):
        pagination["next"] = link(call.base, offset + size)
    if offset:
        pagination["prev"] = link(call.base, max(0, offset - size))
    if call.has("next"):
        pagination["next"] = link(call.fault.location, offset + size)
    data = b'{"%s":[%s],"pagination":%s}' % (
        name.encode(), b",".join(write(item) for item in shown), json.dumps(pagination).encode(),
    )  # fmt: skip
    return Answer(data=data)


def _payout_json(call: Call, payout) -> dict:
    told = rows.payout_json(call.merchant, payout, call.base)
    if call.has("totals"):
        told["totals"][call.fault.field] = told["totals"].get(call.fault.field, 0) + call.fault.amount
    return told


def _list_payouts(call: Call) -> Answer:
    def write(payout) -> bytes:
        call.told.append(payout)
        return json.dumps(_payout_json(call, payout)).encode()

    return _page(call, "payouts", _payouts(call), write)


def _one_payout(call: Call, reference: str) -> Answer:
    return Answer(_payout_json(call, _payout(call, reference)))


def _summary(call: Call) -> Answer:
    start, end = _window(call, True)
    return Answer(rows.summaries(call.merchant, _payouts(call, True), start, end))


def _transactions(call: Call) -> Answer:
    merchant, reference = call.merchant, call.parameters.get("payment_reference")
    order_id = call.parameters.get("order_id")
    if reference is not None:
        payout = merchant.paid_out(_reference(reference))
        call.told += [payout] if payout else []
        found = payout.rows if payout else []
        if order_id is not None:
            found = [row for row in found if row.order and row.order.id == order_id]
    else:
        order = merchant.orders.get(order_id)
        found = merchant.rows if order_id is None else order.rows if order else []
    return _page(call, "transactions", found, lambda row: rows.written(merchant, row, call.base))


# -- reports ----------------------------------------------------------------------------------------------


def _file(data: bytes, name: str) -> Answer:
    kind = "application/pdf" if name.endswith(".pdf") else "text/csv; charset=utf-8"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Answer(data=data, content_type=kind, headers=headers)


def _report_pdf(call: Call) -> Answer:
    payout = _payout(call, call.parameters.get("payment_reference"))
    return _file(reports.payout_pdf(call.merchant, payout), f"{payout.reference}.pdf")


def _report_csv(call: Call) -> Answer:
    payout = _payout(call, call.parameters.get("payment_reference"))
    return _file(reports.csv_report(call.merchant, [payout]), f"{payout.reference}.csv")


def _summary_pdf(call: Call) -> Answer:
    start, end = _window(call, True)
    return _file(reports.summary_pdf(call.merchant, _payouts(call, True), start, end), "summary.pdf")


def _summary_csv(call: Call) -> Answer:
    columns = (*reports.COLUMNS, "payment_reference")
    return _file(reports.csv_report(call.merchant, _payouts(call, True), columns), "summary.csv")


# -- Order Management -------------------------------------------------------------------------------------


def _order(call: Call, order_id: str) -> Answer:
    order = call.merchant.orders.get(order_id)
    if not order:
        raise Problem("NO_SUCH_ORDER", "The order does not exist", 404)
    return Answer(rows.order_json(order))


ROUTES = [
    (re.compile(pattern), name, work)
    for pattern, name, work in (
        ("/payouts", "/payouts", _list_payouts),
        ("/payouts/summary", "/payouts/summary", _summary),
        ("/payouts/([^/]+)", "/payouts/{payment_reference}", _one_payout),
        ("/transactions", "/transactions", _transactions),
        ("/reports/payout", "/reports/payout", _report_pdf),
        ("/reports/payout-with-transactions", "/reports/payout-with-transactions", _report_csv),
        ("/reports/payouts-summary", "/reports/payouts-summary", _summary_pdf),
        (
            "/reports/payouts-summary-with-transactions",
            "/reports/payouts-summary-with-transactions",
            _summary_csv,
        ),
        (f"{ORDERS}/([^/]+)", f"{ORDERS}/{{order_id}}", _order),
    )
]
