"""What a marketplace sends and is told again: itself, the customer and the payment, less what is unknown.

Properties that the standard does not have are left out (Open Booking API 1.0: extensions that a booking
system does not know are ignored), as are those of no use here; what is left is as it was sent.
"""

from collections.abc import Mapping

MAX_TEXT = 2000  # characters

_ANY = 1  # texts and whole numbers
_TEXTS = 2  # a text or a list of texts

_ADDRESS = {
    "@type": str, "streetAddress": str, "addressLocality": str, "addressRegion": str, "postalCode": str,
    "addressCountry": str,
}  # fmt: skip
_IMAGE = {"@type": str, "url": str}
_PARTY = {
    "@type": str, "@id": str, "identifier": _ANY, "name": str, "email": str, "telephone": str, "url": str,
    "address": _ADDRESS,
}  # fmt: skip

#: ``@type`` -> property -> what it has to be
PERSON = {"Person": {**_PARTY, "givenName": str, "familyName": str}}
ORGANIZATION = {
    "Organization": {
        **_PARTY, "legalName": str, "description": str, "logo": _IMAGE, "sameAs": _TEXTS, "vatID": str,
        "taxMode": str,
    }
}  # fmt: skip
PAYMENT = {
    "Payment": {
        "@type": str, "identifier": str, "name": str, "accountId": str, "paymentProviderId": str,
        "paymentMethod": str,
    }
}  # fmt: skip


class NotAsDescribed(ValueError):
    """What was sent is not what the standard describes; its text says what, for the marketplace's log."""


def read_echo(sent: object, kinds: Mapping[str, Mapping], where: str) -> dict:
    """Return what is told again of an object.

    :param kinds: one or several of ``PERSON``, ``ORGANIZATION`` and ``PAYMENT``
    :param where: the object's place in the request
    :raises NotAsDescribed: it is none of these kinds, or a property that is known is not what it has to be
    """
    if not isinstance(sent, dict):
        raise NotAsDescribed(f"{where} is not an object.")
    kind = sent.get("@type")
    if not isinstance(kind, str) or kind not in kinds:
        raise NotAsDescribed(f"{where} is not of @type {' or '.join(kinds)}.")
    return _filter(sent, kinds[kind], where)


def is_text(value: object, max_length: int = MAX_TEXT) -> bool:
    """Return whether something is a text that is neither empty nor too long and can be stored."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= max_length
        and not value.isspace()
        and "\0" not in value
        and not any("\ud800" <= char <= "\udfff" for char in value)
    )


def _filter(sent: dict, described: Mapping, where: str) -> dict:
    echo = {}
    for name, value in sent.items():
        wanted = described.get(name)
        if wanted is None or value is None:
            continue
        place = f"{where}.{name}"
        if isinstance(wanted, dict):
            if not isinstance(value, dict):
                raise NotAsDescribed(f"{place} is not an object.")
            echo[name] = _filter(value, wanted, place)
            continue
        texts = value if wanted is _TEXTS and isinstance(value, list) else [value]
        is_number = wanted is _ANY and isinstance(value, int) and not isinstance(value, bool)
        if not is_number and not all(map(is_text, texts)):
            raise NotAsDescribed(f"{place} is not a text, or is empty or too long.")
        echo[name] = value
    return echo
