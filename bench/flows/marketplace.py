"""Bookings that a marketplace has been paid for, one by one, beside orders that Odoo sells one by one."""

import uuid

from odoo import Command

from odoo.addons.brp_openactive.openactive import Step, read_request

from .. import history, marketplace

_MINUTES = 5


class Flow:
    """Ours: read, judge, hold, sell, invoice, pay and answer a booking. Core: order, invoice and payment.

    The places are held in the same transaction, not in one of their own as over HTTP, which is rolled back as
    all else is.
    """

    title = "Sell a booking"
    sizes = (20, 100)

    def setup(self, env):
        self.till_id = marketplace.set_up(env, places=200, slots=1).id
        self.slot_id = env["brp.slot"].search([], limit=1).id
        # Odoo's own orders are of the same product, but for its times.
        product = env["brp.slot"].browse(self.slot_id).product_id.copy({"is_slot": False})
        self.product_id = product.id
        history.make_history(env, product, 200)
        env["brp.feed.item"]._catch_up(500)
        env.cr.execute("ANALYZE")

    def prepare(self, env, n):
        till = env["brp.connection"].sudo().browse(self.till_id)
        return [marketplace.request(till, self.slot_id, number, paid=True) for number in range(n)]

    def ours(self, env, data):
        till = env["brp.connection"].sudo().browse(self.till_id)
        api = env["brp.openactive.booking"].sudo()
        slot = env["brp.slot"].sudo().browse(self.slot_id)
        for body in data:
            order = str(uuid.uuid4())
            key = api._get_key(till, order)
            request = read_request(body, Step.B)
            api._judge_order(till, order, request, key)
            slot._take_all(1, {"hold": key, "expires": marketplace.FIRST})
            _answer, items = api._judge_order(till, order, request, key, {})
            api._sell(till, order, request, key, [slot for slot, _item in items])
            env.flush_all()
            env.invalidate_all()
        return len(data)

    def core(self, env, data):
        journal = env["account.journal"].search([("type", "=", "bank")], limit=1)
        for number in range(len(data)):
            customer = env["res.partner"].create(
                {"name": f"Customer {number}", "email": f"customer{number}@example.com"}
            )
            order = env["sale.order"].create(
                {
                    "partner_id": customer.id,
                    "order_line": [Command.create({"product_id": self.product_id, "product_uom_qty": 1})],
                }
            )
            order.action_confirm()
            invoice = order._create_invoices()
            invoice.action_post()
            env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create({"journal_id": journal.id})._create_payments()
            env.flush_all()
            env.invalidate_all()
        return len(data)

    def check(self, env, data):
        bookings = env["brp.booking"].search([("slot_id", "=", self.slot_id), ("state", "=", "booked")])
        if len(bookings) != len(data) or set(bookings.mapped("paid")) != {"paid"}:
            raise AssertionError(f"{len(bookings)} bookings of {len(data)}: {set(bookings.mapped('paid'))}")
        places = bookings.occupancy_ids.mapped("place")
        if len(set(places)) != len(data):
            raise AssertionError("a place was sold twice")
