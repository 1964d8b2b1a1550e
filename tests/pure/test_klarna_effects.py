"""What rows do to a payout, whether it adds up, and what tells rows apart: figures worked out by hand."""

import itertools
import random
from time import perf_counter
from zlib import crc32

import pytest
from brp_klarna.settlements import (
    DEFAULTS,
    Difference,
    Effect,
    Keys,
    Places,
    SettlementError,
    Signs,
    Sums,
    TaxRefund,
    check_rows,
    check_totals,
    choose_signs,
    control_sum,
    effects,
    effects_of_totals,
    read_payout,
    read_transaction,
    read_transactions,
    stands_for_type,
)
from brp_klarna.settlements.effects import SIGNS, code_of
from klarna_settlement import MERCHANT, PAID, REFERENCE, ROWS, fee, payout, row, vats

PAYOUT = read_payout(payout())


def signed(rows):
    """Return rows of ``ROWS`` as if they told amounts with signs."""
    return [
        {**row, **{name: -row[name] for name in ("amount", "vat_amount") if name in row}}
        if SIGNS[row["type"]] == -1
        else row
        for row in rows
    ]


def summed(rows, currency="SEK"):
    sums = Sums(currency)
    sums.add(read_transactions(rows))
    return sums


# -- effects --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "amount", "code", "effect"),
    [
        ("SALE", 100, "SALE:PURCHASE", 100),
        ("RETURN", 100, "RETURN:PURCHASE", -100),
        ("REVERSAL", 100, "REVERSAL:PURCHASE", -100),
        ("REVERSAL_MERCHANT_PROTECTION", 100, "REVERSAL_MERCHANT_PROTECTION:PURCHASE", 100),
        ("FEE", 100, "FEE:PURCHASE", -100),
        ("FEE_REFUND", 100, "FEE_REFUND:PURCHASE", 100),
        ("CORRECTION", 100, "CORRECTION:PURCHASE", 100),
        ("CORRECTION", -100, "CORRECTION:PURCHASE", -100),
        ("TAX", 100, "TAX:PURCHASE", -100),
        ("COMMISSION", 100, "COMMISSION:PURCHASE", 100),
        ("CHARGE", 100, "CHARGE:PURCHASE", -100),
        ("CREDIT", 100, "CREDIT:PURCHASE", 100),
        ("HOLDBACK", 100, "HOLDBACK:PURCHASE", -100),
        ("RELEASE", 100, "RELEASE:PURCHASE", 100),
        ("NOVELTY", -100, "NOVELTY:PURCHASE", -100),
    ],
)
def test_sign_by_type(type_, amount, code, effect):
    read = read_transaction(row(type_, amount, "PURCHASE"))
    assert effects(read, Signs.UNSIGNED) == [Effect(code, effect)]
    assert effects(read, Signs.SIGNED) == [Effect(code, amount)]


def test_the_code_of_a_row():
    assert (
        code_of(read_transaction(fee(350, 88, "PURCHASE_FEE_FIXED", "capture-1"))) == "FEE:PURCHASE_FEE_FIXED"
    )
    assert code_of(read_transaction(row("FEE", 350, vat_amount=88))) == "FEE"


def test_commission_that_is_taken_back():
    read = read_transaction(row("COMMISSION", 100, "COMMISSION_RETURN"))
    assert effects(read, Signs.UNSIGNED) == [Effect("COMMISSION:COMMISSION_RETURN", -100)]


@pytest.mark.parametrize(
    ("type_", "amount", "vat", "signs", "expected"),
    [
        ("FEE", 100, 25, Signs.UNSIGNED, [("FEE", -100), ("FEE_VAT", -25)]),
        ("FEE", -100, -25, Signs.SIGNED, [("FEE", -100), ("FEE_VAT", -25)]),
        ("FEE", -100, 25, Signs.SIGNED, [("FEE", -100), ("FEE_VAT", -25)]),
        ("FEE", 0, 25, Signs.UNSIGNED, [("FEE", 0), ("FEE_VAT", -25)]),
        ("FEE", 100, 0, Signs.UNSIGNED, [("FEE", -100)]),
        ("FEE_REFUND", 100, 25, Signs.UNSIGNED, [("FEE_REFUND", 100), ("FEE_REFUND_VAT", 25)]),
        ("FEE_REFUND", 100, 25, Signs.SIGNED, [("FEE_REFUND", 100), ("FEE_REFUND_VAT", 25)]),
        ("CORRECTION", -80, 20, Signs.UNSIGNED, [("CORRECTION", -80), ("FEE_VAT", -20)]),
        ("CORRECTION", 80, 20, Signs.UNSIGNED, [("CORRECTION", 80), ("FEE_VAT", 20)]),
        ("CORRECTION", 1, 1, Signs.UNSIGNED, [("CORRECTION", 1), ("FEE_VAT", 1)]),
        ("CHARGE", 100, 25, Signs.UNSIGNED, [("CHARGE", -100), ("FEE_VAT", -25)]),
        ("CREDIT", 100, 25, Signs.UNSIGNED, [("CREDIT", 100), ("FEE_REFUND_VAT", 25)]),
        # The field is the VAT of Klarna's fees: it says nothing of what was sold or held back
        ("SALE", 100, 25, Signs.UNSIGNED, [("SALE", 100)]),
        ("HOLDBACK", 100, 25, Signs.UNSIGNED, [("HOLDBACK", -100)]),
    ],
)
def test_vat_of_fees_is_an_effect_of_its_own(type_, amount, vat, signs, expected):
    read = read_transaction(row(type_, amount, vat_amount=vat))
    assert [(effect.code, effect.amount) for effect in effects(read, signs)] == expected
    sums = Sums()
    sums.add([read])
    assert sums.effects(signs) == dict(expected)


def test_sums_are_the_same_as_all_effects_together():
    chance = random.Random(7)
    rows = [
        row(chance.choice([*SIGNS, "NEW"]), chance.randint(-500, 500), chance.choice([None, "X"]),
            vat_amount=chance.choice([None, 0, 7, -7]))
        for _ in range(2000)
    ]  # fmt: skip
    read = read_transactions(rows)
    for signs in Signs:
        expected = {}
        for effect in itertools.chain.from_iterable(effects(each, signs) for each in read):
            expected[effect.code] = expected.get(effect.code, 0) + effect.amount
        sums = Sums("SEK")
        for start in range(0, 2000, 300):
            sums.add(iter(read[start : start + 300]))
        counted = sums.effects(signs)
        assert {code: amount for code, amount in counted.items() if amount} == {
            code: amount for code, amount in expected.items() if amount
        }
        assert sums.count == 2000


@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_a_row_in_another_currency(currency):
    with pytest.raises(SettlementError) as caught:
        summed([row("SALE", 1), row("SALE", 1, currency_code=currency)])
    assert str(caught.value) == f"transactions[1]: A row is in {currency}, the payout in SEK."


# -- control --------------------------------------------------------------------------------------------


def test_worked_example():
    """Sales 2 215.00, returns 249.00, fees 76.73 with VAT 19.20, held back 100.00: 1 770.07 are paid."""
    assert PAID == 177007
    assert control_sum(PAYOUT) == PAID
    assert check_totals(PAYOUT) == []
    sums = summed(ROWS)
    assert choose_signs(PAYOUT, sums) is Signs.UNSIGNED
    counted = sums.effects(Signs.UNSIGNED)
    assert counted == {
        "SALE:PURCHASE": 221500,
        "FEE:PURCHASE_FEE_PERCENTAGE": -6623,
        "FEE:PURCHASE_FEE_FIXED": -1050,
        "FEE_VAT": -1920,
        "RETURN:PURCHASE_RETURN": -24900,
        "HOLDBACK:ROLLING_RESERVE": -10000,
    }
    assert check_rows(PAYOUT, counted) == []
    # The receivable is 0 after the payout: what sales and returns made of it is what the payout takes.
    booked = 120000 + 41500 + 60000 - 14000 - 10900
    assert booked - (PAID + 6623 + 1050 + 1920 + 10000) == 0


def test_rows_with_signs_are_seen():
    sums = summed(signed(ROWS))
    assert choose_signs(PAYOUT, sums) is Signs.SIGNED
    assert check_rows(PAYOUT, sums.effects(Signs.SIGNED)) == []


def test_unsigned_is_taken_when_both_ways_or_neither_agree():
    both = read_payout(payout(sale=100, settlement=100))
    assert choose_signs(both, summed([row("SALE", 100)])) is Signs.UNSIGNED
    assert choose_signs(PAYOUT, summed(ROWS[1:])) is Signs.UNSIGNED
    assert choose_signs(PAYOUT, summed(signed(ROWS[1:]))) is Signs.UNSIGNED


def test_differences_are_told_by_total():
    counted = summed([*ROWS[:1], *ROWS[3:], fee(10, 2, "RETURN_FEE", "x")]).effects(Signs.UNSIGNED)
    # Gone: 3 588 + 350 of fees and 897 + 88 of VAT; new: 10 and 2
    assert check_rows(PAYOUT, counted) == [
        Difference("fee", 7673, 7673 - 3938 + 10),
        Difference("tax", 1920, 1920 - 985 + 2),
        Difference("settlement", PAID, PAID + 3928 + 983),
    ]


def test_a_type_that_we_do_not_know_shows_in_the_settlement():
    counted = summed([*ROWS, row("NOVELTY", 5)]).effects(Signs.UNSIGNED)
    assert check_rows(PAYOUT, counted) == [Difference("settlement", PAID, PAID + 5)]


ALL = {
    "sale": 100_000, "return": 10_000, "reversal": 2_000, "fee": 4_000, "fee_correction": -300,
    "fee_refund": 500, "commission": 700, "commission_reversal": 200, "tax": 1_000, "tax_refund": 125,
    "charge": 600, "credit": 400, "holdback": 5_000, "release": 3_000, "repay": 1_500, "deposit": 0,
    "opening_debt_balance": 1_500, "closing_debt_balance": 0,
}  # fmt: skip
# 100000 − 10000 − 2000 − 4000 − 300 + 500 + 700 − 200 − 1000 + 125 − 600 + 400 − 5000 + 3000 − 1500
ALL_PAID = 80_125


def test_control_sum_with_everything():
    told = read_payout(payout(settlement=ALL_PAID, **ALL))
    assert control_sum(told) == ALL_PAID
    assert check_totals(told) == []
    assert effects_of_totals(told) == [Effect("REPAY", -1500)]
    rows = [
        row("SALE", 100_000), row("RETURN", 10_000), row("REVERSAL", 2_500),
        row("FEE", 4_000, vat_amount=1_000), row("FEE_REFUND", 500, vat_amount=125),
        row("REVERSAL_MERCHANT_PROTECTION", 500), row("CORRECTION", -300),
        row("COMMISSION", 700), row("COMMISSION", 200, "COMMISSION_RETURN"), row("CHARGE", 600),
        row("CREDIT", 400), row("HOLDBACK", 5_000), row("RELEASE", 3_000),
    ]  # fmt: skip
    assert check_rows(told, summed(rows).effects(Signs.UNSIGNED)) == []
    assert choose_signs(told, summed(rows)) is Signs.UNSIGNED


def test_older_layout_with_tax_rows():
    told = read_payout(payout(sale=1000, fee=100, tax=25, settlement=875))
    counted = summed([row("SALE", 1000), row("FEE", 100), row("TAX", 25)]).effects(Signs.UNSIGNED)
    assert counted["TAX"] == -25
    assert check_rows(told, counted) == []


def test_commission_that_is_taken_back_without_a_total_of_its_own():
    told = read_payout(payout(commission=500, settlement=500))
    rows = [row("COMMISSION", 700), row("COMMISSION", 200, "COMMISSION_RETURN")]
    assert check_rows(told, summed(rows).effects(Signs.UNSIGNED)) == []


def test_place_of_tax_refund():
    rows = [row("FEE", 4_000, vat_amount=1_000), row("FEE_REFUND", 500, vat_amount=125)]
    counted = summed(rows).effects(Signs.UNSIGNED)
    added = read_payout(payout(fee=4_000, fee_refund=500, tax=1_000, tax_refund=125, settlement=-4_375))
    in_tax = read_payout(payout(fee=4_000, fee_refund=500, tax=875, tax_refund=125, settlement=-4_375))
    places = Places(tax_refund=TaxRefund.IN_TAX)
    assert check_totals(added) == check_rows(added, counted) == []
    assert check_totals(in_tax, places) == check_rows(in_tax, counted, places) == []
    assert check_totals(added, places) and check_rows(added, counted, places)
    assert check_totals(in_tax) == [Difference("settlement", -4_375, -4_250)]


def test_place_of_merchant_protection():
    told = read_payout(payout(reversal=500, credit=500, settlement=0))
    counted = summed([row("REVERSAL", 500), row("REVERSAL_MERCHANT_PROTECTION", 500)]).effects(Signs.UNSIGNED)
    assert check_rows(told, counted) == [Difference("reversal", 500, 0), Difference("credit", 500, 0)]
    assert check_rows(told, counted, Places(protection="credit")) == []


def test_debt():
    """Returns for more than was sold: nothing is paid, and 300.00 more is owed to Klarna."""
    told = {"sale": 10_000, "return": 40_000, "deposit": 30_000, "opening_debt_balance": 5_000}
    owed = read_payout(payout(settlement=0, closing_debt_balance=35_000, **told))
    assert check_totals(owed) == []
    assert effects_of_totals(owed) == [Effect("DEPOSIT", 30_000)]
    rows = [row("SALE", 10_000), row("RETURN", 40_000)]
    assert check_rows(owed, summed(rows).effects(Signs.UNSIGNED)) == []
    wrong = read_payout(payout(settlement=0, closing_debt_balance=34_000, **told))
    assert check_totals(wrong) == [Difference("closing_debt_balance", 34_000, 35_000)]


@pytest.mark.parametrize(
    ("settlement", "totals", "found"),
    [
        # 1 000 sold, an old debt of 500 repaid: 500 are paid, and nothing is owed
        (500, {"sale": 1000, "repay": 500, "opening_debt_balance": 500, "closing_debt_balance": 0}, []),
        (500, {"sale": 1000, "repay": 500, "opening_debt_balance": 500}, []),
        # 300 given back, and owed from now on
        (0, {"return": 300, "deposit": 300, "closing_debt_balance": 300}, []),
        # What is still owed is not told, or is another debt than there was
        (0, {"opening_debt_balance": 500}, [Difference("closing_debt_balance", 0, 500)]),
        (0, {"closing_debt_balance": 500}, [Difference("closing_debt_balance", 500, 0)]),
        (
            0,
            {"opening_debt_balance": 500, "closing_debt_balance": 700},
            [Difference("closing_debt_balance", 700, 500)],
        ),
    ],
)
def test_a_balance_or_a_change_of_it_that_is_not_told_is_none(settlement, totals, found):
    assert check_totals(read_payout(payout(settlement=settlement, **totals))) == found


def test_rows_beyond_a_total_and_rows_without_one():
    told = read_payout(payout(sale=1000, settlement=1000))
    counted = summed([row("SALE", 1100), row("FEE", 100)]).effects(Signs.UNSIGNED)
    assert check_rows(told, counted) == [Difference("sale", 1000, 1100), Difference("fee", 0, 100)]


def test_gross_payouts_have_no_fees():
    rows = [row("SALE", 1000)]
    for totals in ({"sale": 1000}, {"sale": 1000, "fee": 100, "tax": 25}):
        told = read_payout(payout("GROSS", 1000, **totals))
        assert check_totals(told) == check_rows(told, summed(rows).effects(Signs.UNSIGNED)) == []
    told = read_payout(payout("GROSS", 1000, sale=1000))
    counted = summed([*rows, row("FEE", 100, vat_amount=25)]).effects(Signs.UNSIGNED)
    assert check_rows(told, counted) == [Difference("settlement", 1000, 875)]


def test_gross_fee_payouts_are_fees():
    told = read_payout(payout("GROSS_FEE", 0, fee=100, tax=25, deposit=125))
    counted = summed([row("FEE", 100, vat_amount=25)]).effects(Signs.UNSIGNED)
    assert check_totals(told) == check_rows(told, counted) == []


# -- kinds ----------------------------------------------------------------------------------------------


def test_kinds():
    # Of a charge or a credit only the detail tells what it is for.
    assert set(SIGNS) - set(DEFAULTS) == {"CHARGE", "CREDIT"}
    assert DEFAULTS["FEE_VAT"] == DEFAULTS["TAX"] == "fee_vat"
    for code in ("SALE:PURCHASE", "FEE", "FEE_VAT", "FEE:RETURN_FEE", "NOVELTY"):
        assert stands_for_type(code)
    for code in ("CREDIT:LOAN_PAYOUT", "FEE:NOVELTY", "FEE:LOAN_FEE"):
        assert not stands_for_type(code)


# -- keys -----------------------------------------------------------------------------------------------


def keys(rows):
    return Keys(MERCHANT, REFERENCE).keys(read_transactions(rows))


# Two partial returns alike but for their refund; two fees of one capture alike but for their amount;
# hold-backs without any id, two of them the same
TRICKY = [
    *ROWS,
    row("RETURN", 14000, "PURCHASE_RETURN", order_id="order-sauna", refund_id="refund-3"),
    fee(350, 88, "EXTEND_DUE_DATE_FEE", "capture-sauna"),
    fee(990, 248, "EXTEND_DUE_DATE_FEE", "capture-sauna"),
    row("HOLDBACK", 10000, "ROLLING_RESERVE"),
    row("HOLDBACK", 10000, "ROLLING_RESERVE", captured="2026-10-27T09:00:00Z"),
    row("HOLDBACK", 500, "ROLLING_RESERVE"),
    row("REVERSAL", 500, "REVERSAL", order_id="order-mixed", reversal_reference="krn:1"),
    row("REVERSAL", 500, "REVERSAL", order_id="order-mixed", reversal_reference="krn:2"),
]


def test_keys_are_unique():
    assert len(set(keys(TRICKY))) == len(TRICKY)
    assert keys(ROWS)[0].startswith(f"{MERCHANT}:{REFERENCE}:SALE:PURCHASE:capture-sauna:")
    assert keys(TRICKY)[15] == f"{keys(ROWS)[11]}:2"


def test_keys_do_not_depend_on_the_order_of_rows():
    def content(told):
        return tuple(sorted((name, str(value)) for name, value in told.items()))

    expected = sorted(zip(keys(TRICKY), map(content, TRICKY), strict=True))
    chance = random.Random(1)
    for _ in range(50):
        mixed = chance.sample(TRICKY, len(TRICKY))
        assert sorted(zip(keys(mixed), map(content, mixed), strict=True)) == expected


def test_keys_are_the_same_from_process_to_process_and_with_signs():
    assert keys(signed(ROWS)) == keys(ROWS)
    # Amount, no VAT, 25 October 10:00 UTC and 26 October 09:00 UTC as seconds, no dispute
    rest = crc32(b"10000  1792922400.0 1793005200.0 ")
    assert keys([row("HOLDBACK", 10000)]) == [f"K900001:9104300007:HOLDBACK:::{rest:08x}"]


def test_keys_of_payouts_differ():
    (read,) = read_transactions([row("SALE", 1)])
    assert len({Keys(*payout).key(read) for payout in (("A", "1"), ("A", "2"), ("B", "1"))}) == 3


# -- size -----------------------------------------------------------------------------------------------


def test_twenty_thousand_rows_are_taken_at_once():
    told = []
    for number in range(6667):
        minute = f"{number // 60 % 24:02}:{number % 60:02}"
        ids = {
            "sold": f"2026-10-{number % 28 + 1:02}T{minute}:07Z",
            "captured": f"2026-10-{number % 28 + 1:02}T{minute}:09Z",
            "order_id": f"aaaa0000-0000-4000-8000-{number:012}",
            "capture_id": f"bbbb0000-0000-4000-8000-{number:012}",
        }
        told.append(row("SALE", 10000 + number, "PURCHASE", customer_vat=vats(r25=2000), **ids))
        for detail, amount, vat in (("PERCENTAGE", 300, 75), ("FIXED", 350, 88)):
            told.append(row("FEE", amount, f"PURCHASE_FEE_{detail}", vat_amount=vat, vat_rate=2500, **ids))
    begun = perf_counter()
    taken, sums, found = Keys(MERCHANT, REFERENCE), Sums("SEK"), set()
    for start in range(0, len(told), 500):
        read = read_transactions(told[start : start + 500])
        sums.add(read)
        found.update(taken.keys(read))
        for each in read:
            effects(each, Signs.UNSIGNED)
    seconds = perf_counter() - begun
    assert len(found) == sums.count == len(told) > 20_000
    assert seconds < 2  # a fifth of a second where nothing else runs
