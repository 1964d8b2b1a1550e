"""Reads elements as the description has them, tells what is not so, and writes values as elements.

A value is a dict, a list, a text, an int or a bool: decimals are texts as they were written, moments texts in
UTC. What says "not set" (a default of the description, an empty text, nil) is left out of what was read.
"""

import re
from decimal import Decimal
from xml.sax.saxutils import escape

from . import moments
from .description import ENUMERATIONS, NAMESPACE, TYPES, Field

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NIL = f"{{{XSI}}}nil"
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WHOLE = {"int": 2**31, "short": 2**15, "long": 2**63}
_LARGEST = Decimal("79228162514264337593543950335")
NOWHERE = "00000000-0000-0000-0000-000000000000"


class Unreadable(Exception):
    """The text is none of its type."""


def _whole(kind: str, text: str) -> int | None:
    if not re.fullmatch(r"[+-]?\d{1,19}", text) or not -_WHOLE[kind] <= int(text) < _WHOLE[kind]:
        raise Unreadable
    return None if int(text) == -_WHOLE[kind] else int(text)


def _decimal(text: str) -> str | None:
    if not _DECIMAL.fullmatch(text) or abs(Decimal(text)) > _LARGEST:
        raise Unreadable
    return None if Decimal(text) == -_LARGEST else plain(Decimal(text))


def _double(text: str) -> str | None:
    try:
        return None if float(text) == -1.7976931348623157e308 else text
    except ValueError as error:
        raise Unreadable from error


def _boolean(text: str) -> bool:
    if text not in ("true", "false", "1", "0"):
        raise Unreadable
    return text in ("true", "1")


def _guid(text: str) -> str | None:
    if not _GUID.fullmatch(text):
        raise Unreadable
    return None if text == NOWHERE else text.lower()


def _moment(text: str) -> str | None:
    try:
        return moments.read(text)
    except moments.NoSuchTime as error:
        raise Unreadable("is a time that the clocks were put forward past") from error
    except ValueError as error:
        raise Unreadable from error


_READERS = {"decimal": _decimal, "double": _double, "boolean": _boolean, "guid": _guid, "dateTime": _moment}


def _simple(kind: str, text: str):
    """The value of a text, None when it says that nothing is set; Unreadable when it is none of its type."""
    if kind == "string":
        return text or None
    text = text.strip(" \t\r\n")
    if kind in ENUMERATIONS:
        if text not in ENUMERATIONS[kind]:
            raise Unreadable
        return text
    return _whole(kind, text) if kind in _WHOLE else _READERS[kind](text)


def plain(number: Decimal) -> str:
    """A decimal with its digits, never with an exponent."""
    return format(number, "f")


# -- reading ----------------------------------------------------------------------------------------------


def local(tag: str) -> str:
    """The name of an element without its namespace."""
    return tag.rpartition("}")[2]


class Reader:
    """Reads what is asked; `wrong` has what is not as it is described: [(rule, text)]. Texts tell no values
    that may be secret or somebody's."""

    def __init__(self):
        self.wrong = []

    def _complain(self, rule: str, text: str) -> None:
        self.wrong.append((rule, text))

    def fields(self, element, fields: tuple, path: str) -> dict:
        """The elements within one, as they are described."""
        value, known, place = {}, {field.name: number for number, field in enumerate(fields)}, 0
        for told in (element.text, *(child.tail for child in element)):
            if told and told.strip():
                self._complain("text", f"{path} has text beside its elements")
        seen = set()
        for child in element:
            name = local(child.tag)
            if child.tag != f"{{{NAMESPACE}}}{name}":
                self._complain("namespace", f"{path}/{name} is not in {NAMESPACE}")
            elif name not in known:
                self._complain("unknown", f"{path} has no element {name}")
            elif name in seen:
                self._complain("twice", f"{path}/{name} is there more than once")
            else:
                if known[name] < place:
                    self._complain("order", f"{path}/{name} comes too late")
                place = max(place, known[name])
                read = self._one(child, fields[known[name]], f"{path}/{name}")
                if read is not None:
                    value[name] = read
            seen.add(name)
        for field in fields:
            if field.required and field.name not in seen:
                self._complain("required", f"{path}/{field.name} is missing")
        return value

    def _one(self, element, field: Field, path: str):
        nil = element.attrib.get(_NIL)
        if set(element.attrib) - {_NIL}:
            self._complain("attribute", f"{path} has an attribute that is not known")
        if nil in ("true", "1"):
            if not field.nillable:
                self._complain("nil", f"{path} cannot be nil")
            if len(element) or element.text:
                self._complain("nil", f"{path} is nil and not empty")
            return None
        if nil not in (None, "false", "0"):
            self._complain("nil", f"{path} has a nil that is neither true nor false")
        if field.listed:
            return self._items(element, field.item, path)
        if field.kind in TYPES:
            return self.fields(element, TYPES[field.kind], path)
        if len(element):
            self._complain("type", f"{path} is a {field.kind} and has elements")
            return None
        try:
            return _simple(field.kind, element.text or "")
        except Unreadable as wrong:
            shown = "" if field.kind == "guid" else f": {(element.text or '')[:40]!r}"
            self._complain("type", f"{path} {str(wrong) or f'is no {field.kind}'}{shown}")
            return None

    def _items(self, element, item: Field, path: str) -> list:
        if element.text and element.text.strip():
            self._complain("text", f"{path} has text beside its elements")
        found = []
        for number, child in enumerate(element, 1):
            if child.tag != f"{{{NAMESPACE}}}{item.name}":
                self._complain("unknown", f"{path} is a list of {item.name}, not of {local(child.tag)}")
            else:
                read = self._one(child, item, f"{path}/{item.name}[{number}]")
                found += [] if read is None else [read]
        return found


# -- writing ----------------------------------------------------------------------------------------------


def _text_of(value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))


def written(field: Field, value) -> str:
    """A value as an element. What is as the description's default is left out within it."""
    if value is None:
        return f'<{field.name} xsi:nil="true" />' if field.nillable else ""
    if field.listed:
        inside = "".join(written(field.item, each) for each in value)
    elif field.kind in TYPES:
        inside = "".join(_within(each, value) for each in TYPES[field.kind])
    else:
        inside = _text_of(value)
    return f"<{field.name}>{inside}</{field.name}>" if inside else f"<{field.name} />"


def _within(field: Field, told: dict) -> str:
    if field.name not in told:
        return written(field, None) if field.required else ""
    value = told[field.name]
    is_default = bool(field.default) and _text_of(value) == field.default
    return "" if is_default and not field.required else written(field, value)
