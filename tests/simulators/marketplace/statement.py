"""The statement of a month's payout, as the seller downloads it: CSV, a row for each thing."""

import csv
import io

from .accounts import REFUND, SALE, Accounts, Payout
from .faults import Fault
from .money import with_comma

COLUMNS = (
    "Utbetalning", "Utbetalningsdatum", "Utbetalt belopp", "Datum", "Typ", "Bokning", "Referens",
    "Kundorder", "Text", "Belopp", "Valuta",
)  # fmt: skip
TYPES = {SALE: "Försäljning", REFUND: "Återbetalning"}
COMMISSION, VAT, UNKNOWN = "Provision", "Moms på provision", "Kampanjavdrag"


def _percent(rate: int) -> str:
    return with_comma(rate).removesuffix("00").removesuffix(",") + " %"


def rows_of(accounts: Accounts, payout: Payout, fault: Fault | None = None) -> tuple:
    """(the amount that was paid, [(day, type, booking, reference, order, text, amount)])."""
    rows = [
        (e.day, TYPES[e.kind], e.order_number, e.payment, e.uuid, e.text, e.amount)
        for e in accounts.entries_of(payout)
    ]
    kept = f"{_percent(payout.commission_rate)} av {with_comma(payout.collected)}"
    rows.append((payout.last_day, COMMISSION, "", "", "", kept, payout.commission))
    rows.append((payout.last_day, VAT, "", "", "", _percent(payout.vat_rate), payout.vat))
    rows = [row for row in rows if row[-1]]  # no commission is no row
    paid = payout.amount
    if fault and fault.fault == "forget":
        forgotten = [row for row in rows if row[1] == TYPES[SALE]][: fault.rows]
        rows = [row for row in rows if row not in forgotten]
    elif fault and fault.fault == "wrong_sum":
        paid += fault.amount
    elif fault and fault.fault == "unknown_type":
        rows.append((payout.last_day, UNKNOWN, "", "", "", "Höstkampanj", -fault.amount))
        paid -= fault.amount
    return paid, rows


def written(accounts: Accounts, payout: Payout, fault: Fault | None = None) -> bytes:
    """The file, as spreadsheets of Swedish users open it."""
    paid, rows = rows_of(accounts, payout, fault)
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for day, kind, booking, reference, order, text, amount in rows:
        writer.writerow(
            [payout.reference, payout.paid, with_comma(paid), day, kind, booking, reference, order, text,
             with_comma(amount), "SEK"]
        )  # fmt: skip
    return file.getvalue().encode("utf-8-sig")
