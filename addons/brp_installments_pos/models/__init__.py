from . import (
    account_move,
    pos_config,
    pos_order,
    pos_order_line,
    pos_payment,
    pos_payment_method,
    product_template,
    res_config_settings,
)
