"""The page for a person trying the demo, in Swedish: what Klarna has, and buttons that make things happen."""

import json
from html import escape

from .model import Merchant, Payout
from .reports import decimals

SHOWN = 50  # payouts, and orders, of a merchant: the newest
FAULT = {
    "timeout": "inget svar", "close": "kopplingen bryts", "status": "felsvar", "garbage": "oläsligt svar",
    "redirect": "omdirigering", "endless": "svar utan slut", "slow": "långsamt svar",
    "trickle": "svar i småbitar", "cut": "avhugget svar", "repeat": "en sida upprepar rader",
    "lack": "en sida saknar rader",
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

_HEAD = """<!DOCTYPE html>
<html lang="sv"><head><meta charset="utf-8"><title>Klarna (simulerat)</title>
<meta name="viewport" content="width=device-width">
<style>
:root { --ink: #1d2b36; --soft: #5c6b77; --line: #dde3e8; --paper: #fff; --back: #f6f3f5; --mark: #8a2c5a }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back); margin: 0 auto;
  padding: 1.5rem 1rem 4rem; max-width: 72rem }
h1 { font-size: 1.5rem; margin: 0 }
h2 { font-size: 1.2rem; margin: 0 } h3 { font-size: 1rem; margin: 1rem 0 0 }
p { margin: .4rem 0 } .soft { color: var(--soft) }
section { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.2rem;
  margin-top: 1.2rem }
header { display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: baseline }
table { border-collapse: collapse; width: 100%; margin-top: .4rem }
th, td { text-align: left; padding: .2rem .5rem; border-bottom: 1px solid var(--line); white-space: nowrap }
th { font-weight: 600; color: var(--soft); font-size: .85rem }
.n { text-align: right; font-variant-numeric: tabular-nums }
form { display: inline-flex; flex-wrap: wrap; gap: .4rem; align-items: center; margin: .4rem 1rem 0 0 }
button, input, select { font: inherit; padding: .25rem .6rem; border: 1px solid var(--line);
  border-radius: .35rem; background: var(--paper) }
button { background: var(--mark); border-color: var(--mark); color: #fff; cursor: pointer }
button.quiet { background: var(--paper); color: var(--mark) }
code { background: var(--back); padding: .15rem .4rem; border-radius: .3rem; user-select: all }
.scroll { overflow-x: auto }
</style></head><body>
<h1>Klarna (simulerat)</h1>
<p class="soft">Här syns köp, utbetalningar och vad Klarna håller inne. Inget lämnar den här datorn.</p>
"""


def kronor(ore: int) -> str:
    """An amount in öre as it is written in Swedish."""
    whole, _point, part = decimals(abs(ore)).partition(".")
    return ("-" if ore < 0 else "") + f"{int(whole):,}".replace(",", "\N{NO-BREAK SPACE}") + f",{part}"


def _form(action: str, button: str, fields: str = "", quiet: bool = True, **hidden) -> str:
    inputs = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in hidden.items()
    )
    button = f"<button{' class=quiet' if quiet else ''}>{button}</button>"
    return f'<form method="post" action="/control/{action}">{inputs}{fields}{button}</form>'


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
        parts.append(_form("payout", "Betala ut nu", quiet=False, merchant=merchant.id))
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
            options = "".join(
                f'<option value="{escape(o.id)}">{escape(o.reference1 or o.short_id)}</option>'
                for o in reversed(orders)
                if o.captured > o.refunded
            )
            choice = f'<select name="order" aria-label="Köp">{options}</select>'
            parts.append(_form("refund", "Återbetala", choice, merchant=merchant.id))
            parts.append(_form("dispute", "Kunden bestrider", choice, merchant=merchant.id))
    return "".join([*parts, "</section>"])


def _faults(service) -> str:
    parts = ["<section><header><h2>Nästa anrop som går fel</h2></header>"]
    for fault in service.faults:
        what = FAULT[fault.fault] + (f" {fault.status}" if fault.status else "")
        where = "alla anrop" if fault.path == "*" else fault.path
        times = f", {fault.times} gånger" if fault.times > 1 else ""
        parts.append(f"<p>{escape(f'{what} ({where}){times}')}</p>")
    if not service.faults:
        parts.append("<p class=soft>Inget fel är beställt.</p>")
    options = "".join(
        f'<option value="{escape(json.dumps(order))}">{escape(text)}</option>' for text, order in ORDERS
    )
    choice = f'<select name="next" aria-label="Fel">{options}</select>'
    parts.append(_form("misbehave", "Låt det gå fel", choice))
    if service.faults:
        parts.append(_form("misbehave", "Ångra", clear="1"))
    return "".join([*parts, "</section>"])


def page(service) -> str:
    """The whole page."""
    with service.lock:
        merchants = [_merchant(merchant) for merchant in service.merchants.values()]
        return "".join([_HEAD, *merchants, _faults(service), "</body></html>\n"])
