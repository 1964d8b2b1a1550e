"""The reports: CSV with signed amounts, as the settlement files have them, and a PDF."""

import csv
import io

from .model import Merchant, Payout, Row
from .pdf import pdf
from .rows import totals

COLUMNS = (
    "type", "capture_date", "sale_date", "order_id", "short_order_id", "capture_id", "merchant_reference1",
    "merchant_reference2", "amount", "posting_currency", "detailed_type", "refund_id", "purchase_country",
    "tax_rate", "tax_amount", "tax_rate_1", "tax_amount_1", "tax_rate_2", "tax_amount_2", "tax_rate_3",
    "tax_amount_3", "tax_rate_4", "tax_amount_4",
)  # fmt: skip
_SWEDISH = {
    "sale": "Försäljning", "return": "Returer", "reversal": "Tvister", "fee": "Avgifter",
    "tax": "Moms på avgifter", "fee_refund": "Återförda avgifter", "tax_refund": "Återförd moms",
    "fee_correction": "Rättelse av avgifter", "commission": "Provision", "charge": "Debiteringar",
    "credit": "Krediteringar", "holdback": "Innehållet", "release": "Frisläppt", "repay": "Avbetald skuld",
    "deposit": "Ny skuld",
    "opening_debt_balance": "Ingående skuld", "closing_debt_balance": "Utgående skuld",
    "settlement": "Utbetalt",
}  # fmt: skip


def decimals(amount: int, mark: str = ".") -> str:
    """-935 as -9.35."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}{mark}{abs(amount) % 100:02d}"


def _cells(merchant: Merchant, row: Row, mark: str) -> dict:
    order = row.order
    cells = {
        "type": row.type,
        "capture_date": row.at,
        "sale_date": row.sale_at,
        "capture_id": row.capture_id,
        "amount": decimals(row.money, mark),
        "posting_currency": row.currency,
        "detailed_type": row.detailed_type,
        "refund_id": row.refund_id,
        "purchase_country": row.country,
        "payment_reference": row.payout.reference if row.payout else "",
        "merchant_capture_reference": row.capture_reference,
        "merchant_refund_reference": row.refund_reference,
    }
    if order:
        cells.update(
            order_id=order.id,
            short_order_id=order.short_id,
            merchant_reference1=order.reference1,
            merchant_reference2=order.reference2,
        )
    if row.vat_rate is not None:
        cells.update(tax_rate=decimals(row.vat_rate, mark), tax_amount=decimals(row.tax, mark))
    if merchant.settings["customer_vat"]:
        rates = sorted((row.customer_vat or {}).items(), reverse=True)
        for number, (rate, vat) in enumerate(rates, 1):
            cells[f"tax_rate_{number}"] = decimals(rate, mark)
            cells[f"tax_amount_{number}"] = decimals(row.effect * vat, mark)
    return cells


def _summary(merchant: Merchant, payout: Payout, mark: str) -> dict:
    told = {
        "payment_reference": payout.reference,
        "payout_date": payout.at,
        "settlement_currency": payout.currency,
        "merchant_id": merchant.id,
        "merchant_settlement_type": payout.settlement,
    }
    for name, amount in totals(merchant, payout).items():
        whole = name.removesuffix("_amount") if "debt" in name else f"total_{name}"
        told[whole] = decimals(amount, mark)
    return told


def csv_report(merchant: Merchant, payouts: list, columns=COLUMNS) -> bytes:
    """The rows of payouts, below their sums when the merchant's `csv` setting has `summary`."""
    layout = merchant.settings["csv"]
    mark, columns = layout.get("decimal", "."), layout.get("columns", columns)
    file = io.StringIO()
    writer = csv.writer(file, delimiter=layout.get("delimiter", ";"), lineterminator="\n")
    if layout.get("summary"):
        sums = [_summary(merchant, payout, mark) for payout in payouts]
        if sums:
            writer.writerow(sums[0])
            writer.writerows(each.values() for each in sums)
            writer.writerow([])
    writer.writerow([layout.get("names", {}).get(name, name) for name in columns])
    for payout in payouts:
        for row in payout.rows:
            cells = _cells(merchant, row, mark)
            writer.writerow([cells.get(name, "") for name in columns])
    return file.getvalue().encode()


def _lines(merchant: Merchant, payout: Payout) -> list:
    lines = [
        f"Utbetalning      {payout.reference}",
        f"Datum            {payout.at[:10]}",
        f"Valuta           {payout.currency}",
        f"Avräkning        {payout.settlement}",
        f"Återförsäljare   {merchant.id} {merchant.settings['name']}",
        "",
    ]
    for name, amount in totals(merchant, payout).items():
        name = name.removesuffix("_amount")
        if amount or name in ("sale", "return", "fee", "tax", "settlement"):
            lines.append(f"{_SWEDISH.get(name, name):<24}{decimals(amount, ','):>14}")
    return lines


def payout_pdf(merchant: Merchant, payout: Payout) -> bytes:
    return pdf(f"Avräkning {payout.reference} (simulerad)", _lines(merchant, payout))


def summary_pdf(merchant: Merchant, payouts: list, start: str, end: str) -> bytes:
    lines = [line for payout in payouts for line in [*_lines(merchant, payout), ""]]
    return pdf(f"Avräkningar {start[:10]} till {end[:10]} (simulerade)", lines or ["Inga utbetalningar"])
