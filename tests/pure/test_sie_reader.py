"""The tests' own reader of SIE files: it reads what the description allows, and refuses the rest."""

import zlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sie_reader import (
    FORBIDDEN_IN_4I,
    LABELS,
    REQUIRED,
    ReadRow,
    ReadVoucher,
    SieReadError,
    read,
)

# By another program than ours: tabs, indents, bare texts, empty lines, records in another order
OTHERS = """\
#FLAGGA\t1
#PROGRAM  "Program \\"Ett\\""\t2.0  "more than there should be"

#FORMAT PC8
  #GEN 20260302 AB
#SIETYP 4
\t
#PROSA "C:\\temp\\ {inte} en #VER"
#ORGNR "556036-0793" 1
#ADRESS "" Vägen\t"123 45 Ån" ""
#FNAMN Övning
#RAR 0 20260101 20261231
#RAR -1 20250101 20251231
#KPTYP EUBAS97
#NYTT "text" {1 2} 3
{
  #TRANS what ever
}
#DIM 1 Avdelning
#UNDERDIM 21 Del 1
#OBJEKT 1 A "Öst"
#KONTO 1910 Kassa
#KTYP 1910 T
#SRU 1910 7281
#VER "" "" 20260105
{
#TRANS 1910 {} 5 "" "" 2.125
#TRANS 1920 {"1" A 21\t"b c" } -5.5 20260104 "\\"Citat\\" \\ slut" "" QQ
#BTRANS 1930 {} 7.25
#RTRANS 1940 {} 0.5 "" Tillagd
#TRANS 1940 {} 0.50 "" Tillagd
}
#VER B 17 20260106 Text 20260107 "QQ"
{
#TRANS 1910 {1 A} -.00
}
""".replace("-.00", "-0.00")

HEAD = '#FLAGGA 0\n#PROGRAM P 1\n#FORMAT PC8\n#GEN 20260302\n#SIETYP 4\n#FNAMN "Ett bolag"\n'
VOUCHER = "#VER A 1 20260105\n{\n#TRANS 1910 {} 5.00\n#TRANS 1920 {} -5.00\n}\n"


def encoded(text):
    return text.encode("cp437")


def read_text(text, kind="4I"):
    return read(encoded(text), kind)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_others_write_is_read(end):
    file = read_text(OTHERS.replace("\n", end))
    assert (file.flag, file.program, file.generated) == (1, ('Program "Ett"', "2.0"), date(2026, 3, 2))
    assert (file.name, file.org_number, file.account_plan) == ("Övning", "556036-0793", "EUBAS97")
    assert file.years == {
        0: (date(2026, 1, 1), date(2026, 12, 31)),
        -1: (date(2025, 1, 1), date(2025, 12, 31)),
    }
    assert (file.accounts, file.dimensions) == ({"1910": "Kassa"}, {1: "Avdelning", 21: "Del"})
    assert file.objects == {(1, "A"): "Öst"}
    assert file.unknown == [(15, "#NYTT")]
    assert ("#PROSA", ["C:\\temp\\ {inte} en #VER"]) in file.records
    assert ("#ADRESS", ["", "Vägen", "123 45 Ån", ""]) in file.records
    added = ReadRow("1940", 50, text="Tillagd")
    assert file.vouchers == [
        ReadVoucher(
            "",
            "",
            date(2026, 1, 5),
            rows=[
                ReadRow("1910", 500, quantity=Decimal("2.125")),
                ReadRow("1920", -550, {1: "A", 21: "b c"}, date(2026, 1, 4), '"Citat" \\ slut', sign="QQ"),
                added,
            ],
            added=[added],
            removed=[ReadRow("1930", 725)],
        ),
        ReadVoucher(
            "B", "17", date(2026, 1, 6), "Text", date(2026, 1, 7), "QQ", [ReadRow("1910", 0, {1: "A"})]
        ),
    ]


def test_the_records_are_there_as_they_stand():
    assert read_text(HEAD + VOUCHER).records == [
        ("#FLAGGA", ["0"]),
        ("#PROGRAM", ["P", "1"]),
        ("#FORMAT", ["PC8"]),
        ("#GEN", ["20260302"]),
        ("#SIETYP", ["4"]),
        ("#FNAMN", ["Ett bolag"]),
        ("#VER", ["A", "1", "20260105"]),
        ("#TRANS", ["1910", (), "5.00"]),
        ("#TRANS", ["1920", (), "-5.00"]),
    ]


def test_bytes_are_cp437():
    data = encoded(HEAD).replace(b"Ett bolag", b"\x86\x84\x94\x8f\x8e\x99\x82")
    assert read(data + encoded(VOUCHER)).name == "åäöÅÄÖé"


@pytest.mark.parametrize("label", REQUIRED)
def test_what_is_required_must_be_there_once(label):
    rows = HEAD.splitlines(True)
    without = "".join(row for row in rows if not row.startswith(label))
    with pytest.raises(SieReadError, match="#FLAGGA is not the first" if label == "#FLAGGA" else label):
        read_text(without + VOUCHER)
    again = next(row for row in rows if row.startswith(label))
    with pytest.raises(SieReadError, match=f"line 7: {label} a second time"):
        read_text(HEAD + again + VOUCHER)


BALANCES = {
    "#BKOD": "82300",
    "#OMFATTN": "20261231",
    "#IB": "0 1910 5.00",
    "#UB": "0 1910 5.00 2",
    "#RES": "0 3001 -7",
    "#OIB": "0 1910 {1 A} 5",
    "#OUB": "0 1910 {1 A} 5 2",
    "#PSALDO": "0 202601 1910 {} 5",
    "#PBUDGET": "0 202601 1910 {1 A} 5",
}


@pytest.mark.parametrize("label", FORBIDDEN_IN_4I)
def test_balances_do_not_belong_in_a_file_of_vouchers(label):
    text = f"{HEAD}{label} {BALANCES[label]}\n{VOUCHER}"
    with pytest.raises(SieReadError, match=f"line 7: {label} does not belong in type 4I"):
        read_text(text)
    assert (label, 7) not in read_text(text, "4E").unknown
    with pytest.raises(SieReadError, match="line 5: the file is of type 4, not 3"):
        read_text(text, "3")
    assert read_text(text.replace("#SIETYP 4", "#SIETYP 3"), "3")


def test_a_voucher_may_be_without_rows_only_where_a_system_says_what_it_has():
    text = HEAD + "#VER A 1 20260105\n{\n}\n"
    assert read_text(text, "4E").vouchers[0].rows == []
    with pytest.raises(SieReadError, match="line 9: a voucher without rows"):
        read_text(text)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("KONTO 1910 Kassa", "no label"),
        ("#", "no label"),
        ('#KONTO"1910" Kassa', "no label"),
        ("#konto 1910 Kassa", "no label"),
        ('"#KONTO" 1910 Kassa', "no label"),
        ("{}", "no label"),
        ("} {", "no label"),
        ('#KONTO 1910 "Kassa', "never closed"),
        ('#KONTO 1910 "Kassa\\"', "never closed"),
        ('#KONTO 1910 Kas"sa', "not parted"),
        ('#KONTO 1910"Kassa"', "not parted"),
        ('#KONTO 1910 "Kassa"1', "not parted"),
        ('#KONTO 1910 "12" platta"', "not parted"),
        ("#KONTO 1910 {Kassa", "brace is never closed"),
        ("#KONTO 1910 Kassa}", "a brace"),
        ("#KONTO 1910 {Kassa}", "an object list"),
        ("#KONTO 1910 {{}}", "a brace"),
        ("#KONTO 1910", "1 fields, not 2"),
        ("#KONTO 19A0 Kassa", "account number"),
        ('#KONTO "" Kassa', "account number"),
        ("#KONTO ²1 Kassa", "account number"),
        ("#KTYP 1910 X", "type of account"),
        ("#SRU 1910 x", "SRU"),
        ("#ORGNR 5560360793", "nnnnnn-nnnn"),
        ("#ORGNR 16556036-0793", "nnnnnn-nnnn"),
        ("#KPTYP BAS2026", "chart of accounts"),
        ("#VALUTA Sek", "currency"),
        ("#TAXAR 26", "a year"),
        ("#RAR 0 20260101", "2 fields, not 3"),
        ('#RAR 0 "" ""', "a date"),
        ("#RAR 0 2026-01-01 2026-12-31", "a date"),
        ("#RAR 0 20260101 20250101", "ends before"),
        ("#RAR +1 20260101 20261231", "whole number"),
        ("#RAR 1 20260101 20261231", "fiscal year 1"),
        ("#DIM ett Avdelning", "whole number"),
        ("#DIM 1", "1 fields"),
        ("#OBJEKT 1 A", "2 fields"),
        ("#TRANS 1910 {} 5.00", "does not belong"),
        ("#BTRANS 1910 {} 5.00", "does not belong"),
        ("{", "a brace"),
        ("}", "a brace"),
        ("#ADRESS a b c", "3 fields"),
        ("#KSUMMA 17", "once bare"),
        ("#FNAMN \x1aX", "control character"),
        ("#PROSA Rad\rslut", "control character"),
        ("#PROSA a\x7fb", "control character"),
    ],
)
def test_a_line_that_is_refused(line, reason):
    with pytest.raises(SieReadError, match=reason) as caught:
        read_text(f"{HEAD}{line}\n{VOUCHER}")
    assert caught.value.line == 7


@pytest.mark.parametrize(
    "label", ["#KONTO 1910 Kassa", "#DIM 1 A", "#OBJEKT 1 A B", "#RAR 0 20260101 20261231"]
)
def test_what_is_declared_twice_is_refused(label):
    assert read_text(f"{HEAD}{label}\n{VOUCHER}")
    with pytest.raises(SieReadError, match="line 8: "):
        read_text(f"{HEAD}{label}\n{label}\n{VOUCHER}")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("#VER A x 20260105", "voucher number"),
        ("#VER A -1 20260105", "voucher number"),
        ('#VER A ""', "2 fields"),
        ("#VER A 1 20260229", "not a day"),
        ("#VER A 1 260105", "a date"),
        ('#VER A 1 ""', "a date"),
        ("#VER A 1 20260105 Text 2026", "a date"),
        ("#VER A 1 20260105 Två ord 20260105", "a date"),
    ],
)
def test_a_voucher_that_is_refused(record, reason):
    with pytest.raises(SieReadError, match=reason) as caught:
        read_text(HEAD + VOUCHER.replace("#VER A 1 20260105", record))
    assert caught.value.line == 7


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("#TRANS 1910 5.00 {}", "object list"),
        ("#TRANS 1910 {}", "2 fields"),
        ("#TRANS {} 1910 5.00", "object list"),
        ("#TRANS 1910 {1} 5.00", "pairs"),
        ("#TRANS 1910 {1 A 1 B} 5.00", "twice"),
        ("#TRANS 1910 {x A} 5.00", "whole number"),
        ('#TRANS 1910 {1 ""} 5.00', "without a code"),
        ("#TRANS 1910 {} 5,00", "an amount"),
        ("#TRANS 1910 {} +5.00", "an amount"),
        ("#TRANS 1910 {} 5.000", "an amount"),
        ("#TRANS 1910 {} 5.", "an amount"),
        ("#TRANS 1910 {} .50", "an amount"),
        ("#TRANS 1910 {} 5-", "an amount"),
        ('#TRANS 1910 {} "5 000.00"', "an amount"),
        ("#TRANS 1910 {} 5e2", "an amount"),
        ('#TRANS 1910 {} ""', "an amount"),
        ("#TRANS 1910 {} 5.00 igår", "a date"),
        ('#TRANS 1910 {} 5.00 "" Text många', "a quantity"),
        ("#KONTO 1910 Kassa", "does not belong"),
        ("#NYTT 1", "among a voucher's rows"),
        ("{", "braces within braces"),
        ("#VER A 2 20260105", "does not belong"),
        ("#RTRANS 1910 {} 5.00\n#TRANS 1910 {} 5.01", "not followed by the same"),
        ("#RTRANS 1910 {} 5.00\n#BTRANS 1910 {} 5.00", "not followed by the same"),
    ],
)
def test_a_row_that_is_refused(row, reason):
    with pytest.raises(SieReadError, match=reason) as caught:
        read_text(HEAD + VOUCHER.replace("#TRANS 1910 {} 5.00", row))
    assert caught.value.line == 9 + row.count("\n")


@pytest.mark.parametrize(
    ("amounts", "total"), [(("5.00", "-4.99"), 1), (("5", "5"), 1000), (("0.1", "-0.01"), 9)]
)
def test_a_voucher_adds_up_to_zero(amounts, total):
    one, other = amounts
    text = HEAD + VOUCHER.replace("-5.00", other).replace("5.00", one)
    with pytest.raises(SieReadError, match=f"line 11: the voucher of line 7 adds up to {total} öre"):
        read_text(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no end"),
        ("\n", "#FLAGGA is missing"),
        (HEAD + VOUCHER[:-1], "line 11: the last line has no end"),
        (HEAD + VOUCHER[:-2], "ends within a voucher"),
        (HEAD + "#VER A 1 20260105\n", "ends within a voucher"),
        (HEAD + VOUCHER.replace("{\n", ""), "line 8: a voucher's rows are not in braces"),
        (HEAD + "{\n" + VOUCHER, "line 7: a brace"),
        (HEAD + VOUCHER + "}\n", "line 12: a brace"),
        (HEAD + VOUCHER + "{\n}\n", "line 12: a brace"),
        (HEAD + "#NYTT 1\n{\n{\n}\n}\n" + VOUCHER, "line 9: braces within braces"),
        (HEAD + "#NYTT 1\n{\n", "ends within"),
        (HEAD.replace("0", "2", 1) + VOUCHER, "line 1: “2” is not 0 or 1"),
        (HEAD.replace("PC8", "UTF8") + VOUCHER, "line 3: “UTF8” is not PC8"),
        (HEAD.replace("SIETYP 4", "SIETYP 5") + VOUCHER, "line 5: “5” is not a type of file"),
        (HEAD.replace("SIETYP 4", "SIETYP 1") + VOUCHER, "line 5: the file is of type 1, not 4I"),
        (HEAD.replace("Ett bolag", "") + VOUCHER, "line 6: the company has no name"),
        (HEAD.replace("P 1", '"" 1') + VOUCHER, "line 2: the program has no name"),
        (VOUCHER + HEAD, "line 1: #FLAGGA is not the first record"),
    ],
)
def test_a_file_that_is_refused(text, reason):
    with pytest.raises(SieReadError, match=reason):
        read_text(text)


def test_a_file_in_utf_8_is_refused_by_its_mark():
    with pytest.raises(SieReadError, match="line 1: no label"):
        read((HEAD + VOUCHER).encode("utf-8-sig"))


# What is between the two #KSUMMA of a file, and what of it counts
BODY = (
    HEAD.removeprefix("#FLAGGA 0\n").replace("Ett bolag", r"Två \"bolag\"") + "#NYTT {1 A}\t'x'\n" + VOUCHER
)
SUMMED = (
    "#PROGRAMP1#FORMATPC8#GEN20260302#SIETYP4#FNAMNTvå \"bolag\"#NYTT1A'x'"
    "#VERA120260105#TRANS19105.00#TRANS1920-5.00"
)


def summed(value, first="#KSUMMA\n", last="#KSUMMA {}\n"):
    return read_text("#FLAGGA 0\n" + first + BODY + last.format(value))


def test_the_checksum_is_checked():
    value = zlib.crc32(SUMMED.encode("cp437"))
    assert summed(value).checksum == value
    assert read_text("#FLAGGA 0\n" + BODY).checksum is None
    with pytest.raises(SieReadError, match=f"line 14: the checksum is {value + 1}, but that of"):
        summed(value + 1)
    with pytest.raises(SieReadError, match=f"is {value ^ 0xFFFFFFFF},"):
        summed(value ^ 0xFFFFFFFF)
    with pytest.raises(SieReadError, match="checksum is missing"):
        summed(value, last="")
    for first, last in [
        ("", "#KSUMMA {}\n"),
        ("#KSUMMA\n", "#KSUMMA\n"),
        ("#KSUMMA\n", "#KSUMMA {}\n#KSUMMA\n"),
        ("#KSUMMA\n", "#KSUMMA {0}\n#KSUMMA {0}\n"),
    ]:
        with pytest.raises(SieReadError, match="once bare"):
            summed(value, first, last)


def test_a_checksum_notices_any_change_of_a_field():
    value = zlib.crc32(SUMMED.encode("cp437"))
    data = encoded("#FLAGGA 0\n#KSUMMA\n" + BODY + f"#KSUMMA {value}\n")
    assert read(data)
    for at in range(data.index(b"#PROGRAM"), data.rindex(b"#KSUMMA")):
        if data[at : at + 1].isalnum():
            with pytest.raises(SieReadError):
                read(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_each_label_of_the_description_is_known():
    in_4i = (
        "FLAGGA PROGRAM FORMAT GEN SIETYP FNAMN PROSA FTYP FNR ORGNR ADRESS RAR TAXAR KPTYP VALUTA KONTO KTYP"
        " ENHET SRU DIM UNDERDIM OBJEKT VER TRANS RTRANS BTRANS KSUMMA"
    )
    not_in_4i = "BKOD OMFATTN IB UB OIB OUB RES PSALDO PBUDGET"
    assert set(LABELS) == {f"#{name}" for name in f"{in_4i} {not_in_4i}".split(" ")}
    assert set(FORBIDDEN_IN_4I) == {f"#{name}" for name in not_in_4i.split(" ")}


pieces = st.lists(st.sampled_from([*OTHERS.split("\n"), *OTHERS.split(), " ", "\n", '"', "{", "}", "\\"]))


@given(st.binary() | pieces.map(lambda found: encoded(HEAD + "\n".join(found) + "\n")))
def test_anything_is_read_or_refused(data):
    try:
        assert read(data).generated == date(2026, 3, 2)
    except SieReadError as error:
        assert str(error)
