"""The page for a person trying the demo, in Swedish: what Klarna has, and buttons that make things happen."""

from html import escape

from plumbing.page import FAULT as USUAL_FAULT
from plumbing.page import choice, document, faults, form, kronor

from .model import Merchant, Payout

SHOWN = 50  # payouts, and orders, of a merchant: the newest
FAULT = {
    **USUAL_FAULT, "repeat": "en sida upprepar rader", "lack": "en sida saknar rader",
    "shuffle": "raderna i annan ordning", "next": "länken till nästa sida leder till en annan värd",
    "totals": "summor som inte stämmer med raderna", "changed": "utbetalningen ändras efter svaret",
}  # fmt: skip
ORDERS = [
    ("Svarar inte alls", {"fault": "timeout"}),
    ("Fel användare eller lösenord (401)", {"fault": "status", "status": 401}),
    ("För många anrop (429)", {"fault": "status", "status": 429}),
    ("Tjänsten är nere (503)", {"fault": "status", "status": 503}),
    ("Oläsligt svar", {"fault": "garbage"}),
    ("Svaret avbryts halvvägs", {"fault": "cut"}),
    ("En sida saknar en rad", {"fault": "lack", "path": "/transactions"}),
    ("Summorna stämmer inte med raderna", {"fault": "totals", "path": "/payouts*"}),
]
TOTAL = {
    "sale": "Försäljning", "return": "Returer", "reversal": "Tvister", "fee": "Avgifter",
    "tax": "Moms", "holdback": "Innehållet", "release": "Frisläppt",
}  # fmt: skip

_STYLE = """:root { --back: #f6f3f5; --mark: #8a2c5a }
h3 { margin-top: 1rem } th, td { white-space: nowrap }
"""


def _table(head: tuple, lines: list) -> str:
    """Columns whose heading begins with > are numbers."""
    number = [title.startswith(">") for title in head]

    def cells(tag: str, texts) -> str:
        return "".join(
            f"<{tag}{' class=n' if is_number else ''}>{escape(text)}</{tag}>"
            for text, is_number in zip(texts, number, strict=True)
        )

    titles = cells("th", (title.lstrip(">") for title in head))
    body = "".join(f"<tr>{cells('td', line)}</tr>" for line in lines)
    return f"<div class=scroll><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"


def _payout_line(merchant: Merchant, payout: Payout) -> tuple:
    totals = payout.totals(merchant.settings["tax_refund"])
    return (
        payout.reference + ("" if payout.listed else " (visas inte än)"),
        payout.at[:10],
        payout.currency,
        *(kronor(totals[f"{name}_amount"]) for name in TOTAL),
        kronor(totals["settlement_amount"]),
    )


def _merchant(merchant: Merchant) -> str:
    parts = [
        f"<section><header><h2>{escape(merchant.settings['name'] or merchant.id)}</h2>"
        f"<span class=soft>{escape(merchant.id)}</span></header>",
        f"<p>Användare: <code>{escape(merchant.settings['user'])}</code>,"
        f" lösenord: <code>{escape(merchant.settings['password'])}</code></p>",
    ]
    payouts = list(merchant.payouts.values())[-SHOWN:]
    if payouts:
        head = ("Utbetalning", "Dag", "Valuta", *(">" + title for title in TOTAL.values()), ">Utbetalt")
        lines = [_payout_line(merchant, payout) for payout in reversed(payouts)]
        parts.append("<h3>Utbetalningar</h3>" + _table(head, lines))
    else:
        parts.append("<p class=soft>Inget är utbetalt än.</p>")
    if merchant.unpaid:
        sums = {}
        for row in merchant.unpaid:
            sums[row.currency] = sums.get(row.currency, 0) + row.money + row.tax
        told = " och ".join(f"{kronor(amount)} {currency}" for currency, amount in sorted(sums.items()))
        parts.append(f"<p>Att betala ut: {escape(told)}</p>")
        parts.append(form("payout", "Betala ut nu", quiet=False, merchant=merchant.id))
    orders = list(merchant.orders.values())[-SHOWN:]
    if orders:
        head = ("Köp", "Referens", "Tid (UTC)", ">Belopp", ">Debiterat", ">Återbetalt")
        lines = [
            (
                o.short_id,
                o.reference1,
                o.at[:16].replace("T", " "),
                kronor(o.amount),
                kronor(o.captured),
                kronor(o.refunded),
            )
            for o in reversed(orders)
        ]
        parts.append("<h3>Köp</h3>" + _table(head, lines))
        if any(o.captured > o.refunded for o in orders):
            left = {o.id: o.reference1 or o.short_id for o in reversed(orders) if o.captured > o.refunded}
            field = choice("order", "Köp", left)
            parts.append(form("refund", "Återbetala", field, merchant=merchant.id))
            parts.append(form("dispute", "Kunden bestrider", field, merchant=merchant.id))
    return "".join([*parts, "</section>"])


def _fault(fault) -> str:
    what = FAULT[fault.fault] + (f" {fault.status}" if fault.status else "")
    return f"{what} ({'alla anrop' if fault.path == '*' else fault.path})"


def page(service) -> str:
    """The whole page."""
    with service.lock:
        parts = [*map(_merchant, service.merchants.values()), faults(service, ORDERS, _fault)]
    about = "Här syns köp, utbetalningar och vad Klarna håller inne."
    return document("Klarna (simulerat)", about, parts, _STYLE)
