"""The simulator over HTTP on 127.0.0.1: an API in JSON and a small page in Swedish."""

from datetime import date
from http import HTTPStatus
from urllib.parse import unquote

import plumbing
from plumbing import Answer, Server, Wrong, parse_json, understood

from . import bankdays
from .incoming import Refused
from .machine import MAX_AHEAD, Bankgirot
from .page import page
from .station import Station

MAX_FILE = 50_000_000  # bytes


class Handler(plumbing.Handler):
    """The service is a station."""

    def respond(self, path: str, _query: str) -> None:
        body = self.body(MAX_FILE if path == "/files" else self.most)
        if self.command == "GET":
            with self.service.lock:
                self.send(_shown(self.service.machine, path))
        elif self.command == "POST":
            with understood():
                done = self._done(path, body)
            self.send(done)
        else:
            raise Wrong("no such page", HTTPStatus.NOT_FOUND)

    def _done(self, path: str, body: bytes) -> Answer:
        if path == "/files":
            return _taken(self.service, body, unquote(self.headers.get("X-Filename", "")))
        if path not in _WORKS:
            raise Wrong("no such page", HTTPStatus.NOT_FOUND)
        return Answer(_WORKS[path](self.service, parse_json(body)))


def _shown(machine: Bankgirot, path: str) -> Answer:
    """What there is to see at a path."""
    if path == "/":
        return Answer(data=page(machine).encode(), content_type="text/html; charset=utf-8")
    if path == "/reports":
        return Answer([
            {"name": r["name"], "kind": r["kind"], "date": r["date"], "size": len(r["data"])}
            for r in machine.reports
        ])  # fmt: skip
    if path.startswith("/reports/"):
        data = next((r["data"] for r in machine.reports if r["name"] == path[9:]), None)
        if data is None:
            raise Wrong("no such report", HTTPStatus.NOT_FOUND)
        return Answer(data=data.encode("latin-1"), content_type="text/plain; charset=iso-8859-1")
    if path == "/state":
        more = {"busy": machine.busy(), "executed_twice": machine.executed_twice}
        return Answer({**machine.to_json(), **more})
    raise Wrong("no such page", HTTPStatus.NOT_FOUND)


def _taken(station: Station, data: bytes, name: str) -> Answer:
    """What became of a file."""
    try:
        receipt, given = station.take(data, name)
    except Refused as refusal:
        told = {"line": refusal.line, "column": refusal.column, "why": refusal.why}
        return Answer(told, HTTPStatus.UNPROCESSABLE_ENTITY)
    reports = [name for name, _data in given]
    return Answer({"receipt": receipt.to_json(), "reports": reports, **_clock(station)})


# -- what can be asked for ------------------------------------------------------------------------------


def _clock(station: Station) -> dict:
    today = station.machine.today
    return {"today": today.isoformat() if today else None}


def _advance(station: Station, body: dict) -> dict:
    """{"to": "YYYY-MM-DD"} or {"banking_days": n}."""
    today = station.machine.today
    if "to" in body:
        to = date.fromisoformat(body["to"])
    else:
        days = body["banking_days"]
        if not today:
            raise ValueError("the clock has not been set")
        if not isinstance(days, int) or not 0 < days <= 1000:
            raise ValueError("banking_days is 1–1000")
        to = bankdays.after(today, days)
    if today and to < today:
        raise ValueError(f"the clock stands at {today} and does not go back")
    if today and (to - today).days > MAX_AHEAD:
        raise ValueError("that is more than four years ahead")
    given = station.advance(to)
    return {"reports": [name for name, _data in given], **_clock(station)}


def _outcomes(station: Station, body: dict) -> dict:
    """Sections of outcomes; those not named stay."""
    station.do(lambda machine: machine.set_outcomes(body))
    return station.machine.outcomes


def _done(station: Station, work) -> dict:
    result, names = station.do(work)
    return {**(result or {}), "reports": names, **_clock(station)}


def _apply(station: Station, body: dict) -> dict:
    return _done(station, lambda machine: machine.apply_for_mandate(**body).to_json())


def _end(station: Station, body: dict) -> dict:
    return _done(station, lambda machine: machine.end_mandate(**body))


def _refund(station: Station, body: dict) -> dict:
    return _done(station, lambda machine: machine.refund(**body).to_json())


def _payee(station: Station, body: dict) -> dict:
    return _done(station, lambda machine: machine.add_payee(**body).to_json())


def _close(station: Station, body: dict) -> dict:
    return _done(station, lambda machine: machine.close_payee(**body))


def _register(station: Station, body: dict) -> dict:
    """{"bankgiro": …, "register": "mandates" | "monitoring"}."""
    which = {"mandates": "mandate_register", "monitoring": "monitoring_register"}.get(body["register"])
    if not which:
        raise ValueError("register is mandates or monitoring")

    def extract(machine) -> None:
        getattr(machine, which)(body["bankgiro"])

    return _done(station, extract)


def _misbehave(station: Station, body: dict) -> dict:
    return _done(station, lambda machine: machine.misbehave(body["next_report"]))


_WORKS = {
    "/clock": _advance,
    "/outcomes": _outcomes,
    "/electronic-mandates": _apply,
    "/end-mandate": _end,
    "/refunds": _refund,
    "/payees": _payee,
    "/close-payee": _close,
    "/registers": _register,
    "/misbehave": _misbehave,
}


def start(station: Station, port: int = 0) -> Server:
    """Starts serving on 127.0.0.1 in a thread of its own; `server_port` tells the port."""
    return Server(Handler, port, station).start()
