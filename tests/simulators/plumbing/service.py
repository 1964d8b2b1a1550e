"""What every service has that can be told to misbehave."""

import json
import threading
import time
from collections import deque
from http import HTTPStatus
from urllib.parse import parse_qsl

from .faults import Fault, play
from .http import Answer, Handler, Server, Wrong, parse_json, understood


def _misbehave(service: "Service", told: dict) -> dict:
    """{"next": [faults], "clear": true}; a form has one fault."""
    orders = told.get("next", [])
    if isinstance(orders, str):
        orders = [json.loads(orders)]
    return {"faults": service.misbehave(*orders, clear=bool(told.get("clear")))}


def _reset(service: "Service", _told: dict) -> dict:
    service.reset()
    return {}


# What any service can be told over HTTP.
CONTROLS = {"misbehave": _misbehave, "reset": _reset}


class ServiceHandler(Handler):
    """A connection to a service that can be told to misbehave, and to what controls it."""

    page = staticmethod(lambda service: "")
    page_path = "/"  # where it is; forms lead back there
    # name: a function of the service and of what it is told, an object or, for those that take lists, a list.
    controls = CONTROLS
    take_lists: tuple = ()

    def call(self, act, hit: tuple, **noted) -> None:
        """A call of the service's API: it is answered, or goes wrong as was ordered.

        :param act: gives the true answer, and is told the fault
        :param hit: what a fault has to fit, see its `hits`
        :param noted: what is remembered of the call
        """
        fault = self.service.take_fault(*hit)
        self.noted = self.service.note(**noted, fault=fault.fault if fault else "")
        true = act(fault) if not fault or fault.when == "after" else None
        if fault:
            self.play(fault, true)
        else:
            self.send(true)

    def play(self, fault: Fault, true: Answer | None) -> None:
        """Has a call go wrong, after it was acted on if there is a true answer."""
        play(self, fault, true)

    def inside(self, path: str) -> None:
        """What is no part of the service: the page, `/state`, and `/control/NAME` for each of `controls`."""
        body = self.body()
        if self.command == "GET" and path == self.page_path:
            page = self.page(self.service)
            self.send(Answer(data=page.encode(), content_type="text/html; charset=utf-8"))
        elif self.command == "GET" and path == "/state":
            self.send(Answer(self.service.look()))
        elif self.command == "POST" and path.startswith("/control/"):
            self._control(path.removeprefix("/control/"), body)
        else:
            raise Wrong("no such page", HTTPStatus.NOT_FOUND)

    def _control(self, name: str, body: bytes) -> None:
        if name not in self.controls:
            raise Wrong("no such control", HTTPStatus.NOT_FOUND)
        # curl -d and others call everything a form.
        form = "x-www-form-urlencoded" in self.headers.get("Content-Type", "") and body[:1] not in b"{["
        with understood():
            if form:
                told = dict(parse_qsl(body.decode()))
            else:
                told = parse_json(body, (dict, list) if name in self.take_lists else dict)
            done = self.controls[name](self.service, told)
        back = Answer(status=303, headers={"Location": self.page_path}, data=b"")
        self.send(back if form else Answer(done))


class Service:
    """`with Klarna() as klarna:` serves it on a free port of 127.0.0.1, see `klarna.url`.

    A service has its own `fault_class` and `handler_class`, and `look` and `reset`. What is asked of it from
    several threads holds `lock`.
    """

    fault_class = Fault
    handler_class = ServiceHandler

    def __init__(self):
        self.lock = threading.RLock()
        self.faults = []
        self.calls = deque(maxlen=1000)  # the newest
        self._recent = {}
        self._server = None

    def look(self) -> dict:
        """Everything, as `GET /state` tells it."""
        raise NotImplementedError

    def reset(self) -> None:
        """Begins anew, with what it was given at first."""
        raise NotImplementedError

    def save(self) -> None:
        """Is called after each change; a service that remembers writes its file."""

    # -- misbehaviour -------------------------------------------------------------------------------------

    def misbehave(self, *orders, clear: bool = False) -> list:
        """Queues faults, objects or short texts (see faults.py); `clear` forgets the old ones first."""
        new = [self.fault_class.of(told) for told in orders]
        with self.lock:
            self.faults = ([] if clear else self.faults) + new
            self.save()
            return [fault.to_json() for fault in self.faults]

    def take_fault(self, *call: str) -> Fault | None:
        """The first order for a call (see `hits`), with one time less left in the queue."""
        with self.lock:
            fault = next((fault for fault in self.faults if fault.hits(*call)), None)
            if fault:
                fault.times -= 1
                if not fault.times:
                    self.faults.remove(fault)
                self.save()
            return fault

    def throttled(self, caller: str, most: int) -> bool:
        """Whether this call is one too many for this second; 0 is any number."""
        if not most:
            return False
        with self.lock:
            now, recent = time.monotonic(), self._recent.setdefault(caller, deque())
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if len(recent) >= most:
                return True
            recent.append(now)
            return False

    def note(self, **told) -> dict:
        """Remembers a call, without what is secret in it. Status 0: no answer was given."""
        noted = {"status": 0, **told}
        with self.lock:
            self.calls.append(noted)
        return noted

    # -- serving ------------------------------------------------------------------------------------------

    def start(self, port: int = 0) -> "Service":
        """Starts serving on 127.0.0.1 in a thread of its own."""
        self._server = Server(self.handler_class, port, self).start()
        return self

    def stop(self) -> None:
        """Stops serving; calls that are kept waiting are let go."""
        if self._server:
            self._server.stop()
            self._server = None

    def __enter__(self) -> "Service":
        return self if self._server else self.start()

    def __exit__(self, *_error) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def host(self) -> str:
        return self._server.host

    @property
    def url(self) -> str:
        """The address that stands for the service's own."""
        return self._server.url
