"""The balances that README.md works out by hand, in kronor as they are written there: debit is positive."""

from decimal import Decimal

# Of each account in Odoo, and in which account of Björn Lundén it is.
LEDGER = {
    "1510": ("34657.50", "1510"),
    "1581": ("348.00", "1581"),
    "1582": ("500.00", "1582"),
    "1910": ("365.00", "1910"),
    "1931": ("6374.00", "1930"),
    "1935": ("2300.00", "1935"),
    "1938": ("2633.45", "1938"),
    "2421": ("-142.00", "2421"),
    "2611": ("-1558.90", "2610"),
    "2621": ("-52.08", "2620"),
    "2631": ("-2205.81", "2630"),
    "2640": ("46.71", "2641"),
    "2824": ("-20.00", "2820"),
    "3001": ("-840.00", "3001"),
    "3002": ("-100.00", "3002"),
    "3003": ("-500.00", "3003"),
    "30011": ("-414.40", "3001"),
    "30012": ("-4981.20", "3001"),
    "30022": ("-334.02", "3002"),
    "30031": ("-150.00", "3003"),
    "30032": ("-36113.19", "3003"),
    "3740": ("0.10", "3740"),
    "6050": ("141.00", "6050"),
    "6064": ("45.84", "6064"),
}
# Those that were used and are nothing again: installments, the till's payments, Klarna, the marketplace.
EMPTY = ("1530", "1580", "1583", "1585")


def ledger():
    """Return {account in Odoo: balance} of those that are not nothing."""
    return {account: Decimal(amount) for account, (amount, _code) in LEDGER.items()}


def books():
    """Return {account in Björn Lundén: balance} of those that are not nothing."""
    sums = {}
    for amount, code in LEDGER.values():
        sums[code] = sums.get(code, 0) + Decimal(amount)
    return sums
