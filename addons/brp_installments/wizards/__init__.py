from . import (
    account_move_reversal,
    brp_installment_reschedule,
    brp_installment_sale,
    sale_advance_payment_inv,
)
