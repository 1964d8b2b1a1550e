"""What visitors buy. Amounts are int öre, moments texts in UTC."""

import threading
from dataclasses import asdict, dataclass, field, fields

# A purchase is a basket until it is paid for. "unclear": the booking system has not said whether it booked.
STATES = ("basket", "unclear", "booked", "refused", "dropped")
# Of a line.
BOOKED, BY_CUSTOMER, BY_SELLER, DELETED = "booked", "by_customer", "by_seller", "deleted"


@dataclass
class Line:
    """A place at a time. `status` is empty until it is booked; `item` is the @id of the order's item."""

    slot: str
    offer: str
    name: str
    place: str
    address: str
    start: str
    end: str
    price: int
    refundable: bool
    cancel_until: str
    item: str = ""
    status: str = ""
    message: str = ""
    refunded: bool = False
    access: list = field(default_factory=list)  # [[name, code]]
    error: str = ""


@dataclass
class Purchase:
    """An order, by the uuid that the marketplace has chosen.

    :ivar payment: the payment's identifier, once a booking was tried with it
    :ivar total: what the booking system asks for
    :ivar tax: how much of that is VAT
    :ivar due: what it asks for now, after cancellations
    :ivar charged: what the customer's card was charged with, and refunded what was given back
    """

    uuid: str
    system: int
    seller: str
    seller_name: str
    at: str
    lines: list
    state: str = "basket"
    customer: dict = field(default_factory=dict)
    payment: str = ""
    order_number: str = ""
    total: int | None = None
    tax: int = 0
    due: int = 0
    charged: int = 0
    refunded: int = 0
    deleted: bool = False
    terms: list = field(default_factory=list)  # [[name, URL]] of the seller
    unquoted: bool = False  # it is booked without having asked for the price
    missed: bool = False  # the Orders feed told of it before it was known to be booked
    error: str = ""  # what the visitor is told; of an unclear booking why it is
    sent: dict | None = None  # the body of B, which is repeated until it is known what became of it
    # One booking at a time: who presses twice waits for the first.
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    @property
    def price(self) -> int:
        return sum(line.price for line in self.lines)

    @property
    def left(self) -> int:
        """What the customer has paid and not got back."""
        return self.charged - self.refunded

    def line_of(self, item: str) -> Line | None:
        return next((line for line in self.lines if line.item == item), None)

    def look(self) -> dict:
        """As `GET /state` tells it."""
        told = self.to_json()
        del told["sent"]
        return told

    def to_json(self) -> dict:
        told = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "lock"}
        return {**told, "lines": [asdict(line) for line in self.lines]}

    @classmethod
    def from_json(cls, told: dict) -> "Purchase":
        return cls(**{**told, "lines": [Line(**line) for line in told["lines"]]})
