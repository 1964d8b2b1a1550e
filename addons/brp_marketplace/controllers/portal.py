from odoo import SUPERUSER_ID
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager


class PortalBookings(CustomerPortal):
    """The bookings of who is logged in."""

    def _get_own_bookings(self):
        """Return (the model as the page sees it, the domain of what is the user's own)."""
        partner = request.env.user.partner_id
        return request.env(user=SUPERUSER_ID)["brp.booking"], [("partner_id", "=", partner.id)]

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "booking_count" in counters:
            Booking, domain = self._get_own_bookings()
            values["booking_count"] = Booking.search_count(domain)
        return values

    @route(
        ["/my/bookings", "/my/bookings/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_bookings(self, page=1, **kwargs):
        """List the bookings of the logged-in customer, the latest first."""
        Booking, domain = self._get_own_bookings()
        pager = portal_pager(
            url="/my/bookings", total=Booking.search_count(domain), page=page, step=self._items_per_page
        )
        bookings = Booking.search(domain, limit=self._items_per_page, offset=pager["offset"])
        return request.render(
            "brp_marketplace.portal_my_bookings",
            {
                **self._prepare_portal_layout_values(),
                "bookings": bookings,
                "page_name": "bookings",
                "pager": pager,
                "default_url": "/my/bookings",
            },
        )
