from . import (
    account_move,
    account_move_send,
    brp_autogiro_batch,
    brp_autogiro_mandate,
    brp_installment_order,
    brp_installment_plan,
)
