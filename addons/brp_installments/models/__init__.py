from . import (
    account_move,
    brp_installment_plan,
    product_template,
    res_company,
    res_config_settings,
    res_currency,
    sale_order,
    sale_order_line,
)
