from odoo import fields, models


class Exchange(models.Model):
    _inherit = "brp.exchange"

    operation = fields.Selection(
        selection_add=[("24seven_order", "Invoice to 24SevenOffice")], ondelete={"24seven_order": "cascade"}
    )
