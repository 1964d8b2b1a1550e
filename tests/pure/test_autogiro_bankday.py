"""Banking days of Sweden, checked day by day against the rule written out, 2020 to 2040."""

from datetime import date, timedelta

import pytest
from brp_autogiro.bankgirot import (
    add_bank_days,
    bank_day_on_or_after,
    bank_day_on_or_before,
    bank_days_between,
    is_bank_day,
)
from dateutil.easter import easter
from hypothesis import given
from hypothesis import strategies as st

dates = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    "closed",
    [
        date(2026, 1, 1),
        date(2026, 1, 6),
        date(2026, 4, 3),  # Good Friday
        date(2026, 4, 6),  # Easter Monday
        date(2026, 5, 1),
        date(2026, 5, 14),  # Ascension
        date(2025, 6, 6),  # National Day, a Friday
        date(2026, 6, 19),  # Midsummer Eve
        date(2027, 6, 25),
        date(2026, 12, 24),
        date(2026, 12, 25),
        date(2028, 12, 26),  # a Tuesday
        date(2026, 12, 31),
        date(2026, 11, 21),  # a Saturday
        date(2026, 11, 22),
    ],
)
def test_banks_are_closed(closed):
    assert not is_bank_day(closed)


@pytest.mark.parametrize(
    "opened",
    [
        date(2026, 1, 5),  # banks close early on the eves, no more
        date(2026, 4, 2),
        date(2026, 4, 30),
        date(2026, 5, 15),
        date(2026, 10, 30),
        date(2026, 12, 23),
        date(2026, 6, 18),
        date(2026, 5, 25),  # Whit Monday, a working day since 2005
    ],
)
def test_banks_are_open(opened):
    assert is_bank_day(opened)


def _closed_by_the_rule(day):
    fixed = {(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)}
    around_easter = {easter(day.year) + timedelta(days) for days in (-2, 1, 39)}
    midsummer_eve = day.month == 6 and 19 <= day.day <= 25 and day.weekday() == 4
    return day.weekday() >= 5 or (day.month, day.day) in fixed or day in around_easter or midsummer_eve


def test_every_day_of_21_years_is_as_the_twelve_rules_say():
    day = date(2020, 1, 1)
    checked = 0
    while day.year <= 2040:
        assert is_bank_day(day) != _closed_by_the_rule(day), day
        day += timedelta(1)
        checked += 1
    assert checked == 7671


def test_the_nearest_banking_day():
    saturday_after_midsummer_eve = date(2026, 6, 20)
    assert bank_day_on_or_after(saturday_after_midsummer_eve) == date(2026, 6, 22)
    assert bank_day_on_or_before(saturday_after_midsummer_eve) == date(2026, 6, 18)
    assert bank_day_on_or_after(date(2026, 6, 22)) == bank_day_on_or_before(date(2026, 6, 22))


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 12, 23), 1, date(2026, 12, 28)),
        (date(2026, 12, 23), 4, date(2027, 1, 4)),  # 28, 29, 30 December, then Monday 4 January
        (date(2026, 12, 28), -1, date(2026, 12, 23)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),  # from a Saturday
        (date(2026, 11, 21), -1, date(2026, 11, 20)),
        (date(2026, 11, 21), 0, date(2026, 11, 23)),
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
        (date(2026, 11, 2), 18, date(2026, 11, 26)),
    ],
)
def test_counting_banking_days(start, count, end):
    assert add_bank_days(start, count) == end


def test_how_many_banking_days_there_are_between_two_dates():
    assert bank_days_between(date(2026, 12, 23), date(2027, 1, 4)) == 4
    assert bank_days_between(date(2027, 1, 4), date(2026, 12, 23)) == -4
    assert bank_days_between(date(2026, 11, 20), date(2026, 11, 22)) == 0
    assert bank_days_between(date(2026, 11, 20), date(2026, 11, 20)) == 0
    assert bank_days_between(date(2026, 11, 21), date(2026, 11, 23)) == 1


@given(dates, st.integers(-60, 60).filter(bool))
def test_what_is_added_is_what_is_between(start, count):
    assert bank_days_between(start, add_bank_days(start, count)) == count
