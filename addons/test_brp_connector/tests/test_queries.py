from odoo import sql_db
from odoo.tests import tagged

from .common import CommittedCase

# Per exchange: taking it, reading it, its connection and the language, noting the outcome. 12 when delivered.
MOST = 16


@tagged("post_install", "-at_install")
class TestQueries(CommittedCase):
    """What an exchange costs does not grow with the queue."""

    def setUp(self):
        super().setUp()
        self.start_service()

    def _count(self, do):
        before = sql_db.sql_counter
        do()
        return sql_db.sql_counter - before

    def _drain(self, count, operation="thing"):
        self.enqueue(*(f"Ada {number}" for number in range(count)), operation=operation)
        with self.transaction() as env:
            queries = self._count(env["brp.exchange"]._cron_send)
        self.assertEqual(len(self.service.things.of(None)), count)
        self.service.things._things.clear()
        return queries

    def test_draining(self):
        self._drain(3)  # fills the caches
        ten, sixty = self._drain(10), self._drain(60)
        each = (sixty - ten) / 50
        self.assertLessEqual(each, MOST)
        self.assertLessEqual(abs(each - ten / 10), 3, f"{ten} for 10, {sixty} for 60")

    def test_draining_several_at_once(self):
        """Taking and reading them is done once for ten."""
        self._drain(10, "things")
        ten, sixty = self._drain(10, "things"), self._drain(60, "things")
        self.assertLessEqual((sixty - ten) / 50, MOST - 4, f"{ten} for 10, {sixty} for 60")

    def test_draining_what_is_refused(self):
        """Also a queue of which everything is refused is gone through at the same cost each."""

        def drain(count):
            self.service.faults.add([{"fault": "status", "status": 400, "method": "POST", "times": count}])
            self.enqueue(*(f"Ada {number}" for number in range(count)))
            with self.transaction() as env:
                queries = self._count(env["brp.exchange"]._cron_send)
                failed = [("connection_id", "=", self.connection_id), ("state", "=", "failed")]
                self.assertGreaterEqual(env["brp.exchange"].search_count(failed), count)
            return queries

        drain(3)
        ten, sixty = drain(10), drain(60)
        each = (sixty - ten) / 50
        self.assertLessEqual(each, MOST, f"{ten} for 10, {sixty} for 60")

    def test_enqueueing(self):
        """A thousand are put into the queue with a handful of queries, and some for each batch inserted."""
        with self.transaction() as env:
            connection = self.get_connection(env)
            things = env["brp.faulty.thing"].create([{"name": f"Ada {number}"} for number in range(1000)])
            env.flush_all()
            env.invalidate_all()

            def enqueue():
                env["brp.exchange"]._enqueue(connection, "thing", things)
                env.flush_all()

            queries, again = self._count(enqueue), self._count(enqueue)
        self.assertLessEqual(queries, 30)
        self.assertLessEqual(again, 5)
