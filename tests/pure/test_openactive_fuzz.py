"""Requests that are broken in thousands of ways: all are read, or refused with an error of the standard."""

import copy
import json
import random
from decimal import Decimal

from brp_openactive.openactive import (
    BookingError,
    Step,
    b_answer,
    c1_answer,
    c2_answer,
    error_answer,
    read_cancellation,
    read_request,
)
from openactive_hall import IDS, UUID, body, booked, cancellation, order, quoted, request, requested_item

MUTATIONS = 5_000
VALUES = [
    None, True, False, 0, 1, -1, 340, 2**31, 2**63, 10**400, 1.0, 0.005, 1e300, 1e-300, float("nan"), "", " ",
    "0", "Order", "OrderItem", "Person", "\0", "\ud800", "å" * 3000, "340", UUID, IDS.slot(501),
    IDS.order(UUID),
    "https://openactive.io/NoBroker", "https://openactive.io/CustomerCancelled", [], {}, [None], [[]], [{}],
    {"@id": IDS.slot(501)}, {"@id": {}}, {"@type": "Person"}, {"@type": []}, {"a": {"b": [1, {"c": None}]}},
]  # fmt: skip
NAMES = [
    "@id",
    "@type",
    "@context",
    "position",
    "identifier",
    "customer",
    "payment",
    "a",
    "beta:a",
    "\ud800",
    "",
]


def places(data, found=None):
    """Return the containers of JSON data, each with its keys."""
    found = [] if found is None else found
    if isinstance(data, dict | list):
        found.append(data)
        for each in data.values() if isinstance(data, dict) else data:
            places(each, found)
    return found


def mutated(original, chance):
    """Return JSON data in which something has been changed, added, moved, doubled or taken away."""
    data = copy.deepcopy(original)
    for _ in range(chance.choice((1, 1, 2, 5))):
        where = chance.choice(places(data))
        keys = list(where) if isinstance(where, dict) else list(range(len(where)))
        value = copy.deepcopy(chance.choice([chance.choice(VALUES), chance.choice(places(data))]))
        what = chance.randrange(4)
        if what == 0 and keys:
            del where[chance.choice(keys)]
        elif what == 1 and keys:
            where[chance.choice(keys)] = value
        elif isinstance(where, dict):
            where[chance.choice(NAMES)] = value
        else:
            where.insert(chance.randint(0, len(where)), value)
    return data


def mutated_text(text, chance):
    """Return text of which some bytes have been changed, added or taken away."""
    data = bytearray(text)
    for _ in range(chance.choice((1, 1, 3, 10))):
        at = chance.randrange(len(data))
        what = chance.randrange(3)
        if what == 0:
            data[at] = chance.choice(b'\0\xff\xc3"{}[],:\\eE-.0123456789')
        elif what == 1:
            del data[at : at + chance.choice((1, 2, 30))]
        else:
            data[at:at] = data[at : at + chance.choice((1, 2, 30))]
    return bytes(data)


def use(sent, step):
    """Read and judge a request as a controller does, and answer it.

    Return the type of the first error, or None; anything but a refusal in words fails the test.
    """
    try:
        asked = read_request(sent, step)
        assert len(asked.fingerprint) == 64
        for check in (asked.check_broker, asked.check_customer, asked.check_seller, asked.check_items):
            check()
        items = [
            quoted(position=item.position, errors=(item.error,))
            if item.error
            else (booked if step is Step.B else quoted)(position=item.position)
            for item in asked.items
        ]
        told = order(
            *items, step=step, broker_role=asked.broker_role, broker=asked.broker, customer=asked.customer,
            payment=asked.payment,
        )  # fmt: skip
        if step is Step.B and not told.has_errors:
            asked.check_payment(told.total_due)
            asked.check_total(told.total_due)
        answer = {Step.C1: c1_answer, Step.C2: c2_answer, Step.B: b_answer}[step](told, "sv")
        data = json.loads(answer.body.encode(), parse_float=Decimal)
        assert answer.status == (409 if told.has_errors else 201 if step is Step.B else 200)
        assert [item["position"] for item in data["orderedItem"]] == [item.position for item in asked.items]
    except BookingError as error:
        return refused(error)
    return None


def refused(error):
    """Return the type of an error that can be answered in both languages, and repeats nothing sent."""
    assert error.type != "InternalApplicationError"
    for lang in ("en", "sv"):
        answer = error_answer(error, lang)
        assert 400 <= answer.status <= 500 and "å" * 50 not in answer.body
        assert json.loads(answer.body.encode())["@type"] == error.type
    return error.type


def test_mutated_requests():
    chance = random.Random(20310509)
    outcomes = {step: [] for step in Step}
    for _ in range(MUTATIONS):
        step = chance.choice(list(Step))
        sent = request(step, orderedItem=[requested_item(0)])
        outcomes[step].append(use(body(mutated(sent, chance)), step))
    for found in outcomes.values():
        assert 0.2 * len(found) < found.count(None) < 0.8 * len(found)
    told = {type_ for found in outcomes.values() for type_ in found} - {None}
    assert told >= {
        "OpenBookingError", "UnexpectedOrderTypeError", "IncompleteBrokerDetailsError",
        "IncompleteCustomerDetailsError", "SellerNotFoundError", "MissingPaymentDetailsError",
        "IncompletePaymentDetailsError", "TotalPaymentDueMismatchError",
    }  # fmt: skip


def test_mutated_bytes():
    chance = random.Random(7)
    original = body(request(Step.B))
    outcomes = [use(mutated_text(original, chance), Step.B) for _ in range(MUTATIONS)]
    assert 0.05 * MUTATIONS < outcomes.count(None) < 0.9 * MUTATIONS


def test_mutated_cancellations():
    chance = random.Random(11)
    original = cancellation(1, 2)
    told = []
    for number in range(MUTATIONS):
        sent = body(mutated(original, chance)) if number % 2 else mutated_text(body(original), chance)
        try:
            found = read_cancellation(sent, IDS, UUID)
            assert found.numbers and all(
                IDS.order_item(UUID, each) in found.item_ids for each in found.numbers
            )
            told.append(None)
        except BookingError as error:
            told.append(refused(error))
    assert 0.1 * MUTATIONS < told.count(None) < 0.8 * MUTATIONS
    assert set(told) >= {
        "OpenBookingError", "UnexpectedOrderTypeError", "PatchContainsExcessivePropertiesError",
        "PatchNotAllowedOnPropertyError", "OrderItemIdInvalidError",
    }  # fmt: skip


def test_fingerprints_depend_on_nothing_but_what_is_read():
    """Whatever is mutated: what is read alike has the same fingerprint, and nothing else has."""
    chance = random.Random(3)
    seen = {}
    for _ in range(MUTATIONS):
        sent = body(mutated(request(Step.B), chance))
        try:
            asked = read_request(sent, Step.B)
        except BookingError:
            continue
        total = None if asked.total_due is None else asked.total_due.normalize()
        read = repr(
            (asked.broker_role, ordered(asked.broker), ordered(asked.customer), asked.seller_id,
             sorted((item.position, str(item.slot_id), str(item.offer_id)) for item in asked.items),
             ordered(asked.payment), total, asked.currency, sorted(asked._problems))
        )  # fmt: skip
        assert seen.setdefault(asked.fingerprint, read) == read
    assert len(seen) == len(set(seen.values())) > 200


def ordered(data):
    return sorted((name, ordered(value)) for name, value in data.items()) if isinstance(data, dict) else data
