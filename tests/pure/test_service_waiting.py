"""How long a queue waits, and what a service asks for."""

from email.utils import formatdate
from time import time

import pytest
from brp_connector.service import next_delay, read_retry_after
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("attempts", "shortest", "longest"),
    [
        (0, 45, 60),
        (1, 45, 60),
        (2, 90, 120),
        (3, 180, 240),
        (4, 360, 480),
        (9, 11_520, 15_360),
        (10, 16_200, 21_600),  # 6 hours, not the 8.5 of 2⁹ minutes
        (10**9, 16_200, 21_600),
    ],
)
def test_a_minute_twice_as_long_each_time_up_to_six_hours(attempts, shortest, longest):
    assert next_delay(attempts, random=lambda: 0) == longest
    assert next_delay(attempts, random=lambda: 1) == shortest
    assert shortest <= next_delay(attempts) <= longest


def test_what_the_service_asks_for_is_the_least():
    assert next_delay(1, 300, random=lambda: 0) == 300
    assert next_delay(1, 300, random=lambda: 1) == 315
    assert next_delay(3, 10, random=lambda: 1) == 180
    assert next_delay(1, 0, random=lambda: 0.5) == 52.5


@given(st.integers(1, 1000), st.floats(0, 86_400))
def test_never_before_the_service_says_and_not_much_later(attempts, retry_after):
    delay = next_delay(attempts, retry_after)
    assert retry_after <= delay <= max(21_600, retry_after + 5_400)
    assert delay >= 45


def test_those_that_failed_together_are_not_all_tried_again_together():
    assert len({round(next_delay(5)) for _ in range(50)}) > 10
    assert len({round(next_delay(5, 3600)) for _ in range(50)}) > 10


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("86401", 86_400),
        ("9" * 5000, 86_400),
        (None, None),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 60),
        ("Wednesday, 21-Oct-26 07:28:00 GMT", 60),
        ("Wed Oct 21 07:28:00 2026", 60),
        ("Wed, 21 Oct 2026 07:26:00 GMT", 0),  # past
        ("Wed, 21 Oct 2027 07:28:00 GMT", 86_400),
        ("Wed, 99 Oct 2026 07:28:00 GMT", None),
        ("Wed, 21 Oct 99999999999 07:28:00 GMT", None),
    ],
)
def test_what_a_header_asks_for(value, seconds):
    assert read_retry_after(value, "Wed, 21 Oct 2026 07:27:00 GMT") == seconds


def test_without_a_date_of_theirs_our_clock_counts():
    for date in (None, "", "yesterday"):
        assert read_retry_after(formatdate(time() + 600, usegmt=True), date) == pytest.approx(600, abs=2)


@given(st.text(), st.text())
def test_anything_may_stand_there(value, date):
    seconds = read_retry_after(value, date)
    assert seconds is None or 0 <= seconds <= 86_400
