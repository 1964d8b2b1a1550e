"""Feeds: the data of their items, and pages that are put together from stored data without reading it.

Source: Realtime Paged Data Exchange 1.0, by change number; Modelling Opportunity Data 2.0.
"""

import json
import re
from collections.abc import Sequence

from .documents import write_text
from .errors import BookingError
from .facilities import FacilityUse, Slot
from .json_ld import (
    CONTEXT,
    facility_use_object,
    individual_facility_use_object,
    offer_object,
    provider_object,
    slot_times,
)

CC_BY = "https://creativecommons.org/licenses/by/4.0/"
MEDIA_TYPE = "application/json"  #: of open feeds
PAGE_SIZE = 500  #: items; the published validator warns of pages with fewer that are not the last
MAX_CHANGE_NUMBER = 2**53 - 1  # what JavaScript can count to

#: (change number, kind, id, data as JSON text, or None of an item that is deleted)
FeedRow = tuple[int, str, str, str | None]

_CHANGE_NUMBER = re.compile(r"[1-9]\d{0,15}", re.ASCII)
_quote = json.encoder.encode_basestring  # a text as JSON, ä as ä


def facility_use_data(facility_use: FacilityUse) -> str:
    """Return the data of a facility's item in the feed of facilities, as JSON.

    The same facility always gives the same text: only when that changes does the item need a new number.
    """
    data = {"@context": CONTEXT, **facility_use_object(facility_use)}
    data["provider"] = provider_object(facility_use.provider)
    more = {
        "individualFacilityUse": [
            individual_facility_use_object(each) for each in facility_use.individual_facility_uses
        ],
        "offers": [offer_object(each) for each in facility_use.offers],
    }
    return write_text(data | {name: objects for name, objects in more.items() if objects})


def slot_data(slot: Slot) -> str:
    """Return the data of a slot's item in the feed of slots, as JSON; see :func:`facility_use_data`.

    :raises ValueError: it has no offers, or is of a whole facility whose parts are booked, or the reverse
    """
    if not slot.offers:
        raise ValueError(f"{slot.id} has no offers")
    if bool(slot.individual_facility_use) != bool(slot.facility_use.individual_facility_uses):
        raise ValueError(
            f"{slot.id} is not of what is booked of {slot.facility_use.id}: all of it, or a part"
        )
    data = {"@context": CONTEXT, **slot_times(slot)}
    data["remainingUses"] = slot.remaining
    if slot.maximum is not None:
        data["maximumUses"] = slot.maximum
    data["facilityUse"] = (slot.individual_facility_use or slot.facility_use).id
    data["offers"] = [offer_object(offer) for offer in slot.offers]
    return write_text(data)


def feed_page(rows: Sequence[FeedRow], next_url: str, license_url: str | None = CC_BY) -> str:
    """Return a page of a feed as JSON.

    :param rows: by ascending change number; empty on the last page
    :param next_url: of the page that follows: see :func:`next_page_url`
    :param license_url: None in the Orders feed, which must not have one
    """
    items = ",".join(
        [
            f'{{"state":"deleted","kind":"{kind}","id":{_quote(id_)},"modified":{number}}}'
            if data is None
            else f'{{"state":"updated","kind":"{kind}","id":{_quote(id_)},"modified":{number},"data":{data}}}'
            for number, kind, id_, data in rows
        ]
    )
    license_ = f',"license":{_quote(license_url)}' if license_url else ""
    return f'{{"next":{_quote(next_url)},"items":[{items}]{license_}}}'


def next_page_url(feed_url: str, rows: Sequence[FeedRow], after: int | None = None) -> str:
    """Return the address of the page that follows: after the last row, or the page's own when it has none.

    :param feed_url: of the first page
    :param after: the change number that was asked for; None for the first page
    """
    number = rows[-1][0] if rows else after
    return feed_url if number is None else f"{feed_url}?afterChangeNumber={number}"


def read_after_change_number(text: str | None) -> int | None:
    """Return the change number that the parameter ``afterChangeNumber`` tells; None when it is not there.

    :raises BookingError: ``OpenBookingError``: it is no number from 1
    """
    if text is None:
        return None
    if not _CHANGE_NUMBER.fullmatch(text) or int(text) > MAX_CHANGE_NUMBER:
        raise BookingError("OpenBookingError", "afterChangeNumber is not a whole number from 1.")
    return int(text)
