"""What can be wrong with what Klarna tells, in words. No text quotes a value: they may be personal data."""

#: {problem: (English, Swedish)}
TEXTS = {
    # What an answer or a report is made of
    "shape": (
        "The answer is not what the service's description says.",
        "Svaret är inte det som tjänstens beskrivning säger.",
    ),
    "missing": ("It is missing.", "Uppgiften saknas."),
    "amount": (
        "The amount is not a whole number of öre (it is {found}).",
        "Beloppet är inte ett helt antal ören (det är {found}).",
    ),
    "rate": (
        "The VAT rate is not a whole number, as 2500 for 25 % (it is {found}).",
        "Momssatsen är inte ett heltal, som 2500 för 25 % (den är {found}).",
    ),
    "range": ("The number is out of its range.", "Talet är utanför tillåtna värden."),
    "text": ("It is not a text (it is {found}).", "Uppgiften är inte en text (den är {found})."),
    "moment": (
        "It is not a date and time as 2026-01-31T23:59:59Z.",
        "Uppgiften är inte datum och tid som 2026-01-31T23:59:59Z.",
    ),
    "currency": ("It is not a currency's code, as SEK.", "Uppgiften är inte en valutakod, som SEK."),
    "settlement_type": (
        "The settlement type is none of NET, GROSS and GROSS_FEE.",
        "Avräkningstypen är ingen av NET, GROSS och GROSS_FEE.",
    ),
    "other_currency": (
        "A row is in {found}, the payout in {expected}.",
        "En rad är i {found}, utbetalningen i {expected}.",
    ),
    "other_payout": (
        "What was answered belongs to another payout than the one asked for.",
        "Svaret hör till en annan utbetalning än den efterfrågade.",
    ),
    # A report
    "encoding": ("The report is not text in UTF-8.", "Rapporten är inte text i UTF-8."),
    "no_header": (
        "The report has no row of column names, as “type” and “amount”.",
        "Rapporten har ingen rad med kolumnnamn, som ”type” och ”amount”.",
    ),
    "columns": ("The report lacks the columns {columns}.", "Rapporten saknar kolumnerna {columns}."),
    "same_columns": (
        "The report has the column {columns} more than once.",
        "Rapporten har kolumnen {columns} mer än en gång.",
    ),
    "cells": (
        "The line has more fields than there are columns.",
        "Raden har fler fält än det finns kolumner.",
    ),
    "csv": ("The line cannot be read as CSV.", "Raden går inte att läsa som CSV."),
    "decimal": (
        "The number is not written as 100.00 or 100,00.",
        "Talet är inte skrivet som 100.00 eller 100,00.",
    ),
    # VAT
    "vat_sign": (
        "The VAT goes another way than the amount it is part of.",
        "Momsen går åt ett annat håll än beloppet som den ingår i.",
    ),
    "vat_too_much": (
        "The VAT is more than the amount allows.",
        "Momsen är mer än vad beloppet medger.",
    ),
    "vat_without_rate": ("There is VAT at the rate 0 %.", "Det finns moms med momssatsen 0 %."),
    # Pages
    "rows_changed": (
        "The number of rows changed from {expected} to {got} while they were read. Try again.",
        "Antalet rader ändrades från {expected} till {got} medan de lästes. Försök igen.",
    ),
    "rows_missing": (
        "Only {got} of {expected} rows came. Try again.",
        "Bara {got} av {expected} rader kom. Försök igen.",
    ),
    "rows_repeated": (
        "The same rows came twice. Try again.",
        "Samma rader kom två gånger. Försök igen.",
    ),
    "rows_too_many": (
        "{got} rows came, though there are {expected}. Try again.",
        "{got} rader kom, fast de är {expected}. Försök igen.",
    ),
    "pages": (
        "The answer has no end: {got} rows came. Try again.",
        "Svaret tar inte slut: {got} rader kom. Försök igen.",
    ),
    "slow": (
        "It took too long: only {got} rows have come. Try again.",
        "Det tog för lång tid: bara {got} rader har kommit. Försök igen.",
    ),
    "not_pdf": ("The report is not a PDF. Try again.", "Rapporten är inte en PDF. Försök igen."),
}

_AGAIN = {"rows_changed", "rows_missing", "rows_repeated", "rows_too_many", "pages", "slow", "not_pdf"}

#: What JSON calls a value -> in Swedish
_FOUND = {
    "true or false": "sant eller falskt",
    "a number with decimals": "ett tal med decimaler",
    "a text": "en text",
    "a list": "en lista",
    "an object": "ett objekt",
    "a number": "ett tal",
}


def describe(value: object) -> str:
    """Return what kind of value something is, for ``found`` of an error; never the value itself."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, float):
        return "a number with decimals"
    if isinstance(value, int):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list | tuple) else "an object"


class SettlementError(ValueError):
    """Something that Klarna tells and that cannot be relied on; nothing of it is to be booked.

    ``problem`` is a stable code, a key of ``TEXTS``. ``where`` is the place in the answer or the report, as
    ``transactions[7].amount`` (counted from 0, as JSON does) or ``line 7, amount``; empty when it is nowhere
    in particular. ``details`` are what the text is filled with. ``kind`` is who has to do something, as the
    connector's ``ServiceError`` tells it: ``again`` (try later) or ``ours``.
    """

    def __init__(self, problem: str, where: str = "", **details):
        self.problem = problem
        self.where = where
        self.details = details
        super().__init__(problem, where)

    @property
    def kind(self) -> str:
        return "again" if self.problem in _AGAIN else "ours"

    def within(self, place: str) -> "SettlementError":
        """Return the same error with what its place is a part of."""
        where = f"{place}{'' if not self.where or self.where.startswith('[') else '.'}{self.where}"
        return SettlementError(self.problem, where, **self.details)

    def text(self, lang: str = "en") -> str:
        """Return the error in words, in English (``en``) or Swedish (``sv``)."""
        swedish = lang.startswith("sv")
        shown = dict(self.details)
        if swedish and shown.get("found") in _FOUND:
            shown["found"] = _FOUND[shown["found"]]
        where = self.where
        if swedish and where.startswith("line "):
            where = "rad " + where.removeprefix("line ")
        text = TEXTS[self.problem][swedish].format(**shown)
        return f"{where}: {text}" if where else text

    def __str__(self) -> str:
        return self.text("en")

    def __reduce__(self):
        return _remake, (self.problem, self.where, self.details)


def _remake(problem, where, details):
    return SettlementError(problem, where, **details)
