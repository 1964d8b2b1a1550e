"""Swedish personal numbers (personnummer) and co-ordination numbers (samordningsnummer).

Pure rules without Odoo. Numbers are kept as twelve digits, YYYYMMDDNNNN. No message of this
module contains a number.
"""

import re
from datetime import date

from stdnum import luhn

FIRST_YEAR = 1840  # nobody born earlier was alive when personal numbers were introduced in 1947
_TYPED = re.compile(r"(?P<century>[0-9]{2})?(?P<date>[0-9]{6})(?P<sign>[-+]?)(?P<serial>[0-9]{4})")
_MESSAGES = {
    "format": "a personal number is written YYYYMMDD-NNNN, YYMMDD-NNNN or YYMMDD+NNNN",
    "date": "the personal number does not begin with a date of birth",
    "future": "the personal number's date of birth has not come yet",
    "check_digit": "the personal number's last digit does not fit the others",
}


class PersonalNumberError(ValueError):
    """What was typed is not a personal number.

    ``problem`` says why: ``format``, ``date``, ``future`` or ``check_digit``.
    """

    def __init__(self, problem: str):
        super().__init__(_MESSAGES[problem])
        self.problem = problem


def normalize(text: str, today: date) -> str:
    """Return the personal or co-ordination number in ``text`` as twelve digits.

    With two digits of the year, a hyphen or no sign is a person who does not turn 100 this
    year, a plus sign one who does or has (Folkbokföringslagen 1991:481, § 18). The day of a
    co-ordination number is 60 more than the day of birth.

    :param today: local date
    :raises PersonalNumberError: not a valid number; neither message nor error contains it
    """
    typed = _TYPED.fullmatch(re.sub(r"\s", "", text).replace("–", "-"))
    if not typed:
        raise PersonalNumberError("format")
    if typed["century"]:
        year = int(typed["century"] + typed["date"][:2])
    else:
        year = today.year - (today.year - int(typed["date"][:2])) % 100
        year -= 100 if typed["sign"] == "+" else 0
    month, day = int(typed["date"][2:4]), int(typed["date"][4:])
    try:
        born = date(year, month, day - 60 if day > 60 else day)
    except ValueError:
        raise PersonalNumberError("date") from None
    if year < FIRST_YEAR:
        raise PersonalNumberError("date")
    if born > today:
        raise PersonalNumberError("future")
    # stdnum.se.personnummer would refuse co-ordination numbers; its check digit is this one.
    if not luhn.is_valid(typed["date"] + typed["serial"]):
        raise PersonalNumberError("check_digit")
    return f"{year:04}{typed['date'][2:]}{typed['serial']}"


def mask(number: str) -> str:
    """Return a normalised number without its last four digits: ``19900101-****``."""
    return f"{number[:8]}-****"
