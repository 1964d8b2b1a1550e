from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tests import tagged

from . import seven
from .committed import SevenCommitted


@tagged("post_install", "-at_install")
class TestAtOnce(SevenCommitted):
    """Several transactions at the same time, as real processes have them."""

    def setUp(self):
        super().setUp()
        # A user who may not see the accounting: the service tells that as it tells a lost session.
        self.service.change_company(seven.COMPANY, accounting=False)

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
