{
    "name": "BRP Marketplace in the Till",
    "version": "19.0.1.0.0",
    "summary": "Times are booked and refunded in the Point of Sale",
    "category": "Sales/Point of Sale",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_marketplace", "point_of_sale"],
    "data": [
        "security/ir.model.access.csv",
        "data/res_partner.xml",
        "views/brp_booking_views.xml",
        "views/pos_order_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "assets": {
        "point_of_sale._assets_pos": ["brp_marketplace_pos/static/src/app/**/*"],
        "web.assets_tests": ["brp_marketplace_pos/static/tests/tours/**/*"],
    },
    "auto_install": True,
}
