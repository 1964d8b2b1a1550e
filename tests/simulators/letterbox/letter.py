"""What is read of a letter, whatever its writer took a header or an encoding to be."""

import mimetypes
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser

_HEAD = 100_000  # bytes that the headers are looked for in
_LINE = 1000  # characters of a header that are shown
_KIND = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")
_QUOTED = re.compile(r'(^|, )"([^"\\]*)" <')
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True)
class Summary:
    """A letter in a list; `sender`, `to` and `subject` are empty when the letter has none."""

    sender: str
    to: str
    subject: str

    @classmethod
    def of(cls, data: bytes) -> "Summary":
        headers = BytesParser().parsebytes(data[:_HEAD], headersonly=True)
        return cls(
            _people(_told(headers, "from") or _told(headers, "return-path")),
            _people(_told(headers, "to") or _told(headers, "delivered-to")),
            _told(headers, "subject"),
        )


@dataclass(frozen=True)
class Attachment:
    """`kind` is its MIME type, `cid` what the HTML of the letter calls it, if it does."""

    name: str
    kind: str
    data: bytes
    cid: str = ""


@dataclass
class Letter:
    """A whole letter; `html` and `text` are None when it has none. `hidden` are those who get it untold."""

    summary: Summary
    copy_to: str = ""
    hidden: list[str] = field(default_factory=list)
    html: str | None = None
    text: str | None = None
    attachments: list[Attachment] = field(default_factory=list)

    @classmethod
    def of(cls, data: bytes) -> "Letter":
        letter = cls(Summary.of(data))
        try:
            message = message_from_bytes(data)
        except RecursionError:  # parts in parts, hundreds deep
            letter.text = _decoded(data, "utf-8")
            return letter
        letter.copy_to = _people(_told(message, "cc"))
        named = f"{letter.summary.to} {letter.copy_to}"
        letter.hidden = [address for address in _all_told(message, "delivered-to") if address not in named]
        for part in _leaves(message):
            letter._add(part)
        return letter

    def _add(self, part: Message) -> None:
        kind, name = part.get_content_type(), _file_name(part)
        attached = bool(name) or part.get_content_disposition() == "attachment"
        if kind == "text/html" and self.html is None and not attached:
            self.html = _text(part)
        elif kind == "text/plain" and self.text is None and not attached:
            self.text = _text(part)
        else:
            kind = kind if _KIND.fullmatch(kind) else _UNKNOWN
            name = name or f"bilaga-{len(self.attachments) + 1}{mimetypes.guess_extension(kind) or ''}"
            cid = _told(part, "content-id").strip("<>")
            self.attachments.append(Attachment(name, kind, _data(part), cid))


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that have no parts, in order. A letter that is attached is one of them."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting.extend(reversed(part.get_payload()))
        else:
            yield part


def _data(part: Message) -> bytes:
    """The bytes of a part, decoded as far as its encoding is right."""
    if not part.is_multipart():
        return part.get_payload(decode=True) or b""
    try:
        return b"".join(inner.as_bytes() for inner in part.get_payload())
    except (LookupError, ValueError, RecursionError):  # what cannot be written again as it was
        return b""


def _text(part: Message) -> str:
    try:
        charset = part.get_content_charset("utf-8")
    except ValueError:
        charset = "utf-8"
    return _decoded(_data(part), charset)


def _decoded(data: bytes, charset: str) -> str:
    try:
        text = data.decode(charset, "replace")
    except (LookupError, ValueError):
        text = data.decode("utf-8", "replace")
    # Some encodings can tell half a character, which cannot be written.
    return text.encode("utf-8", "replace").decode()


def _file_name(part: Message) -> str:
    try:
        return _line(part.get_filename("")).replace("/", "_").replace("\\", "_")
    except (LookupError, ValueError):
        return ""


def _told(message: Message, name: str) -> str:
    """The first header of that name, in small letters, as people read it; empty when there is none."""
    return next(_all_told(message, name), "")


def _all_told(message: Message, name: str) -> Iterator[str]:
    # As it was sent: the parser takes what is not ASCII for an unknown encoding, and it is UTF-8 (RFC 6532).
    return (_line(value) for key, value in message.raw_items() if key.lower() == name)


def _people(told: str) -> str:
    """Addresses with the names as they are spoken, without quotation marks."""
    return _QUOTED.sub(r"\1\2 <", told).rstrip(", ")  # some end a list with its comma


def _line(raw: str) -> str:
    """One line of text that can be written, of a header's value."""
    text = raw[: 4 * _LINE].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    with suppress(MessageError, LookupError, ValueError):  # else it is shown as it was sent
        text = str(make_header(decode_header(text)))
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_LINE]
