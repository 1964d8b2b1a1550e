"""Reports in the shapes that a merchant's settings may give them."""

import random
from datetime import datetime, timezone

import pytest
from brp_klarna.settlements import (
    Keys,
    SettlementError,
    Signs,
    Sums,
    Vat,
    choose_signs,
    read_csv,
    read_payout,
)
from brp_klarna.settlements import read_transactions as read_json
from klarna_settlement import COLUMNS, MERCHANT, REFERENCE, ROWS, payout, report


def without(*names):
    return [column for column in COLUMNS if column not in names]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_settings(delimiter, decimal, encoding):
    rows = list(read_csv(report(delimiter=delimiter, decimal=decimal, encoding=encoding)))
    sums = Sums("SEK")
    sums.add(rows)
    assert choose_signs(read_payout(payout()), sums) is Signs.SIGNED
    sale = rows[3]
    assert (sale.type, sale.amount, sale.currency, sale.reference1) == ("SALE", 41500, "SEK", "S2")
    assert sale.customer_vat == (Vat(2500, 4500), Vat(1200, 1200), Vat(600, 442))
    assert sale.sold_at == datetime(2026, 10, 25, 10, tzinfo=timezone.utc)
    assert (rows[4].amount, rows[4].vat_amount, rows[4].vat_rate) == (-1241, -310, 2500)
    assert (rows[9].refund_id, rows[9].capture_id, rows[9].customer_vat) == ("refund-1", None, None)


def test_keys_are_those_of_the_answers():
    both = [Keys(MERCHANT, REFERENCE).keys(rows) for rows in (read_csv(report()), read_json(ROWS))]
    assert both[0] == both[1]


def test_columns_in_any_order_and_spelling():
    expected = list(read_csv(report()))
    columns = random.Random(3).sample(COLUMNS, len(COLUMNS))
    assert list(read_csv(report(columns))) == expected
    header, _, body = report().decode().partition("\r\n")
    assert list(read_csv(f"{header.upper().replace('_', ' ')}\r\n{body}".encode())) == expected
    for end in ("\n", "\r"):
        assert list(read_csv(report(end=end))) == expected


def test_a_summary_before_the_rows():
    before = "payment_reference;total_sale_amount;total_fee_amount\r\n9104300007;2215.00;-76.73\r\n\r\n"
    assert list(read_csv(report(before=before))) == list(read_csv(report()))


def test_only_what_is_needed():
    rows = list(read_csv(report(["amount", "type", "sale_date", "capture_date", "posting_currency"])))
    assert (rows[0].amount, rows[0].order_id, rows[0].customer_vat) == (120000, None, None)


@pytest.mark.parametrize(
    ("written", "öre"),
    [
        ("100", 10000), ("100.5", 10050), ("-0,01", -1), ("−7.00", -700), ("+7.00", 700),
        ("1 250,00", 125000), ("1\u00a0250.00", 125000), ("1.250,00", 125000), ("1,250.00", 125000),
        ("1.234.567,89", 123456789),
        ("1,250", None), ("1.250", None), ("100.123", None), ("1e3", None), ("12.5.0", None), ("kr 5", None),
        ("٥", None), ("9999999999999999", None),
    ],
)  # fmt: skip
def test_numbers(written, öre):
    data = report(change={0: {"amount": written}}.items())
    if öre is None:
        with pytest.raises(SettlementError) as caught:
            list(read_csv(data))
        assert caught.value.where == "line 2, amount"
    else:
        assert next(read_csv(data)).amount == öre


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount": ""}, "line 6, amount: It is missing."),
        ({"type": ""}, "line 6, type: It is missing."),
        ({"type": "SALE", "sale_date": ""}, "line 6, sale_date: It is missing."),
        ({"capture_date": "26/10/2026"}, "line 6, capture_date: It is not a date"),
        ({"posting_currency": "kr"}, "line 6, currency: It is not a currency's code"),
        ({"tax_rate_2": "12.00"}, "line 6, tax_amount_2: It is missing."),
        ({"tax_amount_2": "12.00"}, "line 6, tax_rate_2: It is missing."),
        ({"tax_rate": "250.00"}, "line 6, tax_rate: The number is out of its range."),
        ({"tax_rate": "25.00 %", "capture_date": "2026-10-26"}, None),
    ],
)
def test_lines_that_cannot_be_read(change, words):
    rows = read_csv(report(change={4: change}.items()))
    if words is None:
        assert len(list(rows)) == len(ROWS)
    else:
        with pytest.raises(SettlementError) as caught:
            list(rows)
        assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The report has no row of column names"),
        (b"a;b\n1;2\n", "The report has no row of column names"),
        (report(without("amount", "sale_date")), "line 1: The report lacks the columns amount, sale_date."),
        (report(without("type", "posting_currency")), "The report lacks the columns type, posting_currency."),
        (report([*COLUMNS, "amount"]), "line 1: The report has the column amount more than once."),
        (report(encoding="utf-16"), "The report is not text in UTF-8."),
        (
            report() + b"SALE" + b";" * 30 + b"x\r\n",
            "line 14: The line has more fields than there are columns.",
        ),
        (report() + b'"' + b"x" * 200_000, "line 14: The line cannot be read as CSV."),
    ],
)
def test_reports_that_cannot_be_read(data, words):
    with pytest.raises(SettlementError) as caught:
        list(read_csv(data))
    assert words in str(caught.value)


def test_lines_are_counted_as_an_editor_shows_them():
    change = {0: {"merchant_reference2": "two\nlines"}, 2: {"amount": "x"}}
    with pytest.raises(SettlementError) as caught:
        list(read_csv(report(change=change.items())))
    assert caught.value.where == "line 5, amount"


def test_empty_lines_and_short_ones_do_not_matter():
    short = "HOLDBACK;2026-10-26T09:00:00Z;;;;;;;-1.00;SEK"
    rows = list(read_csv(report() + f"\r\n;;;\r\n{short}\r\n".encode()))
    assert len(rows) == len(ROWS) + 1
    assert rows[-1].amount == -100
