from odoo.tests import tagged

from . import seven
from .common import SevenCommon


@tagged("post_install", "-at_install")
class TestErrors(SevenCommon):
    """What goes wrong concerns whom it concerns, and is told."""

    def setUp(self):
        super().setUp()
        self.activate()

    def test_one_bad_among_several(self):
        others = self.env["res.partner"].create(
            [
                {"name": "Spärrad AB", "is_company": True, "company_registry": "559999-0001"},
                {"name": "Lång AB", "is_company": True, "company_registry": "5" * 21},
            ]
        )
        good = self.invoice()
        refused = self.invoice(partner_id=others[0].id)
        too_long = self.invoice(partner_id=others[1].id)
        no_code = self.invoice(*self.by_rate(9))
        order = self.invoice(self.line(name="Fel"))
        self.service.misbehave(
            {"fault": "item_error", "name": "Spärrad AB", "message": "Kunden är spärrad"},
            {"fault": "item_error", "name": "Fel", "message": "Raden är fel"},
        )
        moves = good + refused + too_long + no_code + order
        self.send(moves)
        self.assertEqual(good.seven_state, "order")
        self.assertEqual(len(self.orders), 1)
        self.assertIn("Kunden är spärrad", refused.seven_problem)
        self.assertIn("OrganizationNumber: The text is too long", too_long.seven_problem)
        self.assertIn("9 %", no_code.seven_problem)
        self.assertIn("Raden är fel", order.seven_problem)
        self.assertEqual(self.count("SaveInvoices"), 1)
        # What is put right is sent again.
        others[1].company_registry = "559999-0019"
        self.send(refused + too_long + order)
        self.assertEqual((refused + too_long + order).mapped("seven_state"), ["order"] * 3)
        self.assertEqual((refused + too_long + order).mapped("seven_problem"), [False] * 3)
        self.assert_sound()

    def test_what_nobody_is_to_see(self):
        self.send(self.invoice(partner_id=self.person.id))
        self.service.end_sessions()
        self.service.misbehave(
            {"fault": "item_error", "name": "Ek Maskin AB", "message": "Kunden 19900101-9992 är spärrad"}
        )
        move = self.invoice()
        self.send(move)
        self.assertIn("19900101-****", move.seven_problem)
        messages = self.env["mail.message"].sudo().search([("model", "=", "brp.connection")])
        shown = f"{self.exchanges().sudo().read()} {self.connection.problem} {messages.mapped('body')}"
        self.assertIn("19900101-****", shown)
        customers = ("faktura@ek.example", "anna@lund.example", "Storgatan")
        for secret in (seven.PASSWORD, *self.service.sessions, "9992", *customers):
            self.assertNotIn(secret, shown)

    def test_a_lost_session_is_renewed_once(self):
        self.send(self.invoice())
        logins = self.count("Login")
        self.service.end_sessions()
        move = self.invoice()
        self.send(move)
        self.assertEqual(move.seven_state, "order")
        self.assertEqual(self.count("Login"), logins + 1)

    def test_a_session_that_is_lost_again_and_again(self):
        self.send(self.invoice())
        logins = self.count("Login")
        self.service.misbehave({"fault": "lost_session", "times": 1000})
        self.send(self.invoice() + self.invoice())
        self.assertLessEqual(self.count("Login"), logins + 1)
        self.assertIn("which packages", self.connection.problem)

    def test_the_password_is_changed_there(self):
        self.send(self.invoice())
        logins = self.count("Login")
        self.service.password = "another"
        self.service.end_sessions()
        moves = self.invoice() + self.invoice(partner_id=self.person.id)
        self.send(moves)
        self.assertEqual(self.count("Login"), logins + 1)
        self.assertIn("does not know this user and password", self.connection.problem)
        self.assertEqual(moves.mapped("seven_state"), ["waiting", "waiting"])
        # Nobody asks again before some time has passed.
        self.run_jobs()
        self.assertEqual(self.count("Login"), logins + 1)
        self.connection.sudo().seven_password = "another"
        self.env.flush_all()
        self.connection.with_user(self.manager).action_test()
        self.run_jobs()
        self.assertEqual(moves.mapped("seven_state"), ["order", "order"])
        self.assertFalse(self.connection.problem)
        self.assert_sound()

    def test_no_answer(self):
        self.service.misbehave({"fault": "status", "status": 503, "path": "/InvoiceOrder/SaveInvoices"})
        move = self.invoice()
        self.send(move)
        self.assertEqual((move.seven_state, move.seven_problem), ("waiting", False))
        self.let_time_pass()
        self.run_jobs()
        self.assertEqual(move.seven_state, "order")

    def test_an_answer_about_something_else(self):
        self.send(self.invoice())
        # The service answers with fewer things than were saved.
        self.service.misbehave(
            {
                "fault": "garbage",
                "path": "/Company/SaveCompanies",
                "content_type": "text/xml",
                "body": '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
                '<SaveCompaniesResponse xmlns="http://24sevenOffice.com/webservices">'
                "<SaveCompaniesResult/></SaveCompaniesResponse></soap:Body></soap:Envelope>",
            }
        )
        move = self.invoice()
        self.send(move)
        self.assertIn("cannot be understood", self.exchanges("pending").error)
        self.let_time_pass()
        self.run_jobs()
        self.assertEqual(move.seven_state, "order")
        self.assert_sound()

    def test_7200_calls_an_hour(self):
        move = self.invoice()
        calls = len(self.service.calls)
        # This hour has had all but two.
        self.env["brp.connection.calls"].sudo().search(
            [("connection_id", "=", self.connection.id)]
        ).calls = 7198
        self.send(move)
        self.assertEqual(len(self.service.calls), calls + 2)
        self.assertEqual(move.seven_state, "waiting")
        self.assertEqual(self.exchanges("pending").error_code, "limit")
        # The next hour begins at nine.
        self.assertGreaterEqual(f"{self.connection.next_try}", "2026-11-22 09:00:00")
        self.env["brp.connection.calls"].sudo().search(
            [("connection_id", "=", self.connection.id)]
        ).calls = 100
        self.let_time_pass()
        self.run_jobs()
        self.assertEqual(move.seven_state, "order")

    def test_the_service_s_own_limit(self):
        self.service.misbehave({"fault": "rate_limit", "path": "/InvoiceOrder/SaveInvoices"})
        move = self.invoice()
        self.send(move)
        self.assertEqual((move.seven_state, self.exchanges("pending").error_code), ("waiting", "limit"))
        # As the service says: its hour began with the first call, at eight.
        self.assertGreaterEqual(f"{self.connection.next_try}", "2026-11-22 09:00:00")

    def test_the_company_is_blocked_later(self):
        self.send(self.invoice())
        self.service.change_company(seven.COMPANY, blocked=True)
        self.send(self.invoice())
        self.assertIn("blocked the user", self.connection.problem)
