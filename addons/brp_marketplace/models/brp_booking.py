import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tools import SQL, format_datetime

SOURCES = [
    ("desk", "Desk"),
    ("page", "Booking Page"),
    ("channel", "Marketplace"),
]


class Booking(models.Model):
    """A place of a time that a customer has booked."""

    _name = "brp.booking"
    _description = "Booking"
    _inherit = ["mail.thread", "portal.mixin"]
    _order = "start desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    slot_id = fields.Many2one(
        "brp.slot", string="Time", required=True, readonly=True, index=True, ondelete="restrict"
    )
    # As it was booked, or moved to.
    resource_id = fields.Many2one(related="slot_id.resource_id", store=True, precompute=True, index=True)
    facility_id = fields.Many2one(related="slot_id.facility_id", store=True, precompute=True, index=True)
    activity_id = fields.Many2one(related="slot_id.activity_id", store=True, precompute=True)
    company_id = fields.Many2one(related="slot_id.company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one(related="slot_id.product_id", store=True, precompute=True)
    start = fields.Datetime(related="slot_id.start", store=True, precompute=True, index=True)
    stop = fields.Datetime(related="slot_id.stop", store=True, precompute=True, string="End")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, check_company=True, tracking=True
    )
    state = fields.Selection(
        [("booked", "Booked"), ("cancelled", "Cancelled")],
        default="booked",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    source = fields.Selection(SOURCES, required=True, readonly=True, default="desk")
    connection_id = fields.Many2one(
        "brp.connection", string="Online Till", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    channel_order_id = fields.Many2one(
        "brp.channel.order", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    order_line_id = fields.Many2one(
        "sale.order.line", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    order_id = fields.Many2one(
        related="order_line_id.order_id", store=True, index="btree_not_null", string="Sales Order"
    )
    price = fields.Monetary(readonly=True, help="What the customer pays, VAT included.")
    commission = fields.Monetary(readonly=True, help="What the marketplace is expected to keep, without VAT.")
    paid = fields.Selection(
        [("no", "Not Paid"), ("invoiced", "Invoiced"), ("paid", "Paid"), ("refunded", "Refunded")],
        compute="_compute_paid",
        string="Payment",
    )
    access_code = fields.Char(
        readonly=True, copy=False, help="The customer tells it at the desk, or types it at the door."
    )
    cancel_until = fields.Datetime(
        string="May Be Cancelled Until",
        readonly=True,
        help="By the customer, as it was when it was booked. Not at all if it is empty.",
    )
    cancelled_by = fields.Selection(
        [("customer", "Customer"), ("facility", "Facility")], readonly=True, copy=False
    )
    cancel_message = fields.Text(
        string="Message", readonly=True, copy=False, help="What the customer was told."
    )
    cancel_date = fields.Datetime(string="Cancelled On", readonly=True, copy=False)
    occupancy_ids = fields.One2many("brp.occupancy", "booking_id", readonly=True)

    _name_unique = models.UniqueIndex("(company_id, name)", "There is a booking with this number already.")

    # === COMPUTE METHODS === #

    @api.depends("name", "partner_id", "slot_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for booking in self:
            booking.display_name = f"{booking.name}, {booking.partner_id.name or ''}"

    @api.depends(
        "state",
        "order_line_id.invoice_lines.move_id.payment_state",
        "order_line_id.invoice_lines.parent_state",
    )
    def _compute_paid(self):
        for booking in self:
            invoices = booking.sudo().order_line_id.invoice_lines.move_id.filtered(
                lambda move: move.state == "posted"
            )
            sales = invoices.filtered(lambda move: move.move_type == "out_invoice")
            if booking.state == "cancelled" and invoices - sales:
                booking.paid = "refunded"
            elif sales and all(move.payment_state in ("paid", "in_payment", "reversed") for move in sales):
                booking.paid = "paid"
            else:
                booking.paid = "invoiced" if sales else "no"

    def _compute_access_url(self):  # pylint: disable=missing-return
        super()._compute_access_url()
        for booking in self:
            booking.access_url = f"/boka/bokning/{booking.id}"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            slot = self.env["brp.slot"].browse(vals["slot_id"])
            if slot.product_id.slot_cancellable:
                vals.setdefault("cancel_until", slot.start - slot.product_id._get_cancel_notice())
            if vals.get("name", "/") == "/":
                company = slot.company_id
                vals["name"] = self.env["ir.sequence"].with_company(company).next_by_code("brp.booking")
            vals.setdefault("access_code", f"{secrets.randbelow(10**6):06}")
        return super().create(vals_list)

    def write(self, vals):
        # What is on the screen for reading only is for reading only: money is given back by what stands here.
        if not self.env.su and (fixed := [name for name in vals if self._fields[name].readonly]):
            raise AccessError(
                self.env._(
                    "A booking is changed by cancelling or moving it, not by writing its %s.",
                    ", ".join(self._fields[name].get_description(self.env)["string"] for name in fixed),
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Bookings are cancelled, not deleted."))

    # === ACTIONS === #

    def action_view_order(self):
        """Show the order that the booking was sold on."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "views": [(False, "form")],
        }

    def action_view_invoices(self):
        """Show the invoice and the credit note."""
        self.ensure_one()
        return self.order_id.action_view_invoice(self.order_line_id.invoice_lines.move_id)

    # === BOOKING === #

    @api.model
    def _book(self, rows, vals_list):
        """Make bookings for places that have been taken, one for each.

        :param rows: ids of ``brp.occupancy``
        :param vals_list: as many values of bookings
        """
        bookings = self.create(vals_list)
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE brp_occupancy taken
                   SET booking_id = booking.id, hold = NULL, expires = NULL, undecided = NULL
                  FROM UNNEST(%s, %s) AS booking(row, id)
                 WHERE taken.id = booking.row AND taken.booking_id IS NULL
                """,
                rows,
                bookings.ids,
            )
        )
        taken = self.env.cr.rowcount
        self.env["brp.occupancy"].invalidate_model()
        if taken != len(rows):
            raise ConcurrencyError("Somebody else has let go of places that were held")
        return bookings

    # === CANCELLATION === #

    def _find_cancel_obstacle(self, now=None):
        """Return why the customer may not cancel, or nothing; the rules are those of when it was booked."""
        self.ensure_one()
        now = now or fields.Datetime.now()
        time = self.slot_id.display_name
        if not self.cancel_until:
            return self.env._("%s cannot be cancelled.", time)
        if self.start <= now:
            return self.env._("%s has begun and cannot be cancelled.", time)
        if self.cancel_until < now:
            until = format_datetime(
                self.env, self.cancel_until, tz=self.facility_id.tz, dt_format="d MMM HH:mm"
            )
            return self.env._("%(time)s could be cancelled until %(until)s.", time=time, until=until)
        return False

    def _cancel(self, by, message=False):
        """Cancel bookings: what was paid is credited and paid back by the way it was paid, the time is free.

        Those that are cancelled already stay as they are.

        :param by: ``customer`` or ``facility``
        :param message: to the customer
        """
        bookings = self.filtered(lambda booking: booking.state == "booked")
        # Somebody else may be cancelling them just now: then this is done anew.
        bookings.lock_for_update()
        bookings.sudo().write(
            {
                "state": "cancelled",
                "cancelled_by": by,
                "cancel_message": message,
                "cancel_date": fields.Datetime.now(),
            }
        )
        self.env["brp.occupancy"].sudo()._release([("booking_id", "in", bookings.ids)])
        bookings.sudo()._credit()
        bookings._note_cancelled()
        return bookings

    def _credit(self):
        """Take back what was charged for bookings; addons that sell otherwise than by order add to it."""
        for order, of_order in self.grouped("order_id").items():
            order._credit_bookings(of_order)

    def _note_cancelled(self):
        """Do what follows from a cancellation; addons add to it."""
