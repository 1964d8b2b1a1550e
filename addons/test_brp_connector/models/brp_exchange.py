from odoo import fields, models


class Exchange(models.Model):
    _inherit = "brp.exchange"

    operation = fields.Selection(
        selection_add=[("thing", "Thing"), ("things", "Things, Several at Once")],
        ondelete={"thing": "cascade", "things": "cascade"},
    )
