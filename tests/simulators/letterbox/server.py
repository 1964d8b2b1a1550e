"""The page over HTTP on 127.0.0.1: the letters, one of them, its HTML by itself, its attachments."""

import re
from http import HTTPStatus
from urllib.parse import quote

import plumbing
from plumbing import Answer, Wrong
from plumbing.service import CONTROLS

from .names import PATTERN
from .page import HTML_SANDBOX, framed_html, letter_page, page

_LETTER = re.compile(rf"/brev/(?P<name>{PATTERN})(?P<rest>|\.eml|/html|/bilaga/(?P<number>\d{{1,4}}))")
_HTML = "text/html; charset=utf-8"
# Nothing that a letter brings may run, be sent, or ask the world for anything: pictures are this machine's.
_PICTURES = "img-src data: http://127.0.0.1:* http://localhost:*"
_STRICT = "default-src 'none'; base-uri 'none'; style-src 'unsafe-inline'"
_OWN = f"{_STRICT}; frame-src 'self'; form-action 'self'; frame-ancestors 'none'"
_LETTERS = f"{_STRICT}; {_PICTURES}; form-action 'none'; frame-ancestors 'self'; sandbox {HTML_SANDBOX}"
_REFRESH = "10"  # seconds: who waits for a letter sees it come


class Handler(plumbing.ServiceHandler):
    controls = {"reset": CONTROLS["reset"]}

    def respond(self, path: str, _query: str) -> None:
        found = _LETTER.fullmatch(path)
        if self.command != "GET" or not (found or path == "/"):
            self.inside(path)
            return
        self.body()
        if not found:
            self._page(page(self.service), Refresh=_REFRESH)
            return
        try:
            self._letter(found["name"], found["rest"], found["number"])
        except LookupError:
            raise Wrong("no such letter", HTTPStatus.NOT_FOUND) from None

    def _letter(self, name: str, rest: str, number: str | None) -> None:
        if rest == ".eml":
            self._file(f"{name}.eml", "message/rfc822", self.service.source(name))
            return
        letter = self.service.letter(name)
        if number:
            attachment = letter.attachments[int(number)]
            self._file(attachment.name, attachment.kind, attachment.data)
        elif rest:
            self._page(framed_html(name, letter), policy=_LETTERS)
        else:
            self._page(letter_page(name, letter))

    def _page(self, text: str, policy: str = _OWN, **headers: str) -> None:
        guarded = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", **headers}
        self.send(Answer(data=text.encode(), content_type=_HTML, headers=guarded))

    def _file(self, name: str, kind: str, data: bytes) -> None:
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": f"{_STRICT}; sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        self.send(Answer(data=data, content_type=kind, headers=headers))
