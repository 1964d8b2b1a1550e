"""A facility with an online till, for what is measured of marketplaces."""

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


def make_history(env, product, count):
    """Sell and have paid what was sold before: PostgreSQL plans by what is in its tables.

    With empty statistics, a query of Odoo's own about the payments of an invoice takes a second and more.
    """
    journal = env["account.journal"].search([("type", "=", "bank")], limit=1)
    customers = env["res.partner"].create([{"name": f"Former {number}"} for number in range(count)])
    orders = env["sale.order"].create(
        [
            {
                "partner_id": customer.id,
                "order_line": [Command.create({"product_id": product.id, "product_uom_qty": 1})],
            }
            for customer in customers
        ]
    )
    orders.action_confirm()
    invoices = orders._create_invoices()
    invoices.action_post()
    env["account.payment.register"].with_context(
        active_model="account.move", active_ids=invoices.ids
    ).create({"journal_id": journal.id, "group_payment": False})._create_payments()
    env.flush_all()
    env.invalidate_all()
