"""A hall with one facility of each kind, sold by an online till with a token that is known beforehand."""

import os

from odoo import Command

#: The environment variable with the token; without it, nothing is set up when the addon is installed.
TOKEN = "BRP_OPENACTIVE_TOKEN"
#: How many courts there are for times that exclude each other.
COURTS = 10


def build_hall(env):
    """Set up the main company, if a token is told: an ordinary Swedish business, all on its own."""
    token = os.environ.get(TOKEN)
    if token:
        company = env.ref("base.main_company")
        if company.currency_id != env.ref("base.SEK"):
            _load_chart(company)
        open_hall(company, token)


def _load_chart(company):
    env = company.env
    env.ref("base.SEK").active = True
    company.write({"country_id": env.ref("base.se").id, "currency_id": env.ref("base.SEK").id})
    # While addons are being installed, Odoo keeps the wish to give a company without a chart a general one,
    # and does so at the end: not on top of this one. try_loading() would do just what is done here, but warns
    # of a registry that is not complete yet.
    if hasattr(env.registry, "_auto_install_template"):
        del env.registry._auto_install_template
    env["account.chart.template"]._load("se_K3", company, install_demo=False)


def open_hall(company, token):
    """Make the hall of a company, and open its online till.

    :param token: of the online till
    :return: the online till
    """
    env = company.env
    company.partner_id.write(
        {
            "street": company.street or "Provgatan 1",
            "zip": company.zip or "111 11",
            "city": company.city or "Provstad",
            "country_id": env.ref("base.se").id,
        }
    )
    activity = env["brp.activity"].create({"name": "Padel", "openactive_type_id": _find_type(env).id})
    facility = env["brp.facility"].create({"name": "Test Hall", "company_id": company.id})
    env["brp.resource"].create(
        [
            {"name": "Courts", "places": 10000, "facility_id": facility.id, "activity_id": activity.id},
            *(
                {"name": f"Court {number}", "facility_id": facility.id, "activity_id": activity.id}
                for number in range(1, COURTS + 1)
            ),
        ]
    )
    env["brp.connection"]._make_cards(company)
    till = env["brp.connection"].search(
        [("provider", "=", "marketplace"), ("company_id", "=", company.id), ("state", "=", "new")]
    )
    wizard = env["brp.marketplace.activate"].create(
        {"connection_id": till.id, "name": "Test Suite", "facility_ids": [Command.set(facility.ids)]}
    )
    wizard.action_next()
    wizard.action_next()
    till.write(
        {
            "marketplace_token_hash": till._hash_token(token),
            "marketplace_horizon": 400,
            "marketplace_mail_facility": False,
            "openactive_leases": True,
            "openactive_rate": 100000,
        }
    )
    return till


def _find_type(env):
    return env["brp.openactive.type"].search([("label", "=", "Padel Tennis Court")], limit=1)
