from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PosOrderLine(models.Model):
    """A line that sells places of a time, a booking for each when it is paid."""

    _inherit = "pos.order.line"

    slot_id = fields.Many2one(
        "brp.slot", string="Time", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    booking_ids = fields.One2many("brp.booking", "pos_order_line_id", readonly=True)
    booking_text = fields.Text(
        string="On the Receipt",
        compute="_compute_booking_text",
        compute_sudo=True,
        help="What the receipt tells of the bookings.",
    )

    @api.depends("slot_id", "order_id.state", "booking_ids.state", "booking_ids.name")
    @api.depends_context("lang")
    def _compute_booking_text(self):
        for line in self:
            booked = line.booking_ids.filtered(lambda booking: booking.state == "booked")
            texts = [
                self.env._("Booking %(number)s, code %(code)s", number=booking.name, code=booking.access_code)
                for booking in booked.sorted("id")
            ]
            missing = line.slot_id and line.order_id.state in ("paid", "done") and not line.booking_ids
            if missing and line.qty > 0:
                texts.append(self.env._("Not booked: somebody else has the time."))
            line.booking_text = "\n".join(texts)

    @api.model
    def _load_pos_data_fields(self, config):
        return [*super()._load_pos_data_fields(config), "slot_id", "booking_text"]

    @api.constrains("slot_id", "order_id")
    def _check_slot(self):
        for line in self.filtered("slot_id"):
            if line.slot_id.sudo().company_id != line.order_id.company_id:
                raise ValidationError(self.env._("The time is not sold in this till."))

    # === BOOKING === #

    def _book_slots(self):
        """Book the places that lines have sold and that are not booked yet.

        What the order has held for too long is taken anew if it is free. If it is not, the order tells so.
        """
        Occupancy = self.env["brp.occupancy"].sudo()
        for line in self.filtered(lambda line: line.slot_id and line.qty > 0 and not line.booking_ids):
            order, slot = line.order_id, line.slot_id.sudo()
            key = order._get_hold_key(order.uuid)
            count = round(line.qty)
            held = Occupancy.search([("hold", "=", key), ("slot_id", "=", slot.id)], order="id", limit=count)
            # From now on it does not expire, whatever it takes to find the rest.
            held.expires = False
            rows = held.ids
            if len(rows) < count and slot.state == "open":
                rows += slot._take(count - len(rows), {"hold": key})
            if rows:
                line._make_bookings(rows)
            if len(rows) < count:
                order._warn_not_booked(slot, count - len(rows))
        # Also what was moved to an order of its own before this one was paid.
        for order in self.order_id:
            Occupancy._release([("hold", "=", order._get_hold_key(order.uuid)), ("booking_id", "=", False)])

    def _make_bookings(self, rows):
        """Make the bookings of places that have been taken for the line."""
        self.ensure_one()
        partner = self.order_id.partner_id or self.env["res.partner"]._get_walk_in()
        price = self.currency_id.round(self.price_subtotal_incl / self.qty)
        return (
            self.env["brp.booking"]
            .sudo()
            ._book(
                rows,
                [
                    {
                        "slot_id": self.slot_id.id,
                        "partner_id": partner.id,
                        "pos_order_line_id": self.id,
                        "price": price,
                        "source": "till",
                    }
                    for _row in rows
                ],
            )
        )

    # === REFUNDING === #

    def _count_given_back(self):
        """Return how many of the line's bookings the till has given back the money for.

        A place that was paid and never booked is given back first.
        """
        self.ensure_one()
        refunds = self.refund_orderline_ids.filtered(lambda line: line.order_id.state in ("paid", "done"))
        never_booked = max(round(self.qty) - len(self.booking_ids), 0)
        return max(round(-sum(refunds.mapped("qty"))) - never_booked, 0)

    def _cancel_given_back(self):
        """Cancel the bookings whose money the till has given back: the places are free at once."""
        for line in self.sudo():
            booked = line.booking_ids.filtered(lambda booking: booking.state == "booked").sorted("id")
            cancelled = len(line.booking_ids) - len(booked)
            if (count := line._count_given_back() - cancelled) > 0:
                booked[-count:]._cancel("customer")
