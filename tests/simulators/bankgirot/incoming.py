"""Reads a file to Bankgirot strictly: unless it is exactly as described, nothing of it is taken.

Faults that Bankgirot answers with a comment code of a single order (a wrong payer number, an amount that is
not a number …) are not refused here: their fields are handed on as text.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date

from .checks import is_bankgiro, is_digits, to_date
from .seal import key_check, mac

LENGTH = 80


class Refused(Exception):
    """The whole file was refused. `line` and `column` are 1-based; 0 when it concerns the file as such."""

    def __init__(self, line: int, column: int, why: str):
        super().__init__(f"line {line}, column {column}: {why}")
        self.line, self.column, self.why = line, column, why


@dataclass
class Record:
    """One order: its transaction code, its fields as text as they stood, and its line in the file."""

    tk: str
    line: int
    fields: dict


@dataclass
class Section:
    """An opening record and the orders after it."""

    line: int
    written: date
    customer: str
    bankgiro: str
    records: list = field(default_factory=list)


@dataclass
class Incoming:
    """A whole file. `digest` names its content without the seal; `seal` is None for a file without one."""

    sections: list
    digest: str
    seal: dict | None = None


def _changes(*used: str) -> list:
    """The fields of TK23–29: the same places, blank where that code does not use them."""
    places = [
        ("payer", 13, 28), ("date", 29, 36), ("amount", 37, 48), ("direction", 49, 50), ("new_date", 51, 58),
        ("reference", 59, 74),
    ]  # fmt: skip
    kept = [(name if name in used else "", start, end) for name, start, end in places]
    return [("bankgiro", 3, 12), *kept, ("", 75, 80)]


_PAYMENT = [
    ("date", 3, 10), ("period", 11, 11), ("renewals", 12, 14), ("", 15, 15), ("payer", 16, 31),
    ("amount", 32, 43), ("bankgiro", 44, 53), ("reference", 54, 69), ("", 70, 80),
]  # fmt: skip

# Fields as (name, first, last), counted from 1 as in the description; no name: reserve, has to be blank.
LAYOUTS = {
    "04": [("bankgiro", 3, 12), ("payer", 13, 28), ("account", 29, 44), ("identity", 45, 56), ("", 57, 76),
           ("answer", 77, 78), ("", 79, 80)],
    "03": [("bankgiro", 3, 12), ("payer", 13, 28), ("", 29, 80)],
    "05": [("bankgiro", 3, 12), ("payer", 13, 28), ("new_bankgiro", 29, 38), ("new_payer", 39, 54),
           ("", 55, 80)],
    "82": _PAYMENT,
    "32": _PAYMENT,
    "23": _changes("payer"),
    "24": _changes("payer", "date"),
    "25": _changes("payer", "date", "amount", "direction", "reference"),
    "26": _changes("new_date"),
    "27": _changes("date", "new_date"),
    "28": _changes("payer", "date", "new_date"),
    "29": _changes("payer", "date", "amount", "direction", "new_date", "reference"),
}  # fmt: skip

# A section holds orders of one kind.
KINDS = dict.fromkeys(("03", "04", "05"), "mandates")
KINDS |= dict.fromkeys(("82", "32"), "payments")
KINDS |= dict.fromkeys(("23", "24", "25", "26", "27", "28", "29"), "changes")


def _lines(data: bytes) -> list:
    """The file's lines as Latin-1 text, each of exactly 80 characters with CRLF after it."""
    if not data:
        raise Refused(0, 0, "the file is empty")
    *whole, rest = data.split(b"\n")
    lines = []
    for number, raw in enumerate([*whole, rest] if rest else whole, 1):
        if number > len(whole):
            raise Refused(number, len(raw) + 1, "the last line has no CRLF")
        if not raw.endswith(b"\r"):
            raise Refused(number, len(raw) + 1, "the line ends with LF alone, not CRLF")
        text = raw[:-1].decode("latin-1")
        if len(text) != LENGTH:
            column = min(len(text), LENGTH) + 1
            raise Refused(number, column, f"the line has {len(text)} characters, not {LENGTH}")
        for column, char in enumerate(text, 1):
            if ord(char) < 32 or 127 <= ord(char) < 160:
                raise Refused(number, column, f"control character 0x{ord(char):02X}")
        lines.append(text)
    return lines


def _blank(text: str, number: int, first: int, last: int) -> None:
    for column in range(first, last + 1):
        if text[column - 1] != " ":
            raise Refused(number, column, f"positions {first}–{last} have to be blank")


def _opening(text: str, number: int) -> Section:
    written = to_date(text[2:10])
    if written is None:
        raise Refused(number, 3, f"date written {text[2:10]!r} is no date")
    if text[10:18] != "AUTOGIRO":
        raise Refused(number, 11, "the layout name AUTOGIRO is missing")
    _blank(text, number, 19, 62)
    customer, bankgiro = text[62:68], text[68:78]
    if not is_digits(customer):
        raise Refused(number, 63, f"customer number {customer!r} is not 6 digits")
    if not is_digits(bankgiro) or not is_bankgiro(bankgiro):
        raise Refused(number, 69, f"{bankgiro!r} is no bankgiro number")
    _blank(text, number, 79, 80)
    return Section(number, written, customer, bankgiro)


def _record(text: str, number: int) -> Record:
    tk = text[:2]
    if tk not in LAYOUTS:
        raise Refused(number, 1, f"unknown transaction code {tk!r}")
    fields = {}
    for name, first, last in LAYOUTS[tk]:
        if name:
            fields[name] = text[first - 1 : last]
        else:
            _blank(text, number, first, last)
    if tk == "04" and fields["answer"] not in ("  ", "AV"):
        raise Refused(number, 77, f"{fields['answer']!r} is neither blank nor AV")
    return Record(tk, number, fields)


def _seal(lines: list) -> dict | None:
    """What TK00 and TK99 say; None when the file has neither."""
    first, last = lines[0], lines[-1]
    if first[:2] != "00" and last[:2] != "99":
        return None
    if first[:2] != "00":
        raise Refused(1, 1, "the file has a TK99 but no TK00")
    if not is_digits(first[2:8]) or first[8:12] != "HMAC":
        raise Refused(1, 3, "TK00 is not 00 + YYMMDD + HMAC")
    _blank(first, 1, 13, 80)
    if len(lines) < 2 or last[:2] != "99":
        raise Refused(len(lines), 1, "the file has a TK00 but no TK99")
    if last[2:8] != first[2:8]:
        raise Refused(len(lines), 3, "TK99 has another date than TK00")
    _blank(last, len(lines), 73, 80)
    return {"key_check": last[8:40], "mac": last[40:72]}


def check_seal(incoming: Incoming, key: str) -> None:
    """Raises Refused unless the file carries a seal made with the key (32 hex digits)."""
    if not incoming.seal:
        raise Refused(1, 1, "the payee has a seal key, but the file has no seal")
    if incoming.seal["key_check"] != key_check(key):
        raise Refused(incoming.seal["line"], 9, "the seal was made with another key")
    if incoming.seal["mac"] != mac(key, incoming.seal["protected"]):
        raise Refused(incoming.seal["line"], 41, "the seal does not fit the content")


def parse(data: bytes) -> Incoming:
    """The file's sections and orders; raises Refused at the first fault of form."""
    lines = _lines(data)
    seal = _seal(lines)
    start, end = (1, len(lines) - 1) if seal else (0, len(lines))
    if seal:
        seal["line"] = len(lines)
        seal["protected"] = "".join(lines[:end]).encode("latin-1")
    sections: list[Section] = []
    for number, text in enumerate(lines[start:end], start + 1):
        if text[:2] == "01":
            if sections and not sections[-1].records:
                raise Refused(number, 1, "the section before has no orders")
            sections.append(_opening(text, number))
            continue
        if not sections:
            raise Refused(number, 1, "the file does not open with TK01")
        record = _record(text, number)
        first = sections[-1].records[0] if sections[-1].records else record
        if KINDS[first.tk] != KINDS[record.tk]:
            raise Refused(number, 1, f"TK{record.tk} in a section of {KINDS[first.tk]}")
        sections[-1].records.append(record)
    if not sections:
        raise Refused(len(lines), 1, "the file has no section")
    if not sections[-1].records:
        raise Refused(sections[-1].line, 1, "the section has no orders")
    content = "\n".join(lines[start:end]).encode("latin-1")
    return Incoming(sections, hashlib.sha256(content).hexdigest(), seal)
