"""Who a customer is at 24SevenOffice: found by e-mail and organisation number, compared exactly on our side.

The service's searches may find more than what is asked for, and which of a customer's addresses they look at
is not known: what they find is only a proposal.
"""

import re
from dataclasses import dataclass

from .texts import fit

_NUMBER = re.compile(r"\D")
_EMAILS = ("Invoice", "Work", "Home", "Primary", "Alternative")


@dataclass(frozen=True)
class Customer:
    """A customer as Odoo knows them.

    :ivar key: what tells the customer from all others; kept at the service as ``ExternalId``
    :ivar name: of a person, or the organisation
    :ivar organisation: whether the name is an organisation's
    :ivar number: organisation number, in any form; empty when unknown
    :ivar country: two letters
    """

    key: str
    name: str
    organisation: bool = False
    number: str = ""
    email: str = ""
    phone: str = ""
    mobile: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "SE"


@dataclass(eq=False)
class Several(Exception):
    """Several customers fit: a person has to say which.

    :ivar found: [(the service's number, name)]
    """

    found: list[tuple[int, str]]


def digits_of(number: str | None) -> str:
    """Return an organisation number as it is compared: ten digits, without what stands for the century."""
    digits = _NUMBER.sub("", number or "")
    return digits[2:] if len(digits) == 12 and digits[:2] in ("16", "19", "20") else digits


def choose(customer: Customer, found: list[dict]) -> int | None:
    """Return the number of the customer among those that were found; None when it is none of them.

    Whom we have made ourselves is it. Otherwise the organisation number decides; without one the e-mail does,
    among customers that have no number. Persons and organisations may have the same e-mail and are not each
    other.

    :param found: as ``GetCompanies`` tells them
    :raises Several: more than one fits, or only an organisation that we do not know to be it
    """
    found = list({one["Id"]: one for one in found}.values())
    own = [one for one in found if one["ExternalId"] == customer.key]
    if len(own) == 1:
        return own[0]["Id"]
    number, email = digits_of(customer.number), customer.email.strip().casefold()
    fitting = [one for one in found if number and digits_of(one["OrganizationNumber"]) == number]
    if len(fitting) > 1 and email:
        fitting = [one for one in fitting if email in _emails_of(one)] or fitting
    if not fitting and email:
        fitting = _choose_by_email(customer, [one for one in found if email in _emails_of(one)])
    if len(fitting) > 1:
        raise Several(_told(fitting))
    return fitting[0]["Id"] if fitting else None


def likeness_of(customer: Customer) -> tuple[bool, str] | None:
    """Return what is the same of customers who are one at the service; None when nothing tells."""
    told = digits_of(customer.number) or customer.email.strip().casefold()
    return (customer.organisation, told) if told else None


def _choose_by_email(customer: Customer, same: list[dict]) -> list[dict]:
    """Return those of customers with the same e-mail that fit."""
    persons = [one for one in same if one["Type"] == "Consumer"]
    # Who works there may write from the same address: another organisation is another customer.
    organisations = [one for one in same if one["Type"] != "Consumer"]
    unnumbered = [one for one in organisations if not digits_of(one["OrganizationNumber"])]
    if customer.organisation:
        fitting, doubtful = unnumbered, [] if digits_of(customer.number) else organisations
    else:
        # One of no type may be a person as well.
        unknown = [one for one in unnumbered if one["Type"] not in ("Business", "Supplier")]
        fitting, doubtful = persons + unknown, organisations
    if doubtful and not fitting:
        raise Several(_told(doubtful))
    return fitting


def _told(found: list[dict]) -> list[tuple[int, str]]:
    names = ((one["Id"], " ".join(filter(None, (one["FirstName"], one["Name"])))) for one in found)
    return sorted(names)


def _emails_of(one: dict) -> set[str]:
    addresses = one["EmailAddresses"] or {}
    values = ((addresses.get(kind) or {}).get("Value") for kind in _EMAILS)
    return {value.strip().casefold() for value in values if value}


def company_of(customer: Customer, number: int | None = None) -> dict:
    """Return a customer as ``Company``, to be made or, with the service's number, brought up to date.

    What we do not know is left as it is there. A person's last word is the name, what goes before it the
    first name.
    """
    first, _space, last = customer.name.strip().rpartition(" ")
    address = {
        "Street": customer.street,
        "PostalCode": customer.postal_code,
        "PostalArea": customer.city,
        "City": customer.city,
        "Country": customer.country,
    }
    address = {name: value for name, value in address.items() if value}
    emails = {"Value": customer.email} if customer.email else None
    company = {
        "Id": number,
        "ExternalId": None if number else customer.key,
        "OrganizationNumber": customer.number or None,
        "Name": customer.name if customer.organisation else last,
        "FirstName": None if customer.organisation else fit(first, 50) or None,
        "Addresses": {"Post": address, "Invoice": address},
        "PhoneNumbers": _only(
            {
                "Mobile": {"Value": customer.mobile} if customer.mobile else None,
                "Work": {"Value": customer.phone} if customer.phone else None,
            }
        ),
        "EmailAddresses": _only({"Invoice": emails, "Work": emails}),
        "Country": customer.country or None,
        "Type": "Business" if customer.organisation else "Consumer",
    }
    return _only(company)


def _only(values: dict) -> dict | None:
    """Return what has a value; None when nothing has."""
    return {name: value for name, value in values.items() if value is not None} or None
