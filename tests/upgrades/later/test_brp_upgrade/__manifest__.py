{
    "name": "BRP Upgrade: Tests",
    "version": "19.0.1.1.0",
    "summary": "An addon in two versions, for the test of upgrades; nothing to install in a business",
    "category": "Hidden/Tests",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["base"],
    "data": ["security/ir.model.access.csv"],
}
