"""Sets up what `./dev fight` is about: python -m bench.fight CONFIG DATABASE SITE PLACES

Run inside the virtual environment, and committed. Prints one line of JSON: {"slot", "token"}, the number of
a time with so many places and the token of a marketplace that may book it.
"""

import json
import sys

import odoo
from odoo.modules.registry import Registry

from . import marketplace
from .runner import administrator

_UNLIMITED = 100000  # requests a minute: it is not the limit that is tried


def main(config, database, site, places):
    odoo.tools.config.parse_config(
        ["-c", config, "-d", database, "--no-http", "--log-level=error"], setup_logging=True
    )
    with Registry(database).cursor() as cr:
        env = administrator(cr)
        for name in ("web.base.url", "brp_openactive.site"):
            env["ir.config_parameter"].sudo().set_param(name, site)
        till = marketplace.set_up(env, places=int(places), slots=1)
        till.openactive_rate = _UNLIMITED
        slot = env["brp.slot"].search([])
        marketplace.make_history(env, slot.product_id.copy({"is_slot": False}), 200)
        told = {"slot": slot.id, "token": till._make_token()}
        cr.commit()
        cr.execute("ANALYZE")
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
