import threading
from unittest.mock import patch

from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import freeze_time, tagged

from .common import CommittedCase, make_connection

HOUR = 3600


@tagged("post_install", "-at_install")
class TestCalls(CommittedCase):
    """Calls are counted over all processes: for each connection and period by themselves."""

    def _count(self, seconds=HOUR, connection=None):
        with self.transaction() as env:
            connection = connection or self.get_connection(env)
            return env["brp.connection.calls"]._count(connection.with_env(env), seconds)

    def test_period(self):
        """An hour begins with the clock's; it is told how long it lasts."""
        with freeze_time("2026-03-01 10:59:50"):
            self.assertEqual(self._count(), (1, 10))
        with freeze_time("2026-03-01 10:59:59"):
            self.assertEqual(self._count(), (2, 1))
        with freeze_time("2026-03-01 11:00:00"):
            self.assertEqual(self._count(), (1, 3600))
        with freeze_time("2026-03-01 11:10:05"):
            self.assertEqual(self._count(), (2, 2995))

    def test_minutes_and_days(self):
        for seconds, left in ((60, 15), (86_400, 86_400 - 37_845)):
            with freeze_time("2026-03-01 10:30:45"):
                self.assertEqual(self._count(seconds), (1, left))

    def test_connections_apart(self):
        with self.transaction() as env:
            company = self.get_connection(env).company_id
            other = make_connection(env, f"{company.name} II")
        self.addCleanup(self._delete_other, other.id)
        with freeze_time("2026-03-01 10:00:00"):
            counts = [self._count(connection=one)[0] for one in (None, None, other, None, other)]
        self.assertEqual(counts, [1, 2, 1, 3, 2])

    def _delete_other(self, connection_id):
        with self.transaction() as env:
            other = env["brp.connection"].browse(connection_id)
            other.state = "new"
            company = other.company_id
            env["brp.connection"].search([("company_id", "=", company.id)]).unlink()
            company.active = False

    def test_call_counts_whatever_becomes_of_the_transaction(self):
        with freeze_time("2026-03-01 10:00:00"):
            with self.transaction() as env:
                self.assertEqual(env["brp.connection.calls"]._count(self.get_connection(env), HOUR)[0], 1)
                env.cr.rollback()
            self.assertEqual(self._count()[0], 2)

    def test_transaction_that_has_changed_the_connection(self):
        """It does not wait for itself."""
        with freeze_time("2026-03-01 10:00:00"), self.transaction() as env:
            connection = self.get_connection(env)
            connection.write({"failure": "Something", "next_try": "2026-03-01 11:00:00"})
            env.flush_all()
            self.assertEqual(env["brp.connection.calls"]._count(connection, HOUR)[0], 1)

    def test_many_at_once(self):
        """Each call has a number of its own."""
        # Odoo's own runner holds the lock while tests run, and our threads need the registry.
        self.startPatcher(patch.object(Registry, "_lock", DummyRLock()))
        counts = []

        def count():
            for _call in range(25):
                counts.append(self._count(86_400)[0])

        with freeze_time("2026-03-01 10:00:00"):
            threads = [threading.Thread(target=count) for _number in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        self.assertEqual(sorted(counts), list(range(1, 101)))

    def test_old_counts_are_deleted(self):
        """Not those of a day that is not over yet."""
        for moment in ("2026-03-01 10:00:00", "2026-03-02 10:00:00"):
            with freeze_time(moment):
                self._count(86_400)
        with freeze_time("2026-03-02 23:59:59"), self.transaction() as env:
            env["brp.connection.calls"]._gc_calls()
            self.assertEqual(self._periods(env), ["2026-03-02 00:00:00"])

    def _periods(self, env):
        rows = env["brp.connection.calls"].search([("connection_id", "=", self.connection_id)])
        return [str(row.begins) for row in rows]
