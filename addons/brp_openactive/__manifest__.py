{
    "name": "BRP OpenActive",
    "version": "19.0.1.0.0",
    "summary": "Free times published, and booked by marketplaces, by the open standard OpenActive",
    "category": "Sales/Sales",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_marketplace"],
    "data": [
        "security/ir.model.access.csv",
        "data/brp_openactive_type.xml",
        "data/ir_cron.xml",
        "views/brp_activity_views.xml",
        "views/brp_connection_views.xml",
    ],
    "post_init_hook": "publish",
}
