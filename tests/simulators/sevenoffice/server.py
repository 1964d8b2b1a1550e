"""The simulator over HTTP on 127.0.0.1: the six services, what controls the simulator, and a page."""

from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie

import plumbing
from plumbing import Answer, Wrong

from . import soap
from .calls import NOT_AUTHENTICATED, answer
from .controls import CONTROLS
from .description import PATHS
from .faults import Fault
from .items import names
from .page import page

_SERVICES = {path.lower(): service for service, path in PATHS.items()}
COOKIE = "ASP.NET_SessionId"


class Handler(plumbing.ServiceHandler):
    most = 10_000_000  # bytes: a thousand orders
    page = staticmethod(page)
    controls = CONTROLS

    def respond(self, path: str, query: str) -> None:
        service = _SERVICES.get(path.lower())
        if not service:
            self.inside(path)
        elif self.command != "POST":
            self.body()
            raise Wrong("only POST is played", HTTPStatus.METHOD_NOT_ALLOWED)
        else:
            self._outside(service)

    def _outside(self, name: str) -> None:
        service = self.service
        asked = soap.read(name, self.headers, self.body())
        if asked.wrong:
            service.complain(asked, asked.wrong)
        session = self._session()

        def act(fault: Fault | None) -> Answer:
            if service.throttled("", service.settings["burst"]):
                return Answer(
                    status=429,
                    headers={"Retry-After": "1"},
                    data=b"Too many requests",
                    content_type="text/plain",
                )
            with service.lock:
                true = answer(service, asked, session, fault)
            true.headers.update(service.limit_headers())
            return true

        items = [item for value in asked.values.values() if isinstance(value, list) for item in value]
        named = set().union(*(names(item) for item in items if isinstance(item, dict)))
        with service.lock:
            office = service.office_of(session)
        hit = (self.command, f"/{name}/{asked.operation}", named)
        about = {"company": office.name} if office else {}
        self.call(act, hit, service=name, operation=asked.operation, **about)

    def play(self, fault: Fault, true: Answer | None) -> None:
        if fault.fault in ("item_error", "wrong_total"):
            self.send(true)
        elif fault.fault == "soap":
            wrong = soap.unable(fault.message)
            wrong.status = fault.status or wrong.status
            self.send(soap.fault_answer(wrong))
        elif fault.fault == "lost_session":
            self.service.end_session(self._session())
            self.send(soap.fault_answer(soap.unable(NOT_AUTHENTICATED)))
        elif fault.fault == "rate_limit":
            self.send(soap.fault_answer(self.service.limit_exceeded(1)))
        else:
            super().play(fault, true)

    def _session(self) -> str:
        """The session id that the request was sent with, empty without one."""
        cookies = SimpleCookie()
        try:
            cookies.load(self.headers.get("Cookie", ""))
        except CookieError:
            return ""
        return cookies[COOKIE].value if COOKIE in cookies else ""
