"""Writes calls as SOAP 1.1 and reads answers and faults, by the tables of :mod:`.schema`.

Values are typed: ``string`` and ``enum`` are ``str``; ``int``, ``short`` and ``long`` are ``int``;
``decimal`` and ``double`` are ``Decimal`` (or ``int``, to be written); ``boolean`` is ``bool``;
``dateTime`` is a ``date`` or ``datetime`` (see :mod:`.moments`), read as ``datetime``; ``guid`` is a ``UUID``
or its text, read as text; ``base64Binary`` is ``bytes``; a type of several elements is a ``dict`` by their
names, and a list is a ``list`` of its values.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import date as Date
from decimal import Decimal
from uuid import UUID
from xml.parsers.expat import ExpatError

import xmltodict

from .moments import read_moment, write_moment
from .problems import AnswerError, RequestError
from .schema import NAMESPACE, OPERATIONS, SENTINELS, Complex, Element, Operation

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

#: Kind -> bits
_BITS = {"short": 16, "int": 32, "long": 64}
_MOST_DIGITS = 28  # that every decimal of the service can hold
# Whatever else is in a text, XML has no way to write it.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_DECIMAL = re.compile(r"[+-]?(?=\.?[0-9])[0-9]{0,40}(?:\.[0-9]{0,40})?")
_DOUBLE = re.compile(_DECIMAL.pattern + r"(?:[eE][+-]?[0-9]{1,3})?")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_NIL = {"@xsi:nil": "true"}


# -- writing ----------------------------------------------------------------------------------------------


def write(operation: str, values: dict) -> bytes:
    """Return the envelope of a call.

    :param operation: a key of ``OPERATIONS``
    :param values: of its elements, in any order. What is None or absent is left out, or is said to be nil
        where the service demands the element
    :raises RequestError: the values are not what the operation takes
    """
    told = OPERATIONS[operation]
    content = {"@xmlns": NAMESPACE, **_write_all(told.arguments, values, "")}
    envelope = {"@xmlns:soap": SOAP, "@xmlns:xsi": XSI, "soap:Body": {operation: content}}
    return xmltodict.unparse({"soap:Envelope": envelope}).encode()


def _write_all(of: Complex, values: object, where: str) -> dict:
    if not isinstance(values, dict):
        raise RequestError("type", where)
    for name in values:
        if name not in of.by_name:
            raise RequestError("unknown", _within(where, name))
    written = {}
    for element in of.elements:
        value, place = values.get(element.name), _within(where, element.name)
        if value is not None:
            written[element.name] = _write(element, value, place)
        elif element.required:
            if not element.nillable:
                raise RequestError("missing", place)
            written[element.name] = _NIL
    return written


def _write(element: Element, value: object, where: str) -> object:
    """Return a value as xmltodict writes it."""
    if element.kind == "complex":
        return _write_all(element.of, value, where)
    if element.kind == "list":
        if not isinstance(value, list | tuple):
            raise RequestError("type", where)
        item = element.of
        return {item.name: [_write(item, one, f"{where}[{number}]") for number, one in enumerate(value)]}
    return _WRITERS[element.kind](element, value, where)


def _write_text(element: Element, value: object, where: str) -> str:
    if not isinstance(value, str):
        raise RequestError("type", where)
    if _NOT_IN_XML.search(value):
        raise RequestError("character", where)
    text = value.replace("\r\n", "\n").replace("\r", "\n")  # as every reader of XML does
    # The service counts as UTF-16 does.
    if element.longest is not None and len(text.encode("utf-16-le")) // 2 > element.longest:
        raise RequestError("long", where, longest=element.longest)
    return text


def _write_enum(element: Element, value: object, where: str) -> str:
    if not isinstance(value, str):
        raise RequestError("type", where)
    if value not in element.of.values:
        raise RequestError("enum", where)
    return value


def _write_integer(element: Element, value: object, where: str) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        raise RequestError("type", where)
    most = 2 ** (_BITS[element.kind] - 1)
    # The lowest of all means "not set".
    if not -most < value < most:
        raise RequestError("range", where)
    return str(int(value))


def _write_decimal(_element: Element, value: object, where: str) -> str:
    """Return a number with fixed digits: the service knows no exponents, and 28 digits."""
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise RequestError("type", where)
    number = Decimal(value)
    if not number.is_finite() or (number and not -_MOST_DIGITS <= number.adjusted() < _MOST_DIGITS):
        raise RequestError("range", where)
    text = format(number, "f") if number else "0"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if len(text.lstrip("-0.").replace(".", "")) > _MOST_DIGITS:
        raise RequestError("range", where)
    return text


def _write_boolean(_element: Element, value: object, where: str) -> str:
    if not isinstance(value, bool):
        raise RequestError("type", where)
    return "true" if value else "false"


def _write_date(_element: Element, value: object, where: str) -> str:
    if not isinstance(value, Date):
        raise RequestError("type", where)
    try:
        text = write_moment(value)
    except ValueError:
        raise RequestError("range", where) from None
    if text is None:
        raise RequestError("moment", where)
    return text


def _write_guid(_element: Element, value: object, where: str) -> str:
    text = str(value).lower() if isinstance(value, str | UUID) else ""
    if not _GUID.fullmatch(text):
        raise RequestError("type", where)
    return text


_WRITERS = {
    "string": _write_text,
    "enum": _write_enum,
    "int": _write_integer,
    "short": _write_integer,
    "long": _write_integer,
    "decimal": _write_decimal,
    "double": _write_decimal,
    "boolean": _write_boolean,
    "dateTime": _write_date,
    "guid": _write_guid,
}


# -- reading ----------------------------------------------------------------------------------------------


def read(operation: str, body: bytes) -> object:
    """Return what an answer tells.

    The service leaves out what equals a default: an absent element has its default, e.g. ``Web`` or 1. That
    holds as well for an element that was not asked for. What has no default, is nil or holds what stands for
    "not set" is None; a list that is absent is empty. Moments are aware and in UTC. A value of an enumeration
    that is not known is returned as it is told, and elements that are not known are left out.

    :param operation: what was called, a key of ``OPERATIONS``
    :raises AnswerError: it is not this operation's answer, or a value cannot be read
    """
    told = OPERATIONS[operation]
    answer = _answer_of(told, body)
    return _read(told.result, answer.get(told.result.name, _ABSENT), told.result.name)


_ABSENT = object()


def _answer_of(operation: Operation, body: bytes) -> dict:
    content = _body_of(body)
    name = f"{operation.name}Response"
    if name not in content:
        raise AnswerError("operation")
    return _elements(content[name], name)


def _body_of(body: bytes) -> dict:
    """Return the elements of a message's body by their names.

    Those of the service have no prefix, SOAP's have ``soap:``, whatever the message calls them.
    """
    try:
        text = body.decode("utf-8-sig")
        if "<!DOCTYPE" in text:
            raise AnswerError("xml")
        message = xmltodict.parse(
            text,
            process_namespaces=True,
            namespaces={NAMESPACE: None, SOAP: "soap", SOAP_12: "soap", XSI: "xsi"},
            strip_whitespace=False,
        )
    except (UnicodeDecodeError, ExpatError):
        raise AnswerError("xml") from None
    envelope = _elements(message.get("soap:Envelope"), "Envelope")
    return _elements(envelope.get("soap:Body"), "Body")


def _elements(node: object, where: str) -> dict:
    """Return what xmltodict has read of an element that holds others."""
    if node is None or (isinstance(node, str) and not node.strip()):
        return {}
    if not isinstance(node, dict) or node.get("#text", "").strip():
        raise AnswerError("shape", where)
    return node


def _read(element: Element, node: object, where: str) -> object:
    if element.kind == "list":
        return _read_list(element.of, node, where)
    if isinstance(node, list):
        raise AnswerError("shape", where)
    if node is _ABSENT:
        if element.required and not element.nillable:
            raise AnswerError("missing", where)
        return None if element.unset is None else _read_plain(element, element.unset, where)
    if isinstance(node, dict) and _BOOLEANS.get(node.get("@xsi:nil", "").strip()):
        return None
    if element.kind == "complex":
        node = _elements(node, where)
        return {
            part.name: _read(part, node.get(part.name, _ABSENT), _within(where, part.name))
            for part in element.of.elements
        }
    if isinstance(node, dict):
        if any(not name.startswith(("@", "#")) for name in node):
            raise AnswerError("shape", where)
        node = node.get("#text")
    return _read_plain(element, node or "", where)


def _read_list(item: Element, node: object, where: str) -> list:
    if node is _ABSENT:
        return []
    nodes = _elements(node, where).get(item.name, [])
    if not isinstance(nodes, list):
        nodes = [nodes]
    return [_read(item, one, f"{where}[{number}]") for number, one in enumerate(nodes)]


def _read_plain(element: Element, text: str, where: str) -> object:
    if element.kind in ("string", "enum"):
        return text
    try:
        value = _READERS[element.kind](element, text.strip(" \t\r\n"))
    except ValueError:
        raise AnswerError("value", where) from None
    return None if value == _UNSET.get(element.kind, _ABSENT) else value


def _read_integer(element: Element, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError("no whole number")
    number, most = int(text), 2 ** (_BITS[element.kind] - 1)
    if not -most <= number < most:
        raise ValueError("out of range")
    return number


def _read_decimal(element: Element, text: str) -> Decimal:
    if not (_DOUBLE if element.kind == "double" else _DECIMAL).fullmatch(text):
        raise ValueError("no number")
    return Decimal(text)


def _read_boolean(_element: Element, text: str) -> bool:
    if text not in _BOOLEANS:
        raise ValueError("neither true nor false")
    return _BOOLEANS[text]


def _read_guid(_element: Element, text: str) -> str:
    text = text.lower()
    if not _GUID.fullmatch(text):
        raise ValueError("no guid")
    return text


def _read_bytes(_element: Element, text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None


_READERS = {
    "int": _read_integer,
    "short": _read_integer,
    "long": _read_integer,
    "decimal": _read_decimal,
    "double": _read_decimal,
    "boolean": _read_boolean,
    "dateTime": lambda _element, text: read_moment(text),
    "guid": _read_guid,
    "base64Binary": _read_bytes,
}
#: What is read of a sentinel
_UNSET = {kind: _READERS[kind](Element("", kind), text) for kind, text in SENTINELS.items()}


def _within(where: str, name: object) -> str:
    name = str(name)
    return f"{where}.{name}" if where else name


# -- faults -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """SOAP's way to tell that a call failed.

    :ivar code: without its prefix, e.g. ``Server`` or ``Client`` (``Receiver`` and ``Sender`` in SOAP 1.2)
    :ivar words: the service's own
    """

    code: str
    words: str


def read_fault(body: bytes) -> Fault | None:
    """Return the fault that a body holds, of SOAP 1.1 or 1.2; None when it holds none, or is no message."""
    try:
        content = _body_of(body)
        if "soap:Fault" not in content:
            return None
        fault = _elements(content["soap:Fault"], "Fault")
    except AnswerError:
        return None
    code = _text_of(fault.get("faultcode")) or _text_in(fault.get("soap:Code"), "soap:Value")
    words = _text_of(fault.get("faultstring")) or _text_in(fault.get("soap:Reason"), "soap:Text")
    return Fault(code.rpartition(":")[2], words)


def _text_in(node: object, name: str) -> str:
    return _text_of(node.get(name)) if isinstance(node, dict) else ""


def _text_of(node: object) -> str:
    """Return the text of an element, of the first when it is repeated."""
    if isinstance(node, list):
        node = node[0]
    if isinstance(node, dict):
        node = node.get("#text")
    return node.strip() if isinstance(node, str) else ""
