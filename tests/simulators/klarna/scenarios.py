"""Scenarios: lists of acts. Amounts in öre with VAT, moments in UTC."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

from .moments import text_of

# The references that the merchant gave the orders.
A, B, C = "WEB-2041", "WEB-2042", "WEB-2043"
D, E, F = "WEB-2060", "WEB-2061", "WEB-2062"


def reference() -> list:
    """One payout, 2611040001, with figures to compare with:

        order          sold (Swedish day)     25 %     12 %    6 %     0 %      sum  fee + fixed   VAT of them
        WEB-2041 (A)   25 October, 00:15   1250.00                         1250.00 37.38 + 3.50  9.35 + 0.88
        WEB-2042 (B)   25 October           200.00  112.00  53.00           365.00 10.91 + 3.50  2.73 + 0.88
        WEB-2043 (C)   27 October           100.00                 500.00   600.00 17.94 + 3.50  4.49 + 0.88
        returned of A, 30 October: 199.00 and 50.00, all at 25 %
        held back: 100.00

    Sales 2215.00 − returns 249.00 − fees 76.73 − VAT 19.21 − held back 100.00 = 1770.06 paid out.
    VAT of the sales at 25 %: 250.00 + 40.00 + 20.00; at 12 %: 12.00; at 6 %: 3.00.
    The 500.00 without VAT are a gift card that was sold.
    """
    return [
        {
            # A quarter past midnight in Sweden, the night the clocks go back.
            "do": "order", "at": "2026-10-24T22:15:00Z", "reference1": A, "reference2": "web",
            "lines": [{"name": "Årskort gym", "reference": "GYM-12", "amount": 125000, "rate": 2500}],
        },
        {
            "do": "order", "at": "2026-10-25T11:20:00Z", "reference1": B, "reference2": "web",
            "lines": [
                {"name": "Träningströja", "reference": "TRJ-M", "amount": 15100, "rate": 2500},
                {"name": "Frakt", "type": "shipping_fee", "amount": 4900, "rate": 2500},
                {"name": "Proteinbars, 8 st", "reference": "BAR-8", "amount": 11200, "rate": 1200,
                 "quantity": 8},
                {"name": "Banhyra", "reference": "BANA", "type": "digital", "amount": 5300, "rate": 600},
            ],
        },
        {"do": "capture", "order": A, "at": "2026-10-26T07:30:00Z", "reference": "LEV-2041"},
        {"do": "capture", "order": B, "at": "2026-10-26T07:35:00Z"},
        {
            "do": "order", "at": "2026-10-27T09:40:00Z", "reference1": C, "reference2": "web",
            "lines": [
                {"name": "Presentkort", "type": "gift_card", "reference": "PK", "amount": 50000, "rate": 0},
                {"name": "Vattenflaska", "reference": "FLASKA", "amount": 10000, "rate": 2500},
            ],
        },
        {"do": "capture", "order": C, "at": "2026-10-28T06:50:00Z"},
        {"do": "refund", "order": A, "at": "2026-10-30T13:10:00Z", "amount": 19900, "reference": "RET-1"},
        {"do": "refund", "order": A, "at": "2026-10-30T13:12:00Z", "amount": 5000, "reference": "RET-2"},
        {"do": "holdback", "at": "2026-11-02T00:00:00Z", "amount": 10000, "comment": "Rolling reserve"},
        {"do": "payout", "at": "2026-11-04T05:00:00Z"},
    ]  # fmt: skip


def second_month() -> list:
    """`reference`, and a second payout, 2611250001:

        order          sold (Swedish day)     25 %      12 %     0 %     sum     fee + fixed   VAT of them
        WEB-2060 (D)   5 November          1000.00                     1000.00  29.90 + 3.50  7.48 + 0.88
        WEB-2061 (E)   10 November, 00:15            560.00    40.00    600.00  17.94 + 3.50  4.49 + 0.88
        WEB-2062 (F)   12 November          500.00                      500.00  14.95 + 3.50  3.74 + 0.88
        returned: the whole of B, 365.00, which was paid out in October's payout
        disputed: the whole of F, 500.00
        released: the 100.00 that were held back

    Sales 2100.00 − returns 365.00 − disputes 500.00 − fees 73.29 − VAT 18.35 + released 100.00 = 1243.36 paid
    out. VAT of the sales at 25 %: 200.00 + 100.00; at 12 %: 60.00. VAT of the return: 40.00, 12.00 and 3.00.
    The 40.00 without VAT are a tip.
    """
    return [
        *reference(),
        {"do": "sale", "at": "2026-11-05T18:30:00Z", "captured_at": "2026-11-06T07:30:00Z",
         "reference1": D, "reference2": "web",
         "lines": [{"name": "Nybörjarkurs padel", "reference": "PADEL-1", "amount": 100000, "rate": 2500}]},
        {"do": "sale", "at": "2026-11-09T23:15:00Z", "captured_at": "2026-11-10T07:30:00Z",
         "reference1": E, "reference2": "web",
         "lines": [
             {"name": "Matlåda, 7 st", "reference": "LUNCH", "quantity": 7, "amount": 56000, "rate": 1200},
             {"name": "Dricks", "type": "surcharge", "reference": "TIP", "amount": 4000, "rate": 0},
         ]},
        {"do": "sale", "at": "2026-11-12T09:00:00Z", "captured_at": "2026-11-13T07:30:00Z",
         "reference1": F, "reference2": "web",
         "lines": [{"name": "Padelracket", "reference": "RACKET", "amount": 50000, "rate": 2500}]},
        {"do": "refund", "order": B, "at": "2026-11-16T10:00:00Z", "reference": "RET-3"},
        {"do": "dispute", "order": F, "at": "2026-11-20T08:00:00Z"},
        {"do": "release", "at": "2026-11-23T00:00:00Z", "amount": 10000, "comment": "Rolling reserve"},
        {"do": "payout", "at": "2026-11-25T05:00:00Z"},
    ]  # fmt: skip


def many(orders: int, days: int = 30, first: str = "2026-10-01", every: int = 7) -> list:
    """`orders` sales evenly over `days`, each of three rows, every tenth returned in part; a payout every
    `every` days and one at the end. The same each time."""
    start = datetime.fromisoformat(first).replace(tzinfo=timezone.utc)
    step = timedelta(days=days) / max(orders, 1)
    events, paid = [], start + timedelta(days=every)
    for number in range(orders):
        at = start + number * step
        while at >= paid:
            events.append({"do": "payout", "at": text_of(paid)})
            paid += timedelta(days=every)
        amount, name = 10000 + number * 3700 % 190000, f"MANY-{number + 1:06d}"
        rates = {"2500": amount} if number % 3 else {"2500": amount - 5300, "600": 5300}
        events.append(
            {"do": "sale", "at": text_of(at), "captured_at": text_of(at), "reference1": name, "rates": rates}
        )
        if number % 10 == 9:
            events.append({"do": "refund", "order": name, "at": text_of(at), "amount": amount // 2})
    events.append({"do": "payout", "at": text_of(max(paid, start + timedelta(days=days)))})
    return events


def named(name: str) -> list:
    """A scenario: `reference`, `second-month`, `many:ORDERS:DAYS`, or a file of JSON."""
    if name in ("reference", "second-month"):
        return {"reference": reference, "second-month": second_month}[name]()
    if name.split(":")[0] == "many":
        return many(*(int(number) for number in name.split(":")[1:]))
    told = json.loads(Path(name).read_text(encoding="utf-8"))
    events = told.get("events") if isinstance(told, dict) else told
    if not isinstance(events, list):
        raise ValueError(f"{name} is no list of acts")
    return events
