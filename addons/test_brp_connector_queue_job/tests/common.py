from odoo import SUPERUSER_ID, api, fields

from odoo.addons.queue_job.controllers.main import RunJobController
from odoo.addons.test_brp_connector.tests.common import let_time_pass

OF_EXCHANGES = [("model_name", "=", "brp.exchange"), ("state", "=", "pending")]


class ByJobs:
    """Has the queue run by jobs alone, in the order and the way in which queue_job's runner runs them.

    It comes before a class of the tests of BRP Connector.
    """

    allow_inherited_tests_method = True

    def run_queue(self):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            while due := self.find_jobs(env, due=True)[:1]:
                due.state = "enqueued"
                env.flush_all()
                job = RunJobController._acquire_job(env, due.uuid)
                RunJobController._runjob(env, job)
                self.assertEqual(due.state, "done")

    def run_later(self):
        """Only what has a job for later is sent later."""
        let_time_pass(self.connection)
        self.find_jobs(self.env).eta = False
        self.run_queue()

    def find_wakings(self):
        return self.find_jobs(self.env)

    def find_jobs(self, env, due=False):
        """Return the jobs that wait, or those that may run now, in the order of the runner."""
        jobs = env["queue.job"].search(OF_EXCHANGES, order="priority, date_created, id")
        now = fields.Datetime.now()
        return jobs.filtered(lambda job: not due or not job.eta or job.eta <= now)
