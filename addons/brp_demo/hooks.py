from odoo import fields
from odoo.exceptions import UserError

from .bookings import set_up_bookings
from .company import LANGUAGE, TIME_ZONE, set_up_company
from .history import create_history
from .till import set_up_gift_cards, set_up_till


def pre_init_hook(env):
    """Refuse a company that is in use; else have Odoo in Swedish before the data is loaded."""
    company = env.ref("base.main_company")
    posted = [("company_id", "child_of", company.id), ("state", "=", "posted")]
    if env["account.move"].search_count(posted, limit=1):
        raise UserError(
            env._(
                "%s has posted entries. Install the demo company in a fresh database.",
                company.name,
            )
        )
    if LANGUAGE in dict(env["res.lang"].get_installed()):
        return
    env["res.lang"]._activate_lang(LANGUAGE)
    modules = env["ir.module.module"].search([("state", "in", ("installed", "to install"))])
    modules._update_translations([LANGUAGE])


def post_init_hook(env):
    """Make the main company Sundby Aktivitetscenter AB, with some months of history."""
    set_up_company(env)
    set_up_bookings(env)
    set_up_till(env)
    create_history(env, fields.Date.context_today(env.user.with_context(tz=TIME_ZONE)))
    set_up_gift_cards(env)
