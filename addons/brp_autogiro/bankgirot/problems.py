"""What can be wrong with a file, in words. No text contains anything that a file says of a payer."""

from .texts import Problem, say

#: Names of fields for people
FIELDS = {
    "account": ("account", "konto"),
    "action_date": ("action date", "åtgärdsdatum"),
    "amount": ("amount", "belopp"),
    "bankgiro": ("payee's bankgiro", "mottagarens bankgironummer"),
    "bankgiro_again": ("payee's bankgiro", "mottagarens bankgironummer"),
    "changed": ("date of change", "ändringsdatum"),
    "code": ("refund code", "återbetalningskod"),
    "count": ("number of records", "antal poster"),
    "count_in": ("number of debits", "antal inbetalningar"),
    "count_out": ("number of credits", "antal utbetalningar"),
    "created": ("date of registration", "registreringsdatum"),
    "customer_number": ("customer number", "kundnummer"),
    "date": ("payment date", "betalningsdatum"),
    "debitable_from": ("first date of payment", "första betalningsdatum"),
    "deposits": ("number of deposits", "antal insättningsposter"),
    "direction": ("transaction code", "transaktionskod"),
    "holder_number": ("personal or organisation number", "person- eller organisationsnummer"),
    "message_type": ("type of message", "meddelandetyp"),
    "new_date": ("new payment date", "nytt betalningsdatum"),
    "new": ("new payer number", "nytt betalarnummer"),
    "old": ("old payer number", "gammalt betalarnummer"),
    "payer_number": ("payer number", "betalarnummer"),
    "payments_in": ("number of approved debits", "antal godkända inbetalningar"),
    "payments_out": ("number of approved credits", "antal godkända utbetalningar"),
    "period": ("period code", "periodkod"),
    "reference": ("reference", "referens"),
    "refund_date": ("refund date", "återbetalningsdatum"),
    "refund_withdrawals": ("number of withdrawals for refunds", "antal uttagsposter för återbetalning"),
    "refunds": ("number of refunds", "antal återbetalningar"),
    "renewals": ("number of renewals", "antal förnyelser"),
    "serial": ("serial number", "löpnummer"),
    "sum_in": ("sum of debits", "summa inbetalningar"),
    "sum_out": ("sum of credits", "summa utbetalningar"),
    "timestamp": ("time of writing", "tidsstämpel"),
    "withdrawals": ("number of withdrawals", "antal uttagsposter"),
    "written": ("date of writing", "skrivdatum"),
}

#: What can be wrong with the value of a field
VALUES = {
    "date": ("is not a date", "är inte ett datum"),
    "digits": ("is not a number", "är inte ett tal"),
    "number": ("is not a whole number from 0", "är inte ett heltal från 0"),
    "text": ("is not a text", "är inte en text"),
    "too_long": ("is too long", "är för långt"),
    "too_short": ("is too short", "är för kort"),
    "zero": ("is zero", "är noll"),
    "missing": ("is missing", "saknas"),
    "unexpected": ("must not be given here", "får inte anges här"),
    "range": ("is out of its range", "är utanför tillåtna värden"),
}

READING = {
    "too_large": (
        "The file is larger than {limit} MB.",
        "Filen är större än {limit} MB.",
    ),
    "empty": ("The file is empty.", "Filen är tom."),
    "encoding": (
        "The file is not in Latin-1 or UTF-8 but another encoding. Fetch it again from the bank.",
        "Filen är varken i Latin-1 eller UTF-8. Hämta den igen från banken.",
    ),
    "nul": (
        "The file has a NUL character: it is damaged or no text file.",
        "Filen innehåller ett NUL-tecken: den är skadad eller ingen textfil.",
    ),
    "unknown": (
        "This is not a report from Bankgirot's Autogiro.",
        "Filen är inte en återredovisning från Bankgirots Autogiro.",
    ),
    "unknown_report": (
        "This kind of report from Bankgirot is not known.",
        "Den här sortens återredovisning från Bankgirot är okänd.",
    ),
    "outgoing": (
        "This is a file to Bankgirot, not a report from it.",
        "Filen är ett underlag till Bankgirot, inte en återredovisning därifrån.",
    ),
    "not_outgoing": (
        "This is a report from Bankgirot, not a file to it.",
        "Filen är en återredovisning från Bankgirot, inte ett underlag dit.",
    ),
    "bgmax": (
        "This is a BgMax file, not an Autogiro report: BgMax does not say who paid."
        " Ask the bank for Autogiro's own reports.",
        "Filen är en BgMax-fil, inte en återredovisning av Autogiro: BgMax saknar betalarnummer."
        " Beställ Autogirots egna återredovisningar i banken.",
    ),
    "line_too_long": (
        "The line is longer than 80 characters.",
        "Raden är längre än 80 tecken.",
    ),
    "missing_opening": (
        "A record comes before any opening record: the beginning of the file is missing.",
        "En post kommer före öppningsposten: filens början saknas.",
    ),
    "missing_closing": (
        "The closing record is missing: the file is not whole.",
        "Slutposten saknas: filen är inte hel.",
    ),
    "seal_incomplete": (
        "One of the two records of the seal is missing: the file is not whole.",
        "En av sigillets två poster saknas: filen är inte hel.",
    ),
    "unexpected_record": (
        "A record of this kind does not belong here.",
        "En post av det slaget hör inte hemma här.",
    ),
    "field": (
        "The {field} {value}.",
        "Fältet {field} {value}.",
    ),
    "bankgiro": (
        "The record is of another bankgiro than the opening record.",
        "Posten gäller ett annat bankgironummer än öppningsposten.",
    ),
    "status": (
        "The status of the payment is not known, so it cannot be told whether it was paid.",
        "Betalningens statuskod är okänd: det går inte att avgöra om den är genomförd.",
    ),
    "deposit_sum": (
        "The deposit is {stated} kronor, but its payments add up to {found}.",
        "Insättningen är på {stated} kronor, men betalningarna i den summerar till {found}.",
    ),
    "deposit_count": (
        "The deposit is said to have {stated} payments, but has {found}.",
        "Insättningen anges ha {stated} betalningar, men har {found}.",
    ),
    "total_sum": (
        "The closing record's {field} is {stated} kronor, but the records add up to {found}.",
        "Slutpostens {field} är {stated} kronor, men posterna summerar till {found}.",
    ),
    "total_count": (
        "The closing record's {field} is {stated}, but there are {found}.",
        "Slutpostens {field} är {stated}, men det finns {found}.",
    ),
    "empty_section": (
        "The section has no records.",
        "Avsnittet har inga poster.",
    ),
    # Only warnings
    "utf8": (
        "The file has been through a program that changed it to UTF-8. It can be read, but its seal no longer"
        " fits.",
        "Filen har gjorts om till UTF-8 av något program. Den går att läsa, men sigillet stämmer inte.",
    ),
    "unknown_code": (
        "The {what} {code} is not known.",
        "Okänd {what}: {code}.",
    ),
}

CODES = {
    "information": ("information code", "informationskod"),
    "comment": ("comment code", "kommentarskod"),
    "refund": ("refund code", "återbetalningskod"),
    "message_type": ("type of message", "meddelandetyp"),
    "register_status": ("status of the mandate", "medgivandestatus"),
}


def _kronor(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02}"


def _words(problem, lang, line, column, details):
    """Return the text of a problem with where it is in front."""
    swedish = lang.startswith("sv")
    shown = {}
    for name, value in details.items():
        tables = {"field": FIELDS, "value": VALUES, "what": CODES}
        if name in tables:
            shown[name] = say(tables[name], value, lang)
        elif problem.endswith("_sum"):
            shown[name] = _kronor(value).replace(".", "," if swedish else ".")
        else:
            shown[name] = value
    text = say(READING, problem, lang, **shown)
    if line is None:
        return text
    place = f"{'Rad' if swedish else 'Line'} {line}"
    if column is not None:
        place += f", position {column}"
    return f"{place}: {text}"


class ReportError(Problem):
    """A file that cannot be read; nothing of it was taken.

    ``problem`` is a stable code (a key of ``READING``); ``line`` and ``column`` count from 1 and
    are None when the problem is nowhere in particular. ``details`` are what the text is filled with.
    """

    TEXTS = READING

    def __init__(self, problem: str, line: int | None = None, column: int | None = None, **details):
        self.line = line
        self.column = column
        self.details = details
        super().__init__(problem)

    def text(self, lang: str = "en") -> str:
        """Return the error in words, in English (``en``) or Swedish (``sv``)."""
        return _words(self.problem, lang, self.line, self.column, self.details)

    def __reduce__(self):
        return _remake, (type(self), self.problem, self.line, self.column, self.details)


def _remake(kind, problem, line, column, details):
    return kind(problem, line, column, **details)


class ReportWarning:
    """Something in a file that a person should know of, though the file could be read.

    The same attributes and :meth:`text` as :class:`ReportError`.
    """

    __slots__ = ("column", "details", "line", "problem")

    def __init__(self, problem: str, line: int | None = None, column: int | None = None, **details):
        self.problem = problem
        self.line = line
        self.column = column
        self.details = details

    def text(self, lang: str = "en") -> str:
        """Return the warning in words, in English (``en``) or Swedish (``sv``)."""
        return _words(self.problem, lang, self.line, self.column, self.details)

    def __str__(self):
        return self.text("en")

    def __repr__(self):
        return f"ReportWarning({self.problem!r}, line={self.line}, column={self.column})"
