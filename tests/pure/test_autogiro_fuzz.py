"""Broken reports: whatever happens to a file, it is read or refused, and money is never invented."""

import random
from contextlib import suppress

from autogiro_files import ALL
from brp_autogiro.bankgirot import (
    PaymentRow,
    Refund,
    ReportError,
    ReportKind,
    read_outgoing,
    read_report,
)

MUTATIONS = 110_000
SPECIAL = b"\0\t\r\n\x1a \x85\xa0\xad\xb2\xc3\xc4\xe5\xff09182X}-"


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return ``data`` with one to four characters, lines or stretches changed, taken out or put twice."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(len(changed) + 1)
        until = min(len(changed), at + chance.choice((1, 1, 2, 16, 82, 300)))
        what = chance.randrange(7)
        if what <= 1:
            changed[at : at + 1] = bytes([chance.choice(SPECIAL)])
        elif what == 2:
            changed[at : at + 1] = bytes([chance.randrange(256)])
        elif what == 3:
            del changed[at:until]
        elif what == 4:
            changed[at:at] = changed[at:until]
        elif what == 5:
            rows = changed.split(b"\r\n")
            one, other = chance.randrange(len(rows)), chance.randrange(len(rows))
            rows[one], rows[other] = rows[other], rows[one]
            changed = bytearray(b"\r\n".join(rows))
        else:
            changed[at:until] = bytes(chance.choice(b"0123456789 ") for _ in range(until - at))
    return bytes(changed)


def approved(report):
    """Return what each section says was paid: the sums of collected, paid out and given back."""
    return [
        (
            sum(r.amount for r in section.records if isinstance(r, PaymentRow) and r.status == "0"),
            sum(r.amount for r in section.records if isinstance(r, Refund)),
        )
        for section in report.sections
        if section.kind is ReportKind.PAYMENTS
    ]


def test_a_broken_report_is_read_or_refused_and_never_anything_else():
    chance = random.Random(19)
    originals = list(ALL.values())
    read = 0
    for number in range(MUTATIONS):
        data = mutated(originals[number % len(originals)], chance)
        try:
            report = read_report(data)
        except ReportError as error:
            assert error.text("sv") and error.text("en")
        else:
            read += 1
            for warning in report.warnings:
                assert warning.text("sv") and warning.text("en")
    # Some mutations do no harm, and most do: else this test would not be testing what it says.
    assert MUTATIONS * 0.05 < read < MUTATIONS * 0.6


def test_one_changed_character_of_a_payment_report_never_changes_what_was_paid():
    original = ALL["payments, new layout"]
    expected = approved(read_report(original))
    assert expected == [(50000 + 125050 + 7500, 25000)]
    refused = 0
    for at in range(len(original)):
        for character in b"0129 X":
            if original[at] == character:
                continue
            data = bytearray(original)
            data[at] = character
            try:
                report = read_report(bytes(data))
            except ReportError:
                refused += 1
            else:
                assert approved(report) == expected, at
    assert refused > 1000


def test_broken_files_of_one_kind_put_together():
    chance = random.Random(20)
    originals = list(ALL.values())
    for _ in range(3000):
        data = b"".join(chance.choice(originals) for _ in range(chance.randrange(1, 4)))
        data = mutated(data, chance)
        for read in (read_report, read_outgoing):
            with suppress(ReportError):
                read(data)


def test_random_bytes():
    chance = random.Random(21)
    openings = [original[:100] for original in ALL.values()]
    for _ in range(3000):
        data = chance.choice(openings) + chance.randbytes(chance.randrange(400))
        with suppress(ReportError):
            read_report(data)
