"""Writes SIE type 4I, the vouchers that a program hands over to an accounting system.

Only what the readers of the Swedish accounting systems agree on is written, in the form that they all
take: numbers, dates and codes of the header are bare, lines are not indented, texts are quoted.
Source: SIE file format, 4B.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from datetime import timedelta
from itertools import pairwise

from .checksum import checksum
from .fields import (
    ENCODING,
    clean_text,
    is_account,
    is_date,
    is_object_code,
    is_series,
    organisation_number,
    write_amount,
    write_date,
    write_quantity,
)
from .problems import SieError
from .records import Account, Company, Dimension, DimensionObject, FiscalYear, Program, Row, Voucher

LINE_END = "\r\n"
ACCOUNT_PLANS = ("BAS95", "BAS96", "EUBAS97", "NE2007")
_DIMENSION_NAMES = {Dimension.COST_CENTRE: "Kostnadsställe", Dimension.PROJECT: "Projekt"}


def write_file(
    company: Company,
    program: Program,
    years: Iterable[FiscalYear],
    accounts: Iterable[Account],
    vouchers: Iterable[Voucher],
    *,
    generated: Date,
    objects: Iterable[DimensionObject] = (),
    with_checksum: bool = False,
) -> bytes:
    """Return the file, which is the same whenever the same is given. Its name should end with ``.si``.

    Vouchers and rows keep their order; accounts and objects are sorted by number and code, and only
    those that rows use are written. Rows of zero öre are left out.

    :param years: the current fiscal year and as many before it as the vouchers need
    :param accounts: names of at least the accounts used
    :param generated: local date of writing
    :param objects: names of at least the cost centres and projects used
    :param with_checksum: write #KSUMMA, which not all readers compute rightly
    :raises SieError: something cannot be written, see ``problems.TEXTS``
    """
    years = _in_order(years)
    account_names = _account_names(accounts)
    object_names = _object_names(objects)
    body = _Vouchers(years, account_names, object_names)
    for index, voucher in enumerate(vouchers):
        body.add(index, voucher)
    if not body.lines:
        raise SieError("empty")
    lines = [
        "#FORMAT PC8",
        "#SIETYP 4",
        *_header(company, program, years, generated),
        *(f'#KONTO {number} "{account_names[number]}"' for number in sorted(body.accounts)),
        *_dimensions(body.objects, object_names),
        *body.lines,
    ]
    if with_checksum:
        lines = ["#KSUMMA", *lines, f"#KSUMMA {checksum(_encode(lines))}"]
    return _encode(["#FLAGGA 0", *lines])


def _encode(lines: list[str]) -> bytes:
    return (LINE_END.join(lines) + LINE_END).encode(ENCODING)


def _header(company: Company, program: Program, years: Sequence[FiscalYear], generated: Date) -> list[str]:
    """#PROGRAM to #KPTYP, in the order that the readers expect."""
    writer, version = clean_text(program.name), clean_text(program.version)
    if not writer or not version:
        raise SieError("program")
    name = clean_text(company.name)
    if not name:
        raise SieError("company_name")
    if company.account_plan not in ACCOUNT_PLANS:
        raise SieError("account_plan", account_plan=company.account_plan)
    _check_date(generated)
    lines = [f'#PROGRAM "{writer}" "{version}"', f"#GEN {write_date(generated)}", f'#FNAMN "{name}"']
    if company.org_number:
        lines.append(f"#ORGNR {organisation_number(company.org_number)}")
    lines += [f"#RAR {year.number} {write_date(year.start)} {write_date(year.end)}" for year in years]
    lines.append(f"#KPTYP {company.account_plan}")
    return lines


def _check_date(day: Date, voucher: int | None = None, row: int | None = None) -> None:
    if not is_date(day):
        raise SieError("date", voucher, row)


def _in_order(years: Iterable[FiscalYear]) -> list[FiscalYear]:
    """The years from the current one backwards."""
    years = list(years)
    for year in years:
        if type(year.number) is not int:
            raise SieError("year_number")
        _check_date(year.start)
        _check_date(year.end)
        if year.end < year.start:
            raise SieError("year_dates", start=year.start, end=year.end)
    years.sort(key=lambda year: -year.number)
    if not years or [year.number for year in years] != list(range(0, -len(years), -1)):
        raise SieError("year_number")
    for year, before in pairwise(years):
        if year.start - before.end != timedelta(1):
            raise SieError("years_not_consecutive", start=year.start, end=before.end)
    return years


def _account_names(accounts: Iterable[Account]) -> dict[str, str]:
    names = {}
    for account in accounts:
        if not is_account(account.number):
            raise SieError("account_number", account=account.number)
        name = clean_text(account.name)
        if names.setdefault(account.number, name) != name:
            raise SieError("account_names", account=account.number)
    return names


def _object_names(objects: Iterable[DimensionObject]) -> dict[tuple[Dimension, str], str]:
    names = {}
    for item in objects:
        if item.dimension not in _DIMENSION_NAMES:
            raise SieError("dimension", dimension=item.dimension)
        if not is_object_code(item.code):
            raise SieError("object_code", dimension=item.dimension, code=item.code)
        name = clean_text(item.name)
        if names.setdefault((item.dimension, item.code), name) != name:
            raise SieError("object_names", dimension=item.dimension, code=item.code)
    return names


def _dimensions(used: Iterable[tuple[Dimension, str]], names: Mapping) -> list[str]:
    """#DIM of each dimension and #OBJEKT of each object used."""
    used = sorted(used)
    dimensions = sorted({int(dimension) for dimension, _code in used})
    return [
        *(f'#DIM {dimension} "{_DIMENSION_NAMES[dimension]}"' for dimension in dimensions),
        *(f'#OBJEKT {int(dimension)} "{code}" "{names[dimension, code]}"' for dimension, code in used),
    ]


class _Vouchers:
    """The lines of vouchers, and which accounts and objects they use."""

    def __init__(self, years: Sequence[FiscalYear], account_names: Mapping, object_names: Mapping):
        self.first, self.last = years[-1].start, years[0].end  # without gaps between them
        self.account_names = account_names
        self.object_names = object_names
        self.lines: list[str] = []
        self.accounts: set[str] = set()
        self.objects: dict[tuple[Dimension, str], None] = {}
        self._object_lists: dict[tuple, str] = {}

    def add(self, index: int, voucher: Voucher) -> None:
        """Add the lines of #VER and its #TRANS.

        :param index: from 0, the place that an error names
        """
        if not is_series(voucher.series):
            raise SieError("series", index, series=voucher.series)
        fields = ["#VER", f'"{voucher.series}"', '""', self._day(voucher.date, index)]
        text = self._text(voucher.text, index)
        if text or voucher.registered is not None:
            fields.append(f'"{text}"')
        if voucher.registered is not None:
            _check_date(voucher.registered, index)  # may well be after the fiscal year
            fields.append(write_date(voucher.registered))
        rows, total = [], 0
        for place, row in enumerate(voucher.rows):
            if type(row.amount_ore) is not int:
                raise SieError("amount", index, place)
            if row.amount_ore:
                rows.append(self._row(row, index, place))
                total += row.amount_ore
        if not rows:
            raise SieError("empty_voucher", index)
        if total:
            raise SieError("unbalanced", index, difference=total)
        self.lines += [" ".join(fields), "{", *rows, "}"]

    def _row(self, row: Row, index: int, place: int) -> str:
        account = row.account
        if account not in self.accounts:
            if not is_account(account):
                raise SieError("account_number", index, place, account=account)
            if not self.account_names.get(account):
                raise SieError("account_name", index, place, account=account)
            self.accounts.add(account)
        objects = self._objects(row, index, place) if row.cost_centre or row.project else "{}"
        line = f"#TRANS {account} {objects} {write_amount(row.amount_ore)}"
        day = '""' if row.date is None else self._day(row.date, index, place)
        text = self._text(row.text, index, place)
        if row.quantity is not None:
            try:
                return f'{line} {day} "{text}" {write_quantity(row.quantity)}'
            except SieError as error:
                raise SieError(error.problem, index, place) from None
        if text:
            return f'{line} {day} "{text}"'
        return line if row.date is None else f"{line} {day}"

    def _objects(self, row: Row, index: int, place: int) -> str:
        """The object list of a row, as ``{"1" "B1"}``."""
        codes = (row.cost_centre, row.project)
        known = self._object_lists.get(codes)
        if known is not None:
            return known
        fields = []
        for dimension, code in zip((Dimension.COST_CENTRE, Dimension.PROJECT), codes, strict=True):
            if not code:
                continue
            if not is_object_code(code):
                raise SieError("object_code", index, place, dimension=dimension, code=code)
            if not self.object_names.get((dimension, code)):
                raise SieError("object_name", index, place, dimension=dimension, code=code)
            self.objects[dimension, code] = None
            fields.append(f'"{int(dimension)}" "{code}"')
        self._object_lists[codes] = "{" + " ".join(fields) + "}"
        return self._object_lists[codes]

    def _day(self, day: Date, index: int, place: int | None = None) -> str:
        _check_date(day, index, place)
        if not self.first <= day <= self.last:
            raise SieError("date_outside", index, place, date=day)
        return write_date(day)

    def _text(self, text: str, index: int, place: int | None = None) -> str:
        try:
            return clean_text(text)
        except SieError as error:
            raise SieError(error.problem, index, place) from None
