"""What all that is saved and searched has in common: refusals of one item, lengths, changes, wildcards."""

import re

from .description import TYPES, names_of
from .soap import unable

MOST_IDS = 1000
_ADDRESS = {
    "Street": 250, "State": 100, "PostalCode": 16, "PostalArea": 100, "Name": 100, "City": 100, "Country": 2,
}  # fmt: skip
# type: {element: characters it may have}.
LENGTHS = {
    "Company": {
        "OrganizationNumber": 20, "Name": 200, "FirstName": 50, "NickName": 200, "Url": 255, "Country": 2,
        "InvoiceLanguage": 2, "GlnNumber": 13,
    },
    "Address": _ADDRESS,
    "Product": {"Name": 125, "Description": 500, "EAN1": 50, "No": 100},
    "InvoiceOrder": {
        "CustomerName": 100, "CustomerDeliveryName": 250, "CustomerDeliveryPhone": 25, "YourReference": 50,
        "InvoiceTitle": 300, "InvoiceText": 750, "OCR": 32, "CustomerOrgNo": 20, "InvoiceEmailAddress": 250,
        "ProductionNumber": 20, "ReferenceNumber": 50, "DeliveryAlternative": 250, "GLNNumber": 13,
    },
    "InvoiceRow": {"Name": 300},
}  # fmt: skip


class Refused(Exception):
    """An item is not saved; the others of the call may be. It becomes the item's APIException."""

    def __init__(self, text: str, kind: str = "Validation"):
        super().__init__(text)
        self.kind = kind


def check_lengths(kind: str, value: dict, where: str = "") -> None:
    """Raises Refused for the first text that is too long."""
    for field in TYPES[kind]:
        told, path = value.get(field.name), f"{where}{field.name}"
        if told is None or field.kind == "APIException":
            continue
        most = LENGTHS.get(kind, {}).get(field.name)
        if path == "Addresses/Invoice/PostalCode":
            most = 50
        if most and len(told) > most:
            raise Refused(f"{path} is longer than {most} characters")
        if field.kind in TYPES:
            for each in told if field.listed else [told]:
                check_lengths(field.kind, each, f"{path}/")


def names(item: dict) -> set:
    """What an item is called, so that a fault can mean it: its own names, and those of its rows."""
    told = {item.get(name) for name in ("Name", "No", "ExternalId", "ReferenceNumber", "CustomerName")}
    return (told | {row.get("Name") for row in item.get("InvoiceRows", [])}) - {None}


def save_all(call, listed: str, save) -> list:
    """Saves each item of a call, and gives each back: as it is now, or as it was sent with an APIException.

    :param listed: what the call names its items
    :param save: saves one, or raises Refused
    """
    answered, fault = [], call.fault
    for item in call.values.get(listed, []):
        try:
            if fault and fault.means(names(item)):
                raise Refused(fault.message, fault.type)
            answered.append(save(item))
        except Refused as refused:
            told = {"Type": refused.kind, "Message": str(refused), "StackTrace": ""}
            answered.append({**without(item, "Password", "ChangeState"), "APIException": told})
    call.service.save()
    return answered


def without(value: dict, *names: str) -> dict:
    return {name: each for name, each in value.items() if name not in names}


def changed(old: dict, new: dict) -> dict:
    """What is not told stays as it was, also within addresses and the like."""
    both = {
        name: changed(old[name], value)
        if isinstance(value, dict) and isinstance(old.get(name), dict)
        else value
        for name, value in new.items()
    }
    return {**old, **both}


def chosen(values: list, kind: str, properties: list | None) -> list:
    """Values with the elements that were asked for; a fault for one that there is not."""
    properties = properties or []
    unknown = sorted(set(properties) - set(names_of(kind)))
    if unknown:
        raise unable(f"{kind} has no property {', '.join(unknown)[:100]}", "property")
    return [{name: value[name] for name in properties if name in value} for value in values]


def check_search(search: dict) -> None:
    """A search is for something, and for a thousand ids at most."""
    if not any(value != [] for value in search.values()):
        raise unable("at least one search parameter is needed", "search")
    for name, value in search.items():
        if isinstance(value, list) and len(value) > MOST_IDS:
            raise unable(f"{name} has more than {MOST_IDS} values", "search")


def like(pattern: str, exact: bool):
    """A function that tells whether a text is meant: `%` and `_` are SQL's, case does not matter.

    :param exact: whether a pattern without % is the whole text, not a part of it
    """
    if "%" not in pattern and not exact:
        pattern = f"%{pattern}%"
    parts = {"%": ".*", "_": "."}
    expression = "".join(parts.get(character, re.escape(character)) for character in pattern)
    return re.compile(expression, re.IGNORECASE | re.DOTALL).fullmatch


def fits(tests: list, any_of: bool) -> bool:
    """Whether all tests that were asked for are passed, or any of them."""
    return (any if any_of else all)(tests)
