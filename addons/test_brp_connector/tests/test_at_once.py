import threading
import time
from unittest.mock import patch

from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import CommittedCase, let_time_pass


@tagged("post_install", "-at_install")
class TestAtOnce(CommittedCase):
    """What people do while something is on its way neither loses it nor has it sent twice."""

    def setUp(self):
        super().setUp()
        self.start_service()
        # Odoo's own runner holds the lock while tests run, and our threads need the registry.
        self.startPatcher(patch.object(Registry, "_lock", DummyRLock()))

    def _drain(self):
        with self.transaction() as env:
            env["brp.exchange"]._cron_send()

    def _send_in_background(self, **fault):
        """Begin to send the one exchange; return its id and what waits for the end."""
        [exchange_id] = self.enqueue("Ada")
        return exchange_id, self._drain_in_background(**fault)

    def _drain_in_background(self, **fault):
        """Begin to send what there is; return what waits for the end."""
        self.service.faults.add([{"method": "POST", **fault}])
        thread = threading.Thread(target=self._drain, name="drain")
        thread.start()
        self._wait_for_requests(1)
        return lambda: thread.join(30)

    def _wait_for_requests(self, count):
        until = time.monotonic() + 20
        while len(self.service.requests) < count and time.monotonic() < until:
            time.sleep(0.01)
        self.assertEqual(len(self.service.requests), count)

    def _do(self, method, exchange_id):
        with self.transaction() as env:
            getattr(env["brp.exchange"].browse(exchange_id), method)()

    def _read(self, exchange_id, *names):
        with self.transaction() as env:
            return tuple(env["brp.exchange"].browse(exchange_id)[name] for name in names)

    def _assert_delivered_once(self):
        self.assertEqual([thing["value"] for thing in self.service.things.of(None)], ["Ada"])

    def _have_both_make(self, make):
        """Have two transactions make the same, the second before the first has committed; return the ids.

        :param make: function from an environment to records
        """
        made = []

        def make_second():
            with self.transaction() as env:
                made.append(retrying(lambda: make(env).ids, env))

        with self.transaction() as env, mute_logger("odoo.sql_db"):
            made.append(make(env).ids)
            thread = threading.Thread(target=make_second, name="second")
            thread.start()
            self._wait_for_lock(env)
            env.cr.commit()
            thread.join(30)
        return made

    def _wait_for_lock(self, env):
        until = time.monotonic() + 20
        waiting = 0
        while not waiting and time.monotonic() < until:
            env.cr.execute(
                "SELECT COUNT(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))",
                [env.cr._cnx.get_backend_pid()],
            )
            [waiting] = env.cr.fetchone()
            time.sleep(0.01)
        self.assertTrue(waiting, "the second transaction does not wait for the first")

    def test_two_enqueue_the_same(self):
        with self.transaction() as env:
            thing = env["brp.faulty.thing"].create({"name": "Ada"})
            thing_id = thing.id
        first, second = self._have_both_make(
            lambda env: env["brp.exchange"]._enqueue(
                self.get_connection(env), "thing", env["brp.faulty.thing"].browse(thing_id)
            )
        )
        self.assertEqual(len(first), 1)
        self.assertEqual(first, second)

    def test_two_open_the_page_for_the_first_time(self):
        with self.transaction() as env:
            company = self.get_connection(env).company_id
            company_id = company.id
            cards = [("company_id", "=", company_id), ("state", "=", "new")]
            env["brp.connection"].search(cards).unlink()

        def open_page(env):
            connections = env["brp.connection"].with_context(allowed_company_ids=[company_id])
            connections.action_open_integrations()
            return connections.search(cards)

        first, second = self._have_both_make(open_page)
        self.assertTrue(first)
        self.assertEqual(first, second)

    def test_given_up_on_its_way_and_delivered(self):
        """It is there, and so it says."""
        exchange_id, wait = self._send_in_background(fault="slow", seconds=1)
        self._do("action_give_up", exchange_id)
        self.assertEqual(self._read(exchange_id, "state"), ("cancelled",))
        wait()
        self.assertEqual(self._read(exchange_id, "state", "reference", "unsure"), ("done", "1", False))
        self._assert_delivered_once()

    def test_given_up_on_its_way_and_not_delivered(self):
        """It stays given up; whether it is there is found out when somebody changes his mind."""
        exchange_id, wait = self._send_in_background(fault="timeout_after", seconds=1)
        self._do("action_give_up", exchange_id)
        wait()
        self.assertEqual(self._read(exchange_id, "state", "unsure"), ("cancelled", True))
        self._drain()
        self._do("action_retry", exchange_id)
        self._drain()
        self.assertEqual(self._read(exchange_id, "state"), ("done",))
        self.assertEqual([request["method"] for request in self.service.requests], ["POST", "GET"])
        self._assert_delivered_once()

    def test_tried_again_on_its_way(self):
        """What is being sent is not sent a second time beside it, however often one asks."""
        exchange_id, wait = self._send_in_background(fault="slow", seconds=1)
        for method in ("action_retry", "action_give_up", "action_retry"):
            self._do(method, exchange_id)
            self._drain()
        self.assertEqual(len(self.service.requests), 1)
        wait()
        self.assertEqual(self._read(exchange_id, "state", "attempts"), ("done", 1))
        self._assert_delivered_once()

    def test_deactivated_on_its_way(self):
        exchange_id, wait = self._send_in_background(fault="timeout_before", seconds=1)
        with self.transaction() as env:
            self.get_connection(env)._deactivate()
        wait()
        self.assertEqual(self._read(exchange_id, "state"), ("pending",))
        with self.transaction() as env:
            connection = self.get_connection(env)
            self.assertEqual((connection.state, connection.problem), ("inactive", False))

    def test_one_of_several_given_up_on_its_way(self):
        """It is there, and so it says; the other one does not care."""
        first, second = self.enqueue("Ada", "Bo", operation="things")
        wait = self._drain_in_background(fault="slow", seconds=1)
        self._do("action_give_up", second)
        wait()
        for exchange_id, number in ((first, "1"), (second, "2")):
            self.assertEqual(self._read(exchange_id, "state", "reference"), ("done", number))

    def test_two_take_different_ones(self):
        """Who comes second does not wait for the first, and takes none of the same."""
        ids = self.enqueue(*(f"Ada {number}" for number in range(15)), operation="things")
        with self.transaction() as env:
            taken = [one["id"] for one in env["brp.exchange"]._take(SQL("TRUE"), 10)]
            with self.transaction() as other:
                claimed, look_up = other["brp.exchange"]._claim()
                self.assertEqual((taken, claimed.ids, look_up), (ids[:10], ids[10:], False))

    def test_two_send_together(self):
        """While the first ten are on their way, somebody else sends the others."""
        ids = self.enqueue(*(f"Ada {number}" for number in range(15)), operation="things")
        wait = self._drain_in_background(fault="slow", seconds=2)
        self._drain()
        self.assertEqual(self._read(ids[10], "state", "reference"), ("done", "1"))
        self.assertEqual(self._read(ids[0], "state", "sending"), ("pending", True))
        wait()
        self.assertEqual(self._read(ids[0], "state", "reference"), ("done", "6"))
        self.assertEqual(self.service.things.counts()["accepted"], 15)

    def test_somebody_works_on_the_exchange(self):
        """The note of what was delivered waits for who holds the exchange."""
        exchange_id, wait = self._send_in_background(fault="slow", seconds=0.5)
        with self.transaction() as env:
            env["brp.exchange"].browse(exchange_id).lock_for_update()
            self._wait_for_things(1)
            time.sleep(1)
            env["brp.exchange"].browse(exchange_id).error = "Somebody was here"
        wait()
        self.assertEqual(self._read(exchange_id, "state", "error"), ("done", False))

    def _wait_for_things(self, count):
        until = time.monotonic() + 20
        while len(self.service.things.of(None)) < count and time.monotonic() < until:
            time.sleep(0.01)

    def test_several_meet_the_same_failure(self):
        """It counts as one, so that nobody is told of a hiccup; and it is on record for each exchange."""
        ids = self.enqueue("Ada", "Bo", "Cia", "Disa")
        self.service.faults.add([{"fault": "timeout_before", "seconds": 1, "times": 4, "method": "POST"}])
        threads = [threading.Thread(target=self._drain, name=f"drain {number}") for number in range(4)]
        with mute_logger("odoo.sql_db"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
        with self.transaction() as env:
            connection = self.get_connection(env)
            exchanges = env["brp.exchange"].browse(ids)
            self.assertEqual(exchanges.mapped("attempts"), [1] * 4)
            self.assertEqual(exchanges.mapped("unsure"), [True] * 4)
            self.assertEqual(exchanges.mapped("sending"), [False] * 4)
            self.assertEqual(connection.failures, 1)
            self.assertFalse(connection.problem)
            let_time_pass(connection)
        self._drain()
        self.assertEqual(len(self.service.things.of(None)), 4)
