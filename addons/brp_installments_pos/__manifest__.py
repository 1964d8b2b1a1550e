{
    "name": "BRP Installments in the Till",
    "version": "19.0.1.0.0",
    "summary": "Pay in installments (delbetala) in the Point of Sale",
    "category": "Sales/Point of Sale",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_installments", "point_of_sale"],
    "data": [
        "views/pos_payment_method_views.xml",
        "views/pos_order_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "assets": {
        "point_of_sale._assets_pos": ["brp_installments_pos/static/src/app/**/*"],
        "web.assets_tests": ["brp_installments_pos/static/tests/tours/**/*"],
        "web.assets_unit_tests": ["brp_installments_pos/static/tests/unit/**/*"],
    },
    "auto_install": True,
}
