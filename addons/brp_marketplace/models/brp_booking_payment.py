from odoo import models
from odoo.exceptions import UserError


class Booking(models.Model):
    """Paying bookings at the desk."""

    _inherit = "brp.booking"

    def _find_pay_obstacle(self):
        """Return why the desk can take no payment for the booking, or nothing; addons add to it."""
        self.ensure_one()
        if self.state != "booked":
            return self.env._("%s is cancelled: there is nothing to pay.", self.display_name)
        if self.paid == "paid":
            return self.env._("%s is paid already.", self.display_name)
        if not self.order_id:
            return self.env._("%s was not sold on an order.", self.display_name)
        return self.order_id._find_pay_obstacle()

    def action_take_payment(self):
        """Open the dialog that takes payment, or tell why there is nothing to take."""
        self.ensure_one()
        self.check_access("write")
        if obstacle := self._find_pay_obstacle():
            raise UserError(obstacle)
        journals = self.facility_id._get_pay_journals()
        if not journals:
            raise UserError(
                self.env._(
                    "Nothing is chosen that the desk may take payment with. A booking administrator chooses"
                    " it on the facility %s, in Paid With at the Desk.",
                    self.facility_id.name,
                )
            )
        wizard = self.env["brp.booking.pay"].create(
            {
                "booking_id": self.id,
                "amount": self.order_id._get_open_amount(),
                # With one there is nothing to choose.
                "journal_id": journals.id if len(journals) == 1 else False,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Payment"),
            "res_model": "brp.booking.pay",
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }
