from odoo import SUPERUSER_ID
from odoo.http import Controller, request, route

from ..openactive import (
    Answer,
    BookingError,
    Step,
    feed_page,
    next_page_url,
    read_after_change_number,
    read_uuid,
)
from ..openactive.documents import MAX_BYTES
from .dispatcher import make_response

_API = "/openactive/<int:company>/api"
_ROUTE = {
    "type": "openactive",
    "auth": "public",
    "csrf": False,
    "save_session": False,
    "methods": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
}


class OpenBooking(Controller):
    """The Open Booking API 1.0, simple flow."""

    @route(f"{_API}/order-quote-templates/<uuid>", verbs=["PUT"], **_ROUTE)
    def quote_template(self, company, uuid):
        return self._quote(company, uuid, Step.C1)

    @route(f"{_API}/order-quotes/<uuid>", verbs=["PUT", "DELETE"], **_ROUTE)
    def quote(self, company, uuid):
        if request.httprequest.method == "PUT":
            return self._quote(company, uuid, Step.C2)
        booking, till = self._begin(company)
        return make_response(booking._drop_quote(till, read_uuid(uuid)))

    def _quote(self, company, uuid, step):
        booking, till = self._begin(company, sells=True)
        return make_response(booking._quote(till, read_uuid(uuid), step, self._read_body()))

    @route(f"{_API}/orders/<uuid>", verbs=["PUT", "GET", "PATCH", "DELETE"], **_ROUTE)
    def order(self, company, uuid):
        method = request.httprequest.method
        booking, till = self._begin(company, sells=method == "PUT")
        uuid = read_uuid(uuid)
        match method:
            case "PUT":
                answer = booking._book(till, uuid, self._read_body())
            case "PATCH":
                answer = booking._cancel(till, uuid, self._read_body())
            case "DELETE":
                answer = booking._delete(till, uuid)
            case _:
                answer = booking._get_status(till, uuid)
        return make_response(answer)

    @route(f"{_API}/orders-rpde", verbs=["GET"], **_ROUTE)
    def orders_feed(self, company):
        booking, till = self._begin(company)
        number = read_after_change_number(request.httprequest.args.get("afterChangeNumber"))
        rows = booking.env["brp.feed.item"]._read_page(till.company_id, "order", number, till)
        own = till.company_id._get_openactive_ids().orders_feed
        return make_response(Answer(200, feed_page(rows, next_page_url(own, rows, number), None)))

    @route([_API, f"{_API}/<path:rest>"], **_ROUTE)
    def nothing(self, company, rest=""):
        raise BookingError("UnknownOrIncorrectEndpointError")

    # -- what all calls have in common ----------------------------------------------------------------------

    def _begin(self, company, sells=False):
        """Return (the API as the till's company, the till that calls).

        :param sells: whether it is to be sold something: not by a till that is closed or paused
        :raises BookingError: it may not, or not so often
        """
        till = self._authenticate(company)
        if sells and till.state != "active":
            raise BookingError("InvalidAPITokenError")
        request.update_context(lang=till.company_id._get_openactive_lang())
        # What is sold is made by the system: nobody of ours does it.
        till = till.with_env(request.env(user=SUPERUSER_ID)).with_company(till.company_id)
        calls, _seconds = till.env["brp.connection.calls"]._count(till, 60)
        if calls > till.openactive_rate:
            raise BookingError("TooManyRequestsError")
        return till.env["brp.openactive.booking"], till

    def _authenticate(self, company):
        scheme, _space, token = request.httprequest.headers.get("Authorization", "").partition(" ")
        if not token.strip():
            raise BookingError("NoAPITokenError")
        if scheme.lower() != "bearer":
            raise BookingError("InvalidAPITokenError")
        till = request.env["brp.connection"].sudo()._find_by_token(token.strip())
        if not till:
            raise BookingError("InvalidAPITokenError")
        if till.company_id.id != company:
            raise BookingError("InvalidAuthorizationDetailsError")
        return till

    def _read_body(self):
        length = request.httprequest.content_length
        if length is None or length > MAX_BYTES:
            raise BookingError("OpenBookingError", f"Requests have a length, of {MAX_BYTES} bytes at most.")
        return request.httprequest.get_data()
