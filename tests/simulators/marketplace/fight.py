"""Many who want the same times at once: attempts to book from many threads, and what came of them."""

import json
import random
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone

from .answers import OPENACTIVE, Answered, error_of, is_definite, total_of
from .calls import NoAnswer
from .catalogue import CURRENCY, Time
from .moments import text_of
from .money import number_of
from .opportunities import CONTEXT
from .systems import BookingSystem

_LONGEST = 60  # seconds that a Retry-After is kept to


@dataclass
class Outcome:
    """What became of an attempt. `error` is "409 OpportunityIsFullError", empty when it was booked."""

    slot: str
    uuid: str
    error: str = ""
    order_number: str = ""
    tries: int = 1


class Fight:
    """:param quotes: the share of attempts that ask for the price (C1) before, 0 to 1
    :param tries: how often a booking is sent at most that has no clear answer, with the same uuid
    """

    def __init__(self, system: BookingSystem, times: list[Time], quotes: float, tries: int, seed: int):
        self.system, self.times, self.quotes, self.tries = system, times, quotes, tries
        self._chance = random.Random(seed)
        self._quiet = lambda _rule, _example="": None

    def plan(self, attempts: int) -> list:
        """[(number, time, whether the price is asked for)]; the same for the same seed."""
        return [
            (number, self._chance.choice(self.times), self._chance.random() < self.quotes)
            for number in range(attempts)
        ]

    def attempt(self, planned: tuple) -> Outcome:
        number, wanted, asks = planned
        outcome = Outcome(wanted.slot, str(uuid.uuid4()))
        item = {
            "@type": "OrderItem",
            "position": 0,
            "orderedItem": wanted.slot,
            "acceptedOffer": wanted.offer,
        }
        body = {
            "@context": CONTEXT, "@type": "OrderQuote", "brokerRole": f"{OPENACTIVE}AgentBroker",
            "broker": {"@type": "Organization", "name": "Tidstorget", "url": "https://tidstorget.example/"},
            "seller": wanted.seller, "orderedItem": [item],
        }  # fmt: skip
        if asks:
            # What it answers is no promise; whether there is a place is seen when it is booked.
            self._put(f"/order-quote-templates/{outcome.uuid}", body, Outcome("", ""), 1)
        body["@type"] = "Order"
        body["customer"] = {
            "@type": "Person", "email": f"kund{number}@example.com", "givenName": "Kund",
            "familyName": f"Nummer {number}", "telephone": "070-174 06 05",
        }  # fmt: skip
        price = {"@type": "PriceSpecification", "price": number_of(wanted.price)}
        body["totalPaymentDue"] = {**price, "priceCurrency": CURRENCY}
        if wanted.price:
            payment = {"@type": "Payment", "identifier": f"TT-{outcome.uuid}", "name": "Tidstorget"}
            body["payment"] = payment
        reply = self._put(f"/orders/{outcome.uuid}", body, outcome, self.tries)
        if reply:
            self._judge(reply, outcome, wanted)
        return outcome

    def _put(self, path: str, body: dict, outcome: Outcome, tries: int):
        """The reply that says what became of it; None, and the error, when none did."""
        for number in range(1, tries + 1):
            outcome.tries = number
            try:
                reply = self.system.api("PUT", path, body)
            except NoAnswer:
                outcome.error = "no answer"
                continue
            if is_definite(reply):
                outcome.error = ""
                return reply
            outcome.error = f"{reply.status} {error_of(reply)[0]}".strip()
            if number < tries:
                asked = reply.header("Retry-After")
                time.sleep(min(int(asked), _LONGEST) if asked.isdecimal() else min(0.05 * 2**number, 1))
        return None

    def _judge(self, reply, outcome: Outcome, wanted: Time) -> None:
        told = Answered(reply, "Order", 201, self._quiet)
        if reply.status == 201 and told.is_order:
            outcome.order_number = str(told.value.get("orderNumber", ""))
            if total_of(told.value) != wanted.price:
                outcome.error = "201 with another total"
            return
        errors = [
            str(error.get("@type", ""))
            for line in told.value.get("orderedItem") or ()
            if isinstance(line, dict)
            for error in line.get("error") or ()
            if isinstance(error, dict)
        ]
        kind = errors[0] if errors else error_of(reply)[0] or str(told.value.get("@type", ""))
        outcome.error = f"{reply.status} {kind}".strip()


def _chosen(system: BookingSystem, slots: list, count: int) -> list:
    """The times that are fought for: those that are named, or the first that are free."""
    if slots:
        found = [system.catalogue.time(slot) for slot in slots]
        if None in found:
            raise ValueError(f"there is no slot {slots[found.index(None)]}")
        return found
    first = {}
    for each in system.catalogue.times(datetime.now(timezone.utc)):
        first.setdefault(each.slot, each)
    if len(first) < count:
        raise ValueError(f"there are {len(first)} free slots, not {count}")
    return list(first.values())[:count]


def fight(
    dataset: str, token: str, *, slots=(), count: int = 1, attempts: int = 1000, clients: int = 64,
    addresses=(), quotes: float = 0.0, tries: int = 5, seed: int = 1, seconds: float = 60,
) -> dict:  # fmt: skip
    """Has clients make attempts at once, and returns what came of them.

    :param slots: @ids of the slots that are fought for; otherwise the first `count` that are free
    :param addresses: host:port of several servers, called in turn instead of the URLs' own
    :param seconds: how long an answer is waited for
    """
    system = BookingSystem(1, dataset, token, "", addresses=addresses, seconds=seconds)
    system.harvest()
    times = _chosen(system, list(slots), count)
    battle = Fight(system, times, quotes, tries, seed)
    planned = battle.plan(attempts)
    began = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        outcomes = list(pool.map(battle.attempt, planned))
    taken = time.monotonic() - began
    booked = [outcome for outcome in outcomes if outcome.order_number or not outcome.error]
    sold = Counter(outcome.slot for outcome in booked)
    numbers = Counter(outcome.order_number for outcome in booked)
    return {
        "attempts": attempts,
        "clients": clients,
        "seconds": round(taken, 3),
        "sold": len(booked),
        "slots": [
            {"slot": each.slot, "start": text_of(each.start), "places": each.remaining,
             "sold": sold[each.slot]}
            for each in times
        ],
        "errors": dict(Counter(outcome.error for outcome in outcomes if outcome.error).most_common()),
        "retried": sum(outcome.tries > 1 for outcome in outcomes),
        "twice": [number for number, times in numbers.items() if times > 1],
        "orders": [
            {"uuid": outcome.uuid, "orderNumber": outcome.order_number, "slot": outcome.slot}
            for outcome in booked
        ],
    }  # fmt: skip


def run(options) -> int:
    """Prints what came of it as JSON."""
    told = fight(
        options.dataset, options.token, slots=options.slot, count=options.slots, attempts=options.attempts,
        clients=options.clients, addresses=options.address, quotes=options.quotes, tries=options.tries,
        seed=options.seed, seconds=options.seconds,
    )  # fmt: skip
    print(json.dumps(told, indent=1))
    return 0
