from odoo import api, fields, models


class PosOrder(models.Model):
    _inherit = "pos.order"

    slot_warning = fields.Text(
        string="Not Booked",
        readonly=True,
        copy=False,
        help="Times that were paid here while somebody else had booked them.",
    )
    booking_count = fields.Integer(compute="_compute_booking_count", string="Bookings", compute_sudo=True)

    @api.depends("lines.booking_ids")
    def _compute_booking_count(self):
        for order in self:
            order.booking_count = len(order.lines.booking_ids)

    @api.model
    def _get_hold_key(self, uuid):
        """Return the key that places are held with for an order of a till."""
        return f"till:{uuid}"

    def action_pos_order_paid(self):
        """Override of ``point_of_sale``: what is paid is booked, what is given back is cancelled."""
        done = super().action_pos_order_paid()
        self.lines._book_slots()
        self.lines.refunded_orderline_id._cancel_given_back()
        return done

    def action_pos_order_cancel(self):
        for order in self.filtered(lambda order: order.state == "draft"):
            self.env["brp.occupancy"].sudo()._let_go(self._get_hold_key(order.uuid))
        return super().action_pos_order_cancel()

    def _warn_not_booked(self, slot, count):
        """Tell that places that were paid are not to be had: on the order, and to who took the money.

        A sale that has been made is never lost: it may have been made without connection.
        """
        self.ensure_one()
        warning = self.env._(
            "%(time)s: %(count)s paid and not booked, somebody else has it. Refund it and book another time.",
            time=slot.display_name,
            count=count,
        )
        self.slot_warning = "\n".join(filter(None, [self.slot_warning, warning]))
        self.message_post(body=warning)
        # Orders have no activities, but their sessions do.
        self.session_id.sudo().activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("Book anew: %s", slot.display_name),
            note=self.env._("Receipt %(receipt)s. %(warning)s", receipt=self.pos_reference, warning=warning),
            user_id=self.user_id.id,
        )

    def action_view_bookings(self):
        """Show what was booked on the order."""
        action = self.env["ir.actions.actions"]._for_xml_id("brp_marketplace.brp_booking_action")
        return action | {"domain": [("pos_order_id", "in", self.ids)], "context": {"create": False}}
