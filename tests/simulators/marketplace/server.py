"""The simulator over HTTP on 127.0.0.1: the shop, the sellers' statements, what controls it, and a page."""

import re
from urllib.parse import parse_qs

import plumbing
from plumbing import Answer

from . import shop, statement
from .controls import CONTROLS
from .faults import Fault
from .money import number_of
from .page import page

STATEMENTS = "/statements"
INSIDE = "/insidan"
_CSV = "text/csv; charset=utf-8"


class Handler(plumbing.ServiceHandler):
    page = staticmethod(page)
    page_path = INSIDE
    controls = CONTROLS

    def respond(self, path: str, query: str) -> None:
        if path == STATEMENTS or path.startswith(STATEMENTS + "/"):
            self.body()
            hit = (self.command, path)
            self.call(lambda fault: self._statements(path, fault), hit, method=self.command, path=path)
        elif shop.is_for_visitors(path):
            told = parse_qs(self.body().decode("utf-8", "replace")) if self.command == "POST" else {}
            if self.command != "POST":
                self.body()
            self.send(shop.answer(self.service, self.command, path, parse_qs(query), told))
        elif self.command == "GET" and path.startswith(INSIDE + "/"):
            self.body()
            self._download(path.removeprefix(INSIDE + "/"))
        elif self.command == "GET" and path == "/times":
            self.body()
            self.send(Answer([time.to_json() for time in self.service.times()]))
        else:
            self.inside(path)

    # -- statements ---------------------------------------------------------------------------------------

    def _statements(self, path: str, fault: Fault | None) -> Answer:
        service = self.service
        kind, _space, token = self.headers.get("Authorization", "").partition(" ")
        system = service.known_seller(token.strip()) if kind.lower() == "bearer" else None
        if not system:
            return Answer({"error": "unauthorized"}, 401, {"WWW-Authenticate": 'Bearer realm="Tidstorget"'})
        if self.command != "GET":
            return Answer({"error": "method not allowed"}, 405, {"Allow": "GET"})
        accounts = service.accounts
        with service.lock:
            if path == STATEMENTS:
                return Answer(
                    [
                        {
                            "reference": payout.reference, "period": payout.period, "paid": payout.paid,
                            "amount": number_of(payout.amount),
                            "url": f"{self._base()}{STATEMENTS}/{payout.period}.csv",
                        }
                        for payout in accounts.payouts
                        if payout.system == system.number
                    ]
                )  # fmt: skip
            asked = re.fullmatch(STATEMENTS + r"/(\d{4}-\d\d)\.csv", path)
            payout = accounts.payout_of(system.number, asked[1]) if asked else None
            if not payout:
                return Answer({"error": "no such statement"}, 404)
            return self._file(payout, fault)

    def _file(self, payout, fault: Fault | None = None) -> Answer:
        name = {"Content-Disposition": f'attachment; filename="{payout.reference}.csv"'}
        data = statement.written(self.service.accounts, payout, fault)
        return Answer(data=data, headers=name, content_type=_CSV)

    def _download(self, name: str) -> None:
        """A statement for the person at the page, who needs no token."""
        with self.service.lock:
            payout = next((p for p in self.service.accounts.payouts if f"{p.reference}.csv" == name), None)
            if not payout:
                raise plumbing.Wrong("no such page", 404)
            self.send(self._file(payout))

    def play(self, fault: Fault, true: Answer | None) -> None:
        if fault.fault in ("forget", "wrong_sum", "unknown_type"):
            self.send(true)
        else:
            super().play(fault, true)

    def _base(self) -> str:
        """This server as it was called: what links begin with, so that they can be followed from there."""
        host = self.headers.get("Host", "")
        name, _colon, port = host.rpartition(":")
        known = name in ("127.0.0.1", "localhost") and port.isdecimal()
        return f"http://{host}" if known else self.service.url
