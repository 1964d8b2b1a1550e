"""Reads the report of a payout with its rows, CSV.

Its columns, their order and how numbers are written are settings of the merchant at Klarna: columns are
found by their names, everything else by what the report has. Amounts are signed: they are
``Signs.SIGNED``. Source: Klarna's description of settlement reports.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from io import StringIO
from itertools import chain

from .problems import SettlementError
from .records import DATED_BY, Transaction, Vat, read_code, read_currency, read_moment, read_text

_DELIMITERS = ";,\t"
_HEADER = {"type", "amount"}  # a report may begin with a summary, whose header has neither
_MAX_BEFORE = 50  # lines to the header
_MAX_RATES = 20

#: Field -> what its column may be called. In a report `tax_…` without a number is the VAT of the fee
_NAMES = {
    "type": ("type",),
    "amount": ("amount",),
    "sale_date": ("sale_date",),
    "capture_date": ("capture_date",),
    "currency": ("posting_currency", "currency_code", "currency", "settlement_currency"),
    "detailed_type": ("detailed_type",),
    "order_id": ("order_id",),
    "short_order_id": ("short_order_id",),
    "capture_id": ("capture_id",),
    "refund_id": ("refund_id",),
    "reference1": ("merchant_reference1", "merchant_reference_1"),
    "reference2": ("merchant_reference2", "merchant_reference_2"),
    "vat_rate": ("vat_rate", "tax_rate"),
    "vat_amount": ("vat_amount", "tax_amount"),
    "comment": ("klarna_comment", "comment"),
    "reversal_reference": ("reversal_reference",),
    "payment_method": ("initial_payment_method_type", "initial_payment_method"),
}
_KNOWN = set(chain.from_iterable(_NAMES.values()))
_NEEDED = ("type", "amount", "sale_date", "capture_date", "currency")

_SPACES = re.compile(r"[\s\u00a0\u202f]+")
#: Two decimals at most: 1,250 may be either
_NUMBER = re.compile(
    r"""
    (?P<sign>[+-]?)
    (?: (?P<whole>\d+) (?:[.,](?P<decimals>\d{1,2}))?
      | (?P<by_commas>\d{1,3}(?:,\d{3})+) \.(?P<decimals_1>\d{1,2})
      | (?P<by_points>\d{1,3}(?:\.\d{3})+) ,(?P<decimals_2>\d{1,2})
    )""",
    re.VERBOSE | re.ASCII,
)


def read_csv(data: bytes) -> Iterator[Transaction]:
    """Return the rows of a report, one at a time; its header is read at once.

    Numbers are written as ``100.00`` or ``100,00``, fields are parted by ``;``, ``,`` or tabs. Unknown
    columns do not matter.

    :param data: UTF-8, with or without a byte order mark
    :raises SettlementError: the report lacks columns, or, while rows are taken, one cannot be read; the
        place names its line
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettlementError("encoding") from None
    lines = list(StringIO(text, newline=""))
    start, delimiter = _find_header(lines)
    rows = _numbered(csv.reader(lines[start:], delimiter=delimiter), start)
    line, cells = next(rows)
    names = _read_names(cells, line)
    columns = _columns(names, line)
    return _read_rows(rows, len(names), columns, _rate_columns(names))


def _find_header(lines: list[str]) -> tuple[int, str]:
    """Return the index of the line of column names, and what parts them."""
    for index, line in enumerate(lines[:_MAX_BEFORE]):
        for delimiter in _DELIMITERS:
            try:
                names = next(csv.reader([line], delimiter=delimiter), [])
            except csv.Error:
                continue
            found = _KNOWN & set(map(_name, names))
            if found & _HEADER and len(found) > 1:
                return index, delimiter
    raise SettlementError("no_header")


def _name(cell: str) -> str:
    return re.sub(r"[\s_-]+", "_", cell.strip().lower())


def _read_names(cells: list[str], line: int) -> list[str]:
    names = [_name(cell) for cell in cells]
    twice = sorted({name for name in names if name in _KNOWN and names.count(name) > 1})
    if twice:
        raise SettlementError("same_columns", f"line {line}", columns=", ".join(twice))
    return names


def _columns(names: list[str], line: int) -> dict[str, int]:
    """Return where each field stands, of those that are there."""
    columns = {
        field: names.index(name)
        for field, known in _NAMES.items()
        for name in [next((name for name in known if name in names), None)]
        if name
    }
    lacking = [_NAMES[field][0] for field in _NEEDED if field not in columns]
    if lacking:
        raise SettlementError("columns", f"line {line}", columns=", ".join(lacking))
    return columns


def _rate_columns(names: list[str]) -> list[tuple[str, int, int | None]]:
    """Return numbers and places of the columns of the customer's VAT, as ``tax_rate_1``, ``tax_amount_1``."""
    found = []
    for number in range(1, _MAX_RATES + 1):
        rate, amount = f"tax_rate_{number}", f"tax_amount_{number}"
        if amount in names:
            found.append((str(number), names.index(amount), names.index(rate) if rate in names else None))
    return found


def _numbered(reader, start: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV reader with the line that each begins on."""
    while True:
        line = start + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            raise SettlementError("csv", f"line {line}") from None
        if cells is None:
            return
        yield line, cells


def _read_rows(
    rows: Iterator[tuple[int, list[str]]], width: int, columns: Mapping[str, int], rates
) -> Iterator[Transaction]:
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        try:
            if any(cell.strip() for cell in cells[width:]):
                raise SettlementError("cells")
            yield _read_row(cells, columns, rates)
        except SettlementError as error:
            where = f"line {line}, {error.where}" if error.where else f"line {line}"
            raise SettlementError(error.problem, where, **error.details) from None


def _read_row(cells: list[str], columns: Mapping[str, int], rates) -> Transaction:
    def cell(field: str) -> str:
        at = columns.get(field)
        return cells[at].strip() if at is not None and at < len(cells) else ""

    def text(field: str) -> str | None:
        return read_text(cell(field), field)

    def moment(field: str):
        value = cell(field)
        return read_moment(value, field, day_alone=True) if value else None

    type_ = read_code(cell("type"), "type")
    if type_ is None:
        raise SettlementError("missing", "type")
    for field in ("amount", DATED_BY.get(type_, "type")):
        if not cell(field):
            raise SettlementError("missing", field)
    return Transaction(
        type=type_,
        detailed_type=read_code(cell("detailed_type"), "detailed_type"),
        amount=_hundredths(cell("amount"), "amount"),
        sold_at=moment("sale_date"),
        captured_at=moment("capture_date"),
        order_id=text("order_id"),
        short_order_id=text("short_order_id"),
        capture_id=text("capture_id"),
        refund_id=text("refund_id"),
        reference1=text("reference1"),
        reference2=text("reference2"),
        currency=read_currency(cell("currency"), "currency"),
        vat_rate=_rate(cell("vat_rate"), "tax_rate") if cell("vat_rate") else None,
        vat_amount=_hundredths(cell("vat_amount"), "tax_amount") if cell("vat_amount") else None,
        customer_vat=_customer_vat(cells, rates),
        comment=text("comment"),
        reversal_reference=text("reversal_reference"),
        payment_method=text("payment_method"),
    )


def _customer_vat(cells: list[str], rates) -> tuple[Vat, ...] | None:
    read = []
    for number, amount_at, rate_at in rates:
        amount = cells[amount_at].strip() if amount_at < len(cells) else ""
        rate = cells[rate_at].strip() if rate_at is not None and rate_at < len(cells) else ""
        if not amount and not rate:
            continue
        if not amount or not rate:
            raise SettlementError("missing", f"tax_{'rate' if amount else 'amount'}_{number}")
        vat = _hundredths(amount, f"tax_amount_{number}")
        read.append(Vat(_rate(rate, f"tax_rate_{number}"), vat))
    return tuple(read) or None


def _rate(value: str, where: str) -> int:
    """Return a rate, 2500 for ``25.00``."""
    rate = _hundredths(value.removesuffix("%"), where)
    if not 0 <= rate <= 10_000:
        raise SettlementError("range", where)
    return rate


def _hundredths(value: str, where: str) -> int:
    match = _NUMBER.fullmatch(_SPACES.sub("", value).replace("−", "-"))
    if not match:
        raise SettlementError("decimal", where)
    whole = match["whole"] or match["by_commas"] or match["by_points"]
    whole = whole.replace(",", "").replace(".", "")
    decimals = (match["decimals"] or match["decimals_1"] or match["decimals_2"] or "").ljust(2, "0")
    if len(whole) > 15:
        raise SettlementError("range", where)
    amount = int(whole + decimals)
    return -amount if match["sign"] == "-" else amount
