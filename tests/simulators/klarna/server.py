"""The simulator over HTTP on 127.0.0.1: the services' APIs, what controls the simulator, and a page."""

import base64
import binascii
from dataclasses import replace
from urllib.parse import parse_qsl

import plumbing
from plumbing import play
from plumbing.faults import AFTER

from .calls import BASE, ORDERS, Call, Problem, answer, error, error_of, name_of
from .controls import CONTROLS
from .faults import ANSWERS, Fault
from .page import page


class Handler(plumbing.Handler):
    most = 50_000_000  # bytes: a scenario may be long
    page = staticmethod(page)
    controls = CONTROLS
    take_lists = ("scenario",)

    def respond(self, path: str, query: str) -> None:
        if path.startswith((BASE + "/", ORDERS + "/")):
            self.body()
            self._outside(path.removeprefix(BASE), query)
        else:
            self.inside(path)

    def _outside(self, path: str, query: str) -> None:
        service = self.service
        user, password = self._credentials()
        merchant = service.known(user, password)
        fault = service.take_fault(self.command, path, merchant.id if merchant else "")
        asked = path + ("?" + query if query else "")
        self.noted = service.note(asked, name_of(path), user, fault.fault if fault else "")
        if fault and fault.fault not in (*AFTER, *ANSWERS):
            self._play(fault)
            return
        call = None
        if not merchant:
            true = error(Problem("UNAUTHORIZED", "Invalid credentials", 401))
        elif self.command != "GET":
            true = error(Problem("METHOD_NOT_ALLOWED", "Method not allowed", 405))
        elif service.throttled(merchant.id, service.rate_limit):
            true = error_of(429)
            true.headers["Retry-After"] = "1"
        else:
            parameters = dict(parse_qsl(query, keep_blank_values=True))
            call = Call(merchant, path, parameters, self._base(), fault)
            with service.lock:
                true = answer(call)
        if fault and fault.fault in AFTER:
            play(self, fault, true)
            return
        if fault and fault.fault == "changed" and call:
            for payout in call.told:
                service.do(
                    "amend", merchant.id, payment_reference=payout.reference, type="CORRECTION",
                    at=payout.at, amount=fault.amount, detailed_type="CORRECTION",
                )  # fmt: skip
        self.send(true)

    def _credentials(self) -> tuple:
        """(user, password) of the request, empty when there are none."""
        kind, _space, told = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "basic":
            return "", ""
        try:
            user, _colon, password = base64.b64decode(told.strip(), validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return "", ""
        return user, password

    def _base(self) -> str:
        """This server as it was called: what links begin with, so that they can be followed from there."""
        host = self.headers.get("Host", "")
        name, _colon, port = host.rpartition(":")
        known = name in ("127.0.0.1", "localhost") and port.isdecimal()
        return f"http://{host}" if known else self.service.url

    def _play(self, fault: Fault) -> None:
        if fault.fault == "status":
            wrong = error_of(fault.status, fault.error_code)
            wrong.headers.update(fault.headers)
            if fault.body:
                wrong.data, wrong.content_type = fault.body.encode(), fault.content_type
            self.send(wrong)
        elif fault.fault == "redirect":
            play(self, replace(fault, location=fault.location.rstrip("/") + self.path))
        else:
            play(self, fault)
