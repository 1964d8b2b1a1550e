"""A strict reader of SIE files, written from the format's description (4B) and from no writer.

``read`` refuses what the description does not allow, naming the line, where the readers of accounting
systems would guess, warn or lose something. What it returns is what the file says.

Imported by the tests next to this file; it needs neither Odoo nor any of our addons.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date as Date
from decimal import Decimal

#: 4I has vouchers for a system to take in; the others come from one: 1 to 3 balances, 4E all of it
KINDS = ("1", "2", "3", "4E", "4I")
ACCOUNT_PLANS = ("BAS95", "BAS96", "EUBAS97", "NE2007")


class SieReadError(ValueError):
    """What is wrong, in English, and the number of the line from 1; None: of no line."""

    def __init__(self, reason: str, line: int | None = None):
        self.reason = reason
        self.line = line
        super().__init__(reason if line is None else f"line {line}: {reason}")


@dataclass
class ReadRow:
    account: str
    amount: int  # öre
    objects: dict[int, str] = field(default_factory=dict)  # {dimension: object}
    date: Date | None = None
    text: str = ""
    quantity: Decimal | None = None
    sign: str = ""


@dataclass
class ReadVoucher:
    series: str
    number: str
    date: Date
    text: str = ""
    registered: Date | None = None
    sign: str = ""
    rows: list[ReadRow] = field(default_factory=list)
    added: list[ReadRow] = field(default_factory=list)  # #RTRANS, each of them in rows as well
    removed: list[ReadRow] = field(default_factory=list)  # #BTRANS


@dataclass
class SieFile:
    kind: str
    flag: int = 0  # 1: somebody has read the file in already
    program: tuple[str, str] = ("", "")
    generated: Date | None = None
    name: str = ""
    org_number: str = ""
    account_plan: str = ""
    years: dict[int, tuple[Date, Date]] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    dimensions: dict[int, str] = field(default_factory=dict)
    objects: dict[tuple[int, str], str] = field(default_factory=dict)
    vouchers: list[ReadVoucher] = field(default_factory=list)
    checksum: int | None = None
    #: Every record of a standard label as (label, fields in order), object lists as tuples
    records: list[tuple[str, list]] = field(default_factory=list)
    #: (line, label) of what was skipped
    unknown: list[tuple[int, str]] = field(default_factory=list)


# Fields: each function takes the characters and returns the value, or raises ValueError.


def _matching(pattern: str, what: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def read(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f"“{text}” is not {what}")
        return text

    return read


_date_digits = _matching("[0-9]{8}", "a date YYYYMMDD")


def _date(text: str) -> Date:
    _date_digits(text)
    try:
        return Date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise ValueError(f"“{text}” is not a day of the calendar") from None


_amount_form = _matching(r"-?[0-9]+(\.[0-9]{1,2})?", "an amount")


def _amount(text: str) -> int:
    kronor, _point, ore = _amount_form(text).lstrip("-").partition(".")
    return (-1 if text[0] == "-" else 1) * (int(kronor) * 100 + int(ore.ljust(2, "0")))


_quantity_form = _matching(r"-?[0-9]+(\.[0-9]+)?", "a quantity")
_whole_form = _matching("-?[0-9]+", "a whole number")
_account = _matching("[0-9]+", "an account number")
_text = str


def _quantity(text: str) -> Decimal:
    return Decimal(_quantity_form(text))


def _whole(text: str) -> int:
    return int(_whole_form(text))


def _objects(pairs: tuple[str, ...]) -> dict[int, str]:
    if len(pairs) % 2:
        raise ValueError("an object list has pairs of dimension and object")
    objects = {}
    for number, name in zip(pairs[::2], pairs[1::2], strict=True):
        if _whole(number) in objects:
            raise ValueError(f"dimension {number} twice in an object list")
        if not name:
            raise ValueError("an object without a code")
        objects[_whole(number)] = name
    return objects


def _or_empty(read: Callable) -> Callable:
    return lambda text: read(text) if text else None


@dataclass(frozen=True)
class _Label:
    """The fields of a label, required ones first; ``once``: not a second time in a file."""

    required: tuple
    optional: tuple = ()
    once: bool = False


_ROW = _Label((_account, _objects, _amount), (_or_empty(_date), _text, _or_empty(_quantity), _text))
_BALANCE = _Label((_whole, _account, _amount), (_or_empty(_quantity),))
_OBJECT_BALANCE = _Label((_whole, _account, _objects, _amount), (_or_empty(_quantity),))
_PERIOD = _matching("[0-9]{6}", "a period YYYYMM")
_PERIOD_BALANCE = _Label((_whole, _PERIOD, _account, _objects, _amount), (_or_empty(_quantity),))

LABELS = {
    "#FLAGGA": _Label((_matching("[01]", "0 or 1"),), once=True),
    "#PROGRAM": _Label((_text, _text), once=True),
    "#FORMAT": _Label((_matching("PC8", "PC8"),), once=True),
    "#GEN": _Label((_date,), (_text,), once=True),
    "#SIETYP": _Label((_matching("[1-4]", "a type of file"),), once=True),
    "#PROSA": _Label((_text,)),
    "#FTYP": _Label((_text,), once=True),
    "#FNR": _Label((_text,), once=True),
    "#ORGNR": _Label(
        (_matching("[0-9]{6}-[0-9]{4}", "nnnnnn-nnnn"),), (_or_empty(_whole), _or_empty(_whole)), once=True
    ),
    "#ADRESS": _Label((_text, _text, _text, _text), once=True),
    "#FNAMN": _Label((_text,), once=True),
    "#RAR": _Label((_whole, _date, _date)),
    "#TAXAR": _Label((_matching("[0-9]{4}", "a year"),), once=True),
    "#KPTYP": _Label((_matching("|".join(ACCOUNT_PLANS), "a chart of accounts"),), once=True),
    "#VALUTA": _Label((_matching("[A-Z]{3}", "a currency"),), once=True),
    "#OMFATTN": _Label((_date,), once=True),
    "#BKOD": _Label((_text,), once=True),
    "#KONTO": _Label((_account, _text)),
    "#KTYP": _Label((_account, _matching("[TSKI]", "a type of account"))),
    "#ENHET": _Label((_account, _text)),
    "#SRU": _Label((_account, _matching("[0-9]+", "an SRU code"))),
    "#DIM": _Label((_whole, _text)),
    "#UNDERDIM": _Label((_whole, _text, _whole)),
    "#OBJEKT": _Label((_whole, _text, _text)),
    "#IB": _BALANCE,
    "#UB": _BALANCE,
    "#RES": _BALANCE,
    "#OIB": _OBJECT_BALANCE,
    "#OUB": _OBJECT_BALANCE,
    "#PSALDO": _PERIOD_BALANCE,
    "#PBUDGET": _PERIOD_BALANCE,
    "#VER": _Label((_text, _matching("[0-9]*", "a voucher number"), _date), (_text, _or_empty(_date), _text)),
    "#TRANS": _ROW,
    "#RTRANS": _ROW,
    "#BTRANS": _ROW,
    "#KSUMMA": _Label((), (_matching("[0-9]+", "a checksum"),)),
}
ROWS = ("#TRANS", "#RTRANS", "#BTRANS")
REQUIRED = ("#FLAGGA", "#PROGRAM", "#FORMAT", "#GEN", "#SIETYP", "#FNAMN")
FORBIDDEN_IN_4I = ("#BKOD", "#OMFATTN", "#IB", "#UB", "#OIB", "#OUB", "#RES", "#PSALDO", "#PBUDGET")

# Lines: characters become fields.

_FORBIDDEN_BYTE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # a tab parts fields
_LABEL = re.compile(r"#[A-Z0-9_]+")
_QUOTED = re.compile(r'"((?:[^"\\]+|\\"|\\(?!"))*)"')
_BARE = re.compile(r'[^ \t"{}]+')


@dataclass
class _Line:
    number: int
    label: str  # or a brace
    fields: list  # a text, or the tuple of texts of an object list

    def contents(self) -> Iterator[str]:
        """What the checksum is of."""
        yield self.label
        for item in self.fields:
            yield from [item] if isinstance(item, str) else item


def _split(text: str) -> list:
    """Return the fields of what is behind a label; an object list is a tuple.

    Fields are parted by blanks. A bare one has no quotation mark and no brace within; a backslash is
    nothing special but before a quotation mark within quotes.
    """
    fields, objects, at = [], None, 0
    parted = True  # whether a field may begin here
    while at < len(text):
        character = text[at]
        if character in " \t":
            parted = True
            at += 1
        elif character == "{":
            if objects is not None or not parted:
                raise ValueError("a brace where none belongs")
            objects = []
            at += 1
        elif character == "}":
            if objects is None:
                raise ValueError("a brace where none belongs")
            fields.append(tuple(objects))
            objects, parted = None, False
            at += 1
        else:
            if not parted and text[at - 1] != "{":
                raise ValueError("fields are not parted by a blank")
            found = _QUOTED.match(text, at) if character == '"' else _BARE.match(text, at)
            if not found:
                raise ValueError("a quotation mark is never closed")
            value = found[1].replace(r"\"", '"') if character == '"' else found[0]
            (fields if objects is None else objects).append(value)
            parted = False
            at = found.end()
    if objects is not None:
        raise ValueError("a brace is never closed")
    return fields


def _lines(data: bytes) -> Iterator[_Line]:
    if not data.endswith(b"\n"):
        raise SieReadError("the last line has no end", data.count(b"\n") + 1)
    for number, raw in enumerate(data[:-1].split(b"\n"), 1):
        raw = raw.removesuffix(b"\r")
        if _FORBIDDEN_BYTE.search(raw):
            raise SieReadError("a control character", number)
        text = raw.decode("cp437").strip(" \t")
        if not text:
            continue
        if text in ("{", "}"):
            yield _Line(number, text, [])
            continue
        label = _LABEL.match(text)
        if not label or text[label.end() : label.end() + 1] not in ("", " ", "\t"):
            raise SieReadError("no label at the beginning", number)
        try:
            yield _Line(number, label[0], _split(text[label.end() :]))
        except ValueError as error:
            raise SieReadError(str(error), number) from None


# The file.


class _Reader:
    def __init__(self, kind: str):
        self.file = SieFile(kind)
        self.seen: set[str] = set()
        self.voucher: ReadVoucher | None = None  # whose rows come, or whose { is to come
        self.voucher_line = 0
        self.inside = ""  # between { and }: "voucher" or "unknown"
        self.before = ""  # the label or brace of the line before
        self.repeat: ReadRow | None = None  # the #RTRANS whose #TRANS is to come
        self.crc: int | None = None  # from the first #KSUMMA on

    def take(self, line: _Line) -> None:
        label = line.label
        if not self.seen and label != "#FLAGGA":
            raise ValueError("#FLAGGA is not the first record")
        if self.crc is not None and label not in ("{", "}", "#KSUMMA"):
            self.crc = zlib.crc32("".join(line.contents()).encode("cp437"), self.crc)
        if self.before == "#VER" and label != "{":
            raise ValueError("a voucher's rows are not in braces")
        if self.repeat and label != "#TRANS":
            raise ValueError("#RTRANS is not followed by the same #TRANS")
        if label == "{":
            self._open()
        elif label == "}":
            self._close()
        elif self.inside == "unknown":
            pass
        elif label not in LABELS:
            if self.inside:
                raise ValueError(f"{label} among a voucher's rows")
            self.file.unknown.append((line.number, label))
        else:
            self._record(line)
        self.before = label

    def _open(self):
        if self.inside:
            raise ValueError("braces within braces")
        if self.before == "#VER":
            self.inside = "voucher"
        elif self.before not in LABELS and self.before not in ("{", "}", ""):
            self.inside = "unknown"
        else:
            raise ValueError("a brace where none belongs")

    def _close(self):
        if not self.inside:
            raise ValueError("a brace where none belongs")
        if self.inside == "voucher":
            if not self.voucher.rows and self.file.kind == "4I":  # in 4E it may be one that was undone
                raise ValueError("a voucher without rows")
            total = sum(row.amount for row in self.voucher.rows)
            if total:
                where = f"the voucher of line {self.voucher_line}"
                raise ValueError(f"{where} adds up to {total} öre, not to zero")
            self.voucher = None
        self.inside = ""

    def _record(self, line: _Line):
        label, form = line.label, LABELS[line.label]
        if self.file.kind == "4I" and label in FORBIDDEN_IN_4I:
            raise ValueError(f"{label} does not belong in type 4I")
        if (label in ROWS) != (self.inside == "voucher"):
            raise ValueError(f"{label} where it does not belong")
        if form.once and label in self.seen:
            raise ValueError(f"{label} a second time")
        self.seen.add(label)
        if len(line.fields) < len(form.required):
            raise ValueError(f"{label} has {len(line.fields)} fields, not {len(form.required)}")
        values = []
        # More fields than the description has are skipped, as it asks for.
        for read, item in zip((*form.required, *form.optional), line.fields, strict=False):
            if (read is _objects) != isinstance(item, tuple):
                raise ValueError("an object list is missing, or where none belongs")
            values.append(read(item))
        self.file.records.append((label, line.fields))
        take = getattr(self, f"_{label[1:].lower()}", None)
        if take:
            take(*values)
        if label == "#VER":
            self.voucher_line = line.number

    # One method for each label whose fields are kept, with the values of its fields

    def _flagga(self, flag):
        self.file.flag = int(flag)

    def _program(self, name, version):
        if not name:
            raise ValueError("the program has no name")
        self.file.program = (name, version)

    def _gen(self, day, _sign=""):
        self.file.generated = day

    def _sietyp(self, number):
        if number != self.file.kind[0]:
            raise ValueError(f"the file is of type {number}, not {self.file.kind}")

    def _fnamn(self, name):
        if not name:
            raise ValueError("the company has no name")
        self.file.name = name

    def _orgnr(self, number, *_more):
        self.file.org_number = number

    def _kptyp(self, plan):
        self.file.account_plan = plan

    def _rar(self, number, start, end):
        if number > 0 or number in self.file.years:
            raise ValueError(f"fiscal year {number}, or the same one twice")
        if end < start:
            raise ValueError("the fiscal year ends before it begins")
        self.file.years[number] = (start, end)

    def _konto(self, number, name):
        if number in self.file.accounts:
            raise ValueError(f"account {number} a second time")
        self.file.accounts[number] = name

    def _dim(self, number, name):
        if number in self.file.dimensions:
            raise ValueError(f"dimension {number} a second time")
        self.file.dimensions[number] = name

    def _underdim(self, number, name, _above):
        self._dim(number, name)

    def _objekt(self, dimension, code, name):
        if (dimension, code) in self.file.objects:
            raise ValueError(f"object {code} a second time")
        self.file.objects[dimension, code] = name

    def _ver(self, series, number, day, text="", registered=None, sign=""):
        self.voucher = ReadVoucher(series, number, day, text, registered, sign)
        self.file.vouchers.append(self.voucher)

    def _row(self, account, objects, amount, day=None, text="", quantity=None, sign=""):
        return ReadRow(account, amount, objects, day, text, quantity, sign)

    def _trans(self, *values):
        row = self._row(*values)
        if self.repeat and row != self.repeat:
            raise ValueError("#RTRANS is not followed by the same #TRANS")
        self.repeat = None
        self.voucher.rows.append(row)

    def _rtrans(self, *values):
        self.repeat = self._row(*values)
        self.voucher.added.append(self.repeat)

    def _btrans(self, *values):
        self.voucher.removed.append(self._row(*values))

    def _ksumma(self, value=None):
        if self.file.checksum is not None or (value is None) != (self.crc is None):
            raise ValueError("#KSUMMA is once bare, and later once with the checksum")
        if value is None:
            self.crc = 0
        elif int(value) != self.crc:
            raise ValueError(f"the checksum is {value}, but that of the records is {self.crc}")
        else:
            self.file.checksum, self.crc = self.crc, None

    def finish(self) -> SieFile:
        if self.inside or self.before == "#VER":
            raise SieReadError("the file ends within a voucher")
        if self.crc is not None:
            raise SieReadError("the #KSUMMA with the checksum is missing")
        for label in REQUIRED:
            if label not in self.seen:
                raise SieReadError(f"{label} is missing")
        return self.file


def read(data: bytes, kind: str = "4I") -> SieFile:
    """Return what a SIE file says.

    :param data: the file's bytes, CP437
    :param kind: one of ``KINDS``; the file's name tells 4I, which ends with .si, from 4E
    :raises SieReadError: the description does not allow it
    """
    reader = _Reader(kind)
    for line in _lines(data):
        try:
            reader.take(line)
        except ValueError as error:
            raise SieReadError(str(error), line.number) from None
    return reader.finish()
