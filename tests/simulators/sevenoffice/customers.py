"""The Company service: customers."""

import re

from .items import Refused, changed, check_lengths, check_search, chosen, fits, like, save_all, without
from .ledger import rate_of_sale_type
from .office import FIRST_CUSTOMER
from .soap import unable

# Of a customer these are described as not in use: what is written there is lost.
_UNUSED = {"PhoneNumbers": ("Home", "Primary"), "EmailAddresses": ("Home", "Primary", "Alternative")}
# Set by the service, or not played.
_IGNORED = ("APIException", "DateCreated", "DateChanged", "Relations", "Maps", "Username", "Password")
# A payment time is days, or one of these, which is days after the end of the month.
DAYS_AFTER_MONTH = {-1: 30, -2: 60, -3: 90, -4: 0, -5: 45}


def get(call) -> list:
    search = call.values.get("searchParams", {})
    check_search(search)
    settings = call.service.settings
    name = like(search.get("CompanyName", ""), settings["name_search"] == "exact")
    tests = {
        "ExternalId": lambda c, told: c.get("ExternalId") == told,
        "CompanyId": lambda c, told: c["Id"] == told,
        "CompanyIds": lambda c, told: c["Id"] in told,
        "CompanyName": lambda c, _told: bool(name(c["Name"])),
        "ChangedAfter": lambda c, told: c["DateChanged"] > told,
        "CompanyEmail": lambda c, told: told.lower() in _values(c, "EmailAddresses"),
        "CompanyPhone": lambda c, told: told.lower() in _values(c, "PhoneNumbers"),
        # Compared as it is stored: with a dash or without.
        "OrganizationNumber": lambda c, told: c.get("OrganizationNumber") == told,
    }
    found = [
        customer
        for _number, customer in sorted(call.office.customers.items())
        if fits([tests[name](customer, told) for name, told in search.items()], settings["search_any"])
    ]
    return chosen(found, "Company", call.values.get("returnProperties"))


def _values(customer: dict, kind: str) -> set:
    return {each.get("Value", "").lower() for each in customer.get(kind, {}).values()}


def sync_page(call) -> dict:
    """A page of the customers that were changed or made since, by their numbers; all unless told."""
    told = call.values.get("syncSearchParameters", {})
    page, size = told.get("Page", 1), call.service.settings["page_size"]
    if page < 1:
        raise unable("Page is counted from 1", "page")
    found = [
        _in_short(customer)
        for _number, customer in sorted(call.office.customers.items())
        if told.get("Active") in (None, not customer.get("Inactive"))
        and customer["DateChanged"] > told.get("ChangedAfter", "")
        and customer["DateCreated"] > told.get("RegisteredAfter", "")
    ]
    size = size or len(found) or 1
    return {
        "CurrentPage": page,
        "TotalPages": -(-len(found) // size),
        "TotalItems": len(found),
        "ItemsPerPage": size,
        "Items": found[(page - 1) * size : page * size],
    }


def _in_short(customer: dict) -> dict:
    short = {
        "CompanyId": customer["Id"],
        "DateChanged": customer["DateChanged"],
        "DateRegistered": customer["DateCreated"],
        "Active": not customer.get("Inactive"),
    }
    return {**short, "ExternalId": customer["ExternalId"]} if "ExternalId" in customer else short


def save(call) -> list:
    return save_all(call, "companies", lambda told: add(call.office, told, call.service.now()))


def add(office, told: dict, now: str) -> dict:
    """Adds a customer, or changes one that has the Id; Refused when that is impossible."""
    new, number = without(told, *_IGNORED, "ExplicitlySpecifyNewCompanyId"), told.get("Id")
    old = office.customers.get(number, {})
    if number is not None and not old and not told.get("ExplicitlySpecifyNewCompanyId"):
        raise Refused(f"Company {number} does not exist")
    for kind, unused in _UNUSED.items():
        if kind in new:
            new[kind] = without(new[kind], *unused)
    customer = changed(old, new)
    _check(customer)
    if number is None:
        number = office.number("customer", FIRST_CUSTOMER)
        while number in office.customers:
            number = office.number("customer", FIRST_CUSTOMER)
    customer = {"DateCreated": now, **customer, "Id": number, "DateChanged": now}
    office.customers[number] = customer
    return customer


def _check(customer: dict) -> None:
    kind = customer.get("Type", "None")
    if not customer.get("Name"):
        raise Refused("Name is missing")
    if kind == "None":
        raise Refused("Type is missing")
    if customer.get("FirstName") and kind != "Consumer":
        raise Refused("FirstName is for a Consumer only")
    check_lengths("Company", customer)
    countries = [customer.get("Country"), *(a.get("Country") for a in customer.get("Addresses", {}).values())]
    if any(country and not re.fullmatch("[A-Z]{2}", country) for country in countries):
        raise Refused("Country is a code of two letters")
    check_payment_time(customer.get("PaymentTime"))
    check_sale_type(customer.get("TypeGroup"), "TypeGroup")


def check_payment_time(days: int | None) -> None:
    if days is not None and days < 0 and days not in DAYS_AFTER_MONTH:
        raise Refused("PaymentTime is not valid")


def check_sale_type(number: int | None, name: str) -> None:
    if number is not None and rate_of_sale_type(number) is None:
        raise Refused(f"{name} {number} does not exist")
