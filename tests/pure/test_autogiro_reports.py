"""Reports from Bankgirot: every field of every report, what is tolerated and what is refused."""

import copy
import pickle
from datetime import date, datetime

import pytest
from autogiro_files import (
    ADVICE_NEW,
    ADVICE_OLD,
    ALL,
    CHANGES_NEW,
    CHANGES_OLD,
    ELECTRONIC_MANDATES,
    MONITORING,
    PAYMENTS_NEW,
    PAYMENTS_OLD,
    REGISTER_NEW,
    REGISTER_OLD,
    REJECTED_NEW,
    REJECTED_OLD,
)
from brp_autogiro.bankgirot import (
    Collect,
    Deposit,
    Layout,
    PaymentRow,
    Refund,
    ReportError,
    ReportKind,
    Section,
    codes,
    meaning,
    read_report,
    seal,
    write_file,
)

DAY = date(2026, 11, 2)


def only(data):
    report = read_report(data)
    assert report.warnings == ()
    (section,) = report.sections
    return section


def fields(record, *names):
    return tuple(getattr(record, name) for name in names)


def replaced(data, old, new, count=1):
    """Change a file in the given number of places, and only there."""
    old, new = old.encode("latin-1"), new.encode("latin-1")
    assert data.count(old) == count, (old, data.count(old))
    return data.replace(old, new)


def problem(data, **options):
    with pytest.raises(ReportError) as caught:
        read_report(data, **options)
    error = caught.value
    return error.problem, error.line, error.column


def lines(data):
    return data.split(b"\r\n")[:-1]


def without(data, number):
    kept = lines(data)
    del kept[number - 1]
    return b"".join(line + b"\r\n" for line in kept)


# What reports hold


@pytest.mark.parametrize(
    ("data", "kind", "layout"),
    [
        (PAYMENTS_NEW, "payments", "new"),
        (PAYMENTS_OLD, "payments", "old"),
        (ADVICE_NEW, "advice", "new"),
        (ADVICE_OLD, "advice", "old"),
        (REJECTED_NEW, "rejected", "new"),
        (REJECTED_OLD, "rejected", "old"),
        (CHANGES_NEW, "changes", "new"),
        (CHANGES_OLD, "changes", "old"),
        (ELECTRONIC_MANDATES, "electronic_mandates", "new"),
        (MONITORING, "monitoring", "new"),
        (REGISTER_OLD, "register", "old"),
    ],
)
def test_kind_and_layout_are_told_by_the_content(data, kind, layout):
    section = only(data)
    assert (section.kind, section.layout, section.bankgiro) == (ReportKind(kind), Layout(layout), "9912346")
    has_customer = kind != "register" and section.kind is not ReportKind.ELECTRONIC_MANDATES
    has_customer = has_customer and data is not ADVICE_OLD
    assert section.customer_number == ("123456" if has_customer else "")
    assert section.written == (None if kind == "register" else DAY)


def test_payments_of_the_new_layout():
    section = only(PAYMENTS_NEW)
    assert section.timestamp == datetime(2026, 11, 2, 19, 30, 55, 123456)
    deposits = [record for record in section.records if isinstance(record, Deposit)]
    assert [fields(deposit, "tk", "serial", "amount", "count", "index", "line") for deposit in deposits] == [
        ("15", 7, 175050, 2, 0, 2),
        ("16", 8, 7500, 1, 1, 7),
        ("17", 9, 25000, 1, 2, 10),
    ]
    assert {deposit.account for deposit in deposits} == {"6000000123456789"}
    assert {deposit.date for deposit in deposits} == {DAY}
    payments = [record for record in section.records if isinstance(record, PaymentRow)]
    names = ("tk", "payer_number", "amount", "status", "deposit", "reference", "period", "renewals")
    assert [fields(payment, *names) for payment in payments] == [
        ("82", "1001", 50000, "0", 0, "FAKTURA 1", 0, None),
        ("82", "1002", 125050, "0", 0, "ÅRSKORT", 1, 4),
        ("82", "1003", 30000, "1", 0, "FAKTURA 3", 0, None),
        ("82", "1004", 40000, "9", 0, "FAKTURA 4", 0, None),
        ("32", "1001", 7500, "0", 1, "", 0, None),
        ("32", "1005", 9900, "2", 1, "UTBETALNING", 0, None),
    ]
    assert {fields(payment, "date", "date_text", "bankgiro") for payment in payments} == {
        (DAY, "20261102", "9912346")
    }
    refund = section.records[-1]
    assert isinstance(refund, Refund)
    names = ("date", "payer_number", "amount", "reference", "refund_date", "code", "deposit", "line")
    assert fields(refund, *names) == (date(2026, 9, 1), "1006", 25000, "FAKTURA 6", DAY, "02", 2, 11)


def test_payments_of_the_old_layout_are_approved_when_their_status_is_blank():
    section = only(PAYMENTS_OLD)
    names = ("tk", "payer_number", "amount", "status", "deposit")
    assert [fields(payment, *names) for payment in section.records] == [
        ("82", "1001", 50000, "0", None),
        ("82", "1003", 30000, "1", None),
        ("32", "1001", 7500, "0", None),
    ]
    assert section.timestamp is None


def test_mandate_advice():
    names = ("payer_number", "account", "holder_number", "information", "comment", "outcome")
    section = only(ADVICE_NEW)
    assert [fields(advice, *names) for advice in section.records] == [
        ("1001", "6000000123456789", "199001019802", "04", "32", "active"),
        ("1002", "", "", "03", "33", "ended"),
        ("9912346", "", "995560000001", "46", "02", "ended"),
        ("1004", "6000000123456789", "199001019802", "42", "05", "refused"),
        ("1005", "3300009001019802", "199001019802", "05", "33", "ended"),
        ("1006", "3300009001019802", "199001019802", "05", "32", "active"),
    ]
    assert {fields(advice, "action_date", "debitable_from") for advice in section.records} == {(DAY, None)}
    active, refused = only(ADVICE_OLD).records
    assert fields(active, "outcome", "debitable_from") == ("active", date(2026, 11, 10))
    assert fields(refused, "outcome", "debitable_from", "account") == ("refused", None, "")


@pytest.mark.parametrize(
    ("codes_of_advice", "outcome"),
    [
        ("0432", "active"),
        ("4232", "active"),
        ("0532", "active"),
        ("0410", "already_there"),
        ("0409", "refused"),
        ("0420", "refused"),
        ("0421", "refused"),
        ("0423", "refused"),
        ("0430", "refused"),
        ("4203", "refused"),
        ("4205", "refused"),
        ("4307", "refused"),
        ("0333", "ended"),
        ("0533", "ended"),
        ("4602", "ended"),
        ("4498", "ended"),
        ("10  ", "ended"),
        ("1033", "ended"),
        ("9302", "ended"),
        ("0304", "ended"),
        ("0321", "other"),
        ("0504", "other"),
        ("0521", "other"),
    ],
)
def test_what_an_advice_means_for_the_mandate(codes_of_advice, outcome):
    data = replaced(ADVICE_NEW, "     0432", f"     {codes_of_advice}")
    assert only(data).records[0].outcome == outcome


def test_rejected_payments_are_one_position_to_the_left():
    for data in (REJECTED_NEW, REJECTED_OLD):
        section = only(data)
        names = (
            "tk",
            "date",
            "date_text",
            "period",
            "renewals",
            "payer_number",
            "amount",
            "reference",
            "comment",
        )
        assert [fields(rejected, *names) for rejected in section.records] == [
            ("82", DAY, "20261102", 9, 11, "1001", 25000, "FAKTURA 1", "06"),
            ("82", None, "20261399", 0, None, "1002", 8050, "", "12"),
            ("32", DAY, "20261102", 0, None, "1003", 7500, "ÅTERBÄRING", "01"),
        ]


def test_cancelled_and_changed_payments():
    for data in (CHANGES_NEW, CHANGES_OLD):
        names = (
            "tk",
            "date",
            "payer_number",
            "direction",
            "amount",
            "new_date",
            "reference",
            "comment",
            "done",
        )
        day = date(2026, 11, 5)
        assert [fields(change, *names) for change in only(data).records] == [
            ("23", day, "1001", "82", 21000, None, "FAKTURA 1", "12", True),
            ("25", day, "1002", "82", 7500, None, "", "02", False),
            ("25", day, "1003", "32", 6500, None, "ÅTERBÄRING", "12", True),
            ("26", None, "", "", 0, date(2026, 11, 30), "", "14", True),
            ("29", day, "1004", "82", 50000, date(2026, 11, 12), "FAKTURA 4", "18", True),
        ]


@pytest.mark.parametrize("digit", ["å", "}", "\x86"])  # å is } in seven bits and 0x86 in CP850
def test_a_negative_total_may_have_its_last_digit_punched_over(digit):
    only(replaced(CHANGES_NEW, "000000006500000001", f"00000000650{digit}000001"))


def test_all_punched_digits():
    # 210,01 + 500,00 is 710,01 and so on to 710,09
    for digit, letter in zip("123456789", "JKLMNOPQR", strict=True):
        data = replaced(CHANGES_NEW, "000000021000", f"00000002100{digit}")
        assert problem(data)[0] == "total_sum"
        only(replaced(data, "000000071000", f"00000007100{letter}"))


def test_electronic_mandates_have_all_their_lines():
    first, second = only(ELECTRONIC_MANDATES).records
    names = ("payer_number", "account", "holder_number", "message_type", "text", "name_address")
    assert fields(first, *names) == (
        "1001",
        "6000000123456789",
        "199001019802",
        0,
        "Jag vill betala månadsvis",
        ("ANNA EXEMPEL", "C/O PROV", "PROVGATAN 1"),
    )
    assert fields(first, "postcode", "town", "line") == ("85231", "SUNDSVALL", 2)
    assert [line[:2] for line in first.raw.split("\r\n")] == ["52", "53", "54", "55", "56"]
    assert fields(second, "message_type", "text", "name_address") == (2, "", ("BO PROV",))
    assert fields(second, "postcode", "town", "line") == ("", "NORGE", 7)


def test_the_monitoring_register():
    names = ("tk", "date", "period", "renewals", "payer_number", "amount", "reference")
    assert [fields(monitored, *names) for monitored in only(MONITORING).records] == [
        ("82", date(2026, 11, 30), 0, None, "1001", 12000, "FAKTURA 1"),
        ("82", date(2026, 11, 30), 1, 6, "1002", 5555, "FAKTURA 2"),
        ("32", date(2026, 12, 1), 2, None, "1003", 6000, ""),
    ]


def test_the_mandate_register_is_parted_by_bankgiro():
    one, other = read_report(REGISTER_NEW).sections
    assert (one.bankgiro, len(one.records), other.bankgiro, len(other.records)) == (
        "9912346",
        2,
        "50501055",
        1,
    )
    names = (
        "bankgiro",
        "holder_number",
        "payer_number",
        "origin",
        "last_year",
        "created",
        "changed",
        "status",
    )
    started = date(2020, 1, 15)
    assert [fields(mandate, *names) for mandate in (*one.records, *other.records)] == [
        ("9912346", "199001019802", "1001", "1", "26", started, date(2026, 1, 31), "1"),
        ("9912346", "005560000001", "9912346", "1", "25", started, None, "1"),
        ("50501055", "199001019802", "1003", "2", "", date(2026, 11, 1), None, "2"),
    ]
    assert [m.account for m in (*one.records, *other.records)] == ["6000000123456789", "", "3300009001019802"]
    assert other.records[0].line == 3


def test_the_mandate_register_of_the_old_layout():
    one, other = only(REGISTER_OLD).records
    names = ("last_year", "created", "changed", "status", "account")
    assert fields(one, *names) == ("6", date(2020, 1, 15), date(2026, 1, 31), "1", "6000000123456789")
    assert fields(other, *names) == ("5", date(2020, 1, 15), None, "2", "")


@pytest.mark.parametrize("name", ALL)
def test_a_sections_own_lines_are_the_same_section_again(name):
    for section in read_report(ALL[name] + ALL[name]).sections:
        alone = only(section.raw)
        assert alone.kind is section.kind
        assert len(alone.records) == len(section.records)
        assert [record.raw for record in alone.records] == [record.raw for record in section.records]
        assert alone.raw == section.raw


def test_a_file_may_have_sections_of_several_bankgiros():
    data = MONITORING + replaced(MONITORING, "0009912346", "0050501055")
    sections = read_report(data).sections
    assert [section.bankgiro for section in sections] == ["9912346", "50501055"]
    assert sections[1].records[0].line == 7
    assert b"0009912346" not in sections[1].raw


def test_payments_of_several_days_belong_to_their_own_deposits():
    again = b"\r\n".join(lines(PAYMENTS_NEW)[1:4]) + b"\r\n"
    data = replaced(PAYMENTS_NEW, "09202611029900000001000000000002", "09202611029900000002000000000004")
    closing = data.index(b"0920261102")
    section = only(data[:closing] + again + data[closing:])
    assert [r.deposit for r in section.records if isinstance(r, PaymentRow)] == [0, 0, 0, 0, 1, 1, 3, 3]


# What is tolerated


def _stripped(data):
    return b"\r\n".join(line.rstrip() for line in lines(data))


ORIGINALS = [pytest.param(data, id=name) for name, data in ALL.items()]


@pytest.mark.parametrize("data", ORIGINALS)
@pytest.mark.parametrize(
    "changed",
    [
        _stripped,
        lambda data: data.replace(b"\r\n", b"\n"),
        lambda data: data.replace(b"\r\n", b"\r"),
        lambda data: data.replace(b"\r\n", b"   \t  \r\n"),
        lambda data: data + b"\x1a",
        lambda data: data + b"\r\n\r\n  \r\n\x1a",
        lambda data: data.rstrip(b"\r\n"),
        lambda data: data.replace(b"\r\n", b"\r\n\r\n"),
        lambda data: seal(data, "A" * 32, DAY),
    ],
    ids=["no blanks", "LF", "CR", "long lines", "Ctrl-Z", "blank lines", "no end", "double spaced", "seal"],
)
def test_what_programs_and_banks_do_to_a_file(data, changed):
    expected = read_report(data)
    report = read_report(changed(data))
    assert report.warnings == expected.warnings == ()
    assert len(report.sections) == len(expected.sections)
    for one, other in zip(report.sections, expected.sections, strict=True):
        assert one.raw == other.raw
        assert [r.raw for r in one.records] == [r.raw for r in other.records]


@pytest.mark.parametrize("data", ORIGINALS)
def test_human_headings_above_a_report_are_skipped(data):
    heading = "Återredovisning 2026-11-02\r\n[---+----1----+----2\r\n\r\n" + "En lång rad " * 9 + "\r\n"
    report = read_report(heading.encode("latin-1") + data)
    assert report.sections[0].raw == read_report(data).sections[0].raw
    assert report.sections[0].records[0].line == read_report(data).sections[0].records[0].line + 4


@pytest.mark.parametrize("data", [CHANGES_NEW, CHANGES_OLD, PAYMENTS_NEW, ELECTRONIC_MANDATES, REJECTED_NEW])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_file_that_became_utf8_is_read_with_a_warning(data, mark):
    report = read_report(mark + data.decode("latin-1").encode())
    assert [warning.problem for warning in report.warnings] == ["utf8"]
    assert report.sections[0].raw == read_report(data).sections[0].raw


def test_latin_1_that_looks_like_utf8_is_latin_1():
    data = replaced(PAYMENTS_NEW, "ÅRSKORT ", "Ã\xa5RSKORT")
    assert only(data).records[2].reference == "Ã\xa5RSKORT"


def test_letters_of_their_own_accent_are_put_together():
    data = CHANGES_NEW.decode("latin-1").replace("Ä", "A\u0308").encode()
    assert read_report(data).sections[0].raw == CHANGES_NEW.rstrip()


@pytest.mark.parametrize("wrong", ["\x8e", "?", "[", "\xfe"])
def test_the_label_may_have_its_letter_in_any_encoding(wrong):
    for data, label in ((CHANGES_NEW, "MAKULERING/ÄNDRING"), (CHANGES_OLD, "MAK/ÄNDRING")):
        only(replaced(data, label, label.replace("Ä", wrong)))


def test_tabs_are_blanks():
    data = replaced(MONITORING, " " * 10 + "FAKTURA 1", "\t" + " " * 8 + "\tFAKTURA\t1")
    assert only(data).records[0].reference == "FAKTURA 1"


# What is refused


@pytest.mark.parametrize("data", ORIGINALS)
def test_a_file_cut_short_is_refused(data):
    """Wherever it is cut: only blanks may be missing, or lines of the register, which has no end."""
    whole = read_report(data)
    if whole.sections[0].kind is ReportKind.REGISTER:
        return
    needed = len(data.rstrip(b"\r\n ").rstrip(b"0 "))
    for end in range(needed):
        with pytest.raises(ReportError):
            read_report(data[:end])
    assert len(data) - needed < 90


@pytest.mark.parametrize("data", ORIGINALS)
def test_a_file_without_its_beginning_is_refused(data):
    if read_report(data).sections[0].kind is ReportKind.REGISTER:
        return
    assert problem(without(data, 1))[:2] == ("missing_opening", 1)


@pytest.mark.parametrize("data", ORIGINALS)
def test_every_line_counts(data):
    """Without any one of its lines, a file is refused."""
    report = read_report(data)
    if report.sections[0].kind in (ReportKind.REGISTER, ReportKind.ELECTRONIC_MANDATES):
        return
    neutral = {r.line for r in report.sections[0].records if getattr(r, "status", "0") != "0"}
    neutral |= {r.line for r in report.sections[0].records if not getattr(r, "done", True)}
    neutral |= {r.line for r in report.sections[0].records if getattr(r, "direction", "82") == ""}
    if report.sections[0].kind is ReportKind.PAYMENTS and report.sections[0].layout is Layout.OLD:
        neutral = set()
    refused = set()
    count = len(lines(data))
    for number in range(1, count + 1):
        try:
            read_report(without(data, number))
        except ReportError:
            refused.add(number)
    assert refused == set(range(1, count + 1)) - neutral


def test_another_opening_before_the_closing_is_refused():
    cut = b"\r\n".join(lines(MONITORING)[:-1]) + b"\r\n"
    assert problem(cut) == ("missing_closing", 4, None)
    assert problem(cut + MONITORING) == ("missing_closing", 5, None)
    assert problem(cut + seal(MONITORING, "A" * 32, DAY)[-82:]) == ("missing_closing", 5, None)


def test_what_comes_after_a_section_must_be_another_one():
    assert problem(MONITORING + b"Slut p\xe5 filen\r\n") == ("unexpected_record", 6, None)
    assert problem(MONITORING + lines(MONITORING)[1]) == ("unexpected_record", 6, None)
    assert problem(REGISTER_NEW + MONITORING)[0] == "unexpected_record"
    assert problem(MONITORING + REGISTER_NEW)[0] == "unexpected_record"


def test_half_a_seal_is_refused():
    sealed = seal(MONITORING, "A" * 32, DAY)
    assert problem(sealed[:-82]) == ("seal_incomplete", 6, None)
    assert problem(sealed[82:]) == ("seal_incomplete", 6, None)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # a deposit's sum and count
        ("000000000000175050", "000000000000175051", ("deposit_sum", 2, 51)),
        ("00000002 ", "00000003 ", ("deposit_count", 2, 72)),
        ("000000000000007500   ", "000000000000007400   ", ("deposit_sum", 7, 51)),
        ("000000025000000991", "000000025001000991", ("deposit_sum", 10, 51)),
        # a payment is of the wrong bankgiro, status, payer, amount, kind
        ("0000500000009912346", "0000500000050501055", ("bankgiro", 3, 44)),
        ("FAKTURA 1                 0", "FAKTURA 1                 3", ("status", 3, 80)),
        ("FAKTURA 1                 0", "FAKTURA 1                  ", ("status", 3, 80)),
        ("0000000000001003", "000000000000100X", ("field", 5, 16)),
        ("0000000000001003", "0000000000000000", ("field", 5, 16)),
        ("000000125050", "00000012505A", ("field", 4, 32)),
        ("82202611020    0000000000001003", "32202611020    0000000000001003", ("unexpected_record", 5, 1)),
        ("77202609010", "82202609010", ("unexpected_record", 11, 1)),
        ("17000000", "18000000", ("unexpected_record", 10, 1)),
        ("FAKTURA 1                 0", "FAKTURA 1                 0 X", ("line_too_long", 3, 82)),
        ("BET. SPEC", "BAT. SPEC", ("unknown_report", 1, None)),
        ("1234560009912346\r\n", "123456000991234X\r\n", ("field", 1, 71)),
        ("ÅRSKORT ", "ÅRSK\0ORT", ("nul", 4, 58)),
    ],
)
def test_payments_that_do_not_agree_are_refused(old, new, expected):
    assert problem(replaced(PAYMENTS_NEW, old, new)) == expected


@pytest.mark.parametrize(
    ("column", "length"),
    [(15, 6), (21, 12), (33, 6), (39, 12), (51, 6), (57, 12)],
    ids=["TK15", "82", "TK16", "32", "TK17", "TK77"],
)
def test_every_count_of_the_closing_record_is_compared(column, length):
    *kept, closing = lines(PAYMENTS_NEW)
    wrong = closing[: column - 1] + b"9".zfill(length) + closing[column - 1 + length :]
    assert problem(b"\r\n".join([*kept, wrong])) == ("total_count", 12, column)


@pytest.mark.parametrize(
    ("data", "old", "new", "expected"),
    [
        (PAYMENTS_OLD, "FAKTURA 3                 1", "FAKTURA 3                 0", ("status", 3, 80)),
        (PAYMENTS_OLD, "000000080000", "000000050000", ("total_sum", 5, 57)),
        (PAYMENTS_OLD, "000001000002", "000001000001", ("total_count", 5, 47)),
        (PAYMENTS_OLD, "000000007500000001", "000000007400000001", ("total_sum", 5, 29)),
        (ADVICE_NEW, "99000000006", "99000000007", ("total_count", 8, 15)),
        (REJECTED_NEW, "9900000001000000007500", "9900000001000000007600", ("total_sum", 5, 21)),
        (REJECTED_NEW, "9900000001000000007500", "9900000002000000007500", ("total_count", 5, 15)),
        (REJECTED_OLD, "000002000000033050", "000002000000033051", ("total_sum", 5, 39)),
        (CHANGES_NEW, "000001000002", "000001000003", ("total_count", 7, 47)),
        (MONITORING, "000000017555", "000000017556", ("total_sum", 5, 57)),
    ],
)
def test_totals_that_do_not_agree_are_refused(data, old, new, expected):
    assert problem(replaced(data, old, new)) == expected


def test_a_difference_is_said_in_kronor():
    with pytest.raises(ReportError) as caught:
        read_report(replaced(PAYMENTS_NEW, "000000000000175050", "000000000000175051"))
    assert str(caught.value) == (
        "Line 2, position 51: The deposit is 1750.51 kronor, but its payments add up to 1750.50."
    )
    assert "1750,51" in caught.value.text("sv")
    assert caught.value.text("sv_SE").startswith("Rad 2, position 51: ")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ("empty", None, None)),
        (b" \r\n\x1a", ("empty", None, None)),
        (b"Hej", ("unknown", None, None)),
        (b"%PDF-1.4\n1234567890 obj", ("unknown", 2, None)),
        (b"01BGMAX               0120261102173035010331P", ("bgmax", 1, None)),
        (b"Rubrik\n01BGMAX               0120261102173035010331P", ("bgmax", 2, None)),
        (PAYMENTS_NEW.decode("latin-1").encode("utf-16"), ("encoding", None, None)),
        (b"\xef\xbb\xbf" + PAYMENTS_NEW, ("encoding", None, None)),
        (write_file([Section("9912346", "1", [Collect("1", 1, None)], DAY)]), ("outgoing", 1, None)),
    ],
)
def test_other_files_are_named(data, expected):
    assert problem(data) == expected


def test_a_large_file_is_not_looked_at():
    assert problem(b"\0" * 1001, max_size=1000) == ("too_large", None, None)
    assert only(MONITORING).records == read_report(MONITORING, max_size=len(MONITORING)).sections[0].records


# What is warned of


def warnings(data):
    return [(warning.problem, warning.line, warning.column) for warning in read_report(data).warnings]


@pytest.mark.parametrize(
    ("data", "old", "new", "warning"),
    [
        (ADVICE_NEW, "     0432", "     0832", ("unknown_code", 2, 62)),
        (ADVICE_NEW, "     0432", "     0488", ("unknown_code", 2, 64)),
        (ADVICE_NEW, "     0432", "     04  ", ("unknown_code", 2, 64)),
        (ADVICE_NEW, "043220261102", "043220261302", ("field", 2, 66)),
        (ADVICE_NEW, "0000000000001002", "000000000000X002", ("field", 3, 13)),
        (REJECTED_NEW, "FAKTURA 1       06", "FAKTURA 1       99", ("unknown_code", 2, 59)),
        (PAYMENTS_NEW, "2026110202 ", "2026110209 ", ("unknown_code", 11, 78)),
        (PAYMENTS_NEW, "82202611020    0000000000001003", "82202613020    0000000000001003", ("field", 5, 3)),
        (ELECTRONIC_MANDATES, "     0\x20", "     5\x20", ("unknown_code", 2, 62)),
        (ELECTRONIC_MANDATES, "99000000009", "99000000012", ("total_count", 11, 15)),
        (MONITORING, "82202611300", "82202613300", ("field", 2, 3)),
        (REGISTER_OLD, "20260131100", "20260131800", ("unknown_code", 1, 57)),
        (REGISTER_NEW, "202601311", "202601318", ("unknown_code", 1, 58)),
    ],
)
def test_what_is_odd_is_kept_with_a_warning(data, old, new, warning):
    changed = replaced(data, old, new)
    assert warnings(changed) == [warning]
    kept = [len(section.records) for section in read_report(changed).sections]
    assert kept == [len(section.records) for section in read_report(data).sections]


def test_closings_of_electronic_mandates_may_count_the_outer_records():
    for count in (9, 10, 11):
        only(replaced(ELECTRONIC_MANDATES, "99000000009", f"9900{count:07}"))


def test_an_advice_of_a_wrong_bankgiro_is_kept_only_when_it_says_so():
    other = replaced(ADVICE_NEW, "730009912346000000000000100160", "730009912347000000000000100160")
    assert problem(other) == ("bankgiro", 2, 3)
    said = replaced(other, "     0432", "     0429")
    assert warnings(said) == [("bankgiro", 2, 3)]
    assert read_report(said).sections[0].records[0].outcome == "refused"


def test_an_amount_that_is_none_is_why_a_payment_was_rejected():
    data = replaced(REJECTED_NEW, "000000025000FAKTURA 1       06", "00000002500XFAKTURA 1       08")
    assert warnings(data) == [("field", 2, 31), ("total_sum", 5, 39)]
    assert read_report(data).sections[0].records[0].amount == 0


def test_with_an_unknown_comment_it_is_unsure_what_was_counted():
    data = replaced(CHANGES_NEW, "FAKTURA 1       12", "FAKTURA 1       77")
    assert [problem for problem, _line, _column in warnings(data)] == [
        "unknown_code",
        "total_count",
        "total_sum",
    ]


# Nothing private is said


@pytest.mark.parametrize("data", ORIGINALS)
def test_nothing_private_is_printed(data):
    report = read_report(data)
    printed = repr(report)
    private = ("1001", "123456789", "9001019802", "5560000001", "EXEMPEL", "PROV", "SUNDSVALL", "betala")
    assert not [text for text in private if text in printed]


def test_warnings_and_errors_say_nothing_private_in_two_languages():
    odd = replaced(ADVICE_NEW, "0000000000001002", "000000000070X123")
    odd = replaced(odd, "6000000123456789199001019802     0432", "600000012345678X19900101980X     04##")
    report = read_report(odd)
    assert len(report.warnings) == 4
    for warning in report.warnings:
        for text in (warning.text("en"), warning.text("sv"), str(warning), repr(warning)):
            assert not any(secret in text for secret in ("X", "70", "1990", "##", "9802"))
        assert warning.text("sv").startswith(f"Rad {warning.line}, position {warning.column}: ")


def test_errors_can_be_copied_and_pickled():
    with pytest.raises(ReportError) as caught:
        read_report(replaced(PAYMENTS_NEW, "00000002 ", "00000003 "))
    for again in (copy.copy(caught.value), pickle.loads(pickle.dumps(caught.value))):
        assert (again.text("sv"), again.line) == (caught.value.text("sv"), 2)


# Codes


def test_codes_in_words():
    assert meaning(codes.PAYMENT_STATUS, "1") == "Not carried out: insufficient cover"
    assert meaning(codes.PAYMENT_STATUS, "1", "sv_SE") == "Inte genomförd: täckning saknas"
    assert meaning(codes.ADVICE_COMMENT, "77") == "Unknown code 77"
    assert meaning(codes.ADVICE_COMMENT, "77", "sv") == "Okänd kod 77"
    assert meaning(codes.ADVICE_COMMENT, "") == ""


@pytest.mark.parametrize(
    ("table", "known"),
    [
        (codes.INFORMATION, "03 04 05 10 42 43 44 46 93"),
        (codes.ADVICE_COMMENT, "01 02 03 04 05 06 07 09 10 11 12 20 21 23 24 29 30 32 33 98"),
        (codes.PAYMENT_STATUS, "0 1 2 9"),
        (codes.REFUND_CODE, "01 02 03 04 05"),
        (codes.REJECTED_COMMENT, "01 02 03 04 05 06 07 08 09 10 12 13 15 24"),
        (codes.CHANGE_COMMENT, "01 02 04 05 06 10 11 12 13 14 15 18"),
        (codes.CHANGE_TK, "03 11 21 22 23 24 25 26 27 28 29"),
    ],
)
def test_all_codes_are_known_in_both_languages(table, known):
    assert sorted(table) == known.split()
    for english, swedish in table.values():
        assert english and swedish and english != swedish
