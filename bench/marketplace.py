"""A facility with an online till, for what is measured of marketplaces."""

import json
from datetime import datetime, timedelta

from odoo import Command

#: Far enough away to be for sale whenever this runs
FIRST = datetime.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
HOUR = timedelta(hours=1)
PRICE = 320


def set_up(env, places, slots):
    """Make a resource with so many places and times; return the online till.

    :param slots: how many, an hour each, one after the other
    """
    company = env.company
    sweden = env.ref("base.se")
    env.ref("base.SEK").active = True
    company.write({"country_id": sweden.id, "currency_id": env.ref("base.SEK").id})
    company.partner_id.write(
        {"street": "Hallgatan 1", "zip": "123 45", "city": "Sundby", "country_id": sweden.id}
    )
    if not company.chart_template:
        env["account.chart.template"].try_loading("se_K3", company=company, install_demo=False)
    tax = env["account.tax"].create(
        {"name": "6 %", "amount": 6, "type_tax_use": "sale", "price_include_override": "tax_included"}
    )
    product = env["product.product"].create(
        {
            "name": "Padel",
            "type": "service",
            "invoice_policy": "order",
            "is_slot": True,
            "list_price": PRICE,
            "taxes_id": [Command.set(tax.ids)],
        }
    )
    facility = env["brp.facility"].create({"name": "Hall", "horizon": 400})
    resource = env["brp.resource"].create(
        {
            "name": "Court",
            "facility_id": facility.id,
            "activity_id": env["brp.activity"].create({"name": "Padel"}).id,
            "places": places,
        }
    )
    till = (
        env["brp.connection"]
        .sudo()
        .create(
            {"name": "Marketplace", "provider": "marketplace", "several": True, "marketplace_horizon": 400}
        )
    )
    wizard = (
        env["brp.marketplace.activate"]
        .sudo()
        .create(
            {"connection_id": till.id, "name": "Marketplace", "facility_ids": [Command.set(facility.ids)]}
        )
    )
    wizard.action_next()
    wizard.action_next()
    for start in range(0, slots, 1000):
        env["brp.slot"].create(
            [
                {
                    "resource_id": resource.id,
                    "product_id": product.id,
                    "start": FIRST + number * HOUR / 10,
                    "stop": FIRST + number * HOUR / 10 + HOUR / 12,
                }
                for number in range(start, min(start + 1000, slots))
            ]
        )
        env.flush_all()
        env.invalidate_all()
    return till


def request(till, slot_id, number, paid=False):
    """Return what a marketplace sends of a place of a time, for its customer of that number.

    :param paid: whether it has been paid: an order, otherwise what a quote asks for
    """
    ids = till.company_id._get_openactive_ids()
    slot = ids.slot(slot_id)
    body = {
        "@context": "https://openactive.io/",
        "@type": "Order" if paid else "OrderQuote",
        "brokerRole": "https://openactive.io/AgentBroker",
        "broker": {"@type": "Organization", "name": "Marketplace"},
        "seller": ids.seller(till.company_id.id),
        "customer": {
            "@type": "Person",
            "email": f"customer{number}@example.com",
            "givenName": "Customer",
            "familyName": str(number),
        },
        "orderedItem": [
            {
                "@type": "OrderItem",
                "position": 0,
                "orderedItem": slot,
                "acceptedOffer": ids.offer(slot_id, 1),
            }
        ],
    }
    if paid:
        body["totalPaymentDue"] = {"@type": "PriceSpecification", "price": PRICE, "priceCurrency": "SEK"}
        body["payment"] = {"@type": "Payment", "identifier": f"P{number}"}
    return json.dumps(body).encode()
