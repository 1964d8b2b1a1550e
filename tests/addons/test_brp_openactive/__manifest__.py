{
    "name": "BRP OpenActive: Test Interface",
    "version": "19.0.1.0.0",
    "summary": "Makes and removes times for the standard's test suite; never to be installed in a business",
    "category": "Hidden/Tests",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_openactive"],
    "pre_init_hook": "refuse_in_a_business",
    "post_init_hook": "build_hall",
}
