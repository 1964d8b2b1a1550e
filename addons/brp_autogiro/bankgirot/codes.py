"""Codes of Bankgirot's reports in words: one table each, {code: (English, Swedish)}.

Source: Bg Autogiro technical manual, 2014. Retired codes stay: old files have them.
"""

from collections.abc import Mapping

Table = Mapping[str, tuple[str, str]]

#: Mandate advice (TK73): what happened
INFORMATION: Table = {
    "03": ("Cancellation by the payee", "Makulering, initierad av betalningsmottagaren"),
    "04": ("New mandate from the payee", "Nytt medgivande från betalningsmottagaren"),
    "05": ("Change of payer number by the payee", "Byte av betalarnummer, initierat av betalningsmottagaren"),
    "10": ("Cancelled: the payee's bankgiro is closed", "Makulerat: mottagarens bankgironummer är avslutat"),
    "42": ("The bank's answer to the account inquiry", "Bankens svar på kontoförfrågan"),
    "43": (
        "Cancelled: the account inquiry was not answered",
        "Makulerat: kontoförfrågan har inte besvarats",
    ),
    "44": ("Cancelled: the payer's bankgiro is closed", "Makulerat: betalarens bankgironummer är avslutat"),
    "46": (
        "Cancellation by the payer or the payer's bank",
        "Makulering, initierad av betalaren eller betalarens bank",
    ),
    "93": ("Cancellation by the payer (retired code)", "Makulering av betalaren (utgången kod)"),
}

#: Mandate advice (TK73): how it went
ADVICE_COMMENT: Table = {
    "01": ("Cancelled by the bank (retired code)", "Makulerat av banken (utgången kod)"),
    "02": (
        "Cancelled by the payer or the payer's bank",
        "Makulerat av betalaren eller betalarens bank",
    ),
    "03": ("The type of account cannot be used for Autogiro", "Kontotypen kan inte användas för Autogiro"),
    "04": ("There is no such mandate at Bankgirot", "Medgivandet finns inte hos Bankgirot"),
    "05": ("Wrong account or personal details", "Felaktigt bankkonto eller felaktiga personuppgifter"),
    "06": ("Cancelled by Bankgirot (retired code)", "Makulerat av Bankgirot (utgången kod)"),
    "07": (
        "Cancelled: the account inquiry was not answered",
        "Makulerat: kontoförfrågan har inte besvarats",
    ),
    "09": ("The payer's bankgiro does not exist", "Betalarens bankgironummer finns inte"),
    "10": (
        "The mandate is registered or being checked already, or the payer number was cancelled less than"
        " seven banking days ago",
        "Medgivandet är redan registrerat eller under förfrågan, eller så makulerades betalarnumret för"
        " mindre än sju bankdagar sedan",
    ),
    "11": ("Stopped by the payer (retired code)", "Stoppat av betalaren (utgången kod)"),
    "12": ("The stop is lifted (retired code)", "Stoppet är hävt (utgången kod)"),
    "20": (
        "Wrong personal or organisation number, or no agreement on mandates on bankgiro numbers",
        "Felaktigt person- eller organisationsnummer, eller avtal om medgivanden på bankgironummer saknas",
    ),
    "21": ("Wrong payer number", "Felaktigt betalarnummer"),
    "23": ("Wrong account number", "Felaktigt bankkontonummer"),
    "24": (
        "The maximum amount is not allowed (retired code)",
        "Maxbeloppet är inte tillåtet (utgången kod)",
    ),
    "29": ("The payee's bankgiro is wrong", "Felaktigt bankgironummer för mottagaren"),
    "30": ("The payee's bankgiro is deregistered", "Mottagarens bankgironummer är avregistrerat"),
    "32": ("Approved: new mandate", "Godkänt: nytt medgivande"),
    "33": ("Cancelled", "Makulerat"),
    "98": (
        "Cancelled: the payer's bankgiro is closed",
        "Makulerat: betalarens bankgironummer är avslutat",
    ),
}

#: Payment specification (TK82, TK32), position 80. An approved payment of the old layout reads as "0".
PAYMENT_STATUS: Table = {
    "0": ("Carried out", "Genomförd"),
    "1": ("Not carried out: insufficient cover", "Inte genomförd: täckning saknas"),
    "2": (
        "Not carried out: the account is closed or not linked to Autogiro, or another reason",
        "Inte genomförd: kontot är avslutat eller inte anslutet till Autogiro, eller annan orsak",
    ),
    "9": (
        "Insufficient cover so far: Bankgirot tries again",
        "Täckning saknas ännu: Bankgirot försöker igen",
    ),
}

#: Refund of an executed payment (TK77)
REFUND_CODE: Table = {
    "01": ("The payer has given the payee no mandate", "Betalaren har inte lämnat något medgivande"),
    "02": ("The mandate had been withdrawn", "Medgivandet var återkallat"),
    "03": (
        "The mandate states no amount, and this one was higher than the payer could expect",
        "Medgivandet anger inget belopp, och beloppet var högre än betalaren kunde förvänta sig",
    ),
    "04": ("Reserved code", "Reserverad kod"),
    "05": ("Reserved code", "Reserverad kod"),
}

#: Rejected payments (TK82, TK32)
REJECTED_COMMENT: Table = {
    "01": ("There is no mandate", "Medgivande saknas"),
    "02": (
        "The account is not approved yet, or is closed",
        "Kontot är ännu inte godkänt eller är avslutat",
    ),
    "03": (
        "The mandate is stopped, or the payer's bankgiro deregistered (retired code)",
        "Medgivandet är stoppat eller betalarens bankgironummer avregistrerat (utgången kod)",
    ),
    "04": ("Wrong payer number (retired code)", "Felaktigt betalarnummer (utgången kod)"),
    "05": ("The payee's bankgiro is wrong (retired code)", "Felaktigt bankgironummer (utgången kod)"),
    "06": ("Wrong period code", "Felaktig periodkod"),
    "07": ("Wrong number of renewals", "Felaktigt antal självförnyande uppdrag"),
    "08": ("The amount is not numeric", "Beloppet är inte numeriskt"),
    "09": ("Payouts are not allowed", "Förbud mot utbetalningar"),
    "10": ("Bankgirot does not know the bankgiro", "Bankgironumret finns inte hos Bankgirot"),
    "12": ("Wrong payment date", "Felaktigt betalningsdatum"),
    "13": ("The payment date has passed", "Betalningsdatumet har passerat"),
    "15": (
        "The bankgiro of the payment and that of the opening record differ",
        "Bankgironumret i öppningsposten och i betalningsuppdraget är inte detsamma",
    ),
    "24": ("The amount is above the maximum amount", "Beloppet överstiger maxbeloppet"),
}

#: Cancelled and changed payments: how it went
CHANGE_COMMENT: Table = {
    "01": ("Wrong date", "Felaktigt datum"),
    "02": ("Wrong payer number", "Felaktigt betalarnummer"),
    "04": ("Wrong transaction code", "Felaktig transaktionskod"),
    "05": ("Wrong amount", "Felaktigt belopp"),
    "06": ("Wrong new payment date", "Felaktigt nytt betalningsdatum"),
    "10": (
        "The check digit of the payee's bankgiro is wrong",
        "Fel kontrollsiffra i mottagarens bankgironummer",
    ),
    "11": ("The payee's bankgiro does not exist", "Mottagarens bankgironummer finns inte"),
    "12": ("Cancelled", "Makulerat"),
    "13": ("There is no such payment: nothing was done", "Betalningsuppdraget finns inte: ingen åtgärd"),
    "14": ("The payment date is changed", "Betalningsdatumet är ändrat"),
    "15": ("Not changed: the payment is a recurring one", "Inte ändrat: uppdraget är självförnyande"),
    "18": ("The payment date is changed", "Betalningsdatumet är ändrat"),
}

#: Cancelled and changed payments: what was asked for
CHANGE_TK: Table = {
    "03": ("Cancelled with the mandate", "Makulering på grund av makulerat medgivande"),
    "11": ("Cancellation by the payer or the payer's bank", "Makulering av betalaren eller betalarens bank"),
    "21": ("Cancelled: the payee's agreement ended", "Makulering: mottagarens avtal har upphört"),
    "22": (
        "Cancellation of all payments on a date (retired code)",
        "Makulering av alla uppdrag en dag (utgången kod)",
    ),
    "23": ("Cancellation of all payments of a payer", "Makulering av en betalares alla uppdrag"),
    "24": (
        "Cancellation of all payments of a payer on a date",
        "Makulering av en betalares alla uppdrag en dag",
    ),
    "25": ("Cancellation of a payment", "Makulering av ett uppdrag"),
    "26": ("New date for all payments", "Ändring av betalningsdatum för alla uppdrag"),
    "27": (
        "New date for all payments on a date",
        "Ändring av betalningsdatum för alla uppdrag en dag",
    ),
    "28": (
        "New date for all payments of a payer on a date",
        "Ändring av betalningsdatum för en betalares alla uppdrag en dag",
    ),
    "29": ("New date for a payment", "Ändring av betalningsdatum för ett uppdrag"),
}


def meaning(table: Table, code: str, lang: str = "en") -> str:
    """Return what ``code`` means in ``table``, in English or (``sv``, ``sv_SE``) Swedish.

    An unknown code is said to be unknown, and which; no code at all gives an empty text.
    """
    swedish = lang.startswith("sv")
    if code in table:
        return table[code][1 if swedish else 0]
    if not code.strip():
        return ""
    return f"Okänd kod {code}" if swedish else f"Unknown code {code}"
