from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from . import seven
from .common import SevenCommon


@tagged("post_install", "-at_install")
class TestConnect(SevenCommon):
    """The dialog, from user and password to the active integration."""

    def vat_of(self):
        """Return {rate: (code's ID, its number)}."""
        return {code.rate: (code.code_id, code.number) for code in self.connection.seven_vat_ids}

    def test_from_password_to_active(self):
        dialog = self.open_dialog(password="wrong")
        self.assertFalse(dialog.password_hint)
        dialog.action_next()
        self.assertIn("does not know this user", dialog.refusal)
        self.assertEqual((dialog.step, dialog.user), ("access", seven.USER))
        self.assertFalse(self.connection.sudo().seven_password)
        dialog.password = seven.PASSWORD
        dialog.action_next()
        self.assertEqual((dialog.step, dialog.password, dialog.refusal), ("company", False, False))
        self.assertEqual(set(dialog.sudo().identity_ids.mapped("name")), {seven.OTHER_COMPANY, seven.COMPANY})
        # That of our own name is proposed.
        self.assertEqual(dialog.identity_id.name, seven.COMPANY)
        dialog.action_next()
        self.assertEqual((dialog.step, dialog.company_name), ("orders", seven.COMPANY))
        dialog.action_next()
        self.assertEqual((dialog.step, self.connection.state), ("done", "active"))
        self.assertIn(seven.COMPANY, self.connection._test())
        self.assertEqual(self.service.breaches, [])

    def test_a_refused_password_is_nowhere(self):
        dialog = self.open_dialog(password="wrong")
        dialog.action_next()
        self.env.flush_all()
        self.env.cr.execute("SELECT password FROM brp_24seven_activate WHERE id = %s", [dialog.id])
        self.assertEqual(self.env.cr.fetchall(), [(None,)])
        self.activate()
        self.connection.sudo()._deactivate()
        dialog = self.open_dialog(password="wrong")
        self.assertTrue(dialog.password_hint, "the old one may be left as it is")
        dialog.action_next()
        self.assertEqual(self.connection.sudo().seven_password, seven.PASSWORD)
        dialog.action_next()
        self.assertEqual((dialog.step, dialog.refusal), ("company", False))

    def test_an_unknown_application(self):
        dialog = self.open_dialog(application="00000000-0000-4000-8000-000000000000")
        dialog.action_next()
        self.assertIn("application ID", dialog.refusal)
        dialog.application = "not a guid"
        dialog.password = seven.PASSWORD
        dialog.action_next()
        self.assertTrue(dialog.refusal)
        self.assertEqual(dialog.step, "access")

    def test_nobody_answers(self):
        self.service.stop()
        dialog = self.open_dialog()
        dialog.action_next()
        self.assertIn("cannot be reached", dialog.refusal)

    def test_no_company_is_chosen(self):
        self.company.name = "Another name"
        dialog = self.open_dialog()
        dialog.action_next()
        self.assertFalse(dialog.identity_id)
        with self.assertRaisesRegex(UserError, "Choose the company"):
            dialog.action_next()

    def test_a_blocked_company(self):
        dialog = self.open_dialog()
        dialog.action_next()
        self.service.change_company(seven.COMPANY, blocked=True)
        with self.assertRaisesRegex(UserError, "blocked"):
            dialog.action_next()
        # Nor is it offered the next time.
        dialog = self.open_dialog()
        dialog.action_next()
        self.assertEqual(dialog.identity_id.name, seven.OTHER_COMPANY)

    def test_vat_codes_are_those_of_sales(self):
        self.activate()
        # Not 1 and 8, of purchases with 25 %, and not 2 and 7.
        self.assertEqual(self.vat_of(), {25: (3, "1"), 12: (4, "2"), 6: (5, "3"), 0: (6, "4")})
        accounts = {code.rate: code.account for code in self.connection.seven_vat_ids}
        self.assertEqual(accounts, {25: "2611", 12: "2621", 6: "2631", 0: False})

    def test_a_user_who_may_not_see_the_accounting(self):
        self.service.change_company(seven.COMPANY, accounting=False)
        self.activate()
        self.assertEqual((self.connection.state, self.vat_of()), ("active", {}))
        move = self.invoice()
        self.send(move)
        # The product's type of sale says 25 %.
        self.assertEqual((self.order_of(move)["OrderTotalVat"], move.seven_difference), ("675.00", False))
        self.assertNotIn("TaxSettings", self.order_of(move)["InvoiceRows"][1])
        self.assert_sound()

    def test_settings_are_kept_when_it_is_activated_again(self):
        self.activate()
        own = self.connection.sudo()
        own.write({"seven_status": "Draft", "seven_product": "Uthyrning"})
        own.seven_vat_ids.filtered(lambda code: code.rate == 25).code_id = 99
        own._deactivate()
        self.activate()
        self.assertEqual((own.seven_status, own.seven_product), ("Draft", "Uthyrning"))
        self.assertEqual(self.vat_of()[25], (99, "1"))

    def test_another_company_is_chosen(self):
        self.activate()
        own = self.connection.sudo()
        self.send(self.invoice())
        own.seven_vat_ids.filtered(lambda code: code.rate == 25).code_id = 99
        links = self.env["brp.24seven.customer"].sudo().search([("connection_id", "=", own.id)])
        self.assertEqual(links.partner_id, self.customer)
        self.assertTrue(own.seven_product_id)
        own._deactivate()
        self.activate(seven.OTHER_COMPANY)
        self.assertEqual(own.seven_company, seven.OTHER_COMPANY)
        self.assertFalse(links.exists())
        self.assertFalse(own.seven_product_id)
        self.assertEqual(self.vat_of()[25], (3, "1"))

    def test_orders_of_the_company_before_are_left_alone(self):
        self.activate()
        move = self.invoice()
        self.send(move)
        # Somebody else's order has the same number there.
        self.connection.sudo()._deactivate()
        self.activate(seven.OTHER_COMPANY)
        other = self.invoice(self.line(name="Annat"))
        self.send(other)
        strangers = dict(self.service.office(seven.OTHER_COMPANY).orders[5501])
        self.assertEqual((move.seven_order, other.seven_order), ("5501", "5501"))
        self.service.publish(5501, seven.OTHER_COMPANY)
        self.run_status_job()
        self.assertEqual((move.seven_state, move.seven_invoice), ("order", False))
        self.assertEqual(other.seven_state, "invoiced")
        self.change(move, quantity=5)
        self.send(move)
        # It is handed over to the new company, as an order of its own.
        self.assertEqual((move.seven_order, move.seven_state), ("5502", "order"))
        there = self.service.office(seven.OTHER_COMPANY).orders
        self.assertEqual(there[5501]["InvoiceRows"], strangers["InvoiceRows"])
        self.assert_sound()

    def test_access_is_forgotten_when_the_address_is_changed(self):
        self.activate()
        self.connection.with_user(self.manager).seven_address = "https://other.example"
        own = self.connection.sudo()
        self.assertEqual((own.seven_password, own.seven_session), (False, False))

    def test_secrets_cannot_be_read(self):
        self.activate()
        connection = self.connection.with_user(self.manager)
        for name in ("seven_user", "seven_password", "seven_application", "seven_session", "seven_identity"):
            with self.assertRaises(AccessError):
                connection.read([name])
        self.send(self.invoice())
        told = " ".join(filter(None, self.exchanges().mapped("request") + self.exchanges().mapped("answer")))
        self.assertIn("/Economy/InvoiceOrder/", told)
        own = self.connection.sudo()
        for secret in (seven.PASSWORD, own.seven_session, own.seven_application):
            self.assertNotIn(secret, told)

    def test_who_may_not(self):
        with self.assertRaises(AccessError):
            self.connection.with_user(self.clerk).action_activate()
