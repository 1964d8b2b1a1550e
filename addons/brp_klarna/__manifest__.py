{
    "name": "BRP Klarna",
    "version": "19.0.1.0.0",
    "summary": "Klarna's sales, refunds, fees and payouts booked by themselves",
    "category": "Accounting/Accounting",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_settlement"],
    "data": [
        "security/brp_klarna_security.xml",
        "security/ir.model.access.csv",
        "data/ir_cron.xml",
        "report/brp_klarna_day_report.xml",
        "wizards/brp_klarna_activate_views.xml",
        "views/brp_connection_views.xml",
        "views/brp_klarna_day_views.xml",
        "views/brp_payout_views.xml",
    ],
    "assets": {
        "web.assets_tests": ["brp_klarna/static/tests/tours/**/*"],
    },
}
