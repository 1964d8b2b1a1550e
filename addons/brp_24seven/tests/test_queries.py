from odoo import SUPERUSER_ID, api, sql_db
from odoo.tests import tagged

from .common import SevenCommon

# Of an exchange that is concluded: its own and its connection's, the invoice, the customer's number
EACH = 14


@tagged("post_install", "-at_install")
class TestQueries(SevenCommon):
    """What is done for many invoices at once costs no queries for each."""

    def setUp(self):
        super().setUp()
        self.activate()

    def _count(self, do):
        self.env.flush_all()
        self.env.invalidate_all()
        before = sql_db.sql_counter
        do()
        self.env.flush_all()
        return sql_db.sql_counter - before

    def _queries(self, count):
        """Send invoices to as many customers and ask about them; return the queries that each step takes."""
        partners = self.env["res.partner"].create(
            [{"name": f"Kund {number}", "email": f"kund.{number}@example.com"} for number in range(count)]
        )
        moves = self.env["account.move"].concat(*(self.invoice(partner_id=one.id) for one in partners))
        by_clerk = moves.with_user(self.clerk)
        taken = {"click": self._count(by_clerk.action_seven_send)}
        with self.registry.cursor() as cr:
            exchanges = api.Environment(cr, SUPERUSER_ID, {})["brp.exchange"]
            exchanges, look_up = exchanges._claim()
            outcomes = {}
            taken["send"] = self._count(lambda: outcomes.update(exchanges._deliver_together(look_up)))
            cr.rollback()

            def conclude():
                for exchange, outcome in outcomes.items():
                    exchange._put_on_record(exchange.attempts, outcome)

            taken["conclude"] = self._count(conclude)
        self.env.invalidate_all()
        self.assertEqual(set(moves.mapped("seven_state")), {"order"})
        for move in moves:
            self.service.publish(move.name)
        taken["check"] = self._count(by_clerk.action_seven_check)
        self.assertEqual(set(moves.mapped("seven_state")), {"invoiced"})
        return taken

    def test_many_cost_no_more_than_few(self):
        self._queries(2)  # fills the caches
        few, many = self._queries(10), self._queries(40)
        for step in ("click", "send", "check"):
            self.assertLessEqual(many[step] - few[step], 3, f"{step}: {few} for 10, {many} for 40")
        self.assertLessEqual((many["conclude"] - few["conclude"]) / 30, EACH)
