from odoo import models

from ..openactive import AccessCode, ItemStatus, Offer, OrderItem
from .brp_slot import kronor, taxes_of


class Booking(models.Model):
    _inherit = "brp.booking"

    def _note_cancelled(self):
        if orders := self.channel_order_id:
            self.env["brp.feed.change"]._note_orders(orders)
        return super()._note_cancelled()

    def _get_openactive_status(self):
        if self.state == "booked":
            return ItemStatus.CONFIRMED
        if self.cancelled_by == "customer":
            return ItemStatus.CUSTOMER_CANCELLED
        return ItemStatus.SELLER_CANCELLED

    def _make_openactive_item(self, ids, uses, position=None):
        """Return the booking as an item of an order, at the price and on the terms of when it was booked.

        :param uses: {key: FacilityUse}; of those that are not among them, the time's address is told only
        """
        slot, line = self.slot_id, self.order_line_id
        use = uses.get(slot.resource_id._get_openactive_key())
        notice = self.cancel_until and self.start - self.cancel_until
        taxes = line.tax_ids.compute_all(line.price_unit, self.currency_id, 1.0, product=self.product_id)
        return OrderItem(
            slot=slot._make_openactive(ids, use, 0) if use else ids.slot(slot.id),
            offer=Offer(
                id=ids.offer(slot.id, 1),
                name=self.product_id.name,
                price=kronor(self.price),
                currency=self.currency_id.name,
                is_cancellation_allowed=bool(self.cancel_until),
                latest_cancellation_before_start=notice or None,
            ),
            position=position,
            id=ids.order_item(self.channel_order_id.uuid, self.id),
            status=self._get_openactive_status(),
            taxes=taxes_of(self.env, taxes),
            access_codes=(
                AccessCode(self.env._("Booking Number"), self.name),
                AccessCode(self.env._("Access Code"), self.access_code),
            ),
            cancellation_message=(self.cancelled_by == "facility" and self.cancel_message) or "",
        )
