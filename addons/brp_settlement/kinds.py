"""What a row of a payout can be."""

KINDS = [
    ("sale", "Sale"),
    ("refund", "Refund"),
    ("fee", "Fee"),
    ("fee_vat", "VAT on Fee"),
    ("commission", "Commission"),
    ("reversal", "Reversal"),
    ("holdback", "Held Back"),
    ("release", "Released"),
    ("correction", "Correction"),
    ("charge", "Charge"),
    ("credit", "Credit"),
    ("deposit", "Debt Carried Forward"),
    ("repay", "Debt Repaid"),
    ("rounding", "Rounding"),
    ("other", "Other"),
]
# What the channel has collected for us: it clears the receivable.
COLLECTED = ("sale", "refund")
# What the channel costs; a commission that it pays us makes it cheaper.
COSTS = ("fee", "commission", "correction")
# Accounts that Swedish businesses commonly use (BAS), proposed where the chart has them.
USUAL_ACCOUNTS = {
    "fee": ["6064", "6040", "6050"],
    "fee_vat": ["2640", "2641"],
    "commission": ["6050", "6064", "6040"],
    "reversal": ["6351", "6350"],
    "holdback": ["1689", "1680"],
    "release": ["1689", "1680"],
    "correction": ["6064", "6040", "6050"],
    "rounding": ["3740"],
}


def describe_word(code, labels):
    """Return a channel's word as a person reads it, nothing for a row that has none.

    Files may have a column for each kind: their rows have the kind as their word, ``fee`` or ``fee:WORD``.

    :param labels: {kind: what it is called}
    """
    kind, _colon, word = (code or "").partition(":")
    if kind not in labels:
        return code or ""
    return f"{labels[kind]}: {word}" if word else ""
