from odoo.exceptions import AccessError
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import SECRET, ConnectorCommon

USER = "brp_connector.group_connector_user"
MANAGER = "brp_connector.group_connector_manager"
NUMBER = "19900101-9802"

# What a group may do with the connections and exchanges of its own company: read, write, create, unlink.
MAY = {
    "manager": {"brp.connection": "yyny", "brp.exchange": "ynnn"},
    "user": {"brp.connection": "ynnn", "brp.exchange": "ynnn"},
    "plain": {"brp.connection": "nnnn", "brp.exchange": "nnnn"},
    "portal": {"brp.connection": "nnnn", "brp.exchange": "nnnn"},
    "public": {"brp.connection": "nnnn", "brp.exchange": "nnnn"},
    "manager elsewhere": {"brp.connection": "nnnn", "brp.exchange": "nnnn"},
    "user elsewhere": {"brp.connection": "nnnn", "brp.exchange": "nnnn"},
}
OPERATIONS = ("read", "write", "create", "unlink")
MANAGED = ("action_activate", "action_test", "action_deactivate", "action_resume")


@tagged("post_install", "-at_install")
class TestRights(ConnectorCommon):
    """Whoever is not concerned neither sees nor does anything; secrets are for system administrators only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = cls.env["res.company"].create({"name": "Other AB"})
        cls.users = {
            "manager": cls.make_user("faulty_manager", MANAGER),
            "user": cls.make_user("faulty_user", USER),
            "plain": cls.make_user("faulty_plain", "base.group_user"),
            "portal": cls.make_user("faulty_portal", "base.group_portal"),
            "public": cls.make_user("faulty_public", "base.group_public"),
            "manager elsewhere": cls.make_user("faulty_other_manager", MANAGER, company=other),
            "user elsewhere": cls.make_user("faulty_other_user", USER, company=other),
        }
        cls.exchange = cls.env["brp.exchange"]._enqueue(
            cls.connection, "thing", cls.env["brp.faulty.thing"].create({"name": "Ada"})
        )

    def _may(self, user, record, operation):
        record = record.with_user(user)
        try:
            if operation == "read":
                record.read(["create_date"])
            elif operation == "write":
                record.write({"sequence": 7} if record._name == "brp.connection" else {"error": "x"})
            elif operation == "create":
                values = (
                    {"name": "New", "provider": "shops", "several": True, "company_id": self.company.id}
                    if record._name == "brp.connection"
                    else {"connection_id": self.connection.id, "operation": "thing", "key": "new"}
                )
                record.create(values)
            else:
                record.unlink()
        except AccessError:
            return "n"
        return "y"

    def test_who_may_do_what(self):
        for name, rights in MAY.items():
            for model, expected in rights.items():
                if model == "brp.connection":
                    record = self.env[model].create(
                        {"name": name, "provider": "shops", "several": True, "company_id": self.company.id}
                    )
                else:
                    record = self.exchange
                with self.subTest(name, model=model):
                    found = [self._may(self.users[name], record, operation) for operation in OPERATIONS]
                    self.assertEqual("".join(found), expected)
                    sees = self.env[model].with_user(self.users[name])
                    if expected[0] == "n" and "elsewhere" not in name:
                        with self.assertRaises(AccessError):
                            sees.search([])
                    elif expected[0] == "n":
                        self.assertFalse(sees.search([("company_id", "=", self.company.id)]))

    def test_who_may_press_what(self):
        for name, user in self.users.items():
            connection = self.connection.with_user(user)
            with self.subTest(name):
                if name == "manager":
                    connection.action_test()
                    continue
                for action in MANAGED:
                    with self.assertRaises(AccessError):
                        getattr(connection, action)()
        for name, user in self.users.items():
            exchange = self.exchange.with_user(user)
            with self.subTest(name):
                if name in ("manager", "user"):
                    exchange.action_give_up()
                    self.assertEqual(self.exchange.state, "cancelled")
                    exchange.action_retry()
                    self.assertEqual(self.exchange.state, "pending")
                    continue
                for action in ("action_retry", "action_give_up", "action_open_record"):
                    with self.assertRaises(AccessError):
                        getattr(exchange, action)()
        self.assertEqual(self.connection.state, "active")

    def test_secret_is_not_read(self):
        self.users["manager"].group_ids += self.env.ref("base.group_allow_export")
        connection = self.connection.with_user(self.users["manager"])
        connections = connection.browse()
        self.assertNotIn("faulty_secret", connection.fields_get())
        self.assertNotIn("faulty_secret", connection.read()[0])
        for attempt in (
            lambda: connection.read(["faulty_secret"]),
            lambda: connection.faulty_secret,
            lambda: connection.export_data(["faulty_secret"]),
            lambda: connections.search([("faulty_secret", "=like", "s%")]),
            lambda: connections.search([], order="faulty_secret"),
            lambda: connections.search_read([], ["faulty_secret"]),
            lambda: connections.formatted_read_group([], ["faulty_secret"], ["__count"]),
            lambda: connection.web_read({"faulty_secret": {}}),
            lambda: connection.write({"faulty_secret": "another"}),
            lambda: self.exchange.with_user(self.users["manager"]).search(
                [("connection_id.faulty_secret", "=like", "s%")]
            ),
        ):
            with self.assertRaises(AccessError):
                attempt()
        self.assertEqual(self.connection.faulty_secret, SECRET)

    def test_secret_is_not_told(self):
        """Neither the log nor the exchange has it, even when the service repeats it."""
        self.run_queue()
        exchange = self.enqueue(f"Ada {NUMBER}")
        self.misbehave("status", status=400, body={"message": f"{SECRET} may not add {NUMBER}"})
        with self.assertLogs(level="DEBUG") as logs:
            self.run_queue()
        self.assertEqual((exchange + self.exchange).mapped("state"), ["failed", "done"])
        told = [*logs.output, self.connection.problem, self.connection.activity_ids.note]
        told += self.connection.message_ids.mapped("body")
        for one in (exchange, self.exchange):
            told += [one.request, one.answer, one.error or "", one.error_code or ""]
        for text in told:
            self.assertNotIn(SECRET, text)
        self.assertIn("Authorization", exchange.request)
        self.assertIn("may not add", exchange.error)
        for text in (exchange.request, exchange.answer, exchange.error):
            self.assertNotIn(NUMBER, text)


@tagged("post_install", "-at_install")
class TestRightsOverHttp(ConnectorCommon, HttpCase):
    """Over HTTP the administrator of integrations gets no more than on the screens."""

    def test_secret_is_not_read_over_http(self):
        self.make_user("faulty_manager", MANAGER)
        self.authenticate("faulty_manager", "faulty_manager")
        for method, arguments in (
            ("read", [[self.connection.id], ["faulty_secret"]]),
            ("search_read", [[["faulty_secret", "!=", False]], ["name"]]),
            ("web_search_read", [[], {"faulty_secret": {}}]),
            ("_get_service", [[self.connection.id]]),
            ("_activate", [[self.connection.id]]),
            ("_send_exchange", [[self.connection.id], None, 1]),
        ):
            with self.subTest(method), mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
                self.make_jsonrpc_request(
                    f"/web/dataset/call_kw/brp.connection/{method}",
                    {"model": "brp.connection", "method": method, "args": arguments, "kwargs": {}},
                )
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request(
                "/web/dataset/call_kw/brp.exchange/_enqueue",
                {"model": "brp.exchange", "method": "_enqueue", "args": [1, "thing", 1], "kwargs": {}},
            )
