from odoo import models
from odoo.exceptions import UserError


class SaleOrderLine(models.Model):
    """Lines whose bookings are paid in a till: from then on they are the till's, as if it had sold them."""

    _inherit = "sale.order.line"

    def _get_till_lines(self):
        """Return the lines of tills that have been paid for the line."""
        return self.sudo().pos_order_line_ids.filtered(
            lambda line: line.order_id.state in ("paid", "done") and line.qty > 0
        )

    def _note_paid_in_till(self):
        """Note in which till's line bookings were paid: that is where they are refunded, and cancelled."""
        for line in self:
            for till_line in line._get_till_lines():
                count = max(round(till_line.qty) - len(till_line.booking_ids), 0)
                unpaid = line.sudo().booking_ids.filtered(
                    lambda booking: booking.state == "booked" and not booking.pos_order_line_id
                )
                unpaid[:count].pos_order_line_id = till_line

    def _book_slots(self):
        """Override of ``brp_marketplace``: a quotation that the till has been paid for is booked, and if a
        time is not to be had, the till's order tells so: the sale is not lost."""
        paid = self.filtered(lambda line: line.slot_id and not line.booking_ids and line._get_till_lines())
        for line in paid:
            try:
                with self.env.cr.savepoint():
                    super(SaleOrderLine, line)._book_slots()
            except UserError:
                order = line._get_till_lines().order_id[:1]
                order._warn_not_booked(line.slot_id, round(line.product_uom_qty))
        paid._note_paid_in_till()
        return super(SaleOrderLine, self - paid)._book_slots()
