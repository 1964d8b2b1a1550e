"""How amounts split into sales and VAT, and the days they belong to: figures worked out by hand."""

from datetime import date, datetime, timezone

import pytest
from brp_klarna.settlements import (
    SettlementError,
    Share,
    Vat,
    local_day,
    split,
    split_from_lines,
    split_return,
)
from hypothesis import given
from hypothesis import strategies as st


def vats(**told):
    """Return VAT per rate: vats(r25=100)."""
    return [Vat(int(rate[1:]) * 100, amount) for rate, amount in told.items()]


# -- by VAT ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gross", "told", "shares"),
    [
        (125000, vats(r25=25000), [(2500, 100000, 25000)]),
        # 160 + 25 %, 100 + 12 % and 50 + 6 %
        (
            36500,
            vats(r6=300, r25=4000, r12=1200),
            [(2500, 16000, 4000), (1200, 10000, 1200), (600, 5000, 300)],
        ),
        # A towel of 100.00, and the rest a gift card
        (60000, vats(r25=2000), [(2500, 8000, 2000), (0, 50000, 0)]),
        (60000, vats(r25=2000, r0=0), [(2500, 8000, 2000), (0, 50000, 0)]),
        (50000, [], [(0, 50000, 0)]),
        (50000, vats(r0=0), [(0, 50000, 0)]),
        (0, [], []),
        (0, vats(r25=0), []),
        # Two lines of one rate
        (25000, [Vat(2500, 2000), Vat(2500, 3000)], [(2500, 20000, 5000)]),
        # 99.00 at 12 %: VAT 10.607, told as 10.61; 10.61 / 0.12 is 88.42, and 99.00 − 10.61 = 88.39
        (9900, vats(r12=1061), [(1200, 8839, 1061)]),
        # 99.00 at 6 %: VAT 5.604, told as 5.60; 5.60 / 0.06 = 93.33, and 93.40 is the net
        (9900, vats(r6=560), [(600, 9340, 560)]),
        # 0.02 without VAT may be 25 % that rounds to nothing; 0.03 may not
        (2, vats(r25=0), [(2500, 2, 0)]),
        (3, vats(r25=0), [(0, 3, 0)]),
        # 100.02: 20.00 is the VAT of 99.98 to 100.02, not of 100.03, whose VAT is 20.01
        (10002, vats(r25=2000), [(2500, 8002, 2000)]),
        (10003, vats(r25=2000), [(2500, 8000, 2000), (0, 3, 0)]),
        (9998, vats(r25=2000), [(2500, 7998, 2000)]),
        # With 0 % told, two öre are its own
        (10002, vats(r25=2000, r0=0), [(2500, 8000, 2000), (0, 2, 0)]),
        (9999, vats(r25=2000, r0=0), [(2500, 7999, 2000)]),
        # The difference is the largest share's: 100.00 at 25 %, 9.99 at 6 % with VAT 0.565 told as 0.57
        (10999, vats(r25=2000, r6=57), [(2500, 7992, 2000), (600, 950, 57)]),
        # A return whose amounts have signs
        (-19900, vats(r25=-3980), [(2500, -15920, -3980)]),
        (-10003, vats(r25=-2000), [(2500, -8000, -2000), (0, -3, 0)]),
    ],
)
def test_split(gross, told, shares):
    got = split(gross, told)
    assert [(share.rate, share.net, share.vat) for share in got] == shares
    assert sum(share.gross for share in got) == gross
    assert {share.use for share in got} <= {"sales"}


def test_more_roundings_explain_a_larger_rest():
    assert split(10007, vats(r25=2000), 3) == (Share(2500, 8007, 2000),)
    assert split(10005, vats(r25=1500) + vats(r25=500)) == (Share(2500, 8005, 2000),)
    assert split(10008, vats(r25=2000), 3) == (Share(2500, 8000, 2000), Share(0, 8, 0))


@pytest.mark.parametrize(
    ("gross", "told", "problem"),
    [
        (10000, vats(r25=2001), "vat_too_much"),  # of 100.05
        (9997, vats(r25=2000), "vat_too_much"),
        (100, vats(r25=20, r12=20), "vat_too_much"),
        (0, vats(r25=1), "vat_too_much"),
        (10000, vats(r25=-2000), "vat_sign"),
        (-10000, vats(r25=2000), "vat_sign"),
        (10000, vats(r25=2000, r6=-1), "vat_sign"),
        (10000, vats(r0=5), "vat_without_rate"),
        (10000, [Vat(-2500, 5)], "range"),
        # Three rates with one öre each: what rounding takes from all is more than the largest has
        (3, [Vat(rate, 1) for rate in (600, 601, 602)], "vat_too_much"),
    ],
)
def test_vat_that_cannot_be(gross, told, problem):
    with pytest.raises(SettlementError) as caught:
        split(gross, told)
    assert caught.value.problem == problem


VATS = st.lists(
    st.builds(
        Vat,
        st.sampled_from([0, 600, 1200, 2500]) | st.integers(-5, 10_000),
        st.integers(-10, 10**6) | st.integers(0, 3),
    ),
    max_size=5,
)


@given(st.integers(-(10**7), 10**7) | st.integers(-200, 200), VATS, st.integers(1, 5))
def test_shares_always_add_up(gross, told, roundings):
    try:
        shares = split(gross, told, roundings)
    except SettlementError:
        return
    assert sum(share.gross for share in shares) == gross
    told_by_rate = {
        rate: sum(vat.amount for vat in told if vat.rate == rate) for rate in {v.rate for v in told}
    }
    for share in shares:
        assert share.vat == told_by_rate.get(share.rate, 0)
        assert share.net * gross >= 0 and share.vat * gross >= 0


@given(
    st.dictionaries(st.sampled_from([600, 1200, 2500]), st.integers(100, 10**7), min_size=1),
    st.booleans(),
)
def test_rounded_vat_of_real_sales_is_split_without_a_rest(sold, from_gross):
    """Sales at each rate, the VAT of each rounded once, from its gross or from its net."""
    told, gross = [], 0
    for rate, amount in sold.items():
        if from_gross:
            told.append(Vat(rate, (amount * rate * 2 + 10_000 + rate) // (2 * (10_000 + rate))))
            gross += amount
        else:
            told.append(Vat(rate, (amount * rate * 2 + 10_000) // 20_000))
            gross += amount + told[-1].amount
    shares = split(gross, told)
    assert {share.rate for share in shares} == set(sold)
    assert sum(share.gross for share in shares) == gross


# -- by lines -------------------------------------------------------------------------------------------


def line(amount, rate=None, vat=None, **more):
    told = {"name": "x", "quantity": 1, "total_amount": amount, "tax_rate": rate, "total_tax_amount": vat}
    return {**{name: value for name, value in told.items() if value is not None}, **more}


def test_lines():
    lines = [
        line(125000, 2500, 25000, type="physical", reference="YEAR-CARD"),
        line(11200, 1200, 1200, type="physical", name="Lunch"),
        line(4900, 2500, 980, type="shipping_fee"),
        line(-10000, 2500, -2000, type="discount"),
        line(50000, 0, 0, type="gift_card"),
        line(1500, name="Dricks till personalen", type="digital"),
        line(500, 0, 0, reference="TIP", type="surcharge"),
        line(300, 0, 0, name="Tipsrunda"),
        line(0, 600, 0),
    ]
    shares = split_from_lines(lines, ("dricks", "tip"))
    assert shares == (
        Share(2500, 95920, 23980),
        Share(1200, 10000, 1200),
        Share(0, 300, 0),
        Share(0, 50000, 0, "gift_card"),
        Share(0, 2000, 0, "tip"),
    )
    assert sum(share.gross for share in shares) == sum(each["total_amount"] for each in lines)
    assert [share.use for share in split_from_lines(lines)].count("tip") == 0


def test_gift_cards_and_store_credit_that_are_redeemed():
    lines = [line(20000, 2500, 4000), line(-5000, type="gift_card"), line(-1000, type="store_credit")]
    assert split_from_lines(lines) == (Share(2500, 16000, 4000), Share(0, -6000, 0, "gift_card"))


def test_a_return_fee_makes_the_amount_of_lines_less():
    assert split_from_lines([line(20000, 2500, 4000), line(-20000, 2500, -4000)]) == ()


@pytest.mark.parametrize(
    ("lines", "problem", "where"),
    [
        (None, "missing", "order_lines"),
        ({}, "shape", "order_lines"),
        (["x"], "shape", "order_lines[0]"),
        ([line(1), {"name": "x"}], "missing", "order_lines[1].total_amount"),
        ([line(1.0)], "amount", "order_lines[0].total_amount"),
        ([line(100, 2500, -20)], "vat_sign", "order_lines[0].total_tax_amount"),
        ([line(0, 2500, 20)], "vat_sign", "order_lines[0].total_tax_amount"),
        ([line(100, 2500, 101)], "vat_too_much", "order_lines[0].total_tax_amount"),
        ([line(100, None, 20)], "vat_without_rate", "order_lines[0].total_tax_amount"),
        ([line(100, -1, 20)], "range", "order_lines[0].tax_rate"),
    ],
)
def test_lines_that_cannot_be(lines, problem, where):
    with pytest.raises(SettlementError) as caught:
        split_from_lines(lines)
    assert (caught.value.problem, caught.value.where) == (problem, where)


# -- returns --------------------------------------------------------------------------------------------

TWO = (Share(2500, 16000, 4000), Share(1200, 10000, 1200))
ONE = (Share(2500, 100000, 25000),)


@pytest.mark.parametrize(
    ("sale", "gross", "shares"),
    [
        (TWO, 31200, TWO),
        (TWO, -31200, (Share(2500, -16000, -4000), Share(1200, -10000, -1200))),
        (TWO, 31199, None),
        (ONE, 125000, ONE),
        (ONE, 19900, (Share(2500, 15920, 3980),)),
        (ONE, -19900, (Share(2500, -15920, -3980),)),
        (ONE, 9999, (Share(2500, 7999, 2000),)),
        (ONE, 125001, None),
        (ONE, 0, None),
        ((Share(0, 50000, 0, "gift_card"),), 20000, (Share(0, 20000, 0, "gift_card"),)),
        ((Share(0, 500, 0), Share(0, 500, 0, "gift_card")), 500, None),
        ((), 500, None),
        ((), 0, ()),
    ],
)
def test_return_whose_vat_is_not_told(sale, gross, shares):
    assert split_return(sale, gross) == shares


# -- days -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ((2026, 1, 15, 22, 59), date(2026, 1, 15)),
        ((2026, 1, 15, 23, 30), date(2026, 1, 16)),  # 00:30 in winter
        ((2026, 7, 15, 21, 59), date(2026, 7, 15)),
        ((2026, 7, 15, 22, 30), date(2026, 7, 16)),  # 00:30 in summer
        # Clocks go forward on 29 March at 01:00 UTC, and back on 25 October at 01:00 UTC
        ((2026, 3, 28, 22, 59), date(2026, 3, 28)),
        ((2026, 3, 28, 23, 0), date(2026, 3, 29)),
        ((2026, 3, 29, 21, 59), date(2026, 3, 29)),
        ((2026, 3, 29, 22, 0), date(2026, 3, 30)),
        ((2026, 10, 24, 21, 59), date(2026, 10, 24)),
        ((2026, 10, 24, 22, 0), date(2026, 10, 25)),
        ((2026, 10, 25, 22, 30), date(2026, 10, 25)),
        ((2026, 10, 25, 23, 0), date(2026, 10, 26)),
        ((2026, 12, 31, 23, 0), date(2027, 1, 1)),
    ],
)
def test_local_day(moment, day):
    assert local_day(datetime(*moment, tzinfo=timezone.utc)) == day


def test_local_day_elsewhere_and_of_nothing():
    moment = datetime(2026, 1, 15, 23, 30, tzinfo=timezone.utc)
    assert local_day(moment, "Europe/London") == date(2026, 1, 15)
    with pytest.raises(ValueError, match="no such time zone"):
        local_day(moment, "Europe/Nowhere")
    with pytest.raises(ValueError, match="belongs to no day"):
        local_day(moment.replace(tzinfo=None))
