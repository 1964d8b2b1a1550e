"""What test_brp_connector says of the queue, run by jobs instead of the scheduled action."""

from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.test_brp_connector.tests import (
    test_cards,
    test_exchange,
    test_problem,
    test_rights,
    test_together,
)

from .common import ByJobs


@tagged("post_install", "-at_install")
class TestExchangeByJobs(ByJobs, test_exchange.TestExchange):
    def test_job_runs_when_the_service_may_be_asked(self):
        """At the next full minute after what waits for the connection may be sent."""
        self.enqueue("Ada", "Bo")
        self.misbehave("status", status=429, retry_after=3600)
        self.run_queue()
        [job] = self.find_jobs(self.env)
        self.assertEqual(job.eta.second, 0)
        wait = job.eta - self.connection.next_try
        self.assertTrue(timedelta() <= wait < timedelta(minutes=1), wait)


@tagged("post_install", "-at_install")
class TestTogetherByJobs(ByJobs, test_together.TestTogether):
    pass


@tagged("post_install", "-at_install")
class TestProblemByJobs(ByJobs, test_problem.TestProblem):
    pass


@tagged("post_install", "-at_install")
class TestRightsByJobs(ByJobs, test_rights.TestRights):
    pass


@tagged("post_install", "-at_install")
class TestCardsByJobs(ByJobs, test_cards.TestCards):
    pass
