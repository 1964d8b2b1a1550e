"""Bankgirot's own example files: all are read, and what we write is what they have."""

import random
import re
from datetime import date

import pytest
from brp_autogiro.bankgirot import (
    Deposit,
    PaymentRow,
    ReportError,
    ReportKind,
    read_outgoing,
    read_report,
    seal,
    verify,
    write_file,
)
from brp_autogiro.bankgirot.hmac_seal import mac

KEY = "1234567890ABCDEF1234567890ABCDEF"  # published for tests
MUTATIONS = 20_000


@pytest.fixture
def samples(reference):
    return reference("autogiro/new_layout")


@pytest.fixture
def seals(reference):
    return reference("autogiro/hmac_seal")


def sample(folder, words):
    """Return the one example file whose name has these words."""
    (path,) = (path for path in folder.iterdir() if words in path.name)
    return path.read_bytes()


# kind, number of records, problems of the warnings
REPORTS = {
    "bet-spec-o-tk": ("payments", 18, []),
    "medgivandeavisering": ("advice", 10, []),
    "avvisade_betalningsuppdrag": ("rejected", 8, []),
    # Two payments that were not cancelled because they have dates as 31 June
    "andringar-av-betalningar": ("changes", 18, ["field", "field"]),
    "nya_medgivanden": ("electronic_mandates", 4, []),
    "bevakningsregistret": ("monitoring", 10, []),
    "medgivanderegistret": ("register", 7, []),
}
OUTGOING = {"betalningsunderlag": 9, "medgivandeunderlag": 13, "andringsunderlag": 17}
OTHERS = {"bg-max": "bgmax"}


def test_every_example_file_is_tested(samples):
    words = [*REPORTS, *OUTGOING, *OTHERS]
    for path in samples.iterdir():
        assert sum(word in path.name for word in words) == 1, path.name
    assert len(list(samples.iterdir())) == len(words) == 11


@pytest.mark.parametrize("name", REPORTS)
def test_reports_are_read(samples, name):
    kind, count, problems = REPORTS[name]
    report = read_report(sample(samples, name))
    (section,) = report.sections
    assert section.kind is ReportKind(kind)
    assert (section.bankgiro, len(section.records)) == ("9912346", count)
    assert [warning.problem for warning in report.warnings] == problems
    assert section.customer_number == ("" if kind in ("electronic_mandates", "register") else "471117")


def test_the_amounts_of_the_payment_specification(samples):
    records = read_report(sample(samples, "bet-spec-o-tk")).sections[0].records
    deposits = [(record.tk, record.amount) for record in records if isinstance(record, Deposit)]
    assert deposits == [("15", 1_500_000), ("16", 300_000), ("17", 20_000), ("17", 50_000)]
    statuses = "".join(record.status for record in records if isinstance(record, PaymentRow))
    assert statuses == "000001290001"


def test_outcomes_of_the_mandate_advice(samples):
    records = read_report(sample(samples, "medgivandeavisering")).sections[0].records
    assert [record.outcome for record in records] == [
        "active", "ended", "ended", "ended", "refused", "refused", "active", "other", "active", "ended",
    ]  # fmt: skip


def test_payments_cancelled_or_moved(samples):
    records = read_report(sample(samples, "andringar-av-betalningar")).sections[0].records
    assert " ".join(record.tk for record in records if record.done) == "21 22 23 03 11 25 26 27 29 29"


@pytest.mark.parametrize("name", OUTGOING)
def test_what_is_read_from_a_file_to_bankgirot_is_written_as_it_was(samples, name):
    data = sample(samples, name)
    sections = read_outgoing(data)
    assert sum(len(section.records) for section in sections) == OUTGOING[name]
    lines = data.decode("latin-1").split("\r\n")
    records = [line.rstrip().ljust(80) for line in lines if re.match(r"[0-9]{2}", line)]
    assert write_file(sections).decode("latin-1").split("\r\n") == [*records, ""]


@pytest.mark.parametrize(("name", "problem"), [*OTHERS.items(), *((name, "outgoing") for name in OUTGOING)])
def test_what_is_no_report_is_named(samples, name, problem):
    with pytest.raises(ReportError) as caught:
        read_report(sample(samples, name))
    assert caught.value.problem == problem


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("testfall-1a", "FF365893D899291C3BF505FB3175E880"),
        ("testfall-1b", "9BA94363739D45256DF4B6FA3B9DE1CD"),
        ("testfall-1c", "826CA6CBA33F7E1D3CC9161A0956A35B"),
        ("testfall-2a", "9473EDFCAA8CD2434D6D76ABFFC991BD"),
        ("testfall-2b", "20956E44B404C4085446139B2B952D77"),
        ("testfall-2c", "515704694958361678194D51850FF157"),
        ("testfall-2d", "68C5954818010DDDCB1EC02963E8C123"),
    ],
)
def test_published_authentication_codes(seals, name, code):
    assert mac(sample(seals, name), KEY) == code


def test_a_file_sealed_by_others(seals):
    sealed = (seals / "basic-signed.txt").read_bytes()
    assert verify(sealed, KEY)
    assert not verify(sealed.replace(b"8220240422", b"8220240423", 1), KEY)
    assert seal((seals / "basic.txt").read_bytes(), KEY, date(2024, 4, 29)).rstrip() == sealed.rstrip()
    assert read_outgoing(sealed) == read_outgoing((seals / "basic.txt").read_bytes())


def test_broken_example_files_are_read_or_refused(samples):
    chance = random.Random(19)
    originals = [path.read_bytes() for path in sorted(samples.iterdir())]
    refused = 0
    for number in range(MUTATIONS):
        data = bytearray(originals[number % len(originals)])
        for _ in range(chance.choice((1, 1, 2, 3))):
            at = chance.randrange(len(data))
            if chance.random() < 0.7:
                data[at] = chance.randrange(256)
            else:
                del data[at : at + chance.choice((1, 2, 82))]
        for read in (read_report, read_outgoing):
            try:
                read(bytes(data))
            except ReportError:
                refused += 1
    assert MUTATIONS < refused < 2 * MUTATIONS  # every file is at most one of the two
