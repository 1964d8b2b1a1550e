"""The page for a person trying the demo, in Swedish: what was booked, and buttons that make trouble."""

from html import escape

from plumbing.page import FAULT as USUAL_FAULT
from plumbing.page import choice, document, faults, form, kronor

from .companies import Company

SHOWN = 100  # vouchers of a company: the newest
FAULT = {
    **USUAL_FAULT, "status": "felsvar från mellanled", "error": "tjänstens eget felsvar",
    "spring": "felsvar utan felkod",
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

_STYLE = """tfoot td { font-weight: 600; border-bottom: 0 }
header .soft { margin-left: auto }
article { border-top: 1px solid var(--line); margin-top: 1rem; padding-top: 1rem }
.tag { border-radius: 1rem; padding: 0 .6rem; font-size: .85rem; background: #dff1ea; color: #14513f }
.tag.off, .warn { background: #fdecea; color: #8c1d18 }
.warn { padding: .5rem .8rem; border-radius: .4rem }
"""


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
    months = {period: f"{period[:4]}-{period[4:]}" for period in locked}
    parts = [
        f"<section><header><h2>{escape(company.name)}</h2>"
        f"<span class='tag{'' if on else ' off'}'>{tag}</span><span class='soft'>{number}</span></header>",
        f"<p>Publik nyckel: <code>{company.key}</code></p>",
    ]
    if months:
        parts.append(f"<p>Låsta månader: {', '.join(months.values())}</p>")
    if company.connected:
        parts.append(form("disconnect", "Avsluta integrationen", key=company.key))
    else:
        parts.append(form("connect", "Starta integrationen", quiet=False, key=company.key))
    month = '<input name="period" type="month" required placeholder="ÅÅÅÅ-MM" aria-label="Månad">'
    parts.append(form("period", "Lås månaden", month, key=company.key))
    if months:
        field = choice("period", "Låst månad", months)
        parts.append(form("period", "Lås upp", field, key=company.key, locked="0"))
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


def _fault(fault) -> str:
    what = [FAULT[fault.fault], str(fault.status or ""), fault.exception_id]
    when = "efter att anropet utförts" if fault.when == "after" else "utan att anropet utförts"
    where = "alla anrop" if (fault.method, fault.path) == ("*", "*") else f"{fault.method} {fault.path}"
    return f"{' '.join(filter(None, what))}, {when} ({where})"


def page(service) -> str:
    """The whole page."""
    with service.lock:
        parts = []
        for double in service.duplicates:
            numbers = ", ".join(f"{double['journalId']} {number}" for number in double["numbers"])
            text = f"{double['journalEntryText']} {double['journalEntryDate']} ({numbers})"
            parts.append(f"<p class='warn'>Bokförd mer än en gång: {escape(text)}</p>")
        parts += [*map(_company, service.companies.values()), faults(service, ORDERS, _fault)]
    about = "Här syns vad bokföringsprogrammet hade tagit emot."
    return document("Björn Lundén (simulerat)", about, parts, _STYLE)
