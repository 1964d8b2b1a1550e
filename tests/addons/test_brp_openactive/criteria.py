"""What times the test suite asks for: each of its criteria, and what a time has to be like to meet it.

Source: OpenActive's Test Interface and its test data criteria.
"""

from dataclasses import dataclass

SCHEME = "https://openactive.io/test-interface#"


@dataclass(frozen=True)
class Criteria:
    """:ivar price: kronor
    :ivar places: of a facility with several
    :ivar is_full: all of them are taken
    :ivar is_past: it was two days ago, otherwise it is in one to three weeks
    :ivar is_cancellable: by customers, who get back what they paid
    :ivar cancel_hours: so many hours before the start at the latest
    :ivar opens_days: it can be booked so many days before the start at the earliest; 0 as soon as it is there
    """

    price: float = 320
    places: int = 10
    is_full: bool = False
    is_past: bool = False
    is_cancellable: bool = True
    cancel_hours: int = 0
    opens_days: int = 0


#: The criteria's names behind the scheme
CRITERIA = {
    "TestOpportunityBookable": Criteria(),
    "TestOpportunityBookableNoSpaces": Criteria(is_full=True),
    "TestOpportunityBookableOneSpace": Criteria(places=1),
    "TestOpportunityBookableFiveSpaces": Criteria(places=5),
    "TestOpportunityBookableInPast": Criteria(is_past=True),
    "TestOpportunityBookableFree": Criteria(price=0),
    "TestOpportunityBookableNonFree": Criteria(),
    "TestOpportunityBookableNonFreePrepaymentRequired": Criteria(),
    "TestOpportunityBookableNonFreeTaxGross": Criteria(),
    "TestOpportunityBookableCancellable": Criteria(),
    "TestOpportunityBookableNotCancellable": Criteria(is_cancellable=False),
    "TestOpportunityBookableCancellableWithinWindow": Criteria(cancel_hours=24),
    "TestOpportunityBookableCancellableOutsideWindow": Criteria(cancel_hours=30 * 24),
    "TestOpportunityBookableWithinValidFromBeforeStartDate": Criteria(opens_days=28),
    "TestOpportunityBookableOutsideValidFromBeforeStartDate": Criteria(opens_days=1),
    "TestOpportunityOfflineBookable": Criteria(),
}


def read_criteria(uri):
    """Return the criteria that an address stands for, with or without the part before its name; or None."""
    name = str(uri).removeprefix(SCHEME).removeprefix("test:")
    return CRITERIA.get(name)
