"""A company that uses 24SevenOffice, and what it has there."""

import uuid
from dataclasses import dataclass, field

FIRST_CUSTOMER, FIRST_CATEGORY, FIRST_PRODUCT, FIRST_ORDER, FIRST_INVOICE = 1042, 12, 311, 5501, 20007


@dataclass
class Office:
    """Customers, products and so on are kept as the description has them, by their ids."""

    id: int
    name: str
    organization_number: str = ""
    identity: str = ""  # the user's, a guid
    blocked: bool = False  # the user's identity is
    accounting: bool = True  # whether the user may see the accounting
    customers: dict = field(default_factory=dict)
    categories: dict = field(default_factory=dict)
    products: dict = field(default_factory=dict)
    orders: dict = field(default_factory=dict)
    deleted: list = field(default_factory=list)  # numbers of orders
    last: dict = field(default_factory=dict)  # the last number given of a kind

    def __post_init__(self):
        self.identity = self.identity or str(uuid.uuid5(uuid.NAMESPACE_URL, f"24seven/{self.id}"))
        if not self.categories:
            self.categories = {1: {"Id": 1, "Name": "Diverse"}}

    def number(self, kind: str, first: int) -> int:
        """The next number of a kind."""
        self.last[kind] = self.last.get(kind, first - 1) + 1
        return self.last[kind]

    def invoice(self, number: int) -> dict | None:
        """The order that became an invoice with this number."""
        return next((order for order in self.orders.values() if order.get("InvoiceId") == number), None)

    def to_json(self) -> dict:
        listed = {name: list(getattr(self, name).values()) for name in _BY_ID}
        return {**self.__dict__, **listed}

    @classmethod
    def from_json(cls, told: dict) -> "Office":
        kept = {name: {each[key]: each for each in told[name]} for name, key in _BY_ID.items()}
        return cls(**{**told, **kept})


_BY_ID = {"customers": "Id", "categories": "Id", "products": "Id", "orders": "OrderId"}
