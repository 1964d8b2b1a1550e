from contextlib import contextmanager

from psycopg2.errors import UniqueViolation

from odoo.exceptions import ConcurrencyError
from odoo.sql_db import Cursor


@contextmanager
def own_transaction(env):
    """Give an environment in a short transaction of its own, which sees what others have just done.

    An ordinary transaction of Odoo sees nothing that others do after it began.
    """
    with env.registry.cursor() as cr:
        if isinstance(cr, Cursor):  # tests share one transaction
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        yield env(cr=cr)


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
