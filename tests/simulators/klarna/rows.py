"""Transactions, payouts and orders as the APIs write them."""

import json

from .model import Line, Merchant, Order, Payout, Row, half_up

PAYOUTS = "/settlements/v1/payouts/"
TRANSACTIONS = "/settlements/v1/transactions"
# The totals of a summary: the others are not in its description.
SUMMED = (
    "fee_correction", "release", "tax", "settlement", "holdback", "reversal", "return", "fee", "commission",
    "sale", "repay",
)  # fmt: skip
# A person that nobody is. Orders have somebody's name and address, which are no business of a ledger.
_ADDRESS = {
    "given_name": "Kim",
    "family_name": "Exempelsson",
    "email": "kim@example.com",
    "phone": "+46701740605",
    "street_address": "Provgatan 1",
    "postal_code": "12345",
    "city": "Sundby",
    "country": "se",
}


def transaction(merchant: Merchant, row: Row, base: str) -> dict:
    """A transaction; what a row does not have is left out."""
    settings, order = merchant.settings, row.order
    sign = row.effect if settings["signed"] else 1
    told = {
        "amount": sign * row.amount,
        "sale_date": row.sale_at,
        "type": row.type,
        "capture_date": row.at,
        "currency_code": row.currency,
        "purchase_country": row.country,
        "detailed_type": row.detailed_type,
        "capture_id": row.capture_id,
        "refund_id": row.refund_id,
        "merchant_capture_reference": row.capture_reference,
        "merchant_refund_reference": row.refund_reference,
        "reversal_reference": row.reversal_reference,
        "klarna_comment": row.comment,
    }
    if order:
        told["order_id"] = order.id
        told["short_order_id"] = order.short_id
        told["merchant_reference1"] = order.reference1
        told["merchant_reference2"] = order.reference2
        if row.type in ("SALE", "RETURN"):
            told["shipping_country"] = order.shipping_country
            told["initial_payment_method_type"] = order.method
            told["initial_number_of_installments"] = order.installments or ""
    if row.payout and row.payout.listed:
        told["payment_reference"] = row.payout.reference
        told["payout"] = base + PAYOUTS + row.payout.reference
    told = {name: value for name, value in told.items() if value != ""}
    if settings["blank_capture_id"]:
        told.setdefault("capture_id", "")
    if row.vat_rate is not None:
        told["vat_rate"], told["vat_amount"] = row.vat_rate, sign * row.vat
        home = settings["currency"]
        if row.currency != home and row.currency in settings["exchange"]:
            # The amount in the currency of registration, at Klarna's rate.
            told["tax_in_currency_of_registration_country"] = half_up(
                sign * row.vat * settings["exchange"][row.currency], 10000
            )
            told["currency_code_of_registration_country"] = home
    if settings["customer_vat"] and row.customer_vat is not None:
        told["customer_vat"] = [
            {"tax_rate": rate, "tax_amount": sign * vat}
            for rate, vat in sorted(row.customer_vat.items(), reverse=True)
        ]
    return {**told, **settings["extra_fields"]}


def written(merchant: Merchant, row: Row, base: str) -> bytes:
    """A transaction in JSON; kept, because a page has hundreds and is asked for again and again."""
    made_for = (merchant.version, base)
    if not row.written or row.written[0] != made_for:
        data = json.dumps(transaction(merchant, row, base), ensure_ascii=False, separators=(",", ":"))
        row.written = (made_for, data.encode())
    return row.written[1]


def totals(merchant: Merchant, payout: Payout) -> dict:
    told = payout.totals(merchant.settings["tax_refund"])
    if not merchant.settings["commission_reversal"]:
        del told["commission_reversal_amount"]
    return told


def payout_json(merchant: Merchant, payout: Payout, base: str) -> dict:
    return {
        "totals": totals(merchant, payout),
        "payment_reference": payout.reference,
        "payout_date": payout.at,
        "currency_code": payout.currency,
        "currency_code_of_registration_country": merchant.settings["currency"],
        "merchant_settlement_type": payout.settlement,
        "merchant_id": merchant.id,
        "transactions": f"{base}{TRANSACTIONS}?payment_reference={payout.reference}",
    }


def summaries(merchant: Merchant, payouts: list, start: str, end: str) -> list:
    """The sums of payouts, one for each currency."""
    found = []
    for currency in sorted({payout.currency for payout in payouts}):
        sums = [totals(merchant, payout) for payout in payouts if payout.currency == currency]
        found.append(
            {
                **{f"summary_total_{n}_amount": sum(each[f"{n}_amount"] for each in sums) for n in SUMMED},
                "summary_settlement_currency": currency,
                "summary_payout_date_start": start,
                "summary_payout_date_end": end,
            }
        )
    return found


# -- an order, as Order Management tells it ---------------------------------------------------------------


def _line(line: Line) -> dict:
    return {
        "type": line.type,
        "name": line.name,
        "quantity": line.quantity,
        "unit_price": (line.amount + line.discount) // line.quantity,
        "tax_rate": line.rate,
        "total_amount": line.amount,
        "total_discount_amount": line.discount,
        "total_tax_amount": line.vat,
        **({"reference": line.reference} if line.reference else {}),
    }


def order_json(order: Order) -> dict:
    captured, amount = order.captured, order.amount
    status = "AUTHORIZED" if not captured else "CAPTURED" if captured == amount else "PART_CAPTURED"
    told = {
        "order_id": order.id,
        "status": status,
        "fraud_status": "ACCEPTED",
        "order_amount": amount,
        "original_order_amount": amount,
        "captured_amount": captured,
        "refunded_amount": order.refunded,
        "remaining_authorized_amount": amount - captured,
        "purchase_currency": order.currency,
        "purchase_country": order.country,
        "locale": "sv-SE",
        "created_at": order.at,
        "klarna_reference": order.short_id,
        "order_lines": [_line(line) for line in order.lines],
        "billing_address": dict(_ADDRESS),
        "shipping_address": dict(_ADDRESS),
        "initial_payment_method": {"type": order.method.upper()},
        "captures": [
            {
                "capture_id": capture.id,
                "klarna_reference": f"{order.short_id}-{number}",
                "captured_amount": capture.amount,
                "captured_at": capture.at,
                "refunded_amount": capture.refunded,
                "order_lines": [_line(line) for line in capture.lines],
                **({"reference": capture.reference} if capture.reference else {}),
            }
            for number, capture in enumerate(order.captures, 1)
        ],
        "refunds": [
            {
                "refund_id": refund.id,
                "refunded_amount": refund.amount,
                "refunded_at": refund.at,
                "order_lines": [_line(line) for line in refund.lines],
                **({"reference": refund.reference} if refund.reference else {}),
            }
            for refund in order.refunds
        ],
    }
    if order.installments:
        told["initial_payment_method"]["number_of_installments"] = order.installments
    for name in ("reference1", "reference2"):
        if getattr(order, name):
            told[f"merchant_{name}"] = getattr(order, name)
    return told
