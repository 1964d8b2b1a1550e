from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged

from odoo.addons.brp_connector.tests.common import find_connection, make_company

from . import seven


@tagged("post_install", "-at_install")
class TestAtOnce(BaseCase):
    """Several transactions at the same time, as real processes have them."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.service = seven.start()
        self.addCleanup(self.service.stop)
        # A user who may not see the accounting: the service tells that as it tells a lost session.
        self.service.change_company(seven.COMPANY, accounting=False)
        with self.registry.cursor() as cr:
            company = make_company(api.Environment(cr, SUPERUSER_ID, {}), "At once")
            self.company_id = company.id
            connection = find_connection(company, "24seven")
            connection.seven_address = self.service.url
            self.connection_id = connection.id
        self.addCleanup(self._take_away)

    def _get_env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})

    def _take_away(self):
        """Leave nothing that other tests would work on; companies and their entries are never deleted."""
        with self.registry.cursor() as cr:
            env = self._get_env(cr)
            connection = env["brp.connection"].browse(self.connection_id)
            connection.exchange_ids.unlink()
            connection.state = "new"
            moves = env["account.move"].search([("company_id", "=", self.company_id)])
            moves.write({"seven_state": False, "seven_order": False, "seven_type": "invoice"})
            env.company.active = False

    def _connect(self):
        """Go through the dialog, each step in its own transaction."""
        with self.registry.cursor() as cr:
            env = self._get_env(cr)
            dialog = env["brp.24seven.activate"].create({"connection_id": self.connection_id})
            dialog.write({"user": seven.USER, "password": seven.PASSWORD, "application": seven.APPLICATION})
            number = dialog.id
        for _step in range(3):
            with self.registry.cursor() as cr:
                # Who waits for himself would wait for ever.
                cr.execute("SET LOCAL lock_timeout = '20s'")
                dialog = self._get_env(cr)["brp.24seven.activate"].browse(number)
                if dialog.step == "company":
                    dialog.identity_id = dialog.identity_ids.filtered(lambda one: one.name == seven.COMPANY)
                dialog.action_next()

    def _invoice(self):
        with self.registry.cursor() as cr:
            env = self._get_env(cr)
            move = env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": env["res.partner"].create({"name": "Anna Lund"}).id,
                    "invoice_date": "2026-11-22",
                    "seven_type": "accounting",
                    "invoice_line_ids": [Command.create({"name": "Traktor", "price_unit": 1000})],
                }
            )
            move.action_post()
            return move.id

    def _run_queue(self):
        with self.registry.cursor() as cr:
            self._get_env(cr)["brp.exchange"]._cron_send()

    def test_two_clicks(self):
        self._connect()
        with self.registry.cursor() as cr:
            connection = self._get_env(cr)["brp.connection"].browse(self.connection_id)
            self.assertEqual((connection.state, connection.seven_company), ("active", seven.COMPANY))
            self.assertFalse(connection.seven_vat_ids)
            session = connection.seven_session
        # The session that was begun with the company is the one that is kept.
        self.assertEqual(list(self.service.sessions), [session])
        number = self._invoice()
        with self.registry.cursor() as one, self.registry.cursor() as two:
            first, second = (self._get_env(cr)["account.move"].browse(number) for cr in (one, two))
            # Both have seen that it is not on its way.
            self.assertEqual([move.seven_state for move in (first, second)], [False, False])
            first.action_seven_send()
            with self.assertRaisesRegex(UserError, "Somebody else"):
                second.action_seven_send()
            first.env.flush_all()
            one.commit()
            retrying(second.action_seven_send, second.env)
        self._run_queue()
        with self.registry.cursor() as cr:
            move = self._get_env(cr)["account.move"].browse(number)
            self.assertEqual((move.seven_state, move.seven_problem), ("order", False))
            exchanges = self._get_env(cr)["brp.exchange"].search([("connection_id", "=", self.connection_id)])
            self.assertEqual(exchanges.mapped("state"), ["done"])
        self.assertEqual(len(self.service.office().orders), 1)
        self.assertEqual((self.service.duplicates, self.service.breaches), ([], []))

    def test_a_lost_session_is_renewed_by_one(self):
        self._connect()
        self.service.end_sessions()
        logins = self._logins()
        for _invoice in range(2):
            self._send_now(self._invoice())
        self._run_queue()
        self.assertEqual(self._logins(), logins + 1)
        with self.registry.cursor() as cr:
            connection = self._get_env(cr)["brp.connection"].browse(self.connection_id)
            self.assertEqual(list(self.service.sessions), [connection.seven_session])
        self.assertEqual(len(self.service.office().orders), 2)

    def _send_now(self, number):
        with self.registry.cursor() as cr:
            self._get_env(cr)["account.move"].browse(number).action_seven_send()
        self._run_queue()

    def _logins(self):
        return sum(hour.get("Login", 0) for hour in self.service.counters.values())
