"""What is published: facilities, their slots and what these cost. Texts are plain, without HTML.

Source: Modelling Opportunity Data 2.0 and the data models 3.0.9 of OpenActive.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from .amounts import is_amount
from .moments import in_utc

FACILITY_TYPES = "https://openactive.io/facility-types"  # the scheme of the published list

_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address, none of which may be empty.

    :ivar region: in Sweden the county (län), which addresses do not have but the standard wants
    :ivar country: two letters, as ``SE``
    """

    street: str
    locality: str
    region: str
    postal_code: str
    country: str = "SE"

    def __post_init__(self):
        _require(self, "street", "locality", "region", "postal_code", "country")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a facility is.

    :ivar latitude: degrees, with :attr:`longitude`; None when not known
    """

    name: str
    address: Address
    id: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    url: str = ""
    telephone: str = ""
    description: str = ""

    def __post_init__(self):
        _require(self, "name")


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms that a customer has to know of.

    :ivar kind: ``PrivacyPolicy``, ``TermsOfUse`` or ``Terms``
    :ivar requires_explicit_consent: whether the marketplace has to ask for it
    """

    kind: str
    name: str
    url: str
    requires_explicit_consent: bool = False

    def __post_init__(self):
        if self.kind not in ("PrivacyPolicy", "TermsOfUse", "Terms"):
            raise ValueError(f"{self.kind!r} is no kind of terms")
        _require(self, "name", "url")


@dataclass(frozen=True, slots=True)
class Seller:
    """The company that sells. Its prices include VAT (``TaxGross``).

    :ivar vat_id: as ``SE556000000001``
    :ivar same_as: the company's addresses on social media
    :ivar is_open_booking_allowed: whether marketplaces may sell; told in the feed of facilities
    """

    id: str
    name: str
    legal_name: str
    address: Address
    email: str = ""
    url: str = ""
    telephone: str = ""
    vat_id: str = ""
    logo_url: str = ""
    same_as: tuple[str, ...] = ()
    terms: tuple[Terms, ...] = ()
    is_open_booking_allowed: bool = True

    def __post_init__(self):
        _require(self, "id", "name", "legal_name")


@dataclass(frozen=True, slots=True)
class FacilityType:
    """A type of facility, of the published list unless another scheme is named.

    :ivar id: absolute
    :ivar label: as the scheme has it; ``Padel Tennis Court``
    """

    id: str
    label: str
    scheme: str = FACILITY_TYPES


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Local times between which a facility is open on some days.

    :ivar days: 0 is Monday
    """

    days: tuple[int, ...]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Offer:
    """What a slot can be booked for.

    :ivar price: kronor with VAT
    :ivar valid_from_before_start: how long before the start booking begins; None: at once
    :ivar valid_through_before_start: how long before the start booking ends; None: when the slot ends
    :ivar is_cancellation_allowed: whether a customer who cancels gets all of it back; None: not told
    :ivar latest_cancellation_before_start: how long before the start one can cancel; None: until it starts
    :ivar is_advance_booking_unavailable: whether it cannot be booked, only bought on the spot
    """

    id: str
    name: str
    price: Decimal
    currency: str = "SEK"
    valid_from_before_start: timedelta | None = None
    valid_through_before_start: timedelta | None = None
    is_cancellation_allowed: bool | None = None
    latest_cancellation_before_start: timedelta | None = None
    is_advance_booking_unavailable: bool = False

    def __post_init__(self):
        if not is_amount(self.price):
            raise ValueError(f"the price {self.price} of {self.id} is not kronor and whole öre")
        if not _CURRENCY.fullmatch(self.currency):
            raise ValueError(f"{self.currency!r} is not a currency's code, as SEK")


@dataclass(frozen=True, slots=True)
class IndividualFacilityUse:
    """One named court, room or lane of a facility."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class FacilityUse:
    """A facility that can be booked.

    Either its slots are of the facility, for any of what is alike in it, or each is of one of
    ``individual_facility_uses``; never both, since who reads the feed would lose the former.

    :ivar url: of the page where one can book it oneself
    :ivar identifier: the number that it has here; None when it is not told
    """

    id: str
    name: str
    url: str
    provider: Seller
    location: Place
    facility_types: tuple[FacilityType, ...]
    description: str = ""
    image_urls: tuple[str, ...] = ()
    identifier: int | str | None = None
    individual_facility_uses: tuple[IndividualFacilityUse, ...] = ()
    opening_hours: tuple[OpeningHours, ...] = ()
    offers: tuple[Offer, ...] = ()

    kind = "FacilityUse"  # of its items in a feed

    def __post_init__(self):
        _require(self, "id", "name", "url", "facility_types")


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that can be booked.

    :ivar facility_use: what it is a time of, or what :attr:`individual_facility_use` is a part of
    :ivar start: aware; becomes UTC
    :ivar end: likewise, after the start
    :ivar remaining: places left, from 0; in answers of the Open Booking API those that the asker's own lease
        holds are among them
    :ivar maximum: places that there are; None when it is not told; 1 of an individual facility use
    :ivar offers: at least one in a feed
    """

    id: str
    facility_use: FacilityUse
    start: datetime
    end: datetime
    remaining: int
    maximum: int | None = None
    offers: tuple[Offer, ...] = ()
    individual_facility_use: IndividualFacilityUse | None = None
    identifier: int | str | None = None

    def __post_init__(self):
        # Between local times of one zone Python counts by the clock on the wall, which is set twice a year.
        object.__setattr__(self, "start", in_utc(self.start))
        object.__setattr__(self, "end", in_utc(self.end))
        if self.end <= self.start:
            raise ValueError(f"{self.id} ends before it starts")
        if self.remaining < 0 or (self.maximum is not None and self.remaining > self.maximum):
            raise ValueError(f"{self.id} has {self.remaining} places left of {self.maximum}")

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    @property
    def kind(self) -> str:
        """The kind of its items in a feed."""
        return f"{'IndividualFacilityUse' if self.individual_facility_use else 'FacilityUse'}/Slot"


def _require(value: object, *names: str) -> None:
    empty = [name for name in names if not getattr(value, name)]
    if empty:
        raise ValueError(f"{type(value).__name__} has no {' and no '.join(empty)}: {value}")
