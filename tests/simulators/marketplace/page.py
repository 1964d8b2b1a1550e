"""The inside, for a person trying the demo, in Swedish: what the marketplace has read, sold and paid out."""

from html import escape

from plumbing.page import FAULT as USUAL_FAULT
from plumbing.page import document, faults, form, kronor

from .accounts import SALE, Payout
from .breaches import RULES, Breach
from .moments import spoken_month
from .purchases import BOOKED, Purchase
from .shop_page import STATUS, when
from .systems import BookingSystem

SHOWN = 50  # purchases: the newest
FAULT = {
    **USUAL_FAULT, "book_twice": "bokningen skickas två gånger på en gång",
    "no_quotes": "bokar utan att först ha frågat om priset", "wrong_total": "bokar med fel summa",
    "late_cancel": "avbokar fast det är för sent", "forget": "en försäljning saknas i avräkningen",
    "wrong_sum": "avräkningens summa är fel", "unknown_type": "avräkningen har en okänd radtyp",
}  # fmt: skip
ORDERS = [
    ("Nästa bokning skickas två gånger på en gång", {"fault": "book_twice"}),
    ("Nästa bokning utan prisfråga", {"fault": "no_quotes"}),
    ("Nästa bokning med fel summa", {"fault": "wrong_total"}),
    ("Nästa avbokning fast det är för sent", {"fault": "late_cancel"}),
    ("Nästa avräkning saknar en försäljning", {"fault": "forget"}),
    ("Nästa avräkning har fel summa", {"fault": "wrong_sum"}),
    ("Nästa avräkning har en okänd radtyp", {"fault": "unknown_type"}),
    ("Avräkningen svarar inte", {"fault": "timeout", "path": "/statements*"}),
]
STATE = {
    "basket": "i varukorgen", "unclear": "väntar på besked", "booked": "bokad", "refused": "nekad",
    "dropped": "avbruten",
}  # fmt: skip

_STYLE = """:root { --back: #f4f6f2; --mark: #2c6e3f }
h3 { margin-top: 1rem } td { vertical-align: top }
.bad { color: #9c1c14 }
"""


def _table(head: tuple, rows: list) -> str:
    """Rows of HTML cells; columns whose heading begins with > are numbers."""
    number = [" class=n" if title.startswith(">") else "" for title in head]

    def cells(tag: str, texts) -> str:
        return "".join(f"<{tag}{kind}>{text}</{tag}>" for text, kind in zip(texts, number, strict=True))

    titles = cells("th", (title.lstrip(">") for title in head))
    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<div class=scroll><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"


def _breach(breach: Breach) -> tuple:
    kind = "råd" if breach.level == "advice" else "<span class=bad>fel</span>"
    return (escape(breach.place), kind, escape(RULES[breach.rule]), escape(breach.example), str(breach.times))


def _system(system: BookingSystem) -> str:
    told = system.look()
    parts = [
        f"<section><header><h2>{escape(system.name or 'Bokningssystem')}</h2>"
        f'<span class=soft>nr {system.number}, <a href="{escape(system.dataset)}">'
        f"{escape(system.dataset)}</a></span></header>",
        f"<p>{told['facilities']} anläggningar och {told['slots']} tider är lästa. "
        f"Avräkningar hämtas med <code>{escape(system.statement_token)}</code></p>",
    ]
    feeds = [
        (
            escape(feed["name"]), escape(feed["next"]), str(feed["items"]), str(feed["deleted"]),
            "ja" if feed["at_end"] else "stängt" if feed["gone"] else "<span class=bad>nej</span>",
        )
        for feed in told["feeds"]
    ]  # fmt: skip
    if feeds:
        parts.append(_table(("Flöde", "Läst till", ">Poster", ">Borttagna", "Till slutet"), feeds))
    parts.append(form("harvest", "Läs flödena nu", quiet=False, system=str(system.number)))
    parts.append(form("harvest", "Läs allt från början", system=str(system.number), anew="1"))
    parts.append("<h3>Brott mot standarden</h3>")
    found = system.breaches.listed()
    if found:
        parts.append(_table(("Var", "", "Vad", "Exempel", ">Gånger"), list(map(_breach, found))))
    else:
        parts.append("<p class=soft>Inga.</p>")
    return "".join([*parts, "</section>"])


def _connect() -> str:
    fields = (
        '<input name=dataset required size=40 placeholder="http://…/openactive/1" '
        'aria-label="Datasetets sida">'
        '<input name=token placeholder="Bokningsnyckel" aria-label="Bokningsnyckel">'
    )
    return (
        "<section><h2>Anslut ett bokningssystem</h2>"
        f"{form('connect', 'Anslut', fields, quiet=False)}</section>"
    )


def _purchase(purchase: Purchase) -> tuple:
    lines = "<br>".join(
        f"{escape(line.name)}, {when(line)}"
        + (f" <span class=bad>{STATUS[line.status]}</span>" if line.status in STATUS else "")
        for line in purchase.lines
    )
    name = escape(purchase.order_number or purchase.uuid[:8])
    link = f'<a href="/kvitto/{purchase.uuid}">{name}</a>'
    cancel = ""
    if any(line.status == BOOKED for line in purchase.lines):
        cancel = form("cancel", "Avboka", order=purchase.uuid)
    return (
        link, escape(purchase.payment), escape(purchase.customer.get("name", "")), lines,
        STATE[purchase.state], kronor(purchase.charged), kronor(purchase.refunded), cancel,
    )  # fmt: skip


def _purchases(purchases: list) -> str:
    shown = [_purchase(purchase) for purchase in reversed(purchases[-SHOWN:])]
    head = ("Bokning", "Betalning", "Kund", "Tider", "Läge", ">Betalt", ">Återbetalt", "")
    table = _table(head, shown) if shown else "<p class=soft>Inget är sålt än.</p>"
    return f"<section><h2>Köp</h2>{table}</section>"


def _payout(payout: Payout) -> tuple:
    return (
        f'<a href="/insidan/{payout.reference}.csv">{payout.reference}</a>', spoken_month(payout.period),
        payout.paid, kronor(payout.collected), kronor(payout.commission), kronor(payout.vat),
        kronor(payout.amount),
    )  # fmt: skip


def _accounts(service) -> str:
    accounts, today = service.accounts, service.today()
    parts = [
        f"<section><header><h2>Avräkning</h2><span class=soft>räkenskapernas dag är {today}</span></header>"
    ]
    for system in service.systems.values():
        unpaid = accounts.unpaid(system.number)
        sold = sum(entry.kind == SALE for entry in unpaid)
        amount = kronor(sum(entry.amount for entry in unpaid))
        name = escape(system.name or system.dataset)
        parts.append(f"<p>Att betala ut till {name}: {amount} kr för {sold} köp, före provision.</p>")
    head = ("Utbetalning", "Månad", "Utbetald", ">Sålt", ">Provision", ">Moms på den", ">Utbetalt")
    if accounts.payouts:
        parts.append(_table(head, list(map(_payout, reversed(accounts.payouts)))))
    month = f'<input type=month name=month value="{today[:7]}" aria-label="Månad">'
    parts.append(form("pay-out", "Betala ut månaden nu", month, quiet=False))
    day = f'<input type=date name=to value="{today}" aria-label="Dag">'
    parts.append(form("clock", "Ställ räkenskapernas dag", day))
    return "".join([*parts, "</section>"])


def _fault(fault) -> str:
    what = FAULT[fault.fault] + (f" {fault.status}" if fault.status else "")
    return f"{what} ({'alla anrop' if fault.path == '*' else fault.path})"


def page(service) -> str:
    """The whole page."""
    with service.lock:
        parts = [
            '<p><a href="/">Till butiken</a></p>',
            *map(_system, service.systems.values()),
            _connect(),
            _purchases(list(service.purchases.values())),
            _accounts(service),
            faults(service, ORDERS, _fault),
        ]
    about = "Här syns vad marknadsplatsen har läst, sålt och betalat ut."
    return document("Tidstorgets insida (simulerad)", about, parts, _STYLE)
