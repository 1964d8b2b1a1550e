"""CSV files of payouts, as banks, marketplaces and spreadsheets write them. All figures are made up."""

import csv
from collections import Counter
from contextlib import suppress
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from brp_settlement.csv_file import (
    DAY_FIRST,
    MONTH_FIRST,
    Amount,
    FileError,
    find_decimal,
    find_orders,
    normalise,
    read_amount,
    read_day,
    read_table,
)
from brp_settlement.csv_payouts import (
    AMOUNT_OF,
    KNOWN_NAMES,
    Column,
    find_date_orders,
    propose,
    propose_paid_words,
    read_payouts,
)
from hypothesis import given
from hypothesis import strategies as st


def table(text, encoding="utf-8"):
    return read_table(text.encode(encoding), KNOWN_NAMES)


def read(text, order=None, words=(), **targets):
    """Read payouts by what is proposed, or by targets that are told."""
    found = table(text)
    columns = propose(found)
    if targets:
        columns = [Column(name, targets.get(name, "ignore")) for name in found.names]
    return read_payouts(found, columns, order, words)


def problem(call, *args):
    with pytest.raises(FileError) as error:
        call(*args)
    return error.value.problem


# === AMOUNTS === #


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234\u202f567,8", "1234567.80"),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1.234.567", "1234567"),
        ("1,234,567.00", "1234567"),
        ("100.00", "100"),
        ("100", "100"),
        ("007", "7"),
        (".50", "0.50"),
        ("-,5", "-0.50"),
        ("12,5", "12.50"),
        ("-12,00", "-12"),
        ("−12,00", "-12"),
        ("– 12,00", "-12"),
        ("12,00-", "-12"),
        ("12,00 −", "-12"),
        ("+12", "12"),
        ("(12,00)", "-12"),
        ("100:-", "100"),
        ("100,-", "100"),
        ("-100,-", "-100"),
        ("-", "0"),
        ("-0,00", "0"),
        ("999 999 999 999,99", "999999999999.99"),
    ],
)
def test_amounts(text, value):
    assert read_amount(text) == Amount(Decimal(value), None)
    assert str(read_amount(text).value) != "-0.00"


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("SEK 12,50", "12.50", "SEK"),
        ("-SEK 12,50", "-12.50", "SEK"),
        ("SEK -12,50", "-12.50", "SEK"),
        ("12,50- sek", "-12.50", "SEK"),
        ("12,50 kr", "12.50", None),
        ("kr. 1 250", "1250", None),
        ("€12.50", "12.50", "EUR"),
        ("(12.50 USD)", "-12.50", "USD"),
    ],
)
def test_currency_words(text, value, currency):
    assert read_amount(text) == Amount(Decimal(value), currency)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "abc",
            "12 34",
            "12,3 4",
            ". 1",
            "1 2345",
            "1,23,4",
            "1.234.56",
            "12.",
            "--5",
            "-5-",
            "(-5)",
            "1 234.567.890,00",
        ),
        *("5 SEK EUR", "SEK 5 SEK", "1e5", "0x10", "٣", "1 000 000 000 000", "12:50", "5%", "", "kr"),
    ],
)
def test_no_amounts(text):
    assert problem(read_amount, text) == "amount"


@pytest.mark.parametrize("text", ["10,0051", "0,123", "1234,567", "1.234,567", "1 234,567", "0.001"])
def test_more_than_two_decimals(text):
    assert problem(read_amount, text) == "decimals"


def test_three_digits_after_a_mark():
    # What 1,234 is, only the rest of the file can tell.
    assert problem(read_amount, "1,234") == "ambiguous"
    assert read_amount("1,234", ".").value == 1234
    assert problem(read_amount, "1,234", ",") == "decimals"
    assert read_amount("-1.234", ",").value == -1234
    assert find_decimal(["1,234", "5", "x"]) is None
    assert find_decimal(["1,234", "5.00"]) == "."
    assert find_decimal(["1.234.567", "1.234"]) == ","
    assert find_decimal(["5,00", "5.00"]) is None


@given(
    st.integers(-(10**14) + 1, 10**14 - 1),
    st.sampled_from(["", " ", "\u00a0", ".", ",", "'"]),
    st.sampled_from([",", "."]),
    st.sampled_from(["-{}", "−{}", "{}-", "({})", "SEK -{}", "-{} kr"]),
)
def test_amounts_come_back(ore, thousands, decimal, negative):
    if thousands == decimal:
        thousands = ""
    whole, rest = divmod(abs(ore), 100)
    text = f"{whole:,}".replace(",", thousands) + f"{decimal}{rest:02}"
    text = negative.format(text) if ore < 0 else text
    assert read_amount(text).value == Decimal(ore) / 100


# === DAYS === #


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-04", date(2026, 11, 4)),
        ("20261104", date(2026, 11, 4)),
        ("2026/11/04 23:59", date(2026, 11, 4)),
        ("2026-11-04T05:10:00Z", date(2026, 11, 4)),
        # 23:30 in London is 00:30 in Stockholm; in summer the day turns at 22:00.
        ("2026-11-04T23:30:00Z", date(2026, 11, 5)),
        ("2026-06-30T21:59:59.999Z", date(2026, 6, 30)),
        ("2026-06-30T22:00:00.000Z", date(2026, 7, 1)),
        # The clock goes back at 03:00 on 25 October: 22:30 UTC is 00:30 both before and after.
        ("2026-10-24T22:30:00Z", date(2026, 10, 25)),
        ("2026-10-25T22:30:00Z", date(2026, 10, 25)),
        ("2026-11-04 23:30:00 UTC", date(2026, 11, 5)),
        ("2026-11-05T00:30:00+02:00", date(2026, 11, 4)),
        ("2026-11-04T23:30:00+01", date(2026, 11, 4)),
        ("4.11.2026", date(2026, 11, 4)),
        ("04/04/2026", date(2026, 4, 4)),
        ("2026-12-31T23:00:00Z", date(2027, 1, 1)),
    ],
)
def test_days(text, day):
    assert read_day(text) == day


def test_days_of_an_order():
    assert problem(read_day, "04/11/2026") == "date_order"
    assert read_day("04/11/2026", DAY_FIRST) == date(2026, 11, 4)
    assert read_day("04/11/2026", MONTH_FIRST) == date(2026, 4, 11)
    assert read_day("2026-11-04 23:30", utc=True) == date(2026, 11, 5)
    assert read_day("2026-11-04", utc=True) == date(2026, 11, 4)
    assert find_orders(["04/11/2026", "13/11/2026"]) == {DAY_FIRST}
    assert find_orders(["04/11/2026", "11/13/2026"]) == {MONTH_FIRST}
    assert find_orders(["04/11/2026", "05-11-2026"]) == {DAY_FIRST, MONTH_FIRST}
    assert find_orders(["13/11/2026", "11/13/2026"]) == set()
    assert find_orders(["04/04/2026", "2026-11-04", "4.11.2026", "x"]) is None


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "26-11-04", "4 nov", "2026-11", "31.11.2026", "2026-11-04x", "0001-01-01T00:00+23:59"],
)
def test_no_days(text):
    assert problem(read_day, text) == "date"


# === FILES === #


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_delimiters(encoding, delimiter, end):
    text = f'a{delimiter.strip()} "b"'
    lines = [["Försäljning", "Ång", "Text"], ["100.00", "ä", text], ["5.00", "", "x"]]
    file = StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(lines)
    found = read_table(file.getvalue().encode(encoding))
    assert found.names == ("Försäljning", "Ång", "Text")
    assert [row.cells for row in found.rows] == [("100.00", "ä", text), ("5.00", "", "x")]
    assert [row.line for row in found.rows] == [2, 3]
    assert found.delimiter == delimiter


def test_lines_above_the_header():
    found = table(
        "Rapport, november;;;\nFöretag;Övning AB;;\nSaldo;1 000,00;;\n\nDatum;Typ;Belopp;Text\n"
        '2026-11-04;Köp;100,00;"två\nrader"\n\n;;;\n2026-11-05;Köp;50,00;x\n'
    )
    assert found.names == ("Datum", "Typ", "Belopp", "Text")
    assert (found.line, [row.line for row in found.rows]) == (5, [6, 10])
    assert found.above == ("Rapport, november", "Företag;Övning AB", "Saldo;1 000,00")
    assert found.rows[0].cells[3] == "två rader"


def test_decimal_commas_do_not_part_fields():
    found = table("Övning AB, Stockholm\nTyp;Belopp\nKöp;100,00\nKöp;5,50\n")
    assert (found.names, found.delimiter) == (("Typ", "Belopp"), ";")


def test_delimiter_that_is_told():
    assert table("sep=|\nTyp|Belopp\nKöp|5\n").names == ("Typ", "Belopp")


def test_names_are_told_apart():
    assert table("Belopp;Belopp;;Typ;\n1;2;3;x;\n").names == ("Belopp", "Belopp (2)", "#3", "Typ")
    assert normalise("  Belopp (SEK) ") == normalise("BELOPP") == "belopp"
    assert normalise("merchant_reference1") == "merchant reference1"
    assert normalise("PayoutDate") == "payout date"


@pytest.mark.parametrize(
    ("data", "word", "line"),
    [
        (b"", "empty", None),
        (b"\xef\xbb\xbf \r\n", "empty", None),
        (b"PK\x03\x04\x14\x00", "excel", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "excel", None),
        (b"%PDF-1.7", "pdf", None),
        (b"\x1f\x8b\x08", "packed", None),
        (bytes(range(256)), "binary", None),
        (b"a;b\n1;\x81\n", "encoding", None),
        (b"Typ;Belopp\n", "no_rows", None),
        (b"just a text\nof two lines\n", "no_header", None),
        (b"100,00;5\n200,00;6\n", "no_header", None),
        (b"x;100,00;S1\ny;-3,00;S1\nz;z;z\nx;1,00;S1\n", "no_header", None),
        (b"Typ;Belopp\nx;1\nx;1;2\n", "cells", 3),
        (b'Typ;Belopp\n"x;1\nx;2\n', "quotes", 2),
        (b'Typ;Belopp\nx;1\n"x"y;2\n', "quotes", 3),
    ],
)
def test_files_that_are_refused(data, word, line):
    with pytest.raises(FileError) as error:
        read_table(data, KNOWN_NAMES)
    assert (error.value.problem, error.value.line) == (word, line)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"]), max_size=8)


@given(
    st.lists(st.tuples(st.integers(-(10**10), 10**10), TEXT, TEXT), min_size=1, max_size=30),
    st.sampled_from([";", ",", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_rows_come_back(rows, delimiter, encoding):
    file = StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(["Belopp", "Referens", "Kommentar"])
    for ore, reference, comment in rows:
        amount = f"{abs(ore) // 100},{abs(ore) % 100:02}"
        writer.writerow([f"-{amount}" if ore < 0 else amount, reference, comment])
    found = read_table(file.getvalue().encode(encoding), KNOWN_NAMES)
    reading = read_payouts(found, propose(found))
    assert not reading.errors
    [payout] = reading.payouts
    assert [(row.amount, row.reference, row.text) for row in payout.rows] == [
        (Decimal(ore) / 100, reference, comment) for ore, reference, comment in rows
    ]
    assert payout.total == Decimal(sum(ore for ore, _reference, _comment in rows)) / 100
    assert len({row.key for row in payout.rows}) == len(rows)


MARKS = st.text(st.sampled_from('a1Å;,|\t"\n\r. -−()/:TZ#\u00a0é٣½'), max_size=60)


@given(st.one_of(st.binary(max_size=200), MARKS.map(str.encode)), st.sampled_from(list(AMOUNT_OF)))
def test_whatever_a_file_has_it_is_read_or_refused(data, target):
    for beginning in (b"", b"Typ;Belopp;Datum\nx;1;2026-11-04\n"):
        try:
            found = read_table(beginning + data, KNOWN_NAMES)
        except FileError:
            continue
        columns = propose(found)
        columns[0] = Column(columns[0].name, target)
        reading = read_payouts(found, columns, DAY_FIRST)
        lines = {row.line for payout in reading.payouts for row in payout.rows}
        lines |= {row.line for row in reading.without}
        lines |= {error.line for error in reading.errors} | set(reading.sums)
        assert lines == {row.line for row in found.rows}


@given(MARKS)
def test_amounts_and_days_are_read_or_refused(text):
    for call in (read_amount, read_day):
        with suppress(FileError):
            call(text)


# === PROPOSALS === #


def targets(text):
    return {
        column.name: column.target + ("-" if column.deducted else "")
        for column in propose(table(text))
        if column.target != "ignore"
    }


def test_swedish_names():
    assert targets(
        "Datum;Typ;Radnr;Ordernummer;Referens;Belopp (SEK);Avgift;Moms;Utbetalningsdatum;Utbetalningsid\n"
        "2026-11-01;Köp;1;A1;S1;100,00;3,00;0,75;2026-11-04;U1\n"
    ) == {
        "Datum": "date",
        "Typ": "type",
        "Ordernummer": "order_reference",
        "Referens": "reference",
        "Belopp (SEK)": "amount",
        "Avgift": "amount_fee-",
        "Moms": "amount_fee_vat-",
        "Utbetalningsdatum": "payout_date",
        "Utbetalningsid": "payout_reference",
    }


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("Kvittonummer", "reference"),
        ("Kvittonr.", "reference"),
        ("Fakturanr", "reference"),
        ("Receipt number", "reference"),
        ("Ordernr", "order_reference"),
        ("Bokningsreferens", "order_reference"),
        ("BookingId", "order_reference"),
        ("Transaktionsnummer", "external_reference"),
        ("PSP Reference", "external_reference"),
        ("Datum/tid", "date"),
        ("Artikel", "text"),
        ("Avräkningsnummer", "payout_reference"),
        ("Avräkningsdatum", "payout_date"),
    ],
)
def test_names_of_what_a_row_belongs_to(name, target):
    assert targets(f"{name};Belopp\n1;100,00\n")[name] == target


def test_net_and_gross():
    # With both, the net is a control; with fees beside a net alone, they are in it already.
    assert targets("Order;Gross;Fee;Net\nA;100.00;-3.00;97.00\n") == {
        "Order": "order_reference",
        "Gross": "amount_sale",
        "Fee": "amount_fee",
        "Net": "net",
    }
    assert targets("Order;Fee;VAT;Net\nA;3.00;0.75;96.25\n") == {"Order": "order_reference", "Net": "amount"}
    # VAT without a fee is that of the sale, and a part of the amount.
    assert targets("Order;Belopp;Moms\nA;100;20\n") == {"Order": "order_reference", "Belopp": "amount"}


def test_itemised_payouts():
    assert targets(
        "automatic_payout_id,automatic_payout_effective_at_utc,balance_transaction_id,created_utc,currency,"
        "gross,fee,net,reporting_category,description\n"
        "po_1,2026-11-04 00:00:00,txn_1,2026-11-01 23:30:00,sek,100.00,3.00,97.00,charge,x\n"
    ) == {
        "automatic_payout_id": "payout_reference",
        "automatic_payout_effective_at_utc": "payout_date",
        "balance_transaction_id": "external_reference",
        "created_utc": "date",
        "currency": "currency",
        "gross": "amount",
        "fee": "amount_fee-",
        "net": "net",
        "reporting_category": "type",
        "description": "text",
    }


# === PAYOUTS === #

KLARNA = """\
type;capture_date;sale_date;order_id;capture_id;merchant_reference1;amount;posting_currency;detailed_type;tax_amount
SALE;2026-10-26T08:00:00Z;2026-10-24T22:30:00Z;o1;c1;S1;1250.00;SEK;PURCHASE;
FEE;2026-10-26T08:00:00Z;2026-10-24T22:30:00Z;o1;c1;S1;-37.38;SEK;PURCHASE_FEE_PERCENTAGE;-9.35
RETURN;2026-10-30T23:30:00Z;2026-10-24T22:30:00Z;o1;;S1;-199.00;SEK;PURCHASE_RETURN;
"""


def test_types_with_details():
    [payout] = read(KLARNA).payouts
    # 1 250.00 - 37.38 - 9.35 - 199.00
    assert (payout.total, payout.currency, payout.reference) == (Decimal("1004.27"), "SEK", None)
    assert [(row.code, row.kind, str(row.amount)) for row in payout.rows] == [
        ("SALE:PURCHASE", None, "1250.00"),
        ("FEE:PURCHASE_FEE_PERCENTAGE", None, "-37.38"),
        ("fee_vat", "fee_vat", "-9.35"),
        ("RETURN:PURCHASE_RETURN", None, "-199.00"),
    ]
    assert payout.last_day == date(2026, 10, 31)


def test_amounts_in_columns_of_their_own():
    text = "Order;Sales;Fee;Commission;Refund\nA;100;3;-10;0\nB;0;0;0;\nC;-20;-1;;5\n"
    assert [(row.line, row.code, row.amount) for payout in read(text).payouts for row in payout.rows] == [
        (2, "sale", 100),
        (2, "fee", -3),
        (2, "commission", -10),
        (3, "sale", 0),  # nothing but zeros: the line is kept
        (4, "refund", -20),
        (4, "fee", 1),
        (4, "refund", -5),
    ]
    # What the type says is not lost when a column tells the kind.
    [payout] = read("T;S\ncard;5\n", T="type", S="amount_sale").payouts
    assert [(row.code, row.kind) for row in payout.rows] == [("sale:card", "sale")]


def test_net_is_a_control():
    right = "Order;Gross;Fee;Net\nA;100.00;3.00;97.00\n"
    assert not read(right).errors
    [error] = read(right.replace("97.00", "97.01")).errors
    assert (error.problem, error.line) == ("net", 2)
    assert (error.details["found"], error.details["expected"]) == (Decimal("97.01"), Decimal("97.00"))


def test_sums_are_no_rows():
    text = "Order;Belopp\nA;100,00\nB;50,00\nSumma;150,00\nC;1,00\nTotalt;151,00\n"
    reading = read(text)
    assert (reading.sums, reading.payouts[0].total, reading.errors) == ([4, 6], 151, [])
    [error] = read(text.replace("151,00", "150,00")).errors
    assert (error.problem, error.line) == ("sum", 6)


def test_the_payout_itself():
    text = "Typ;Belopp\nKöp;100,00\nUtbetalning;-97,00\nAvgift;-3,00\n"
    found = table(text)
    assert propose_paid_words(found, propose(found)) == ["Utbetalning"]
    [payout] = read(text, words=["utbetalning"]).payouts
    assert (payout.paid, payout.total, len(payout.rows)) == (97, 97, 2)
    # Nobody has said so: it is a row like others.
    [payout] = read(text).payouts
    assert (payout.paid, payout.total) == (None, 0)


def test_currencies():
    assert read("Typ;Belopp (SEK)\nKöp;1\n").payouts[0].currency == "SEK"
    assert read("Typ;Belopp\nKöp;1 EUR\nKöp;2\n").payouts[0].currency == "EUR"
    assert read("Typ;Belopp;Valuta\nKöp;1 EUR;SEK\n").errors[0].problem == "other_currency"
    reading = read("Utbetalning;Belopp;Valuta\nA;1;SEK\nB;2;EUR\n")
    assert [(payout.reference, payout.currency) for payout in reading.payouts] == [("A", "SEK"), ("B", "EUR")]


def test_errors_name_their_lines():
    reading = read("Typ;Belopp;Datum\nKöp;1;2026-11-04\nKöp;x;2026-11-04\nKöp;2;i går\nKöp;;\nKöp\n")
    assert [(error.line, error.problem) for error in reading.errors] == [
        (3, "amount"),
        (4, "date"),
        (5, "no_amount"),
        (6, "short"),
    ]


def test_dates_of_the_whole_file():
    text = "Datum;Utbetalningsdatum;Utbetalning;Belopp\n04/11/2026;{};U;1\n"
    found = table(text.format("13/11/2026"))
    assert find_date_orders(found, propose(found)) == {DAY_FIRST}
    assert read(text.format("13/11/2026")).payouts[0].rows[0].day == date(2026, 11, 4)
    assert read(text.format("05/11/2026")).errors[0].problem == "date_order"
    assert read(text.format("05/11/2026"), "month").payouts[0].day == date(2026, 5, 11)


def test_rows_without_payout():
    reading = read("Utbetalning;Belopp\nA;1\n;2\n")
    assert ([row.line for row in reading.without], reading.payouts[0].total) == ([3], 1)


@given(st.permutations(range(6)))
def test_keys_do_not_depend_on_the_order(order):
    lines = ["A;1", "A;1", "B;1", "A;2", "A;1", "B;2"]
    [payout] = read("Referens;Belopp\n" + "\n".join(lines)).payouts
    [other] = read("Referens;Belopp\n" + "\n".join(lines[at] for at in order)).payouts
    assert payout.fingerprint() == other.fingerprint()
    assert Counter(row.key for row in payout.rows) == Counter(row.key for row in other.rows)
    [less] = read("Referens;Belopp\n" + "\n".join(lines[1:])).payouts
    assert less.fingerprint() != payout.fingerprint()


def test_every_kind_can_be_a_column():
    for target, kind in AMOUNT_OF.items():
        [payout] = read("A;B\nx;5\n", B=target).payouts
        assert [(row.kind, row.amount) for row in payout.rows] == [(kind, 5)]
