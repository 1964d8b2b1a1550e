"""The addresses that stand for things: every ``@id`` and endpoint of one company, made and read here.

They are permanent: a marketplace keeps them for ever, so what they are based on has to stay as well.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import quote

_KEY = re.compile(r"[A-Za-z0-9._~-]{1,100}", re.ASCII)
_NUMBER = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def is_uuid(text: object) -> bool:
    """Return whether something is a UUID as RFC 4122 writes it, in either case."""
    return isinstance(text, str) and bool(_UUID.fullmatch(text.lower()))


@dataclass(frozen=True, slots=True)
class Ids:
    """The addresses of one company.

    Keys are texts of letters, digits and ``. _ ~ -``, or whole numbers.

    :ivar base: absolute, without a slash at the end, as ``https://boka.example.se/openactive/1``; it is the
        dataset site's own address
    """

    base: str
    _slots: str = field(init=False, repr=False, compare=False)
    _orders: str = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        if not self.base.startswith(("https://", "http://")) or self.base.endswith("/"):
            raise ValueError(f"{self.base!r} is not an absolute address without a slash at the end")
        object.__setattr__(self, "_slots", f"{self.base}/slots/")
        object.__setattr__(self, "_orders", f"{self.base}/api/orders/")

    # -- what is published ----------------------------------------------------------------------------------

    @property
    def facility_uses_feed(self) -> str:
        return f"{self.base}/feeds/facility-uses"

    @property
    def slots_feed(self) -> str:
        return f"{self.base}/feeds/slots"

    def seller(self, company: int | str) -> str:
        return f"{self.base}/sellers/{_key(company)}"

    def place(self, place: int | str) -> str:
        return f"{self.base}/places/{_key(place)}"

    def facility_use(self, key: int | str) -> str:
        return f"{self.base}/facility-uses/{_key(key)}"

    def individual_facility_use(self, key: int | str, resource: int | str) -> str:
        return f"{self.facility_use(key)}/individual-facility-uses/{_key(resource)}"

    def slot(self, slot: int | str) -> str:
        return f"{self._slots}{_key(slot)}"

    def offer(self, slot: int | str, number: int | str) -> str:
        return f"{self._slots}{_key(slot)}#/offers/{_key(number)}"

    # -- the Open Booking API -------------------------------------------------------------------------------

    @property
    def api(self) -> str:
        """The Base URI of the Open Booking API, without a slash at the end."""
        return f"{self.base}/api"

    @property
    def orders_feed(self) -> str:
        return f"{self.base}/api/orders-rpde"

    def quote(self, uuid: str) -> str:
        """Return the id of an OrderQuote, of C1 as of C2."""
        return f"{self.base}/api/order-quotes/{uuid}"

    def order(self, uuid: str) -> str:
        return f"{self._orders}{uuid}"

    def order_item(self, uuid: str, number: int) -> str:
        return f"{self._orders}{uuid}#/orderedItem/{number:d}"

    # -- read again -----------------------------------------------------------------------------------------

    def read_slot(self, id_: str) -> str | None:
        """Return the key of a slot; None when the address is none that slots of this company have."""
        key = id_.removeprefix(self._slots)
        return key if key != id_ and _KEY.fullmatch(key) else None

    def read_offer(self, id_: str) -> tuple[str, str] | None:
        """Return the keys of a slot and of its offer; None when offers of this company look otherwise."""
        slot_id, fragment, number = id_.partition("#/offers/")
        slot = self.read_slot(slot_id)
        return (slot, number) if slot and fragment and _KEY.fullmatch(number) else None

    def read_order_item(self, id_: str) -> tuple[str, int] | None:
        """Return the order's UUID and the item's number; None when items of this company look otherwise."""
        rest = id_.removeprefix(self._orders)
        uuid, fragment, number = rest.partition("#/orderedItem/")
        if rest == id_ or not fragment or not is_uuid(uuid) or not _NUMBER.fullmatch(number):
            return None
        return uuid.lower(), int(number)


def _key(key: int | str) -> str:
    if isinstance(key, int):
        return f"{key:d}"
    if not _KEY.fullmatch(key):
        raise ValueError(f"{quote(key)!r} cannot be a part of an address")
    return key
