"""What a marketplace asks of the Open Booking API: quotes (C1, C2), bookings (B) and cancellations.

A request is read at once and judged in steps, since the standard has an order in which faults are told:

1. :func:`read_request` refuses what is no request of its kind;
2. the caller looks up whether this very request has been answered before (``fingerprint``);
3. ``check_broker``, ``check_customer``, ``check_seller``, ``check_items``;
4. the caller looks at the seller and at each item, whose errors are told inside the answer;
5. ``check_payment``, ``check_total``.

Source: Open Booking API 1.0; OpenActive's test suite, which wants this order.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from .amounts import is_amount
from .documents import read_object, write_text
from .echoes import ORGANIZATION, PAYMENT, PERSON, NotAsDescribed, is_text, read_echo
from .errors import BookingError
from .ids import Ids, is_uuid
from .orders import BrokerRole, ItemStatus

MAX_ITEMS = 100
MAX_POSITION = 2**31 - 1

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_MAX_EMAIL = 254  # characters: RFC 5321
_CANCELLATION = {"@context", "@type", "orderedItem"}
_CANCELLED_ITEM = {"@context", "@type", "@id", "orderItemStatus"}


class Step(str, Enum):
    """The step of a booking that a request is: C1 asks without the customer, C2 with it, B books."""

    C1 = "C1"
    C2 = "C2"
    B = "B"

    @property
    def type(self) -> str:
        """The ``@type`` that the request has to be of."""
        return "Order" if self is Step.B else "OrderQuote"


@dataclass(frozen=True, slots=True)
class RequestedItem:
    """One place that is asked for.

    :ivar position: from 0, of one item only
    :ivar slot_id: as told, whatever it is; None when no text is
    :ivar offer_id: likewise
    :ivar error: ``IncompleteOrderItemError`` or ``InvalidOpportunityOrOfferIdError``, when the request itself
        shows it
    """

    position: int
    slot_id: str | None
    offer_id: str | None
    error: BookingError | None = None


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """A request for a quote or a booking. See the module for the order in which it is to be judged.

    What could not be read is None (``items``: empty) until the check of that part says why.

    :ivar broker: what is told again of the marketplace; None when nothing is told
    :ivar customer: likewise, None at C1
    :ivar payment: likewise, with its identifier
    :ivar total_due: kronor that the marketplace counts with, of B
    :ivar currency: of it; may be None when it is 0
    :ivar fingerprint: of all that counts in the request; equal for requests that ask for the same, however
        they are written. It is made from the customer's data too: it goes when these go.
    """

    step: Step
    broker_role: BrokerRole | None
    broker: Mapping | None
    customer: Mapping | None = field(repr=False)
    seller_id: str | None
    items: tuple[RequestedItem, ...]
    payment: Mapping | None
    total_due: Decimal | None
    currency: str | None
    fingerprint: str
    _problems: Mapping[str, BookingError] = field(repr=False, compare=False)

    def check_broker(self) -> None:
        """:raises BookingError: ``IncompleteBrokerDetailsError``"""
        self._check("broker")

    def check_customer(self) -> None:
        """:raises BookingError: ``IncompleteCustomerDetailsError``, at C2 and B, but of a reseller"""
        self._check("customer")

    def check_seller(self) -> None:
        """:raises BookingError: ``SellerNotFoundError``: none is told"""
        self._check("seller")

    def check_items(self) -> None:
        """Check what is asked for as a whole; what is wrong with one item is that item's ``error``.

        :raises BookingError: ``OpenBookingError``: there are none, too many, or not each has its own position
        """
        self._check("items")

    def check_payment(self, total_due: Decimal) -> None:
        """Check the payment against what there is to be paid; of a quote it only has to be readable.

        :param total_due: kronor, as we count
        :raises BookingError: ``MissingPaymentDetailsError``, ``IncompletePaymentDetailsError`` or
            ``UnnecessaryPaymentDetailsError``
        """
        is_told = self.payment is not None or "payment" in self._problems
        if self.step is Step.B and is_told and not total_due:
            raise BookingError("UnnecessaryPaymentDetailsError")
        if self.step is Step.B and not is_told and total_due:
            raise BookingError("MissingPaymentDetailsError")
        self._check("payment")
        if self.step is Step.B and total_due and not self.payment.get("identifier"):
            raise BookingError("IncompletePaymentDetailsError", "payment.identifier is missing.")

    def check_total(self, total_due: Decimal, currency: str | None = "SEK") -> None:
        """Check that the marketplace counts with what we count with, at B.

        :param total_due: kronor, as we count
        :param currency: None takes any, as is needed under OpenActive's test suite, which always tells GBP
        :raises BookingError: ``TotalPaymentDueMismatchError``
        """
        if self.step is not Step.B:
            return
        self._check("total")
        is_other = bool(total_due and currency) and self.currency != currency
        if self.total_due != total_due or is_other:
            told = f"{self.total_due:.2f} {self.currency or ''}".rstrip()
            ours = f"{total_due:.2f} {currency or self.currency}"
            raise BookingError("TotalPaymentDueMismatchError", f"totalPaymentDue is {told}, expected {ours}.")

    def _check(self, part: str) -> None:
        if part in self._problems:
            raise self._problems[part]


# -- reading ------------------------------------------------------------------------------------------------


def read_uuid(text: str) -> str:
    """Return the UUID that an order or quote has in the request's path, in lower case.

    :raises BookingError: ``OpenBookingError``: it is none
    """
    if not is_uuid(text):
        raise BookingError("OpenBookingError", "The id of the order is not a UUID.")
    return text.lower()


def read_request(body: bytes, step: Step) -> BookingRequest:
    """Return a request for a quote or a booking.

    :param body: as it came
    :raises BookingError: ``OpenBookingError``: it is no JSON object; ``UnexpectedOrderTypeError``: it is of
        another ``@type``
    """
    sent = read_object(body)
    _check_type(sent, step.type)
    reader = _Reader(sent, step)
    role, broker = reader.part("broker", reader.broker) or (None, None)
    total, currency = reader.part("total", reader.total) or (None, None)
    read = {
        "broker_role": role,
        "broker": broker,
        "customer": reader.part("customer", lambda: reader.customer(role)),
        "seller_id": reader.part("seller", reader.seller),
        "items": reader.part("items", reader.items) or (),
        "payment": reader.part("payment", reader.payment),
        "total_due": total,
        "currency": currency,
    }
    return BookingRequest(
        step=step, **read, fingerprint=_fingerprint(step, read, reader.problems), _problems=reader.problems
    )


def _check_type(sent: dict, type_: str) -> None:
    if sent.get("@type") != type_:
        raise BookingError("UnexpectedOrderTypeError", f"The request is not of @type {type_}.")


def _fingerprint(step: Step, read: Mapping, problems: Mapping) -> str:
    items = sorted((item.position, item.slot_id or "", item.offer_id or "") for item in read["items"])
    total = None if read["total_due"] is None else f"{read['total_due']:.2f}"
    parts = {**read, "items": items, "total_due": total, "@type": step.type, "problems": sorted(problems)}
    return hashlib.sha256(write_text(_in_order(parts)).encode()).hexdigest()


def _in_order(value: object) -> object:
    """Return a value with the properties of every object sorted."""
    if isinstance(value, dict):
        return {name: _in_order(value[name]) for name in sorted(value)}
    return value


class _Reader:
    """Reads the parts of a request, each by itself."""

    def __init__(self, sent: dict, step: Step):
        self._sent = sent
        self._step = step
        self.problems: dict[str, BookingError] = {}

    def part(self, name: str, read):
        """Return what is read; None, and a problem by this name, when it cannot be."""
        try:
            return read()
        except BookingError as error:
            self.problems[name] = error
            return None

    def broker(self) -> tuple[BrokerRole, dict | None]:
        type_ = "IncompleteBrokerDetailsError"
        try:
            role = BrokerRole(self._sent.get("brokerRole"))
        except ValueError:
            raise BookingError(type_, "brokerRole is missing or not known.") from None
        sent = self._sent.get("broker")
        if role is BrokerRole.NONE:
            if sent is not None:
                raise BookingError(type_, "There is a broker, though brokerRole says that there is none.")
            return role, None
        if sent is None:
            raise BookingError(type_, "broker is missing.")
        broker = self._echo("broker", ORGANIZATION, type_)
        if "name" not in broker:
            raise BookingError(type_, "broker.name is missing.")
        return role, broker

    def customer(self, role: BrokerRole | None) -> dict | None:
        type_ = "IncompleteCustomerDetailsError"
        if self._step is Step.C1:
            return None
        if self._sent.get("customer") is None:
            if role is BrokerRole.RESELLER:
                return None
            raise BookingError(type_, "customer is missing.")
        customer = self._echo("customer", PERSON | ORGANIZATION, type_)
        email = customer.get("email")
        if email is None and role is not BrokerRole.RESELLER:
            raise BookingError(type_, "customer.email is missing.")
        if email is not None and (len(email) > _MAX_EMAIL or not _EMAIL.fullmatch(email)):
            raise BookingError(type_, "customer.email is not an e-mail address.")
        return customer

    def seller(self) -> str:
        id_, _error = _read_id(self._sent.get("seller"), "seller")
        if id_ is None:
            raise BookingError("SellerNotFoundError", "seller is missing or has no @id.")
        return id_

    def items(self) -> tuple[RequestedItem, ...]:
        sent = self._sent.get("orderedItem")
        if not isinstance(sent, list) or not sent:
            raise BookingError("OpenBookingError", "orderedItem is missing or not a list of order items.")
        if len(sent) > MAX_ITEMS:
            raise BookingError("OpenBookingError", f"There are more than {MAX_ITEMS} order items.")
        items = tuple(_read_item(item, f"orderedItem[{number}]") for number, item in enumerate(sent))
        if len({item.position for item in items}) < len(items):
            raise BookingError("OpenBookingError", "Two order items have the same position.")
        return items

    def payment(self) -> dict | None:
        if self._sent.get("payment") is None:
            return None
        return self._echo("payment", PAYMENT, "IncompletePaymentDetailsError")

    def total(self) -> tuple[Decimal, str | None] | None:
        if self._step is not Step.B:
            return None
        sent = self._sent.get("totalPaymentDue")
        type_ = "TotalPaymentDueMismatchError"
        if not isinstance(sent, dict) or not is_amount(sent.get("price")):
            raise BookingError(
                type_, "totalPaymentDue.price is missing, or no number with two decimals at most."
            )
        price, currency = Decimal(sent["price"]), sent.get("priceCurrency")
        if not is_text(currency, 3) and (price or currency is not None):
            raise BookingError(type_, "totalPaymentDue.priceCurrency is missing.")
        return price, currency

    def _echo(self, name: str, kinds: Mapping, type_: str) -> dict:
        try:
            return read_echo(self._sent[name], kinds, name)
        except NotAsDescribed as error:
            raise BookingError(type_, str(error)) from None


def _read_item(sent: object, where: str) -> RequestedItem:
    if not isinstance(sent, dict):
        raise BookingError("OpenBookingError", f"{where} is not an object.")
    position = sent.get("position")
    is_number = isinstance(position, int) and not isinstance(position, bool)
    if not is_number or not 0 <= position <= MAX_POSITION:
        raise BookingError("OpenBookingError", f"{where}.position is not a whole number from 0.")
    slot_id, slot_error = _read_id(sent.get("orderedItem"), "orderedItem")
    offer_id, offer_error = _read_id(sent.get("acceptedOffer"), "acceptedOffer")
    return RequestedItem(position, slot_id, offer_id, slot_error or offer_error)


def _read_id(sent: object, name: str) -> tuple[str | None, BookingError | None]:
    """Return an id that is told as a text, or as the ``@id`` of an object; and what is wrong with it."""
    id_ = sent.get("@id") if isinstance(sent, dict) else sent
    if id_ is None or id_ == "":
        return None, BookingError("IncompleteOrderItemError", f"{name} is missing.")
    if not is_text(id_):
        return None, BookingError(
            "InvalidOpportunityOrOfferIdError", f"{name} is not the address of anything."
        )
    return id_, None


# -- cancellations ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What a customer cancels.

    :ivar item_ids: each once, in the order in which they were told
    :ivar numbers: those of the items, as in :meth:`.Ids.order_item`
    """

    item_ids: tuple[str, ...]
    numbers: tuple[int, ...]


def read_cancellation(body: bytes, ids: Ids, uuid: str) -> Cancellation:
    """Return what is cancelled in an order.

    What needs to be looked up is left to the caller: first that each item exists
    (``OrderItemIdInvalidError``), then the order (``UnknownOrderError``), then whether it may be cancelled.

    :param uuid: of the order that the request is about, in lower case
    :raises BookingError: ``OpenBookingError``, ``UnexpectedOrderTypeError``, and, whichever comes first,
        ``PatchContainsExcessivePropertiesError``, ``PatchNotAllowedOnPropertyError``,
        ``OrderItemIdInvalidError``, ``OrderItemNotWithinOrderError``
    """
    sent = read_object(body)
    _check_type(sent, "Order")
    items = sent.get("orderedItem")
    if items is None:
        items = []
    if not isinstance(items, list):
        raise BookingError("OpenBookingError", "orderedItem is not a list of order items.")
    if len(items) > MAX_ITEMS:
        raise BookingError("OpenBookingError", f"There are more than {MAX_ITEMS} order items.")
    if not all(isinstance(item, dict) for item in items):
        raise BookingError("OpenBookingError", "An order item is not an object.")
    _check_properties(sent, _CANCELLATION)
    for item in items:
        _check_properties(item, _CANCELLED_ITEM)
    if not items:
        raise BookingError("OpenBookingError", "orderedItem is missing or empty.")
    for item in items:
        if item.get("orderItemStatus") != ItemStatus.CUSTOMER_CANCELLED.value:
            description = f"orderItemStatus can only become {ItemStatus.CUSTOMER_CANCELLED.value}."
            raise BookingError("PatchNotAllowedOnPropertyError", description)
    read = []
    for item in items:
        id_ = item.get("@id")
        found = ids.read_order_item(id_) if is_text(id_) else None
        if not found:
            raise BookingError("OrderItemIdInvalidError", "The @id of an order item is missing or not valid.")
        read.append(found)
    if any(order != uuid for order, _number in read):
        raise BookingError("OrderItemNotWithinOrderError")
    numbers = tuple(dict.fromkeys(number for _order, number in read))
    return Cancellation(tuple(ids.order_item(uuid, number) for number in numbers), numbers)


def _check_properties(sent: dict, allowed: set[str]) -> None:
    """Refuse other properties; those with a prefix, which are extensions, do not count."""
    more = sorted(name for name in sent if name not in allowed and ":" not in name)
    if more:
        name = more[0] if more[0].isascii() and more[0].isidentifier() else "A property"
        raise BookingError("PatchContainsExcessivePropertiesError", f"{name[:100]} cannot be changed.")
