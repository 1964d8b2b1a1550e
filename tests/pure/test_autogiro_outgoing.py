"""Files to Bankgirot: each record's 80 characters worked out by hand, and what is written is read back."""

from datetime import date

import pytest
from autogiro_files import ALL, row
from brp_autogiro.bankgirot import (
    AcceptMandate,
    CancelMandate,
    CancelPayer,
    CancelPayerDate,
    CancelPayment,
    ChangePayerNumber,
    Collect,
    MoveAll,
    MoveDate,
    MovePayerDate,
    MovePayment,
    NewMandate,
    OutgoingError,
    PayOut,
    RejectMandate,
    ReportError,
    Section,
    read_outgoing,
    seal,
    write_file,
)
from hypothesis import given
from hypothesis import strategies as st

WRITTEN = date(2026, 11, 2)
DAY, NEW_DAY = date(2026, 11, 30), date(2026, 12, 1)
ACCOUNT, HOLDER = "6000000123456789", "199001019802"


def section(*records, bankgiro="9912346"):
    return Section(bankgiro=bankgiro, customer_number="123456", records=records, written=WRITTEN)


def lines(*sections):
    data = write_file(sections)
    assert data.endswith(b"\r\n")
    return data.decode("latin-1").split("\r\n")[:-1]


def test_the_opening_record():
    assert lines(section(CancelMandate("1")))[0] == (
        "0120261102AUTOGIRO                                            1234560009912346  "
    )


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        (NewMandate("1001", ACCOUNT, HOLDER), "04 0009912346 0000000000001001 6000000123456789 199001019802"),
        (NewMandate("50501055"), "04 0009912346 0000000050501055"),
        (AcceptMandate("1001"), "04 0009912346 0000000000001001"),
        (
            RejectMandate("1001"),
            "04 0009912346 0000000000001001 ________________ ____________ ____________________ AV",
        ),
        (
            RejectMandate("1001", ACCOUNT, HOLDER),
            "04 0009912346 0000000000001001 6000000123456789 199001019802 ____________________ AV",
        ),
        (CancelMandate("1001"), "03 0009912346 0000000000001001"),
        (ChangePayerNumber("1001", "2002"), "05 0009912346 0000000000001001 0009912346 0000000000002002"),
        (
            Collect("1001", 50000, DAY, "FAKTURA 1"),
            "82 20261130 0 ___ _ 0000000000001001 000000050000 0009912346 FAKTURA_1",
        ),
        (
            Collect("1001", 1, None),
            "82 GENAST__ 0 ___ _ 0000000000001001 000000000001 0009912346",
        ),
        (
            Collect("1001", 999_999_999_999, DAY, "MÅNAD", period=5, renewals=12),
            "82 20261130 5 012 _ 0000000000001001 999999999999 0009912346 MÅNAD",
        ),
        (
            Collect("1001", 100, DAY, period=1),  # until cancelled
            "82 20261130 1 ___ _ 0000000000001001 000000000100 0009912346",
        ),
        (
            PayOut("1001", 7500, DAY, "ÅTER"),
            "32 20261130 0 ___ _ 0000000000001001 000000007500 0009912346 ÅTER",
        ),
        (CancelPayer("1001"), "23 0009912346 0000000000001001"),
        (CancelPayerDate("1001", DAY), "24 0009912346 0000000000001001 20261130"),
        (CancelPayment("1001", DAY, 50000), "25 0009912346 0000000000001001 20261130 000000050000 82"),
        (
            CancelPayment("1001", DAY, 50000, "32", "FAKTURA 1"),
            "25 0009912346 0000000000001001 20261130 000000050000 32 ________ FAKTURA_1",
        ),
        (MoveAll(NEW_DAY), "26 0009912346 ________________ ________ ____________ __ 20261201"),
        (MoveDate(DAY, NEW_DAY), "27 0009912346 ________________ 20261130 ____________ __ 20261201"),
        (
            MovePayerDate("1001", DAY, NEW_DAY),
            "28 0009912346 0000000000001001 20261130 ____________ __ 20261201",
        ),
        (
            MovePayment("1001", DAY, 50000, NEW_DAY, reference="FAKTURA 1"),
            "29 0009912346 0000000000001001 20261130 000000050000 82 20261201 FAKTURA_1",
        ),
    ],
)
def test_the_eighty_characters_of_each_record(record, fields):
    assert lines(section(record))[1:] == [row(fields)]


def test_a_file_may_have_sections_of_several_bankgiros():
    written = lines(section(CancelMandate("1"), CancelPayer("2")), section(MoveAll(DAY), bankgiro="50501055"))
    assert [line[:2] for line in written] == ["01", "03", "23", "01", "26"]
    assert written[3][68:78] == written[4][2:12] == "0050501055"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Räkning é", b"R\xe4kning \xe9       "),
        ("A\u030angra", b"\xc5ngra           "),  # A and a ring of its own
        ("Šime – 5 €", b"Sime - 5 ?      "),
        ("rad\r\nslut", b"rad  slut       "),
        ("  mitt  ", b"mitt            "),
    ],
)
def test_a_reference_becomes_latin_1(typed, written):
    data = write_file([section(Collect("1001", 100, DAY, typed))])
    assert data[82 + 53 : 82 + 69] == written


@pytest.mark.parametrize(
    ("record", "field", "problem"),
    [
        (Collect("1001", 0, DAY), "amount", "zero"),
        (Collect("1001", -5, DAY), "amount", "number"),
        (Collect("1001", 1.5, DAY), "amount", "number"),
        (Collect("1001", True, DAY), "amount", "number"),
        (Collect("1001", 10**12, DAY), "amount", "too_long"),
        (Collect("0", 1, DAY), "payer_number", "zero"),
        (Collect("", 1, DAY), "payer_number", "digits"),
        (Collect("12A", 1, DAY), "payer_number", "digits"),
        (Collect("١٢", 1, DAY), "payer_number", "digits"),
        (Collect("1" * 17, 1, DAY), "payer_number", "too_long"),
        (Collect("1001", 1, DAY, "R" * 17), "reference", "too_long"),
        (Collect("1001", 1, "20261130"), "date", "date"),
        (Collect("1001", 1, DAY, period=9), "period", "range"),
        (Collect("1001", 1, None, period=1), "period", "unexpected"),
        (Collect("1001", 1, DAY, renewals=3), "renewals", "unexpected"),
        (Collect("1001", 1, DAY, period=1, renewals=0), "renewals", "zero"),
        (Collect("1001", 1, DAY, period=1, renewals=1000), "renewals", "too_long"),
        (PayOut("1001", 0, DAY), "amount", "zero"),
        (NewMandate("1001", "600012345", HOLDER), "account", "too_short"),
        (NewMandate("1001", ACCOUNT, None), "holder_number", "missing"),
        (NewMandate("1001", None, HOLDER), "account", "missing"),
        (NewMandate("1001", ACCOUNT, "9001019802"), "holder_number", "too_short"),
        (CancelPayment("1001", DAY, 1, "83"), "direction", "range"),
        (ChangePayerNumber("1001", "x"), "new", "digits"),
    ],
)
def test_what_does_not_fit_is_refused_by_record_and_field(record, field, problem):
    good = CancelMandate("1")
    with pytest.raises(OutgoingError) as caught:
        write_file([section(good), section(good, record)])
    error = caught.value
    assert (error.section, error.record, error.field, error.problem) == (1, 1, field, problem)
    assert error.text("en").startswith("Section 2, record 2: the ")
    assert error.text("sv").startswith("Avsnitt 2, post 2: fältet ")


def test_a_file_without_records_is_refused():
    with pytest.raises(OutgoingError, match="Section 1 has no records"):
        write_file([section()])
    with pytest.raises(OutgoingError):
        write_file([])


@pytest.mark.parametrize(
    ("bankgiro", "customer"), [("991-2346", "123456"), ("9912346", "1234567"), ("", "1")]
)
def test_a_payee_that_does_not_fit_is_refused(bankgiro, customer):
    with pytest.raises(OutgoingError) as caught:
        write_file([Section(bankgiro, customer, [CancelMandate("1")], WRITTEN)])
    assert caught.value.record is None


def test_nothing_private_is_printed():
    record = NewMandate("70123456", ACCOUNT, "19900101980X")
    with pytest.raises(OutgoingError) as caught:
        write_file([section(record)])
    for text in (repr(record), repr(section(record)), str(caught.value), caught.value.text("sv")):
        assert not any(private in text for private in ("70123456", "123456789", "9801", "980X"))


# What is written is read back

numbers = st.integers(1, 10**16 - 1).map(str)
dates = st.dates(date(2000, 1, 1), date(2099, 12, 31))
amounts = st.integers(1, 10**12 - 1)
latin1 = st.characters(codec="latin-1", exclude_characters="\xad", exclude_categories=["Cc"])
references = st.text(latin1, max_size=16).map(lambda text: text.strip(" "))
accounts = st.integers(10**15, 10**16 - 1).map(str)
holders = st.integers(1, 10**12 - 1).map("{:012}".format)
directions = st.sampled_from(["82", "32"])


def payments(kind):
    once = st.builds(kind, numbers, amounts, st.none() | dates, references)
    renewals = st.none() | st.integers(1, 999)
    return once | st.builds(kind, numbers, amounts, dates, references, st.integers(1, 8), renewals)


records = st.one_of(
    st.builds(NewMandate, numbers, accounts, holders),
    st.builds(NewMandate, numbers),
    st.builds(RejectMandate, numbers),
    st.builds(RejectMandate, numbers, accounts, holders),
    st.builds(CancelMandate, numbers),
    st.builds(ChangePayerNumber, numbers, numbers),
    payments(Collect),
    payments(PayOut),
    st.builds(CancelPayer, numbers),
    st.builds(CancelPayerDate, numbers, dates),
    st.builds(CancelPayment, numbers, dates, amounts, directions, references),
    st.builds(MoveAll, dates),
    st.builds(MoveDate, dates, dates),
    st.builds(MovePayerDate, numbers, dates, dates),
    st.builds(MovePayment, numbers, dates, amounts, dates, directions, references),
)
sections = st.builds(
    Section,
    bankgiro=st.integers(1_000_000, 99_999_999).map(str),
    customer_number=st.integers(1, 999_999).map("{:06}".format),
    records=st.lists(records, min_size=1, max_size=6).map(tuple),
    written=dates,
)


@given(st.lists(sections, min_size=1, max_size=3))
def test_what_is_written_is_read_back(written):
    data = write_file(written)
    assert {len(line) for line in data.split(b"\r\n")} == {80, 0}
    assert read_outgoing(data) == written


def test_an_accepted_mandate_is_read_as_one_on_a_bankgiro_for_they_have_the_same_characters():
    assert read_outgoing(write_file([section(AcceptMandate("1001"))]))[0].records == (NewMandate("1001"),)


def test_a_seal_around_a_file_is_skipped_and_must_be_whole():
    data = write_file([section(CancelMandate("1"))])
    sealed = seal(data, "A" * 32, WRITTEN)
    assert read_outgoing(sealed) == read_outgoing(data)
    with pytest.raises(ReportError) as caught:
        read_outgoing(sealed[:-82])
    assert caught.value.problem == "seal_incomplete"


@pytest.mark.parametrize("name", [name for name in ALL if not name.startswith("register")])
def test_a_report_is_no_file_to_bankgirot(name):
    with pytest.raises(ReportError) as caught:
        read_outgoing(ALL[name])
    assert caught.value.problem == "not_outgoing"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"hello\n", "unknown"),
        (write_file([section(CancelMandate("1"))])[:82], "empty_section"),
        (write_file([section(CancelMandate("1"))]).replace(b"0300", b"0200"), "unexpected_record"),
        (write_file([section(CancelMandate("1"))]).replace(b"030009", b"030008"), "bankgiro"),
        (write_file([section(CancelMandate("1"))])[82:], "missing_opening"),
    ],
)
def test_a_broken_file_to_bankgirot_is_refused(data, problem):
    with pytest.raises(ReportError) as caught:
        read_outgoing(data)
    assert caught.value.problem == problem
