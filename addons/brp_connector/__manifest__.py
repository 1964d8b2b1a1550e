{
    "name": "BRP Connector",
    "version": "19.0.1.0.0",
    "summary": "Connections to outside services: cards, a queue that delivers once, problems shown",
    "category": "Productivity",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["mail"],
    "external_dependencies": {"python": ["python-stdnum"]},
    "data": [
        "security/brp_connector_security.xml",
        "security/ir.model.access.csv",
        "data/ir_cron.xml",
        "views/brp_exchange_views.xml",
        "views/brp_connection_views.xml",
        "views/menus.xml",
    ],
    "assets": {
        "web.assets_backend": ["brp_connector/static/src/**/*"],
    },
    "application": True,
}
