"""What a visitor fills in, and what is wrong with it in words that help. The card is a pretended one."""

import re
from datetime import datetime

from .moments import SWEDEN

CARD, DENIED = "4242 4242 4242 4242", "4000000000000002"
_MOBILE = re.compile(r"(?:\+46|0046|0)7\d{8}")
_ABROAD = re.compile(r"(?:\+|00)(?!46)[1-9]\d{7,13}")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[a-z0-9åäö-]+(?:\.[a-z0-9åäö-]+)*\.[a-z]{2,}", re.IGNORECASE)


def read_customer(told: dict) -> tuple:
    """({name, email, phone}, {field: what is wrong}) of a form: {field: text}."""
    name = " ".join(told.get("namn", "").split())
    phone = re.sub(r"[\s()–-]", "", told.get("mobil", ""))
    email = told.get("epost", "").strip()
    wrong = {}
    if len(name) < 2 or not re.search(r"[^\W\d_]", name):
        wrong["namn"] = "Skriv ditt namn."
    elif len(name) > 100:
        wrong["namn"] = "Namnet är för långt; högst 100 tecken."
    if not phone:
        wrong["mobil"] = "Skriv ditt mobilnummer."
    elif not _MOBILE.fullmatch(phone) and not _ABROAD.fullmatch(phone):
        wrong["mobil"] = "Det är inget mobilnummer. Skriv det som 070-174 06 05, eller med landskod som +47."
    if not email:
        wrong["epost"] = "Skriv din e-postadress."
    elif not _EMAIL.fullmatch(email) or len(email) > 200:
        wrong["epost"] = "E-postadressen är inte rätt skriven. Skriv den som namn@exempel.se."
    return {"name": name, "email": email, "phone": phone}, wrong


def check_card(told: dict, now: datetime) -> dict:
    """{field: what is wrong} of a card; one that is denied says so."""
    wrong = {}
    number = re.sub(r"[\s-]", "", told.get("kort", ""))
    if not re.fullmatch(r"\d{13,19}", number) or not _luhn(number):
        wrong["kort"] = f"Kortnumret är fel skrivet. Låtsaskortet har numret {CARD}."
    elif number == DENIED:
        wrong["kort"] = "Kortet nekades av banken. Inget är bokat."
    until = re.fullmatch(r"(0[1-9]|1[0-2])\s*/?\s*(\d\d)", told.get("giltigt", "").strip())
    if not until:
        wrong["giltigt"] = "Skriv månad och år som på kortet, 09/30."
    elif (2000 + int(until[2]), int(until[1])) < (local := now.astimezone(SWEDEN)).timetuple()[:2]:
        wrong["giltigt"] = f"Kortet har gått ut; nu är det {local:%m/%y}."
    if not re.fullmatch(r"\d{3,4}", told.get("cvc", "").strip()):
        wrong["cvc"] = "CVC är de tre siffrorna på kortets baksida."
    return wrong


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
