"""The shop: what visitors ask for, and what is done about it. The pages are in shop_page.py.

A basket, and later its receipt, is known by its uuid in the address, which nobody can guess.
"""

import re

from plumbing import Answer

from . import shop_page
from .broker import Refused
from .purchases import Purchase
from .visitor import check_card, read_customer

_HTML = "text/html; charset=utf-8"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PATH = re.compile(rf"/(kop|kvitto)/({_UUID})(?:/([a-z-]+))?")
_MOST_LINES = 20


def is_for_visitors(path: str) -> bool:
    return path == "/" or path.split("/")[1] in ("kop", "kvitto")


def answer(service, method: str, path: str, query: dict, told: dict) -> Answer:
    """What a visitor is answered.

    :param query: {name: [values]} of the address; told: those of a form
    """
    if path == "/" and method == "GET":
        return _page(_search(service, query))
    if path == "/kop" and method == "POST":
        return _choose(service, told)
    found = _PATH.fullmatch(path)
    purchase = service.purchases.get(found[2]) if found else None
    if not purchase:
        return _page(shop_page.lost_page("Det finns ingen bokning på den här adressen."), 404)
    act = _ACTS.get((method, found[1], found[3] or ""))
    if not act:
        return _page(shop_page.lost_page("Det finns ingen sådan sida."), 404)
    return act(service, purchase, told)


def _page(data: bytes, status: int = 200) -> Answer:
    return Answer(status=status, data=data, content_type=_HTML, headers={"Cache-Control": "no-store"})


def _to(path: str) -> Answer:
    return Answer(status=303, data=b"", headers={"Location": path})


def _one(told: dict, name: str) -> str:
    return told.get(name, [""])[0]


# === LOOKING FOR TIMES === #


def _search(service, query: dict, wrong: str = "") -> bytes:
    chosen = {name: _one(query, name) for name in ("aktivitet", "plats", "dag", "kop")}
    basket = service.purchases.get(chosen["kop"])
    if not basket or basket.state != "basket" or not basket.lines:
        basket, chosen["kop"] = None, ""
    return shop_page.search_page(service.times(), chosen, basket, wrong)


def _choose(service, told: dict) -> Answer:
    free = {shop_page.value_of(time): time for time in service.times()}
    picked = told.get("tid", [])
    times = [free[value] for value in picked if value in free]
    basket = service.purchases.get(_one(told, "kop"))
    try:
        if len(times) < len(picked):
            raise Refused("En av tiderna är inte ledig längre. Välj en annan.")
        if len(times) + (len(basket.lines) if basket else 0) > _MOST_LINES:
            raise Refused(f"Högst {_MOST_LINES} tider kan bokas på en gång.")
        if basket and times:
            service.broker.add(basket, times)
        elif not basket:
            if len({(time.system, time.seller) for time in times}) > 1:
                raise Refused("En bokning kan bara ha tider hos en anläggning. Boka dem var för sig.")
            basket = service.broker.begin(times)
        else:
            raise Refused("Välj minst en tid.")
    except Refused as refused:
        return _page(_search(service, told, str(refused)), 400)
    return _to(f"/kop/{basket.uuid}")


# === THE BASKET === #


def _basket(service, purchase: Purchase, told: dict | None = None, wrong: dict | None = None) -> Answer:
    if purchase.state in ("booked", "unclear"):
        return _to(f"/kvitto/{purchase.uuid}")
    if purchase.state != "basket" or not purchase.lines:
        text = purchase.error or "Köpet är avbrutet. Inget är bokat, och inget är betalt."
        return _page(shop_page.lost_page(text), 410)
    now = service.real_now()
    expiry = f"{now:%m}/{(now.year + 3) % 100:02d}"
    wrong = wrong or {}
    more = [_more(service, purchase, line) for line in purchase.lines]
    page = shop_page.basket_page(purchase, told or {}, wrong, expiry, more)
    return _page(page, 400 if wrong else 200)


def _show_basket(service, purchase: Purchase, _told: dict) -> Answer:
    return _basket(service, purchase)


def _row(told: dict) -> int:
    number = _one(told, "rad")
    return int(number) if number.isdecimal() else -1


def _remove(service, purchase: Purchase, told: dict) -> Answer:
    try:
        service.broker.remove(purchase, _row(told))
    except Refused as refused:
        return _basket(service, purchase, wrong={"": str(refused)})
    return _to(f"/kop/{purchase.uuid}" if purchase.lines else "/")


def _more(service, purchase: Purchase, line):
    """The time of a line, if there is another place at it that is not in the basket yet."""
    time = service.system(purchase.system).catalogue.time(line.slot, line.offer)
    taken = sum(other.slot == line.slot for other in purchase.lines)
    return time if time and taken < time.remaining else None


def _one_more(service, purchase: Purchase, told: dict) -> Answer:
    row = _row(told)
    line = purchase.lines[row] if 0 <= row < len(purchase.lines) else None
    time = line and _more(service, purchase, line)
    try:
        if not time:
            raise Refused("Det finns inga fler platser på tiden.")
        if len(purchase.lines) >= _MOST_LINES:
            raise Refused(f"Högst {_MOST_LINES} tider kan bokas på en gång.")
        service.broker.add(purchase, [time])
    except Refused as refused:
        return _basket(service, purchase, wrong={"": str(refused)})
    return _to(f"/kop/{purchase.uuid}")


def _drop(service, purchase: Purchase, _told: dict) -> Answer:
    try:
        service.broker.drop(purchase)
    except Refused:
        return _basket(service, purchase)
    return _to("/")


def _pay(service, purchase: Purchase, told: dict) -> Answer:
    if purchase.state != "basket":
        return _basket(service, purchase)
    filled = {name: _one(told, name) for name in ("namn", "mobil", "epost", "kort", "giltigt", "cvc")}
    customer, wrong = read_customer(filled)
    summed = _one(told, "summa")
    if not summed.isdecimal():
        wrong[""] = "Summan saknas. Kontrollera den och betala igen."
    elif int(summed):
        wrong |= check_card(filled, service.real_now())
    if wrong:
        return _basket(service, purchase, filled, wrong)
    try:
        service.broker.book(purchase, customer, int(summed))
    except Refused as refused:
        return _basket(service, purchase, filled, {"": str(refused)})
    return _to(f"/kvitto/{purchase.uuid}")


# === THE RECEIPT === #


def _receipt(_service, purchase: Purchase, _told: dict) -> Answer:
    if purchase.state not in ("booked", "unclear"):
        return _to(f"/kop/{purchase.uuid}")
    return _page(shop_page.receipt_page(purchase))


def _ask_to_cancel(service, purchase: Purchase, _told: dict, wrong: str = "") -> Answer:
    if purchase.state != "booked":
        return _to(f"/kvitto/{purchase.uuid}")
    page = shop_page.cancel_page(purchase, service.orders.why_not_cancel, wrong)
    return _page(page, 400 if wrong else 200)


def _cancel(service, purchase: Purchase, told: dict) -> Answer:
    rows = [int(row) for row in told.get("rad", []) if row.isdecimal()]
    try:
        service.orders.cancel(purchase, rows)
    except Refused as refused:
        return _ask_to_cancel(service, purchase, told, str(refused))
    return _to(f"/kvitto/{purchase.uuid}")


_ACTS = {
    ("GET", "kop", ""): _show_basket,
    ("POST", "kop", "ta-bort"): _remove,
    ("POST", "kop", "en-till"): _one_more,
    ("POST", "kop", "avbryt"): _drop,
    ("POST", "kop", "betala"): _pay,
    ("GET", "kvitto", ""): _receipt,
    ("GET", "kvitto", "avboka"): _ask_to_cancel,
    ("POST", "kvitto", "avboka"): _cancel,
}
