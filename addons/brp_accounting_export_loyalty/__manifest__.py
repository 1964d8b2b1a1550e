{
    "name": "BRP Gift Cards in the Accounting Export",
    "version": "19.0.1.0.0",
    "summary": "Gift cards and eWallets, sold and redeemed, are debts in the other accounting system",
    "category": "Accounting/Accounting",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_accounting_export", "loyalty"],
    "post_init_hook": "post_init_hook",
    "auto_install": True,
}
