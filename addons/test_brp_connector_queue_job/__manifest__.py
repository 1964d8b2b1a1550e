{
    "name": "BRP Connector by Job Queue: Tests",
    "version": "19.0.1.0.0",
    "summary": "The tests of BRP Connector over queue_job; nothing to install in a business",
    "category": "Hidden/Tests",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_connector_queue_job", "test_brp_connector"],
}
