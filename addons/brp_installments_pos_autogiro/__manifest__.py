{
    "name": "BRP Installments by Autogiro in the Till",
    "version": "19.0.1.0.0",
    "summary": "The till asks for bank account and personal number when a plan is collected by Autogiro",
    "category": "Sales/Point of Sale",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_installments_autogiro", "brp_installments_pos"],
    "assets": {
        "point_of_sale._assets_pos": ["brp_installments_pos_autogiro/static/src/app/**/*"],
        "web.assets_tests": ["brp_installments_pos_autogiro/static/tests/tours/**/*"],
        "web.assets_unit_tests": ["brp_installments_pos_autogiro/static/tests/unit/**/*"],
    },
    "auto_install": True,
}
