"""OpenActive: feeds of facilities and free times, and booking of them by marketplaces. Knows nothing of Odoo.

A slot is published, booked and told of like this::

    ids = Ids("https://boka.example.se/openactive/1")
    hall = Address("Exempelgatan 1", "Stockholm", "Stockholms län", "118 00")
    seller = Seller(ids.seller(1), "Sundby Padel", "Sundby Padel AB", hall)
    padel = FacilityUse(
        ids.facility_use(10), "Padelbana", "https://boka.example.se/boka/padel", provider=seller,
        location=Place("Sundby", hall),
        facility_types=(FacilityType(f"{FACILITY_TYPES}#7a13f426…", "Padel Tennis Court"),),
    )
    offer = Offer(ids.offer(501, 1), "60 minuter", Decimal("320"))
    start = datetime(2030, 3, 1, 17, tzinfo=timezone.utc)
    slot = Slot(ids.slot(501), padel, start, start + timedelta(hours=1), 3, maximum=4, offers=(offer,))

    rows = [(1204, slot.kind, "501", slot_data(slot))]  # the text is what is stored
    page = feed_page(rows, next_page_url(ids.slots_feed, rows))

    request = read_request(body, Step.B)  # BookingError: answer error_answer(error)
    request.check_broker()  # … and the other checks, in the order that booking_requests tells
    item = OrderItem(
        slot, offer, request.items[0].position, ids.order_item(uuid, 1), ItemStatus.CONFIRMED,
        taxes=(Tax("Moms 6 %", Decimal("0.06"), Decimal("18.11")),),
    )
    order = Order(
        ids, uuid, (item,), seller, request.broker_role, request.broker, request.customer, request.payment,
        number="MP00042",
    )
    request.check_total(order.total_due)
    status, body = b_answer(order)

Values are frozen; amounts are ``Decimal`` kronor, moments are aware, and texts that are made (``str``) are to
be sent as UTF-8. A value that would publish nonsense is refused with ``ValueError`` where it is made.
Where the written standard and OpenActive's own tools differ, the tools are followed.
"""

from .amounts import is_amount, json_number
from .answers import (
    MEDIA_TYPE,
    Answer,
    b_answer,
    c1_answer,
    c2_answer,
    error_answer,
    order_data,
    order_status,
)
from .booking_requests import (
    BookingRequest,
    Cancellation,
    RequestedItem,
    Step,
    read_cancellation,
    read_request,
    read_uuid,
)
from .dataset import DatasetSite, dataset_data, dataset_page
from .documents import MAX_BYTES as MAX_REQUEST_BYTES
from .errors import ERRORS, BookingError, ErrorType
from .facilities import (
    FACILITY_TYPES,
    Address,
    FacilityType,
    FacilityUse,
    IndividualFacilityUse,
    Offer,
    OpeningHours,
    Place,
    Seller,
    Slot,
    Terms,
)
from .feeds import (
    CC_BY,
    PAGE_SIZE,
    FeedRow,
    facility_use_data,
    feed_page,
    next_page_url,
    read_after_change_number,
    slot_data,
)
from .feeds import MEDIA_TYPE as FEED_MEDIA_TYPE
from .ids import Ids, is_uuid
from .moments import read_duration, read_instant, write_duration, write_instant
from .orders import (
    AccessCode,
    BookingService,
    BrokerRole,
    ItemStatus,
    Lease,
    Order,
    OrderItem,
    Tax,
    sum_taxes,
)
from .rules import can_be_booked, can_be_cancelled, capacity_errors
