"""Envelopes of SOAP 1.1: what is asked, answers and faults."""

import re
from dataclasses import dataclass, field
from email.message import Message
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from plumbing import Answer

from .description import ASKED, NAMESPACE, RESULTS
from .schema import XSI, Reader, local, written

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
CONTENT_TYPE = "text/xml; charset=utf-8"
_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?>'
    f'<soap:Envelope xmlns:soap="{SOAP}" xmlns:xsi="{XSI}" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
    "<soap:Body>%s</soap:Body></soap:Envelope>"
)


class Fault(Exception):
    """A refusal of the whole call, HTTP 500 unless told.

    :param kind: Client or Server
    :param rule: which rule of the description was broken, if it was one
    """

    def __init__(self, text: str, kind: str = "Server", status: int = 500, rule: str = ""):
        super().__init__(text)
        self.kind, self.status, self.rule = kind, status, rule


def unable(text: str, rule: str = "") -> Fault:
    """As the services tell what their code has refused."""
    return Fault(f"Server was unable to process request. ---> {text}", rule=rule)


@dataclass
class Asked:
    """What was asked: `wrong` is what is not as it is described, [(rule, text)]."""

    service: str
    operation: str
    values: dict = field(default_factory=dict)
    wrong: list = field(default_factory=list)
    refusal: Fault | None = None


def fault_answer(fault: Fault) -> Answer:
    """A fault as it is answered."""
    inside = (
        f"<soap:Fault><faultcode>soap:{fault.kind}</faultcode>"
        f"<faultstring>{escape(str(fault))}</faultstring><detail /></soap:Fault>"
    )
    return Answer(status=fault.status, data=(_ENVELOPE % inside).encode(), content_type=CONTENT_TYPE)


def result_answer(service: str, operation: str, value) -> Answer:
    """What an operation results in, as it is answered."""
    inside = written(RESULTS[service, operation], value)
    body = f'<{operation}Response xmlns="{NAMESPACE}">{inside}</{operation}Response>'
    return Answer(data=(_ENVELOPE % body).encode(), content_type=CONTENT_TYPE)


def read(service: str, headers, body: bytes) -> Asked:
    """What a request asks of a service."""
    action = headers.get("SOAPAction", "").strip()
    name = action.strip('"').rpartition("/")[2]
    asked = Asked(service, name if re.fullmatch(r"\w{1,60}", name) else "?")
    _check_type(asked, headers)
    if (service, asked.operation) not in ASKED or action.strip('"') != f"{NAMESPACE}/{asked.operation}":
        return _refused(
            asked, "SOAPAction", "Server did not recognize the value of HTTP Header SOAPAction.", "SOAPAction"
        )
    if not re.fullmatch('".*"', action):
        asked.wrong.append(("SOAPAction", "SOAPAction is not within quotation marks"))
    if asked.refusal:
        return asked
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        return _refused(asked, "XML", "For security reasons DTD is prohibited in this XML document.")
    try:
        envelope = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError):
        return _refused(asked, "XML", "the body is no XML")
    _read_body(asked, envelope)
    if asked.wrong:
        told = "; ".join(text for _rule, text in asked.wrong[:3])
        asked.refusal = Fault(f"Server was unable to read request. ---> {told}", "Client")
    return asked


def _refused(asked: Asked, rule: str, text: str, about: str = "") -> Asked:
    asked.wrong.append((rule, f"{about or 'request'}: {text}" if about else text))
    asked.refusal = asked.refusal or Fault(text, "Client")
    return asked


def _check_type(asked: Asked, headers) -> None:
    told = Message()
    told["Content-Type"] = headers.get("Content-Type", "")
    if told.get_content_type() != "text/xml" or "Content-Type" not in headers:
        asked.wrong.append(("Content-Type", "Content-Type is not text/xml"))
        asked.refusal = Fault("Content-Type is not text/xml", "Client", 415)
    elif (told.get_content_charset() or "") != "utf-8":
        asked.wrong.append(("Content-Type", "Content-Type has no charset=utf-8"))


def _read_body(asked: Asked, envelope) -> None:
    if envelope.tag != f"{{{SOAP}}}Envelope" or [child.tag for child in envelope] != [f"{{{SOAP}}}Body"]:
        asked.wrong.append(("envelope", "the envelope of SOAP 1.1 has a Body, and no Header"))
        return
    inside = list(envelope[0])
    if len(inside) != 1 or inside[0].tag != f"{{{NAMESPACE}}}{asked.operation}":
        found = ", ".join(local(child.tag) for child in inside)[:100] or "nothing"
        asked.wrong.append(("operation", f"the Body has {found}, not {asked.operation} of {NAMESPACE}"))
        return
    reader = Reader()
    asked.values = reader.fields(inside[0], ASKED[asked.service, asked.operation], asked.operation)
    asked.wrong += reader.wrong
