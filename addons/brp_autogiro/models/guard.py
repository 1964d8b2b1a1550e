"""What only our own steps may change: states and what follows from the bank's answers.

A field that is read-only in the form can still be written by any client that may write the record. A
mandate made active by hand would debit a customer who never agreed.
"""

from odoo.exceptions import AccessError


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
