{
    "name": "BRP Settlement",
    "version": "19.0.1.0.0",
    "summary": "Payouts of those who collect for you, less their fee: explained, booked and matched",
    "category": "Accounting/Accounting",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["account", "brp_connector"],
    "data": [
        "security/brp_settlement_security.xml",
        "security/ir.model.access.csv",
        "data/ir_cron.xml",
        "views/brp_payout_mapping_views.xml",
        "views/brp_payout_line_views.xml",
        "views/brp_payout_views.xml",
        "views/brp_payout_channel_views.xml",
        "views/menus.xml",
    ],
}
