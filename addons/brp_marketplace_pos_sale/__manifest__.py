{
    "name": "BRP Marketplace in the Till, with Sales Orders",
    "version": "19.0.1.0.0",
    "summary": "Times that were booked on a sales order are paid and refunded in the Point of Sale",
    "category": "Sales/Point of Sale",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_marketplace_pos", "pos_sale"],
    "auto_install": True,
}
