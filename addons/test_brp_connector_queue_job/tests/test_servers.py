import os
import signal
import socket
import sys
import time

from odoo.tests import tagged

from odoo.addons.brp_connector.tests.common import odoo_options
from odoo.addons.test_brp_connector.tests import test_processes


@tagged("post_install", "-at_install")
class TestServers(test_processes.ProcessCase):
    """Servers with queue_job's runner, as a business starts them."""

    def _delete(self):
        with self.transaction() as env:
            env["queue.job"].search([("model_name", "=", "brp.exchange")]).unlink()
        return super()._delete()

    def _start_jobs(self):
        """Start a server that runs one job at a time, and no scheduled action."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        options = [*odoo_options(), "--http-interface=127.0.0.1", f"--http-port={port}"]
        command = [sys.executable, "-m", "odoo", "server", *options]
        return self._start(
            [*command, "--workers=0", "--max-cron-threads=0", "--load=base,web,queue_job"],
            env={**os.environ, "ODOO_QUEUE_JOB_CHANNELS": "root:1"},
        )

    def _wait_for(self, there):
        until = time.monotonic() + 90
        while not there():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.1)

    def _states_of_jobs(self):
        with self.transaction() as env:
            return env["queue.job"].search([("model_name", "=", "brp.exchange")]).mapped("state")

    def _wait_for_jobs(self):
        """Wait until all jobs that may run have run."""

        def all_done():
            with self.transaction() as env:
                left = env["queue.job"].search([("model_name", "=", "brp.exchange"), ("state", "!=", "done")])
                return all(job.state == "pending" and job.eta for job in left)

        self._wait_for(all_done)

    def test_one_is_killed_and_the_other_goes_on_beside_the_scheduled_action(self):
        self._set_grace(2)
        names = [f"Ada {number}" for number in range(20)]
        self.enqueue(*names)
        self._ask("/control", {"faults": [{"fault": "timeout_after", "seconds": 30, "method": "POST"}]})
        killed = self._start_jobs()
        self._kill_when(1, killed.pid)
        self.assertEqual(killed.wait(10), -signal.SIGKILL)
        self.assertIn("started", self._states_of_jobs())
        self._start_jobs()
        self._wait_for_jobs()
        methods = [request["method"] for request in self._ask("/requests")]
        # The first was looked up, and found; the others were sent.
        self.assertEqual((methods.count("GET"), methods.count("POST")), (1, 20))
        self._assert_each_once(names)

        more = [f"Bo {number}" for number in range(200)]
        self.enqueue(*more)
        worker, [cron] = self._start_server(1)
        self._fork(worker, cron)
        self.assertEqual(self._finish(worker), [0])
        self._wait_for_jobs()
        self._assert_each_once(names + more)
