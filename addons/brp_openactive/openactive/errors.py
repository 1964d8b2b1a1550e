"""The errors of the Open Booking API: which there are, their status, and what a customer may read of them.

Source: Open Booking API 1.0, Error Model, and the data models 3.0.9 of OpenActive, whose status counts.
"""

from typing import NamedTuple

LANGUAGES = ("en", "sv")


class ErrorType(NamedTuple):
    """What is known of one type of error.

    :ivar status: of HTTP
    :ivar on_item: whether it is told of one item inside an answer, rather than as an answer of its own
    :ivar english: what is said about it, so that a customer can read it
    :ivar swedish: likewise
    """

    status: int
    on_item: bool
    english: str
    swedish: str


def _answer(status: int, english: str, swedish: str) -> ErrorType:
    return ErrorType(status, False, english, swedish)


def _item(english: str, swedish: str) -> ErrorType:
    return ErrorType(409, True, english, swedish)


#: ``@type`` -> what is known of it
ERRORS = {
    # What cannot be read as a request at all: the standard has no type of its own for that
    "OpenBookingError": _answer(
        400, "The request cannot be understood.", "Det går inte att förstå förfrågan."
    ),
    "UnexpectedOrderTypeError": _answer(
        500,
        "The request is about something else than this address takes.",
        "Förfrågan gäller något annat än vad den här adressen tar emot.",
    ),
    # Who asks
    "UnauthenticatedError": _answer(
        403, "The request does not say who sends it.", "Det framgår inte vem som skickar förfrågan."
    ),
    "NoAPITokenError": _answer(
        403, "The request has no access token.", "Förfrågan saknar åtkomstnyckel."
    ),
    "InvalidAPITokenError": _answer(401, "The access token is not valid.", "Åtkomstnyckeln gäller inte."),
    "InvalidAuthorizationDetailsError": _answer(
        401,
        "The access token does not give access to this seller.",
        "Åtkomstnyckeln ger inte tillgång till den här säljaren.",
    ),
    "TooManyRequestsError": _answer(
        429,
        "There have been too many requests. Please try again in a while.",
        "Det har kommit för många förfrågningar. Försök igen om en stund.",
    ),
    # Where it is asked
    "UnknownOrIncorrectEndpointError": _answer(
        404, "There is nothing at this address.", "Det finns inget på den här adressen."
    ),
    "NotFoundError": _answer(404, "It does not exist.", "Det som efterfrågas finns inte."),
    "UnknownOrderError": _answer(404, "There is no such booking.", "Bokningen finns inte."),
    "GoneError": _answer(410, "The booking has been deleted.", "Bokningen har tagits bort."),
    "MethodNotAllowedError": _answer(
        405, "That cannot be done at this address.", "Det går inte att göra på den här adressen."
    ),
    # Parties and payment
    "IncompleteBrokerDetailsError": _answer(
        400,
        "It is not told which marketplace sells, or in which role.",
        "Det framgår inte vilken marknadsplats som säljer, eller i vilken roll.",
    ),
    "IncompleteCustomerDetailsError": _answer(
        400, "The customer's e-mail address is missing.", "Kundens e-postadress saknas."
    ),
    "MissingPaymentDetailsError": _answer(
        400, "It is not told how the booking was paid.", "Det framgår inte hur bokningen är betald."
    ),
    "IncompletePaymentDetailsError": _answer(
        400, "The payment has no reference.", "Betalningen saknar referens."
    ),
    "UnnecessaryPaymentDetailsError": _answer(
        400,
        "The booking costs nothing, so there should be no payment.",
        "Bokningen är gratis, så ingen betalning ska anges.",
    ),
    "InvalidPaymentDetailsError": _answer(
        400,
        "The payment is not made in a way that has been agreed upon.",
        "Betalningen är inte gjord på ett sätt som är överenskommet.",
    ),
    "TotalPaymentDueMismatchError": _answer(
        400,
        "The price has changed. Please look at it again before you book.",
        "Priset har ändrats. Se över det igen innan du bokar.",
    ),
    # Seller and order
    "SellerNotFoundError": _answer(500, "There is no such seller.", "Säljaren finns inte."),
    "SellerMismatchError": _answer(
        500, "Something belongs to another seller.", "Något hör till en annan säljare."
    ),
    "OrderAlreadyExistsError": _answer(
        500,
        "There already is another booking with the same id.",
        "Det finns redan en annan bokning med samma id.",
    ),
    "OrderCreationFailedError": _answer(
        500, "The booking could not be made.", "Bokningen kunde inte genomföras."
    ),
    "UnableToProcessOrderItemError": _answer(
        409,
        "Something can no longer be booked. Please look at it again.",
        "Något går inte längre att boka. Se över bokningen igen.",
    ),
    # Cancellation
    "OrderItemIdInvalidError": _answer(
        500, "What is to be cancelled is not known.", "Det som ska avbokas är inte känt."
    ),
    "OrderItemNotWithinOrderError": _answer(
        500,
        "What is to be cancelled belongs to another booking.",
        "Det som ska avbokas hör till en annan bokning.",
    ),
    "PatchContainsExcessivePropertiesError": _answer(
        400,
        "A booking can be cancelled, but nothing else of it can be changed.",
        "En bokning kan avbokas, men inget annat i den kan ändras.",
    ),
    "PatchNotAllowedOnPropertyError": _answer(
        400,
        "The status of a booking cannot be changed in that way.",
        "Bokningens status kan inte ändras på det sättet.",
    ),
    "CancellationNotPermittedError": _answer(
        400,
        "It can no longer be cancelled, or not at all.",
        "Det går inte längre att avboka, eller inte alls.",
    ),
    # One item of an order
    "IncompleteOrderItemError": _item(
        "It is not told which time, or which price of it, is wanted.",
        "Det framgår inte vilken tid, eller vilket pris, som önskas.",
    ),
    "InvalidOpportunityOrOfferIdError": _item(
        "The time is none that is sold here.", "Tiden är ingen som säljs här."
    ),
    "UnknownOpportunityError": _item("The time does not exist.", "Tiden finns inte."),
    "UnknownOfferError": _item("The price does not exist.", "Priset finns inte."),
    "UnacceptableOfferError": _item(
        "The price belongs to another time.", "Priset hör till en annan tid."
    ),
    "OpportunityOfferPairNotBookableError": _item(
        "The time cannot be booked now.", "Tiden går inte att boka nu."
    ),
    "OpportunityIsFullError": _item("The time is already booked.", "Tiden är redan bokad."),
    "OpportunityHasInsufficientCapacityError": _item(
        "There are not that many places left.", "Så många platser finns inte kvar."
    ),
    "OpportunityCapacityIsReservedByLeaseError": _item(
        "Somebody else is booking this time just now. Please try again in a while.",
        "Någon annan håller just på att boka tiden. Försök igen om en stund.",
    ),
    "OpportunityIsInConflictError": _item(
        "The times cannot be booked together.", "Tiderna går inte att boka tillsammans."
    ),
    "OpportunityIntractableError": _item(
        "The time cannot be booked because of an error here.",
        "Tiden går inte att boka på grund av ett fel hos oss.",
    ),
    # What is wrong here
    "TemporarilyUnableToProduceOrderQuoteError": _answer(
        503,
        "The price cannot be told just now. Please try again.",
        "Priset kan inte visas just nu. Försök igen.",
    ),
    "TemporarilyUnableToCreateOrderError": _answer(
        503,
        "The booking cannot be made just now. Please try again.",
        "Bokningen kan inte göras just nu. Försök igen.",
    ),
    "TemporarilyUnableToUpdateOrderError": _answer(
        503,
        "The booking cannot be changed just now. Please try again.",
        "Bokningen kan inte ändras just nu. Försök igen.",
    ),
    "TemporarilyUnableToDeleteOrderError": _answer(
        503,
        "The booking cannot be deleted just now. Please try again.",
        "Bokningen kan inte tas bort just nu. Försök igen.",
    ),
    "InternalApplicationError": _answer(500, "Something went wrong here.", "Något gick fel hos oss."),
}  # fmt: skip


class BookingError(Exception):
    """A request that is refused, or an item of it that is.

    :ivar type: a key of ``ERRORS``
    :ivar description: what a customer, or who reads the marketplace's log, is told instead of the type's own
        words; empty when these say it
    :ivar instance: the address of what it is about, or empty
    """

    def __init__(self, type_: str, description: str = "", instance: str = ""):
        if type_ not in ERRORS:
            raise ValueError(f"the Open Booking API has no error {type_}")
        self.type = type_
        self.description = description
        self.instance = instance
        super().__init__(type_, description, instance)

    @property
    def status(self) -> int:
        """The status of HTTP."""
        return ERRORS[self.type].status

    @property
    def on_item(self) -> bool:
        """Whether it is told of an item inside an answer."""
        return ERRORS[self.type].on_item

    def text(self, lang: str = "en") -> str:
        """Return what is told, in English or, of types' own words, in Swedish (``sv``, ``sv_SE``)."""
        known = ERRORS[self.type]
        return self.description or (known.swedish if lang.startswith("sv") else known.english)

    def __str__(self) -> str:
        return f"{self.type}: {self.text()}"

    def __eq__(self, other):
        return isinstance(other, BookingError) and self.args == other.args

    def __hash__(self):
        return hash(self.args)
