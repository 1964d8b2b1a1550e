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

    @route(f"{_API}/order-quote-templates/<uuid>", **_ROUTE)
    def quote_template(self, company, uuid):
        call = self._begin(company, "PUT")
        return self._quote(call, uuid, Step.C1)

    @route(f"{_API}/order-quotes/<uuid>", **_ROUTE)
    def quote(self, company, uuid):
        booking, till, method = call = self._begin(company, "PUT", "DELETE")
        if method == "DELETE":
            return make_response(booking._drop_quote(till, read_uuid(uuid)))
        return self._quote(call, uuid, Step.C2)

    def _quote(self, call, uuid, step):
        booking, till, _method = call
        return make_response(booking._quote(till, read_uuid(uuid), step, self._read_body()))

    @route(f"{_API}/orders/<uuid>", **_ROUTE)
    def order(self, company, uuid):
        booking, till, method = self._begin(company, "PUT", "GET", "PATCH", "DELETE")
        uuid = read_uuid(uuid)
        if method == "GET":
            answer = booking._get_status(till, uuid)
        elif method == "DELETE":
            answer = booking._delete(till, uuid)
        else:
            answer = (booking._book if method == "PUT" else booking._cancel)(till, uuid, self._read_body())
        return make_response(answer)

    @route(f"{_API}/orders-rpde", **_ROUTE)
    def orders_feed(self, company):
        booking, till, _method = self._begin(company, "GET")
        after = request.httprequest.args.get("afterChangeNumber")
        number = read_after_change_number(after)
        rows = booking.env["brp.feed.item"]._read_page(till.company_id, "order", number, till)
        own = till.company_id._get_openactive_ids().orders_feed
        page = feed_page(rows, next_page_url(own, rows, number), None)
        return make_response(Answer(200, page))

    @route([_API, f"{_API}/<path:rest>"], **_ROUTE)
    def nothing(self, company, rest=""):
        raise BookingError("UnknownOrIncorrectEndpointError")

    # -- what all calls have in common ----------------------------------------------------------------------

    def _begin(self, company, *methods):
        """Return (the API as the till's company, the till that calls, the method).

        :raises BookingError: it may not, or not so often, or not by this method
        """
        method = request.httprequest.method
        if method not in methods:
            raise BookingError("MethodNotAllowedError")
        till = self._authenticate(company)
        env = request.env(su=True, context={"lang": till._get_language()})
        till = till.with_env(env).with_company(till.company_id)
        if till.env["brp.openactive.calls"]._count(till) > till.openactive_rate:
            raise BookingError("TooManyRequestsError")
        return till.env["brp.openactive.booking"], till, method

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
