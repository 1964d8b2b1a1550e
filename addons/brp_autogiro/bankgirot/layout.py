"""Records of 80 characters described by tables, from which they are both written and read.

A table row is (name, start, length, kind); positions count from 1, as Bankgirot's manual has them.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from .numbers import is_digits

LINE_LENGTH = 80
MAX_AMOUNT = 999_999_999_999  # öre: twelve digits
NEAREST = "GENAST"  # instead of a payment date: the nearest possible banking day


class BadField(Exception):
    """A value that does not fit its field. ``problem`` is a stable code; the value is not in it."""

    def __init__(self, problem: str):
        super().__init__(problem)
        self.problem = problem


# Reading. Each takes the field's characters and returns the value or raises BadField.


def _digits(text: str) -> str:
    if not is_digits(text):
        raise BadField("digits")
    return text


def _number(text: str) -> int:
    if not is_digits(text):
        raise BadField("digits")
    return int(text)


def _optional_number(text: str) -> int | None:
    return _number(text) if text.strip() else None


def _unlimited_number(text: str) -> int | None:
    return _optional_number(text) or None


def _significant(text: str) -> str:
    """Digits without leading zeros, of which something must be left."""
    if not is_digits(text):
        raise BadField("digits")
    return text.lstrip("0") or _bad("zero")


def _bad(problem: str):
    raise BadField(problem)


def _optional_digits(text: str) -> str:
    """All the digits of an identity or account; empty when blank or zeros."""
    if not text.strip(" 0"):
        return ""
    return _digits(text)


def _text(text: str) -> str:
    return text.strip(" ")


def _text_not_zeros(text: str) -> str:
    return text.strip(" ") if text.strip(" 0") else ""


@lru_cache(maxsize=4096)
def _date(text: str) -> date:
    if not is_digits(text):
        raise BadField("date")
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        raise BadField("date") from None


def _optional_date(text: str) -> date | None:
    return _date(text) if text.strip(" 0") else None


def _short_date(text: str) -> date | None:
    """YYMMDD of this century."""
    return _date(f"20{text}") if text.strip(" 0") else None


def _payment_date(text: str) -> date | None:
    """A date, or nothing for the nearest possible banking day."""
    return None if text == f"{NEAREST}  " else _date(text)


def _timestamp(text: str) -> datetime:
    day = _date(text[:8])
    if not is_digits(text[8:]):
        raise BadField("date")
    try:
        return datetime(
            day.year, day.month, day.day, int(text[8:10]), int(text[10:12]), int(text[12:14]), int(text[14:])
        )
    except ValueError:
        raise BadField("date") from None


# A negative total has its last digit punched over: 0-9 become these (å is } in seven bits, 0x86 in CP850).
_OVERPUNCHED = {"å": "0", "}": "0", "\x86": "0", **dict(zip("JKLMNOPQR", "123456789", strict=True))}


def _total(text: str) -> int:
    """The size of a total, signed or not: all totals of a report go the same way."""
    last = text[-1]
    return _number(text[:-1] + _OVERPUNCHED.get(last, last))


# Writing. Each takes the value and the field's length and returns its characters or raises BadField.


def _write_digits(value: str, length: int) -> str:
    if not isinstance(value, str) or not is_digits(value):
        raise BadField("digits")
    if not value.strip("0"):
        raise BadField("zero")
    if len(value) > length:
        raise BadField("too_long")
    return value.zfill(length)


def _write_all_digits(value: str, length: int) -> str:
    if len(_write_digits(value, length)) != len(value):
        raise BadField("too_short")
    return value


def _write_optional_digits(value: str | None, length: int) -> str:
    return " " * length if value is None else _write_all_digits(value, length)


def _write_number(value: int, length: int) -> str:
    if type(value) is not int or value < 0:
        raise BadField("number")
    if len(str(value)) > length:
        raise BadField("too_long")
    return str(value).zfill(length)


def _write_optional_number(value: int | None, length: int) -> str:
    if value == 0:
        raise BadField("zero")
    return " " * length if value is None else _write_number(value, length)


def _write_amount(value: int, length: int) -> str:
    if value == 0:
        raise BadField("zero")
    return _write_number(value, length)


def _write_date(value: date, length: int) -> str:
    if not isinstance(value, date):
        raise BadField("date")
    return f"{value.year:04}{value.month:02}{value.day:02}"


def _write_payment_date(value: date | None, length: int) -> str:
    return NEAREST.ljust(length) if value is None else _write_date(value, length)


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\xad]")
_PLAIN = str.maketrans({"–": "-", "—": "-", "‑": "-", "’": "'", "‘": "'", "”": '"', "“": '"'})


def latin1_text(text: str) -> str:
    """Return ``text`` in printable Latin-1: others lose their accents, or become question marks."""
    text = unicodedata.normalize("NFC", text).translate(_PLAIN)
    return "".join(map(_latin1_character, _CONTROL.sub(" ", text)))


def _latin1_character(character: str) -> str:
    if character <= "\xff":
        return character
    base = unicodedata.normalize("NFKD", character)[0]
    return base if " " <= base <= "~" else "?"


def _write_text(value: str, length: int) -> str:
    if not isinstance(value, str):
        raise BadField("text")
    text = latin1_text(value).strip(" ")
    if len(text) > length:
        raise BadField("too_long")
    return text.ljust(length)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a field's characters become a value and back; ``fallback`` stands in for an unreadable one.

    Without ``write`` it is a kind that only reports have: they are read and never written.
    """

    read: Callable
    write: Callable | None = None
    fallback: Callable = lambda text: None


DIGITS = Kind(_digits, _write_digits, _text)  # kept as they are
SIGNIFICANT = Kind(_significant, _write_digits, lambda text: text.strip(" ").lstrip("0"))
OPTIONAL_SIGNIFICANT = Kind(
    lambda text: _significant(text) if text.strip(" 0") else "", fallback=SIGNIFICANT.fallback
)
OPTIONAL_DIGITS = Kind(_optional_digits, _write_optional_digits, lambda text: "")
NUMBER = Kind(_number, _write_number, lambda text: 0)
AMOUNT = Kind(_number, _write_amount, lambda text: 0)
OPTIONAL_NUMBER = Kind(_optional_number, _write_optional_number)
UNLIMITED_NUMBER = Kind(_unlimited_number)
TOTAL = Kind(_total)
TEXT = Kind(_text, _write_text)
TEXT_NOT_ZEROS = Kind(_text_not_zeros)
EXACT = Kind(str)
DATE = Kind(_date, _write_date)
OPTIONAL_DATE = Kind(_optional_date)
SHORT_DATE = Kind(_short_date)
PAYMENT_DATE = Kind(_payment_date, _write_payment_date)
TIMESTAMP = Kind(_timestamp)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: ``start`` counts from 1. A ``lenient`` one that cannot be read is warned of, not refused."""

    name: str
    start: int
    length: int
    kind: Kind
    lenient: bool = False


class FieldError(Exception):
    """A field of a record that cannot be read or written."""

    def __init__(self, field: Field, problem: str):
        super().__init__(problem)
        self.field = field
        self.problem = problem


class RecordLayout:
    """The fields of one kind of record.

    :param constants: {start: text} that every such record has, written but not compared when read
    """

    def __init__(self, *fields: tuple, constants: Mapping[int, str] | None = None):
        self.fields = tuple(Field(*row) for row in fields)
        self.constants = dict(constants or {})
        self._readers = tuple(
            (field, field.name, field.start - 1, field.start - 1 + field.length, field.kind.read)
            for field in self.fields
        )

    def parse(self, line: str, warn: Callable[[Field, str], None]) -> dict:
        """Return {name: value} of a line of 80 characters.

        :param warn: called with each lenient field that cannot be read and the problem
        :raises FieldError: a field that cannot be read
        """
        values = {}
        for field, name, start, end, read in self._readers:
            text = line[start:end]
            try:
                values[name] = read(text)
            except BadField as error:
                if not field.lenient:
                    raise FieldError(field, error.problem) from None
                warn(field, error.problem)
                values[name] = field.kind.fallback(text)
        return values

    def render(self, values: Mapping) -> str:
        """Return the line of 80 characters that holds ``values``.

        :raises FieldError: a value that does not fit its field
        """
        line = [" "] * LINE_LENGTH
        for start, text in self.constants.items():
            line[start - 1 : start - 1 + len(text)] = text
        for field in self.fields:
            try:
                text = field.kind.write(values[field.name], field.length)
            except BadField as error:
                raise FieldError(field, error.problem) from None
            line[field.start - 1 : field.start - 1 + field.length] = text
        return "".join(line)
