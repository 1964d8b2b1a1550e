"""Broken answers and reports: whatever happens to them, they are read or refused, and refused in words."""

import copy
import itertools
import json
import random
from types import SimpleNamespace

from brp_klarna.settlements import (
    Keys,
    Klarna,
    SettlementError,
    Signs,
    Sums,
    check_rows,
    check_totals,
    choose_signs,
    effects,
    effects_of_totals,
    local_day,
    read_csv,
    split,
    split_from_lines,
    stands_for_type,
)
from klarna_settlement import REFERENCE, ROWS, payout, report

MUTATIONS = 15_000
VALUES = [
    None, True, False, 0, 1, -1, 2500, 2**63, -(2**63), 10**400, 1.0, 0.5, float("inf"), "", " ", "0", "SALE",
    "\0", "\ud800", "2026-10-25T10:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "SEK",
    "å" * 3000, [], {}, [None], [{}], {"a": 1}, "FEE", "CORRECTION", "RETURN",
]  # fmt: skip
LINES = [
    {"name": "Card", "reference": "A", "type": "physical", "quantity": 1, "tax_rate": 2500,
     "total_amount": 12500, "total_tax_amount": 2500},
    {"name": "Dricks", "type": "gift_card", "quantity": 1, "tax_rate": 0, "total_amount": 100},
]  # fmt: skip


class Played:
    """A service, and its answers, that tells a payout and its rows."""

    def __init__(self, told, page):
        self.told, self.page = told, page

    def send(self, _method, path, **_content):
        return SimpleNamespace(json=lambda: self.page if "transactions" in path else self.told)


def places(value):
    """Yield every container and key within a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from places(inner)


def mutated(data, chance):
    """Return data with one to four values changed, taken away, or put where another was."""
    data = copy.deepcopy(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        container, key = chance.choice(list(places(data)) or [(data, None)])
        if key is None:
            return chance.choice(VALUES)
        if chance.random() < 0.15:
            del container[key]
        elif chance.random() < 0.15 and isinstance(container, dict):
            container[chance.choice(list(container))] = container[key]
        else:
            container[key] = copy.deepcopy(chance.choice(VALUES))
    return data


def use(told, page):
    """Do with a payout what is done with payouts."""
    client = Klarna(Played(told, page))
    paid = client.get_payout(REFERENCE)
    check_totals(paid)
    read = list(itertools.chain.from_iterable(client.iterate_pages(REFERENCE)))
    keys = Keys(paid.merchant, paid.reference).keys(read)
    assert len(set(keys)) == len(keys)
    json.dumps(keys).encode()
    sums = Sums(paid.currency)
    sums.add(read)
    signs = choose_signs(paid, sums)
    counted = sums.effects(signs)
    each = list(itertools.chain.from_iterable(effects(row, signs) for row in read))
    assert sum(effect.amount for effect in each) == sum(counted.values())
    for effect in each + effects_of_totals(paid):
        assert type(effect.amount) is int
        stands_for_type(effect.code)
    if not check_rows(paid, counted):
        told_alone = sum(effect.amount for effect in effects_of_totals(paid))
        assert sum(counted.values()) + told_alone == paid.settlement
    for row in read:
        for moment in filter(None, (row.sold_at, row.captured_at)):
            local_day(moment)
        if row.customer_vat:
            assert sum(share.gross for share in split(row.amount, row.customer_vat)) == row.amount


def refused(call, *args):
    """Return whether a call refuses what it is given; anything but a refusal in words fails the test."""
    try:
        call(*args)
    except SettlementError as error:
        assert error.text("sv") and error.text("en") and "å" * 50 not in str(error)
        return True
    return False


def test_mutated_answers():
    chance = random.Random(20261104)
    outcomes = []
    for _ in range(MUTATIONS):
        told, rows = payout(), ROWS[: chance.randint(1, len(ROWS))]
        page = {"transactions": rows, "pagination": {"count": len(rows), "total": len(rows), "offset": 0}}
        if chance.random() < 0.3:
            told = mutated(told, chance)
        else:
            page = mutated(page, chance)
        outcomes.append(refused(use, told, page))
    assert 0.2 * MUTATIONS < sum(outcomes) < 0.9 * MUTATIONS


def test_mutated_order_lines():
    chance = random.Random(5)
    outcomes = [refused(split_from_lines, mutated(LINES, chance), ("dricks",)) for _ in range(MUTATIONS)]
    assert 0.2 * MUTATIONS < sum(outcomes) < 0.9 * MUTATIONS


def test_mutated_reports():
    chance = random.Random(9)
    original = report()
    special = b"\0\r\n;,\t\"'-.9\xff\xc3"
    outcomes = []
    for _ in range(MUTATIONS // 3):
        data = bytearray(original)
        for _ in range(chance.choice((1, 1, 2, 8))):
            at = chance.randrange(len(data))
            what = chance.randrange(3)
            if what == 0:
                data[at : at + 1] = bytes([chance.choice(special)])
            elif what == 1:
                del data[at : at + chance.choice((1, 2, 40))]
            else:
                data[at:at] = data[at : at + chance.choice((1, 2, 40))]

        def take(data=bytes(data)):
            for row in read_csv(data):
                assert type(row.amount) is int and row.currency
                effects(row, Signs.SIGNED)

        outcomes.append(refused(take))
    assert 0.1 * len(outcomes) < sum(outcomes) < 0.9 * len(outcomes)
