"""The page that shows what Bankgirot knows, in Swedish."""

from html import escape

from plumbing.page import kronor

from . import bankdays
from .machine import Bankgirot

STATUS = {"asked": "under förfrågan", "active": "godkänt", "refused": "avvisat", "ended": "avslutat"}
OUTCOME = {"0": "betald", "1": "täckning saknas", "2": "stoppad", "9": "ny täckningskontroll"}
KIND = {
    "payments": "Betalningsspecifikation", "advice": "Medgivandeavisering",
    "changes": "Makuleringar och ändringar",
    "rejected": "Avvisade betalningsuppdrag", "electronic": "Medgivanden via internetbank",
    "mandate_register": "Medgivanderegister", "monitoring": "Bevakningsregister",
}  # fmt: skip
SHOWN = 200  # rows of each table: the newest

_HEAD = """<!DOCTYPE html>
<html lang="sv"><head><meta charset="utf-8"><title>Bankgirot (simulerat)</title>
<meta name="viewport" content="width=device-width">
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #ddd }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
button { font: inherit; padding: .3rem .8rem }
p.warn { background: #fdecea; padding: .5rem .8rem }
</style></head><body>
"""
_SCRIPT = """<script>
async function post(path, body) {
  const answer = await fetch(path, {method: "POST", body: JSON.stringify(body)});
  if (!answer.ok) alert(await answer.text());
  location.reload();
}
</script></body></html>
"""


def _table(heads: list, rows: list) -> str:
    """A table; a head or cell starting with "#" is aligned to the right; a cell in a tuple is HTML."""

    def cell(tag: str, value) -> str:
        if isinstance(value, tuple):
            return f"<{tag}>{value[0]}</{tag}>"
        text = str(value)
        if text[:1] == "#":
            return f'<{tag} class="n">{escape(text[1:])}</{tag}>'
        return f"<{tag}>{escape(text)}</{tag}>"

    if not rows:
        return "<p>Inga.</p>"
    head = "".join(cell("th", value) for value in heads)
    body = "".join("<tr>" + "".join(cell("td", value) for value in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _bare(number: str) -> str:
    return number.lstrip("0") or "0"


def page(machine: Bankgirot) -> str:
    """The whole page."""
    parts = [_HEAD, "<h1>Bankgirot (simulerat)</h1>"]
    if machine.today:
        following = bankdays.after(machine.today).isoformat()
        parts.append(f"<p>Datum: <strong>{machine.today}</strong> ")
        parts.append(f"<button onclick=\"post('/clock', {{to: '{following}'}})\">Nästa bankdag</button></p>")
    else:
        parts.append("<p>Väntar på den första filen.</p>")
    if machine.duplicates:
        parts.append(f'<p class="warn">{machine.duplicates} fil(er) har skickats mer än en gång.</p>')
    if machine.executed_twice:
        parts.append(
            f'<p class="warn">{len(machine.executed_twice)} betalning(ar) har dragits mer än en gång.</p>'
        )
    parts.append("<h2>Betalningsmottagare</h2>")
    parts.append(_table(
        ["Bankgiro", "Kundnummer", "Layout", "#Omförsök"],
        [[p.bankgiro, p.customer, "ny" if p.layout == "new" else "gammal", f"#{p.retries}"]
         for p in machine.payees.values()],
    ))  # fmt: skip
    parts.append("<h2>Medgivanden</h2>")
    parts.append(_table(
        ["Bankgiro", "Betalarnummer", "Konto", "Status", "Ändrat"],
        [[m.bankgiro, _bare(m.payer), m.account or "bankgiro", STATUS[m.status], m.changed]
         for m in list(machine.mandates.values())[-SHOWN:]],
    ))  # fmt: skip
    parts.append("<h2>Obesvarade medgivanden via internetbank</h2>")
    parts.append(_table(
        ["Bankgiro", "Betalarnummer", "Namn", "Ansökt"],
        [[a.bankgiro, _bare(a.payer), a.name[0], a.applied] for a in machine.applications],
    ))  # fmt: skip
    parts.append("<h2>Bevakade betalningar</h2>")
    parts.append(_table(
        ["Bankgiro", "Betalarnummer", "Referens", "#Belopp", "Datum", "Slag"],
        [[o.bankgiro, _bare(o.payer), o.reference, "#" + kronor(o.amount), o.due,
          ("uttag" if o.tk == "82" else "insättning") + (", återkommande" if o.recurring else "")]
         for o in machine.orders[:SHOWN]],
    ))  # fmt: skip
    parts.append("<h2>Genomförda kontroller</h2>")
    parts.append(_table(
        ["Datum", "Bankgiro", "Betalarnummer", "Referens", "#Belopp", "Utfall"],
        [[e.date, e.bankgiro, _bare(e.payer), e.reference, "#" + kronor(e.amount),
          OUTCOME[e.status] + (f", återbetald {e.refunded}" if e.refunded else "")]
         for e in reversed(machine.executions[-SHOWN:])],
    ))  # fmt: skip
    parts.append("<h2>Rapporter</h2>")
    parts.append(_table(
        ["Fil", "Innehåll"],
        [[(f'<a href="/reports/{escape(r["name"])}">{escape(r["name"])}</a>',), KIND[r["kind"]]]
         for r in reversed(machine.reports[-SHOWN:])],
    ))  # fmt: skip
    parts.append(_SCRIPT)
    return "".join(parts)
