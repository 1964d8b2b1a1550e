"""What Klarna's answers are read as: strict about money and dates, tolerant of everything else."""

import dataclasses
import pickle
from datetime import datetime, timezone

import pytest
from brp_klarna.settlements import (
    SettlementError,
    Transaction,
    Vat,
    read_payout,
    read_transaction,
    read_transactions,
)
from brp_klarna.settlements.problems import TEXTS
from klarna_settlement import MERCHANT, PAID, REFERENCE, ROWS, TOTALS, payout, row


def utc(*moment):
    return datetime(*moment, tzinfo=timezone.utc)


def test_payout():
    read = read_payout(payout())
    assert read.reference == REFERENCE
    assert read.merchant == MERCHANT
    assert read.paid_at == utc(2026, 11, 4, 5, 10)
    assert (read.currency, read.registration_currency, read.settlement_type) == ("SEK", "SEK", "NET")
    assert read.totals == {**TOTALS, "settlement": PAID}
    assert read.settlement == PAID
    with pytest.raises(dataclasses.FrozenInstanceError):
        read.settlement = 1
    assert hash(read) == hash(read_payout(payout()))


def test_payout_with_fields_that_are_missing_or_unknown():
    told = payout(sale=5, settlement=5, novelty=3)
    del told["currency_code_of_registration_country"]
    told["totals"]["fee_amount"] = None
    told["totals"]["words"] = {}
    told["new"] = [1]
    read = read_payout(told)
    assert read.registration_currency is None
    assert read.totals == {"sale": 5, "settlement": 5, "novelty": 3}


@pytest.mark.parametrize(
    ("change", "problem", "where"),
    [
        ({"totals": None}, "missing", "totals"),
        ({"totals": []}, "shape", "totals"),
        ({"totals": {"sale_amount": 1}}, "missing", "totals.settlement_amount"),
        ({"totals": {"sale_amount": "1", "settlement_amount": 1}}, "amount", "totals.sale_amount"),
        ({"payment_reference": ""}, "missing", "payment_reference"),
        ({"payment_reference": ["x"]}, "text", "payment_reference"),
        ({"payout_date": None}, "missing", "payout_date"),
        ({"payout_date": "2026-02-29T00:00:00Z"}, "moment", "payout_date"),
        ({"currency_code": "kronor"}, "currency", "currency_code"),
        ({"merchant_settlement_type": "DAILY"}, "settlement_type", "merchant_settlement_type"),
        ({"merchant_id": None}, "missing", "merchant_id"),
    ],
)
def test_payout_that_cannot_be_relied_on(change, problem, where):
    with pytest.raises(SettlementError) as caught:
        read_payout({**payout(), **change})
    assert (caught.value.problem, caught.value.where) == (problem, where)


@pytest.mark.parametrize("data", [None, [], "x", 1])
def test_what_is_no_object(data):
    for read in (read_payout, read_transaction):
        with pytest.raises(SettlementError, match="not what the service's description"):
            read(data)


def test_transaction():
    read = read_transaction(
        row(
            "SALE", 120000, "PURCHASE", sold="2026-10-24T22:30:00Z", order_id="o", short_order_id="s",
            capture_id="c", refund_id="", merchant_reference1="S1", merchant_reference2=17,
            customer_vat=[{"tax_rate": 2500, "tax_amount": 24000}, {"tax_rate": 0, "tax_amount": 0}],
            klarna_comment="two\nlines", reversal_reference="krn:x", initial_payment_method_type="invoice",
            shipping_address_country="SE", initial_payment_method_number_of_installments=3,
        )
    )  # fmt: skip
    assert (read.type, read.detailed_type, read.amount, read.currency) == ("SALE", "PURCHASE", 120000, "SEK")
    assert (read.sold_at, read.captured_at) == (utc(2026, 10, 24, 22, 30), utc(2026, 10, 26, 9))
    assert (read.order_id, read.short_order_id, read.capture_id, read.refund_id) == ("o", "s", "c", None)
    assert (read.reference1, read.reference2) == ("S1", "17")
    assert read.customer_vat == (Vat(2500, 24000), Vat(0, 0))
    assert (read.comment, read.reversal_reference, read.payment_method) == ("two lines", "krn:x", "invoice")
    assert (read.vat_rate, read.vat_amount) == (None, None)


def test_what_is_read_is_a_transaction_like_any_other():
    read = read_transaction(row("FEE", 7, order_id="o"))
    same = Transaction("FEE", None, 7, read.sold_at, read.captured_at, "o", currency="SEK")
    assert type(read) is Transaction
    assert (read, hash(read), repr(read)) == (same, hash(same), repr(same))
    assert pickle.loads(pickle.dumps(read)) == read
    assert dataclasses.replace(read, amount=8).amount == 8
    with pytest.raises(dataclasses.FrozenInstanceError):
        read.amount = 1


def test_rows_of_hold_backs_and_fees_may_lack_nearly_everything():
    read = read_transaction({"type": "HOLDBACK", "amount": 1, "currency_code": "SEK"})
    assert (read.detailed_type, read.sold_at, read.captured_at, read.order_id) == (None,) * 4
    read = read_transaction({"type": "fee", "amount": 1, "currency_code": "sek", "customer_vat": []})
    assert (read.type, read.currency, read.customer_vat) == ("FEE", "SEK", None)


def test_texts_have_nothing_that_a_database_refuses():
    read = read_transaction(row("FEE", 1, klarna_comment="a\0b", order_id="\ud800", short_order_id="\0"))
    assert (read.comment, read.order_id, read.short_order_id) == ("a b", None, None)
    read = read_transaction(row("FEE", 1, "late return: fee"))
    assert read.detailed_type == "LATE_RETURN_FEE"


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2026-10-24T22:30:00Z", utc(2026, 10, 24, 22, 30)),
        ("2026-10-24T22:30:00.123456789Z", utc(2026, 10, 24, 22, 30, 0, 123456)),
        ("2026-10-24T22:30:00.5+00:00", utc(2026, 10, 24, 22, 30, 0, 500000)),
        ("2026-10-25T00:30:00+0200", utc(2026, 10, 24, 22, 30)),
        ("2026-10-24T18:30:00-04:00", utc(2026, 10, 24, 22, 30)),
        ("2026-10-24 22:30:00 UTC", utc(2026, 10, 24, 22, 30)),
        ("2026-10-24T22:30", utc(2026, 10, 24, 22, 30)),
        *((told, None) for told in (
            "2026-10-24", "24/10/2026 22:30", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z", "2026-10-24T25:30:00Z", "2026-10-24T22:30:00+99:00",
            "٢٠٢٦-10-24T22:30:00Z", 1792881000, True, ["x"],
        )),
    ],
)  # fmt: skip
def test_moments(told, moment):
    if moment:
        assert read_transaction(row("SALE", 1, sold=told)).sold_at == moment
    else:
        with pytest.raises(SettlementError) as caught:
            read_transaction(row("SALE", 1, sold=told))
        assert (caught.value.problem, caught.value.where) == ("moment", "sale_date")


@pytest.mark.parametrize(
    ("change", "problem", "where", "words"),
    [
        ({"amount": None}, "missing", "amount", "missing"),
        ({"amount": ""}, "missing", "amount", "missing"),
        ({"amount": True}, "amount", "amount", "true or false"),
        ({"amount": 100.0}, "amount", "amount", "number with decimals"),
        ({"amount": 100.5}, "amount", "amount", "number with decimals"),
        ({"amount": "100"}, "amount", "amount", "it is a text"),
        ({"amount": {}}, "amount", "amount", "an object"),
        ({"amount": 2**63}, "range", "amount", "out of its range"),
        ({"type": None}, "missing", "type", "missing"),
        ({"type": " - "}, "missing", "type", "missing"),
        ({"type": 3}, "text", "type", "a number"),
        ({"currency_code": None}, "missing", "currency_code", "missing"),
        ({"currency_code": 752}, "currency", "currency_code", "SEK"),
        ({"sale_date": None}, "missing", "sale_date", "missing"),
        ({"capture_date": "soon"}, "moment", "capture_date", "date and time"),
        ({"vat_amount": "25"}, "amount", "vat_amount", "a text"),
        ({"vat_rate": 25.0}, "rate", "vat_rate", "number with decimals"),
        ({"vat_rate": 10001}, "range", "vat_rate", "out of its range"),
        ({"order_id": ["x"]}, "text", "order_id", "a list"),
        ({"customer_vat": {}}, None, None, None),
        ({"customer_vat": {"a": 1}}, "shape", "customer_vat", "description"),
        ({"customer_vat": [7]}, "shape", "customer_vat[0]", "description"),
        ({"customer_vat": [{"tax_rate": 600}]}, "missing", "customer_vat[0].tax_amount", "missing"),
        (
            {"customer_vat": [{"tax_rate": "6", "tax_amount": 1}]},
            "rate",
            "customer_vat[0].tax_rate",
            "a text",
        ),
    ],
)
def test_rows_that_cannot_be_relied_on(change, problem, where, words):
    told = {**row("SALE", 100), **change}
    if problem is None:
        read_transaction(told)
        return
    with pytest.raises(SettlementError) as caught:
        read_transactions([row("FEE", 1), told], first=500)
    assert (caught.value.problem, caught.value.where) == (problem, f"transactions[501].{where}")
    assert words in str(caught.value)


@pytest.mark.parametrize("type_", ["RETURN", "REVERSAL", "REVERSAL_MERCHANT_PROTECTION"])
def test_returns_are_booked_on_the_day_they_were_registered(type_):
    with pytest.raises(SettlementError) as caught:
        read_transaction(row(type_, 1, captured=""))
    assert caught.value.where == "capture_date"


def test_errors_are_told_in_two_languages_and_quote_nothing():
    with pytest.raises(SettlementError) as caught:
        read_transaction(row("SALE", "Anna Andersson"))
    error = pickle.loads(pickle.dumps(caught.value))
    assert error.text("sv_SE") == "amount: Beloppet är inte ett helt antal ören (det är en text)."
    assert "Anna" not in str(error) + repr(error)
    assert (error.kind, SettlementError("rows_missing").kind) == ("ours", "again")
    details = {"found": "a text", "columns": "x", "got": 1, "expected": 2}
    for problem in TEXTS:
        for lang in ("en", "sv"):
            assert "{" not in SettlementError(problem, "line 3", **details).text(lang)
    assert SettlementError("csv", "line 3").text("sv").startswith("rad 3: ")


def test_all_rows_of_the_fixture_are_read():
    assert len(read_transactions(ROWS)) == len(ROWS)
