"""What only our own steps may change, and what no log may tell.

A field that is read-only in the form can still be written by any client that may write the record. A
mandate made active by hand would debit a customer who never agreed.
"""

from contextlib import contextmanager

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError
from odoo.tools import mute_logger


@contextmanager
def telling_no_number(env, error):
    """Write payer numbers, and raise ``error`` when another mandate has one of them.

    What PostgreSQL says then quotes the number, and Odoo logs it together with all that was written.
    """
    try:
        with mute_logger("odoo.sql_db"), env.cr.savepoint():
            yield
    except UniqueViolation:
        raise error from None


def refuse_direct_changes(records, vals, fields):
    """Raise an error when a user, not one of our steps, changes one of these fields.

    :param vals: what is to be written
    :param fields: names of fields that our steps change with superuser rights
    """
    changed = sorted(fields & vals.keys())
    if changed and not records.env.su:
        raise AccessError(
            records.env._(
                "%(fields)s of %(model)s cannot be changed by hand: use the buttons.",
                fields=", ".join(records._fields[name]._description_string(records.env) for name in changed),
                model=records._description,
            )
        )
