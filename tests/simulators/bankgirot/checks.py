"""Check digits and other tests of single numbers."""

from datetime import date


def luhn(digits: str) -> bool:
    """True when the digits, check digit included, satisfy the modulus 10 rule."""
    total = 0
    for position, char in enumerate(reversed(digits)):
        value = int(char) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_digits(text: str) -> bool:
    """True for plain 0–9 only (str.isdigit also takes ² and the digits of other scripts)."""
    return text.isascii() and text.isdigit()


def is_bankgiro(text: str) -> bool:
    """True for a bankgiro number of 7–8 digits with a right check digit, zero-filled or not."""
    bare = text.lstrip("0")
    return is_digits(text) and len(bare) in (7, 8) and luhn(bare)


def to_date(text: str) -> date | None:
    """A YYYYMMDD text as a date, None when it is not one."""
    if len(text) != 8 or not is_digits(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def is_identity(text: str) -> bool:
    """True for YYYYMMDDNNNN (day + 60 for a coordination number) or 00 + organisation number."""
    if len(text) != 12 or not is_digits(text) or not luhn(text[2:]):
        return False
    if text.startswith("00"):
        return int(text[2:]) > 0
    day = int(text[6:8])
    return to_date(text[:6] + f"{day - 60 if day > 60 else day:02d}") is not None


def is_account(text: str) -> bool:
    """True for a clearing number 1000–9999 followed by an account number, right-justified in 12 digits."""
    return len(text) == 16 and is_digits(text) and int(text[:4]) >= 1000 and int(text[4:]) > 0


def organisation_of(bankgiro: str) -> str:
    """An invented organisation number (10 digits, right check digit) for whoever owns a bankgiro number.

    The third digit is 0, which no real organisation number has.
    """
    stem = "550" + bankgiro.zfill(10)[-6:]
    return next(stem + str(digit) for digit in range(10) if luhn(stem + str(digit)))
