{
    "name": "BRP Personal Numbers",
    "version": "19.0.1.0.0",
    "summary": "Personal numbers (personnummer) of customers, kept private",
    "category": "Sales/Sales",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["base"],
    "external_dependencies": {"python": ["python-stdnum"]},
    "data": [
        "security/brp_personal_number_security.xml",
        "views/res_partner_views.xml",
    ],
}
