from contextlib import contextmanager

from psycopg2.errors import UniqueViolation

from odoo.exceptions import ConcurrencyError


@contextmanager
def made_once(cr):
    """Make what another transaction may be making at this moment.

    :raise ConcurrencyError: it has made the same; Odoo then does the whole request anew, and finds it
    """
    try:
        with cr.savepoint():
            yield
    except UniqueViolation as error:
        raise ConcurrencyError("Another transaction has made the same record") from error
