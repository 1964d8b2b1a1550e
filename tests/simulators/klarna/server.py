"""The simulator over HTTP on 127.0.0.1: the services' APIs, what controls the simulator, and a page."""

import base64
import binascii
from dataclasses import replace
from urllib.parse import parse_qsl

import plumbing
from plumbing import Answer

from .calls import BASE, ORDERS, Call, Problem, answer, error, error_of, name_of
from .controls import CONTROLS
from .faults import UNTRUE, Fault
from .page import page


class Handler(plumbing.ServiceHandler):
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

        def act(fault: Fault | None) -> Answer:
            if not merchant:
                return error(Problem("UNAUTHORIZED", "Invalid credentials", 401))
            if self.command != "GET":
                return error(Problem("METHOD_NOT_ALLOWED", "Method not allowed", 405))
            if service.throttled(merchant.id, service.rate_limit):
                refusal = error_of(429)
                refusal.headers["Retry-After"] = "1"
                return refusal
            parameters = dict(parse_qsl(query, keep_blank_values=True))
            call = Call(merchant, path, parameters, self._base(), fault)
            with service.lock:
                true = answer(call)
            if call.has("changed"):
                for payout in call.told:
                    service.do(
                        "amend", merchant.id, payment_reference=payout.reference, type="CORRECTION",
                        at=payout.at, amount=fault.amount, detailed_type="CORRECTION",
                    )  # fmt: skip
            return true

        asked = path + ("?" + query if query else "")
        hit = (self.command, path, merchant.id if merchant else "")
        self.call(act, hit, name=name_of(path), path=asked, user=user)

    def play(self, fault: Fault, true: Answer | None) -> None:
        if fault.fault in UNTRUE:
            self.send(true)
        elif fault.fault == "status":
            wrong = error_of(fault.status, fault.error_code)
            wrong.headers.update(fault.headers)
            if fault.body:
                wrong.data, wrong.content_type = fault.body.encode(), fault.content_type
            self.send(wrong)
        elif fault.fault == "redirect":
            super().play(replace(fault, location=fault.location.rstrip("/") + self.path), true)
        else:
            super().play(fault, true)

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
