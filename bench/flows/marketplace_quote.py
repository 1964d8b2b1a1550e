"""Quotes that hold a place for a customer who decides, beside quotations of Odoo's: no order, no invoice."""

import uuid

from odoo import Command

from odoo.addons.brp_openactive.openactive import Step

from .. import history, marketplace


class Flow:
    """Ours: answer C2 and lease a place, then let go of it, as over HTTP. Core: make a quotation."""

    title = "Quote and lease a place"
    sizes = (20, 200)

    def setup(self, env):
        till = marketplace.set_up(env, places=200, slots=1)
        till.openactive_leases = True
        self.till_id = till.id
        slot = env["brp.slot"].search([], limit=1)
        self.slot_id = slot.id
        # Odoo's own quotations are of the same product, but for its times.
        product = slot.product_id.copy({"is_slot": False})
        self.product_id = product.id
        history.make_history(env, product, 200)
        env.cr.execute("ANALYZE")

    def prepare(self, env, n):
        till = env["brp.connection"].sudo().browse(self.till_id)
        return [marketplace.request(till, self.slot_id, number) for number in range(n)]

    def ours(self, env, data):
        till = env["brp.connection"].sudo().browse(self.till_id)
        api = env["brp.openactive.booking"].sudo()
        self.before = self.count(env)
        for body in data:
            order = str(uuid.uuid4())
            answer = api._quote(till, order, Step.C2, body)
            if answer.status != 200 or '"leaseExpires"' not in answer.body:
                raise AssertionError(answer.body)
            api._drop_quote(till, order)
            env.invalidate_all()
        return len(data)

    def core(self, env, data):
        customer = env["res.partner"].create({"name": "Customer"})
        for _body in data:
            env["sale.order"].create(
                {
                    "partner_id": customer.id,
                    "order_line": [Command.create({"product_id": self.product_id, "product_uom_qty": 1})],
                }
            )
            env.flush_all()
            env.invalidate_all()
        return len(data)

    def check(self, env, data):
        if self.count(env) != self.before:
            raise AssertionError("a quote has made something")
        return {}

    @staticmethod
    def count(env):
        return [env[model].search_count([]) for model in ("sale.order", "account.move", "res.partner")]
