"""What can happen to a merchant: orders, captures, refunds, disputes, everything Klarna adds, and payouts.

Each act takes what it was told and either does all of it or raises ValueError and does nothing.
"""

from .model import (
    SETTINGS,
    TOTALS,
    TYPES,
    Event,
    Line,
    Merchant,
    Order,
    Payout,
    Row,
    half_up,
    vat_of,
    vat_of_part,
    vat_within,
)
from .told import REQUIRED, Told

LINE_TYPES = (
    "physical", "discount", "shipping_fee", "sales_tax", "store_credit", "gift_card", "digital", "surcharge",
    "return_fee",
)  # fmt: skip
SETTLEMENTS = ("NET", "GROSS", "GROSS_FEE")


# -- orders ---------------------------------------------------------------------------------------------


def _lines(told: Told) -> list:
    """`lines`, or one for each of `rates`, {rate: amount with VAT}."""
    lines = [_line(Told(line)) for line in told.listed("lines")]
    for rate, amount in told.object("rates").items():
        line = Told({"name": f"Vara {int(rate) / 100:g} %", "rate": int(rate), "amount": amount})
        lines.append(_line(line))
    return lines


def _line(told: Told) -> Line:
    amount, rate = told.number("amount"), told.number("rate", 0, least=0)
    line = Line(
        type=told.text("type", "physical"),
        name=told.text("name"),
        amount=amount,
        rate=rate,
        vat=told.number("vat", vat_within(amount, rate)),
        reference=told.text("reference", ""),
        quantity=told.number("quantity", 1, least=1),
        discount=told.number("discount", 0, least=0),
    )
    told.done()
    if line.type not in LINE_TYPES:
        raise ValueError(f"the type of a line is one of {', '.join(LINE_TYPES)}")
    if (line.amount + line.discount) % line.quantity:
        raise ValueError("the amount of a line is no multiple of its quantity")
    return line


def _order(merchant: Merchant, told: Told) -> dict:
    country = told.text("country", merchant.settings["country"])
    order_id, short_id = told.text("id", None), told.text("short_id", None)
    more = {
        "at": told.moment("at"),
        "lines": _lines(told),
        "currency": told.text("currency", merchant.settings["currency"]),
        "country": country,
        "shipping_country": told.text("shipping_country", country),
        "reference1": told.text("reference1", ""),
        "reference2": told.text("reference2", ""),
        "method": told.text("method", "invoice"),
        "installments": told.number("installments", 0, least=0),
    }
    told.done()
    if order_id in merchant.orders:
        raise ValueError(f"order {order_id} is there already")
    if sum(line.amount for line in more["lines"]) <= 0:
        raise ValueError("an order has lines, and its amount is more than 0")
    # Numbers are used up by what is done only: done again from a state file, it gets the same ones.
    order_id = order_id or merchant.new_id("order")
    order = Order(id=order_id, short_id=short_id or merchant.short_id(order_id), **more)
    merchant.orders[order.id] = order
    merchant.known_as.update({order.short_id: order, order.reference1: order})
    return {"order_id": order.id, "short_order_id": order.short_id, "amount": order.amount}


def _known_order(merchant: Merchant, told: Told, default=REQUIRED) -> Order | None:
    """`order`: its id, its short id, or the merchant's reference."""
    name = told.text("order", default)
    if name is None:
        return None
    order = merchant.orders.get(name) or merchant.known_as.get(name)
    if not order:
        raise ValueError(f"there is no order {name}")
    return order


def _part(told: Told, order: Order, most: int, earlier: list) -> tuple:
    """(amount, {rate: VAT}, lines) of a part of an order: lines, rates, an amount, or all that is left."""
    lines = _lines(told)
    amount = told.number("amount", sum(line.amount for line in lines) if lines else most, least=1)
    if lines and amount != sum(line.amount for line in lines):
        raise ValueError("the amount is not the sum of the lines")
    if not 0 < amount <= most:
        raise ValueError(f"{amount} is not between 1 and {most}")
    return amount, vat_of(lines) if lines else vat_of_part(order, amount, earlier), lines


def _capture(merchant: Merchant, told: Told) -> dict:
    """A SALE and its fees, with one capture id."""
    order = _known_order(merchant, told)
    at = told.moment("at")
    amount, vat, lines = _part(told, order, order.amount - order.captured, order.captures)
    reference = told.text("reference", "")
    percent = told.number("fee_percent", merchant.settings["fee_percent"], least=0)
    fixed = told.number("fee_fixed", merchant.settings["fee_fixed"], least=0)
    capture_id = told.text("id", None)
    told.done()
    capture = Event(capture_id or merchant.new_id("capture"), at, amount, vat, lines, reference)
    order.captures.append(capture)
    common = {"capture_id": capture.id, "capture_reference": reference}
    _add(merchant, "SALE", amount, at, order, detailed_type="PURCHASE", customer_vat=vat, **common)
    fees = (("PURCHASE_FEE_PERCENTAGE", half_up(amount * percent, 10000)), ("PURCHASE_FEE_FIXED", fixed))
    _fees(merchant, order, at, fees, common)
    return {"order_id": order.id, "capture_id": capture.id, "amount": amount}


def _fees(merchant: Merchant, order: Order, at: str, fees, common: dict) -> None:
    """FEE rows, with the VAT in them or in a row of its own; with GROSS there is an invoice instead."""
    if merchant.settings["settlement"] == "GROSS":
        return
    rate, rows = merchant.settings["fee_vat_rate"], []
    for detailed_type, fee in fees:
        if fee:
            vat = half_up(fee * rate, 10000)
            rows.append((detailed_type, fee, vat))
    if merchant.settings["tax_rows"]:
        for detailed_type, fee, _vat in rows:
            _add(merchant, "FEE", fee, at, order, detailed_type=detailed_type, **common)
        tax = sum(vat for _type, _fee, vat in rows)
        if tax:
            _add(merchant, "TAX", tax, at, order)
    else:
        for detailed_type, fee, vat in rows:
            _add(
                merchant, "FEE", fee, at, order, detailed_type=detailed_type, vat_rate=rate, vat=vat, **common
            )


def _sale(merchant: Merchant, told: Told) -> dict:
    """An order, captured whole at `captured_at`, or at once."""
    captured_at, capture_id = told.moment("captured_at", None), told.text("capture_id", None)
    order = merchant.orders[_order(merchant, told)["order_id"]]
    return _capture(merchant, Told({"order": order.id, "at": captured_at or order.at, "id": capture_id}))


def _refund(merchant: Merchant, told: Told) -> dict:
    """A RETURN; `fees_back` gives the percentage fee of it back."""
    order = _known_order(merchant, told)
    at = told.moment("at")
    amount, vat, lines = _part(told, order, order.captured - order.refunded, order.refunds)
    reference, refund_id = told.text("reference", ""), told.text("id", None)
    fees_back = told.flag("fees_back", False)
    told.done()
    refund = Event(refund_id or merchant.new_id("refund"), at, amount, vat, lines, reference)
    order.refunds.append(refund)
    left = amount
    for capture in order.captures:
        part = min(left, capture.amount - capture.refunded)
        capture.refunded += part
        left -= part
    common = {"refund_id": refund.id, "refund_reference": reference}
    _add(merchant, "RETURN", amount, at, order, detailed_type="PURCHASE_RETURN", customer_vat=vat, **common)
    if fees_back and merchant.settings["settlement"] != "GROSS":
        rate = merchant.settings["fee_vat_rate"]
        fee = half_up(amount * merchant.settings["fee_percent"], 10000)
        _add(
            merchant, "FEE_REFUND", fee, at, order, detailed_type="PURCHASE_FEE_PERCENTAGE_REFUND",
            vat_rate=rate, vat=half_up(fee * rate, 10000), **common,
        )  # fmt: skip
    return {"order_id": order.id, "refund_id": refund.id, "amount": amount}


# -- disputes -------------------------------------------------------------------------------------------


def _dispute(merchant: Merchant, told: Told) -> dict:
    """A REVERSAL; `fee` is a DISPUTE_FEE with VAT added to it."""
    order = _known_order(merchant, told)
    at = told.moment("at")
    taken = sum(order.reversals.values())
    amount = told.number("amount", order.captured - order.refunded - taken, least=1)
    category, reference = told.text("category", "goods_not_received"), told.text("reference", None)
    detailed_type = told.text("detailed_type", "REVERSAL")
    fee = told.number("fee", 0, least=0)
    told.done()
    if amount > order.captured - order.refunded - taken:
        raise ValueError("there is not that much left of the order")
    if not reference:
        number = int(merchant.new_id("dispute").replace("-", "")[:12], 16)
        reference = f"krn:klarna:eu1:dispute:{category}:{number:015d}"
    order.reversals[reference] = order.reversals.get(reference, 0) + amount
    common = {"reversal_reference": reference}
    _add(merchant, "REVERSAL", amount, at, order, detailed_type=detailed_type, **common)
    if fee:
        _fees(merchant, order, at, [("DISPUTE_FEE", fee)], common)
    return {"order_id": order.id, "reversal_reference": reference, "amount": amount}


def _protect(merchant: Merchant, told: Told) -> dict:
    """A dispute that the merchant won: REVERSAL_MERCHANT_PROTECTION."""
    order = _known_order(merchant, told)
    at = told.moment("at")
    reference = told.text("reference", next(iter(order.reversals), None))
    if reference not in order.reversals:
        raise ValueError("the order has no such dispute")
    amount = told.number("amount", order.reversals[reference], least=1)
    detailed_type = told.text("detailed_type", "CORRECTION_DISPUTE")
    told.done()
    if amount > order.reversals[reference]:
        raise ValueError("that is more than the dispute took")
    order.reversals[reference] -= amount
    _add(
        merchant, "REVERSAL_MERCHANT_PROTECTION", amount, at, order, total=merchant.settings["protection"],
        detailed_type=detailed_type, reversal_reference=reference,
    )  # fmt: skip
    return {"order_id": order.id, "reversal_reference": reference, "amount": amount}


# -- what Klarna adds -----------------------------------------------------------------------------------


def _add(merchant: Merchant, kind: str, amount: int, at: str, order: Order | None, **more) -> Row:
    effect, total = TYPES[kind]
    usual = {"effect": effect, "total": total}
    if order:
        usual.update(currency=order.currency, country=order.country, sale_at=order.at)
    return merchant.add(Row(type=kind, amount=amount, at=at, order=order, **{**usual, **more}))


def _row_told(merchant: Merchant, told: Told, kind: str, detailed_type: str) -> dict:
    """The arguments of a row of which everything can be told."""
    order = _known_order(merchant, told, None)
    row = {
        "kind": kind,
        "at": told.moment("at"),
        "amount": told.number("amount", least=None if kind == "CORRECTION" else 1),
        "order": order,
        "detailed_type": told.text("detailed_type", detailed_type),
        "comment": told.text("comment", ""),
        "capture_id": told.text("capture_id", ""),
        "refund_id": told.text("refund_id", ""),
        "vat_rate": told.number("vat_rate", None, least=0),
    }
    row["currency"] = told.text("currency", order.currency if order else merchant.settings["currency"])
    row["country"] = order.country if order else merchant.settings["country"]
    row["sale_at"] = order.at if order else row["at"]
    if row["vat_rate"] is not None:
        row["vat"] = told.number("vat", half_up(row["amount"] * row["vat_rate"], 10000))
    return row


def _simple(kind: str, detailed_type: str = ""):
    """An act that adds one row of a type."""

    def act(merchant: Merchant, told: Told) -> dict:
        row = _row_told(merchant, told, kind, detailed_type)
        told.done()
        if kind == "COMMISSION" and row["detailed_type"].startswith("COMMISSION_RETURN"):
            reversal = merchant.settings["commission_reversal"]
            row.update(effect=-1, total="commission_reversal" if reversal else "commission")
        _add(merchant, **row)
        return {"type": kind, "amount": row["amount"]}

    return act


def _free_row(merchant: Merchant, told: Told) -> dict:
    """A row of any `type`, also an unknown one; `effect` and `total` are those of the type, or told."""
    kind = told.text("type")
    row = _row_told(merchant, told, kind, "")
    usual = TYPES.get(kind, (1, ""))
    row["effect"] = told.number("effect", usual[0])
    row["total"] = told.text("total", usual[1]) or ("credit" if row["effect"] > 0 else "charge")
    row["reversal_reference"] = told.text("reversal_reference", "")
    told.done()
    return row


def _row(merchant: Merchant, told: Told) -> dict:
    row = _free_row(merchant, told)
    _add_free(merchant, row)
    return {"type": row["kind"], "amount": row["amount"]}


def _add_free(merchant: Merchant, row: dict) -> Row:
    if row["effect"] not in (1, -1) or row["total"] not in {total for _effect, total in TYPES.values()}:
        raise ValueError("effect is 1 or -1, total one of the totals")
    return merchant.add(Row(**{{"kind": "type"}.get(name, name): value for name, value in row.items()}))


# -- payouts --------------------------------------------------------------------------------------------


def _payout(merchant: Merchant, told: Told) -> dict:
    """Pays out all that has happened up to `until`: a payout for each currency."""
    at = told.moment("at")
    until = told.moment("until", at)
    currency, reference = told.text("currency", None), told.text("reference", None)
    listed = told.flag("listed", True)
    told.done()
    rows = [row for row in merchant.unpaid if row.at <= until and currency in (None, row.currency)]
    currencies = sorted({row.currency for row in rows})
    if reference and (reference in merchant.payouts or len(currencies) > 1):
        raise ValueError(f"{reference} can be the reference of one payout only")
    made = []
    for paid in currencies:
        payout = Payout(
            reference=reference or _reference(merchant, at),
            at=at,
            currency=paid,
            settlement=merchant.settings["settlement"],
            rows=sorted((row for row in rows if row.currency == paid), key=lambda row: row.at),
            opening=merchant.debts.get(paid, 0),
            listed=listed,
        )
        for row in payout.rows:
            row.payout, row.written = payout, ()
        merchant.payouts[payout.reference] = payout
        totals = payout.totals(merchant.settings["tax_refund"])
        merchant.debts[paid] = totals["closing_debt_balance_amount"]
        made.append({"payment_reference": payout.reference, "settlement_amount": totals["settlement_amount"]})
    merchant.unpaid = [row for row in merchant.unpaid if not row.payout]
    return {"payouts": made}


def _reference(merchant: Merchant, at: str) -> str:
    """The next of its day, as 2611040001: year, month, day, number."""
    day = at[2:4] + at[5:7] + at[8:10]
    number = 1
    while f"{day}{number:04d}" in merchant.payouts:
        number += 1
    return f"{day}{number:04d}"


def _known_payout(merchant: Merchant, told: Told) -> Payout:
    reference = told.text("payment_reference")
    if reference not in merchant.payouts:
        raise ValueError(f"there is no payout {reference}")
    return merchant.payouts[reference]


def _reveal(merchant: Merchant, told: Told) -> dict:
    """A late payout gets into the list."""
    payout = _known_payout(merchant, told)
    told.done()
    payout.listed = True
    for row in payout.rows:
        row.written = ()
    return {"payment_reference": payout.reference}


def _amend(merchant: Merchant, told: Told) -> dict:
    """A row is added to a payout that was made; the debts of later ones stay as they were."""
    payout = _known_payout(merchant, told)
    row = _free_row(merchant, told)
    row["currency"] = payout.currency
    added = _add_free(merchant, row)
    merchant.unpaid.remove(added)
    added.payout = payout
    payout.rows.append(added)
    totals = payout.totals(merchant.settings["tax_refund"])
    return {"payment_reference": payout.reference, "settlement_amount": totals["settlement_amount"]}


def _invoice_debt(merchant: Merchant, told: Told) -> dict:
    """Klarna invoices the debt by itself: the next payout begins without."""
    currency = told.text("currency", merchant.settings["currency"])
    told.done()
    return {"amount": merchant.debts.pop(currency, 0)}


def _merchant(merchant: Merchant, told: Told) -> dict:
    """Changes settings; which ones is in SETTINGS."""
    new = {}
    for name, usual in SETTINGS.items():
        value = told._take(name, merchant.settings[name])
        if type(usual) is bool and value in ("0", "1"):
            value = value == "1"
        if type(value) is not type(usual) or (type(value) is int and value < 0):
            raise ValueError(f"{name} is of the wrong type")
        new[name] = value
    told.done()
    if new["settlement"] not in SETTLEMENTS:
        raise ValueError(f"settlement is one of {', '.join(SETTLEMENTS)}")
    if new["tax_refund"] not in ("added", "told", "untold") or new["protection"] not in TOTALS:
        raise ValueError("tax_refund is added, told or untold, protection a total")
    merchant.settings = new
    merchant.version += 1
    return {"merchant": merchant.id, **{name: value for name, value in new.items() if name != "password"}}


ACTS = {
    "merchant": _merchant,
    "order": _order,
    "capture": _capture,
    "sale": _sale,
    "refund": _refund,
    "dispute": _dispute,
    "protect": _protect,
    "holdback": _simple("HOLDBACK", "ROLLING_RESERVE"),
    "release": _simple("RELEASE", "ROLLING_RESERVE"),
    "correction": _simple("CORRECTION", "CORRECTION"),
    "charge": _simple("CHARGE", "SERVICING_FEE"),
    "credit": _simple("CREDIT", "MANUAL_ENTRY"),
    "commission": _simple("COMMISSION", "COMMISSION"),
    "fee": _simple("FEE", "SERVICING_FEE"),
    "fee_refund": _simple("FEE_REFUND", "FEE_REFUND"),
    "tax": _simple("TAX"),
    "row": _row,
    "payout": _payout,
    "reveal": _reveal,
    "amend": _amend,
    "invoice_debt": _invoice_debt,
}
# Those that happen at a moment; when none is told it is the clock's.
AT = set(ACTS) - {"merchant", "reveal", "invoice_debt"}
