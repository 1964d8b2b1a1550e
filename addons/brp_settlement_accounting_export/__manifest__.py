{
    "name": "BRP Settlement in the Accounting Export",
    "version": "19.0.1.0.0",
    "summary": "Payouts have vouchers of their own in the other accounting system",
    "category": "Accounting/Accounting",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_settlement", "brp_accounting_export"],
    "auto_install": True,
}
