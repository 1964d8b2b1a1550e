"""Bankgiro numbers, organisation numbers and payer numbers: what may be typed, and what is kept.

Check digits are judged only on what people type. Files from Bankgirot are read without them.
No message contains a number.
"""

import re

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.se import orgnr

from .texts import Problem

PAYER_NUMBER_LENGTH = 16
_BETWEEN = str.maketrans("", "", " \t\u00a0\u202f-–—‑.")
_ORGANISATION = re.compile(r"(?:SE(?P<vat>[0-9]{10})01|(?:00|16)?(?P<number>[0-9]{10}))")


class NumberError(Problem):
    """What was typed is not such a number.

    ``problem``: ``bankgiro``, ``bankgiro_check_digit``, ``organisation_number``,
    ``organisation_check_digit``, ``personal_number`` or ``payer_number``.
    """

    TEXTS = {
        "bankgiro": (
            "A bankgiro number has seven or eight digits, as 123-4567 or 1234-5678.",
            "Ett bankgironummer har sju eller åtta siffror, som 123-4567 eller 1234-5678.",
        ),
        "bankgiro_check_digit": (
            "The last digit of the bankgiro number does not fit the others.",
            "Bankgironumrets sista siffra stämmer inte med de övriga.",
        ),
        "organisation_number": (
            "An organisation number has ten digits, as NNNNNN-NNNN.",
            "Ett organisationsnummer har tio siffror, som NNNNNN-NNNN.",
        ),
        "organisation_check_digit": (
            "The last digit of the organisation number does not fit the others.",
            "Organisationsnumrets sista siffra stämmer inte med de övriga.",
        ),
        "personal_number": (
            "This is a personal number, not an organisation number. A sole trader is entered with the"
            " personal number.",
            "Detta är ett personnummer, inte ett organisationsnummer. Ange enskild firma med personnumret.",
        ),
        "payer_number": (
            "A payer number has 1 to 16 digits and is not zero.",
            "Ett betalarnummer har 1 till 16 siffror och är inte noll.",
        ),
    }


def is_digits(text: str) -> bool:
    """Return whether ``text`` is one or more of the digits 0 to 9; other scripts' digits are none."""
    return text.isascii() and text.isdigit()


def read_bankgiro(text: str) -> str:
    """Return the seven or eight digits of a bankgiro number.

    :raises NumberError: not 7 or 8 digits, or the check digit (Luhn) does not fit
    """
    digits = re.sub(r"(?i)^(?:bankgiro|bg)(?:nr)?:?", "", text.translate(_BETWEEN))
    if not is_digits(digits) or not 7 <= len(digits) <= 8 or digits[0] == "0":
        raise NumberError("bankgiro")
    if not luhn.is_valid(digits):
        raise NumberError("bankgiro_check_digit")
    return digits


def show_bankgiro(digits: str) -> str:
    """Return ``991-2346`` or ``5050-1055`` of the digits; leading zeros of a file's field are dropped."""
    digits = digits.lstrip("0")
    return f"{digits[:-4]}-{digits[-4:]}" if len(digits) > 4 else digits


def read_organisation_number(text: str) -> str:
    """Return an organisation number as files have it: ``00`` and its ten digits.

    Also takes a VAT number (SE…01) and the twelve digits of authorities (16…).

    :raises NumberError: not ten digits, a wrong check digit, or a personal number (whose third
        and fourth digits are a month; those of an organisation number are at least 20)
    """
    typed = _ORGANISATION.fullmatch(text.translate(_BETWEEN).upper())
    if not typed:
        raise NumberError("organisation_number")
    digits = typed["vat"] or typed["number"]
    try:
        orgnr.validate(digits)
    except ValidationError:
        raise NumberError("organisation_check_digit") from None
    if digits[2] < "2":
        raise NumberError("personal_number")
    return f"00{digits}"


def read_payer_number(text: str) -> str:
    """Return a payer number without leading zeros, which is how this package always has it.

    :raises NumberError: not 1 to 16 digits, or zero
    """
    digits = text.translate(_BETWEEN)
    if not is_digits(digits) or len(digits) > PAYER_NUMBER_LENGTH or not digits.strip("0"):
        raise NumberError("payer_number")
    return digits.lstrip("0")


def same_payer_number(one: str, other: str) -> bool:
    """Return whether two payer numbers are the same one: leading zeros do not count."""
    return one.strip().lstrip("0") == other.strip().lstrip("0")
