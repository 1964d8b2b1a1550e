from datetime import timedelta
from uuid import uuid4

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, TransactionCase, get_db_name

from odoo.addons.brp_connector.tests.common import CompanyCommon, load

SECRET = "s3cret-0f-the-servic3"
CRON = "brp_connector.ir_cron_send"


def make_connection(env, company_name, **values):
    """Return an active connection of a company of its own."""
    company = env["res.company"].create({"name": company_name})
    connection = env["brp.connection"].create(
        {
            "name": "Faulty",
            "provider": "faulty",
            "company_id": company.id,
            "faulty_secret": SECRET,
            **values,
        }
    )
    connection._activate()
    return connection


def enqueue(connection, *names, operation="thing"):
    """Have the service told of things with these names; return the exchanges in this order."""
    things = connection.env["brp.faulty.thing"].create([{"name": name} for name in names])
    return connection.env["brp.exchange"]._enqueue(connection, operation, things)


def let_time_pass(connection):
    """Have all that waits for its time, or for the service's, be due now."""
    before = fields.Datetime.now() - timedelta(seconds=1)
    connection.exchange_ids.filtered(lambda one: one.state == "pending").next_attempt = before
    if connection.next_try:
        connection.next_try = before


class ConnectorCommon(CompanyCommon, TransactionCase):
    """A connection of a company with somebody responsible; the service starts anew with each test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.faulty = load("faulty")
        cls.connection = make_connection(cls.env, "Faulty AB")
        cls.company = cls.connection.company_id
        cls.responsible = cls.make_user("faulty_responsible", "brp_connector.group_connector_manager")
        cls.connection.responsible_id = cls.responsible

    def setUp(self):
        super().setUp()
        self.start_service()

    def start_service(self, port=0):
        self.service = self.faulty.FaultyServer(port=port).start()
        self.addCleanup(self.service.stop)
        self.connection.faulty_address = f"http://{self.service.host}"

    def misbehave(self, fault, method="POST", times=1, **settings):
        self.service.faults.add([{"fault": fault, "method": method, "times": times, **settings}])

    def enqueue(self, *names, **options):
        return enqueue(self.connection, *names, **options)

    def run_queue(self):
        """Run the job that sends, as Odoo does."""
        with self.enter_registry_test_mode():
            self.assertIs(self.env.ref(CRON).method_direct_trigger(), True)

    def find_wakings(self):
        """Return what will have the queue run."""
        return self.env["ir.cron.trigger"].search([("cron_id", "=", self.env.ref(CRON).id)])

    def run_later(self):
        let_time_pass(self.connection)
        self.run_queue()

    def take_methods(self):
        """Return the methods of the requests since the last time."""
        methods = [request["method"] for request in self.service.requests]
        self.service.requests.clear()
        return methods

    def assert_delivered(self, *names):
        """The service has got these things, each once."""
        self.assertEqual([thing["value"] for thing in self.service.things.of(None)], list(names))


class CommittedCase(BaseCase):
    """A connection that all processes and threads see: it is committed, and deleted in the end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.faulty = load("faulty")
        cls.registry = Registry(get_db_name())

    def setUp(self):
        super().setUp()
        with self.transaction() as env:
            # Companies are never deleted, and their names are unique.
            connection = make_connection(env, f"Faulty {uuid4()}", faulty_patience=20)
            self.connection_id = connection.id
        self.addCleanup(self._delete)

    def transaction(self):
        return _Transaction(self.registry)

    def _delete(self):
        with self.transaction() as env:
            connection = self.get_connection(env)
            company = connection.company_id
            things = env["brp.faulty.thing"].browse(connection.exchange_ids.mapped("res_id")).exists()
            env["ir.config_parameter"].set_param("brp_connector.grace", False)
            connection.exchange_ids.unlink()
            connection.state = "new"
            env["brp.connection"].search([("company_id", "=", company.id)]).unlink()
            things.unlink()
            env.cr.execute("DELETE FROM ir_cron_trigger WHERE cron_id = %s", [env.ref(CRON).id])
            # Odoo does not run a job any more whose process was killed three times in a row.
            env.cr.execute("DELETE FROM ir_cron_progress WHERE cron_id = %s", [env.ref(CRON).id])
            company.active = False

    def start_service(self):
        self.service = self.faulty.FaultyServer().start()
        self.addCleanup(self.service.stop)
        self.use_service(self.service.host)

    def use_service(self, host):
        with self.transaction() as env:
            self.get_connection(env).faulty_address = f"http://{host}"

    def get_connection(self, env):
        return env["brp.connection"].browse(self.connection_id)

    def enqueue(self, *names, **options):
        with self.transaction() as env:
            return enqueue(self.get_connection(env), *names, **options).ids


class _Transaction:
    """Commits unless something was raised; gives an environment."""

    def __init__(self, registry):
        self._cursor = registry.cursor()

    def __enter__(self):
        self._cursor.__enter__()
        return api.Environment(self._cursor, SUPERUSER_ID, {})

    def __exit__(self, *exception):
        return self._cursor.__exit__(*exception)
