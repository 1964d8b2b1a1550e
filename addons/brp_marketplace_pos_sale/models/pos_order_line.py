from odoo import models


class PosOrderLine(models.Model):
    _inherit = "pos.order.line"

    def _book_slots(self):
        booked = super()._book_slots()
        self.sudo().sale_order_line_id._note_paid_in_till()
        return booked
