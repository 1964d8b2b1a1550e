from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    accounting_event = fields.Selection(
        [
            ("tip", "Tip"),
            ("gift_card", "Gift card"),
            ("deposit", "Deposit"),
            ("fee", "Fee"),
        ],
        string="Booked as",
        help="What the sale of the product is in the accounts, when it is not a sale: it is then exported to"
        " the account of that event instead of the account of its product group.",
    )
