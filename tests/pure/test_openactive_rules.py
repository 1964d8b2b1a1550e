"""When a slot can be booked and a booking cancelled, to the second, and who is told that places are gone."""

from datetime import timedelta

import pytest
from brp_openactive.openactive import can_be_booked, can_be_cancelled, capacity_errors
from openactive_hall import START, offer, padel_slot

FULL = "OpportunityIsFullError"
FEW = "OpportunityHasInsufficientCapacityError"
HELD = "OpportunityCapacityIsReservedByLeaseError"
OPEN = {"valid_from_before_start": None, "valid_through_before_start": None}


@pytest.mark.parametrize(
    ("before_start", "can"),
    [
        (timedelta(days=14, seconds=1), False),
        (timedelta(days=14), True),
        (timedelta(days=1), True),
        (timedelta(hours=2), True),
        (timedelta(hours=2, seconds=-1), False),
        (timedelta(0), False),
    ],
)
def test_booking_opens_and_closes(before_start, can):
    """Two weeks before, and two hours before."""
    assert can_be_booked(padel_slot(), offer(), START - before_start) is can


@pytest.mark.parametrize(
    ("after_start", "can"),
    [
        (timedelta(days=-900), True),
        (timedelta(0), True),
        (timedelta(minutes=59), True),
        (timedelta(hours=1), False),
        (timedelta(days=1), False),
    ],
)
def test_without_limits_it_can_be_booked_until_it_ends(after_start, can):
    assert can_be_booked(padel_slot(), offer(**OPEN), START + after_start) is can


def test_what_is_only_sold_on_the_spot_cannot_be_booked():
    now = START - timedelta(days=3)
    assert can_be_booked(padel_slot(remaining=0), offer(), now), "places are another matter"
    assert not can_be_booked(padel_slot(), offer(is_advance_booking_unavailable=True), now)


@pytest.mark.parametrize(
    ("latest", "before_start", "can"),
    [
        (timedelta(days=1), timedelta(days=2), True),
        (timedelta(days=1), timedelta(days=1), True),
        (timedelta(days=1), timedelta(days=1, seconds=-1), False),
        (timedelta(days=1), timedelta(0), False),
        (timedelta(0), timedelta(seconds=1), True),
        (None, timedelta(seconds=1), True),
        (None, timedelta(0), False),
        (None, timedelta(hours=-1), False),
    ],
)
def test_cancelling(latest, before_start, can):
    booked_for = offer(latest_cancellation_before_start=latest)
    assert can_be_cancelled(START, booked_for, START - before_start) is can


@pytest.mark.parametrize("allowed", [False, None])
def test_what_may_not_be_cancelled(allowed):
    assert not can_be_cancelled(START, offer(is_cancellation_allowed=allowed), START - timedelta(days=9))


@pytest.mark.parametrize(
    ("wanted", "free", "leased", "errors"),
    [
        (1, 1, 0, [None]),
        (3, 4, 0, [None, None, None]),
        (1, 0, 0, [FULL]),
        (2, 0, 0, [FULL, FULL]),
        (3, 2, 0, [None, None, FEW]),
        (4, 1, 0, [None, FEW, FEW, FEW]),
        (1, 0, 1, [HELD]),
        (2, 1, 1, [None, HELD]),
        (4, 1, 1, [None, HELD, FEW, FEW]),
        (2, 0, 3, [HELD, HELD]),
        (0, 0, 0, []),
    ],
)
def test_only_the_places_that_are_too_many_get_an_error(wanted, free, leased, errors):
    assert list(capacity_errors(wanted, free, leased)) == errors
