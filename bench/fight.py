"""The part of `./dev fight` that is done in Odoo, each in a process of its own, and committed:

    python -m bench.fight CONFIG setup DATABASE SITE PLACES
    python -m bench.fight CONFIG count DATABASE SLOT

The first makes a time with so many places, and prints {"slot", "token"}: its number, and the token of a
marketplace that may book it. The second prints what has been sold of it: {"bookings", "places", "orders",
"paid"}.
"""

import json
import sys

import odoo
from odoo.modules.registry import Registry

from . import history, marketplace
from .runner import administrator

_UNLIMITED = 100000  # requests a minute: it is not the limit that is tried


def main(config, what, database, *arguments):
    odoo.tools.config.parse_config(
        ["-c", config, "-d", database, "--no-http", "--log-level=error"], setup_logging=True
    )
    with Registry(database).cursor() as cr:
        print(json.dumps(WORK[what](administrator(cr), *arguments)))


def set_up(env, site, places):
    for name in ("web.base.url", "brp_openactive.site"):
        env["ir.config_parameter"].sudo().set_param(name, site)
    till = marketplace.set_up(env, places=int(places), slots=1)
    till.openactive_rate = _UNLIMITED
    slot = env["brp.slot"].search([])
    history.make_history(env, slot.product_id.copy({"is_slot": False}), 50)
    told = {"slot": slot.id, "token": till._make_token()}
    env.cr.commit()
    env.cr.execute("ANALYZE")
    return told


def count(env, slot):
    bookings = env["brp.slot"].browse(int(slot)).booking_ids.filtered(lambda own: own.state == "booked")
    return {
        "bookings": len(bookings),
        "places": len(set(bookings.occupancy_ids.mapped("place"))),
        "orders": len(bookings.order_id),
        "paid": len(bookings.filtered(lambda own: own.paid == "paid")),
    }


WORK = {"setup": set_up, "count": count}

if __name__ == "__main__":
    main(*sys.argv[1:])
