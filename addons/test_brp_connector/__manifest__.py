{
    "name": "BRP Connector: Tests",
    "version": "19.0.1.0.0",
    "summary": "A service for the tests of BRP Connector; nothing to install in a business",
    "category": "Hidden/Tests",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_connector"],
    "data": ["security/ir.model.access.csv"],
    "assets": {
        "web.assets_tests": ["test_brp_connector/static/tests/tours/**/*"],
    },
}
