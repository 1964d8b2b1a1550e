"""What a database has that has been in use for a while."""

from odoo import Command


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
    env["account.payment.register"].with_context(active_model="account.move", active_ids=invoices.ids).create(
        {"journal_id": journal.id, "group_payment": False}
    )._create_payments()
    env.flush_all()
    env.invalidate_all()
