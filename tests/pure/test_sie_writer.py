"""Files of vouchers: bytes worked out by hand, every refusal, and what is written is read back."""

import pickle
import re
import time
import unicodedata
import zlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from brp_accounting_export.sie import (
    Account,
    Company,
    Dimension,
    DimensionObject,
    FiscalYear,
    Program,
    Row,
    SieError,
    Voucher,
    checksum,
    clean_text,
    organisation_number,
    write_file,
)
from brp_accounting_export.sie.problems import TEXTS
from hypothesis import example, given
from hypothesis import strategies as st
from sie_reader import ReadRow, ReadVoucher, read

COMPANY = Company("Sjöboda Gym & Ångbad AB", "556036-0793")
PROGRAM = Program("Kvällskassan", "3.1")
YEAR = FiscalYear(0, date(2026, 1, 1), date(2026, 12, 31))
YEAR_BEFORE = FiscalYear(-1, date(2025, 1, 1), date(2025, 12, 31))
ACCOUNTS = (
    Account("3001", "Försäljning 25 %"),
    Account("1910", "Kassa"),
    Account("2611", "Utgående moms 25 %"),
    Account("6570", "Bankkostnader"),  # nobody uses it
)
OBJECTS = (
    DimensionObject(Dimension.PROJECT, "LOPP", "Höstloppet"),
    DimensionObject(Dimension.COST_CENTRE, "B2", "Badet"),
    DimensionObject(Dimension.COST_CENTRE, "G1", "Gymmet"),
    DimensionObject(Dimension.COST_CENTRE, "X9", "Stängd"),  # nor that
)
DAY = date(2026, 10, 25)
GENERATED = date(2026, 10, 27)
SALE = (
    Row("1910", 12_500, "Kontant"),
    Row("3001", -10_000, "Försäljning", cost_centre="G1"),
    Row("2611", -2_500),
)
VOUCHER = Voucher("K", DAY, "Dagsavslut", GENERATED, SALE)


def write(*vouchers, **changes):
    given = {
        "company": COMPANY,
        "program": PROGRAM,
        "years": [YEAR],
        "accounts": ACCOUNTS,
        "vouchers": vouchers or (VOUCHER,),
        "generated": GENERATED,
        "objects": OBJECTS,
    }
    return write_file(**{**given, **changes})


def write_rows(*rows, **changes):
    return write(replace(VOUCHER, rows=rows), **changes)


def lines(data, label):
    return [line for line in data.decode("cp437").split("\r\n") if line.split(" ")[0] == label]


def refused(*vouchers, **changes):
    with pytest.raises(SieError) as caught:
        write(*vouchers, **changes)
    error = caught.value
    assert error.text("sv") != error.text("en") == str(error)
    return error.problem, error.voucher, error.row


# The bytes of a file

WHOLE = (
    b"#FLAGGA 0\r\n"
    b"#FORMAT PC8\r\n"
    b"#SIETYP 4\r\n"
    b'#PROGRAM "Kv\x84llskassan" "3.1"\r\n'
    b"#GEN 20261027\r\n"
    b'#FNAMN "Sj\x94boda Gym & \x8fngbad AB"\r\n'
    b"#ORGNR 556036-0793\r\n"
    b"#RAR 0 20260101 20261231\r\n"
    b"#RAR -1 20250101 20251231\r\n"
    b"#KPTYP EUBAS97\r\n"
    b'#KONTO 1910 "Kassa"\r\n'
    b'#KONTO 2611 "Utg\x86ende moms 25 %"\r\n'
    b'#KONTO 3001 "F\x94rs\x84ljning 25 %"\r\n'
    b'#DIM 1 "Kostnadsst\x84lle"\r\n'
    b'#DIM 6 "Projekt"\r\n'
    b'#OBJEKT 1 "B2" "Badet"\r\n'
    b'#OBJEKT 1 "G1" "Gymmet"\r\n'
    b'#OBJEKT 6 "LOPP" "H\x94stloppet"\r\n'
    b'#VER "K" "" 20261025 "Dagsavslut" 20261027\r\n'
    b"{\r\n"
    b'#TRANS 1910 {} 125.00 "" "Kontant"\r\n'
    b'#TRANS 3001 {"1" "G1"} -100.00 "" "F\x94rs\x84ljning"\r\n'
    b"#TRANS 2611 {} -25.00\r\n"
    b"}\r\n"
    b'#VER "A" "" 20251231\r\n'
    b"{\r\n"
    b'#TRANS 3001 {"1" "B2" "6" "LOPP"} 0.05 20251230 "R\x84ttning" 1.5\r\n'
    b'#TRANS 3001 {"6" "LOPP"} 7.00 "" "" -2\r\n'
    b"#TRANS 1910 {} -7.05 20251231\r\n"
    b"}\r\n"
)


def whole(**changes):
    correction = Voucher(
        "A",
        date(2025, 12, 31),
        rows=[
            Row("3001", 5, "Rättning", date(2025, 12, 30), "B2", "LOPP", Decimal("1.50")),
            Row("3001", 700, project="LOPP", quantity=-2),
            Row("3001", 0, "Syns inte"),
            Row("1910", -705, date=date(2025, 12, 31)),
        ],
    )
    return write(VOUCHER, correction, years=[YEAR_BEFORE, YEAR], **changes)


def test_the_bytes_of_a_whole_file():
    assert whole() == WHOLE


def test_the_same_is_written_as_the_same_bytes_whatever_the_order_of_names():
    assert whole(accounts=reversed(ACCOUNTS), objects=reversed(OBJECTS)) == WHOLE


def test_the_checksum_is_written_around_all_but_the_flag_when_asked_for():
    first, rest = WHOLE.split(b"\r\n", 1)
    summed = (
        "#FORMATPC8#SIETYP4#PROGRAMKvällskassan3.1#GEN20261027#FNAMNSjöboda Gym & Ångbad AB#ORGNR556036-0793"
        "#RAR02026010120261231#RAR-12025010120251231#KPTYPEUBAS97#KONTO1910Kassa#KONTO2611Utgående moms 25 %"
        "#KONTO3001Försäljning 25 %#DIM1Kostnadsställe#DIM6Projekt#OBJEKT1B2Badet#OBJEKT1G1Gymmet"
        "#OBJEKT6LOPPHöstloppet#VERK20261025Dagsavslut20261027#TRANS1910125.00Kontant"
        "#TRANS30011G1-100.00Försäljning#TRANS2611-25.00#VERA20251231"
        "#TRANS30011B26LOPP0.0520251230Rättning1.5#TRANS30016LOPP7.00-2#TRANS1910-7.0520251231"
    )
    value = zlib.crc32(summed.encode("cp437"))
    data = whole(with_checksum=True)
    assert data == b"%s\r\n#KSUMMA\r\n%s#KSUMMA %d\r\n" % (first, rest, value)
    assert checksum(data) == checksum(rest) == read(data).checksum == value


def test_a_checksum_counts_neither_separators_nor_outer_quotes_nor_braces_nor_line_ends():
    value = zlib.crc32(b'#AB\x94 c"d"e')
    for data in (
        b'#A "B\x94 c\\"d\\"" e\r\n{\r\n}\r\n',
        b'#A\tB\x94 "" " c\\"d\\"" {e}\n',
        b'#A B\x94\n" c\\"d\\"" {"e"}',
        b'#FLAGGA 0\n #KSUMMA\n#A "B\x94 c\\"d\\"" e\n#KSUMMA 17\n#X\n',
    ):
        assert checksum(data) == value


def test_vouchers_and_rows_may_come_one_by_one():
    data = write_file(
        COMPANY,
        PROGRAM,
        iter([YEAR]),
        iter(ACCOUNTS),
        (Voucher("K", DAY, "Dagsavslut", GENERATED, iter(SALE)) for _ in range(1)),
        generated=GENERATED,
        objects=iter(OBJECTS),
    )
    assert data == write()


def test_accounts_are_sorted_as_a_chart_of_accounts_is():
    accounts = [Account(number, f"Konto {number}") for number in ("910000", "3001", "1911", "19101", "1910")]
    data = write_rows(*(Row(a.number, 1) for a in accounts[1:]), Row("910000", -4), accounts=accounts)
    assert [line.split()[1] for line in lines(data, "#KONTO")] == ["1910", "19101", "1911", "3001", "910000"]


def test_only_the_dimensions_used_are_declared():
    assert lines(write_rows(Row("1910", 1), Row("3001", -1)), "#DIM") == []
    data = write_rows(Row("1910", 1), Row("3001", -1, project="LOPP"))
    assert lines(data, "#DIM") == ['#DIM 6 "Projekt"']
    assert lines(data, "#OBJEKT") == ['#OBJEKT 6 "LOPP" "Höstloppet"']


@pytest.mark.parametrize("company", [Company("Gym AB"), Company("Gym AB", "", "NE2007")])
def test_a_company_without_an_organisation_number_has_no_such_record(company):
    data = write(company=company)
    assert lines(data, "#ORGNR") == []
    assert lines(data, "#KPTYP") == [f"#KPTYP {company.account_plan}"]


def test_rows_of_zero_are_dropped_with_their_accounts_and_objects():
    data = write_rows(
        Row("1910", 1), Row("2611", 0, cost_centre="G1"), Row("none at all", 0, quantity=3), Row("3001", -1)
    )
    assert lines(data, "#TRANS") == ["#TRANS 1910 {} 0.01", "#TRANS 3001 {} -0.01"]
    assert lines(data, "#OBJEKT") == [] and len(lines(data, "#KONTO")) == 2


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (1, "0.01"),
        (-1, "-0.01"),
        (10, "0.10"),
        (-99, "-0.99"),
        (100, "1.00"),
        (-12_345, "-123.45"),
        (10**17 + 1, "1000000000000000.01"),  # a float would lose the öre
    ],
)
def test_amounts_are_kronor_with_a_point_and_two_decimals(amount, written):
    row, against = lines(write_rows(Row("1910", amount), Row("3001", -amount)), "#TRANS")
    assert row == f"#TRANS 1910 {{}} {written}"
    assert against.endswith(written.lstrip("-")) and ("-" in against) != ("-" in written)


@pytest.mark.parametrize(
    ("quantity", "written"),
    [
        (3, "3"),
        (0, "0"),
        (Decimal("-0.00"), "0"),
        (Decimal("1E+2"), "100"),
        (Decimal("0.250"), "0.25"),
        (Decimal("-10.10"), "-10.1"),
        (Decimal("100"), "100"),
    ],
)
def test_quantities_have_no_needless_decimals(quantity, written):
    (row, _) = lines(write_rows(Row("1910", 1, quantity=quantity), Row("3001", -1)), "#TRANS")
    assert row == f'#TRANS 1910 {{}} 0.01 "" "" {written}'


def test_a_voucher_without_text_has_a_place_for_it_only_before_another_field():
    assert lines(write(replace(VOUCHER, text="")), "#VER") == ['#VER "K" "" 20261025 "" 20261027']
    assert lines(write(replace(VOUCHER, text=False, registered=None)), "#VER") == ['#VER "K" "" 20261025']
    assert lines(write(replace(VOUCHER, registered=None)), "#VER") == ['#VER "K" "" 20261025 "Dagsavslut"']


@pytest.mark.parametrize("number", [
    "556036-0793", "5560360793", "165560360793", "16556036-0793", "00556036-0793", " 556036 – 0793 ",
    "SE556036079301", "se556036079301", "SE 556036-0793 01",
])  # fmt: skip
def test_the_organisation_number_gets_its_hyphen(number):
    assert organisation_number(number) == "556036-0793"
    assert lines(write(company=Company("Gym AB", number)), "#ORGNR") == ["#ORGNR 556036-0793"]


@pytest.mark.parametrize("number", ["199001019802", "19900101-9802", "9001019802", "900101-9802"])
def test_a_sole_trader_has_the_personal_number(number):
    assert organisation_number(number) == "900101-9802"
    assert number not in repr(Company("Solbergs", number))


def test_both_ends_of_a_fiscal_year_belong_to_it_and_a_broken_year_is_one():
    years = [
        FiscalYear(0, date(2026, 5, 1), date(2027, 4, 30)),
        FiscalYear(-2, date(2024, 1, 1), date(2025, 4, 30)),  # a long one
        FiscalYear(-1, date(2025, 5, 1), date(2026, 4, 30)),
    ]
    days = (date(2024, 1, 1), date(2025, 4, 30), date(2025, 5, 1), date(2027, 4, 30))
    data = write(*(replace(VOUCHER, date=day) for day in days), years=years)
    assert lines(data, "#RAR") == [
        "#RAR 0 20260501 20270430",
        "#RAR -1 20250501 20260430",
        "#RAR -2 20240101 20250430",
    ]
    assert [voucher.date for voucher in read(data).vouchers] == list(days)
    for day in (date(2023, 12, 31), date(2027, 5, 1)):
        assert refused(replace(VOUCHER, date=day), years=years) == ("date_outside", 0, None)


def test_a_day_may_be_of_a_subclass_of_date():
    class FrozenDate(date):
        pass

    voucher = replace(VOUCHER, date=FrozenDate(2026, 10, 25))
    assert write(voucher, generated=FrozenDate(2026, 10, 27)) == write()


# Texts


@pytest.mark.parametrize(
    ("letters", "encoded"), [("åäöÅÄÖ", b"\x86\x84\x94\x8f\x8e\x99"), ("éÉüÜ", b"\x82\x90\x81\x9a")]
)
def test_swedish_letters_are_cp437_however_they_are_composed(letters, encoded):
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        data = write(replace(VOUCHER, text=unicodedata.normalize(form, letters)))
        assert b'#VER "K" "" 20261025 "' + encoded + b'" 20261027\r\n' in data


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        # What breaks readers
        ('12" platta', "12 platta"),
        ("“Bad” „Bad‟ ＂Bad＂", "Bad Bad Bad"),
        ("C:\\kassa\\", "C: kassa"),
        ('slut\\"', "slut"),
        ("{1 B1}", "1 B1"),
        ("Order#12 #IB #UB ＃RES ﹟OIB", "Order 12 IB UB RES OIB"),
        ("rad 1\r\nrad 2\tslut\0\x1b\x7f\x85\u2028.", "rad 1 rad 2 slut ."),
        # Spaces
        ("  två   ord  ", "två ord"),
        ("10\u00a0000\u202fkr\u2028och\u2029öre\u1680bara", "10 000 kr och öre bara"),
        ('"', ""),
        ("\u200b \ufeff", ""),
        ("", ""),
        (None, ""),
        (False, ""),
        # What CP437 lacks
        ("Kaffe – 25 €", "Kaffe - 25 EUR"),
        ("Lisa’s ‘Spa’ — bad‑och−bastu", "Lisa's 'Spa' - bad-och-bastu"),
        ("Väntar…", "Väntar..."),
        ("Sørensen & Łukasz Škoda, Čeněk ñandú", "Sörensen & Lukasz Skoda, Cenek ñandú"),
        ("Þór Ðuro cœur œ ŒUF", "Thór Duro coeur oe OEUF"),
        ("5 kap. 7 §", "5 kap. 7 par."),
        ("SATS™ ® ©", "SATSTM (r) (c)"),
        ("3 × ¾ m³ ½ m²", "3 x 3/4 m3 ½ m²"),
        ("ﬁlm ①②③ ＡＢ １２ ٣", "film 123 AB 12 3"),
        ("№ 5, A → B", "No 5, A -> B"),
        ("Yoga 🧘‍♀️ kväll ❤️ 👍🏽", "Yoga kväll"),
        ("Игорь 李", "????? ?"),
        ("한글", "??"),
        ("so\u00adft", "soft"),
        ("e\u0323x\u0308", "ex"),
        ("\ud800fel\udfff", "fel"),
        # What CP437 has stays
        ("«æÆßµÇ£¥ƒ»°·÷±≈√¿¡|~^`'<>@$%&*+=;:,.?!/_-()[]", "«æÆßµÇ£¥ƒ»°·÷±≈√¿¡|~^`'<>@$%&*+=;:,.?!/_-()[]"),
    ],
)
def test_texts_become_what_every_reader_takes(text, cleaned):
    assert clean_text(text) == cleaned
    assert clean_text(cleaned) == cleaned
    voucher = replace(VOUCHER, text=text, rows=[Row("1910", 1, text), Row("3001", -1)])
    (voucher,) = read(write(voucher)).vouchers
    assert voucher.text == voucher.rows[0].text == cleaned


def test_texts_are_cut_at_fifty_characters_once_they_are_clean():
    assert clean_text("å" * 50) == "å" * 50
    assert clean_text("å" * 51) == "å" * 50
    assert clean_text("a\u030a" * 50) == "å" * 50
    assert clean_text("  " + "x" * 49 + "  y") == "x" * 49  # no blank at the end
    assert clean_text("€" * 20) == "EUR" * 16 + "EU"
    assert clean_text('"' * 60 + "slut") == "slut"


def test_names_are_cleaned_as_texts_are():
    data = write(
        company=Company('Gym #1 "Nord"', None),
        program=Program("{BRP}", '"1"'),
        accounts=[replace(account, name=account.name + " {}#") for account in ACCOUNTS],
        objects=[replace(item, name='"' + item.name) for item in OBJECTS],
    )
    assert lines(data, "#FNAMN") == ['#FNAMN "Gym 1 Nord"']
    assert lines(data, "#PROGRAM") == ['#PROGRAM "BRP" "1"']
    assert lines(data, "#KONTO")[0] == '#KONTO 1910 "Kassa"'
    assert lines(data, "#OBJEKT") == ['#OBJEKT 1 "G1" "Gymmet"']


# What is refused


def test_a_place_is_that_among_the_rows_given():
    broken = replace(VOUCHER, rows=[Row("1910", 0), Row("1910", 1), Row("3001", 0), Row("9999", -1)])
    assert refused(VOUCHER, VOUCHER, broken) == ("account_name", 2, 3)


def test_a_voucher_that_does_not_balance_is_refused_with_its_difference():
    broken = replace(VOUCHER, rows=[Row("1910", 100_050), Row("3001", -100_000), Row("2611", 0)])
    with pytest.raises(SieError) as caught:
        write(VOUCHER, broken)
    error = caught.value
    assert (error.problem, error.voucher, error.row) == ("unbalanced", 1, None)
    assert error.details == {"difference": 50}
    assert error.text() == (
        "Voucher 2: The voucher does not balance: its rows add up to 0.50 kronor, not to zero."
    )
    assert error.text("sv_SE") == (
        "Verifikat 2: Verifikatet balanserar inte: raderna summerar till 0,50 kronor i stället för noll."
    )
    with pytest.raises(SieError, match=r"add up to -1234\.05 kronor"):
        write_rows(Row("1910", -123_405))
    with pytest.raises(SieError, match=r"add up to -0\.01 kronor"):
        write_rows(Row("1910", 10**17), Row("3001", -(10**17) - 1))


@pytest.mark.parametrize(
    "account", ["", "19A0", "1910 ", "1910\n", "1 910", "1234567", "-1910", "١٩١٠", "²", 1910, None]
)
def test_an_account_is_one_to_six_digits(account):
    broken = replace(VOUCHER, rows=[Row("1910", 1), Row(account, -1)])
    assert refused(VOUCHER, broken) == ("account_number", 1, 1)
    assert refused(accounts=[*ACCOUNTS, Account(account, "Konto")]) == ("account_number", None, None)


def test_accounts_of_one_and_six_digits_are_taken():
    accounts = [Account("1", "Ett"), Account("123456", "Sex")]
    assert len(lines(write_rows(Row("1", 1), Row("123456", -1), accounts=accounts), "#KONTO")) == 2


def test_every_account_used_has_one_name():
    assert refused(accounts=ACCOUNTS[1:]) == ("account_name", 0, 1)
    assert refused(accounts=[Account("3001", ' "# '), *ACCOUNTS[1:]]) == ("account_name", 0, 1)
    assert refused(accounts=[*ACCOUNTS, Account("6570", "Avgifter")]) == ("account_names", None, None)
    assert write(accounts=[*ACCOUNTS, *ACCOUNTS]) == write()


@pytest.mark.parametrize("series", ["", "KK", "k", "Å", "1", "K ", None, 5])
def test_a_series_is_one_letter(series):
    assert refused(VOUCHER, replace(VOUCHER, series=series)) == ("series", 1, None)


@pytest.mark.parametrize("rows", [(), (Row("1910", 0), Row("3001", 0))])
def test_a_voucher_without_amounts_is_refused(rows):
    assert refused(VOUCHER, replace(VOUCHER, rows=rows)) == ("empty_voucher", 1, None)


def test_a_file_without_vouchers_is_refused():
    assert refused(vouchers=[]) == ("empty", None, None)


@pytest.mark.parametrize("amount", [1.0, Decimal(1), True, "1", None, 0.0, False])
def test_an_amount_is_a_whole_number_of_ore(amount):
    broken = replace(VOUCHER, rows=[Row("1910", amount), Row("3001", -1)])
    assert refused(VOUCHER, broken) == ("amount", 1, 0)


@pytest.mark.parametrize("quantity", [1.5, Decimal("0.001"), Decimal("NaN"), Decimal("-Infinity"), "1", True])
def test_a_quantity_has_at_most_two_decimals(quantity):
    broken = replace(VOUCHER, rows=[Row("1910", 1), Row("3001", -1, quantity=quantity)])
    assert refused(broken) == ("quantity", 0, 1)


@pytest.mark.parametrize("text", [5, b"text", ["text"]])
def test_a_text_is_a_text(text):
    assert refused(VOUCHER, replace(VOUCHER, text=text)) == ("text", 1, None)
    assert refused(replace(VOUCHER, rows=[Row("1910", 1), Row("3001", -1, text)])) == ("text", 0, 1)
    assert refused(company=Company(text)) == ("text", None, None)


@pytest.mark.parametrize("day", ["20261025", datetime(2026, 10, 25), None, 20261025])
def test_a_date_is_a_date(day):
    assert refused(VOUCHER, replace(VOUCHER, date=day)) == ("date", 1, None)
    assert refused(generated=day) == ("date", None, None)
    assert refused(years=[replace(YEAR, start=day)]) == ("date", None, None)
    assert refused(years=[replace(YEAR, end=day)]) == ("date", None, None)
    if day is not None:
        assert refused(replace(VOUCHER, registered=day)) == ("date", 0, None)
        broken = replace(VOUCHER, rows=[Row("1910", 1), Row("3001", -1, date=day)])
        assert refused(broken) == ("date", 0, 1)


def test_dates_are_within_the_fiscal_years_but_the_day_of_registration_need_not_be():
    assert refused(VOUCHER, replace(VOUCHER, date=date(2025, 12, 31))) == ("date_outside", 1, None)
    late = replace(VOUCHER, rows=[Row("1910", 1), Row("3001", -1, date=date(2027, 1, 1))])
    assert refused(VOUCHER, late) == ("date_outside", 1, 1)
    data = write(replace(VOUCHER, registered=date(2027, 1, 15)))
    assert lines(data, "#VER") == ['#VER "K" "" 20261025 "Dagsavslut" 20270115']


@pytest.mark.parametrize(
    ("years", "problem"),
    [
        ([], "year_number"),
        ([YEAR_BEFORE], "year_number"),
        ([replace(YEAR, number=1)], "year_number"),
        ([replace(YEAR, number=False)], "year_number"),
        ([YEAR, replace(YEAR_BEFORE, number="-1")], "year_number"),
        ([YEAR, YEAR], "year_number"),
        ([YEAR, replace(YEAR_BEFORE, number=-2)], "year_number"),
        ([replace(YEAR, end=date(2025, 12, 31))], "year_dates"),
        ([YEAR, replace(YEAR_BEFORE, end=date(2025, 12, 30))], "years_not_consecutive"),
        ([YEAR, replace(YEAR_BEFORE, end=date(2026, 1, 1))], "years_not_consecutive"),
        ([replace(YEAR, number=-1), replace(YEAR_BEFORE, number=0)], "years_not_consecutive"),
    ],
)
def test_fiscal_years_follow_on_each_other(years, problem):
    assert refused(years=years) == (problem, None, None)


@pytest.mark.parametrize(
    ("company", "problem"),
    [
        (Company("", "5560360793"), "company_name"),
        (Company(None), "company_name"),
        (Company('"#"'), "company_name"),
        (Company("Gym AB", "556036079"), "organisation_number"),
        (Company("Gym AB", "55603607930"), "organisation_number"),
        (Company("Gym AB", "175560360793"), "organisation_number"),
        (Company("Gym AB", "SE5560360793"), "organisation_number"),
        (Company("Gym AB", "٥٥٦٠٣٦٠٧٩٣"), "organisation_number"),
        (Company("Gym AB", 5560360793), "organisation_number"),
        (Company("Gym AB", "5560360794"), "organisation_check_digit"),
        (Company("Gym AB", account_plan="BAS2026"), "account_plan"),
        (Company("Gym AB", account_plan=""), "account_plan"),
    ],
)
def test_a_company_that_cannot_be_written(company, problem):
    with pytest.raises(SieError) as caught:
        write(company=company)
    assert caught.value.problem == problem
    for text in (str(caught.value), caught.value.text("sv"), repr(caught.value), repr(caught.value.details)):
        assert "0793" not in text and "0794" not in text


@pytest.mark.parametrize("program", [Program("", "1"), Program("BRP", ""), Program("##", "1")])
def test_a_program_has_a_name_and_a_version(program):
    assert refused(program=program) == ("program", None, None)


@pytest.mark.parametrize("code", ["B-1", "B 1", "Å1", "ABCDEFG", "B1\n", "é", "١", 5])
def test_an_object_code_is_one_to_six_letters_and_digits(code):
    for name in ("cost_centre", "project"):
        broken = replace(VOUCHER, rows=[Row("1910", 1), Row("3001", -1, **{name: code})])
        assert refused(VOUCHER, broken) == ("object_code", 1, 1)
    for dimension in Dimension:
        given = [*OBJECTS, DimensionObject(dimension, code, "Namn")]
        assert refused(objects=given) == ("object_code", None, None)


def test_every_object_used_has_one_name():
    assert refused(objects=OBJECTS[:2]) == ("object_name", 0, 1)
    assert refused(objects=[DimensionObject(Dimension.COST_CENTRE, "G1", "#")]) == ("object_name", 0, 1)
    # The code of a project is none of a cost centre
    assert refused(objects=[DimensionObject(Dimension.PROJECT, "G1", "Gymmet")]) == ("object_name", 0, 1)
    another = DimensionObject(Dimension.COST_CENTRE, "X9", "Öppen")
    assert refused(objects=[*OBJECTS, another]) == ("object_names", None, None)
    assert write(objects=[*OBJECTS, *OBJECTS]) == write()
    assert refused(objects=[DimensionObject(2, "G1", "Gymmet")]) == ("dimension", None, None)
    assert refused(objects=[DimensionObject("1", "G1", "Gymmet")]) == ("dimension", None, None)


@pytest.mark.parametrize(
    ("error", "english", "swedish"),
    [
        (
            SieError("account_number", 2, 4, account="19A0"),
            "Voucher 3, row 5: Account “19A0” is not one to six digits.",
            "Verifikat 3, rad 5: Kontot ”19A0” är inte en till sex siffror.",
        ),
        (
            SieError("date_outside", 0, date=date(2025, 12, 31)),
            "Voucher 1: The date 2025-12-31 is in none of the fiscal years.",
            "Verifikat 1: Datumet 2025-12-31 ligger inte i något av räkenskapsåren.",
        ),
        (
            SieError("object_name", 0, 0, dimension=Dimension.COST_CENTRE, code="B1"),
            "Voucher 1, row 1: The cost centre B1 has no name.",
            "Verifikat 1, rad 1: Ett kostnadsställe saknar namn: B1.",
        ),
        (
            SieError("object_code", None, None, dimension=Dimension.PROJECT, code="B-1"),
            "The code “B-1” of a project is not one to six letters A–Z and digits.",
            "Koden ”B-1” för projekt är inte en till sex bokstäver A–Z och siffror.",
        ),
    ],
)
def test_errors_say_where_and_what(error, english, swedish):
    assert error.text("en") == str(error) == english
    assert error.text("sv") == swedish
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.problem, copy.voucher, copy.row, copy.details) == (
        SieError, error.problem, error.voucher, error.row, error.details,
    )  # fmt: skip


def test_both_languages_need_the_same_details():
    for english, swedish in TEXTS.values():
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", swedish))


# What is written is read back

FORBIDDEN = re.compile(r'["\\{}#\x00-\x1f\x7f]|\s\s|^\s|\s$')
texts = st.one_of(
    st.text(max_size=80),
    st.text('åÄö "\\{}#\t\n\r€–’', max_size=80),
    st.text(st.characters(codec="cp437"), max_size=80),
)


@given(texts)
@example("\u037e\u1fef\u2126\u212b")  # signs that become others when they are composed
@example("\ufb2c\u0958\u0344")
def test_any_text_becomes_short_plain_cp437(text):
    cleaned = clean_text(text)
    assert len(cleaned) <= 50
    assert not FORBIDDEN.search(cleaned)
    assert cleaned.encode("cp437").decode("cp437") == cleaned
    assert clean_text(cleaned) == cleaned


def test_every_character_becomes_plain_cp437():
    for code in range(0x110000):
        cleaned = clean_text(f"!{chr(code)}!")
        assert cleaned[0] + cleaned[-1] == "!!" and not FORBIDDEN.search(cleaned), hex(code)
        cleaned.encode("cp437")


def test_no_letter_of_a_latin_alphabet_becomes_a_question_mark():
    latin = [chr(code) for code in range(0xC0, 0x180) if unicodedata.name(chr(code)).startswith("LATIN")]
    assert len(latin) > 150
    assert not [letter for letter in latin if not re.search("[^?]", clean_text(letter))]


days = st.dates(date(2024, 7, 1), date(2026, 12, 31))
names = st.text(min_size=1, max_size=60).map(lambda text: f"N{text}")
codes = st.text("ABCxyz0189", min_size=1, max_size=6)
chart = st.dictionaries(st.from_regex(r"\A[0-9]{1,6}\Z"), names, min_size=1, max_size=8)
quantities = st.none() | st.integers(-(10**6), 10**6) | st.decimals(-1000, 1000, places=2)
YEARS = [
    FiscalYear(0, date(2026, 1, 1), date(2026, 12, 31)),
    FiscalYear(-1, date(2025, 7, 1), date(2025, 12, 31)),
    FiscalYear(-2, date(2024, 7, 1), date(2025, 6, 30)),
]


@st.composite
def files(draw):
    accounts = draw(chart)
    centres, projects = (draw(st.dictionaries(codes, names, max_size=4)) for _ in range(2))
    rows = st.builds(
        Row,
        st.sampled_from(sorted(accounts)),
        st.integers(-(10**12), 10**12),
        texts,
        st.none() | days,
        st.sampled_from(["", *centres]),
        st.sampled_from(["", *projects]),
        quantities,
    )
    vouchers = []
    for _ in range(draw(st.integers(1, 4))):
        some = draw(st.lists(rows, min_size=1, max_size=6))
        total = sum(row.amount_ore for row in some)
        some.append(replace(some[0], amount_ore=-total))
        if any(row.amount_ore for row in some):
            letter = draw(st.sampled_from("AKZ"))
            vouchers.append(Voucher(letter, draw(days), draw(texts), draw(st.none() | days), tuple(some)))
    if not vouchers:
        vouchers.append(Voucher("K", DAY, rows=(Row(min(accounts), 1), Row(min(accounts), -1))))
    return accounts, {1: centres, 6: projects}, vouchers


@given(files(), names, st.booleans())
def test_what_is_written_is_read_back(parts, name, with_checksum):
    accounts, objects, vouchers = parts
    data = write_file(
        Company(name, "5560360793"),
        PROGRAM,
        YEARS,
        [Account(*item) for item in accounts.items()],
        vouchers,
        generated=GENERATED,
        objects=[DimensionObject(Dimension(d), *item) for d in objects for item in objects[d].items()],
        with_checksum=with_checksum,
    )
    found = read(data)
    assert (found.checksum is not None) == with_checksum
    assert found.flag == 0 and not found.unknown
    assert (found.name, found.org_number) == (clean_text(name), "556036-0793")
    assert found.years == {year.number: (year.start, year.end) for year in YEARS}
    expected = [
        ReadVoucher(
            voucher.series,
            "",
            voucher.date,
            clean_text(voucher.text),
            voucher.registered,
            rows=[
                ReadRow(
                    row.account,
                    row.amount_ore,
                    {d: code for d, code in ((1, row.cost_centre), (6, row.project)) if code},
                    row.date,
                    clean_text(row.text),
                    row.quantity,
                )
                for row in voucher.rows
                if row.amount_ore
            ],
        )
        for voucher in vouchers
    ]
    assert found.vouchers == expected
    rows = [row for voucher in expected for row in voucher.rows]
    used = {(d, code) for row in rows for d, code in row.objects.items()}
    assert found.accounts == {row.account: clean_text(accounts[row.account]) for row in rows}
    assert found.objects == {(d, code): clean_text(objects[d][code]) for d, code in used}
    assert set(found.dimensions) == {d for d, _code in used}
    # Each thing is declared before it is used, and every line has its end
    order = [label for label, _fields in found.records if label in ("#KONTO", "#DIM", "#OBJEKT", "#VER")]
    assert sorted(order, key=["#KONTO", "#DIM", "#OBJEKT", "#VER"].index) == order
    assert data.count(b"\n") == data.count(b"\r") == data.count(b"\r\n")


def test_a_year_of_vouchers_is_written_in_linear_time():
    def seconds(count):
        vouchers = []
        for n in range(count // 2):
            rows = (
                Row("1910", n + 1, f"Kontant {n}"),
                Row("3001", -n - 1, f"Försäljning – {n}", cost_centre="G1"),
            )
            day = YEAR.start + timedelta(n % 365)
            vouchers.append(Voucher("K", day, f"Dagsavslut {n}", GENERATED, rows))
        begun = time.process_time()
        data = write(*vouchers)
        assert data.count(b"#TRANS") == count
        return time.process_time() - begun

    # Far from both figures, for other programs run beside the tests: what is slow here is quadratic.
    assert seconds(100_000) < max(5, 40 * seconds(10_000))
