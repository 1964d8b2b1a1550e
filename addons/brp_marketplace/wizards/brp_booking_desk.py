from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class BookingDesk(models.TransientModel):
    """The dialog that books a time at the desk."""

    _name = "brp.booking.desk"
    _description = "Book a Time"

    slot_id = fields.Many2one("brp.slot", string="Time", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="slot_id.company_id")
    currency_id = fields.Many2one(related="slot_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Customer", check_company=True)
    name = fields.Char()
    email = fields.Char()
    phone = fields.Char()
    places = fields.Integer(default=1, required=True)
    free = fields.Integer(related="slot_id.free")
    price = fields.Monetary(compute="_compute_price", help="VAT included.")
    journal_id = fields.Many2one(
        "account.journal",
        string="Paid With",
        check_company=True,
        domain="[('id', 'in', journal_ids)]",
        help="Invoiced and paid at once. Leave it empty to have the order invoiced later.",
    )
    journal_ids = fields.Many2many("account.journal", compute="_compute_journal_ids")

    @api.depends("slot_id", "places")
    def _compute_price(self):
        for wizard in self:
            wizard.price = wizard.slot_id.price * wizard.places

    @api.depends("slot_id")
    @api.depends_context("uid")
    def _compute_journal_ids(self):
        for wizard in self:
            facility = wizard.slot_id.facility_id
            wizard.journal_ids = facility._get_pay_journals() if facility else False

    def action_book(self):
        """Book the time; show the booking, or the order if there are several."""
        self.ensure_one()
        slot = self.slot_id
        if self.journal_id:
            slot.facility_id._check_pay_journal(self.journal_id)
        partner = self.partner_id or self._find_or_make_customer()
        values = {
            "partner_id": partner.id,
            "company_id": slot.company_id.id,
            "booking_source": "desk",
            # The price is the time's, whatever else the customer pays by.
            "pricelist_id": False,
            "order_line": [Command.create(slot._prepare_order_line() | {"product_uom_qty": self.places})],
        }
        if self.journal_id:
            # What is paid at once is paid whole: no instalments, no discount for who pays early.
            values["payment_term_id"] = False
        order = self.env["sale.order"].create(values)
        order.action_confirm()
        if self.journal_id:
            order._take_payment(self.journal_id)
        bookings = order.booking_ids
        if len(bookings) > 1:
            return order.action_view_bookings()
        return {
            "type": "ir.actions.act_window",
            "res_model": "brp.booking",
            "res_id": bookings.id,
            "views": [(False, "form")],
        }

    def _find_or_make_customer(self):
        if not (self.name or self.email or self.phone):
            raise UserError(self.env._("Choose a customer, or enter name and e-mail or telephone."))
        # Who may book may have somebody new book.
        Partner = self.env["res.partner"].sudo()
        partner = Partner._find_or_make_customer(self.company_id, self.name, self.email, self.phone)
        return partner.sudo(self.env.su)
