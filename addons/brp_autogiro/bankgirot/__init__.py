"""Bankgirot's Autogiro: its files, codes, seal, numbers and banking days. Knows nothing of Odoo."""

from .accounts import AccountError, AccountWarning, BankAccount, mask_account, read_account, show_account
from .bankday import (
    add_bank_days,
    bank_day_on_or_after,
    bank_day_on_or_before,
    bank_days_between,
    is_bank_day,
)
from .codes import (
    ADVICE_COMMENT,
    CHANGE_COMMENT,
    CHANGE_TK,
    INFORMATION,
    PAYMENT_STATUS,
    REFUND_CODE,
    REJECTED_COMMENT,
    meaning,
)
from .hmac_seal import SealError, key_check_value, seal, verify
from .numbers import (
    NumberError,
    read_bankgiro,
    read_organisation_number,
    read_payer_number,
    same_payer_number,
    show_bankgiro,
)
from .outgoing import (
    AcceptMandate,
    CancelMandate,
    CancelPayer,
    CancelPayerDate,
    CancelPayment,
    ChangePayerNumber,
    Collect,
    MoveAll,
    MoveDate,
    MovePayerDate,
    MovePayment,
    NewMandate,
    OutgoingError,
    PayOut,
    RejectMandate,
    Section,
    read_outgoing,
    write_file,
)
from .problems import ReportError, ReportWarning
from .records import (
    Advice,
    Change,
    Deposit,
    ElectronicMandate,
    Layout,
    Monitored,
    PaymentRow,
    Refund,
    Registered,
    Rejected,
    Report,
    ReportKind,
    ReportSection,
)
from .reports import read_report
