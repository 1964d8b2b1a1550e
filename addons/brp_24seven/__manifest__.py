{
    "name": "BRP 24SevenOffice",
    "version": "19.0.1.0.0",
    "summary": "Invoices handed over to 24SevenOffice as orders, and their paid status back",
    "category": "Accounting/Accounting",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_connector", "sale"],
    "external_dependencies": {"python": ["xmltodict"]},
    "data": [
        "security/brp_24seven_security.xml",
        "security/ir.model.access.csv",
        "data/ir_cron.xml",
        "wizards/brp_24seven_activate_views.xml",
        "wizards/brp_24seven_customer_views.xml",
        "views/brp_connection_views.xml",
        "views/account_move_views.xml",
        "views/sale_order_views.xml",
        "views/res_partner_views.xml",
    ],
    "assets": {
        "web.assets_tests": ["brp_24seven/static/tests/tours/**/*"],
    },
}
