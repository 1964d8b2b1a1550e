{
    "name": "BRP Installments by Autogiro",
    "version": "19.0.1.0.0",
    "summary": "Installment plans that are collected by Autogiro",
    "category": "Sales/Sales",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_installments", "brp_autogiro"],
    "data": [
        "wizards/brp_installment_sale_views.xml",
        "views/account_move_views.xml",
        "views/brp_autogiro_batch_views.xml",
        "views/brp_installment_plan_views.xml",
    ],
    "assets": {
        "web.assets_tests": ["brp_installments_autogiro/static/tests/tours/**/*"],
    },
    "auto_install": True,
}
