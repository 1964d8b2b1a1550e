from . import (
    account_invoice_report,
    account_move,
    account_move_line,
    account_partial_reconcile,
    brp_installment_plan,
    product_template,
    res_company,
    res_config_settings,
    res_currency,
    res_partner,
    sale_order,
    sale_order_line,
)
