import socket
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import SECRET, ConnectorCommon

LOGGER = "odoo.addons.brp_connector.models.brp_exchange"
NUMBER = "19900101-9802"
MISSING = "Account 3001 is missing"
LARGE = 200_000_000


@tagged("post_install", "-at_install")
class TestExchange(ConnectorCommon):
    """Whatever the service does, a thing is delivered once, and what is not delivered is told."""

    def _patch(self, name, method):
        return patch.object(type(self.env["brp.connection"]), name, method)

    def test_all_is_well(self):
        exchange = self.enqueue("Ada")
        self.assertEqual(
            (exchange.state, exchange.attempts, exchange.company_id), ("pending", 0, self.company)
        )
        self.run_queue()
        self.assertEqual(self.take_methods(), ["POST"])
        self.assert_delivered("Ada")
        self.assertRecordValues(
            exchange,
            [
                {
                    "state": "done",
                    "reference": "1",
                    "attempts": 1,
                    "unsure": False,
                    "sending": False,
                    "status": 201,
                }
            ],
        )
        self.assertEqual(exchange._get_record().ref, "1")
        self.assertTrue(exchange.done_date)
        self.assertIn('"value": "Ada"', exchange.request)
        self.assertIn('"id": 1', exchange.answer)
        self.assertFalse(self.connection.problem)

    def test_same_thing_is_told_once(self):
        exchange = self.enqueue("Ada")
        again = self.env["brp.exchange"]._enqueue(self.connection, "thing", exchange._get_record())
        self.assertEqual(again, exchange)
        self.run_queue()
        again = self.env["brp.exchange"]._enqueue(self.connection, "thing", exchange._get_record())
        self.run_queue()
        self.assertEqual(again.state, "done")
        self.assert_delivered("Ada")

    def test_longest_waiting_first(self):
        first, second = self.enqueue("Ada"), self.enqueue("Bo")
        first.next_attempt = fields.Datetime.add(second.next_attempt, seconds=-1)
        third = self.enqueue("Cia")
        third.next_attempt = fields.Datetime.add(second.next_attempt, seconds=-2)
        self.run_queue()
        self.assert_delivered("Cia", "Ada", "Bo")

    def test_nobody_knows_whether_it_arrived(self):
        """It is looked up at the service, and sent again only if it is not there."""
        acted, not_acted = ["POST", "GET"], ["POST", "GET", "POST"]
        faults = {
            "time-out before acting": ("timeout_before", {"seconds": 1}, not_acted),
            "time-out after acting": ("timeout_after", {"seconds": 1}, acted),
            "closed before acting": ("close_before", {}, not_acted),
            "reset before acting": ("close_before", {"reset": True}, not_acted),
            "closed after acting": ("close_after", {}, acted),
            "reset after acting": ("close_after", {"reset": True}, acted),
            "half an answer": ("half", {}, acted),
            "half a chunk": ("half", {"chunked": True}, acted),
            "a byte now and then": ("trickle", {"seconds": 0.1}, acted),
            "a page instead of JSON": ("garbage", {}, acted),
            "no HTTP": ("not_http", {}, acted),
            "half a gzip": ("gzip", {"cut": 5}, acted),
            "500": ("status", {"status": 500}, not_acted),
            "500 having acted": ("status", {"status": 500, "acted": True}, acted),
            "502": ("status", {"status": 502, "type": "text/html", "body": "<h1>Bad</h1>"}, not_acted),
            "504 having acted": ("status", {"status": 504, "acted": True}, acted),
            "408": ("status", {"status": 408}, not_acted),
        }
        for name, (fault, settings, methods) in faults.items():
            with self.subTest(name):
                exchange = self.enqueue(name)
                self.misbehave(fault, **settings)
                self.run_queue()
                self.assertRecordValues(exchange, [{"state": "pending", "unsure": True, "attempts": 1}])
                self.assertTrue(exchange.error)
                self.assertGreater(exchange.next_attempt, fields.Datetime.now())
                self.run_queue()  # it is not time yet
                self.assertEqual(len(self.service.requests), 1)
                self.run_later()
                self.assertRecordValues(exchange, [{"state": "done", "unsure": False, "error": False}])
                self.assertEqual(self.take_methods(), methods)
        self.assert_delivered(*faults)

    def test_answer_of_200_mb(self):
        """It is our fault to ask for so much, so a person looks; then it is found there."""
        for fault, settings in (
            ("large", {"bytes": LARGE}),
            ("large", {"bytes": LARGE, "length": True}),
            ("gzip_bomb", {"bytes": LARGE}),
        ):
            with self.subTest(fault, **settings):
                exchange = self.enqueue("Ada")
                self.misbehave(fault, **settings)
                self.run_queue()
                self.assertRecordValues(exchange, [{"state": "failed", "unsure": True}])
                self.assertIn("far too large", self.connection.problem)
                exchange.action_retry()
                self.run_queue()
                self.assertEqual(exchange.state, "done")
                self.assertEqual(self.take_methods(), ["POST", "GET"])
        self.assert_delivered("Ada", "Ada", "Ada")

    def test_too_many_requests(self):
        """Nothing at all is sent to the connection before the time that the service asked for."""
        other = self.connection.copy(
            {"provider": "shops", "several": True, "company_id": self.company.id, "faulty_secret": SECRET}
        )
        other._activate()
        exchanges = self.enqueue("Ada", "Bo")
        self.misbehave("status", status=429, retry_after=600)
        before = fields.Datetime.now()
        self.run_queue()
        self.assertRecordValues(exchanges, [{"state": "pending", "unsure": False}] * 2)
        self.assertEqual(exchanges.mapped("attempts"), [1, 0])
        self.assertEqual(self.take_methods(), ["POST"])
        self.assertGreaterEqual((self.connection.next_try - before).total_seconds(), 600)
        thing = self.env["brp.faulty.thing"].create({"name": "Cia"})
        self.env["brp.exchange"]._enqueue(other, "thing", thing)
        self.run_queue()
        self.assert_delivered("Cia")  # another connection is not concerned
        self.run_later()
        self.assertEqual(set(exchanges.mapped("state")), {"done"})
        self.assertEqual(self.take_methods(), ["POST"] * 3)  # it was turned away: no need to look it up
        self.assert_delivered("Cia", "Ada", "Bo")

    def test_job_runs_when_the_service_may_be_asked(self):
        """What waits for the connection wakes the job then, although itself it was due before."""
        self.enqueue("Ada", "Bo")
        self.misbehave("status", status=429, retry_after=3600)
        self.find_wakings().unlink()
        self.run_queue()
        self.assertEqual(self.find_wakings().mapped("call_at"), [self.connection.next_try])

    def test_down_for_days_and_up_again(self):
        exchanges = self.enqueue("Ada", "Bo")
        port = self.service.server_address[1]
        self.service.stop()
        for _attempt in range(20):
            self.run_later()
            self.assertEqual(set(exchanges.mapped("state")), {"pending"})
        # Both are tried no more than one at a time, and neither is given up.
        self.assertEqual(sum(exchanges.mapped("attempts")), 20)
        self.assertFalse(any(exchanges.mapped("unsure")))
        self.assertIn("cannot be reached", self.connection.problem)
        self.start_service(port)
        self.run_later()
        self.assertEqual(set(exchanges.mapped("state")), {"done"})
        self.assertEqual(self.take_methods(), ["POST", "POST"])
        self.assertFalse(self.connection.problem)

    def test_look_up_fails(self):
        """Nothing is sent as long as it is not known whether it is there."""
        exchange = self.enqueue("Ada")
        self.misbehave("timeout_after", seconds=1)
        self.run_queue()
        self.assertEqual(self.take_methods(), ["POST"])
        self.misbehave("status", method="GET", times=3, status=500)
        self.run_later()
        self.assertEqual(set(self.take_methods()), {"GET"})
        self.assertRecordValues(exchange, [{"state": "pending", "unsure": True}])
        self.misbehave("status", method="GET", status=400)  # we ask in a wrong way
        self.run_later()
        self.assertEqual(self.take_methods(), ["GET"])
        self.assertRecordValues(exchange, [{"state": "failed", "unsure": True}])
        exchange.action_retry()
        self.run_queue()
        self.assertEqual(self.take_methods(), ["GET"])
        self.assertEqual(exchange.state, "done")
        self.assert_delivered("Ada")

    def test_look_up_stops(self):
        exchange = self.enqueue("Ada")
        self.misbehave("timeout_after", seconds=1)
        self.run_queue()
        for error, state in ((UserError("No series"), "blocked"), (KeyError("series"), "failed")):
            with self._patch("_look_up_exchange", _raise(error)), self._logged(error):
                self.run_later()
            self.assertRecordValues(exchange, [{"state": state, "unsure": True}])
            exchange.action_retry()
        self.run_queue()
        self.assertEqual(self.take_methods(), ["POST", "GET"])
        self.assert_delivered("Ada")

    def _logged(self, error):
        return self.assertNoLogs(LOGGER) if isinstance(error, UserError) else self.assertLogs(LOGGER, "ERROR")

    def test_refused_by_service(self):
        """A service that says what is wrong with one thing goes on taking the others."""
        exchanges = self.enqueue("Ada", "Bo")
        body = {"error": "no_name", "message": "Ada has no surname"}
        self.misbehave("status", status=422, body=body)
        self.run_queue()
        self.assertEqual(exchanges.mapped("state"), ["failed", "done"])
        self.assertIn("Ada has no surname", exchanges[0].error)
        self.assertIn("Ada has no surname", self.connection.problem)
        self.assertTrue(exchanges[0].unsure)  # it got there

    def test_redirected(self):
        exchange = self.enqueue("Ada")
        self.misbehave("redirect", to="https://elsewhere.example/things")
        self.run_queue()
        self.assertEqual(exchange.state, "pending")
        self.assertIn("elsewhere.example", self.connection.problem)
        self.assertIn("settings", self.connection.problem)
        self.run_later()
        self.assertEqual(self.take_methods(), ["POST", "GET", "POST"])
        self.assertFalse(self.connection.problem)

    def test_stopped_by_us_before_sending(self):
        """It waits for somebody to correct what is missing."""
        exchanges = self.enqueue("Ada", "Bo")
        original = type(self.env["brp.connection"])._send_exchange

        def send(connection, service, exchange):
            if exchange.record_name == "Ada":
                raise UserError(MISSING)
            return original(connection, service, exchange)

        with self._patch("_send_exchange", send):
            self.run_queue()
        self.assertRecordValues(
            exchanges,
            [
                {"state": "blocked", "error": MISSING, "unsure": False},
                {"state": "done", "error": False, "unsure": False},
            ],
        )
        self.assertEqual(self.connection.problem, f"Ada: {MISSING}")
        self.take_methods()
        self.connection._retry_blocked()
        self.assertFalse(self.connection.problem)
        self.run_queue()
        self.assertEqual(self.take_methods(), ["POST"])
        self.assert_delivered("Bo", "Ada")

    def test_stopped_by_us_after_something_was_sent(self):
        """What may have been acted on is looked up, whatever stopped us then."""
        original = type(self.env["brp.connection"])._send_exchange

        def stop(error):
            def send(connection, service, exchange):
                original(connection, service, exchange)
                raise error

            return send

        for error in (UserError("It looks strange"), KeyError("id")):
            exchange = self.enqueue(type(error).__name__)
            with self._patch("_send_exchange", stop(error)), self._logged(error):
                self.run_queue()
            self.assertTrue(exchange.unsure)
            exchange.action_retry()
            self.run_queue()
            self.assertEqual(exchange.state, "done")
            self.assertEqual(self.take_methods(), ["POST", "GET"])
        self.assert_delivered("UserError", "KeyError")

    def test_second_call_turned_away(self):
        """The first of a connector's calls was acted on, so that it is not sent again unseen."""
        original = type(self.env["brp.connection"])._send_exchange

        def send(connection, service, exchange):
            original(connection, service, exchange)
            self.misbehave("status", status=429, retry_after=1)
            service.send("POST", "/things", json={"key": "appendix"})

        exchange = self.enqueue("Ada")
        with self._patch("_send_exchange", send):
            self.run_queue()
        self.assertRecordValues(exchange, [{"state": "pending", "unsure": True}])
        self.run_later()
        self.assert_delivered("Ada")

    def test_answer_that_the_connector_does_not_expect(self):
        exchange = self.enqueue("Ada")
        self.misbehave("garbage", body='{"number": 1}')
        with self.assertLogs(LOGGER, "ERROR"):
            self.run_queue()
        self.assertRecordValues(exchange, [{"state": "failed", "unsure": True}])
        exchange.action_retry()
        self.run_queue()
        self.assertEqual(self.take_methods(), ["POST", "GET"])
        self.assert_delivered("Ada")

    def test_unexpected_error_tells_nothing(self):
        """An error's text may quote what was to be sent: it is neither in the log nor on the record."""
        exchanges = self.enqueue("Ada", "Bo")
        original = type(self.env["brp.connection"])._send_exchange

        def send(connection, service, exchange):
            if exchange.record_name == "Ada":
                raise ValueError(f"{NUMBER} is wrong")
            return original(connection, service, exchange)

        with self._patch("_send_exchange", send), self.assertLogs(level="DEBUG") as logs:
            self.run_queue()
        self.assertEqual(exchanges.mapped("state"), ["failed", "done"])
        text = "\n".join(logs.output)
        self.assertNotIn(NUMBER, text)
        self.assertIn("ValueError", text)
        self.assertIn("test_exchange.py", text)  # where it was
        self.assertIn("ValueError", exchanges[0].error)
        self.assertNotIn(NUMBER, exchanges[0].error + self.connection.problem)

    def test_nothing_returned(self):
        exchange = self.enqueue("Ada")
        with self._patch("_send_exchange", lambda *args: None), self.assertLogs(LOGGER, "ERROR"):
            self.run_queue()
        self.assertRecordValues(exchange, [{"state": "failed", "unsure": True}])

    def test_what_follows_fails(self):
        """It was delivered, so it is not sent again; and it does not stop the others."""
        original = type(self.env["brp.connection"])._finish_exchange

        def finish(error):
            def do(connection, exchange, delivered):
                exchange._get_record().write({"comment": "half way"})
                if exchange.record_name.startswith("Ada"):
                    raise error
                return original(connection, exchange, delivered)

            return do

        for error in (ValidationError("Ada is locked"), KeyError(NUMBER)):
            name = f"Ada {type(error).__name__}"
            exchanges = self.enqueue(name, f"Bo {name}")
            with self._patch("_finish_exchange", finish(error)), self._logged(error):
                self.run_queue()
            self.assertEqual(exchanges.mapped("state"), ["failed", "done"])
            self.assertRecordValues(exchanges[0], [{"unsure": True, "sending": False}])
            self.assertTrue(exchanges[0].reference)
            self.assertFalse(exchanges[0]._get_record().comment)
            self.assertIn(exchanges[0].error, self.connection.problem)
            self.assertNotIn(NUMBER, self.connection.problem)
            self.take_methods()
            exchanges[0].action_retry()
            self.run_queue()
            self.assertEqual(exchanges[0].state, "done")
            self.assertEqual(exchanges[0]._get_record().ref, exchanges[0].reference)
            self.assertEqual(self.take_methods(), ["GET"])

    def test_telling_of_it_fails(self):
        """A connector that stumbles over a problem does not stop the queue either."""
        exchanges = self.enqueue("Ada", "Bo")
        self.misbehave("status", status=422)
        broken = _raise(KeyError("voucher"))
        with self._patch("_note_exchange_problem", broken), self.assertLogs(LOGGER, "ERROR"):
            self.run_queue()
        self.assertEqual(exchanges.mapped("state"), ["failed", "done"])
        self.assertTrue(self.connection.problem)
        exchanges = self.enqueue("Cia", "Disa")
        self.misbehave("status", status=422)
        with self._patch("_find_problem", broken), self.assertLogs(LOGGER, "ERROR"):
            self.run_queue()
        self.assertEqual(exchanges[0].state, "failed")

    def test_record_is_gone(self):
        exchanges = self.enqueue("Ada", "Bo")
        exchanges[0]._get_record().unlink()
        self.run_queue()
        self.assertEqual(exchanges.mapped("state"), ["blocked", "done"])
        self.assert_delivered("Bo")

    def test_fifteenth_attempt(self):
        """A service that cannot say why is asked for some two days; then a person has to look."""
        exchange = self.enqueue("Ada")
        self.misbehave("status", status=500, times=15)
        for attempt in range(1, 15):
            self.run_later()
            self.assertRecordValues(exchange, [{"state": "pending", "attempts": attempt}])
        self.run_later()
        self.assertRecordValues(exchange, [{"state": "failed", "attempts": 15, "unsure": True}])
        self.assertIn("15 times", exchange.error)
        self.assertIn("Faulty", self.connection.problem)
        self.run_later()
        self.assertEqual(exchange.attempts, 15)
        exchange.action_retry()
        self.run_queue()
        self.assertRecordValues(exchange, [{"state": "done", "attempts": 1}])
        self.assert_delivered("Ada")

    def test_longer_and_longer_pauses(self):
        """1, 2, 4… minutes, at most 6 hours, less up to a quarter."""
        exchange = self.enqueue("Ada")
        port_of_nobody = socket.create_server(("127.0.0.1", 0))
        self.connection.faulty_address = f"http://127.0.0.1:{port_of_nobody.getsockname()[1]}"
        port_of_nobody.close()
        for minutes in (1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360):
            self.run_later()
            for when in (exchange.next_attempt, self.connection.next_try):
                waits = (when - fields.Datetime.now()).total_seconds() / 60
                self.assertLessEqual(waits, minutes + 0.1)
                self.assertGreaterEqual(waits, minutes * 0.75 - 0.1)

    def test_give_up_and_change_ones_mind(self):
        exchanges = self.enqueue("Ada", "Bo")
        exchanges[0].action_give_up()
        self.run_queue()
        self.assertEqual(exchanges.mapped("state"), ["cancelled", "done"])
        self.assert_delivered("Bo")
        with self.assertRaisesRegex(UserError, "has been delivered"):
            exchanges[1].action_give_up()
        exchanges.action_retry()
        self.run_queue()
        self.assertEqual(exchanges.mapped("state"), ["done", "done"])
        self.assert_delivered("Bo", "Ada")

    def test_give_up_takes_the_problem_back(self):
        exchange = self.enqueue("Ada")
        self.misbehave("status", status=422)
        self.run_queue()
        self.assertTrue(self.connection.problem)
        exchange.action_give_up()
        self.assertFalse(self.connection.problem)

    def test_tried_again_while_a_slow_sender_goes_on(self):
        """Who comes back after the grace concludes nothing: somebody else is sending it by now."""
        exchange = self.enqueue("Ada").sudo()
        past = fields.Datetime.subtract(fields.Datetime.now(), seconds=1)
        exchange.write({"attempts": 1, "sending": True, "unsure": True, "next_attempt": past})
        exchange.action_retry()
        exchange.attempts += 1  # the next sender takes it
        self.assertFalse(exchange._lock_own(1))
        self.assertTrue(exchange._lock_own(2))

    def test_killed_before_note(self):
        """A process was killed after it had taken the exchange: it is left alone, then looked up."""
        for sent in (False, True):
            exchange = self.enqueue("Ada")
            with self.enter_registry_test_mode(), self.registry.cursor() as cr:
                claimed, look_up = exchange.with_env(self.env(cr=cr))._claim()
                self.assertEqual((claimed.id, look_up), (exchange.id, False))
            if sent:
                self.connection._send_exchange(self.connection._get_service(), exchange)
            self.take_methods()
            self.run_queue()
            exchange.action_retry()  # the other process may still be at it
            self.run_queue()
            self.assertEqual(self.take_methods(), [])
            self.run_later()
            self.assertEqual(self.take_methods(), ["GET"] if sent else ["GET", "POST"])
            self.assertEqual(exchange.state, "done")
        self.assert_delivered("Ada", "Ada")


def _raise(error):
    def method(*args, **kwargs):
        raise error

    return method
