"""The demo company's courts, baths and massage: what is booked, and the marketplace that sells it."""

import hashlib
from datetime import timedelta

from odoo import Command, fields

from .company import DESK_JOURNALS, LANGUAGE, TIME_ZONE

#: What the marketplace's simulator books with, and what its statements are fetched with
TOKEN = "tidstorget-demo"
STATEMENT_TOKEN = "tidstorget-utbetalning"
STATEMENTS = "http://127.0.0.1:8172/statements/{month}.csv"
_EVERY_DAY = {"sat": True, "sun": True}


def set_up_bookings(env):
    """Make a facility with its weekly times, an online till that is open, and what is booked already."""
    env = env(context={"lang": LANGUAGE, "tz": TIME_ZONE})
    facility = _make_facility(env)
    facility._make_slots()
    _open_till(env, facility)
    _book(env, facility)


def _make_facility(env):
    company = env.ref("base.main_company")
    activities = {
        name: env["brp.activity"].create({"name": name, "openactive_type_id": kind, "description": text})
        for name, kind, text in (
            ("Padel", env.ref("brp_openactive.type_padel").id, "Inomhusbanor. Rack finns att hyra."),
            ("Massage", False, "Klassisk massage av våra diplomerade massörer."),
            ("Bad", False, "Simhall med 25-metersbassäng, bubbelpool och bastu."),
        )
    }  # fmt: skip
    facility = env["brp.facility"].create(
        {
            "name": "Sundby Aktivitetscenter",
            "company_id": company.id,
            "partner_id": company.partner_id.id,
            "email": "disk@example.com",
            "user_id": env.ref("brp_demo.user_desk").id,
            "tz": TIME_ZONE,
            "desk_journal_ids": [Command.set(_find_desk_journals(env, company).ids)],
            "description": "Fri parkering vid entrén. Omklädningsrum med dusch.",
            "resource_ids": [
                Command.create({"name": name, "activity_id": activities[activity].id, "places": places})
                for name, activity, places in (
                    ("Bana 1", "Padel", 1),
                    ("Bana 2", "Padel", 1),
                    ("Bana 3", "Padel", 1),
                    ("Maja, massör", "Massage", 1),
                    ("Simhallen", "Bad", 20),
                )
            ],
        }
    )
    courts, therapist, baths = (
        facility.resource_ids.filtered(lambda resource, name=name: resource.activity_id == activities[name])
        for name in ("Padel", "Massage", "Bad")
    )
    env["brp.slot.template"].create(
        [
            _week(env, facility, courts, "time_padel_day", 8, 17, 1, **_EVERY_DAY),
            _week(env, facility, courts, "time_padel", 17, 23, 1, **_EVERY_DAY),
            _week(env, facility, therapist, "time_massage", 9, 17, 1),
            _week(env, facility, baths, "time_bath", 8, 20, 2, **_EVERY_DAY),
        ]
    )
    return facility


def _find_desk_journals(env, company):
    return env["account.journal"].search(
        [("company_id", "=", company.id), ("code", "in", list(DESK_JOURNALS))]
    )


def _week(env, facility, resources, product, first, last, hours, **days):
    return {
        "facility_id": facility.id,
        "resource_ids": [Command.set(resources.ids)],
        "product_id": env.ref(f"brp_demo.{product}").id,
        "hour_from": first,
        "hour_to": last,
        "duration": hours,
        **days,
    }


def _open_till(env, facility):
    """Open an online till as its dialog does, with the token that the simulator has."""
    till = env["brp.connection"].create(
        {
            "name": "Tidstorget",
            "provider": "marketplace",
            "several": True,
            "company_id": facility.company_id.id,
        }
    )
    wizard = env["brp.marketplace.activate"].create(
        {"connection_id": till.id, "name": "Tidstorget", "facility_ids": [Command.set(facility.ids)]}
    )
    wizard.action_next()
    till.write({"marketplace_commission": 12, "marketplace_payout_day": 3})
    wizard.action_next()
    till.write(
        {
            "marketplace_token_hash": hashlib.sha256(TOKEN.encode()).hexdigest(),
            "marketplace_token_hint": f"…{TOKEN[-4:]}",
            "marketplace_statement_url": STATEMENTS,
            "marketplace_statement_token": STATEMENT_TOKEN,
            "responsible_id": env.ref("brp_demo.user_bookkeeper").id,
        }
    )
    return till


def _book(env, facility):
    """Have the desk book some of the next days' times, as it does."""
    desk = env(user=env.ref("brp_demo.user_desk"), su=False)
    now = fields.Datetime.now()
    for customer, days, resource in (
        ("astrid", 1, "Bana 1"),
        ("bengt", 1, "Bana 2"),
        ("cecilia", 2, "Bana 1"),
        ("david", 2, "Maja, massör"),
        ("elin", 3, "Simhallen"),
        ("fatima", 3, "Simhallen"),
        ("gustav", 4, "Maja, massör"),
    ):
        slot = desk["brp.slot"].search(
            [
                ("facility_id", "=", facility.id),
                ("resource_id.name", "=", resource),
                ("start", ">=", now + timedelta(days=days)),
                ("free", ">", 0),
            ],
            limit=1,
        )
        desk["brp.booking.desk"].create(
            {"slot_id": slot.id, "partner_id": env.ref(f"brp_demo.customer_{customer}").id}
        ).action_book()
