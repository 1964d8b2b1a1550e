from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ConnectorCommon

USER = "brp_connector.group_connector_user"
MANAGER = "brp_connector.group_connector_manager"


@tagged("post_install", "-at_install")
class TestProblem(ConnectorCommon):
    """Those responsible are told of what does not work, in time, once, and until it works again."""

    def setUp(self):
        super().setUp()
        self.told = []
        original = type(self.connection)._refresh_banners

        def refresh(connection):
            self.told.append(connection.problem)
            return original(connection)

        self.startPatcher(patch.object(type(self.connection), "_refresh_banners", refresh))

    def _get_problems(self, user=None, companies=None):
        connections = self.connection.with_user(user or self.responsible)
        if companies:
            connections = connections.with_context(allowed_company_ids=companies.ids)
        return [problem["name"] for problem in connections.get_problems()]

    def _assert_told(self, text):
        """Banner, activity and chatter say it."""
        self.assertIn(text, self.connection.problem)
        self.assertTrue(self.connection.problem_date)
        self.assertEqual(self._get_problems(), ["Faulty"])
        activity = self.connection.activity_ids
        self.assertEqual(activity.user_id, self.responsible)
        self.assertIn("Faulty", activity.summary)
        self.assertIn(text, activity.note)
        self.assertIn(text, "".join(self.connection.message_ids.mapped("body")))

    def _assert_nothing_told(self):
        self.assertFalse(self.connection.problem)
        self.assertFalse(self.connection.problem_date)
        self.assertEqual(self._get_problems(), [])
        self.assertFalse(self.connection.activity_ids)

    def test_settings_at_once(self):
        for status in (401, 403):
            self.enqueue("Ada")
            self.misbehave("status", status=status, body={"message": "Unknown key"})
            self.run_queue()
            self._assert_told("Unknown key")
            self.assertEqual(len(self.told), 1)
            self.run_later()
            self._assert_nothing_told()
            self.assertEqual(len(self.told), 2)
            self.told.clear()
        self.assert_delivered("Ada", "Ada")

    def test_ours_at_once(self):
        self.enqueue("Ada")
        self.misbehave("status", status=400, body={"message": "No surname"})
        self.run_queue()
        self._assert_told("No surname")

    def test_again_at_third_time(self):
        exchange = self.enqueue("Ada")
        self.misbehave("status", times=3, status=503)
        for _attempt in range(2):
            self.run_later()
            self._assert_nothing_told()
        self.run_later()
        self._assert_told("could not do it now")
        self.assertEqual((exchange.state, self.connection.failures), ("pending", 3))
        self.run_later()
        self._assert_nothing_told()
        self.assertEqual(exchange.state, "done")
        self.assertRecordValues(self.connection, [{"failures": 0, "failure": False, "next_try": False}])

    def test_success_in_between(self):
        """Now and then is not three times in a row."""
        for _time in range(3):
            self.enqueue("Ada")
            self.misbehave("status", times=2, status=503)
            for _attempt in range(3):
                self.run_later()
        self._assert_nothing_told()
        self.assertEqual(self.told, [])

    def test_told_once(self):
        """Forty things with the same fault are one problem."""
        exchanges = self.enqueue(*(f"Ada {number}" for number in range(40)))
        self.misbehave("status", times=40, status=400)
        messages = len(self.connection.message_ids)
        self.run_queue()
        self.assertEqual(set(exchanges.mapped("state")), {"failed"})
        self.assertEqual(len(self.told), 1)
        self.assertEqual(len(self.connection.activity_ids), 1)
        self.assertEqual(len(self.connection.message_ids), messages + 1)
        self.assertEqual(self.connection.attention_count, 40)

    def test_language_of_the_responsible(self):
        self.env["res.lang"]._activate_lang("sv_SE")
        self.responsible.lang = "sv_SE"

        def explain(connection, error):
            return f"told in {connection.env.lang}, company {connection.env.company.name}"

        with patch.object(type(self.connection), "_explain", explain):
            self.enqueue("Ada")
            self.misbehave("status", status=401)
            self.run_queue()
            self._assert_told("told in sv_SE, company Faulty AB")
            self.enqueue("Bo")
            self.misbehave("status", status=400)
            self.run_later()
            self._assert_told("told in sv_SE, company Faulty AB")

    def test_nobody_responsible(self):
        self.connection.responsible_id = False
        self.enqueue("Ada")
        self.misbehave("status", status=401)
        self.run_queue()
        self.assertTrue(self.connection.problem)
        self.assertFalse(self.connection.activity_ids)
        self.run_later()
        self._assert_nothing_told()

    def test_whose_banner(self):
        """Those who look after integrations, in the companies that they work in now."""
        other_company = self.env["res.company"].create({"name": "Other AB"})
        users = {
            name: self.make_user(f"faulty_{name}", groups)
            for name, groups in {"user": USER, "manager": MANAGER, "plain": "base.group_user"}.items()
        }
        users["portal"] = self.make_user("faulty_portal", "base.group_portal")
        users["other"] = self.make_user("faulty_other", MANAGER, company=other_company)
        both = self.make_user("faulty_both", USER)
        both.company_ids = [Command.link(other_company.id)]
        self.enqueue("Ada")
        self.misbehave("status", status=401)
        self.env["bus.bus"].search([]).unlink()
        self.run_queue()
        shown = {name: self._get_problems(user) for name, user in users.items()}
        nobody = {"plain": [], "portal": [], "other": []}
        self.assertEqual(shown, {"user": ["Faulty"], "manager": ["Faulty"], **nobody})
        self.assertEqual(self._get_problems(both, self.company), ["Faulty"])
        self.assertEqual(self._get_problems(both, other_company), [])
        self.assertEqual(self._get_problems(both, self.company + other_company), ["Faulty"])
        told = self.env["bus.bus"].search([("message", "like", "brp_connection_problem")]).mapped("channel")
        concerned = (users["user"] + users["manager"] + both + self.responsible).partner_id
        for user in (*users.values(), both):
            channel = f'"res.partner",{user.partner_id.id}]'
            heard = any(one.replace(" ", "").endswith(channel) for one in told)
            self.assertEqual(heard, user.partner_id in concerned, user.login)

    def test_pause_and_go_on(self):
        """A service that closes the connection gets nothing more, until somebody says go on."""
        exchanges = self.enqueue("Ada", "Bo")
        self.misbehave("status", status=410, body={"message": "The customer has left"})
        self.run_queue()
        self.assertEqual(self.connection.state, "paused")
        self._assert_told("The customer has left")
        self.assertEqual(exchanges.mapped("state"), ["pending", "pending"])
        self.take_methods()
        self.run_later()
        self.assertEqual(self.take_methods(), [])
        self.misbehave("status", method="GET", status=410)
        with self.assertRaises(UserError):
            self.connection.with_user(self.responsible).action_resume()  # the service says no still
        self.assertEqual(self.connection.state, "paused")
        self._assert_told("The customer has left")
        exchanges.next_attempt = fields.Datetime.add(fields.Datetime.now(), hours=6)
        self.connection.with_user(self.responsible).action_resume()
        self.assertEqual(self.connection.state, "active")
        self._assert_nothing_told()
        self.run_queue()
        self.assertEqual(exchanges.mapped("state"), ["done", "done"])
        self.assert_delivered("Ada", "Bo")

    def test_test_takes_the_problem_back(self):
        """Whoever has corrected the settings tests them, and all goes on at once."""
        exchange = self.enqueue("Ada")
        self.misbehave("status", status=401)
        self.run_queue()
        connection = self.connection.with_user(self.responsible)
        self.misbehave("status", method="GET", status=401, body={"message": "Still unknown"})
        with self.assertRaisesRegex(UserError, "Still unknown"):
            connection.action_test()
        self.assertTrue(self.connection.problem)
        answer = connection.action_test()
        self.assertEqual(answer["params"]["message"], "It has 0 things.")
        self._assert_nothing_told()
        self.run_queue()
        self.assertEqual(exchange.state, "done")

    def test_deactivate_and_activate(self):
        exchanges = self.enqueue("Ada", "Bo", "Cia")
        self.misbehave("status", status=400, body={"message": "No surname"})
        self.misbehave("status", status=503)
        self.run_queue()
        self.assertEqual(exchanges.mapped("state"), ["failed", "pending", "pending"])
        self._assert_told("No surname")
        self.take_methods()
        connection = self.connection.with_user(self.responsible)
        connection.action_deactivate()
        self.assertEqual(self.connection.state, "inactive")
        self._assert_nothing_told()
        self.run_later()
        self.assertEqual(self.take_methods(), [])
        with self.assertRaises(UserError):
            connection.action_manual_export()
        before = self.find_wakings()
        connection.action_activate()
        self.assertTrue(self.find_wakings() - before)  # what waited goes at once
        self._assert_told("No surname")  # still to be looked after
        with self.assertRaises(UserError):
            connection.action_activate()
        self.run_queue()
        self.assertEqual(exchanges.mapped("state"), ["failed", "done", "done"])
        self.assertEqual(self.connection.responsible_id, self.responsible)

    def test_late_answer_does_not_pause_what_was_deactivated(self):
        self.connection._deactivate()
        self.connection._pause("The customer has left")
        self.assertEqual(self.connection.state, "inactive")
        self._assert_nothing_told()

    def test_problem_of_paused_company_leaves_others_alone(self):
        other = self.connection.copy({"provider": "shops", "several": True, "company_id": self.company.id})
        other._activate()
        self.connection._pause("The customer has left")
        self.enqueue("Ada")
        thing = self.env["brp.faulty.thing"].create({"name": "Bo"})
        self.env["brp.exchange"]._enqueue(other, "thing", thing)
        self.run_queue()
        self.assert_delivered("Bo")
        self.assertFalse(other.problem)
