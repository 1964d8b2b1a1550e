"""Orders and quotes: who sells what to whom, what it costs, and how far it has come. Amounts are kronor.

Source: Open Booking API 1.0 and the data models 3.0.9 of OpenActive.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum

from .amounts import is_amount
from .errors import BookingError
from .facilities import Offer, Seller, Slot, Terms
from .ids import Ids, is_uuid
from .moments import in_utc


class BrokerRole(str, Enum):
    """Whose sale it is.

    * ``AGENT``: the seller sells to the customer, the marketplace mediates and takes a commission;
    * ``RESELLER``: the seller sells to the marketplace, which sells on;
    * ``NONE``: nobody stands between.
    """

    AGENT = "https://openactive.io/AgentBroker"
    RESELLER = "https://openactive.io/ResellerBroker"
    NONE = "https://openactive.io/NoBroker"


class ItemStatus(str, Enum):
    """How far an item of an order has come."""

    CONFIRMED = "https://openactive.io/OrderItemConfirmed"
    CUSTOMER_CANCELLED = "https://openactive.io/CustomerCancelled"
    SELLER_CANCELLED = "https://openactive.io/SellerCancelled"
    ATTENDED = "https://openactive.io/AttendeeAttended"
    ABSENT = "https://openactive.io/AttendeeAbsent"

    @property
    def is_cancelled(self) -> bool:
        return self in (ItemStatus.CUSTOMER_CANCELLED, ItemStatus.SELLER_CANCELLED)


@dataclass(frozen=True, slots=True)
class Tax:
    """VAT that an item's price includes.

    :ivar name: as ``Moms 6 %``
    :ivar rate: 0.06 for 6 %
    :ivar amount: kronor
    """

    name: str
    rate: Decimal
    amount: Decimal
    identifier: str = ""

    def __post_init__(self):
        if not is_amount(self.amount):
            raise ValueError(f"{self.amount} of {self.name} is not kronor and whole öre")
        if not Decimal(0) <= self.rate <= 1:
            raise ValueError(f"the rate {self.rate} of {self.name} is not between 0 and 1")


@dataclass(frozen=True, slots=True)
class AccessCode:
    """What lets a customer in: ``Bokningsnummer``, ``MP00042``."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Lease:
    """Places held for a quote.

    :ivar expires: aware
    """

    expires: datetime

    def __post_init__(self):
        in_utc(self.expires)


@dataclass(frozen=True, slots=True)
class BookingService:
    """The system that takes bookings."""

    name: str
    url: str = ""
    terms: tuple[Terms, ...] = ()
    software_version: str = ""  # told on the dataset site only


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One place in one slot.

    :ivar slot: or its id as the marketplace told it, when there is no such slot; None when it told none
    :ivar offer: likewise, as booked
    :ivar position: as the marketplace told it; the Orders feed and the status do not tell it
    :ivar id: by :meth:`.Ids.order_item`; empty in quotes
    :ivar status: None in quotes
    :ivar taxes: of the offer's price
    :ivar access_codes: told as soon as it is booked, and ever after
    :ivar cancellation_message: why the seller cancelled
    :ivar customer_notice: news for the customer, of what is not cancelled
    :ivar errors: why it cannot be booked
    """

    slot: Slot | str | None
    offer: Offer | str | None
    position: int = 0
    id: str = ""
    status: ItemStatus | None = None
    taxes: tuple[Tax, ...] = ()
    access_codes: tuple[AccessCode, ...] = ()
    cancellation_message: str = ""
    customer_notice: str = ""
    errors: tuple[BookingError, ...] = ()

    def __post_init__(self):
        wrong = [error.type for error in self.errors if not error.on_item]
        if wrong:
            raise ValueError(f"{wrong[0]} is not told of an item")

    @property
    def is_due(self) -> bool:
        """Whether it is to be paid: not when it cannot be booked, or has been cancelled."""
        return not self.errors and not (self.status and self.status.is_cancelled)

    @property
    def price(self) -> Decimal:
        """Kronor that are due for it."""
        return Decimal(self.offer.price) if self.is_due and isinstance(self.offer, Offer) else Decimal(0)


@dataclass(frozen=True, slots=True)
class Order:
    """An order, or a quote of one.

    What the marketplace sent of itself, the customer and the payment is told again as
    :class:`.BookingRequest` gives it.

    :ivar ids: the company's
    :ivar uuid: chosen by the marketplace; in lower case
    :ivar items: each with an id and a status once it is booked
    :ivar seller: needed for all but the Orders feed
    :ivar number: what the customer knows the order by; empty in quotes
    :ivar lease: of a quote
    """

    ids: Ids
    uuid: str
    items: tuple[OrderItem, ...]
    seller: Seller | None = None
    broker_role: BrokerRole = BrokerRole.AGENT
    broker: Mapping | None = field(default=None, hash=False)
    customer: Mapping | None = field(default=None, hash=False, repr=False)
    payment: Mapping | None = field(default=None, hash=False)
    booking_service: BookingService | None = None
    number: str = ""
    lease: Lease | None = None
    currency: str = "SEK"

    def __post_init__(self):
        if not is_uuid(self.uuid):
            raise ValueError(f"{self.uuid!r} is not a UUID")
        if not self.items:
            raise ValueError(f"the order {self.uuid} has no items")
        others = {item.offer.currency for item in self.items if isinstance(item.offer, Offer)}
        if others - {self.currency}:
            raise ValueError(
                f"the order {self.uuid} is in {self.currency} and in {', '.join(sorted(others))}"
            )

    @property
    def total_due(self) -> Decimal:
        """Kronor with VAT, of the items that are due."""
        return sum((item.price for item in self.items), Decimal(0))

    @property
    def total_taxes(self) -> tuple[Tax, ...]:
        """VAT per rate, of the items that are due; see :func:`sum_taxes`."""
        return sum_taxes(self.items)

    @property
    def has_errors(self) -> bool:
        return any(item.errors for item in self.items)


def sum_taxes(items: Iterable[OrderItem]) -> tuple[Tax, ...]:
    """Return the VAT of items, added up item by item, in the order in which they first have it.

    VAT that only items have that are not due (see :attr:`OrderItem.is_due`) is told as 0.
    """
    sums: dict[tuple[str, Decimal, str], Decimal] = {}
    for item in items:
        for tax in item.taxes:
            key = tax.name, tax.rate, tax.identifier
            sums[key] = sums.get(key, Decimal(0)) + (tax.amount if item.is_due else 0)
    return tuple(Tax(name, rate, amount, identifier) for (name, rate, identifier), amount in sums.items())
