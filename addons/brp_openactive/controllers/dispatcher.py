import logging
import re

from psycopg2 import OperationalError
from psycopg2.pool import PoolError
from werkzeug.exceptions import NotFound, abort

from odoo import fields
from odoo.exceptions import ConcurrencyError, LockError, UserError
from odoo.http import Dispatcher, HttpDispatcher, Response

from ..openactive import MEDIA_TYPE, BookingError, error_answer

#: What is told of a call that comes again too late, when too many others were in its way.
_BUSY = {
    "PUT": "TemporarilyUnableToCreateOrderError",
    "PATCH": "TemporarilyUnableToUpdateOrderError",
    "DELETE": "TemporarilyUnableToDeleteOrderError",
}
_TOO_MANY = (OperationalError, PoolError, ConcurrencyError, LockError)
_RETRY = "2"  # seconds after which to come back when too many others were in the way
_OURS = re.compile(r"/openactive/\d+(/|$)")


class OpenactiveDispatcher(Dispatcher):
    """Calls of the Open Booking API: JSON-LD both ways, of errors as well.

    Routes tell in ``verbs`` which methods of HTTP there are.
    """

    routing_type = "openactive"

    @classmethod
    def is_compatible_with(cls, request):
        return True

    def pre_dispatch(self, rule, args):  # pylint: disable=missing-return
        super().pre_dispatch(rule, args)
        self.request.params = dict(args)
        verbs = rule.endpoint.routing.get("verbs")
        if verbs:
            verbs = {*verbs, "OPTIONS"} | ({"HEAD"} if "GET" in verbs else set())
            self.allowed = ", ".join(sorted(verbs))
            if self.request.httprequest.method not in verbs:
                raise BookingError("MethodNotAllowedError")
            if self.request.httprequest.method == "OPTIONS":
                abort(Response(status=204, headers={"Allow": self.allowed}))

    def dispatch(self, endpoint, args):
        return self.request.registry["ir.http"]._dispatch(endpoint)

    def handle_error(self, exc):
        """Answer what went wrong; a transaction that it went wrong in has been taken back."""
        headers = {}
        if isinstance(exc, (BookingError, *_TOO_MANY)):
            exc.loglevel = logging.INFO  # by Odoo: that something is refused is no fault of ours
        if not isinstance(exc, BookingError):
            exc = self._tell(exc)
        if exc.type == "TooManyRequestsError":
            headers["Retry-After"] = str(60 - fields.Datetime.now().second)  # calls are counted by the minute
        elif exc.type == "MethodNotAllowedError":
            headers["Allow"] = self.allowed
        elif exc.status == 503:
            headers["Retry-After"] = _RETRY
        env = self.request.env
        return make_response(error_answer(exc, (env and env.context.get("lang")) or "en"), headers)

    def _tell(self, exc):
        """Return what is told of an exception that Odoo logs."""
        method = self.request.httprequest.method
        if isinstance(exc, _TOO_MANY):
            if method == "PUT" and "/order-quote" in self.request.httprequest.path:
                return BookingError("TemporarilyUnableToProduceOrderQuoteError")
            return BookingError(_BUSY.get(method, "TemporarilyUnableToProduceOrderQuoteError"))
        if isinstance(exc, UserError) and method == "PUT":
            # What keeps us from selling, as a period that is locked, is no business of the marketplace's.
            return BookingError("OrderCreationFailedError")
        return BookingError("InternalApplicationError")


class FeedDispatcher(HttpDispatcher):
    """Pages of feeds. Who reads them stops for good at 404, and comes back after 503 (RPDE 1.0)."""

    routing_type = "openactive_feed"

    def handle_error(self, exc):
        if isinstance(exc, _TOO_MANY):
            exc.loglevel = logging.INFO
            return make_busy()
        return super().handle_error(exc)


class UnmatchedDispatcher(HttpDispatcher):
    """Odoo's own of HTTP, which also answers when a call does not even get as far as to its route.

    That is so when there is no connection left to the database, or the database does not answer: Odoo would
    answer 500, or 404 as if there never had been such a feed.
    """

    routing_type = "http"

    def handle_error(self, exc):
        unreached = isinstance(exc, _TOO_MANY) or (isinstance(exc, NotFound) and not self.request.db)
        if unreached and _OURS.match(self.request.httprequest.path):
            return make_busy()
        return super().handle_error(exc)


def make_busy():
    """Return that whoever asks is to come back soon."""
    return Response(status=503, headers={"Retry-After": _RETRY, "Cache-Control": "no-store"})


def make_response(answer, headers=None):
    """Return an answer of the Open Booking API as a response of HTTP."""
    response = Response(answer.body, status=answer.status, headers=headers)
    if answer.body:
        response.headers["Content-Type"] = MEDIA_TYPE
    else:
        response.headers.pop("Content-Type", None)
    response.headers["Cache-Control"] = "private, no-store"
    return response
