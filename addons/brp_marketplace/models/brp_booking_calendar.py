from odoo import models

from ..times import CalendarEvent, calendar_file


class Booking(models.Model):
    """What is told to the customer of a booking: a calendar file, VAT, what is paid back."""

    _inherit = "brp.booking"

    def _make_calendar(self):
        """Return an .ics file of the bookings."""
        return calendar_file(booking._make_calendar_event() for booking in self.sorted("start"))

    def _make_calendar_event(self):
        facility = self.facility_id
        address = facility.partner_id
        where = [facility.name, address.street, " ".join(filter(None, [address.zip, address.city]))]
        told = [
            self.env._("Booking number: %s", self.name),
            self.env._("Access code: %s", self.access_code),
            facility.description,
        ]
        base = self.get_base_url()
        return CalendarEvent(
            uid=f"booking-{self.id}@{base.split('://')[-1].split('/')[0]}",
            start=self.start,
            stop=self.stop,
            changed=self._get_changed(),
            summary=f"{self.activity_id.name}, {self.resource_id.name}",
            location=", ".join(filter(None, where)),
            description="\n".join(filter(None, told)),
            url=base + self.get_portal_url(),
            is_cancelled=self.state == "cancelled",
            moves=self.move_count,
        )

    def _get_changed(self):
        """Return when the booking was made, moved or cancelled, whatever was the last."""
        return self.cancel_date or self.moved_date or self.create_date

    def _compute_vat(self):
        """Return the VAT that the price of the booking includes."""
        # Of the line nothing may be left: what is cancelled is taken off it.
        line = self.sudo().order_line_id
        place = line.tax_ids.compute_all(line.price_unit, self.currency_id, 1.0, product=line.product_id)
        share = self.price / place["total_included"] if place["total_included"] else 0
        return self.currency_id.round((place["total_included"] - place["total_excluded"]) * share)

    def _describe_payback(self):
        """Return what the customer gets back when cancelling, in words."""
        if not self.price:
            return self.env._("It was free of charge: there is nothing to pay back.")
        price = self.currency_id.format(self.price)
        if self.paid != "paid":
            return self.env._("You have not paid: you owe nothing for it when it is cancelled.")
        payment = self.sudo().order_id._find_payments("done")[:1]
        if payment and payment._can_refund(self.price):
            return self.env._("You get back %s, the way you paid. It may take some days.", price)
        return self.env._("You get back %s. We get in touch with you if we need to.", price)

    def _note_cancelled(self):
        for order in self.order_id.filtered(lambda order: order.booking_source == "page"):
            order._mail_booking()
        return super()._note_cancelled()
