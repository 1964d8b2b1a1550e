{
    "name": "BRP: Tests of Rights and Secrets",
    "version": "19.0.1.0.0",
    "summary": "Tries what each group may do in all addons at once; nothing to install in a business",
    "category": "Hidden/Tests",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": [
        "brp_24seven",
        "brp_accounting_export_loyalty",
        "brp_accounting_export_pos",
        "brp_installments_pos_autogiro",
        "brp_klarna",
        "brp_marketplace_pos_sale",
        "brp_openactive",
        "brp_personal_number",
        "brp_settlement_accounting_export",
    ],
}
