"""What Sundby Aktivitetscenter's webshop has sold with Klarna lately, relative to today and always the same.

Acts of Klarna's simulator, see tests/simulators/README.md. Amounts in öre with VAT, moments in UTC.
"""

import random
from datetime import datetime, time, timedelta, timezone

DAYS = 62
PAYDAY = 2  # Wednesday
BEHIND = 2  # days: what was delivered later is in the next payout
# (name, reference, price, VAT rate, how often in a thousand orders, type)
GOODS = (
    ("Årskort träning", "ARSKORT-T", 1200000, 600, 20, "digital"),
    ("Årskort simning", "ARSKORT-S", 420000, 600, 40, "digital"),
    ("Årskort relax", "ARSKORT-R", 660000, 2500, 20, "digital"),
    ("Simskola, vår", "SIMSKOLA", 189000, 600, 100, "digital"),
    ("Padelkurs för nybörjare", "PADELKURS", 240000, 600, 90, "digital"),
    ("Gruppträningsinstruktör", "INSTRUKTOR", 875000, 2500, 15, "digital"),
    ("Sportläger med kost och logi", "LAGER", 364000, 1200, 60, "digital"),
    ("Hallhyra, 1 timme", "HALLHYRA", 65000, 600, 130, "digital"),
    ("Hyra av padelracket", "RACKETHYRA", 6000, 2500, 90, "digital"),
    ("Handduk", "HANDDUK", 12000, 2500, 120, "physical"),
    ("Simglasögon", "SIMGLAS", 19900, 2500, 130, "physical"),
    ("Träningsdagbok (bok)", "DAGBOK", 15900, 600, 75, "physical"),
    ("Lunch i kaféet", "LUNCH", 12900, 1200, 60, "digital"),
    ("Presentkort", "PRESENTKORT", 50000, 0, 50, "gift_card"),
)
SHIPPING = {"name": "Frakt", "reference": "FRAKT", "amount": 4900, "rate": 2500, "type": "shipping_fee"}
TIP = {"name": "Dricks", "reference": "DRICKS", "amount": 2000, "rate": 0, "type": "surcharge"}
TIPPED = (40, 97)  # the numbers of orders with a tip
RETURNS_EVERY = 13  # orders
DISPUTED = 60  # likewise, a number


def tell(today):
    """Return the acts, the earliest first.

    :param today: date
    """
    chance = random.Random(1794)
    begun = today - timedelta(days=DAYS)
    acts, number = [], 0
    for day in (begun + timedelta(days=passed) for passed in range(DAYS)):
        minutes = sorted(chance.sample(range(6 * 60, 21 * 60), chance.randint(2, 6)))
        for minute in minutes:
            acts += _order_acts(chance, _at(day, minute=minute), number, today)
            number += 1
    acts += _payouts(begun, today)
    # Nobody is paid for, or gets back, what has not been sold yet.
    return sorted(acts, key=lambda act: act["at"])


def _order_acts(chance, ordered, number, today):
    """An order, its delivery the next morning, and what may become of it."""
    lines = _lines(chance, number)
    name = f"WEBB-{20001 + number}"
    day = ordered.date()
    delivered = _at(day + timedelta(days=1), 7, 30)
    acts = [
        {"do": "order", "at": _text(ordered), "reference1": name, "reference2": "webb", "lines": lines},
        {"do": "capture", "at": _text(delivered), "order": name},
    ]
    came_back = _at(day + timedelta(days=chance.randint(4, 9)), 12, chance.randint(0, 59))
    if number % RETURNS_EVERY == RETURNS_EVERY - 1:
        # By turns all of it, and one thing.
        all_of_it = number // RETURNS_EVERY % 2 or len(lines) == 1
        acts.append({"do": "refund", "at": _text(came_back), "order": name, "reference": f"RETUR-{number}"})
        if not all_of_it:
            acts[-1]["lines"] = lines[:1]
    if number == DISPUTED:
        acts.append(
            {
                "do": "dispute",
                "at": _text(came_back),
                "order": name,
                "category": "goods_not_received",
                "fee": 15000,
            }
        )
    return [act for act in acts if act["at"] < _text(_at(today))]


def _lines(chance, number):
    """One to three things, posted if one of them has to be."""
    goods = []
    for _line in range(chance.choice((1, 1, 1, 2, 2, 3))):
        [thing] = chance.choices(GOODS, weights=[thing[4] for thing in GOODS])
        if thing not in goods:
            goods.append(thing)
    lines = [
        {"name": name, "reference": reference, "amount": price, "rate": rate, "type": kind}
        for name, reference, price, rate, _often, kind in goods
    ]
    if any(line["type"] == "physical" for line in lines):
        lines.append(SHIPPING)
    if number in TIPPED:
        lines.append(TIP)
    return lines


def _payouts(begun, today):
    """A payout every Wednesday; a reserve that is held back and let go, and a charge that nobody knows."""
    first = begun + timedelta(days=(PAYDAY - begun.weekday()) % 7 + 7)
    paydays = [day for week in range(DAYS // 7) if (day := first + timedelta(weeks=week)) < today]
    acts = [
        {"do": "payout", "at": _text(_at(day, 5)), "until": _text(_at(day - timedelta(days=BEHIND)))}
        for day in paydays
    ]
    for do, week, told in (
        ("holdback", 2, {"amount": 250000, "comment": "Rolling reserve"}),
        ("release", -3, {"amount": 250000, "comment": "Rolling reserve"}),
        ("charge", -2, {"amount": 49900, "detailed_type": "LOAN_FEE", "comment": "Klarna lån, avgift"}),
    ):
        acts.append({"do": do, "at": _text(_at(paydays[week] - timedelta(days=BEHIND + 1))), **told})
    return acts


def _at(day, hour=0, minute=0):
    return datetime.combine(day, time(), timezone.utc) + timedelta(hours=hour, minutes=minute)


def _text(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
