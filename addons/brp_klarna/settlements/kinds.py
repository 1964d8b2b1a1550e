"""What Klarna's types and detailed types are to us, until a person says otherwise.

Klarna's lists are open: what is not in here has no kind, and is to be mapped before it is booked.
Source: Klarna's description of the Settlements API and of settlement reports.
"""

from .control import DEPOSIT, REPAY
from .effects import FEE_REFUND_VAT, FEE_VAT

#: Type -> what it is to us, until a person says otherwise
DEFAULTS = {
    "SALE": "sale",
    "RETURN": "refund",
    "REVERSAL": "reversal",
    "REVERSAL_MERCHANT_PROTECTION": "reversal",
    "FEE": "fee",
    FEE_VAT: "fee_vat",
    "FEE_REFUND": "fee",
    FEE_REFUND_VAT: "fee_vat",
    "CORRECTION": "correction",
    "TAX": "fee_vat",
    "COMMISSION": "commission",
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


def stands_for_type(code: str) -> bool:
    """Return whether a code means what its type means: it has no detail, or one that we know.

    A loan's details are none of them, nor is what has not been heard of: they are to be mapped first, as
    charges and credits are, of which the type alone tells nothing.

    :param code: ``TYPE:DETAILED_TYPE`` or ``TYPE``
    """
    detail = code.partition(":")[2]
    return not detail or detail in DETAILS
