"""The InvoiceOrder service: orders, and the invoices that they become."""

from decimal import Decimal

from . import ledger, moments
from .customers import DAYS_AFTER_MONTH, check_payment_time, check_sale_type
from .items import Refused, changed, check_lengths, check_search, chosen, save_all, without
from .office import FIRST_INVOICE, FIRST_ORDER

INVOICED = ("Invoiced", "InvoicedCashAccount", "InvoicedPack")
USUAL_PAYMENT_TIME = 30
ROUND_FACTORS = (Decimal("0.1"), Decimal("0.5"), Decimal(1))
# Set by the service, whatever is sent.
_READ_ONLY = (
    "InvoiceId", "DateChanged", "OrderTotalIncVat", "OrderTotalVat", "Paid", "OCR", "APIException",
    "InvoiceRows",
)  # fmt: skip
_ROW_READ_ONLY = ("VatRate", "ProductNo", "ChangeState", "RowId")


# -- reading ----------------------------------------------------------------------------------------------


def get(call) -> list:
    search = call.values.get("searchParams", {})
    check_search(search)
    search = {
        name: set(told) if isinstance(told, list) else told for name, told in search.items() if told != []
    }
    tests = {
        "CustomerIds": lambda o, told: o["CustomerId"] in told,
        "ChangedAfter": lambda o, told: o["DateChanged"] > told,
        "OrderStates": lambda o, told: o["OrderStatus"] in told,
        "InvoiceIds": lambda o, told: o.get("InvoiceId") in told,
        "OrderIds": lambda o, told: o["OrderId"] in told,
        "ExternalStatus": lambda o, told: o.get("ExternalStatus") in told,
    }
    found = [
        _told(call, order)
        for _number, order in sorted(call.office.orders.items())
        if all(tests[name](order, told) for name, told in search.items())
    ]
    for order in found:
        order["InvoiceRows"] = chosen(
            order["InvoiceRows"], "InvoiceRow", call.values.get("rowReturnProperties")
        )
    return chosen(found, "InvoiceOrder", call.values.get("invoiceReturnProperties"))


def _told(call, order: dict) -> dict:
    """An order as it is told; a fault may change its totals."""
    order = dict(order)
    if "InvoiceId" in order and "Paid" not in order and call.service.settings["unpaid"] == "minimum":
        order["Paid"] = moments.UNSET
    if call.fault and call.fault.fault == "wrong_total":
        more = Decimal(call.fault.amount) / 100
        for name in ("OrderTotalIncVat", "OrderTotalVat"):
            order[name] = str(Decimal(order[name]) + more)
    return order


def sync_list(call) -> list:
    told = call.values.get("syncParams", {})
    return [
        number
        for number, order in sorted(call.office.orders.items())
        if order["DateChanged"] > told.get("ChangedAfter", "")
        and order["created"] > told.get("RegisteredAfter", "")
    ]


# -- saving -----------------------------------------------------------------------------------------------


def save(call) -> list:
    def save_one(told: dict) -> dict:
        return without(put(call.service, call.office, told), "OrderTotalIncVat", "OrderTotalVat")

    return save_all(call, "invoices", save_one)


def update(call) -> list:
    """Changes what can be changed of invoices."""

    def update_one(told: dict) -> dict:
        order = call.office.orders.get(told.get("OrderId"))
        if not order or "InvoiceId" not in order:
            raise Refused(f"Order {told.get('OrderId', '')} is not an invoice")
        new = {name: told[name] for name in ("InvoiceTitle", "ReferenceNumber") if name in told}
        check_lengths("InvoiceOrder", new)
        order.update(new, DateChanged=call.service.now())
        return {name: order[name] for name in ("OrderId", "InvoiceId", *new)}

    return save_all(call, "invoices", update_one)


def put(service, office, told: dict) -> dict:
    """Adds an order, or changes the one that has the OrderId; Refused when that is impossible."""
    number, now = told.get("OrderId"), service.now()
    old = office.orders.get(number, {})
    if number is not None and not old:
        raise Refused(f"Order {number} does not exist")
    if "InvoiceId" in old:
        raise Refused(f"Order {number} is invoiced and cannot be changed")
    customer = office.customers.get(told.get("CustomerId"))
    if not customer:
        raise Refused(f"Customer {told.get('CustomerId', '')} does not exist")
    order = {**_usual(customer, now), **changed(old, without(told, *_READ_ONLY))}
    _check(office, order)
    order["InvoiceRows"] = _rows(
        service, office, order, old.get("InvoiceRows", []), told.get("InvoiceRows", [])
    )
    publishing = order["OrderStatus"] in INVOICED
    if not publishing:
        order.pop("DateInvoiced", None)
    order["OrderId"] = number or office.number("order", FIRST_ORDER)
    order["DateChanged"] = now
    _sum_up(service, order)
    office.orders[order["OrderId"]] = order
    if publishing:
        publish(service, office, order, order["OrderStatus"])
    return order


def _usual(customer: dict, now: str) -> dict:
    """What an order has unless told: most is its customer's."""
    emails = customer.get("EmailAddresses", {})
    name = " ".join(filter(None, (customer.get("FirstName"), customer["Name"])))
    usual = {
        "CustomerName": name[:100],
        "Addresses": customer.get("Addresses"),
        "OrderStatus": "Web",
        "DateOrdered": moments.midnight(moments.day_of(now)),
        "PaymentTime": customer.get("PaymentTime", USUAL_PAYMENT_TIME),
        "CustomerOrgNo": customer.get("OrganizationNumber"),
        "InvoiceEmailAddress": (emails.get("Invoice") or emails.get("Work") or {}).get("Value"),
        "created": now,
    }
    return {key: value for key, value in usual.items() if value is not None}


def _check(office, order: dict) -> None:
    check_lengths("InvoiceOrder", order)
    check_payment_time(order.get("PaymentTime"))
    check_sale_type(order.get("TypeOfSaleId"), "TypeOfSaleId")
    for name, known in (
        ("ProjectId", ledger.PROJECTS),
        ("DepartmentId", [number for number, _name in ledger.DEPARTMENTS]),
        ("OurReference", ledger.EMPLOYEES),
        ("PaymentMethodId", [number for number, _name in ledger.PAYMENT_METHODS]),
    ):
        if name in order and order[name] not in known:
            raise Refused(f"{name} {order[name]} does not exist")
    symbol = order.get("Currency", {}).get("Symbol")
    if symbol and symbol not in [currency[0] for currency in ledger.CURRENCIES]:
        raise Refused(f"Currency {symbol} does not exist")
    if "RoundFactor" in order and Decimal(order["RoundFactor"]) not in ROUND_FACTORS:
        raise Refused("RoundFactor is 0.1, 0.5 or 1.0")
    if "PaymentAmount" in order:
        raise Refused("PaymentAmount is not played by the simulator")
    for name in ("ReferenceInvoiceId", "ReferenceOrderId"):
        if name in order:
            number = order[name]
            original = office.invoice(number) if name == "ReferenceInvoiceId" else office.orders.get(number)
            if not original or "InvoiceId" not in original or original["CustomerId"] != order["CustomerId"]:
                raise Refused(f"{name} {number} is no invoice of the customer")


# -- rows -------------------------------------------------------------------------------------------------


def _rows(service, office, order: dict, old: list, told: list) -> list:
    """The rows of an order after a change; each says by ChangeState what becomes of it."""
    rows = {row["RowId"]: row for row in old}
    following = max(rows, default=0) + 1
    for number, row in enumerate(told, 1):
        state, row_id = row.get("ChangeState", "None"), row.get("RowId")
        if order.get("OrderId") is None:
            state = "Add"
        if state == "None":
            raise Refused(f"Row {number} has no ChangeState")
        if state != "Add" and row_id not in rows:
            raise Refused(f"Row {row_id or number} does not exist")
        if state == "Delete":
            del rows[row_id]
            continue
        if state == "Add":
            row_id, following = following, following + 1
        before = rows.get(row_id, {})
        rows[row_id] = {"RowId": row_id, **_row(service, office, order, changed(before, row), number)}
    found = list(rows.values())
    if all("SequenceNumber" in row for row in found):
        found.sort(key=lambda row: row["SequenceNumber"])
    return found


def _row(service, office, order: dict, told: dict, number: int) -> dict:
    row = {"Type": "Normal", **without(told, *_ROW_READ_ONLY)}
    check_lengths("InvoiceRow", row, f"Row {number}/")
    if row["Type"] != "Normal":
        return row
    product = office.products.get(row.get("ProductId"))
    if not product:
        missing = "is missing" if "ProductId" not in row else f"{row['ProductId']} does not exist"
        raise Refused(f"Row {number}: ProductId {missing}")
    row = {"Name": product["Name"], "Price": product["Price"], "Quantity": "1", **row}
    if not 0 <= Decimal(row.get("DiscountRate", "0")) <= 100:
        raise Refused(f"Row {number}: DiscountRate is not from 0 to 100")
    check_sale_type(row.get("TypeGroupId"), f"Row {number}: TypeGroupId")
    row.update(VatRate=_rate(service, office, order, row, product, number), ProductNo=product["No"])
    return row


def _rate(service, office, order: dict, row: dict, product: dict, number: int) -> str:
    """The VAT of a row: of its tax settings, else of the nearest sale type."""
    told = row.get("TaxSettings", {})
    if "TaxCode" in told:
        by_number = service.settings["tax_code"] == "TaxNo"
        codes = {int(code.number) if by_number else code.id: code for code in ledger.TAX_CODES}
        code = codes.get(told["TaxCode"])
        if not code:
            raise Refused(f"Row {number}: TaxCode {told['TaxCode']} does not exist")
        if not code.sale:
            raise Refused(f"Row {number}: TaxCode {told['TaxCode']} ({code.name}) is not for sales")
        return str(code.rate)
    if "TaxRate" in told:
        return told["TaxRate"]
    customer = office.customers[order["CustomerId"]]
    sale_types = (row.get("TypeGroupId"), order.get("TypeOfSaleId"), customer.get("TypeGroup"))
    nearest = next((each for each in sale_types if each is not None), product["SaleType"])
    return str(ledger.rate_of_sale_type(nearest))


def _sum_up(service, order: dict) -> None:
    names = ("Price", "Quantity", "DiscountRate", "VatRate")
    rows = [
        [Decimal(row.get(name, "0")) for name in names]
        for row in order["InvoiceRows"]
        if row["Type"] == "Normal"
    ]
    by_row = service.settings["rounding"] == "row"
    total, vat = ledger.totals(rows, bool(order.get("IncludeVAT")), by_row)
    order.update(OrderTotalIncVat=str(total), OrderTotalVat=str(vat))


# -- what a person at the company does ---------------------------------------------------------------------


def publish(service, office, order: dict, status: str = "Invoiced") -> dict:
    """Makes the order an invoice, with the same OrderId."""
    now = service.now()
    number = office.number("invoice", FIRST_INVOICE)
    order.setdefault("DateInvoiced", moments.midnight(moments.day_of(now)))
    order.update(OrderStatus=status, InvoiceId=number, OCR=_ocr(number), DateChanged=now)
    return order


def due_day(order: dict) -> str:
    """The day an invoice is due."""
    day, days = moments.day_of(order["DateInvoiced"]), order["PaymentTime"]
    if days in DAYS_AFTER_MONTH:
        return moments.later(moments.end_of_month(day), DAYS_AFTER_MONTH[days])
    return moments.later(day, days)


def _ocr(number: int) -> str:
    """A reference with its length and check digit (Luhn), as Bankgirot has them."""
    digits = f"{number}{(len(str(number)) + 2) % 10}"
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return digits + str(-sum(each // 10 + each % 10 for each in doubled) % 10)
