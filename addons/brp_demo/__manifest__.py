{
    "name": "BRP Demo: Sundby Aktivitetscenter AB",
    "version": "19.0.1.0.0",
    "summary": "A Swedish activity centre with installments and Autogiro set up and some months of history",
    "category": "Sales/Sales",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": [
        "brp_accounting_export",
        "brp_installments_autogiro",
        "brp_klarna",
        "brp_personal_number",
        "brp_settlement_accounting_export",
        "contacts",
        "payment_demo",
    ],
    "data": [
        "data/product_product.xml",
        "data/res_partner.xml",
        "data/res_users.xml",
    ],
    "pre_init_hook": "pre_init_hook",
    "post_init_hook": "post_init_hook",
}
