import logging

from psycopg2 import OperationalError

from odoo import fields
from odoo.exceptions import ConcurrencyError, LockError, UserError
from odoo.http import Dispatcher, Response

from ..openactive import MEDIA_TYPE, BookingError, error_answer

_logger = logging.getLogger(__name__)
#: What is told of a call that comes again too late, when too many others were in its way.
_BUSY = {
    "PUT": "TemporarilyUnableToCreateOrderError",
    "PATCH": "TemporarilyUnableToUpdateOrderError",
    "DELETE": "TemporarilyUnableToDeleteOrderError",
}


class OpenactiveDispatcher(Dispatcher):
    """Calls of the Open Booking API: JSON-LD both ways, of errors as well."""

    routing_type = "openactive"

    @classmethod
    def is_compatible_with(cls, request):
        return True

    def dispatch(self, endpoint, args):
        return self.request.registry["ir.http"]._dispatch(endpoint)

    def pre_dispatch(self, rule, args):
        super().pre_dispatch(rule, args)
        self.request.params = dict(args)

    def handle_error(self, exc):
        """Answer what went wrong; a transaction that it went wrong in has been taken back."""
        if not isinstance(exc, BookingError):
            exc = self._tell(exc)
        headers = {}
        if exc.type == "TooManyRequestsError":
            headers["Retry-After"] = str(60 - fields.Datetime.now().second)  # calls are counted by the minute
        return make_response(error_answer(exc), headers)

    def _tell(self, exc):
        method, path = self.request.httprequest.method, self.request.httprequest.path
        if isinstance(exc, (OperationalError, ConcurrencyError, LockError)):
            _logger.info("%s %s: too many were in its way", method, path)
            if method == "PUT" and "/order-quote" in path:
                return BookingError("TemporarilyUnableToProduceOrderQuoteError")
            return BookingError(_BUSY.get(method, "TemporarilyUnableToProduceOrderQuoteError"))
        if isinstance(exc, UserError):
            # What keeps us from selling, as a period that is locked, is no business of the marketplace's.
            _logger.warning("%s %s: %s", method, path, exc)
            return BookingError("OrderCreationFailedError" if method == "PUT" else "InternalApplicationError")
        _logger.error("%s %s", method, path, exc_info=exc)
        return BookingError("InternalApplicationError")


def make_response(answer, headers=None):
    """Return an answer of the Open Booking API as a response of HTTP."""
    response = Response(answer.body, status=answer.status, headers=headers)
    if answer.body:
        response.headers["Content-Type"] = MEDIA_TYPE
    else:
        response.headers.pop("Content-Type", None)
    response.headers["Cache-Control"] = "private, no-store"
    return response
