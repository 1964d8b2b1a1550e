from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.mail import plaintext2html


class Booking(models.Model):
    """Moving bookings to another time: the price, the order and the invoice stay what they are."""

    _inherit = "brp.booking"

    has_begun = fields.Boolean(compute="_compute_has_begun")
    moved_date = fields.Datetime(string="Moved On", readonly=True, copy=False)
    move_count = fields.Integer(string="Times Moved", readonly=True, copy=False)
    move_message = fields.Text(
        string="Message about the New Time", readonly=True, copy=False, help="What the customer was told."
    )

    @api.depends("start")
    def _compute_has_begun(self):
        now = fields.Datetime.now()
        for booking in self:
            booking.has_begun = bool(booking.start and booking.start <= now)

    def action_move(self):
        """Open the dialog that moves the booking, or tell why it cannot be moved."""
        self.ensure_one()
        if obstacle := self._find_move_obstacle():
            raise UserError(obstacle)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move %s", self.display_name),
            "res_model": "brp.booking.move",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_booking_id": self.id},
        }

    # === WHAT CAN BE CHOSEN === #

    def _find_move_obstacle(self):
        """Return why the booking cannot be moved to any time, or nothing."""
        self.ensure_one()
        if self.state != "booked":
            return self.env._("%s is cancelled: book a time anew.", self.display_name)
        if self.has_begun:
            return self.env._("%s has begun and cannot be moved.", self.slot_id.display_name)
        if self.connection_id:
            return self.env._(
                "%(booking)s was sold by %(marketplace)s, which would not know of another time: cancel it"
                " with a message, and the customer books anew.",
                booking=self.display_name,
                marketplace=self.connection_id.sudo().name,
            )
        return False

    def _find_time_obstacle(self, slot):
        """Return why the booking cannot be moved to a time, or nothing; that it is full is another thing.

        What was sold stays sold: so the time is of the same product, with its VAT and accounts, and costs
        the same.
        """
        self.ensure_one()
        if slot == self.slot_id:
            return self.env._("%s is when it is booked already: choose another time.", slot.display_name)
        if slot.company_id != self.company_id:
            return self.env._("%s is another company's: cancel the booking and book anew.", slot.display_name)
        if slot.product_id != self.product_id:
            return self.env._(
                "%(time)s is %(product)s, the booking is %(booked)s: cancel it and book anew.",
                time=slot.display_name,
                product=slot.product_id.name,
                booked=self.product_id.name,
            )
        if all(slot.currency_id.compare_amounts(slot.price, price) for price in self._get_move_prices()):
            return self.env._(
                "%(time)s costs %(price)s, the booking %(booked)s: cancel it and book anew.",
                time=slot.display_name,
                price=slot.currency_id.format(slot.price),
                booked=slot.currency_id.format(self.price),
            )
        return slot._find_obstacle(at_desk=True)

    def _get_move_prices(self):
        """Return what times may cost that the booking is moved to, VAT included.

        What the customer pays, or what the booked time costs: a discount goes along.
        """
        return [self.price, self.slot_id.price]

    def _get_move_domain(self):
        """Return the domain of the times that the bookings, all at one time, can be moved to."""
        slot = self.slot_id
        same = (
            Domain("company_id", "=", slot.company_id.id)
            & Domain("product_id", "=", slot.product_id.id)
            & Domain("price", "in", self[:1]._get_move_prices())
            & Domain("state", "=", "open")
            & Domain("stop", ">", fields.Datetime.now())
            & Domain("resource_id.active", "=", True)
            & Domain("facility_id.active", "=", True)
            & Domain("id", "!=", slot.id)
        )
        # What overlaps with the booked time is taken by the bookings themselves.
        overlapping = self.env["brp.slot"].search(
            same
            & Domain("resource_id", "=", slot.resource_id.id)
            & Domain("start", "<", slot.stop)
            & Domain("stop", ">", slot.start)
        )
        counts = overlapping._count_places(but_for=self)
        fitting = overlapping.filtered(lambda other: counts[other.id][1] >= len(self))
        return same & (Domain("free", ">=", len(self)) | Domain("id", "in", fitting.ids))

    def _find_party(self):
        """Return the bookings that were sold together with this one and are at the same time, with it."""
        self.ensure_one()
        party = self.sudo().order_line_id.booking_ids
        return self | party.filtered(self._is_at_same_time).sudo(self.env.su)

    def _is_at_same_time(self, other):
        return other.state == "booked" and other.slot_id == self.slot_id

    # === MOVING === #

    def _move(self, slot, message=False):
        """Move bookings to another time: their places there are taken, and those that they had are free.

        Invoices that are posted stay as they are. Customers of the desk and of our page are told by letter.

        :param message: to the customer
        :raise UserError: not all of them can be moved there, or somebody was first: then nothing is moved
        """
        # Somebody else may be moving or cancelling them just now, or others of their lines, which follow all
        # of theirs: then this is done anew.
        (self | self.sudo().order_line_id.booking_ids).lock_for_update()
        for booking in self:
            if obstacle := booking._find_move_obstacle() or booking._find_time_obstacle(slot):
                raise UserError(obstacle)
        left = {booking: booking.slot_id.display_name for booking in self}
        self._move_places(slot)
        now = fields.Datetime.now()
        for booking in self:
            # As long before the start as it was when it was booked.
            until = booking.cancel_until and booking.cancel_until + (slot.start - booking.start)
            booking.sudo().write(
                {
                    "slot_id": slot.id,
                    "cancel_until": until,
                    "moved_date": now,
                    "move_count": booking.move_count + 1,
                    "move_message": message,
                }
            )
            note = self.env._("Moved from %(old)s to %(new)s.", old=left[booking], new=slot.display_name)
            booking.message_post(body=plaintext2html("\n".join(filter(None, [note, message]))))
        self.sudo().order_line_id._follow_bookings()
        self._note_moved()

    def _move_places(self, slot):
        """Give up the places of the bookings, and take as many of another time."""
        Occupancy = self.env["brp.occupancy"].sudo()
        Occupancy._lock((self.slot_id + slot).resource_id)
        # First, as the two times may overlap.
        Occupancy._release([("booking_id", "in", self.ids)])
        rows = Occupancy.browse(slot._take_all(len(self), {}))
        for row, booking in zip(rows, self, strict=True):
            row.booking_id = booking

    def _note_moved(self):
        """Do what follows from another time; addons add to it."""
        for order in self._get_told_orders():
            order._mail_booking()

    def _get_told_orders(self):
        """Return the orders whose customers are told of another time by letter."""
        sold_here = self.sudo().filtered(lambda booking: booking.source in ("desk", "page"))
        return sold_here.order_id.filtered("partner_id.email")
