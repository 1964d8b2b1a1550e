{
    "name": "BRP Accounting Export of the Till",
    "version": "19.0.1.0.0",
    "summary": "The till's day in the accounting export: product groups, tips, rounding and differences",
    "category": "Accounting/Accounting",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_accounting_export", "point_of_sale"],
    "data": ["views/pos_session_views.xml"],
    "auto_install": True,
}
