from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class BookingCancel(models.TransientModel):
    """The dialog in which the facility cancels bookings, and tells the customers why."""

    _name = "brp.booking.cancel"
    _description = "Cancel Bookings"

    booking_ids = fields.Many2many("brp.booking", required=True)
    message = fields.Text(help="The customer reads it.")
    amount = fields.Monetary(compute="_compute_amount", string="Given Back")
    currency_id = fields.Many2one(related="booking_ids.currency_id")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        bookings = self.env["brp.booking"].browse(self.env.context.get("active_ids", []))
        if "booking_ids" in fields and self.env.context.get("active_model") == "brp.booking":
            booked = bookings.filtered(lambda booking: booking.state == "booked")
            values["booking_ids"] = [Command.set(booked.ids)]
        return values

    @api.depends("booking_ids")
    def _compute_amount(self):
        for wizard in self:
            charged = wizard.booking_ids.filtered(lambda booking: booking.paid in ("paid", "invoiced"))
            wizard.amount = sum(charged.mapped("price"))

    def action_cancel(self):
        """Cancel the bookings."""
        self.ensure_one()
        if not self.booking_ids:
            raise UserError(self.env._("These are cancelled already."))
        self.booking_ids.check_access("write")
        self.booking_ids._cancel("facility", self.message)
        return {"type": "ir.actions.act_window_close"}
