"""Makes payouts of the rows of a file, by what its columns are. Knows nothing of Odoo.

Each row belongs to one payout and each amount of it becomes a row of the payout. What cannot be read is an
error of its line; no line is left out without being named.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date as Date
from decimal import Decimal
from hashlib import md5, sha1

from .csv_file import (
    FileError,
    Row,
    Table,
    find_decimal,
    find_orders,
    normalise,
    read_amount,
    read_day,
)
from .kinds import KINDS

AMOUNT, NET, TYPE, DETAIL = "amount", "net", "type", "detail"
#: What an amount of its own kind is called as a target
AMOUNT_OF = {f"amount_{kind}": kind for kind, _name in KINDS}
#: Kinds that make a payout smaller: what is written without minus is deducted
DEDUCTED = frozenset({"refund", "fee", "fee_vat", "commission", "holdback", "reversal", "charge", "repay"})
TEXTS = ("reference", "order_reference", "external_reference", "text")
#: Targets that one column at most can have
SINGLE = (
    *(AMOUNT, NET, TYPE, DETAIL, "date", "payout_reference", "payout_date", "currency", "amount_paid"),
    *AMOUNT_OF,
)
_DAYS = ("date", "payout_date")
_SUM_WORDS = frozenset(
    {"summa", "total", "totalt", "totalsumma", "sum", "totals", "grand total", "summering"}
)

# Names that columns commonly have, as csv_file.normalise() returns them. "gross" is an amount before fees.
_NAMES = {
    "gross": "brutto|bruttobelopp|bruttosumma|försäljning|försäljningsbelopp|köpbelopp|ordersumma|"
    "orderbelopp|totalbelopp|belopp inkl moms|gross|gross amount|gross sales|order amount|order total|"
    "total amount",
    NET: "netto|nettobelopp|nettosumma|belopp efter avgift|belopp efter avgifter|net|net amount|net total|"
    "amount after fee|amount after fees",
    AMOUNT: "belopp|summa|amount|transaktionsbelopp|transaction amount",
    "amount_sale": "sale amount|sales amount|sales",
    "amount_refund": "återbetalning|återbetalningar|återbetalt|återbetalt belopp|återbetalningsbelopp|"
    "återköp|retur|returer|returbelopp|refund|refund amount|refunds|refunded|refunded amount",
    "amount_fee": "avgift|avgifter|avgiftsbelopp|kortavgift|inlösenavgift|betalavgift|serviceavgift|"
    "transaktionsavgift|transaktionskostnad|fee|fees|fee amount|total fees|transaction fee|service fee|"
    "processing fee",
    "amount_commission": "provision|provisionsbelopp|kommission|förmedlingsavgift|plattformsavgift|"
    "commission|commission amount|platform fee",
    "amount_fee_vat": "moms på avgift|moms på avgifter|avgift moms|avgiftsmoms|moms avgift|moms avgifter|"
    "moms på provision|provisionsmoms|moms provision|fee vat|fee tax|vat on fee|vat on fees|tax on fee|"
    "tax on fees|commission vat|vat on commission|commission tax|tax on commission",
    "vat": "moms|momsbelopp|vat|tax|vat amount|tax amount",
    TYPE: "typ|transaktionstyp|händelse|händelsetyp|radtyp|posttyp|type|transaction type|event|event type|"
    "entry type|reporting category",
    DETAIL: "detailed type|detaljtyp|undertyp|subtype|sub type",
    "reference": "referens|referensnummer|referensnr|vår referens|er referens|butikens referens|"
    "kvitto|kvittonummer|kvittonr|kvitto nr|kvitto id|faktura|fakturanummer|fakturanr|faktura nr|ocr|"
    "ocr nummer|reference|reference number|our reference|your reference|merchant reference|"
    "merchant reference1|merchant reference2|merchant reference 1|merchant reference 2|receipt|"
    "receipt number|receipt no|invoice|invoice number|invoice no|invoice id",
    "order_reference": "order|ordernummer|ordernr|order nr|orderid|order id|orderreferens|order ref|"
    "beställning|beställningsnummer|beställningsnr|köp id|köpnummer|bokning|bokningsnummer|bokningsnr|"
    "bokningsid|boknings id|bokningsreferens|order number|order no|order reference|booking|booking number|"
    "booking no|booking id|booking reference|purchase id|payment intent id",
    "external_reference": "transaktion|transaktionsid|transaktions id|transaktionsnummer|transaktionsnr|"
    "transaktionsreferens|betalning|betalningsid|betalnings id|betalningsnummer|betalningsreferens|"
    "transaction|transaction id|transaction number|transaction no|transaction reference|capture id|refund id|"
    "charge id|balance transaction id|payment id|psp reference",
    "text": "kommentar|beskrivning|meddelande|anteckning|anteckningar|notering|benämning|produkt|produktnamn|"
    "artikel|artikelnamn|tjänst|text|comment|description|message|note|notes|memo|product|product name|item|"
    "item name|klarna comment",
    "date": "datum|dag|transaktionsdatum|köpdatum|orderdatum|bokningsdatum|försäljningsdatum|kvittodatum|"
    "betalningsdatum|betaldatum|bokföringsdatum|datum tid|datum och tid|tidpunkt|date|transaction date|"
    "order date|booking date|purchase date|payment date|date time|date and time|capture date|created|"
    "created utc",
    "late_date": "sale date",
    "payout_reference": "utbetalning|utbetalningsreferens|utbetalningsnummer|utbetalningsnr|utbetalningsid|"
    "utbetalnings id|avräkning|avräkningsnummer|avräkningsnr|avräkningsid|avräknings id|avräkningsreferens|"
    "payout|payout reference|payout number|payout no|payout id|payment reference|settlement|settlement id|"
    "settlement number|settlement no|settlement reference|transfer id|automatic payout id",
    "payout_date": "utbetalningsdatum|utbetalningsdag|utbetald|avräkningsdatum|payout date|paid date|"
    "settlement date|transfer date|automatic payout effective at|automatic payout effective at utc",
    "currency": "valuta|currency|posting currency|settlement currency|currency code|valutakod",
    "amount_paid": "utbetalt|utbetalt belopp|utbetalningsbelopp|utbetalningssumma|utbetald summa|"
    "payout amount|payout total|paid out|paid amount|amount paid|settlement amount",
}
_TARGET_OF = {name: target for target, names in _NAMES.items() for name in names.split("|")}
#: Names that a header is known by
KNOWN_NAMES = frozenset(_TARGET_OF)
#: Types whose rows are the payout itself, when a file has them among the others
_PAID_WORDS = frozenset({"payout", "utbetalning", "automatic payout"})


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of a file is.

    :ivar target: what it is read as, "ignore" for nothing
    :ivar deducted: amounts are written without minus, but make the payout smaller
    """

    name: str
    target: str
    deducted: bool = False


@dataclass(slots=True)
class PayoutRow:
    line: int
    code: str
    kind: str | None  # of an amount in a column of its own; else the code tells
    amount: Decimal
    day: Date | None = None
    reference: str = ""
    order_reference: str = ""
    external_reference: str = ""
    text: str = ""
    key: str = ""


@dataclass(slots=True)
class FilePayout:
    """A payout as a file has it; what is None the file does not tell."""

    reference: str | None
    day: Date | None = None
    paid: Decimal | None = None
    currency: str | None = None
    rows: list[PayoutRow] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((row.amount for row in self.rows), Decimal(0))

    @property
    def last_day(self) -> Date | None:
        return max((row.day for row in self.rows if row.day), default=None)

    def fingerprint(self) -> str:
        """Return what two payouts with the same rows have in common, in whatever order they stand."""
        rows = sorted((row.key, f"{row.amount:.2f}") for row in self.rows)
        return md5("\n".join(map(" ".join, rows)).encode(), usedforsecurity=False).hexdigest()


@dataclass(slots=True)
class Reading:
    """What a file comes to.

    :ivar errors: what is wrong, by line; with any of them nothing is to be used
    :ivar without: lines that tell no payout, when there is a column for it
    :ivar sums: lines that repeat the sum of those above
    """

    payouts: list[FilePayout]
    errors: list[FileError]
    without: list[PayoutRow]
    sums: list[int]


# === PROPOSALS === #


def propose(table: Table) -> list[Column]:
    """Return what the columns of a file are by their names and by what they have."""
    targets = [_TARGET_OF.get(normalise(name), "ignore") for name in table.names]

    def where(target: str) -> int | None:
        return targets.index(target) if target in targets else None

    def change(target: str, to: str) -> None:
        targets[:] = [to if one == target else one for one in targets]

    # What a row comes to: an amount before fees, with these in columns of their own, or after them.
    if where(AMOUNT) is None:
        if where("gross") is not None:
            change("gross", AMOUNT if where(TYPE) is not None else "amount_sale")
        elif where("amount_sale") is None and where(NET) is not None:
            change(NET, AMOUNT)
            change("vat", "ignore")
            for name in AMOUNT_OF:
                change(name, "ignore")
    change("gross", "ignore")
    # VAT beside a fee is on the fee; VAT without one is a part of the sale.
    has_fee = where("amount_fee") is not None or where("amount_commission") is not None
    is_klarna = {"posting currency", "capture date"} <= set(map(normalise, table.names))
    change("vat", "amount_fee_vat" if has_fee or is_klarna else "ignore")
    change("late_date", "date" if where("date") is None else "ignore")
    seen: set[str] = set()
    for at, target in enumerate(targets):
        if target in SINGLE and target in seen:
            targets[at] = "ignore"
        seen.add(target)
    return [
        Column(name, target, _propose_deducted(table, name, target))
        for name, target in zip(table.names, targets, strict=True)
    ]


def propose_paid_words(table: Table, columns: Iterable[Column]) -> list[str]:
    """Return the types whose rows are the payout itself."""
    types = [column.name for column in columns if column.target == TYPE]
    words = {word for name in types for word in table.values(name)}
    return sorted(word for word in words if normalise(word) in _PAID_WORDS)


def _propose_deducted(table: Table, name: str, target: str) -> bool:
    """Return whether a column has what is deducted without a minus."""
    if AMOUNT_OF.get(target) not in DEDUCTED:
        return False
    values = table.values(name)
    decimal = find_decimal(values)
    total = Decimal(0)
    for value in values:
        with suppress(FileError):
            total += read_amount(value, decimal).value
    return total > 0


def find_date_orders(table: Table, columns: Iterable[Column]) -> set[str] | None:
    """Return the orders that the dates of a file can be read in, None if they need none."""
    names = [column.name for column in columns if column.target in _DAYS]
    return find_orders([value for name in names for value in table.values(name)])


# === PAYOUTS === #


def read_payouts(
    table: Table,
    columns: Sequence[Column],
    order: str | None = None,
    paid_words: Iterable[str] = (),
) -> Reading:
    """Make payouts of a file's rows.

    :param order: how dates are written that can be read in two ways
    :param paid_words: types whose rows are the payout itself
    """
    return _Reader(table, columns, order, paid_words).read_all()


class _Reader:
    def __init__(self, table, columns, order, paid_words):
        self.table = table
        places = {name: at for at, name in enumerate(table.names)}
        self.amounts = [
            (places[column.name], column)
            for column in columns
            if column.target == AMOUNT or column.target in AMOUNT_OF
        ]
        self.places: Mapping[str, list[int]] = {}
        for column in columns:
            self.places.setdefault(column.target, []).append(places[column.name])
        self.used = sorted(
            places[column.name] for column in columns if column.target not in ("ignore", *TEXTS)
        )
        self.order = order
        orders = find_date_orders(table, columns)
        if orders and len(orders) == 1:
            [self.order] = orders  # the file itself tells
        money = [at for at, _column in self.amounts]
        money += [at for target in (NET, "amount_paid") for at in self.places.get(target, ())]
        self.decimal = find_decimal(cell for at in money for row in table.rows if (cell := _cell(row, at)))
        self.header_currency = _find_header_currency(table.names[at] for at, _column in self.amounts)
        self.utc = {
            target: any(re.search(r"\bUTC\b|_utc$", table.names[at]) for at in self.places.get(target, ()))
            for target in _DAYS
        }
        self.paid_words = {normalise(word) for word in paid_words}
        self.has_reference = bool(self.places.get("payout_reference"))
        self.by_type = any(column.target == AMOUNT for _at, column in self.amounts)
        self.payouts: dict[str | None, FilePayout] = {}
        self.paid_rows: dict[str | None, Decimal] = {}
        self.without: list[PayoutRow] = []
        self.sums: list[int] = []
        self.running = {at: Decimal(0) for at, _column in self.amounts}
        self.since = dict(self.running)

    def read_all(self) -> Reading:
        errors = []
        for row in self.table.rows:
            try:
                self.read_row(row)
            except FileError as error:
                errors.append(FileError(error.problem, row.line, **error.details))
        for reference, amount in self.paid_rows.items():
            payout = self.payouts[reference]
            if payout.paid is not None and payout.paid != amount:
                errors.append(
                    FileError("paid_differs", None, found=amount, expected=payout.paid, reference=reference)
                )
            payout.paid = amount
        for payout in self.payouts.values():
            _set_keys(payout.rows)
        return Reading(list(self.payouts.values()), errors, self.without, self.sums)

    def one(self, row: Row, target: str) -> str:
        return next((cell for at in self.places.get(target, ()) if (cell := _cell(row, at))), "")

    def read_row(self, row: Row) -> None:
        told = {}
        currencies = {self.header_currency}
        for at, column in self.amounts:
            if cell := _cell(row, at):
                told[at] = self.amount(cell, column.name, currencies)
        if self.is_sum(row, told):
            self.sums.append(row.line)
            return
        if row.cells and self.used and len(row.cells) <= self.used[-1]:
            raise FileError("short", found=len(row.cells), expected=len(self.table.names))
        if not told:
            raise FileError("no_amount")
        for at, value in told.items():
            self.running[at] += value
            self.since[at] += value
        rows = self.make_rows(row, told)
        self.check_net(row, rows, currencies)
        currency = self.find_currency(row, currencies)
        reference = self.one(row, "payout_reference") if self.has_reference else None
        if reference == "":
            self.without += rows
            return
        payout = self.payouts.setdefault(reference, FilePayout(reference))
        self.agree(payout, "currency", currency, "other_currency")
        if cell := self.one(row, "payout_date"):
            self.agree(payout, "day", self.day(cell, "payout_date"), "other_date")
        if self.paid_words and normalise(self.one(row, TYPE)) in self.paid_words:
            amount = -sum((one.amount for one in rows), Decimal(0))
            self.paid_rows[reference] = self.paid_rows.get(reference, Decimal(0)) + amount
            return
        if cell := self.one(row, "amount_paid"):
            self.agree(payout, "paid", self.amount(cell, "amount_paid", set()), "other_paid")
        payout.rows += rows

    def agree(self, payout, what, value, problem):
        """Have all rows of a payout tell the same of it."""
        before = getattr(payout, what)
        if value is None or before == value:
            return
        if before is not None:
            raise FileError(problem, found=value, expected=before)
        setattr(payout, what, value)

    def amount(self, cell, column, currencies) -> Decimal:
        try:
            amount = read_amount(cell, self.decimal)
        except FileError as error:
            raise FileError(error.problem, column=column, **error.details) from None
        currencies.add(amount.currency)
        return amount.value

    def day(self, cell, target) -> Date:
        try:
            return read_day(cell, self.order, self.utc[target])
        except FileError as error:
            column = self.table.names[self.places[target][0]]
            raise FileError(error.problem, column=column, **error.details) from None

    def find_currency(self, row, currencies):
        """Return the currency of a row, by its column, its amounts and the header."""
        if cell := self.one(row, "currency"):
            if not re.fullmatch("[A-Za-z]{3}", cell):
                raise FileError("currency", found=cell)
            currencies.add(cell.upper())
        found = sorted(filter(None, currencies))
        if len(found) > 1:
            raise FileError("other_currency", found=found[1], expected=found[0])
        return found[0] if found else None

    def is_sum(self, row, told) -> bool:
        """Return whether a row repeats the sums of those above.

        :raises FileError: `sum`: it says so, but has others
        """
        first = next(filter(None, row.cells), "")
        if normalise(first) not in _SUM_WORDS or not told or not any(self.running.values()):
            return False
        for sums in (self.running, self.since):
            if all(sums[at] == value for at, value in told.items()):
                self.since = dict.fromkeys(self.running, Decimal(0))
                return True
        at, value = next((at, value) for at, value in told.items() if self.running[at] != value)
        raise FileError("sum", found=value, expected=self.running[at], column=self.table.names[at])

    def make_rows(self, row, told) -> list[PayoutRow]:
        word = self.one(row, TYPE)
        if word and (detail := self.one(row, DETAIL)):
            word = f"{word}:{detail}"
        cell = self.one(row, "date")
        day = self.day(cell, "date") if cell else None
        texts = {target: self.one(row, target) for target in TEXTS[:-1]}
        texts["text"] = " ".join(cell for at in self.places.get("text", ()) if (cell := _cell(row, at)))
        filled = [(at, column) for at, column in self.amounts if at in told]
        # What is zero is no row of its own, but a line with nothing else is kept as one.
        filled = [(at, column) for at, column in filled if told[at] or column.target == AMOUNT] or filled[:1]
        return [
            PayoutRow(row.line, code, kind, amount, day, **texts)
            for at, column in filled
            for amount in [-told[at] if column.deducted and told[at] else told[at]]
            for code, kind in [self.find_code(column, amount, word)]
        ]

    def find_code(self, column, amount, word) -> tuple[str, str | None]:
        """Return the code of an amount, and its kind if it is the column that tells."""
        kind = AMOUNT_OF.get(column.target)
        if kind is None:
            if self.places.get(TYPE):
                return word, None
            # Without types, what comes in was sold, and what goes out was taken back.
            return ("refund" if amount < 0 else "sale"), None
        if kind == "sale" and amount < 0:
            kind = "refund"
        return (f"{kind}:{word}" if word and not self.by_type else kind), kind

    def check_net(self, row, rows, currencies):
        """See that the amounts of a row come to what it tells as their sum."""
        if cell := self.one(row, NET):
            net = self.amount(cell, self.table.names[self.places[NET][0]], currencies)
            total = sum((one.amount for one in rows), Decimal(0))
            if net != total:
                raise FileError("net", found=net, expected=total)


def _cell(row: Row, at: int) -> str:
    return row.cells[at] if at < len(row.cells) else ""


def _find_header_currency(names: Iterable[str]) -> str | None:
    """Return the currency that amounts have by the header: `Belopp (SEK)`."""
    found = {match[1] for name in names if (match := re.search(r"[(\[]([A-Z]{3})[)\]]", name))}
    return found.pop() if len(found) == 1 else None


def _set_keys(rows: Iterable[PayoutRow]) -> None:
    """Give rows their keys: what they have, and a running number among those that have the same."""
    seen: Counter[str] = Counter()
    for row in rows:
        content = (
            row.code,
            f"{row.amount:.2f}",
            str(row.day or ""),
            *(getattr(row, name) for name in TEXTS),
        )
        key = sha1("\x1f".join(content).encode(), usedforsecurity=False).hexdigest()[:24]
        seen[key] += 1
        row.key = key if seen[key] == 1 else f"{key}:{seen[key]}"
