import os
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.tests import tagged

from odoo.addons.brp_connector_queue_job import leave_to_the_scheduled_action
from odoo.addons.brp_connector_queue_job.models import brp_exchange
from odoo.addons.test_brp_connector.tests.common import ConnectorCommon

from .common import ByJobs


@tagged("post_install", "-at_install")
class TestJobs(ByJobs, ConnectorCommon):
    """Which jobs are made, and what they do to what others have done already."""

    def setUp(self):
        super().setUp()
        self.find_jobs(self.env).unlink()

    def find_turns(self):
        """Return the jobs that were made for an exchange each."""
        return self.find_jobs(self.env).filtered(lambda job: job.records)

    def test_each_has_a_job(self):
        exchanges = self.enqueue("Ada", "Bo")
        self.env["brp.exchange"]._enqueue(
            self.connection, "thing", self.env["brp.faulty.thing"].browse(exchanges.mapped("res_id"))
        )
        jobs = self.find_turns()
        self.assertEqual(jobs.mapped("identity_key"), [f"brp_exchange {one.id}" for one in exchanges])
        self.assertEqual(set(jobs.mapped("channel")), {"root.brp_exchange"})

    def test_one_job_for_what_goes_in_one_call(self):
        """25 things, of which the service takes 10 at once."""
        self.enqueue(*(f"Ada {number}" for number in range(25)), operation="things")
        self.assertEqual(len(self.find_turns()), 3)
        self.find_turns().unlink()
        self.run_queue()
        self.assertEqual(self.take_methods(), ["POST"] * 3)

    def test_turns_alone_send_all(self):
        exchanges = self.enqueue("Ada", "Bo", "Cia")
        (self.find_jobs(self.env) - self.find_turns()).unlink()
        self.run_queue()
        self.assertEqual(set(exchanges.mapped("state")), {"done"})

    def test_works_as_the_scheduled_action_does(self):
        """Whoever had it sent: neither their rights nor their company or language are those of the job."""
        with self.enter_registry_test_mode():
            plain = self.make_user("faulty_plain_job", "base.group_user", lang="en_US")
            thing = self.env["brp.faulty.thing"].create({"name": "Ada"})
            queue = self.env["brp.exchange"].with_user(plain).sudo().with_context(lang="sv_SE")
            queue._enqueue(self.connection, "thing", thing)
        for job in self.find_jobs(self.env):
            self.assertEqual((job.user_id.id, job.records.env.uid), (SUPERUSER_ID, SUPERUSER_ID))
            self.assertNotIn("lang", job.records.env.context)

    def test_scheduled_action_was_first(self):
        """Nothing is left for the jobs, and nothing is sent by them."""
        self.enqueue("Ada", "Bo")
        ConnectorCommon.run_queue(self)
        self.assert_delivered("Ada", "Bo")
        self.run_queue()
        self.assert_delivered("Ada", "Bo")
        self.assertEqual(self.take_methods(), ["POST"] * 2)

    def test_taken_back_and_deactivated(self):
        exchanges = self.enqueue("Ada", "Bo")
        exchanges[0].action_give_up()
        self.run_queue()
        self.assert_delivered("Bo")
        exchanges = self.enqueue("Cia")
        self.connection.action_deactivate()
        self.run_queue()
        self.assert_delivered("Bo")
        self.assertFalse(self.find_jobs(self.env))
        self.connection._activate()
        self.run_queue()
        self.assert_delivered("Bo", "Cia")

    def test_next_attempt_has_a_job_once(self):
        """However many jobs come upon it, one comes back in the minute after it is due."""
        exchange = self.enqueue("Ada")
        self.misbehave("status", status=500)
        self.run_queue()
        exchange.flush_recordset()
        for _time in range(3):
            self.env["brp.exchange"]._wake_when_due()
        [job] = self.find_jobs(self.env)
        due = max(exchange.next_attempt, self.connection.next_try)
        self.assertTrue(0 <= (job.eta - due).total_seconds() < 120)
        self.run_later()
        self.assertEqual(exchange.state, "done")

    def test_wakes_once_in_a_transaction(self):
        for _time in range(3):
            self.env["brp.exchange"]._wake()
        self.assertEqual(len(self.find_jobs(self.env)), 1)

    def test_never_before_it_is_due(self):
        """A full minute is kept; a moment later it is the next one."""
        noon = datetime(2040, 1, 1, 12, 0)
        moments = [noon, noon + timedelta(microseconds=500_000), noon + timedelta(seconds=59)]
        for at, eta in zip(moments, [noon, *[noon + timedelta(minutes=1)] * 2], strict=True):
            self.find_jobs(self.env).unlink()
            self.env["brp.exchange"]._wake(at)
            self.assertEqual(self.find_jobs(self.env).mapped("eta"), [eta])

    def test_long_queue_makes_room_for_other_jobs(self):
        """After so many seconds, here none, the next job goes on."""
        self.enqueue("Ada", "Bo", "Cia")
        self.find_turns().unlink()
        with patch.object(brp_exchange, "_SECONDS", 0.001):
            self.find_jobs(self.env).unlink()
            self.env["brp.exchange"]._wake()
            self.run_queue()
        self.assert_delivered("Ada", "Bo", "Cia")

    def test_without_delay_it_is_the_scheduled_action(self):
        """Where jobs are not to be delayed, there are none: they would call one another without end."""
        wakings = ConnectorCommon.find_wakings(self)
        with patch.dict(os.environ, {"QUEUE_JOB__NO_DELAY": "1"}), self.assertLogs("odoo.addons.queue_job"):
            self.enqueue("Ada")
        self.assertFalse(self.find_jobs(self.env))
        self.assertTrue(ConnectorCommon.find_wakings(self) - wakings)

    def test_uninstalled(self):
        """What waits is left to the scheduled action, and no job to anybody."""
        self.enqueue("Ada")
        wakings = ConnectorCommon.find_wakings(self)
        leave_to_the_scheduled_action(self.env)
        self.assertFalse(self.find_jobs(self.env))
        self.assertTrue(ConnectorCommon.find_wakings(self) - wakings)
