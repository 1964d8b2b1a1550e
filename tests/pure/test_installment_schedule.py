"""The rules of installments: due dates, amounts and effective interest, by hand-made figures."""

from datetime import date
from decimal import Decimal

import pytest
from brp_installments.schedule import (
    ScheduleError,
    due_dates,
    effective_annual_rate,
    first_due_date,
    split_amount,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("sold", "cutoff_day", "due_day", "first"),
    [
        ("2016-04-08", 15, 27, "2016-04-27"),
        ("2016-04-08", 1, 27, "2016-05-27"),
        ("2016-04-15", 15, 27, "2016-04-27"),  # on the cut-off day: still this month
        ("2016-04-16", 15, 27, "2016-05-27"),
        ("2026-03-20", 28, 5, "2026-04-05"),  # the 5th has passed: next month
        ("2026-03-05", 28, 5, "2026-03-05"),  # due on the day of sale
        ("2026-02-28", 30, 31, "2026-02-28"),  # neither day exists in February
        ("2026-12-20", 15, 27, "2027-01-27"),  # over the turn of the year
        ("2024-01-30", 15, 30, "2024-02-29"),  # a leap year's February
    ],
)
def test_first_due_date(sold, cutoff_day, due_day, first):
    assert first_due_date(date.fromisoformat(sold), cutoff_day, due_day) == date.fromisoformat(first)


def test_a_due_day_that_a_month_lacks_is_its_last_day_and_comes_back():
    assert due_dates(date(2026, 1, 10), 4, cutoff_day=15, due_day=31) == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


@pytest.mark.parametrize("wrong", [0, 32, -1])
def test_days_outside_a_month_are_refused(wrong):
    with pytest.raises(ScheduleError, match="due day"):
        first_due_date(date(2026, 1, 1), 15, wrong)
    with pytest.raises(ScheduleError, match="cut-off day"):
        first_due_date(date(2026, 1, 1), wrong, 15)


def test_no_months_are_refused():
    with pytest.raises(ScheduleError, match="at least 1"):
        due_dates(date(2026, 1, 1), 0, 15, 27)


@pytest.mark.parametrize(
    ("total", "parts"),
    [
        ("1000.00", ["333.34", "333.33", "333.33"]),
        ("1000.01", ["333.34", "333.34", "333.33"]),
        ("0.03", ["0.01", "0.01", "0.01"]),
        ("12000.00", ["1000.00"] * 12),
        ("99.90", ["99.90"]),
    ],
)
def test_split_amount(total, parts):
    assert split_amount(Decimal(total), len(parts)) == [Decimal(part) for part in parts]


def test_split_in_whole_units_of_a_currency_without_decimals():
    assert split_amount(Decimal(100), 3, unit=Decimal(1)) == [34, 33, 33]


@pytest.mark.parametrize(
    ("total", "parts"), [("0.02", 3), ("0.00", 3), ("-10.00", 2), ("10.005", 2), ("10.008", 2), ("10.00", 0)]
)
def test_split_amount_refuses(total, parts):
    with pytest.raises(ScheduleError):
        split_amount(Decimal(total), parts)


@given(total=st.integers(1, 10**12), parts=st.integers(1, 60))
def test_split_amount_loses_no_ore(total, parts):
    amount = Decimal(total) / 100
    if total < parts:
        with pytest.raises(ScheduleError):
            split_amount(amount, parts)
        return
    split = split_amount(amount, parts)
    assert sum(split) == amount
    assert split == sorted(split, reverse=True)
    assert split[0] - split[-1] <= Decimal("0.01")
    assert split[-1] > 0


@given(
    sold=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    months=st.integers(1, 60),
    cutoff_day=st.integers(1, 31),
    due_day=st.integers(1, 31),
)
def test_due_dates_come_once_a_month_and_never_before_the_sale(sold, months, cutoff_day, due_day):
    dates = due_dates(sold, months, cutoff_day, due_day)
    assert dates[0] >= sold
    assert (dates[0] - sold).days <= 62
    month_numbers = [due.year * 12 + due.month for due in dates]
    assert month_numbers == list(range(month_numbers[0], month_numbers[0] + months))


def test_effective_rate_without_fees_is_zero():
    payments = [(date(2026, month, 27), Decimal("1000.00")) for month in range(1, 13)]
    assert effective_annual_rate(Decimal("12000.00"), date(2026, 1, 1), payments) == 0


def test_effective_rate_of_one_payment_after_a_year_is_the_simple_rate():
    # 1 000 lent, 1 100 back after 365 days: 10 %
    paid = [(date(2027, 1, 1), Decimal("1100.00"))]
    assert effective_annual_rate(Decimal("1000.00"), date(2026, 1, 1), paid) == Decimal("10.0")


def test_effective_rate_of_half_a_year_compounds():
    # 1 000 lent, 1 100 back after 73 days, a fifth of a year: 1.1 ** 5 = 1.61051
    paid = [(date(2026, 3, 15), Decimal("1100.00"))]
    assert effective_annual_rate(Decimal("1000.00"), date(2026, 1, 1), paid) == Decimal("61.1")


def test_an_effective_rate_may_be_above_a_hundred():
    # 1 000 lent, 1 200 back after 73 days: 1.2 ** 5 = 2.48832
    paid = [(date(2026, 3, 15), Decimal("1200.00"))]
    assert effective_annual_rate(Decimal("1000.00"), date(2026, 1, 1), paid) == Decimal("148.8")


def test_no_effective_rate_that_is_beyond_all_sense():
    # Twice the money back after a day: 2 ** 365
    paid = [(date(2026, 1, 2), Decimal("2000.00"))]
    assert effective_annual_rate(Decimal("1000.00"), date(2026, 1, 1), paid) is None


@pytest.mark.parametrize(("credit", "paid"), [("0.00", "100.00"), ("0.00", "0.00"), ("-100.00", "-100.00")])
def test_no_effective_rate_of_nothing_lent(credit, paid):
    payments = [(date(2026, 2, 1), Decimal(paid))]
    assert effective_annual_rate(Decimal(credit), date(2026, 1, 1), payments) is None


def test_the_effective_rate_of_a_single_krona():
    paid = [(date(2027, 1, 1), Decimal("1.10"))]
    assert effective_annual_rate(Decimal("1.00"), date(2026, 1, 1), paid) == Decimal("10.0")


@pytest.mark.parametrize(
    ("day", "paid"), [("2026-01-01", "1000.00"), ("2026-01-01", "1100.00"), ("2025-12-31", "1000.00")]
)
def test_no_effective_rate_when_all_is_paid_at_once(day, paid):
    payments = [(date.fromisoformat(day), Decimal(paid))]
    assert effective_annual_rate(Decimal("1000.00"), date(2026, 1, 1), payments) is None
