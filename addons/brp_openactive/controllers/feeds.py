from odoo.http import Controller, Response, request, route

from ..openactive import (
    FEED_MEDIA_TYPE,
    BookingError,
    feed_page,
    next_page_url,
    read_after_change_number,
)

_ROUTE = {
    "type": "openactive_feed",
    "auth": "public",
    "methods": ["GET"],
    "save_session": False,
    "csrf": False,
}
#: Seconds for which others may keep a page: one that is full never changes but for what moves away from it.
_WHOLE, _LAST = 3600, 8


class Feeds(Controller):
    @route("/openactive/<int:company>/feeds/facility-uses", **_ROUTE)
    def facility_uses(self, company, afterChangeNumber=None, **_kwargs):
        return self._page(company, "facility", "facility_uses_feed", afterChangeNumber)

    @route("/openactive/<int:company>/feeds/slots", **_ROUTE)
    def slots(self, company, afterChangeNumber=None, **_kwargs):
        return self._page(company, "slot", "slots_feed", afterChangeNumber)

    def _page(self, company_id, feed, address, after):
        company = request.env["res.company"].sudo().browse(company_id).exists()
        if not company:
            raise request.not_found()
        try:
            number = read_after_change_number(after)
        except BookingError as error:
            return Response(error.text(), status=400, content_type="text/plain; charset=utf-8")
        rows = request.env["brp.feed.item"].sudo()._read_page(company, feed, number)
        own = getattr(company._get_openactive_ids(), address)
        response = Response(feed_page(rows, next_page_url(own, rows, number)), content_type=FEED_MEDIA_TYPE)
        response.headers["Cache-Control"] = f"public, max-age={_WHOLE if rows else _LAST}"
        return response
