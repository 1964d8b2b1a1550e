"""What a file of vouchers is made of. Amounts are whole öre, debit positive and credit negative."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date as Date
from decimal import Decimal
from enum import IntEnum


@dataclass(frozen=True, slots=True)
class Program:
    """The program that writes the file (SIE 4B, #PROGRAM)."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Company:
    """Whose vouchers they are (SIE 4B, #FNAMN, #ORGNR, #KPTYP).

    ``org_number``: see :func:`~.fields.organisation_number`; empty when there is none.
    ``account_plan``: one of ``writer.ACCOUNT_PLANS``; EUBAS97 stands for every BAS chart since 1997.
    """

    name: str
    org_number: str | None = field(default=None, repr=False)  # of a sole trader: the personal number
    account_plan: str = "EUBAS97"


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """A fiscal year to its last day (SIE 4B, #RAR): ``number`` 0 is the current one, -1 the one before."""

    number: int
    start: Date
    end: Date


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the system that reads the file (SIE 4B, #KONTO): one to six digits, and its name."""

    number: str
    name: str


class Dimension(IntEnum):
    """What a row may be assigned to besides its account (SIE 4B, #DIM); the numbers are SIE's."""

    COST_CENTRE = 1
    PROJECT = 6


@dataclass(frozen=True, slots=True)
class DimensionObject:
    """One cost centre or project (SIE 4B, #OBJEKT): ``code`` has one to six letters A–Z and digits."""

    dimension: Dimension
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a voucher (SIE 4B, #TRANS); one of zero öre is not written.

    ``date`` only when it is another than the voucher's. ``cost_centre`` and ``project`` are codes, empty
    for none. ``quantity`` has at most two decimals.
    """

    account: str
    amount_ore: int
    text: str = ""
    date: Date | None = None
    cost_centre: str | None = ""
    project: str | None = ""
    quantity: Decimal | int | None = None


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher (SIE 4B, #VER), which gets its number where it is read.

    ``series`` is one letter A–Z, ``date`` the day of the event, ``registered`` the day it was compiled.
    """

    series: str
    date: Date
    text: str = ""
    registered: Date | None = None
    rows: Iterable[Row] = ()
