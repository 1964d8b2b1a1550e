"""The page for a person trying the demo, in Swedish: what was booked, and buttons that make trouble."""

import json
from html import escape

from .companies import Company

SHOWN = 100  # vouchers of a company: the newest
FAULT = {
    "timeout": "inget svar", "close": "kopplingen bryts", "status": "felsvar från mellanled",
    "error": "tjänstens eget felsvar", "spring": "felsvar utan felkod", "garbage": "oläsligt svar",
    "redirect": "omdirigering", "endless": "svar utan slut", "slow": "långsamt svar",
    "trickle": "svar i småbitar", "cut": "avhugget svar",
}  # fmt: skip
_BOOKING = {"method": "POST", "path": "/journal"}
ORDERS = [
    ("Bokför, men svarar aldrig", {"fault": "timeout", "when": "after", **_BOOKING}),
    ("Svarar inte alls", {"fault": "timeout"}),
    ("Tjänsten är nere (503)", {"fault": "status", "status": 503}),
    ("För många anrop (429)", {"fault": "status", "status": 429}),
    ("Oläsligt svar", {"fault": "garbage"}),
    (
        "Verifikationen balanserar inte",
        {"fault": "error", "exceptionId": "JOURNAL_ENTRY_NOT_IN_BALANCE", **_BOOKING},
    ),
    ("Konto saknas", {"fault": "error", "exceptionId": "ACCOUNT_NOT_FOUND", **_BOOKING}),
]
STATUS = {
    "active": "aktiv", "archived": "arkiverad", "deletion": "ska tas bort", "disabled": "avstängd",
    "inactive": "inaktiv", "locked": "låst",
}  # fmt: skip

_HEAD = """<!DOCTYPE html>
<html lang="sv"><head><meta charset="utf-8"><title>Björn Lundén (simulerat)</title>
<meta name="viewport" content="width=device-width">
<style>
:root { --ink: #1d2b36; --soft: #5c6b77; --line: #dde3e8; --paper: #fff; --back: #f3f5f7; --mark: #1f6f5c }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back); margin: 0 auto;
  padding: 1.5rem 1rem 4rem; max-width: 64rem }
h1 { font-size: 1.35rem; margin: 0 0 .25rem }
h2 { font-size: 1.2rem; margin: 0 } h3 { font-size: 1rem; margin: 0 }
p { margin: .4rem 0 } .soft { color: var(--soft) }
section { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.2rem;
  margin-top: 1.2rem }
article { border-top: 1px solid var(--line); margin-top: 1rem; padding-top: 1rem }
header { display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: baseline }
header .soft { margin-left: auto }
table { border-collapse: collapse; width: 100%; margin-top: .4rem }
th, td { text-align: left; padding: .2rem .5rem; border-bottom: 1px solid var(--line) }
th { font-weight: 600; color: var(--soft); font-size: .85rem }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
tfoot td { font-weight: 600; border-bottom: 0 }
form { display: inline-flex; flex-wrap: wrap; gap: .4rem; align-items: center; margin: .4rem 1rem 0 0 }
button, input, select { font: inherit; padding: .25rem .6rem; border: 1px solid var(--line);
  border-radius: .35rem; background: var(--paper) }
button { background: var(--mark); border-color: var(--mark); color: #fff; cursor: pointer }
button.quiet { background: var(--paper); color: var(--mark) }
code { background: var(--back); padding: .15rem .4rem; border-radius: .3rem; user-select: all }
.tag { border-radius: 1rem; padding: 0 .6rem; font-size: .85rem; background: #dff1ea; color: #14513f }
.tag.off, .warn { background: #fdecea; color: #8c1d18 }
.warn { padding: .5rem .8rem; border-radius: .4rem }
.scroll { overflow-x: auto }
</style></head><body>
<h1>Björn Lundén (simulerat)</h1>
<p class="soft">Här syns vad bokföringsprogrammet hade tagit emot. Inget lämnar den här datorn.</p>
"""


def kronor(ore: int) -> str:
    """An amount in öre as it is written in Swedish."""
    return f"{ore // 100:,}".replace(",", "\N{NO-BREAK SPACE}") + f",{ore % 100:02d}"


def _form(action: str, key: str, button: str, fields: str = "", quiet: bool = True, **hidden) -> str:
    inputs = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in {"key": key, **hidden}.items()
    )
    button = f"<button{' class=quiet' if quiet else ''}>{button}</button>"
    return f'<form method="post" action="/control/{action}">{inputs}{fields}{button}</form>'


def _voucher(company: Company, voucher: dict) -> str:
    rows, debit, credit = [], 0, 0
    for row in voucher["rows"]:
        ore = row["ore"]
        debit, credit = debit + max(ore, 0), credit - min(ore, 0)
        dimensions = [row[name] for name in ("costCenterId", "costBearerId", "projectId") if name in row]
        name = company.accounts.get(row["accountId"], {}).get("name", "")
        rows.append(
            f"<tr><td>{escape(row['accountId'])}</td><td>{escape(name)}</td>"
            f"<td>{escape(row.get('text', ''))}</td><td>{escape(' · '.join(dimensions))}</td>"
            f"<td class='n'>{kronor(ore) if ore > 0 else ''}</td>"
            f"<td class='n'>{kronor(-ore) if ore < 0 else ''}</td></tr>"
        )
    papers = ", ".join(
        f'<a href="/documents/{number}">{escape(company.documents[str(number)]["name"])}</a>'
        for number in voucher["documentIds"]
    )
    return (
        f"<article><header><h3>{escape(voucher['journalId'])} {voucher['journalEntryId']}</h3>"
        f"<span>{escape(voucher['journalEntryText'])}</span>"
        f"<span class='soft'>{voucher['journalEntryDate']}, mottagen {voucher['entryInfoDate']}</span>"
        "</header><div class='scroll'><table><thead><tr><th>Konto</th><th>Namn</th><th>Text</th>"
        "<th>Enhet</th><th class='n'>Debet</th><th class='n'>Kredit</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody><tfoot><tr><td colspan='4'>Summa</td>"
        f"<td class='n'>{kronor(debit)}</td><td class='n'>{kronor(credit)}</td></tr></tfoot></table></div>"
        + (f"<p>Underlag: {papers}</p>" if papers else "")
        + "</article>"
    )


def _company(company: Company) -> str:
    number = company.org_number[-10:-4] + "-" + company.org_number[-4:]
    on = company.connected and company.status == "active"
    tag = "ansluten" if on else "inte ansluten" if not company.connected else STATUS[company.status]
    locked = sorted(p for year in company.financial_years.values() for p in year["lockedPeriods"])
    parts = [
        f"<section><header><h2>{escape(company.name)}</h2>"
        f"<span class='tag{'' if on else ' off'}'>{tag}</span><span class='soft'>{number}</span></header>",
        f"<p>Publik nyckel: <code>{company.key}</code></p>",
    ]
    if locked:
        months = ", ".join(f"{period[:4]}-{period[4:]}" for period in locked)
        parts.append(f"<p>Låsta månader: {months}</p>")
    if company.connected:
        parts.append(_form("disconnect", company.key, "Avsluta integrationen"))
    else:
        parts.append(_form("connect", company.key, "Starta integrationen", quiet=False))
    month = '<input name="period" type="month" required placeholder="ÅÅÅÅ-MM" aria-label="Månad">'
    parts.append(_form("period", company.key, "Lås månaden", month))
    if locked:
        options = "".join(f'<option value="{p}">{p[:4]}-{p[4:]}</option>' for p in locked)
        choice = f'<select name="period" aria-label="Låst månad">{options}</select>'
        parts.append(_form("period", company.key, "Lås upp", choice, locked="0"))
    if not company.vouchers:
        parts.append("<p class='soft'>Inga verifikationer än.</p>")
    else:
        total = len(company.vouchers)
        shown = f", de {SHOWN} senaste visas" if total > SHOWN else ""
        parts.append(f"<p class='soft'>{total} verifikation{'er' if total > 1 else ''}{shown}</p>")
    parts.extend(_voucher(company, voucher) for voucher in reversed(company.vouchers[-SHOWN:]))
    loose = [d for d in company.documents.values() if not d["attachedTo"]]
    if loose:
        links = ", ".join(f'<a href="/documents/{d["id"]}">{escape(d["name"])}</a>' for d in loose)
        parts.append(f"<article><p>Dokument utan verifikation: {links}</p></article>")
    return "".join([*parts, "</section>"])


def _faults(service) -> str:
    parts = ["<section><header><h2>Nästa anrop som går fel</h2></header>"]
    key = next(iter(service.companies), "")
    for fault in service.faults:
        what = FAULT[fault.fault] + "".join(
            f" {told}" for told in (fault.status or "", fault.exception_id) if told
        )
        when = "efter att anropet utförts" if fault.when == "after" else "utan att anropet utförts"
        where = "alla anrop" if (fault.method, fault.path) == ("*", "*") else f"{fault.method} {fault.path}"
        times = f", {fault.times} gånger" if fault.times > 1 else ""
        parts.append(f"<p>{escape(f'{what}, {when} ({where}){times}')}</p>")
    if not service.faults:
        parts.append("<p class='soft'>Inget fel är beställt.</p>")
    options = "".join(
        f'<option value="{escape(json.dumps(order))}">{escape(text)}</option>' for text, order in ORDERS
    )
    choice = f'<select name="next" aria-label="Fel">{options}</select>'
    parts.append(_form("misbehave", key, "Låt det gå fel", choice))
    if service.faults:
        parts.append(_form("misbehave", key, "Ångra", clear="1"))
    return "".join([*parts, "</section>"])


def page(service) -> str:
    """The whole page."""
    with service.lock:
        parts = [_HEAD]
        for double in service.duplicates:
            numbers = ", ".join(f"{double['journalId']} {number}" for number in double["numbers"])
            text = f"{double['journalEntryText']} {double['journalEntryDate']} ({numbers})"
            parts.append(f"<p class='warn'>Bokförd mer än en gång: {escape(text)}</p>")
        parts.extend(_company(company) for company in service.companies.values())
        parts.append(_faults(service))
        return "".join([*parts, "</body></html>\n"])
