import json
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from psycopg2.errors import DeadlockDetected

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SECRET, ConnectorCommon

LOGGER = "odoo.addons.brp_connector.models.brp_exchange"
NUMBER = "19900101-9802"
NAMES = ("Ada", "Bo", "Cia")
ALL = list(NAMES)


@tagged("post_install", "-at_install")
class TestTogether(ConnectorCommon):
    """What goes in one call to a service that takes ten is told each once, and each for itself."""

    def enqueue(self, *names, operation="things"):
        return super().enqueue(*names, operation=operation)

    def _patch(self, name, method):
        return patch.object(type(self.env["brp.connection"]), name, method)

    def _stumble_over(self, name, stumble):
        """Have the connector do something else when it makes the thing of this name."""
        original = type(self.env["brp.connection"])._make_thing

        def make(connection, exchange):
            return stumble(exchange) if exchange.record_name == name else original(connection, exchange)

        return self._patch("_make_thing", make)

    def take_calls(self):
        """Return (method, names of the things) of the requests since the last time."""
        names = {exchange.key: exchange.record_name for exchange in self.env["brp.exchange"].search([])}
        calls = []
        for request in self.service.requests:
            if request["method"] == "GET":
                keys = parse_qs(urlsplit(request["path"]).query)["key"]
            else:
                body = json.loads(request["body"])
                things = body if isinstance(body, list) else body.get("things", [body])
                keys = [thing["key"] if isinstance(thing, dict) else None for thing in things]
            calls.append((request["method"], [names.get(key) for key in keys]))
        self.service.requests.clear()
        return calls

    def assert_values(self, exchanges, **values):
        """The exchanges have these values: a list with one for each, or the same for all."""
        for name, value in values.items():
            expected = value if isinstance(value, list) else [value] * len(exchanges)
            self.assertEqual([exchange[name] for exchange in exchanges], expected, name)

    # -- what goes together ----------------------------------------------------------------------------------

    def test_ten_at_once(self):
        names = [f"Ada {number}" for number in range(25)]
        exchanges = self.enqueue(*names)
        self.run_queue()
        posts = [("POST", names[:10]), ("POST", names[10:20]), ("POST", names[20:])]
        self.assertEqual(self.take_calls(), posts)
        self.assert_delivered(*names)
        numbers = [str(number) for number in range(1, 26)]
        self.assert_values(
            exchanges, state="done", attempts=1, unsure=False, sending=False, status=201, reference=numbers
        )
        self.assertEqual([exchange._get_record().ref for exchange in exchanges], numbers)

    def test_longest_waiting_first(self):
        """Also within a call."""
        for seconds, exchange in enumerate(self.enqueue(*NAMES)):
            exchange.next_attempt = fields.Datetime.subtract(exchange.next_attempt, seconds=seconds)
        self.run_queue()
        self.assertEqual(self.take_calls(), [("POST", ["Cia", "Bo", "Ada"])])

    def test_only_what_is_alike(self):
        """Another connection's, another operation's and what may have arrived before go by themselves."""
        other = self.connection.copy(
            {"provider": "shops", "several": True, "company_id": self.company.id, "faulty_secret": SECRET}
        )
        other._activate()
        self.enqueue("Eva")
        self.misbehave("timeout_before", seconds=1)
        self.run_queue()
        self.enqueue("Ada")
        self.enqueue("Cia", operation="thing")
        disa = self.env["brp.faulty.thing"].create({"name": "Disa"})
        self.env["brp.exchange"]._enqueue(other, "things", disa)
        self.enqueue("Bo")
        self.take_calls()
        self.run_later()
        calls = [
            ("GET", ["Eva"]),
            *(("POST", names) for names in (["Ada", "Bo"], ["Cia"], ["Disa"], ["Eva"])),
        ]
        self.assertEqual(sorted(self.take_calls()), calls)

    def test_one_waits(self):
        exchange = self.enqueue("Ada")
        self.run_queue()
        self.assertNotIn("things", json.loads(self.service.requests[0]["body"]))
        self.assert_values(exchange, state="done", reference="1")

    # -- each for itself -------------------------------------------------------------------------------------

    def test_each_has_its_own_result(self):
        long = "B" * 101
        exchanges = self.enqueue("Ada", long, "Cia", "Disa")

        def stop(exchange):
            raise UserError("Cia has no account")  # pylint: disable=translation-required

        with self._stumble_over("Cia", stop):
            self.run_queue()
        self.assertEqual(self.take_calls(), [("POST", ["Ada", long, "Disa"])])
        self.assert_delivered("Ada", "Disa")
        self.assert_values(exchanges, state=["done", "failed", "blocked", "done"])
        self.assertIn("at most 100 characters", exchanges[1].error)
        self.assertTrue(exchanges[1].unsure)  # it got there
        self.assertEqual(exchanges[2].error, "Cia has no account")
        self.assertIn("at most 100 characters", self.connection.problem)
        exchanges[1]._get_record().name = "Bo"
        exchanges.action_retry()
        self.run_queue()
        self.assert_values(exchanges, state="done", error=False)
        self.assert_delivered("Ada", "Disa", "Bo", "Cia")
        self.assertFalse(self.connection.problem)

    def test_what_follows_fails_for_one(self):
        original = type(self.env["brp.connection"])._finish_exchange

        def finish(error):
            def do(connection, exchange, delivered):
                exchange._get_record().write({"comment": "half way"})
                if exchange.record_name.startswith("Bo"):
                    raise error
                return original(connection, exchange, delivered)

            return do

        for error in (ValidationError("Bo is locked"), KeyError(NUMBER)):
            exchanges = self.enqueue("Ada", f"Bo {type(error).__name__}", "Cia")
            with self._patch("_finish_exchange", finish(error)), mute_logger(LOGGER):
                self.run_queue()
            self.assert_values(exchanges, state=["done", "failed", "done"], sending=False)
            things = [exchange._get_record() for exchange in exchanges]
            self.assertEqual([thing.comment for thing in things], ["half way", False, "half way"])
            self.assertNotIn(NUMBER, exchanges[1].error)
            self.take_calls()
            exchanges[1].action_retry()
            self.run_queue()
            self.assertEqual([method for method, _names in self.take_calls()], ["GET"])
            self.assertEqual(things[1].ref, exchanges[1].reference)

    def test_one_of_many_has_been_tried_often(self):
        exchanges = self.enqueue(*NAMES)
        exchanges[1].attempts = 14
        self.misbehave("status", status=500)
        self.run_queue()
        self.assert_values(
            exchanges, state=["pending", "failed", "pending"], attempts=[1, 15, 1], unsure=True
        )
        self.assertIn("15 times", exchanges[1].error)
        self.run_later()
        self.assert_values(exchanges, state=["done", "failed", "done"])
        self.assert_delivered("Ada", "Cia")

    def test_one_of_many_is_given_up_and_tried_again(self):
        exchanges = self.enqueue(*NAMES)
        self.misbehave("timeout_before", seconds=1)
        self.run_queue()
        exchanges[1].action_give_up()
        self.take_calls()
        self.run_later()
        self.assertEqual(self.take_calls(), [("GET", ["Ada", "Cia"]), ("POST", ["Ada", "Cia"])])
        exchanges[1].action_retry()
        self.run_queue()
        self.assertEqual(self.take_calls(), [("GET", ["Bo"]), ("POST", ["Bo"])])
        self.assert_values(exchanges, state="done")

    # -- what all meet with ----------------------------------------------------------------------------------

    def test_nobody_knows_whether_they_arrived(self):
        sent, looked_up = ("POST", ALL), ("GET", ALL)
        for fault, settings, calls in (
            ("timeout_before", {"seconds": 1}, [looked_up, sent]),
            ("timeout_after", {"seconds": 1}, [looked_up]),
            ("close_after", {}, [looked_up]),
            ("half", {}, [looked_up]),
            ("status", {"status": 502}, [looked_up, sent]),
        ):
            with self.subTest(fault, **settings):
                exchanges = self.enqueue(*NAMES)
                self.misbehave(fault, **settings)
                self.run_queue()
                self.assertEqual(self.take_calls(), [sent])
                self.assert_values(exchanges, state="pending", unsure=True, sending=False, attempts=1)
                self.assertTrue(all(exchange.error for exchange in exchanges))
                self.assertEqual(self.connection.failures, 1)
                self.run_later()
                self.assertEqual(self.take_calls(), calls)
                self.assert_values(exchanges, state="done", unsure=False, error=False)
        self.assert_delivered(*(ALL * 5))

    def test_some_of_them_arrived(self):
        exchanges = self.enqueue(*NAMES)
        self.misbehave("timeout_before", seconds=1)
        self.run_queue()
        self.service.things.accept(exchanges[1].key, "Bo")
        self.take_calls()
        self.run_later()
        self.assertEqual(self.take_calls(), [("GET", ALL), ("POST", ["Ada", "Cia"])])
        self.assert_values(exchanges, state="done", reference=["2", "1", "3"])
        self.assert_delivered("Bo", "Ada", "Cia")

    def test_some_arrived_and_the_others_meet_a_failure(self):
        """What was found is done, whatever happens to the others."""
        exchanges = self.enqueue(*NAMES)
        self.misbehave("timeout_before", seconds=1)
        self.run_queue()
        self.service.things.accept(exchanges[1].key, "Bo")
        self.misbehave("timeout_after", seconds=1)
        self.run_later()
        self.assert_values(exchanges, state=["pending", "done", "pending"], unsure=[True, False, True])
        self.run_later()
        self.assert_values(exchanges, state="done")
        self.assert_delivered("Bo", "Ada", "Cia")

    def test_look_up_fails(self):
        """Nothing is sent as long as it is not known what is there."""
        exchanges = self.enqueue(*NAMES)
        self.misbehave("timeout_after", seconds=1)
        self.run_queue()
        self.misbehave("status", method="GET", times=3, status=500)
        self.run_later()
        self.assertEqual(self.take_calls(), [("POST", ALL), *[("GET", ALL)] * 3])
        self.assert_values(exchanges, state="pending", unsure=True, attempts=2)
        self.run_later()
        self.assert_values(exchanges, state="done")
        self.assert_delivered(*NAMES)

    def test_turned_away(self):
        """They surely have not arrived, and are sent again together without a question."""
        for status, settings in ((429, {"retry_after": 600}), (503, {"retry_after": 600})):
            exchanges = self.enqueue(*NAMES)
            self.misbehave("status", status=status, **settings)
            self.run_queue()
            self.assertEqual(self.take_calls(), [("POST", ALL)])
            self.assert_values(exchanges, state="pending", unsure=status == 503, attempts=1)
            self.assertGreater(
                self.connection.next_try, fields.Datetime.add(fields.Datetime.now(), seconds=590)
            )
            self.run_later()
            again = [("POST", ALL)] if status == 429 else [("GET", ALL), ("POST", ALL)]
            self.assertEqual(self.take_calls(), again)

    def test_key_is_not_accepted(self):
        """It concerns all of them: nobody asks a second time before the settings are corrected."""
        exchanges = self.enqueue(*NAMES)
        self.misbehave("status", status=401)
        self.run_queue()
        self.assertEqual(self.take_calls(), [("POST", ALL)])
        self.assert_values(exchanges, state="pending", alone=False)
        self.assertIn("Check the settings", self.connection.problem)
        self.connection._note_works()
        self.run_queue()
        self.assertEqual(self.take_calls()[-1], ("POST", ALL))
        self.assert_values(exchanges, state="done")

    def test_closed_by_the_service(self):
        exchanges = self.enqueue(*NAMES)
        self.misbehave("status", status=410)
        self.run_queue()
        self.assertEqual(self.take_calls(), [("POST", ALL)])
        self.assert_values(exchanges, state="pending", alone=False)
        self.assertEqual(self.connection.state, "paused")

    def test_settings_are_missing(self):
        """Each is blocked; when they are there, all go together."""
        exchanges = self.enqueue(*NAMES)

        def stop(*_args, **_kwargs):
            raise UserError("The address is missing")  # pylint: disable=translation-required

        with self._patch("_get_service", stop):
            self.run_queue()
        self.assert_values(exchanges, state="blocked", error="The address is missing", unsure=False)
        self.connection._retry_blocked()
        self.run_queue()
        self.assertEqual(self.take_calls(), [("POST", ALL)])

    # -- one of them makes all stumble -----------------------------------------------------------------------

    def test_all_are_refused_because_of_one(self):
        exchanges = self.enqueue(*NAMES)
        with self._stumble_over("Bo", lambda exchange: ["no object"]):
            self.run_queue()
            self.assert_values(exchanges, state=["done", "failed", "done"])
            self.assert_delivered("Ada", "Cia")
            # The others do not suffer for it a second time.
            exchanges[1].action_retry()
            self.take_calls()
            new = self.enqueue("Disa", "Eva")
            self.run_queue()
        self.assertIn(("POST", ["Disa", "Eva"]), self.take_calls())
        self.assert_values(exchanges + new, state=["done", "failed", "done", "done", "done"])
        exchanges[1].action_retry()
        self.run_queue()
        self.assert_delivered("Ada", "Cia", "Disa", "Eva", "Bo")

    def test_we_stumble_over_one(self):
        """What its text may quote is told nowhere."""

        def stumble(exchange):
            raise ValueError(NUMBER)

        exchanges = self.enqueue(*NAMES)
        with self._stumble_over("Bo", stumble), self.assertLogs(level="DEBUG") as logs:
            self.run_queue()
        self.assert_values(exchanges, state=["done", "failed", "done"], sending=False)
        self.assertIn("ValueError", exchanges[1].error)
        text = "\n".join(logs.output) + exchanges[1].error + self.connection.problem
        self.assertNotIn(NUMBER, text)
        self.assertIn("test_together.py", text)  # where it was
        self.assert_delivered("Ada", "Cia")
        exchanges[1].action_retry()
        self.run_queue()
        self.assert_delivered("Ada", "Cia", "Bo")

    def test_database_stumbles_over_one(self):
        """A query that fails ends the transaction of all of them."""
        exchanges = self.enqueue(*NAMES)
        with (
            self._stumble_over("Bo", lambda exchange: exchange.env.cr.execute("SELECT 1 / 0")),
            mute_logger("odoo.sql_db", LOGGER),
        ):
            self.run_queue()
        self.assert_values(exchanges, state=["done", "failed", "done"])
        self.assertIn("DivisionByZero", exchanges[1].error)
        self.assert_delivered("Ada", "Cia")

    def test_database_is_busy(self):
        """That is nobody's fault: they wait, and are looked up and sent together."""

        def meet_another(exchange):
            raise DeadlockDetected

        exchanges = self.enqueue(*NAMES)
        with self._stumble_over("Bo", meet_another), self.assertLogs(LOGGER, "ERROR"):
            self.run_queue()
        self.assert_values(exchanges, state="pending", unsure=True, alone=False, sending=False)
        self.run_later()
        self.assertEqual(self.take_calls(), [("GET", ALL), ("POST", ALL)])

    def test_we_stumble_after_they_were_sent(self):
        exchanges = self.enqueue(*NAMES)
        original = type(self.env["brp.connection"])._send_exchanges

        def send(connection, service, several):
            original(connection, service, several)
            raise KeyError("results")

        with self._patch("_send_exchanges", send), self.assertLogs(LOGGER, "ERROR"):
            self.run_queue()
        self.assertEqual(self.take_calls(), [("POST", ALL), *(("GET", [name]) for name in NAMES)])
        self.assert_values(exchanges, state="done", reference=["1", "2", "3"])
        self.assert_delivered(*NAMES)

    def test_connector_forgets_one(self):
        """Those that it tells of are done; the forgotten one is looked up by itself."""
        exchanges = self.enqueue(*NAMES)
        original = type(self.env["brp.connection"])._send_exchanges

        def send(connection, service, several):
            results = original(connection, service, several)
            return {one: result for one, result in results.items() if one.record_name != "Bo"}

        with self._patch("_send_exchanges", send), self.assertLogs(LOGGER, "ERROR"):
            self.run_queue()
        self.assertEqual(self.take_calls(), [("POST", ALL), ("GET", ["Bo"])])
        self.assert_values(exchanges, state="done")
        self.assert_delivered(*NAMES)

    def test_record_of_one_is_gone_when_it_is_looked_up(self):
        exchanges = self.enqueue(*NAMES)
        self.misbehave("timeout_before", seconds=1)
        self.run_queue()
        exchanges[1]._get_record().unlink()
        original = type(self.env["brp.connection"])._find_things

        def find(connection, service, several):
            self.assertTrue(all(one._get_record().name for one in several))
            return original(connection, service, several)

        with self._patch("_find_things", find):
            self.run_later()
        self.assert_values(exchanges, state=["done", "blocked", "done"])
        self.assert_delivered("Ada", "Cia")

    def test_service_fails_while_they_go_one_by_one(self):
        """Then the others wait as always: the service is not asked for each of them."""
        exchanges = self.enqueue(*NAMES)
        self.misbehave("status", status=422)
        self.misbehave("timeout_before", seconds=1)
        self.run_queue()
        self.assertEqual(self.take_calls(), [("POST", ALL), ("GET", ["Ada"]), ("POST", ["Ada"])])
        self.assert_values(exchanges, state="pending", attempts=[2, 1, 1], unsure=True, sending=False)
        self.run_later()
        self.assert_values(exchanges, state="done")
        self.assert_delivered(*NAMES)
