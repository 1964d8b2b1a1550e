"""What can be told to the simulator over HTTP."""

from dataclasses import asdict

from plumbing.service import CONTROLS as USUAL


def _only(told: dict, *names: str) -> dict:
    """What was told, without what a form leaves empty; ValueError for what is not known here."""
    unknown = ", ".join(sorted(told.keys() - set(names)))
    if unknown:
        raise ValueError(f"{unknown} is not known here")
    return {name: value for name, value in told.items() if value != ""}


def _texts(value) -> list:
    """A list of texts; one text is a list of those in it."""
    found = value.split() if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise ValueError("a list of texts is told")
    return found


def _on(value) -> bool:
    return value not in (False, "", "0", 0)


def _connect(service, told: dict) -> dict:
    told = _only(told, "dataset", "token", "statement_token", "addresses")
    told["dataset"]  # a KeyError names what is missing
    if "addresses" in told:
        told["addresses"] = _texts(told["addresses"])
    system = service.connect(**told)
    return {**system.look(), "statement_token": system.statement_token}


def _harvest(service, told: dict) -> dict:
    told = _only(told, "system", "anew")
    return {"systems": service.harvest(int(told.get("system", 0)), _on(told.get("anew", False)))}


def _book(service, told: dict) -> dict:
    told = _only(told, "slots", "offer", "name", "email", "phone", "seen")
    slots = _texts(told.pop("slots", []))
    return service.book(slots, **told).look()


def _cancel(service, told: dict) -> dict:
    told = _only(told, "order", "lines")
    return service.cancel(told["order"], told.get("lines")).look()


def _status(service, told: dict) -> dict:
    return service.orders.status(service.purchase(_only(told, "order")["order"]))


def _undo(service, told: dict) -> dict:
    purchase = service.purchase(_only(told, "order")["order"])
    service.orders.undo(purchase)
    return purchase.look()


def _payouts(payouts: list) -> dict:
    return {"payouts": [{**asdict(payout), "amount": payout.amount} for payout in payouts]}


def _pay_out(service, told: dict) -> dict:
    told = _only(told, "month", "system")
    return _payouts(service.pay_out(told.get("month", ""), int(told.get("system", 0))))


def _clock(service, told: dict) -> dict:
    made = service.set_clock(_only(told, "to")["to"])
    return {"today": service.today(), **_payouts(made)}


CONTROLS = {
    **USUAL,
    "settings": lambda service, told: service.set(**told),
    "connect": _connect,
    "harvest": _harvest,
    "book": _book,
    "cancel": _cancel,
    "status": _status,
    "undo": _undo,
    "pay-out": _pay_out,
    "clock": _clock,
}
