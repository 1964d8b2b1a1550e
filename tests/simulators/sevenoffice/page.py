"""The page for a person trying the demo, in Swedish: customers, orders and invoices, and buttons for what the
bookkeeper would do with them."""

from decimal import Decimal
from html import escape

from plumbing.page import FAULT as USUAL_FAULT
from plumbing.page import choice, document, faults, form, kronor

from . import moments
from .customers import DAYS_AFTER_MONTH
from .ledger import rounded
from .office import Office
from .orders import due_day

SHOWN = 50  # customers, and orders, of a company: the newest
HOURS = 6
FAULT = {
    **USUAL_FAULT, "soap": "tjänstens eget felsvar", "lost_session": "inloggningen har upphört",
    "rate_limit": "timmens anrop är slut", "item_error": "posten godtas inte",
    "wrong_total": "ordersumman är fel",
}  # fmt: skip
_SAVING = {"path": "/InvoiceOrder/SaveInvoices"}
ORDERS = [
    ("Sparar ordern, men svarar aldrig", {"fault": "timeout", "when": "after", **_SAVING}),
    ("Svarar inte alls", {"fault": "timeout"}),
    ("Ordern godtas inte", {"fault": "item_error", "message": "Ordern kan inte sparas", **_SAVING}),
    ("Ordersumman är fel", {"fault": "wrong_total"}),
    ("Inloggningen har upphört", {"fault": "lost_session"}),
    ("Timmens anrop är slut", {"fault": "rate_limit"}),
    ("Tjänsten är nere (503)", {"fault": "status", "status": 503}),
    ("Oläsligt svar", {"fault": "garbage"}),
    ("Svaret avbryts halvvägs", {"fault": "cut"}),
]
STATUS = {
    "Web": "webborder", "Draft": "utkast", "ForInvoicing": "att fakturera", "Confirmed": "bekräftad",
    "Offer": "offert", "Invoiced": "fakturerad", "InvoicedCashAccount": "kontantfakturerad",
}  # fmt: skip

_STYLE = """:root { --back: #f2f4f7; --mark: #24508c }
header .soft { margin-left: auto }
article { border-top: 1px solid var(--line); margin-top: 1rem; padding-top: 1rem }
h3 { margin-top: 1rem } article h3 { margin-top: 0 }
td.text { font-style: italic }
tfoot td { font-weight: 600; border-bottom: 0 }
.tag { border-radius: 1rem; padding: 0 .6rem; font-size: .85rem; background: #e3ebf7; color: #1d3f70 }
.tag.done { background: #dff1ea; color: #14513f }
.tag.off, .warn { background: #fdecea; color: #8c1d18 }
.warn { padding: .5rem .8rem; border-radius: .4rem }
"""


def _table(head: tuple, lines: list) -> str:
    """Columns whose heading begins with > are numbers."""
    kinds = [" class=n" if title.startswith(">") else "" for title in head]
    titles = "".join(f"<th{k}>{escape(t.lstrip('>'))}</th>" for t, k in zip(head, kinds, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{k}>{escape(t)}</td>" for t, k in zip(line, kinds, strict=True)) + "</tr>"
        for line in lines
    )
    return f"<div class=scroll><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"


def _money(amount: str) -> str:
    """An amount as it is written in Swedish, with its part of an öre if it has one."""
    ore = rounded(Decimal(amount))
    return kronor(int(ore * 100)) if ore == Decimal(amount) else _number(amount)


def _number(amount: str) -> str:
    """Without noughts that say nothing: 2,5 and 3."""
    text = format(Decimal(amount), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def _name(customer: dict) -> str:
    return " ".join(filter(None, (customer.get("FirstName"), customer["Name"])))


def _email(customer: dict) -> str:
    emails = customer.get("EmailAddresses", {})
    return (emails.get("Invoice") or emails.get("Work") or {}).get("Value", "")


def _customers(office: Office) -> str:
    if not office.customers:
        return "<p class=soft>Inga kunder än.</p>"
    kinds = {"Business": "företag", "Consumer": "person"}
    lines = [
        (
            str(number),
            _name(customer),
            kinds.get(customer["Type"], customer["Type"]),
            customer.get("OrganizationNumber", ""),
            _email(customer),
            customer.get("ExternalId", ""),
        )
        for number, customer in sorted(office.customers.items())[-SHOWN:]
    ]
    head = (">Kund", "Namn", "Slag", "Organisationsnummer", "E-post", "Externt id")
    return "<h3>Kunder</h3>" + _table(head, list(reversed(lines)))


def _row(row: dict) -> str:
    if row["Type"] != "Normal":
        return f"<tr><td colspan=6 class=text>{escape(row.get('Name', ''))}</td></tr>"
    net = (
        Decimal(row["Price"]) * Decimal(row["Quantity"]) * (100 - Decimal(row.get("DiscountRate", "0"))) / 100
    )
    numbers = (
        _money(row["Price"]),
        _number(row["Quantity"]),
        _number(row.get("DiscountRate", "0")) + " %",
        _number(row["VatRate"]) + " %",
        _money(str(net)),
    )
    cells = "".join(f"<td class=n>{number}</td>" for number in numbers)
    return (
        f"<tr><td>{escape(row['Name'])} <span class=soft>{escape(row['ProductNo'])}</span></td>{cells}</tr>"
    )


def _about(order: dict) -> str:
    told = [f"orderdatum {moments.day_of(order['DateOrdered'])}"]
    if "InvoiceId" in order:
        told += [f"fakturadatum {moments.day_of(order['DateInvoiced'])}", f"förfaller {due_day(order)}"]
        told += [f"OCR {order['OCR']}"]
    else:
        days = order["PaymentTime"]
        after = " efter månadens slut" if days in DAYS_AFTER_MONTH else ""
        told += [f"betalningsvillkor {DAYS_AFTER_MONTH.get(days, days)} dagar{after}"]
    for label, name in (("er referens", "YourReference"), ("e-post", "InvoiceEmailAddress")):
        told += [f"{label} {order[name]}"] if order.get(name) else []
    if order.get("ReferenceInvoiceId"):
        told += [f"krediterar faktura {order['ReferenceInvoiceId']}"]
    return ", ".join(told)


def _tag(order: dict) -> str:
    if "Paid" in order:
        return f"<span class='tag done'>betald {moments.day_of(order['Paid'])}</span>"
    return f"<span class=tag>{escape(STATUS.get(order['OrderStatus'], order['OrderStatus']))}</span>"


def _buttons(office: Office, order: dict) -> str:
    hidden = {"company": str(office.id), "order": str(order["OrderId"])}
    if "InvoiceId" not in order:
        publish = form("publish", "Publicera som faktura", quiet=False, **hidden)
        return publish + form("delete", "Ta bort", **hidden)
    return "" if "Paid" in order else form("pay", "Registrera betalning", quiet=False, **hidden)


def _order(office: Office, order: dict) -> str:
    title = f"Order {order['OrderId']}"
    if "InvoiceId" in order:
        title = f"Faktura {order['InvoiceId']} <span class=soft>({title.lower()})</span>"
    comments = "".join(
        f"<p>{label}: {escape(order[name])}</p>"
        for label, name in (("Kommentar", "InvoiceTitle"), ("Fakturatext", "InvoiceText"))
        if order.get(name)
    )
    symbol = order.get("Currency", {}).get("Symbol", "SEK")
    price = "À-pris med moms" if order.get("IncludeVAT") else "À-pris"
    titles = "".join(f"<th class=n>{t}</th>" for t in (price, "Antal", "Rabatt", "Moms", "Belopp"))
    return (
        f"<article><header><h3>{title}</h3>{_tag(order)}<span>{escape(order['CustomerName'])}"
        f" (kund {order['CustomerId']})</span>"
        f"<span class=soft>{escape(order.get('ReferenceNumber', ''))}</span></header>"
        f"<p class=soft>{escape(_about(order))}</p>{comments}"
        f"<div class=scroll><table><thead><tr><th>Text</th>{titles}</tr></thead>"
        f"<tbody>{''.join(map(_row, order['InvoiceRows']))}</tbody>"
        f"<tfoot><tr><td colspan=5>Varav moms</td><td class=n>{_money(order['OrderTotalVat'])}</td></tr>"
        f"<tr><td colspan=5>Att betala, {escape(symbol)}</td>"
        f"<td class=n>{_money(order['OrderTotalIncVat'])}</td></tr></tfoot></table></div>"
        f"{_buttons(office, order)}</article>"
    )


def _office(office: Office) -> str:
    tag = "<span class='tag off'>spärrat</span>" if office.blocked else ""
    parts = [
        f"<section><header><h2>{escape(office.name)}</h2>{tag}"
        f"<span class=soft>{escape(office.organization_number)}</span></header>",
        _customers(office),
    ]
    fields = "".join(
        f'<input name="{name}" placeholder="{label}" aria-label="{label}"{required}>'
        for name, label, required in (
            ("name", "Namn eller efternamn", " required"),
            ("first_name", "Förnamn", ""),
            ("organization_number", "Organisationsnummer", ""),
            ("email", "E-post", ""),
        )
    )
    parts.append(form("customer", "Lägg upp kund", fields, company=str(office.id)))
    orders = list(office.orders.values())
    parts.append("<h3>Ordrar och fakturor</h3>" if orders else "<p class=soft>Inga ordrar än.</p>")
    if len(orders) > SHOWN:
        parts.append(f"<p class=soft>{len(orders)} ordrar, de {SHOWN} senaste visas</p>")
    parts.extend(_order(office, order) for order in reversed(orders[-SHOWN:]))
    return "".join([*parts, "</section>"])


def _calls(service) -> str:
    parts = ["<section><header><h2>Anrop</h2></header>"]
    most, used = service.settings["hourly_limit"], service.hour["calls"]
    if most:
        parts.append(f"<p>{used} av timmens {most} anrop är använda.</p>")
    lines = []
    for hour, counted in sorted(service.counters.items(), reverse=True)[:HOURS]:
        local = moments.moment_of(f"{hour}:00:00Z").astimezone(moments.ZONE)
        told = ", ".join(f"{name} {times}" for name, times in sorted(counted.items()))
        lines.append((local.strftime("%Y-%m-%d %H:00"), str(sum(counted.values())), told))
    parts.append(_table(("Timme", ">Anrop", "Vilka"), lines) if lines else "<p class=soft>Inga anrop än.</p>")
    parts.append(form("end-sessions", "Avsluta alla inloggningar"))
    options = {"TaxId": "momskodens id", "TaxNo": "momskodens nummer"}
    now = options[service.settings["tax_code"]]
    parts.append(form("settings", "Ändra", choice("tax_code", f"TaxCode är {now}", options)))
    parts.append(f"<span class=soft>En orderrads TaxCode är nu {now}.</span>")
    return "".join([*parts, "</section>"])


def _breaches(service) -> str:
    if not service.breaches:
        return ""
    lines = [
        (f"{each['service']}/{each['operation']}", each["text"], str(each["times"]))
        for each in service.breaches
    ]
    table = _table(("Anrop", "Vad som inte är enligt beskrivningen", ">Gånger"), lines)
    return f"<section><header><h2>Felaktiga anrop</h2></header>{table}</section>"


def _fault(fault) -> str:
    where = "alla anrop" if fault.path == "*" else fault.path
    what = FAULT[fault.fault] + (f" {fault.status}" if fault.status else "")
    return f"{what} ({where}{f', {fault.name}' if fault.name else ''})"


def page(service) -> str:
    """The whole page."""
    with service.lock:
        parts = [
            f"<p>Användare: <code>{escape(service.user)}</code>, lösenord: <code>{escape(service.password)}"
            f"</code>, applikations-id: <code>{escape(service.application)}</code></p>"
        ]
        for double in service.duplicates:
            numbers = ", ".join(map(str, double["orders"]))
            text = f"{double['reference']} i {double['company']} (order {numbers})"
            parts.append(f"<p class=warn>Överförd mer än en gång: {escape(text)}</p>")
        parts += [*map(_office, service.offices.values()), _calls(service), _breaches(service)]
        parts.append(faults(service, ORDERS, _fault))
    about = "Här syns de kunder och ordrar som 24SevenOffice har tagit emot."
    return document("24SevenOffice (simulerat)", about, parts, _STYLE)
