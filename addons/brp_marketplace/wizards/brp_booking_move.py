from odoo import api, fields, models
from odoo.fields import Domain


class BookingMove(models.TransientModel):
    """The dialog in which the facility moves a booking to another time, and tells the customer of it."""

    _name = "brp.booking.move"
    _description = "Move a Booking"

    booking_id = fields.Many2one("brp.booking", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="booking_id.company_id")
    currency_id = fields.Many2one(related="booking_id.currency_id")
    partner_id = fields.Many2one(related="booking_id.partner_id")
    old_slot_id = fields.Many2one(related="booking_id.slot_id", string="Booked Time")
    price = fields.Monetary(related="booking_id.price")
    party_size = fields.Integer(compute="_compute_party_size", string="Places Sold Together")
    with_party = fields.Boolean(
        string="Move All of Them", help="All places that were sold together for this time."
    )
    first_day = fields.Date(
        string="From Day",
        compute="_compute_first_day",
        store=True,
        readonly=False,
        help="Times from this day on are shown.",
    )
    slot_domain = fields.Binary(compute="_compute_slot_domain")
    slot_id = fields.Many2one("brp.slot", string="New Time", required=True, ondelete="cascade")
    free = fields.Integer(related="slot_id.free")
    email = fields.Char(string="Letter To", compute="_compute_email", help="Who is told of the new time.")
    message = fields.Text(help="The customer reads it.")

    @api.depends("booking_id")
    def _compute_party_size(self):
        for wizard in self:
            wizard.party_size = len(wizard.booking_id._find_party()) if wizard.booking_id else 0

    @api.depends("booking_id")
    def _compute_first_day(self):
        for wizard in self:
            wizard.first_day = wizard.old_slot_id._get_local_day() if wizard.old_slot_id else False

    @api.depends("booking_id")
    def _compute_email(self):
        for wizard in self:
            wizard.email = wizard.booking_id._get_told_orders().partner_id.email

    @api.depends("booking_id", "with_party", "first_day")
    def _compute_slot_domain(self):
        for wizard in self:
            domain = wizard._get_bookings()._get_move_domain() if wizard.booking_id else Domain.FALSE
            if wizard.first_day and wizard.booking_id:
                midnight = wizard.booking_id.facility_id._get_midnight(wizard.first_day)
                domain &= Domain("start", ">=", fields.Datetime.to_string(midnight))
            wizard.slot_domain = list(domain)

    def _get_bookings(self):
        booking = self.booking_id
        return booking._find_party() if self.with_party else booking

    def action_move(self):
        """Move the booking, and show it."""
        self.ensure_one()
        bookings = self._get_bookings()
        bookings.check_access("write")
        self.slot_id.check_access("read")
        bookings._move(self.slot_id, self.message)
        return {"type": "ir.actions.act_window_close"}
