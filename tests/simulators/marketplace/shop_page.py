"""The shop's pages, in Swedish: made of what the marketplace has, without JavaScript."""

from collections import Counter
from html import escape
from urllib.parse import urlencode

from plumbing.page import document, kronor

from .moments import clock_time, day_of, moment, spoken_day
from .purchases import BOOKED, BY_CUSTOMER, BY_SELLER, DELETED, Line, Purchase
from .visitor import CARD

_ABOUT = "Lediga tider nära dig. Marknadsplatsen är simulerad, och korten är på låtsas."
_STYLE = """:root { --back: #f4f6f2; --mark: #2c6e3f }
body { max-width: 46rem }
h1 a { color: inherit; text-decoration: none }
a { color: var(--mark) }
nav { display: flex; gap: .4rem; overflow-x: auto; padding: .6rem 0 }
nav a { border: 1px solid var(--line); border-radius: 2rem; padding: .3rem .9rem; background: var(--paper);
  text-decoration: none; white-space: nowrap }
nav a[aria-current] { background: var(--mark); color: #fff; border-color: var(--mark) }
.search { display: flex; margin-top: .8rem }
.search select { flex: 1 1 9rem; min-height: 2.5rem }
.times { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .5rem;
  margin-top: .6rem }
.times label { display: flex; gap: .6rem; align-items: center; border: 1px solid var(--line);
  border-radius: .5rem; padding: .5rem .7rem; cursor: pointer; min-height: 3.2rem }
.times label:has(:checked) { border-color: var(--mark); background: #e8f3ea }
.times input { width: 1.2rem; height: 1.2rem; accent-color: var(--mark); flex: none }
.times small { display: block; color: var(--soft) }
.stay { position: sticky; bottom: 0; background: var(--back); padding: .7rem 0; margin-top: .8rem }
form.tall { display: block; margin: 0 }
.tall > p { margin: .8rem 0 }
.tall label.of { display: block; font-weight: 600; margin-bottom: .15rem }
.tall input:not([type=checkbox]) { width: 100%; max-width: 24rem; min-height: 2.6rem; font-size: 16px }
.big { min-height: 2.8rem; padding: .5rem 1.4rem; font-weight: 600 }
a.big { display: inline-block; border-radius: .35rem; background: var(--mark); color: #fff;
  text-decoration: none }
.wrong { color: #9c1c14 } input.bad { border-color: #9c1c14 }
.note { border-left: .3rem solid var(--mark); background: #e8f3ea; padding: .6rem .9rem;
  border-radius: .3rem; margin-top: 1rem }
.note.bad { border-color: #9c1c14; background: #fdecea }
.number { font-size: 1.6rem; font-weight: 700; letter-spacing: .05em }
ul.lines { list-style: none; padding: 0; margin: .4rem 0 }
ul.lines li { border-bottom: 1px solid var(--line); padding: .6rem 0; display: flex; flex-wrap: wrap;
  gap: .2rem .8rem; align-items: baseline }
ul.lines .what { flex: 1 1 14rem } ul.lines form { margin: 0 }
.gone { text-decoration: line-through; color: var(--soft) }
.sum { font-weight: 700; font-size: 1.1rem }
footer { margin-top: 2rem }
"""
STATUS = {
    BY_CUSTOMER: "Avbokad", BY_SELLER: "Inställd av anläggningen", DELETED: "Borttagen av anläggningen"
}  # fmt: skip


def _whole(parts: list, home: bool = True) -> bytes:
    """:param home: whether there is a link to the free times"""
    home = '<p><a href="/">Till alla lediga tider</a></p>' if home else ""
    foot = '<footer class=soft>För den som provar: <a href="/insidan">marknadsplatsens insida</a></footer>'
    return document("Tidstorget", _ABOUT, [*parts, home, foot], _STYLE).encode()


def note(text: str, bad: bool = True) -> str:
    """What the visitor has to read first."""
    return f'<p class="note{" bad" if bad else ""}" role=alert>{escape(text)}</p>' if text else ""


def when(line) -> str:
    """A line's day and time: "tis 24 november kl. 18:00–19:00"."""
    start, end = moment(line.start), moment(line.end)
    return f"{spoken_day(day_of(start))} kl. {clock_time(start)}–{clock_time(end)}"


# === LOOKING FOR TIMES === #


def _option(value: str, text: str, chosen: str) -> str:
    mark = " selected" if value == chosen else ""
    return f'<option value="{escape(value)}"{mark}>{escape(text)}</option>'


def _select(name: str, label: str, every: str, values: list, chosen: str) -> str:
    options = "".join(_option(value, value or every, chosen) for value in ["", *values])
    return f'<select name="{name}" aria-label="{label}">{options}</select>'


def value_of(time) -> str:
    """What a time is called in a form."""
    return f"{time.system} {time.slot} {time.offer}"


def _choice(time, named: bool) -> str:
    told = f"{clock_time(time.start)}–{clock_time(time.end)}"
    left = f" · {time.remaining} platser kvar" if time.remaining > 1 else ""
    name = f" · {time.offer_name}" if named and time.offer_name else ""
    return (
        f'<label><input type=checkbox name=tid value="{escape(value_of(time))}">'
        f"<span>{told}<small>{kronor(time.price)} kr{escape(name)}{left}</small></span></label>"
    )


def _groups(times: list) -> list:
    # A price's name says something only where there are several.
    prices, groups = Counter(time.slot for time in times), {}
    for time in times:
        groups.setdefault((time.place, time.name, time.address), []).append(time)
    return [
        f"<section><header><h2>{escape(name)}</h2><span class=soft>{escape(place)}"
        f"{', ' + escape(address) if address else ''}</span></header>"
        f"<div class=times>{''.join(_choice(time, prices[time.slot] > 1) for time in found)}</div></section>"
        for (place, name, address), found in groups.items()
    ]


def search_page(times: list, chosen: dict, basket: Purchase | None, wrong: str = "") -> bytes:
    """Free times of an activity, a place and a day.

    :param chosen: aktivitet, plats and dag, empty for any; kop is the basket's uuid
    """
    parts = [note(wrong)]
    if basket:
        there = f"Du har {len(basket.lines)} i varukorgen hos {basket.seller_name}."
        parts.append(f'<p class=note>{escape(there)} <a href="/kop/{basket.uuid}">Till varukorgen</a></p>')
    activities = sorted({activity for time in times for activity in time.activities})
    places = sorted({time.place for time in times})
    keep = f'<input type=hidden name=kop value="{chosen["kop"]}">' if chosen["kop"] else ""
    parts.append(
        f'<form method=get action="/" class=search>{keep}'
        + _select("aktivitet", "Aktivitet", "Alla aktiviteter", activities, chosen["aktivitet"])
        + _select("plats", "Anläggning", "Alla anläggningar", places, chosen["plats"])
        + "<button>Visa tider</button></form>"
    )
    found = [
        time
        for time in times
        if chosen["aktivitet"] in ("", *time.activities) and chosen["plats"] in ("", time.place)
    ]
    days = sorted({day_of(time.start) for time in found})
    if not days:
        parts.append("<section><p>Det finns inga lediga tider just nu.</p></section>")
        return _whole(parts, home=False)
    day = chosen["dag"] if chosen["dag"] in days else days[0]
    if chosen["dag"] and chosen["dag"] != day:
        parts.append(note("Den dagen har inga lediga tider. Här är nästa dag som har det.", bad=False))
    links = []
    for each in days[:21]:
        query = urlencode({name: value for name, value in {**chosen, "dag": each}.items() if value})
        here = " aria-current=page" if each == day else ""
        links.append(f'<a href="/?{escape(query)}"{here}>{spoken_day(each)}</a>')
    parts.append(f'<nav aria-label="Dag">{"".join(links)}</nav>')
    parts.append(f'<form method=post action="/kop" class=tall>{keep}')
    parts += _groups([time for time in found if day_of(time.start) == day])
    parts.append("<div class=stay><button class=big>Boka valda tider</button></div></form>")
    return _whole(parts, home=False)


# === THE BASKET === #


def _field(name: str, label: str, value: str, wrong: dict, **attributes: str) -> str:
    extra = "".join(f' {key}="{escape(told)}"' for key, told in attributes.items())
    bad = wrong.get(name, "")
    about = f' class=bad aria-invalid=true aria-describedby="fel-{name}"' if bad else ""
    said = f'<br><span class=wrong id="fel-{name}">{escape(bad)}</span>' if bad else ""
    return (
        f'<p><label class=of for="{name}">{label}</label>'
        f'<input id="{name}" name="{name}" value="{escape(value)}"{extra}{about}>{said}</p>'
    )


def _post(action: str, button: str, **hidden) -> str:
    inputs = "".join(f'<input type=hidden name={name} value="{value}">' for name, value in hidden.items())
    return f'<form method=post action="{action}">{inputs}<button class=quiet>{button}</button></form>'


def _until(line: Line) -> str:
    """Until when a time can be cancelled."""
    if not line.refundable:
        return "Kan inte avbokas"
    if not line.cancel_until:
        return "Kan avbokas tills den börjar"
    last = moment(line.cancel_until)
    return f"Kan avbokas till {spoken_day(day_of(last))} kl. {clock_time(last)}"


def _basket_line(purchase: Purchase, number: int, line: Line, more: bool) -> str:
    where = f"/kop/{purchase.uuid}"
    wrong = f"<br><span class=wrong>{escape(line.error)}</span>" if line.error else ""
    return (
        f"<li><span class=what><b>{escape(line.name)}</b><br>{when(line)}<br>"
        f"<span class=soft>{escape(line.place)}. {_until(line)}.</span>{wrong}</span>"
        f"<span>{kronor(line.price)} kr</span>"
        + (_post(f"{where}/en-till", "En plats till", rad=number) if more else "")
        + _post(f"{where}/ta-bort", "Ta bort", rad=number)
        + "</li>"
    )


def basket_page(purchase: Purchase, told: dict, wrong: dict, expiry: str, more: list) -> bytes:
    """The basket, and the form where the visitor says who he is and pays.

    :param told: what was filled in; wrong: {field: why}, "" is what concerns all
    :param expiry: the month that the pretended card has
    :param more: of each line, whether there are more places at its time
    """
    lines = "".join(
        _basket_line(purchase, number, line, another)
        for number, (line, another) in enumerate(zip(purchase.lines, more, strict=True))
    )
    terms = ", ".join(f'<a href="{escape(url)}">{escape(name)}</a>' for name, url in purchase.terms)
    total = purchase.total if purchase.total is not None else purchase.price
    tax = f" <span class=soft>varav moms {kronor(purchase.tax)} kr</span>" if purchase.tax else ""
    parts = [
        note(wrong.get("", "") or purchase.error),
        f"<section><h2>Din bokning hos {escape(purchase.seller_name)}</h2><ul class=lines>{lines}</ul>"
        f"<p class=sum>Att betala {kronor(total)} kr{tax}</p>"
        f'<p><a href="/?kop={purchase.uuid}">Lägg till fler tider</a></p>'
        + _post(f"/kop/{purchase.uuid}/avbryt", "Avbryt köpet")
        + "</section>",
    ]
    pay = f"Betala {kronor(total)} kr" if total else "Boka"
    card = (
        (
            "<h3>Kort</h3><p class=soft>Kortet är på låtsas. Skriv aldrig in ett riktigt kort här.</p>"
            + _field("kort", "Kortnummer", told.get("kort", CARD), wrong, inputmode="numeric",
                     autocomplete="off")
            + _field("giltigt", "Giltigt till (MM/ÅÅ)", told.get("giltigt", expiry), wrong,
                     autocomplete="off")
            + _field("cvc", "CVC", told.get("cvc", "123"), wrong, inputmode="numeric", autocomplete="off")
        )
        if total
        else ""
    )  # fmt: skip
    parts.append(
        f'<section><form method=post action="/kop/{purchase.uuid}/betala" class=tall>'
        f"<input type=hidden name=summa value={total}><h2>Dina uppgifter</h2>"
        + _field("namn", "Namn", told.get("namn", ""), wrong, autocomplete="name")
        + _field("mobil", "Mobilnummer", told.get("mobil", ""), wrong, type="tel", autocomplete="tel")
        + _field("epost", "E-post", told.get("epost", ""), wrong, type="text", inputmode="email",
                 autocomplete="email")
        + card
        + (f"<p class=soft>Anläggningens villkor: {terms}</p>" if terms else "")
        + f"<p><button class=big>{pay}</button></p></form></section>"
    )  # fmt: skip
    return _whole(parts)


# === THE RECEIPT === #


def _receipt_line(line: Line) -> str:
    status = STATUS.get(line.status, "")
    codes = "".join(f"<br>{escape(name)}: <b>{escape(code)}</b>" for name, code in line.access)
    told = f"<br><span class=wrong>{escape(status)}</span>" if status else f"<br>{_until(line)}"
    told += f"<br>Hälsning från anläggningen: {escape(line.message)}" if line.message else ""
    gone = " gone" if status else ""
    return (
        f'<li><span class=what><b class="{gone}">{escape(line.name)}</b><br>'
        f"<span class='{gone}'>{when(line)}</span><br><span class=soft>{escape(line.place)}"
        f"{', ' + escape(line.address) if line.address else ''}</span>{'' if status else codes}{told}</span>"
        f"<span>{kronor(line.price)} kr</span></li>"
    )


def receipt_page(purchase: Purchase, news: str = "") -> bytes:
    """The receipt, with what has become of the booking since."""
    if purchase.state == "unclear":
        waiting = (
            "Vi väntar på besked från anläggningen. Kortet debiteras bara om bokningen går igenom, "
            "och bara en gång."
        )
        return _whole(
            [note(waiting, bad=False), f'<p><a href="/kvitto/{purchase.uuid}">Titta efter igen</a></p>']
        )
    lines = "".join(map(_receipt_line, purchase.lines))
    booked = any(line.status == BOOKED for line in purchase.lines)
    tax = f", varav moms {kronor(purchase.tax)} kr" if purchase.tax else ""
    paid = f"<p>Betalt med kort: {kronor(purchase.charged)} kr{tax}</p>" if purchase.charged else ""
    if purchase.payment:
        paid += f"<p class=soft>Betalning {escape(purchase.payment)}</p>"
    if purchase.refunded:
        paid += f"<p class=sum>Återbetalt: {kronor(purchase.refunded)} kr</p>"
    missing = purchase.left - sum(line.price for line in purchase.lines if line.status == BOOKED)
    if missing > 0:
        paid += f"<p>{kronor(missing)} kr betalas tillbaka när anläggningen har bekräftat avbokningen.</p>"
    cancel = f'<p><a href="/kvitto/{purchase.uuid}/avboka">Avboka</a></p>' if booked else ""
    customer = purchase.customer
    head = "Tack för din bokning!" if booked else "Bokningen är avbokad"
    return _whole(
        [
            note(news, bad=False),
            f"<section><h2>{head}</h2><p>Bokningsnummer<br>"
            f"<span class=number>{escape(purchase.order_number)}</span></p><ul class=lines>{lines}</ul>"
            f"{paid}<p class=soft>{escape(customer.get('name', ''))}, {escape(customer.get('phone', ''))}, "
            f"{escape(customer.get('email', ''))}</p><p class=soft>Bokad hos {escape(purchase.seller_name)}. "
            f"Spara länken till den här sidan; den är ditt kvitto.</p>{cancel}</section>",
        ]
    )


def cancel_page(purchase: Purchase, why_not, wrong: str = "") -> bytes:
    """Which times the visitor wants to cancel.

    :param why_not: of a line, why it cannot be cancelled; empty if it can
    """
    choices = []
    for number, line in enumerate(purchase.lines):
        if line.status != BOOKED:
            continue
        reason = why_not(line)
        mark = "" if reason else " checked"
        choices.append(
            f"<p><label><input type=checkbox name=rad value={number}{mark}> {escape(line.name)}, "
            f"{when(line)}, {kronor(line.price)} kr</label>"
            + (f"<br><span class=wrong>{escape(reason)}</span>" if reason else "")
            + "</p>"
        )
    form = (
        f'<form method=post action="/kvitto/{purchase.uuid}/avboka" class=tall>{"".join(choices)}'
        "<p><button class=big>Avboka valda tider</button></p></form>"
        if choices
        else "<p>Det finns inget kvar att avboka.</p>"
    )
    back = f'<p><a href="/kvitto/{purchase.uuid}">Tillbaka till kvittot</a></p>'
    title = f"<h2>Avboka {escape(purchase.order_number)}</h2>"
    return _whole([note(wrong), f"<section>{title}{form}{back}</section>"])


def lost_page(text: str) -> bytes:
    """There is nothing at this address."""
    return _whole([note(text)])
