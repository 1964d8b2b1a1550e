"""What can be wrong with what is to be written, in words. No text contains a voucher's texts or the
organisation number, which of a sole trader is the personal number."""

#: {problem: (English, Swedish)}
TEXTS = {
    # The header
    "company_name": (
        "The company has no name.",
        "Företaget saknar namn.",
    ),
    "organisation_number": (
        "An organisation number has ten digits, as NNNNNN-NNNN.",
        "Ett organisationsnummer har tio siffror, som NNNNNN-NNNN.",
    ),
    "organisation_check_digit": (
        "The last digit of the organisation number does not fit the others.",
        "Organisationsnumrets sista siffra stämmer inte med de övriga.",
    ),
    "account_plan": (
        "{account_plan} is not a chart of accounts that SIE knows.",
        "{account_plan} är ingen kontoplanstyp som finns i SIE.",
    ),
    "program": (
        "The program that writes the file must have a name and a version.",
        "Programmet som skriver filen måste ha namn och version.",
    ),
    "year_number": (
        "Fiscal years are numbered 0, -1, -2 and so on, from the current year backwards.",
        "Räkenskapsår numreras 0, -1, -2 och så vidare, från innevarande år och bakåt.",
    ),
    "year_dates": (
        "The fiscal year that begins on {start} ends before it, on {end}.",
        "Räkenskapsåret som börjar {start} slutar dessförinnan, {end}.",
    ),
    "years_not_consecutive": (
        "The fiscal year that begins on {start} does not follow on the one that ends on {end}.",
        "Räkenskapsåret som börjar {start} följer inte direkt på det som slutar {end}.",
    ),
    # Accounts and objects
    "account_number": (
        "Account “{account}” is not one to six digits.",
        "Kontot ”{account}” är inte en till sex siffror.",
    ),
    "account_name": (
        "Account {account} has no name.",
        "Konto {account} saknar namn.",
    ),
    "account_names": (
        "Account {account} has two names.",
        "Konto {account} har två olika namn.",
    ),
    "dimension": (
        "Dimension {dimension} is neither cost centre (1) nor project (6).",
        "Dimension {dimension} är varken kostnadsställe (1) eller projekt (6).",
    ),
    "object_code": (
        "The code “{code}” of a {dimension} is not one to six letters A–Z and digits.",
        "Koden ”{code}” för {dimension} är inte en till sex bokstäver A–Z och siffror.",
    ),
    "object_name": (
        "The {dimension} {code} has no name.",
        "Ett {dimension} saknar namn: {code}.",
    ),
    "object_names": (
        "The {dimension} {code} has two names.",
        "Ett {dimension} har två olika namn: {code}.",
    ),
    # Vouchers
    "empty": (
        "There are no vouchers to write.",
        "Det finns inga verifikat att skriva.",
    ),
    "series": (
        "The series “{series}” is not one letter A–Z.",
        "Serien ”{series}” är inte en bokstav A–Z.",
    ),
    "empty_voucher": (
        "The voucher has no row with an amount.",
        "Verifikatet har ingen rad med belopp.",
    ),
    "unbalanced": (
        "The voucher does not balance: its rows add up to {difference} kronor, not to zero.",
        "Verifikatet balanserar inte: raderna summerar till {difference} kronor i stället för noll.",
    ),
    "amount": (
        "The amount is not a whole number of öre.",
        "Beloppet är inte ett helt antal öre.",
    ),
    "quantity": (
        "The quantity is not a number with at most two decimals.",
        "Kvantiteten är inte ett tal med högst två decimaler.",
    ),
    # Anywhere
    "date": (
        "Something else than a date is given as a date.",
        "Något annat än ett datum är angivet som datum.",
    ),
    "date_outside": (
        "The date {date} is in none of the fiscal years.",
        "Datumet {date} ligger inte i något av räkenskapsåren.",
    ),
    "text": (
        "Something else than a text is given as a text.",
        "Något annat än en text är angivet som text.",
    ),
}

#: Number of a dimension -> its name within a sentence
_DIMENSIONS = {1: ("cost centre", "kostnadsställe"), 6: ("project", "projekt")}


def _kronor(amount_ore: int, decimal_sign: str) -> str:
    kronor, ore = divmod(abs(amount_ore), 100)
    return f"{'-' if amount_ore < 0 else ''}{kronor}{decimal_sign}{ore:02}"


class SieError(ValueError):
    """Something that cannot be written; there is no file.

    ``problem`` is a stable code, a key of ``TEXTS``. ``voucher`` is the voucher's index and ``row`` the
    row's in it, both from 0 in the order given; None where the problem belongs to no voucher or row.
    ``details`` are what the text is filled with: amounts in öre (``difference``), dates as such.
    """

    def __init__(self, problem: str, voucher: int | None = None, row: int | None = None, **details):
        self.problem = problem
        self.voucher = voucher
        self.row = row
        self.details = details
        super().__init__(self.text("en"))

    def text(self, lang: str = "en") -> str:
        """Return the error in words, in English (``en``) or Swedish (``sv``); there places count from 1."""
        swedish = lang.startswith("sv")
        shown = dict(self.details)
        if "difference" in shown:
            shown["difference"] = _kronor(shown["difference"], "," if swedish else ".")
        if shown.get("dimension") in _DIMENSIONS:
            shown["dimension"] = _DIMENSIONS[shown["dimension"]][swedish]
        text = TEXTS[self.problem][swedish].format(**shown)
        if self.voucher is None:
            return text
        place = f"{'Verifikat' if swedish else 'Voucher'} {self.voucher + 1}"
        if self.row is not None:
            place += f", {'rad' if swedish else 'row'} {self.row + 1}"
        return f"{place}: {text}"

    def __reduce__(self):
        return _remake, (self.problem, self.voucher, self.row, self.details)


def _remake(problem, voucher, row, details):
    return SieError(problem, voucher, row, **details)
