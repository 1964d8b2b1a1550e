"""Swedish bank account numbers as people write them, and as the 16 digits of Bankgirot's files.

The 16 digits are the clearing number (4) and the account number, right-justified with zeros (12).
Which clearing number is whose, and how its accounts are checked, is in ``clearing_ranges.csv``:
``check`` is one of ``CHECKS``; ``note`` says ``dataclearing`` of banks that are not in the bankgiro
system and ``closed`` of ranges no longer in use. Source: "Bankernas kontonummer", Bankgirot, as of
February 2024. No message contains an account number.
"""

import csv
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from stdnum import luhn

from .numbers import is_digits
from .texts import Problem, say

CLEARING_LENGTH = 4
NUMBER_LENGTH = 12
SWEDBANK_LONGEST = 10  # of its account numbers under clearing numbers that begin with 8
_FIVE_APART = re.compile(r"\s*8[0-9]{3}[-–—‑]?[0-9](?![0-9])")
_SEPARATORS = re.compile(r"[\s.,\-–—‑]+")


class AccountError(Problem):
    """Not a Swedish bank account. ``problem``: a key of ``TEXTS``."""

    TEXTS = {
        "format": (
            "A bank account is written with digits only: clearing number and account number.",
            "Ett bankkonto skrivs bara med siffror: clearingnummer och kontonummer.",
        ),
        "clearing": (
            "A clearing number has four digits and does not begin with zero (Swedbank's may have five,"
            " beginning with 8).",
            "Ett clearingnummer har fyra siffror och börjar inte med noll (Swedbanks kan ha fem och börjar"
            " då med 8).",
        ),
        "clearing_check_digit": (
            "The fifth digit of the clearing number does not fit the other four.",
            "Clearingnumrets femte siffra stämmer inte med de fyra andra.",
        ),
        "length": (
            "The account number has too few or too many digits for this bank.",
            "Kontonumret har för få eller för många siffror för den här banken.",
        ),
        "check_digit": (
            "The last digit of the account number does not fit the others.",
            "Kontonumrets sista siffra stämmer inte med de övriga.",
        ),
    }


WARNINGS = {
    "unknown_clearing": (
        "No bank is known for this clearing number: check it with the payer.",
        "Clearingnumret hör inte till någon känd bank: stäm av det med betalaren.",
    ),
    "check_digit": (
        "The account number's check digit does not fit. Some accounts of this bank have none: check it with"
        " the payer.",
        "Kontonumrets kontrollsiffra stämmer inte. Vissa konton i banken saknar kontrollsiffra: stäm av"
        " numret med betalaren.",
    ),
    "dataclearing": (
        "This bank is not in the bankgiro system: the account can probably not be used for Autogiro.",
        "Banken ingår inte i bankgirosystemet: kontot kan troligen inte användas för Autogiro.",
    ),
    "closed": (
        "This clearing number is no longer in use: ask the payer for the current account.",
        "Clearingnumret används inte längre: fråga betalaren efter det nuvarande kontot.",
    ),
    "clearing_split": (
        "It is unclear where the clearing number ends: compare with how the account is shown.",
        "Det är oklart var clearingnumret slutar: jämför med hur kontot visas.",
    ),
}


@dataclass(frozen=True, slots=True)
class AccountWarning:
    """Something about an account that a person should look at. ``problem``: a key of ``WARNINGS``."""

    problem: str

    def text(self, lang: str = "en") -> str:
        """Return the warning in words, in English (``en``) or Swedish (``sv``)."""
        return say(WARNINGS, self.problem, lang)


@dataclass(frozen=True, slots=True)
class BankAccount:
    """A bank account: ``bank`` (empty when unknown), ``clearing`` (4 digits), ``number``, ``digits`` (16)."""

    bank: str
    clearing: str
    number: str = field(repr=False)
    digits: str = field(repr=False)
    warnings: tuple[AccountWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class ClearingRange:
    """The clearing numbers ``first`` to ``last`` of a bank, and what its account numbers look like."""

    first: str
    last: str
    bank: str
    check: str
    shortest: int
    longest: int
    note: str


def _mod11(digits: str) -> bool:
    return sum(int(digit) * (index % 10 + 1) for index, digit in enumerate(reversed(digits))) % 11 == 0


#: Whether the check digit fits, of a clearing number and an account number
CHECKS = {
    "mod11-10": lambda clearing, number: _mod11(clearing[1:] + number),
    "mod11-11": lambda clearing, number: _mod11(clearing + number),
    "mod11-9": lambda clearing, number: _mod11(number),
    "luhn": lambda clearing, number: luhn.is_valid(number),
    "luhn-usually": lambda clearing, number: luhn.is_valid(number),
}
ONLY_WARNS = {"luhn-usually"}  # some of these accounts have no valid check digit


@lru_cache(maxsize=1)
def clearing_ranges() -> tuple[ClearingRange, ...]:
    """Return all known ranges, lowest first."""
    with (Path(__file__).parent / "clearing_ranges.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            ClearingRange(**{**row, "shortest": int(row["shortest"]), "longest": int(row["longest"])})
            for row in csv.DictReader(lines)
        )


def _range_of(clearing: str) -> ClearingRange | None:
    return next((known for known in clearing_ranges() if known.first <= clearing <= known.last), None)


def _four_digits(clearing: str) -> str:
    """Return a clearing number without Swedbank's fifth digit, which is no part of the account."""
    if len(clearing) == CLEARING_LENGTH + 1 and clearing[0] == "8":
        if not luhn.is_valid(clearing):
            raise AccountError("clearing_check_digit")
        return clearing[:CLEARING_LENGTH]
    if len(clearing) != CLEARING_LENGTH or clearing[0] == "0":
        raise AccountError("clearing")
    return clearing


def _split(text: str, groups: list[str]) -> tuple[str, str, bool]:
    """Return clearing number, account number and whether it could be split in another way.

    The clearing number is the first four digits. Only when they begin with 8 may it be five:

    * written 8nnn-n or 8nnnn apart: five
    * four would leave more digits than an account of that bank has: five
    * four and then other than one digit apart: four
    * 8nnn n: five when the fifth digit fits, else four, and unclear
    * run together: five, but unclear, when the check digits fit that and not four; else four
    """
    digits = "".join(groups)
    four, five = ((digits[:length], digits[length:]) for length in (CLEARING_LENGTH, CLEARING_LENGTH + 1))
    if digits[:1] != "8" or not five[1]:
        return *four, False
    if _FIVE_APART.match(text) or (len(four[1]) > SWEDBANK_LONGEST >= len(five[1])):
        return *five, False
    lengths = [len(group) for group in groups]
    one_apart = lengths[:2] == [CLEARING_LENGTH, 1]
    if lengths[0] == CLEARING_LENGTH and not one_apart:
        return *four, False
    if not luhn.is_valid(five[0]):
        return *four, one_apart
    fits_four, fits_five = luhn.is_valid(four[1]), luhn.is_valid(five[1])
    # When both fit, the fifth digit is 0 and the sixteen digits are the same.
    if one_apart:
        return *five, fits_four and not fits_five
    only_five = fits_five and not fits_four
    return *(five if only_five else four), only_five


def read_account(text: str, clearing: str = "") -> BankAccount:
    """Return the bank account that a person wrote.

    :param text: the account number, or clearing and account number; digits, blanks, dots, hyphens
    :param clearing: the clearing number, when it was written in a field of its own
    :raises AccountError: not a bank account, or its check digit is wrong in a bank that always has one
    """
    groups = [group for group in _SEPARATORS.split(text) if group]
    unclear = False
    if clearing.strip():
        groups.insert(0, _SEPARATORS.sub("", clearing))
    if not groups or not all(map(is_digits, groups)):
        raise AccountError("format")
    if clearing.strip():
        typed, number = groups[0], "".join(groups[1:])
    else:
        typed, number, unclear = _split(text, groups)
    clearing = _four_digits(typed)
    warnings = ["clearing_split"] if unclear else []
    known = _range_of(clearing)
    if not number.strip("0") or len(number) > NUMBER_LENGTH:
        raise AccountError("length")
    if known is None:
        warnings.append("unknown_clearing")
    else:
        if not known.shortest <= len(number) <= known.longest:
            raise AccountError("length")
        if not CHECKS[known.check](clearing, number):
            if known.check not in ONLY_WARNS:
                raise AccountError("check_digit")
            warnings.append("check_digit")
        if known.note:
            warnings.append(known.note)
    return BankAccount(
        bank=known.bank if known else "",
        clearing=clearing,
        number=number,
        digits=clearing + number.zfill(NUMBER_LENGTH),
        warnings=tuple(map(AccountWarning, warnings)),
    )


def show_account(digits: str) -> str:
    """Return the 16 digits of a file as people write them: ``8327-1234567890``.

    Anything else than 16 digits is returned as it is.
    """
    if len(digits) != CLEARING_LENGTH + NUMBER_LENGTH or not is_digits(digits):
        return digits
    clearing, number = digits[:CLEARING_LENGTH], digits[CLEARING_LENGTH:].lstrip("0")
    known = _range_of(clearing)
    return f"{clearing}-{number.zfill(known.shortest if known else 1)}"


def mask_account(digits: str) -> str:
    """Return only the last four digits: ``**** 7890``; nothing of an empty text."""
    return f"**** {digits[-4:]}" if digits else ""
