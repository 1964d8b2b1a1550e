"""When a slot can be booked, when a booking can be cancelled, and what is told when places do not suffice.

Source: Open Booking API 1.0, Definition of a bookable Opportunity and Offer pair, and Order cancellation.
"""

from datetime import datetime

from .facilities import Offer, Slot
from .moments import in_utc


def can_be_booked(slot: Slot, offer: Offer, now: datetime) -> bool:
    """Return whether a slot can be booked for an offer at a moment, however many places are left.

    The caller knows whether both are published and belong together.

    :param now: aware
    """
    if offer.is_advance_booking_unavailable or now >= slot.end:
        return False
    opens, closes = offer.valid_from_before_start, offer.valid_through_before_start
    if opens is not None and now < slot.start - opens:
        return False
    return closes is None or now <= slot.start - closes


def can_be_cancelled(start: datetime, offer: Offer, now: datetime) -> bool:
    """Return whether a customer may cancel at a moment, and gets all back.

    :param start: of the slot, aware
    :param offer: as it was booked
    :param now: aware
    """
    start = in_utc(start)
    if not offer.is_cancellation_allowed or now >= start:
        return False
    latest = offer.latest_cancellation_before_start
    return latest is None or now <= start - latest


def capacity_errors(wanted: int, free: int, leased: int = 0) -> tuple[str | None, ...]:
    """Return, for each of the places that are wanted in one slot, the type of error it gets, or None.

    Only the places that are too many get one: that others are just booking some, as long as there are such,
    and that there are not enough.

    :param wanted: order items of the slot
    :param free: places that neither are booked nor leased by others
    :param leased: places that others hold by a lease
    """
    if not free and not leased:
        return ("OpportunityIsFullError",) * wanted
    excess = max(0, wanted - free)
    held = min(excess, leased)
    return (
        *[None] * (wanted - excess),
        *["OpportunityCapacityIsReservedByLeaseError"] * held,
        *["OpportunityHasInsufficientCapacityError"] * (excess - held),
    )
