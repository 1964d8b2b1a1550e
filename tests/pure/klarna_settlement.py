"""A payout of Klarna's made up for tests, with figures worked out by hand."""

import csv
import io

MERCHANT = "K900001"
REFERENCE = "9104300007"


def row(type_, amount, detail=None, sold="2026-10-25T10:00:00Z", captured="2026-10-26T09:00:00Z", **more):
    """Return a row as the service tells it, with only what all have."""
    return {
        "type": type_,
        **({"detailed_type": detail} if detail else {}),
        "amount": amount,
        "sale_date": sold,
        "capture_date": captured,
        "currency_code": "SEK",
        "purchase_country": "SE",
        **more,
    }


def fee(amount, vat, detail, capture, **more):
    return row("FEE", amount, detail, capture_id=capture, vat_rate=2500, vat_amount=vat, **more)


def vats(**told):
    """Return a list of VAT per rate: vats(r25=100)."""
    return [{"tax_rate": int(rate[1:]) * 100, "tax_amount": amount} for rate, amount in told.items()]


# The sauna's 1 200.00 at 25 %; gloves, a lunch and a book for 225 + 112 + 78; a gift card with a towel.
SAUNA = {"order_id": "order-sauna", "capture_id": "capture-sauna", "merchant_reference1": "S1"}
MIXED = {"order_id": "order-mixed", "capture_id": "capture-mixed", "merchant_reference1": "S2"}
GIFT = {"order_id": "order-gift", "capture_id": "capture-gift", "merchant_reference1": "S3"}
ROWS = [
    row("SALE", 120000, "PURCHASE", sold="2026-10-24T22:30:00Z", customer_vat=vats(r25=24000), **SAUNA),
    fee(3588, 897, "PURCHASE_FEE_PERCENTAGE", "capture-sauna"),
    fee(350, 88, "PURCHASE_FEE_FIXED", "capture-sauna"),
    row("SALE", 41500, "PURCHASE", customer_vat=vats(r25=4500, r12=1200, r6=442), **MIXED),
    fee(1241, 310, "PURCHASE_FEE_PERCENTAGE", "capture-mixed"),
    fee(350, 88, "PURCHASE_FEE_FIXED", "capture-mixed"),
    row("SALE", 60000, "PURCHASE", customer_vat=vats(r25=2000, r0=0), **GIFT),
    fee(1794, 449, "PURCHASE_FEE_PERCENTAGE", "capture-gift"),
    fee(350, 88, "PURCHASE_FEE_FIXED", "capture-gift"),
    row("RETURN", 14000, "PURCHASE_RETURN", order_id="order-sauna", refund_id="refund-1"),
    row("RETURN", 10900, "PURCHASE_RETURN", order_id="order-sauna", refund_id="refund-2"),
    row("HOLDBACK", 10000, "ROLLING_RESERVE"),
]
# 1 200 + 415 + 600 = 2 215.00 of sales; 35.88 + 12.41 + 17.94 + 3 × 3.50 = 76.73 of fees, with VAT
# 8.97 + 3.10 + 4.49 + 3 × 0.88 = 19.20
TOTALS = {"sale": 221500, "return": 24900, "fee": 7673, "tax": 1920, "holdback": 10000}
PAID = 221500 - 24900 - 7673 - 1920 - 10000  # 1 770.07


def payout(settlement_type="NET", settlement=None, **totals):
    """Return a payout as the service tells it; without totals, that of ``ROWS``."""
    told = totals or TOTALS
    settlement = PAID if settlement is None else settlement
    return {
        "payment_reference": REFERENCE,
        "payout_date": "2026-11-04T05:10:00Z",
        "currency_code": "SEK",
        "currency_code_of_registration_country": "SEK",
        "merchant_settlement_type": settlement_type,
        "merchant_id": MERCHANT,
        "totals": {**{f"{name}_amount": öre for name, öre in told.items()}, "settlement_amount": settlement},
    }


# -- as a report ----------------------------------------------------------------------------------------

_COLUMNS = """
    type capture_date sale_date order_id short_order_id capture_id merchant_reference1 merchant_reference2
    amount posting_currency detailed_type refund_id tax_rate tax_amount tax_rate_1 tax_amount_1 tax_rate_2
    tax_amount_2 tax_rate_3 tax_amount_3 balance
"""
COLUMNS = _COLUMNS.split()
NEGATIVE = {"RETURN", "FEE", "HOLDBACK"}


def report(columns=COLUMNS, delimiter=";", decimal=".", before="", encoding="utf-8", end="\r\n", change=()):
    """Return ``ROWS`` as a report."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end)
    writer.writerow(columns)
    for number, told in enumerate(ROWS):
        sign = -1 if told["type"] in NEGATIVE else 1

        def money(öre, sign=sign):
            return "" if öre is None else f"{sign * öre / 100:.2f}".replace(".", decimal)

        cells = {
            **{name: value for name, value in told.items() if isinstance(value, str)},
            "posting_currency": told["currency_code"],
            "amount": money(told["amount"]),
            "tax_rate": money(told.get("vat_rate"), 1),
            "tax_amount": money(told.get("vat_amount")),
            "balance": "?",
        }
        for place, vat in enumerate(told.get("customer_vat", []), 1):
            cells[f"tax_rate_{place}"] = money(vat["tax_rate"], 1)
            cells[f"tax_amount_{place}"] = money(vat["tax_amount"])
        cells.update(dict(change).get(number, {}))
        writer.writerow([cells.get(column, "") for column in columns])
    return (before + file.getvalue()).encode(encoding)
