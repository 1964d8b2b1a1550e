from . import (
    account_payment_method,
    account_move,
    account_move_send,
    ir_attachment,
    res_company,
    res_config_settings,
    res_partner,
    brp_autogiro_mandate,
    brp_autogiro_payment,
    brp_autogiro_batch,
    brp_autogiro_report,
    brp_autogiro_report_line,
)
