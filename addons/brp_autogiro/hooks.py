from odoo.tools.sql import column_exists, create_column


def pre_init_hook(env):
    """Spare Odoo computing a new stored field on every invoice that is there: none is Autogiro yet."""
    for column, kind in (("autogiro_date", "date"), ("autogiro_blocked", "bool")):
        if not column_exists(env.cr, "account_move", column):
            create_column(env.cr, "account_move", column, kind)
