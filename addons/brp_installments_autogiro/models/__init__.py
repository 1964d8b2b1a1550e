from . import account_move, account_move_send, brp_autogiro_batch, brp_installment_plan, sale_order
