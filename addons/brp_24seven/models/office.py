from functools import wraps

from odoo.addons.brp_connector.models.at_once import own_transaction
from odoo.addons.brp_connector.service import Mask, ServiceError

from ..soap import AnswerError, FaultError, LoginError, RequestError, SevenOffice, log_in

#: The code of what stops since several customers there fit
SEVERAL = "several"
#: What 24SevenOffice allows of all calls together
CALLS_AN_HOUR = 7200
_HOUR = 3600  # seconds
#: For what the service says in an answer that is a success: it may tell a personal number
MASK = Mask()


def as_service_error(error, lang):
    """Return a problem with a message, a fault or a log-in as the connector's error.

    :param lang: of whoever is told of it
    """
    if isinstance(error, AnswerError):
        return ServiceError("garbage", "again", "maybe", words=error.text(lang or "en"))
    if isinstance(error, RequestError):
        return ServiceError("request", "ours", "no", words=error.text(lang or "en"))
    return ServiceError(
        "status",
        error.kind,
        error.reached,
        code=error.code,
        words=MASK.text(error.words),
        retry_after=error.retry_after,
    )


class Session:
    """The session that all processes share: stored with the connection, renewed by one of them."""

    def __init__(self, connection, service):
        self._connection, self._service = connection, service
        self._id = connection.seven_session or None

    def get(self):
        return self._id

    def renew(self, lost):
        """Log in, unless another process has done so meanwhile."""
        connection = self._connection
        with own_transaction(connection.env) as env:
            own = connection.with_env(env)
            own._lock()
            own.invalidate_recordset(["seven_session"])
            if not own.seven_session or own.seven_session == lost:
                own.seven_session = log_in(self._service, *own._get_seven_credentials())
            self._id = own.seven_session
        return self._id


class GivenSession:
    """A session that is not renewed: whoever has just logged in has not told others of it yet."""

    def __init__(self, session_id):
        self._id = session_id

    def get(self):
        return self._id

    def renew(self, lost):
        """Tell that the user has no right to what was asked for, which the service tells in the same way."""
        raise ServiceError("status", "settings", "no", code="session")


def _as_told(method):
    """Return a method whose errors are the connector's."""

    @wraps(method)
    def call(self, *args, **kwargs):
        try:
            return method(self, *args, **kwargs)
        except (AnswerError, FaultError, LoginError, RequestError) as error:
            raise as_service_error(error, self._connection.env.lang) from error

    return call


class Office(SevenOffice):
    """24SevenOffice's calls for a connection: counted over all processes, their errors the connector's.

    :param session: the connection's own unless told
    """

    def __init__(self, connection, service, session=None):
        super().__init__(service, session or Session(connection, service))
        self._connection = connection

    @_as_told
    def call(self, operation, values=None):
        connection = self._connection
        calls, seconds = connection.env["brp.connection.calls"]._count(connection, _HOUR)
        if calls > CALLS_AN_HOUR:
            raise ServiceError("status", "again", "no", code="limit", retry_after=seconds)
        return super().call(operation, values)

    # These find something wrong with an answer after the call.
    get_companies = _as_told(SevenOffice.get_companies)
    list_companies = _as_told(SevenOffice.list_companies)
    get_products = _as_told(SevenOffice.get_products)
    get_invoices = _as_told(SevenOffice.get_invoices)
    find_invoices = _as_told(SevenOffice.find_invoices)
    save_invoices = _as_told(SevenOffice.save_invoices)
    _save = _as_told(SevenOffice._save)
