"""What Klarna's types and detailed types are to us, until a person says otherwise.

Klarna's lists are open: what is not in here has no kind, and is to be mapped before it is booked.
Source: Klarna's description of the Settlements API and of settlement reports.
"""

from collections.abc import Mapping

from .control import DEPOSIT, REPAY
from .effects import FEE_REFUND_VAT, FEE_VAT

#: What an effect on a payout can be to us
KINDS = (
    "sale",
    "refund",
    "fee",
    "fee_vat",
    "commission",
    "reversal",
    "reversal_back",
    "holdback",
    "release",
    "correction",
    "charge",
    "credit",
    "fee_refund",
    "fee_refund_vat",
    "tax",
    "repay",
    "deposit",
)

#: Type -> kind. Of a charge or a credit only the detail tells what it is for, and the detail has no default
DEFAULTS: dict[str, str | None] = {
    "SALE": "sale",
    "RETURN": "refund",
    "REVERSAL": "reversal",
    "REVERSAL_MERCHANT_PROTECTION": "reversal_back",
    "FEE": "fee",
    FEE_VAT: "fee_vat",
    "FEE_REFUND": "fee_refund",
    FEE_REFUND_VAT: "fee_refund_vat",
    "CORRECTION": "correction",
    "TAX": "tax",
    "COMMISSION": "commission",
    "CHARGE": None,
    "CREDIT": None,
    "HOLDBACK": "holdback",
    "RELEASE": "release",
    REPAY: "repay",
    DEPOSIT: "deposit",
}

_DETAILS = """
    PURCHASE PURCHASE_RETURN
    PURCHASE_FEE_PERCENTAGE PURCHASE_FEE_PERCENTAGE_REFUND PURCHASE_FEE_FIXED PERCENTAGE_FEES SERVICING_FEE
    RETURN_FEE LATE_RETURN_FEE EXPIRY_FEE EXPIRY_FEE_GROSS EXTEND_DUE_DATE_FEE EXTRA_INVOICE_FEE DISPUTE_FEE
    DISPUTE_FEE_REFUND FEE_REFUND
    COMMISSION PURCHASE_COMMISSION_PERCENTAGE COMMISSION_RETURN COMMISSION_RETURN_GROSS
    REVERSAL FRAUD_POLICY_CHARGE FRAUD_POLICY_CREDIT_NET PAYMENT_DEFAULT UNDER_REVIEW
    FIXED_FEE_CORRECTION FIXED_FEE_CORRECTION_SE FIXED_FEE_CORRECTION_UK
    PERCENTAGE_FEE_CORRECTION PERCENTAGE_FEE_CORRECTION_SE PERCENTAGE_FEE_CORRECTION_UK
    VAT_ON_FEE_CORRECTION_UK CORRECTION CORRECTION_DISPUTE CREDITED_CORRECTION MANUAL_ENTRY
    ROLLING_RESERVE INSUFFICIENT_BANK_ACCOUNT_DETAILS PAYMENT_REMINDER
    """
#: Details that are what their type is
DETAILS = frozenset(_DETAILS.split())
#: Details that Klarna has, but that say of no type what they are: a loan is none of the others
WITHOUT_DEFAULT = frozenset(
    {"LOAN_PAYOUT", "LOAN_AMORTISATION", "LOAN_FEE", "TRANSFER_FROM_LEGACY_INTEGRATION"}
)


def kind_of(code: str, mapping: Mapping[str, str] | None = None) -> str | None:
    """Return the kind of an effect, None for one that is to be mapped first.

    :param code: ``TYPE:DETAILED_TYPE`` or ``TYPE``
    :param mapping: what a person has said: kinds by code, which go before the default
    """
    if mapping and code in mapping:
        return mapping[code]
    type_, _colon, detail = code.partition(":")
    return DEFAULTS.get(type_) if not detail or detail in DETAILS else None
