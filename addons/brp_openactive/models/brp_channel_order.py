from itertools import zip_longest

from odoo import fields, models

from ..openactive import BrokerRole, Order, order_data


class ChannelOrder(models.Model):
    _inherit = "brp.channel.order"

    openactive_fingerprint = fields.Char(readonly=True, help="Of the request that made it.")
    openactive_answer = fields.Text(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="What the request was answered: to the same one the same is answered.",
    )
    openactive_broker_role = fields.Char(string="Role", readonly=True)
    openactive_parties = fields.Json(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="What the marketplace sent of who takes part.",
    )

    openactive_positions = fields.Json(readonly=True, copy=False, groups="base.group_system")

    def _get_openactive_data(self):
        """Return what the Orders feed tells of the order; nothing if it is deleted."""
        self.ensure_one()
        if self.state == "deleted" or not self.booking_ids:
            return None
        return order_data(self._make_openactive())

    def _make_openactive(self, uses=None, **parties):
        """Return the order as the standard has it.

        :param uses: {key: FacilityUse} of what is told of the times' facilities
        """
        self = self.with_context(lang=self.company_id._get_openactive_lang())
        ids = self.company_id._get_openactive_ids()
        bookings = self.booking_ids.sorted("id")
        items = tuple(
            booking._make_openactive_item(ids, uses or {}, position)
            for booking, position in zip_longest(bookings, self.openactive_positions or [])
        )
        return Order(
            ids=ids,
            uuid=self.uuid,
            items=items,
            number=bookings[:1].name,
            currency=self.currency_id.name,
            **parties,
        )

    def _make_openactive_whole(self):
        """Return the order with all who take part, as whoever booked it is told."""
        parties = self.sudo().openactive_parties or {}
        seller = self.company_id._get_openactive_seller()
        return self._make_openactive(
            self._get_openactive_uses(seller),
            seller=seller,
            broker_role=BrokerRole(self.openactive_broker_role),
            booking_service=self.env["brp.openactive.booking"]._get_booking_service(self.connection_id),
            **parties,
        )

    def _get_openactive_uses(self, seller):
        """Return {key: FacilityUse} of what is booked, whether it is for sale now or not."""
        company = self.company_id
        ids = company._get_openactive_ids()
        uses = {}
        resources = self.booking_ids.resource_id.with_context(lang=company._get_openactive_lang())
        for facility, of_facility in resources.grouped("facility_id").items():
            uses |= facility._get_openactive_uses(ids, seller, of_facility)
        return uses

    def _delete_order(self):
        """Undo the order: what is booked is cancelled, and who bought is forgotten here.

        Invoice and credit note stay: the books have to tell what happened. What has begun stays sold: a
        marketplace may forget its customers, not what they have used.
        """
        now = fields.Datetime.now()
        self.booking_ids.filtered(lambda booking: booking.start > now)._cancel("customer")
        self.write(
            {
                "state": "deleted",
                "openactive_fingerprint": False,
                "openactive_parties": False,
                "openactive_answer": False,
            }
        )
        self.env["brp.feed.change"]._note_orders(self)
