"""Reads CSV files of any layout: header, rows, amounts, days. Knows nothing of Odoo.

What encodes a file, parts its fields and marks its decimals is found out from the file itself. What can be
read in two ways is refused, or asked for: an amount is never guessed.
"""

import codecs
import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from io import StringIO
from zoneinfo import ZoneInfo

MAX_BYTES = 50_000_000
MAX_ROWS = 100_000
_MAX_BEFORE = 60  # lines to the header
_LOOKED_AT = 20  # lines below a possible header
_DELIMITERS = ";\t|,"
_MAX_DIGITS = 12  # of a whole amount: with öre it is exact in the database and in a float

#: How other files than text begin -> what they are
_OTHERS = (
    (b"PK\x03\x04", "excel"),
    (b"\xd0\xcf\x11\xe0", "excel"),
    (b"%PDF", "pdf"),
    (b"\x1f\x8b", "packed"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_SYMBOLS = {"€": "EUR", "£": "GBP", "$": "USD"}
_KRONOR = {"kr", "kr."}  # of which country is not said
_CURRENCY = r"kr\.?|[A-Za-z]{3}|[€£$]"
_AMOUNT = re.compile(
    rf"""
    (?P<sign_1>[+-])? \ ? (?P<currency_1>{_CURRENCY})? \ ? (?P<sign_2>[+-])? \ ?
    (?P<number>(?:[\d.,][\d.,'’\ ]*)?\d) (?:[:.,]-)?
    \ ? (?P<currency_2>{_CURRENCY})? (?P<sign_3>\ ?-)? \ ? (?P<currency_3>{_CURRENCY})?
    """,
    re.VERBOSE | re.ASCII,
)
_GROUPED = re.compile(r"\d{1,3}(?:(?P<mark>[ '’.,])\d{3})(?:(?P=mark)\d{3})*", re.ASCII)
_TIME = r"""
    (?:[T\ ]\ ? (?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?
       (?:\ ?(?P<zone>Z|UTC|[+-]\d\d:?(?:\d\d)?))?
    )?
    """
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?P<mark>[-/.]?)(?P<month>\d\d)(?P=mark)(?P<day>\d\d)" + _TIME, re.VERBOSE | re.ASCII
)
_YEAR_LAST = re.compile(
    r"(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4})" + _TIME, re.VERBOSE | re.ASCII
)
DAY_FIRST, MONTH_FIRST = "day", "month"


class FileError(Exception):
    """A file, or a line of it, that cannot be read.

    :ivar problem: a word for what is wrong
    :ivar line: where, counted from 1
    :ivar details: what it takes to explain it
    """

    def __init__(self, problem: str, line: int | None = None, **details):
        super().__init__(problem, line, details)
        self.problem = problem
        self.line = line
        self.details = details


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it was read.

    :ivar names: of the columns, no two are the same
    :ivar line: that of the header
    :ivar above: what stands above the header
    """

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    line: int
    above: tuple[str, ...]
    encoding: str
    delimiter: str

    def values(self, name: str) -> list[str]:
        """Return what a column has, without what is empty."""
        at = self.names.index(name)
        return [row.cells[at] for row in self.rows if at < len(row.cells) and row.cells[at]]


@dataclass(frozen=True, slots=True)
class Amount:
    value: Decimal
    currency: str | None  # None: not told


# === FILE === #


def read_table(data: bytes, known: Iterable[str] = ()) -> Table:
    """Read a file.

    :param known: names that a header may be known by, as :func:`normalise` returns them
    :raises FileError:
    """
    if len(data) > MAX_BYTES:
        raise FileError("too_large", megabytes=MAX_BYTES // 1_000_000)
    text, encoding = _decode(data)
    lines = list(StringIO(text, newline=""))
    start, delimiter = _find_header(lines, frozenset(known))
    records = _read_records(lines[start:], start, delimiter)
    header = next(records)
    names = list(header.cells)
    while names and not names[-1]:
        names.pop()
    rows = []
    for row in records:
        if not any(row.cells):
            continue
        if any(row.cells[len(names) :]):
            raise FileError("cells", row.line, found=len(row.cells), expected=len(names))
        if len(rows) == MAX_ROWS:
            raise FileError("too_many", row.line, rows=MAX_ROWS)
        rows.append(row)
    if not rows:
        raise FileError("no_rows")
    above = tuple(text for line in lines[:start] if (text := line.strip(f"{_DELIMITERS}\r\n ")))
    return Table(_tell_apart(names), tuple(rows), header.line, above, encoding, delimiter)


def normalise(name: str) -> str:
    """Return what a column's name is known by: `Belopp (SEK)` is a `belopp`."""
    name = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", name)
    name = re.sub(r"(?<=[a-zåäö])(?=[A-ZÅÄÖ])", " ", name)
    return re.sub(r"[\W_]+", " ", name.casefold()).strip()


def _decode(data: bytes) -> tuple[str, str]:
    for beginning, problem in _OTHERS:
        if data.startswith(beginning):
            raise FileError(problem)
    encodings = ("utf-8-sig", "cp1252")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ("utf-16",)
    elif data.startswith(codecs.BOM_UTF8):
        encodings = ("utf-8-sig",)
    elif b"\0" in data:
        # Text of western letters has nothing in every other byte.
        odd, even = data[1::2].count(0), data[::2].count(0)
        encodings = ("utf-16-le",) if odd > even else ("utf-16-be",)
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        text = text.rstrip("\x1a")
        if _CONTROL.search(text):
            raise FileError("binary")
        if not text.strip():
            raise FileError("empty")
        return text, encoding.removesuffix("-sig")
    raise FileError("binary" if b"\0" in data else "encoding")


def _find_header(lines: list[str], known: frozenset[str]) -> tuple[int, str]:
    """Return the index of the line of column names, and what parts them."""
    first, delimiters = 0, _DELIMITERS
    if told := re.fullmatch(r"\"?sep=(.)\"?\s*", lines[0], re.IGNORECASE):
        first, delimiters = 1, told[1]
    best, chosen = None, None
    for delimiter in delimiters:
        split = [_split(line, delimiter) for line in lines[: _MAX_BEFORE + _LOOKED_AT]]
        for index in range(first, min(len(split), _MAX_BEFORE)):
            filled = [cell for cell in split[index] if cell]
            if len(filled) < 2 or any(map(_is_value, filled)):
                continue
            matches = len(known.intersection(map(normalise, filled)))
            if not matches and any(mark in cell for cell in filled for mark in _DELIMITERS[:-1]):
                continue  # parted at the commas of its amounts
            below = [cells for cells in split[index + 1 :] if any(cells)][:_LOOKED_AT]
            fits = sum(len(cells) == len(split[index]) for cells in below) * 2 >= len(below)
            score = (matches, fits, len(filled), -index)
            if best is None or score > best:
                best, chosen = score, (index, delimiter)
    if chosen is None or not (best[0] or best[1]):
        raise FileError("no_header")
    if not best[0]:
        # Nothing of it is known: rows above it would be rows without a header rather than a heading.
        for line in lines[first : chosen[0]]:
            cells = [cell for cell in _split(line, chosen[1]) if cell]
            if len(cells) >= best[2] and any(map(_is_value, cells)):
                raise FileError("no_header")
    return chosen


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _is_value(cell: str) -> bool:
    return bool(
        any(map(str.isdigit, cell))
        and (_AMOUNT.fullmatch(_plain(cell)) or _YEAR_FIRST.fullmatch(cell) or _YEAR_LAST.fullmatch(cell))
    )


def _read_records(lines: list[str], start: int, delimiter: str):
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = start + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            raise FileError("quotes", line) from None
        if cells is None:
            return
        yield Row(line, tuple(_SPACES.sub(" ", cell).strip() for cell in cells))


def _tell_apart(names: list[str]) -> tuple[str, ...]:
    """Return names of which no two are the same, and none is empty."""
    found: dict[str, None] = {}
    for number, name in enumerate(names, 1):
        name = unnumbered = name or f"#{number}"
        count = 1
        while name in found:
            count += 1
            name = f"{unnumbered} ({count})"
        found[name] = None
    return tuple(found)


# === AMOUNTS === #


def read_amount(text: str, decimal: str | None = None) -> Amount:
    """Return an amount.

    :param decimal: what marks decimals in the file, as :func:`find_decimal` found it; without it `1,234` is
        refused, which can be two amounts
    :raises FileError: `amount`, `decimals` for more than two of them, `ambiguous`
    """
    sign, number, currency = _take_apart(text)
    if number is None:
        return Amount(Decimal(0), currency)
    mark, certain = _mark_of(number)
    if mark and not certain:
        if decimal is None:
            raise FileError("ambiguous", found=text)
        mark = mark if mark == decimal else ""
    whole, _mark, decimals = number.rpartition(mark) if mark else (number, "", "")
    if mark and not decimals.isdigit():
        raise FileError("amount", found=text)
    if len(decimals) > 2:
        raise FileError("decimals", found=text)
    grouped = _GROUPED.fullmatch(whole)
    if not (whole == "" or whole.isdigit() or (grouped and grouped["mark"] != mark)):
        raise FileError("amount", found=text)
    digits = re.sub(r"\D", "", whole).lstrip("0")
    if len(digits) > _MAX_DIGITS:
        raise FileError("amount", found=text)
    value = Decimal(f"{digits or 0}.{decimals.ljust(2, '0')}")
    return Amount(-value if sign == "-" and value else value, currency)


def find_decimal(texts: Iterable[str]) -> str | None:
    """Return what marks decimals in amounts, None if they do not tell or contradict each other."""
    found = set()
    for text in texts:
        try:
            number = _take_apart(text)[1]
        except FileError:
            continue
        if not number:
            continue
        mark, certain = _mark_of(number)
        if mark and certain:
            found.add(mark)
        elif not mark:
            for thousands, other in (".,", ",."):
                if number.count(thousands) > 1:
                    found.add(other)
    return found.pop() if len(found) == 1 else None


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).strip().replace("−", "-").replace("–", "-")


def _take_apart(text: str) -> tuple[str, str | None, str | None]:
    """Return sign, number as it is written (None: only a dash, which is nothing) and currency."""
    plain = _plain(text)
    if plain == "-":
        return "", None, None
    within = plain.startswith("(") and plain.endswith(")")
    match = _AMOUNT.fullmatch(plain[1:-1].strip() if within else plain)
    if not match:
        raise FileError("amount", found=text)
    signs = [sign.strip() for name in ("sign_1", "sign_2", "sign_3") if (sign := match[name])]
    signs += ["-"] * within
    currencies = [word for name in ("currency_1", "currency_2", "currency_3") if (word := match[name])]
    if len(signs) > 1 or len(currencies) > 1:
        raise FileError("amount", found=text)
    currency = currencies[0] if currencies else ""
    if currency.lower() in _KRONOR:
        currency = ""
    return (
        signs[0] if signs else "",
        match["number"],
        _SYMBOLS.get(currency, currency.upper()) or None,
    )


def _mark_of(number: str) -> tuple[str, bool]:
    """Return what marks the decimals of a number, if anything does, and whether that is certain."""
    at = max(number.rfind("."), number.rfind(","))
    if at < 0:
        return "", True
    mark, before, after = number[at], number[:at], number[at + 1 :]
    if mark in before:
        return "", True  # 1.234.567
    other = "," if mark == "." else "."
    if other in before or len(after) != 3 or not after.isdigit():
        return mark, True
    return mark, not (before.isdigit() and 1 <= len(before) <= 3 and before[0] != "0")


# === DAYS === #


def read_day(text: str, order: str | None = None, utc: bool = False) -> Date:
    """Return a day; of a moment that tells its zone, the day it was in Sweden.

    :param order: DAY_FIRST or MONTH_FIRST, for `04/11/2026`
    :param utc: a time without zone is UTC
    :raises FileError: `date`; `date_order` if it takes an order
    """
    plain = _SPACES.sub(" ", text).strip()
    if match := _YEAR_FIRST.fullmatch(plain):
        month, day = match["month"], match["day"]
    elif match := _YEAR_LAST.fullmatch(plain):
        if match["mark"] == ".":
            order = DAY_FIRST  # nobody writes months first with points
        if order is None and match["one"] != match["two"]:
            raise FileError("date_order", found=text)
        month, day = match["one"], match["two"]
        if order == DAY_FIRST:
            month, day = day, month
    else:
        raise FileError("date", found=text)
    try:
        read = datetime(
            int(match["year"]),
            int(month),
            int(day),
            int(match["hour"] or 0),
            int(match["minute"] or 0),
            int(match["second"] or 0),
        )
        zone = match["zone"] or ("Z" if utc and match["hour"] else None)
        if not zone:
            return read.date()
        return read.replace(tzinfo=_offset(zone)).astimezone(_sweden()).date()
    except (ValueError, OverflowError):
        raise FileError("date", found=text) from None


def find_orders(texts: Iterable[str]) -> set[str] | None:
    """Return the orders that all of the dates can be read in, None if no date needs one."""
    orders, needed = {DAY_FIRST, MONTH_FIRST}, False
    for text in texts:
        match = _YEAR_LAST.fullmatch(_SPACES.sub(" ", text).strip())
        if not match or match["mark"] == ".":
            continue
        one, two = int(match["one"]), int(match["two"])
        needed |= one != two
        if one > 12:
            orders.discard(MONTH_FIRST)
        if two > 12:
            orders.discard(DAY_FIRST)
    return orders if needed else None


def _offset(zone: str) -> timezone:
    if zone in ("Z", "UTC"):
        return timezone.utc
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if zone[0] == "-" else offset)


@lru_cache(maxsize=1)
def _sweden() -> ZoneInfo:
    return ZoneInfo("Europe/Stockholm")
