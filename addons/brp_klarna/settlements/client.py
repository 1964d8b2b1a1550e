"""Klarna's calls: payouts, their rows and reports, and orders."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from .problems import SettlementError
from .records import UTC, Payout, Transaction, read_payout, read_transactions

#: Region -> base address
LIVE = {
    "EU": "https://api.klarna.com",
    "NA": "https://api-na.klarna.com",
    "OC": "https://api-oc.klarna.com",
}
PLAYGROUND = {
    "EU": "https://api.playground.klarna.com",
    "NA": "https://api-na.playground.klarna.com",
    "OC": "https://api-oc.playground.klarna.com",
}
SETTLEMENTS = "/settlements/v1"
ORDERS = "/ordermanagement/v1/orders"

PAGE = 500  # rows: the most that a call gives
_MAX_PAGES = 4000  # two million rows, should every page be full
_PDF = b"%PDF-"


@dataclass
class Klarna:
    """Klarna's calls for one merchant.

    Every call may raise the connector's ``ServiceError``, and ``SettlementError`` when the answer cannot be
    relied on.

    :ivar service: sends HTTP; its base address is one of ``LIVE`` or ``PLAYGROUND``, or another host that
        answers alike
    :ivar auth: API user and password, unless the service's session knows them
    :ivar settlements: the path of the settlements below the base address
    :ivar orders: likewise of order management
    :ivar until: when nothing more is asked for, as ``time.monotonic()`` tells the time
    """

    service: object
    auth: tuple[str, str] | None = field(default=None, repr=False)
    settlements: str = SETTLEMENTS
    orders: str = ORDERS
    until: float | None = None

    def is_late(self) -> bool:
        """Return whether no more is to be asked for."""
        return self.until is not None and time.monotonic() >= self.until

    # -- payouts ------------------------------------------------------------------------------------------

    def list_payouts(self, since: datetime, until: datetime, currency: str | None = None) -> Iterator[Payout]:
        """Yield the payouts from one moment to another.

        :param since: aware
        :param until: aware; a fraction of a second counts as a whole one
        """
        params = {"start_date": _moment(since), "end_date": _moment(until + timedelta(microseconds=999_999))}
        if currency:
            params["currency_code"] = currency
        seen: set[str] = set()
        for first, rows in self._pages("/payouts", "payouts", params):
            for number, row in enumerate(rows, first):
                try:
                    payout = read_payout(row)
                except SettlementError as error:
                    raise error.within(f"payouts[{number}]") from None
                if payout.reference in seen:
                    raise SettlementError("rows_repeated")
                seen.add(payout.reference)
                yield payout

    def get_payout(self, reference: str) -> Payout:
        """Return a payout."""
        payout = read_payout(self._json(f"{self.settlements}/payouts/{quote(reference, safe='')}"))
        if payout.reference != reference:
            raise SettlementError("other_payout", "payment_reference")
        return payout

    def iterate_pages(self, reference: str) -> Iterator[list[Transaction]]:
        """Yield the rows of a payout, a page of them at a time.

        After the last page it is certain that as many rows came as there are.
        """
        params = {"payment_reference": reference}
        for first, rows in self._pages("/transactions", "transactions", params):
            for number, row in enumerate(rows, first):
                # Were the parameter not heeded, rows of all payouts would come.
                if isinstance(row, dict) and str(row.get("payment_reference") or reference) != reference:
                    raise SettlementError("other_payout", f"transactions[{number}].payment_reference")
            yield read_transactions(rows, first)

    # -- reports ------------------------------------------------------------------------------------------

    def get_report(self, reference: str) -> bytes:
        """Return the report of a payout, a PDF; where fees are taken from payouts it is the VAT invoice."""
        body = self._report("/reports/payout", reference, "application/pdf")
        if not body.startswith(_PDF):
            raise SettlementError("not_pdf")
        return body

    def get_csv(self, reference: str) -> bytes:
        """Return the report of a payout with its rows, for :func:`.reports.read_csv`."""
        return self._report("/reports/payout-with-transactions", reference, "text/csv")

    # -- orders -------------------------------------------------------------------------------------------

    def get_order(self, order_id: str) -> dict | None:
        """Return an order of order management, None when there is none. It holds personal data."""
        try:
            order = self._json(f"{self.orders}/{quote(order_id, safe='')}")
        except Exception as error:
            if getattr(error, "status", None) == 404:
                return None
            raise
        if not isinstance(order, dict):
            raise SettlementError("shape")
        return order

    # -- the way there ------------------------------------------------------------------------------------

    def _pages(self, path: str, name: str, params: dict) -> Iterator[tuple[int, list]]:
        """Yield the number of the first row and the rows of each page.

        Links to next pages are not followed, as they may lead to another host: the next page is asked for by
        the number of rows that have come.
        """
        got, total, previous = 0, None, None
        for _page in range(_MAX_PAGES):
            if self.is_late():
                raise SettlementError("slow", got=got)
            answer = self._json(self.settlements + path, {**params, "size": PAGE, "offset": got})
            rows, pagination = _page_of(answer, name)
            told, offset = _count(pagination, "total"), _count(pagination, "offset")
            if total is not None and told is not None and told != total:
                raise SettlementError("rows_changed", got=told, expected=total)
            total = told if total is None else total
            if rows and (rows == previous or offset not in (None, got)):
                raise SettlementError("rows_repeated")
            if total is None:
                more = bool(pagination.get("next")) or len(rows) >= PAGE
            else:
                more = got + len(rows) < total
            if total is not None and got + len(rows) > total:
                raise SettlementError("rows_too_many", got=got + len(rows), expected=total)
            if not rows and more:
                if total is None:
                    raise SettlementError("pages", got=got)
                raise SettlementError("rows_missing", got=got, expected=total)
            if rows:
                yield got, rows
            if not more:
                return
            got += len(rows)
            previous = rows
        raise SettlementError("pages", got=got)

    def _report(self, path: str, reference: str, kind: str) -> bytes:
        return self._get(self.settlements + path, {"payment_reference": reference}, kind).body

    def _json(self, path: str, params: dict | None = None) -> object:
        return self._get(path, params, "application/json").json()

    def _get(self, path: str, params: dict | None, kind: str):
        content: dict = {"headers": {"Accept": kind}}
        if params:
            content["params"] = params
        if self.auth:
            content["auth"] = self.auth
        return self.service.send("GET", path, **content)


def _page_of(answer: object, name: str) -> tuple[list, dict]:
    if not isinstance(answer, dict):
        raise SettlementError("shape")
    rows = answer.get(name)
    if rows is None:
        raise SettlementError("missing", name)
    if not isinstance(rows, list):
        raise SettlementError("shape", name)
    pagination = answer.get("pagination")
    if pagination is None:
        raise SettlementError("missing", "pagination")
    if not isinstance(pagination, dict):
        raise SettlementError("shape", "pagination")
    return rows, pagination


def _count(pagination: dict, name: str) -> int | None:
    """Return a number of the paging, None when it is not told."""
    value = pagination.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise SettlementError("shape", f"pagination.{name}")
    return value


def _moment(moment: datetime) -> str:
    """Return a moment as the service reads it. A date alone would mean its first second."""
    if moment.utcoffset() is None:
        raise ValueError("a moment without a zone cannot be asked for")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
