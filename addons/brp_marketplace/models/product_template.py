from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ProductTemplate(models.Model):
    _inherit = "product.template"

    is_slot = fields.Boolean(string="Time to Book", help="Times of a court, a room or a therapist.")
    slot_opens_days = fields.Integer(
        string="Booking Opens", help="So many days before the time starts. As soon as it is there if 0."
    )
    slot_closes_hours = fields.Float(
        string="Booking Closes", help="So many hours before the time starts. When it starts if 0."
    )
    slot_cancellable = fields.Boolean(
        string="Customers May Cancel", default=True, help="And get back what they have paid."
    )
    slot_cancel_hours = fields.Float(
        string="Cancelled Until", default=24, help="So many hours before the time starts."
    )

    _slot_limits_positive = models.Constraint(
        "CHECK(slot_opens_days >= 0 AND slot_closes_hours >= 0 AND slot_cancel_hours >= 0)",
        "Days and hours before a time starts cannot be negative.",
    )

    @api.constrains("is_slot", "type", "invoice_policy")
    def _check_slot(self):
        for product in self.filtered("is_slot"):
            if product.type != "service" or product.invoice_policy != "order":
                raise ValidationError(
                    self.env._(
                        "%s is a time to book: it has to be a service that is invoiced as ordered.",
                        product.display_name,
                    )
                )

    @api.onchange("is_slot")
    def _onchange_is_slot(self):
        if self.is_slot:
            self.type = "service"
            self.invoice_policy = "order"

    def _get_cancel_notice(self):
        return timedelta(hours=self.slot_cancel_hours)


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _get_cancel_notice(self):
        return self.product_tmpl_id._get_cancel_notice()

    def _get_booking_window(self):
        """Return (how long before the start booking opens or None, how long before it closes)."""
        opens = timedelta(days=self.slot_opens_days) if self.slot_opens_days else None
        return opens, timedelta(hours=self.slot_closes_hours)
