"""24SevenOffice's messages with any values and any damage: told back as sent, or refused in words."""

import random
import re
from datetime import date, datetime, timezone
from decimal import Decimal
from uuid import UUID

from brp_24seven.soap import (
    OPERATIONS,
    AnswerError,
    RequestError,
    explain,
    quarantine,
    read,
    write,
)
from brp_24seven.soap.moments import OSLO, exists
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from seven_office import answer, fault

UTC = timezone.utc
MUTATIONS = 6000
SAVING = ("SaveInvoices", "SaveCompanies", "SaveProducts", "SaveCategories")
# Line ends of other systems come back as \n.
CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")

PLAIN = {
    "short": st.integers(-(2**15) + 1, 2**15 - 1),
    "int": st.integers(-(2**31) + 1, 2**31 - 1),
    "decimal": st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=6),
    "boolean": st.booleans(),
    "dateTime": st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).filter(
        lambda moment: exists(moment.replace(microsecond=0))
    ),
    "guid": st.uuids().filter(lambda guid: guid.int),
}
PLAIN["double"] = PLAIN["decimal"]


def values_of(element):
    """Values that an element takes."""
    if element.kind == "complex":
        return complex_of(element.of)
    if element.kind == "list":
        return st.lists(values_of(element.of), max_size=2)
    if element.kind == "enum":
        return st.sampled_from(element.of.values)
    if element.kind == "string":
        return st.text(CHARACTERS, max_size=min(element.longest or 20, 20) // 2)
    return PLAIN[element.kind]


def complex_of(of):
    """Values of a type: up to five of its elements, and those that are demanded."""
    demanded = {part.name: values_of(part) for part in of.elements if part.required and not part.nillable}
    others = [part.name for part in of.elements if part.name not in demanded]
    chosen = st.lists(st.sampled_from(others), max_size=5, unique=True) if others else st.just([])
    return chosen.flatmap(
        lambda names: st.fixed_dictionaries(demanded | {name: values_of(of.by_name[name]) for name in names})
    )


def as_told(value):
    """A value as it comes back."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.replace(microsecond=0, tzinfo=OSLO).astimezone(UTC)
    return value


def check(sent, told):
    """Whatever was sent came back."""
    if isinstance(sent, dict):
        for name, value in sent.items():
            check(value, told[name])
    elif isinstance(sent, list):
        assert len(sent) == len(told)
        for one, other in zip(sent, told, strict=True):
            check(one, other)
    else:
        assert as_told(sent) == told


@st.composite
def calls(draw):
    operation = draw(st.sampled_from(SAVING))
    (element,) = OPERATIONS[operation].request
    return operation, element.name, draw(values_of(element))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=300)
@given(calls())
def test_what_is_saved_comes_back(call):
    operation, name, things = call
    sent = write(operation, {name: things}).decode()
    inner = sent.partition(f"<{name}>")[2].rpartition(f"</{name}>")[0]
    check(things, read(operation, answer(operation, inner)))


NAMES = st.sampled_from(["CustomerId", "InvoiceRows", "Price", "Paid", "IncludeVAT", "Currency", "OCR", "x"])
ANYTHING = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(), st.binary(max_size=3),
        st.dates(), st.datetimes(timezones=st.none() | st.timezones()), st.uuids(), st.just("Web"),
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None, max_examples=500)
@given(st.lists(st.dictionaries(NAMES, ANYTHING, max_size=2), max_size=2))
def test_anything_is_written_or_refused(orders):
    try:
        body = write("SaveInvoices", {"invoices": orders})
    except RequestError as error:
        assert error.where.startswith("invoices[")
        assert error.text("sv") and error.text("en")
    else:
        inner = body.decode().partition("<invoices>")[2].rpartition("</invoices>")[0]
        assert len(read("SaveInvoices", answer("SaveInvoices", inner))) == len(orders)


ORDER = (
    "<InvoiceOrder><OrderId>5501</OrderId><OrderStatus>Invoiced</OrderStatus><InvoiceId>20007</InvoiceId>"
    '<DateInvoiced>2026-01-13T23:00:00Z</DateInvoiced><IncludeVAT xsi:nil="true" /><OrderTotalVat>843.75'
    "</OrderTotalVat><Currency><Rate>1.0</Rate></Currency><InvoiceRows><InvoiceRow><RowId>1</RowId>"
    "<Price>1250.00</Price><Name>Sal 2 &amp; 3</Name></InvoiceRow></InvoiceRows></InvoiceOrder>"
)
ORIGINALS = [
    answer("GetInvoices", ORDER * 2),
    answer("GetInvoices", ORDER),
    fault("Limit exceeded by 1. Request is blocked. Quarantine ends at 2026-07-01T12:30:00Z"),
]
VALUE = re.compile(rb"(?<=>)[^<>]+(?=</)")
VALUES = [b"", b"1", b"-7", b"0.5", b"true", b"Web", b"2026-02-28T01:00:00", b"x", b"<a/>", b"&amp;", b" 2 "]
PIECES = [
    b"<", b">", b"&", b"\0", b"\xff", b"</", b"/>", b"<a>", b"&lt;", b"<![CDATA[", b"]]>", b"<!DOCTYPE a>",
    b"9" * 30, b"1e9", b"NaN", b' xsi:nil="true"', b" ", b"\n", b'xmlns=""', b"<?x?>", b"<!--", b"soap:",
    b"-", b"<OrderId>7</OrderId>", b"<InvoiceOrder/>", b"</InvoiceOrder><InvoiceOrder>",
]  # fmt: skip


def mutated(data, chance):
    """A body with one to four values changed, or pieces put in, taken out, changed or put elsewhere."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(changed) + 1)
        until = min(len(changed), at + chance.choice((1, 1, 2, 10, 60)))
        values = list(VALUE.finditer(changed))
        what = chance.randrange(-8, 4)
        if what < 0 and values:
            at, until = chance.choice(values).span()
            changed[at:until] = chance.choice(VALUES)
        elif what == 0:
            changed[at:at] = chance.choice(PIECES)
        elif what == 1:
            changed[at:until] = chance.choice(PIECES)
        elif what == 2:
            del changed[at:until]
        else:
            to = chance.randrange(len(changed) + 1)
            changed[to:to] = changed[at:until]
    return bytes(changed)


def is_read(body):
    """Whether a body is read as orders, whose values then are what they should be."""
    try:
        orders = read("GetInvoices", body)
    except AnswerError as error:
        assert error.text("sv") and error.text("en")
        return False
    for order in filter(None, orders):
        for name, kind in (("OrderId", int), ("OrderTotalVat", Decimal), ("Paid", date), ("OCR", str)):
            assert order[name] is None or isinstance(order[name], kind)
    return True


def test_damaged_answers():
    chance = random.Random(2407)
    outcomes = []
    for _ in range(MUTATIONS):
        body = mutated(chance.choice(ORIGINALS), chance)
        kind, code, words, _wait = explain(500, {}, body)
        assert kind in (None, "again", "settings", "ours")
        assert code in ("", "fault", "limit", "session") and len(words) <= 380
        wait = quarantine(words, datetime(2026, 7, 1, tzinfo=UTC))
        assert wait is None or 0 <= wait <= 86_400
        outcomes.append(is_read(body))
    assert 0.1 * MUTATIONS < sum(outcomes) < 0.9 * MUTATIONS


def test_a_deep_answer_takes_neither_stack_nor_time():
    deep = "<a>" * 100_000 + "</a>" * 100_000
    assert read("GetInvoices", answer("GetInvoices", deep)) == []
