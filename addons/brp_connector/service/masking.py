"""Hides what a log must not show: secrets, personal numbers, bank accounts.

What is masked is text for people to read: it is searched as text, whole or broken, and need not be valid
JSON, XML or a form. It takes time in proportion to the length of the text, and never raises.
"""

import base64
import html
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from itertools import chain
from urllib.parse import quote

from stdnum import luhn

MAX_SHOWN = 20_000  # characters
MAX_SEARCHED = 40_000  # characters; what comes after is cut: no more than 20 000 are shown
MAX_NAME = 64  # characters of a field's name that are looked at, its last

# Names of fields and headers, in lower case and without anything but letters and digits

_SECRET_NAMES = {"auth", "codeverifier"}
_SECRET_WITHIN = ("apikey", "lösenord", "passphrase", "passwd", "password", "privatekey")
_SECRET_ENDS = (
    "accesskey", "appkey", "assertion", "authkey", "authorization", "cookie", "cookies", "credential",
    "credentials", "jwt", "pwd", "secret", "secretkey", "secrets", "sessionid", "subscriptionkey", "token",
    "tokens", "userkey",
)  # fmt: skip
_ACCOUNT_ENDS = (
    "accountno", "accountnr", "accountnumber", "bankaccount", "bankkonto", "bankkontonummer", "kontonr",
    "kontonummer",
)  # fmt: skip
_BANK_ENDS = ("bban", "clearing", "clearingno", "clearingnr", "clearingnumber", "clearingnummer", "iban")
_SHORTEST_ACCOUNT = 7  # characters; a shorter account number is one of the general ledger

# Where a field's value begins: `<name …>`, or `name`, perhaps in quotes or brackets, and `:` or `=`. The
# look-behind lets a run of letters be tried once, not once per letter.
_FIELD = re.compile(
    r"""
    <(?P<element>(?:[\w.-]+:)?(?P<tag>[\w.-]+))(?P<attributes>\s[^<>]*)?>
    | (?<![\w.-]) (?P<name>[\w.-]+) (?:\[\d*\])? (?:\]|%5[dD])*
      (?P<quote>\\*["'])? \s* (?P<sign>[:=])
    """,
    re.VERBOSE,
)
_BLANKS = re.compile(r"\s*")
_OPENING = re.compile(r"(?P<slashes>\\*)(?P<quote>[\"'])")
_QUOTES = {quote: re.compile(rf"(?<!\\)(\\*){quote}") for quote in "\"'"}
_NESTING = re.compile(r"(?<!\\)(?P<slashes>\\*)\"|(?P<open>[{\[])|(?P<close>[}\]])")
_LINE = re.compile(r"[^\r\n]*")
_FORM_VALUE = re.compile(r"[^\s&\"'<>]*")
_WORD = re.compile(r"(?:(?:basic|bearer|digest|negotiate|token)\s+)?[^\s,;&<>\"'}\])]*", re.IGNORECASE)
_KEPT = {"", "null", "true", "false"}

# What follows is more than an ordinary word: "Basic agreement" stays.
_SCHEME = re.compile(r"\b(?P<scheme>(?i:basic|bearer)\s+)(?=.[a-z]*[A-Z0-9~+/_=-])[\w.~+/-]{6,}=*")
_USER_OF_URL = re.compile(r"(?<=://)[^\s/?#@:\"'<>]*:[^\s/?#@\"'<>]*@")

_PERSONAL_NUMBER = re.compile(
    r"(?<![0-9])(?P<century>1[89]|20)?(?P<date>[0-9]{6})(?P<sign>[-+\u2010-\u2013\u2212]|%2[bBdD])?(?P<serial>[0-9]{4})(?![0-9])"
)


class Mask:
    """Shows text without what is not to be seen.

    Hidden are

    * the given secrets, in upper or lower case, also as they are written in a URL, JSON, XML or base64;
    * what stands in fields and headers with names such as ``password``, ``client_secret`` or ``Set-Cookie``,
      in JSON, XML, forms, queries and lines of headers, and behind ``Basic`` and ``Bearer``;
    * the last four digits of Swedish personal and co-ordination numbers: ``19900101-****``, or
      ``900101-****`` where the century was not written. Organisation numbers stay;
    * bank accounts in fields with names such as ``iban`` or ``accountNumber``: ``**** 1234``. A clearing
      number is too short to show any of it; an account number of less than seven characters is one of the
      ledger and stays.

    :param secrets: values never to be shown; those that are empty or blank are left out
    :param names: of more secret fields, in any case, with or without ``-`` and ``_``
    :param limit: characters that are shown
    """

    def __init__(self, secrets: Iterable[str | None] = (), names: Iterable[str] = (), limit: int = MAX_SHOWN):
        self.names = frozenset(_plain_name(name) for name in names)
        self.limit = limit
        self.secrets = frozenset(
            form for secret in secrets if secret for form in (secret, secret.strip()) if form.strip()
        )
        self._secret = _pattern_of(self.secrets)
        self._hidden = 3 * _filler(self.secrets)

    def with_secrets(self, secrets: Iterable[str]) -> "Mask":
        """Return a mask that also hides these secrets."""
        more = self.secrets.union(secrets)
        return self if more == self.secrets else Mask(more, self.names, self.limit)

    def hides(self, name: str) -> bool:
        """Whether what a field or header of this name holds is secret."""
        return self._hiding(name) is _hide

    def text(self, text: str) -> str:
        """Return the text masked, and cut to the limit with a note of how many characters were cut."""
        searched = text[: max(MAX_SEARCHED, 2 * self.limit)]
        shown = self._hide_secrets(searched)
        shown = self._hide_fields(shown)
        shown = _SCHEME.sub(r"\g<scheme>***", shown)
        shown = _USER_OF_URL.sub("***@", shown)
        shown = _PERSONAL_NUMBER.sub(_hide_personal_number, shown)
        if len(searched) < len(text):
            # Something that goes on beyond what was searched would not have been found.
            shown = shown[: -self._longest()]
        shown = self._cut(shown, len(text) - len(searched))
        return self._hide_secrets(shown)  # also those that what we have put in has completed

    def body(self, body: bytes | str | None, content_type: str | None = "") -> str:
        """Return what was sent or answered as masked text; of what is no text the type and the size in bytes.

        :param content_type: the header
        """
        return self.text(_readable(body, content_type or ""))

    def message(self, headers: Mapping[str, str | bytes], body: bytes | str | None) -> str:
        """Return the headers, an empty line and the body of a request or an answer as masked text.

        :param headers: finds names in any case
        """
        lines = "".join(f"{name}: {_one_line(value)}\n" for name, value in headers.items())
        shown = _readable(body, _one_line(headers.get("Content-Type") or ""))
        return self.text(f"{lines}\n{shown}" if shown else lines)

    # -- secrets ----------------------------------------------------------------------------------------

    def _hide_secrets(self, text: str) -> str:
        if not self._secret:
            return text
        parts, end = [], 0
        for found in self._secret.finditer(_ascii_lower(text)):
            parts += [text[end : found.start()], self._hidden]
            end = found.end()
        return "".join([*parts, text[end:]])

    def _longest(self) -> int:
        """The characters that the longest secret may take as it is written somewhere."""
        return 20 * max(map(len, self.secrets), default=2)

    def _cut(self, text: str, more: int) -> str:
        if len(text) <= self.limit and not more:
            return text
        return f"{text[: self.limit]}\n… ({max(len(text) - self.limit, 0) + more} more characters)"

    # -- fields -----------------------------------------------------------------------------------------

    def _hide_fields(self, text: str) -> str:
        parts, end, found = [], 0, _FIELD.search(text)
        while found:
            begin, after, shown = self._value(text, found)
            if shown is not None:
                parts += [text[end:begin], shown]
                end = after
            found = _FIELD.search(text, after)
        return "".join([*parts, text[end:]])

    def _value(self, text: str, found: re.Match) -> tuple[int, int, str | None]:
        """Return where the value of a field stands and what is shown for it; None when it stays."""
        name = found["tag"] or found["name"]
        hide = self._hiding(name)
        if not hide:
            # The attributes of an element are fields themselves.
            after = found.end("element") if found["tag"] else found.end()
            return after, after, None
        if found["tag"]:
            content, after = _element(text, found)
            begin = found.end("element")
            attributes = self._hide_fields(found["attributes"] or "")
            shown = f"{attributes}>{hide(text[content:after])}"
        else:
            begin, after, quoted = _assigned(text, found)
            shown = hide(text[begin:after])
            if found["quote"] and not quoted and shown != text[begin:after]:
                shown = f"{found['quote']}{shown}{found['quote']}"  # a number or an object, now a text
        return begin, after, shown

    def _hiding(self, name: str):
        """Return what hides the value of a field of this name; None when nothing has to."""
        plain = _plain_name(name[-MAX_NAME:])
        return _hide if plain in self.names else _hiding_of(plain)


# -- secrets --------------------------------------------------------------------------------------------


def _pattern_of(secrets: Iterable[str]) -> re.Pattern | None:
    """Return what finds the secrets in a text in lower case, however they are written."""
    forms = {_ascii_lower(form) for secret in secrets for form in _forms(secret)}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(re.escape, longest_first))) if forms else None


def _forms(secret: str) -> Iterable[str]:
    """Return how a secret is written in text, URLs, JSON, JSON within JSON, XML, headers and base64."""
    data = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield data.decode("latin-1")  # as headers are read
    for safe in ("", "/", "!'()*", "!'()*/"):  # Python's habits and JavaScript's
        encoded = quote(data, safe=safe)
        yield encoded
        yield encoded.replace("%20", "+")
    for ascii_only in (True, False):
        escaped = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        for once in (escaped, escaped.replace("/", "\\/")):
            yield once
            yield json.dumps(once)[1:-1]
    markup = html.escape(secret, quote=False)
    yield markup
    for quotes in (("&quot;", "&#x27;"), ("&quot;", "&#39;"), ("&quot;", "&apos;"), ("&#34;", "&#39;")):
        yield markup.replace('"', quotes[0]).replace("'", quotes[1])
    yield from _in_base64(data)


def _in_base64(data: bytes) -> Iterable[str]:
    """Return what shows in base64 that a secret is in it, in both alphabets and wherever it begins.

    What also holds bits of its neighbours is left out; too short a piece could be anything.
    """
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode()
        piece = encoded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        if len(piece) >= 8:
            yield from {piece, piece.replace("+", "-").replace("/", "_")}


def _filler(secrets: Iterable[str]) -> str:
    """Return a character that is in no secret: what it replaces cannot become one."""
    used = set("".join(secrets))
    return next(char for char in chain("*•█", map(chr, range(0x2588, 0xD800))) if char not in used)


_LOWER = {ord(upper): ord(upper.lower()) for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def _ascii_lower(text: str) -> str:
    """Return the text with A–Z in lower case: it keeps its length, which `lower()` need not."""
    return text.translate(_LOWER)


# -- fields ---------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _plain_name(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


@lru_cache(maxsize=4096)
def _hiding_of(plain: str):
    """Return what hides the value of a field of this plain name; None when nothing has to."""
    if (
        plain in _SECRET_NAMES
        or plain.endswith(_SECRET_ENDS)
        or any(part in plain for part in _SECRET_WITHIN)
    ):
        return _hide
    if plain.endswith(_BANK_ENDS):
        return _hide_bank
    return _hide_account if plain.endswith(_ACCOUNT_ENDS) else None


def _hide(value: str) -> str:
    return value if value.strip() in _KEPT else "***"


def _hide_account(value: str) -> str:
    return value if len(value.strip()) < _SHORTEST_ACCOUNT else _hide_bank(value)


def _hide_bank(value: str) -> str:
    if value.strip() in _KEPT:
        return value
    if value[0] in "{[<":
        return "***"
    kept = [char for char in value if char.isalnum()]
    return f"**** {''.join(kept[-4:])}" if len(kept) >= _SHORTEST_ACCOUNT else "****"


def _element(text: str, found: re.Match) -> tuple[int, int]:
    """Return where the content of an XML element begins and ends; without an end it is the rest."""
    begin = found.end()
    if (found["attributes"] or "").endswith("/"):
        return begin, begin
    end = text.find(f"</{found['element']}", begin)
    return begin, end if end >= 0 else len(text)


def _assigned(text: str, found: re.Match) -> tuple[int, int, bool]:
    """Return where the value behind ``name:`` or ``name=`` begins and ends, and whether it is in quotes."""
    start = found.start("name")
    begin = _BLANKS.match(text, found.end()).end()
    opening = _OPENING.match(text, begin)
    if found["sign"] == ":" and not found["quote"] and (start == 0 or text[start - 1] in "\r\n"):
        return _header_value(text, found.end(), begin, opening)
    if opening:
        return opening.end(), _end_of_quoted(text, opening), True
    if found["sign"] == "=":
        return found.end(), _FORM_VALUE.match(text, found.end()).end(), False
    if text[begin : begin + 1] in ("{", "["):
        return begin, _end_of_nested(text, begin, len(found["quote"] or '"') - 1), False
    return begin, _WORD.match(text, begin).end(), False


def _header_value(text: str, colon: int, begin: int, opening: re.Match | None) -> tuple[int, int, bool]:
    """Return where the value of a header's line begins and ends: with a line, and not inside of quotes."""
    end = _LINE.match(text, colon).end()
    if begin >= end:
        return end, end, False  # nothing stands there
    if opening:
        end = max(end, _end_of_quoted(text, opening))
    elif text[begin] in "{[":
        end = max(end, _end_of_nested(text, begin, 0))
    return begin, _LINE.match(text, end).end(), False


def _is_quote(slashes: int, level: int) -> bool:
    r"""Whether a quote behind so many backslashes is one that begins or ends a string.

    :param level: backslashes before the quotes of the text itself: 0, or 1, 3… in JSON within JSON
    """
    return slashes % (2 * (level + 1)) == level


def _end_of_quoted(text: str, opening: re.Match) -> int:
    level = len(opening["slashes"])
    for found in _QUOTES[opening["quote"]].finditer(text, opening.end()):
        if _is_quote(len(found[1]), level):
            return found.end() - 1 - level
    return len(text)


def _end_of_nested(text: str, begin: int, level: int) -> int:
    depth, in_string = 0, False
    for found in _NESTING.finditer(text, begin):
        if found["slashes"] is not None:
            in_string ^= _is_quote(len(found["slashes"]), level)
        elif not in_string:
            depth += 1 if found["open"] else -1
            if not depth:
                return found.end()
    return len(text)


# -- personal numbers -----------------------------------------------------------------------------------


def _hide_personal_number(found: re.Match) -> str:
    """Return a personal number without its last four digits, and anything else as it is."""
    digits = found["date"] + found["serial"]
    if not _is_birth_date(found["century"] or "20", found["date"]) or not luhn.is_valid(digits):
        return found[0]
    return (
        f"{found['century'] or ''}{found['date']}{'+' if found['sign'] in ('+', '%2B', '%2b') else '-'}****"
    )


def _is_birth_date(century: str, digits: str) -> bool:
    """Whether the six digits are a date, also with 60 more than the day as in co-ordination numbers."""
    day = int(digits[4:])
    try:
        date(int(century + digits[:2]), int(digits[2:4]), day - 60 if day > 60 else day)
    except ValueError:
        return False
    return True


# -- bodies ---------------------------------------------------------------------------------------------

_TEXT_TYPE = re.compile(r"text/.*|.*[/+](?:json|xml|javascript|x-www-form-urlencoded|x-ndjson|graphql)")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
# Those that texts come in. Python knows others that take time beyond the length of the text.
_CHARSETS = re.compile(
    r"(us-)?ascii|utf-?(8|16|32)(-?[bl]e)?|iso-?8859-?[0-9]+|latin-?[0-9]+|windows-125[0-9]|cp[0-9]+",
    re.IGNORECASE,
)
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")


def decode(body: bytes, content_type: str) -> str:
    """Return a body as text: in the header's character set, else UTF-8, else Windows-1252. Never raises."""
    charset = _CHARSET.search(content_type)
    if charset and _CHARSETS.fullmatch(charset[1]):
        with suppress(LookupError):  # no such character set
            return body.decode(charset[1], "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _readable(body: bytes | str | None, content_type: str) -> str:
    """Return a body as text, and of what is no text the type and the size."""
    if not body or isinstance(body, str):
        return body or ""
    kind = content_type.partition(";")[0].strip().lower()
    if (kind and not _TEXT_TYPE.fullmatch(kind)) or _CONTROL.search(body[:4096]):
        return f"({kind[:100] or 'no type'}, {len(body)} bytes)"
    return decode(body, content_type)


def _one_line(value: str | bytes) -> str:
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return " ".join(value.splitlines()) if "\n" in value or "\r" in value else value
