"""What a booking system answers (Open Booking API 1.0): whether it is as it should be, and what it says."""

from .calls import Reply
from .dataset import is_absolute
from .money import ore_of
from .opportunities import check_values
from .order_form import check_form

OPENACTIVE = "https://openactive.io/"
_MEDIA = ("application/vnd.openactive.booking+json", ["version=1"])

# type of an error: the status it comes with.
STATUS_OF = {
    "IncompleteCustomerDetailsError": 400, "IncompleteBrokerDetailsError": 400,
    "MissingPaymentDetailsError": 400, "UnnecessaryPaymentDetailsError": 400,
    "IncompletePaymentDetailsError": 400, "InvalidPaymentDetailsError": 400,
    "TotalPaymentDueMismatchError": 400, "CancellationNotPermittedError": 400,
    "PatchContainsExcessivePropertiesError": 400, "PatchNotAllowedOnPropertyError": 400,
    "UnauthenticatedError": 403, "NoAPITokenError": 403, "InvalidAPITokenError": 401,
    "InvalidAuthorizationDetailsError": 401, "UnknownOrderError": 404,
    "UnknownOrIncorrectEndpointError": 404, "NotFoundError": 404, "MethodNotAllowedError": 405,
    "UnableToProcessOrderItemError": 409, "GoneError": 410, "TooManyRequestsError": 429,
    "OrderAlreadyExistsError": 500, "UnexpectedOrderTypeError": 500, "SellerNotFoundError": 500,
    "SellerMismatchError": 500, "OrderCreationFailedError": 500, "OrderItemIdInvalidError": 500,
    "OrderItemNotWithinOrderError": 500, "InternalApplicationError": 500,
    "TemporarilyUnableToProduceOrderQuoteError": 503, "TemporarilyUnableToCreateOrderError": 503,
    "TemporarilyUnableToUpdateOrderError": 503, "TemporarilyUnableToDeleteOrderError": 503,
}  # fmt: skip
# Refusals that are final though their status is 5xx: asking again gives the same.
_FINAL = frozenset(
    {
        "OrderAlreadyExistsError", "UnexpectedOrderTypeError", "SellerNotFoundError", "SellerMismatchError",
        "OrderItemIdInvalidError", "OrderItemNotWithinOrderError",
    }
)  # fmt: skip
# These say that nothing was done.
_NOT_DONE = frozenset(
    {
        "OrderCreationFailedError", "TemporarilyUnableToProduceOrderQuoteError",
        "TemporarilyUnableToCreateOrderError", "TemporarilyUnableToUpdateOrderError",
        "TemporarilyUnableToDeleteOrderError", "TooManyRequestsError",
    }
)  # fmt: skip
NOT_UNDERSTOOD = "Anläggningens bokningssystem svarade obegripligt."
_LATER = "Anläggningen kan inte ta emot bokningen just nu. Försök igen om en stund."
# What a visitor is told; of others what the booking system says.
_TEXT = {
    "OpportunityIsFullError": "Tiden hann bokas av någon annan.",
    "OpportunityHasInsufficientCapacityError": "Det finns inte så många platser kvar på tiden.",
    "OpportunityCapacityIsReservedByLeaseError": "Någon annan håller på att boka tiden.",
    "OpportunityOfferPairNotBookableError": "Tiden går inte längre att boka.",
    "OpportunityIsInConflictError": "Tiden går inte att boka tillsammans med en annan av tiderna.",
    "UnknownOpportunityError": "Tiden finns inte längre.",
    "UnknownOfferError": "Priset gäller inte längre.",
    "UnacceptableOfferError": "Priset gäller inte längre.",
    "TotalPaymentDueMismatchError": "Priset har ändrats. Kontrollera summan och betala igen.",
    "IncompleteCustomerDetailsError": "Anläggningen behöver fler uppgifter om dig.",
    **dict.fromkeys(_NOT_DONE, _LATER),
    "InvalidAPITokenError": "Marknadsplatsen får inte boka hos anläggningen just nu.",
}


def error_of(reply: Reply) -> tuple:
    """(type, description) of an error, both empty when it is none that can be read."""
    try:
        told = reply.json()
    except ValueError:
        return "", ""
    if not isinstance(told, dict) or not isinstance(told.get("@type"), str):
        return "", ""
    kind = told["@type"]
    return (kind, str(told.get("description", ""))) if kind.endswith("Error") else ("", "")


def is_final(reply: Reply) -> bool:
    """Whether it is a refusal that asking again, with the same uuid, does not change."""
    return error_of(reply)[0] in _FINAL


def is_refusal(reply: Reply) -> bool:
    """Whether it says that nothing was done, though it may be another time."""
    return reply.status == 429 or error_of(reply)[0] in _NOT_DONE


def is_definite(reply: Reply) -> bool:
    """Whether the call need not be made again to know what has become of it."""
    if reply.status >= 500:
        return is_final(reply)
    return reply.status != 429


def total_of(told: dict) -> int | None:
    """The öre of totalPaymentDue, None when there is none."""
    due = told.get("totalPaymentDue")
    try:
        return ore_of(due.get("price")) if isinstance(due, dict) else None
    except ValueError:
        return None


def access_codes(item: dict) -> list:
    """[[name, code]] of an order's item."""
    codes = item.get("accessCode")
    return [
        [str(code.get("name", "")), str(code.get("description", ""))]
        for code in (codes if isinstance(codes, list) else [])
        if isinstance(code, dict)
    ]


def text_of_error(kind: str, description: str) -> str:
    """What a visitor is told of an error."""
    return _TEXT.get(kind) or description or f"Anläggningen kunde inte ta emot bokningen ({kind})."


class Answered:
    """The answer to a quote, a booking or a cancellation.

    :ivar value: the answer's object, empty when there is none
    :ivar is_order: whether it is an order or a quote, which may have errors in its items
    :ivar error: what the visitor is told when all of it was refused
    """

    def __init__(self, reply: Reply, kind: str, right: int, report, sent: dict | None = None):
        """
        :param kind: type of the answer, empty when it is to have no body; right: its status
        :param sent: what was asked, if the answer is to have it
        """
        self.reply, self.report, self._sent = reply, report, sent
        self.value, self.error, self.is_order = {}, "", False
        if not kind and reply.status == right:
            if reply.body:
                report("booking_answer", "a body")
            return
        if reply.media_type != _MEDIA:
            report("booking_answer", f"Content-Type {reply.header('Content-Type')}")
        try:
            told = reply.json()
        except ValueError:
            told = None
        if not isinstance(told, dict):
            self._no_object(right)
            return
        self.value = told
        self.is_order = bool(kind) and told.get("@type") == kind
        if self.is_order:
            self._check_order(right)
        else:
            self._take_error()

    def _no_object(self, right: int) -> None:
        self.report("booking_answer" if self.reply.status == right else "error_form", self.reply.body[:100])
        self.error = NOT_UNDERSTOOD

    def _take_error(self) -> None:
        kind, description = error_of(self.reply)
        if not kind:
            self.report("error_form", f"{self.reply.status} {self.value.get('@type')!s}")
        elif STATUS_OF.get(kind, self.reply.status) != self.reply.status:
            self.report("booking_status", f"{self.reply.status} with {kind}")
        self.error = text_of_error(kind, description)

    # -- orders and quotes --------------------------------------------------------------------------------

    @property
    def total(self) -> int | None:
        return total_of(self.value)

    @property
    def tax(self) -> int:
        return _sum_of(self.value.get("totalPaymentTax"))

    @property
    def terms(self) -> list:
        """[[name, URL]] of the seller's terms."""
        seller = self.value.get("seller")
        terms = seller.get("termsOfService") if isinstance(seller, dict) else None
        return [
            [str(term.get("name", "")), term["url"]]
            for term in (terms if isinstance(terms, list) else [])
            if isinstance(term, dict) and is_absolute(term.get("url"))
        ]

    def items(self, count: int) -> list:
        """The items in the order that was sent, by their positions; an empty one for what is missing."""
        told = self.value.get("orderedItem")
        told = [item for item in told if isinstance(item, dict)] if isinstance(told, list) else []
        by_position = {item.get("position"): item for item in told}
        if any(number not in by_position for number in range(count)) or len(told) != count:
            self.report("booking_answer", f"positions {list(by_position)}")
        return [by_position.get(number, {}) for number in range(count)]

    def line_errors(self, count: int) -> list:
        """What is wrong with each of the items, empty where nothing is."""
        if not self.is_order:
            return [""] * count
        found = []
        for item in self.items(count):
            errors = item.get("error")
            told = [e for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []
            texts = [text_of_error(str(e.get("@type", "")), str(e.get("description", ""))) for e in told]
            found.append(" ".join(dict.fromkeys(texts)))
        if (self.reply.status == 409) != any(found):
            self.report("booking_status", f"{self.reply.status} with {sum(map(bool, found))} item errors")
        return found

    def prices(self) -> dict:
        """{position: öre} of the offers, as they are at the moment."""
        found = {}
        for item in self.value.get("orderedItem") or ():
            offer = item.get("acceptedOffer") if isinstance(item, dict) else None
            if isinstance(offer, dict) and isinstance(item.get("position"), int):
                try:
                    found[item["position"]] = ore_of(offer.get("price"))
                except ValueError:
                    self.report("price", offer.get("price"))
        return found

    def _check_order(self, right: int) -> None:
        status, value = self.reply.status, self.value
        check_values(value, self.report)
        if status not in (right, 409):
            self.report("booking_status", f"{status} with {value['@type']}")
        if self._sent:
            check_form(value, self._sent, status < 300, lambda text: self.report("booking_answer", text))
        if status < 300 and not value.get("taxCalculationExcluded"):
            lines = [item for item in value.get("orderedItem") or () if isinstance(item, dict)]
            parts = sum(_sum_of(item.get("unitTaxSpecification")) for item in lines)
            if parts != self.tax:
                self.report("tax", f"{parts} and {self.tax} öre")
        if status < 300 and self.total is None:
            self.report("booking_answer", f"totalPaymentDue {value.get('totalPaymentDue')}")


def _sum_of(charges) -> int:
    """The öre of a list of tax charges."""
    total = 0
    for charge in charges if isinstance(charges, list) else []:
        try:
            total += ore_of(charge.get("price")) if isinstance(charge, dict) else 0
        except ValueError:
            continue
    return total
