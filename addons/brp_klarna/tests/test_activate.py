from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.brp_connector.tests.common import find_connection

from . import klarna
from .common import KlarnaCommon


@tagged("post_install", "-at_install")
class TestActivate(KlarnaCommon):
    """The dialog, from user and password to the active integration."""

    def start(self):
        action = self.connection.with_user(self.bookkeeper).action_activate()
        wizard = self.env[action["res_model"]].with_user(self.bookkeeper).browse(action["res_id"])
        wizard.write({"region": "host", "host": self.service.url, "user": klarna.USER})
        return wizard

    def test_from_password_to_active(self):
        wizard = self.start()
        self.assertFalse(wizard.password_hint)
        wizard.password = "wrong"
        wizard.action_next()
        self.assertIn("does not know", wizard.refusal)
        self.assertEqual((wizard.step, wizard.user), ("access", klarna.USER))
        wizard.password = klarna.PASSWORD
        wizard.action_next()
        self.assertEqual((wizard.step, wizard.password), ("start", False))
        self.assertEqual(wizard.start_date, date(2026, 10, 1))
        wizard.start_date = date(2026, 9, 30)
        with self.assertRaisesRegex(UserError, "2026-10-01"):
            wizard.action_next()
        wizard.further = True
        wizard.action_next()
        self.assertEqual(wizard.step, "accounts")
        wizard.action_back()
        self.assertEqual(wizard.step, "start")
        wizard.action_next()
        wizard.action_next()
        self.assertEqual((wizard.step, self.connection.state), ("done", "active"))
        self.run_jobs()
        self.assertEqual(self.payout().state, "posted")

    def test_nobody_answers(self):
        wizard = self.start()
        wizard.write({"password": klarna.PASSWORD, "host": "http://127.0.0.1:1"})
        wizard.action_next()
        self.assertIn("cannot be reached", wizard.refusal)
        self.assertEqual((wizard.step, self.connection.sudo().klarna_password), ("access", False))

    def test_a_refused_password_is_not_kept(self):
        self.activate()
        self.connection.sudo()._deactivate()
        wizard = self.start()
        self.assertTrue(wizard.password_hint, "the old one may be left as it is")
        wizard.password = "wrong"
        wizard.action_next()
        self.env.flush_all()
        self.env.cr.execute("SELECT password FROM brp_klarna_activate WHERE id = %s", [wizard.id])
        self.assertEqual(self.env.cr.fetchall(), [(None,)])
        self.assertEqual(self.connection.sudo().klarna_password, klarna.PASSWORD)
        wizard.action_next()
        self.assertEqual((wizard.step, wizard.refusal), ("start", False))

    def test_the_user_of_another_company(self):
        other = self.setup_other_company()["company"]
        theirs = find_connection(other, "klarna")
        theirs.write({"klarna_region": "host", "klarna_host": self.service.url, "klarna_user": klarna.USER})
        theirs.state = "active"
        wizard = self.start()
        wizard.password = klarna.PASSWORD
        wizard.action_next()
        self.assertIn("Another company", wizard.refusal)

    def test_who_may_not(self):
        action = self.connection.with_user(self.bookkeeper).action_activate()
        self.bookkeeper.group_ids -= self.env.ref("account.group_account_manager")
        wizard = self.env[action["res_model"]].with_user(self.bookkeeper).browse(action["res_id"])
        with self.assertRaises(AccessError):
            wizard.action_next()
