"""Invoices handed over to 24SevenOffice, which knows none of the customers, beside making them in Odoo."""

from .. import history, sevenoffice


class Flow:
    """Ours: queue, find or make customers and product, save the orders, read them back, note what came of it.

    Core: create and post as many of the same invoices in one go. Not measured is what a queue commits for
    each invoice; the simulator is a process of its own.
    """

    title = "Hand invoices over"
    sizes = (100, 500)

    def setup(self, env):
        self.simulator = sevenoffice.Simulator()
        self.connection_id = sevenoffice.set_up(env, self.simulator).id
        self.customer_ids = sevenoffice.make_customers(env).ids
        history.make_history(env, env["product.product"].create({"name": "Traktor"}), 500)
        env.cr.execute("ANALYZE")

    def prepare(self, env, n):
        self.simulator.begin_anew()
        # The session is there when orders are sent: whoever is first logs in, for all that follow.
        env["brp.connection"].browse(self.connection_id)._get_service().identities()
        env.cr.rollback()  # it was written by another transaction, which this one has not seen
        env.invalidate_all()
        values = sevenoffice.invoices(env, env["res.partner"].browse(self.customer_ids), n)
        moves = env["account.move"].create(values)
        moves.action_post()
        self.calls = self.simulator.count_calls()
        return moves, values

    def ours(self, env, data):
        moves, _values = data
        env = env(su=True)
        connection = env["brp.connection"].browse(self.connection_id)
        moves.sudo()._send_to_seven()
        exchanges = env["brp.exchange"].search([("operation", "=", "24seven_order")], order="id")
        size = connection._get_batch_size("24seven_order")
        for first in range(0, len(exchanges), size):
            part = exchanges[first : first + size]._for_its_company()
            outcomes = part._deliver_together(False)
            for exchange, outcome in outcomes.items():
                exchange._conclude(exchange.attempts, outcome)
            env.flush_all()
        return len(moves)

    def core(self, env, data):
        moves = env["account.move"].create(data[1])
        moves.action_post()
        return len(moves)

    def check(self, env, data):
        moves = data[0]
        env.invalidate_all()
        states = set(moves.mapped("seven_state"))
        if states != {"order"} or any(moves.mapped("seven_difference")):
            raise AssertionError(f"{states}, {next(filter(None, moves.mapped('seven_difference')), '')}")
        if len(set(moves.mapped("seven_order"))) != len(moves):
            raise AssertionError("an order is of two invoices")
        calls = self.simulator.count_calls() - self.calls
        if calls > 0.2 * len(moves):
            raise AssertionError(f"{calls} calls for {len(moves)} invoices")
        return {"calls": calls}
