"""The simulator over HTTP on 127.0.0.1: the service's API, what controls the simulator, and a page."""

import sys
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import plumbing
from plumbing import Answer, Wrong

from .calls import BASE, TOKEN, Call, answer, token
from .controls import CONTROLS
from .errors import Problem, api_error, spring_error
from .faults import Fault
from .page import page


class Handler(plumbing.ServiceHandler):
    page = staticmethod(page)
    controls = CONTROLS

    def respond(self, path: str, query: str) -> None:
        if path == TOKEN or path.startswith(BASE + "/"):
            self._outside(path, query)
        elif self.command == "GET" and path.startswith("/documents/"):
            self._document(path.removeprefix("/documents/"))
        else:
            self.inside(path)

    def _outside(self, path: str, query: str) -> None:
        service = self.service
        body = self.body(service.settings["document_bytes"] + self.most)
        under = path[len(BASE) :] if path != TOKEN else path
        headers = {name.lower(): value for name, value in self.headers.items()}

        def act(_fault) -> Answer:
            try:
                if path != TOKEN:
                    parameters = dict(parse_qsl(query, keep_blank_values=True))
                    return answer(service, Call(self.command, under, parameters, headers, body))
                if self.command != "POST":
                    return Answer(spring_error(405, "Method Not Allowed", path, service.now()), 405)
                return token(service, headers, body)
            except Exception as error:
                # As the service does when its own code fails; the text is for whoever runs the simulator.
                print(f"{path}: {error!r}", file=sys.stderr, flush=True)
                problem = Problem("DATABASE_ERROR", status=500)
                return Answer(api_error(problem, path, service.now()), 500)

        asked = under + ("?" + query if query else "")
        key = headers.get("user-key", "")
        self.call(act, (self.command, under), method=self.command, path=asked, key=key)

    def play(self, fault: Fault, true: Answer | None) -> None:
        path, now = unquote(urlsplit(self.path).path), self.service.now()
        if fault.fault == "error":
            problem = Problem(fault.exception_id, fault.message or None, status=fault.status or None)
            self.send(Answer(api_error(problem, path, now), problem.status, fault.headers))
        elif fault.fault == "spring":
            status = fault.status or 500
            text = fault.message or "No message available"
            self.send(Answer(spring_error(status, text, path, now), status))
        else:
            super().play(fault, true)

    def _document(self, number: str) -> None:
        self.body()
        with self.service.lock:
            found = [c.documents[number] for c in self.service.companies.values() if number in c.documents]
            if not found:
                raise Wrong("no such document", HTTPStatus.NOT_FOUND)
            data = self.service.content(found[0])
        name = quote(found[0]["name"], errors="replace")
        extra = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "X-Content-Type-Options": "nosniff",
        }
        self.send(Answer(data=data, headers=extra, content_type=found[0]["contentType"]))
