from odoo import api, fields, models
from odoo.exceptions import UserError


class Booking(models.Model):
    """Bookings that were sold in a till: paid there, and refunded there."""

    _inherit = "brp.booking"

    source = fields.Selection(selection_add=[("till", "Till")], ondelete={"till": "set default"})
    pos_order_line_id = fields.Many2one(
        "pos.order.line", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    pos_order_id = fields.Many2one(
        related="pos_order_line_id.order_id", store=True, string="Till Order", index="btree_not_null"
    )

    @api.depends(
        "pos_order_id.state",
        "pos_order_id.account_move.payment_state",
        "pos_order_id.payment_ids.payment_method_id.type",
    )
    def _compute_paid(self):
        in_till = self.filtered("pos_order_line_id")
        for booking in in_till:
            order = booking.sudo().pos_order_id
            invoice = order.account_move
            if booking.state == "cancelled":
                booking.paid = "refunded"
            elif invoice:
                settled = invoice.payment_state in ("paid", "in_payment", "reversed")
                booking.paid = "paid" if settled else "invoiced"
            else:
                # What is put on the customer's account is owed.
                owed = "pay_later" in order.payment_ids.payment_method_id.mapped("type")
                booking.paid = "no" if owed else "paid"
        return super(Booking, self - in_till)._compute_paid()

    def action_view_pos_order(self):
        """Show the order of the till that the booking was sold on."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "pos.order",
            "res_id": self.pos_order_id.id,
            "views": [(False, "form")],
        }

    # === PAYING === #

    def _find_pay_obstacle(self):
        if self.pos_order_line_id:
            return self.env._(
                "%(booking)s was sold in the till, on receipt %(receipt)s: it is paid there.",
                booking=self.display_name,
                receipt=self.sudo().pos_order_id.pos_reference,
            )
        return super()._find_pay_obstacle()

    # === MOVING === #

    def _find_party(self):
        party = self.sudo().pos_order_line_id.booking_ids
        return super()._find_party() | party.filtered(self._is_at_same_time).sudo(self.env.su)

    # === CANCELLATION === #

    def _find_cancel_obstacle(self, now=None):
        if obstacle := super()._find_cancel_obstacle(now):
            return obstacle
        if self.pos_order_line_id:
            return self.env._(
                "%s was paid at the desk: ask there to have it cancelled, and get the money back.",
                self.slot_id.display_name,
            )
        return False

    def _credit(self):
        """Override of ``brp_marketplace``: the till gives back what was paid there, and before that nothing
        is cancelled."""
        in_till = self.filtered("pos_order_line_id")
        for line in in_till.pos_order_line_id:
            cancelled = line.booking_ids.filtered(lambda booking: booking.state == "cancelled")
            if len(cancelled) > line._count_given_back():
                raise UserError(
                    self.env._(
                        "%(booking)s was sold in the till, on receipt %(receipt)s: refund it in the till. The"
                        " booking is cancelled with it.",
                        booking=(cancelled & in_till)[:1].display_name,
                        receipt=line.order_id.pos_reference,
                    )
                )
        return super(Booking, self - in_till)._credit()

    def _note(self, notice):
        # Who sold and refunded them in the till is the facility itself.
        return super(Booking, self.filtered(lambda booking: not booking.pos_order_line_id))._note(notice)
