from odoo import api, fields, models
from odoo.exceptions import UserError


class BookingPay(models.TransientModel):
    """The dialog in which the desk takes payment for a booking, and all that is open of its order."""

    _name = "brp.booking.pay"
    _description = "Take Payment"

    booking_id = fields.Many2one("brp.booking", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="booking_id.company_id", related_sudo=False)
    partner_id = fields.Many2one(related="booking_id.partner_id", related_sudo=False)
    order_id = fields.Many2one(related="booking_id.order_id", related_sudo=False)
    currency_id = fields.Many2one(related="order_id.currency_id")
    # What was open when the dialog was opened: that is what the customer is told.
    amount = fields.Monetary(string="To Pay", readonly=True, help="All that is open of the order.")
    booking_ids = fields.Many2many("brp.booking", compute="_compute_booking_ids", string="Bookings")
    journal_ids = fields.Many2many("account.journal", compute="_compute_journal_ids")
    journal_id = fields.Many2one(
        "account.journal",
        string="Paid With",
        check_company=True,
        domain="[('id', 'in', journal_ids)]",
    )

    @api.depends("booking_id")
    def _compute_booking_ids(self):
        for wizard in self:
            wizard.booking_id.check_access("read")
            wizard.booking_ids = wizard.booking_id.order_id._get_open_bookings().sudo(self.env.su)

    @api.depends("booking_id")
    @api.depends_context("uid")
    def _compute_journal_ids(self):
        for wizard in self:
            facility = wizard.booking_id.facility_id
            wizard.journal_ids = facility._get_pay_journals() if facility else False

    def action_take_payment(self):
        """Invoice what is open, and have it paid."""
        self.ensure_one()
        booking = self.booking_id
        booking.check_access("write")
        if obstacle := booking._find_pay_obstacle():
            raise UserError(obstacle)
        if not self.journal_id:
            raise UserError(self.env._("Choose what it is paid with."))
        booking.facility_id._check_pay_journal(self.journal_id)
        booking.order_id._take_payment(self.journal_id, self.amount)
        return {"type": "ir.actions.act_window_close"}
