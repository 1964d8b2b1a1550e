"""How values become the characters of a file: texts, amounts, dates and numbers.

No function here knows where in the file its value stands: the problem's place is added by the writer.
"""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal

from stdnum.exceptions import ValidationError
from stdnum.se import orgnr

from .problems import SieError

ENCODING = "cp437"
MAX_TEXT = 50  # what Fortnox takes; SIE itself has no limit
MAX_OBJECT_CODE = 6
MAX_ACCOUNT = 6

_BETWEEN = str.maketrans("", "", " \t\u00a0\u202f-–—‑.")
#: 16 and 00 come before organisation numbers, 19 and 20 are the century of a sole trader's birth
_ORGANISATION = re.compile(r"(?:SE(?P<vat>[0-9]{10})01|(?:00|16|19|20)?(?P<number>[0-9]{10}))")
_ACCOUNT = re.compile(rf"[0-9]{{1,{MAX_ACCOUNT}}}")
_OBJECT_CODE = re.compile(rf"[0-9A-Za-z]{{1,{MAX_OBJECT_CODE}}}")
_SERIES = re.compile(r"[A-Z]")

#: For what CP437 lacks and Unicode has no decomposition of
_STAND_INS = {
    **dict.fromkeys("‘’‚‛′´ʹʼˈ‹›", "'"),
    **dict.fromkeys("−⁃•‣●", "-"),
    **dict.fromkeys("“”„‟″", ""),  # as the plain quotation mark
    "€": "EUR",
    "§": "par.",  # one of CP437's characters below 32, which SIE forbids
    "¶": "",
    "→": "->",
    "←": "<-",
    "©": "(c)",
    "®": "(r)",
    "×": "x",
    "‰": "o/oo",
    "⁄": "/",
    "∕": "/",
    "¦": "|",
    "†": "+",
    "Ø": "Ö",
    "ø": "ö",
    "Ð": "D",
    "ð": "d",
    "Đ": "D",
    "đ": "d",
    "Ħ": "H",
    "ħ": "h",
    "ı": "i",
    "ĸ": "k",
    "Ł": "L",
    "ł": "l",
    "Ŋ": "N",
    "ŋ": "n",
    "Œ": "OE",
    "œ": "oe",
    "ẞ": "SS",
    "Ŧ": "T",
    "ŧ": "t",
    "Þ": "Th",
    "þ": "th",
}
#: For what has no stand-in of its own; first letter or both letters of the category
_BY_CATEGORY = {"Cc": " ", "Z": " ", "Pd": "-", "C": "", "M": "", "So": "", "Sk": ""}
#: Structure to some reader, even within quotes: they lose fields, or the rest of the line
_STRUCTURE = {'"': "", "\\": " ", "{": " ", "}": " ", "#": " "}


class _Characters(dict):
    """For ``str.translate``: a character's code -> the characters of CP437 that stand for it."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        digit = unicodedata.decimal(character, None)
        if digit is not None:
            return str(digit)
        parts = unicodedata.normalize("NFKD", character)
        if parts != character:
            found = parts.translate(self)  # its parts have no parts of their own
            return "?" if "?" in found else found
        return _BY_CATEGORY.get(category, _BY_CATEGORY.get(category[0], "?"))


#: All that CP437 has but the control characters, of which 255 is the space that does not break
_CP437 = bytes([*range(32, 127), *range(128, 255)]).decode(ENCODING)
_CHARACTERS = _Characters(str.maketrans(_CP437, _CP437))
_CHARACTERS.update(str.maketrans(_STAND_INS))
_CHARACTERS.update(str.maketrans(_STRUCTURE))


def clean_text(text: str | None) -> str:
    """Return ``text`` as a file has it, without quotes around it: at most 50 characters of CP437.

    What could break a reader is taken out (quotation marks, backslashes, braces, number signs and
    control characters), spaces are collapsed, and what CP437 lacks gets a stand-in: ’ becomes ', € EUR,
    Š S. Signs and pictures without one are left out; letters without one become question marks.

    :raises SieError: ``text`` is neither a text nor empty
    """
    if not text:
        return ""
    if not isinstance(text, str):
        raise SieError("text")
    # Before anything else, for a letter and an accent of its own may be one letter of CP437.
    plain = unicodedata.normalize("NFC", text).translate(_CHARACTERS)
    return " ".join(plain.split())[:MAX_TEXT].rstrip()


def organisation_number(text: str) -> str:
    """Return an organisation number as SIE has it, ``nnnnnn-nnnn`` (SIE 4B, #ORGNR).

    :param text: ten digits, or twelve that begin with 16, 00 or (a sole trader's personal number) a
        century, with or without hyphen; or a VAT number, SE…01
    :raises SieError: anything else, or a check digit that does not fit; the number is nowhere in it
    """
    typed = _ORGANISATION.fullmatch(text.translate(_BETWEEN).upper()) if isinstance(text, str) else None
    if not typed:
        raise SieError("organisation_number")
    digits = typed["vat"] or typed["number"]
    try:
        orgnr.validate(digits)
    except ValidationError:
        raise SieError("organisation_check_digit") from None
    return f"{digits[:6]}-{digits[6:]}"


def is_account(number: object) -> bool:
    """Return whether ``number`` is one to six of the digits 0 to 9, what Björn Lundén's reader takes."""
    return isinstance(number, str) and _ACCOUNT.fullmatch(number) is not None


def is_object_code(code: object) -> bool:
    """Return whether ``code`` is one to six letters A–Z, a–z and digits; readers cut it at others."""
    return isinstance(code, str) and _OBJECT_CODE.fullmatch(code) is not None


def is_series(series: object) -> bool:
    """Return whether ``series`` is one letter A–Z."""
    return isinstance(series, str) and _SERIES.fullmatch(series) is not None


def is_date(value: object) -> bool:
    """Return whether ``value`` is a date without a time of day."""
    return isinstance(value, date) and not isinstance(value, datetime)


def write_date(day: date) -> str:
    """Return YYYYMMDD."""
    return f"{day.year:04}{day.month:02}{day.day:02}"


def write_amount(amount_ore: int) -> str:
    """Return öre as kronor with a point and two decimals (SIE 4B, amounts)."""
    kronor, ore = divmod(abs(amount_ore), 100)
    return f"{'-' if amount_ore < 0 else ''}{kronor}.{ore:02}"


def write_quantity(quantity: Decimal | int) -> str:
    """Return a quantity with a point and no needless decimals (SIE 4B, #TRANS).

    :raises SieError: not a number, or one with more than two decimals
    """
    if type(quantity) is int:
        return str(quantity)
    if not isinstance(quantity, Decimal) or not quantity.is_finite():
        raise SieError("quantity")
    text = f"{quantity:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if len(text.partition(".")[2]) > 2:
        raise SieError("quantity")
    return "0" if text == "-0" else text
