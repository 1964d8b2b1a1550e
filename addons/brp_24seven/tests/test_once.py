from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SevenCommon


@tagged("post_install", "-at_install")
class TestOnce(SevenCommon):
    """An invoice is one order, whatever happens on the way."""

    def setUp(self):
        super().setUp()
        self.activate()

    def assert_one_order(self, move, **told):
        self.assertEqual((move.seven_state, move.seven_problem), ("order", False))
        self.assertEqual(list(self.office.orders), [int(move.seven_order)])
        order = self.order_of(move)
        self.assertEqual({name: order[name] for name in told}, told)
        self.assertFalse(move.seven_difference)
        self.assert_sound()

    def test_sent_again_unchanged(self):
        move = self.invoice()
        self.send(move)
        calls = len(self.service.calls)
        self.assertEqual(self.send(move), f"Already there: {move.name} (5501).")
        self.assertEqual(len(self.service.calls), calls)
        self.assert_one_order(move)

    def test_changed(self):
        move = self.invoice(self.rent(), self.line(name="Släp"))
        self.send(move)
        move.button_draft()
        move.invoice_line_ids[1].unlink()
        move.invoice_line_ids.quantity = 4
        move.action_post()
        self.assertIn("1 on the way", self.send(move))
        # 4 x 900 and 25 %
        self.assert_one_order(move, OrderTotalIncVat="4500.00")
        names = [row["Name"] for row in self.order_of(move)["InvoiceRows"]]
        self.assertEqual(names, ["Traktor (2026-11-23 - 2026-11-25)", "Traktor 90 hk"])
        self.assertIn("Already there", self.send(move))

    def test_published(self):
        move = self.invoice()
        self.send(move)
        self.service.publish(move.name)
        self.change(move, quantity=4)
        self.send(move)
        self.assertIn("published at 24SevenOffice as invoice 20007", move.seven_problem)
        self.assertEqual(self.orders[0]["OrderTotalIncVat"], "3375.00")
        self.check(move)
        # Nothing is left to do about it.
        self.assertEqual((move.seven_problem, self.connection.problem), (False, False))
        with self.assertRaisesRegex(UserError, "20007"):
            self.send(move)
        self.assertIn("3,375.00", move.seven_difference)

    def test_deleted_there(self):
        move = self.invoice()
        self.send(move)
        self.service.delete(move.name)
        self.check(move)
        self.assertEqual((move.seven_state, move.seven_order), ("deleted", False))
        self.send(move)
        self.assert_one_order(move, OrderId=5502)

    def test_deleted_there_and_nobody_has_asked(self):
        move = self.invoice()
        self.send(move)
        self.service.delete(move.name)
        self.change(move, quantity=4)
        self.send(move)
        self.assert_one_order(move, OrderId=5502)

    def test_two_clicks(self):
        move = self.invoice()
        for _click in range(2):
            move.with_user(self.clerk).action_seven_send()
        self.assertEqual(len(self.exchanges()), 1)
        self.run_jobs()
        self.assert_one_order(move)

    def interrupt(self, move, *faults):
        """Send an invoice whose saving is interrupted after the service has saved it."""
        self.service.misbehave(*faults)
        self.send(move)
        self.assertEqual((move.seven_state, len(self.orders)), ("waiting", 1))

    CUT = {"fault": "close", "when": "after", "path": "/InvoiceOrder/SaveInvoices"}

    def test_closed_after_it_was_saved(self):
        move = self.invoice()
        self.interrupt(move, self.CUT)
        self.let_time_pass()
        self.run_jobs()
        self.assert_one_order(move)
        self.assertEqual(self.count("SaveInvoices"), 1)
        self.assertIn("Already there", self.send(move))

    def test_timed_out_after_it_was_saved(self):
        move = self.invoice()
        self.interrupt(move, {"fault": "status", "status": 504, "when": "after", "path": self.CUT["path"]})
        self.let_time_pass()
        self.run_jobs()
        self.assert_one_order(move)
        self.assertEqual(self.count("SaveInvoices"), 1)

    def test_changed_while_it_is_not_known(self):
        move = self.invoice()
        self.interrupt(move, self.CUT)
        self.change(move, quantity=4)
        self.send(move)
        self.let_time_pass()
        self.run_jobs()
        self.run_jobs()
        self.assert_one_order(move, OrderTotalIncVat="4500.00")
        self.assertIn("Already there", self.send(move))

    def test_deleted_there_and_interrupted(self):
        move = self.invoice()
        self.send(move)
        self.service.delete(move.name)
        self.change(move, quantity=4)
        # It is still thought to be order 5501 when it is made anew.
        self.interrupt(move, self.CUT)
        self.let_time_pass()
        self.run_jobs()
        self.assert_one_order(move, OrderId=5502, OrderTotalIncVat="4500.00")

    def test_an_update_that_is_interrupted(self):
        move = self.invoice()
        self.send(move)
        self.change(move, quantity=4)
        self.interrupt(move, self.CUT)
        self.let_time_pass()
        self.run_jobs()
        self.assert_one_order(move, OrderId=5501, OrderTotalIncVat="4500.00")
        self.assertEqual(len(self.order_of(move)["InvoiceRows"]), 2)

    def test_others_use_the_same_numbers(self):
        move = self.invoice()
        self.interrupt(move, self.CUT)
        # Two strangers, one before and one after ours.
        for number in (5400, 5600):
            self.office.orders[number] = self.office.orders[5501] | {
                "OrderId": number, "ReferenceNumber": f"WEB-{number}",
            }  # fmt: skip
        self.let_time_pass()
        self.run_jobs()
        self.assertEqual((move.seven_order, len(self.orders)), ("5501", 3))

    def test_killed_before_it_was_saved(self):
        move = self.invoice()
        move.with_user(self.clerk).action_seven_send()
        # Somebody took it, and was never heard of again.
        self.exchanges().sudo().write(
            {"attempts": 1, "sending": True, "unsure": True, "next_attempt": fields.Datetime.now()}
        )
        self.run_jobs()
        self.assert_one_order(move)

    def test_what_is_being_sent_is_left_alone(self):
        move = self.invoice()
        move.with_user(self.clerk).action_seven_send()
        later = fields.Datetime.now() + timedelta(minutes=5)
        self.exchanges().sudo().write({"attempts": 1, "sending": True, "unsure": True, "next_attempt": later})
        self.send(move)
        self.assertEqual(self.orders, [])

    def test_it_took_so_long_that_others_may_have_taken_it(self):
        # Somebody else takes it half a minute from now, and a call may take a whole one.
        self.env["ir.config_parameter"].sudo().set_param("brp_connector.grace", 30)
        move = self.invoice()
        self.send(move)
        self.assertEqual((move.seven_state, self.orders), ("waiting", []))
        self.assertIn("too slowly", self.exchanges("pending").error)
        self.env["ir.config_parameter"].sudo().set_param("brp_connector.grace", 600)
        self.let_time_pass()
        self.run_jobs()
        self.assert_one_order(move)

    def test_the_exchange_shows_how_it_was_saved(self):
        move = self.invoice()
        self.send(move)
        self.assertIn("SaveInvoices", self.exchanges("done").request)

    def test_reading_back_does_not_work(self):
        move = self.invoice()
        self.service.misbehave({"fault": "status", "status": 503, "path": "/InvoiceOrder/GetInvoices"})
        self.send(move)
        self.assert_one_order(move)
        self.assertEqual(self.count("SaveInvoices"), 1)

    def test_given_up(self):
        self.service.misbehave({"fault": "item_error", "path": self.CUT["path"]})
        move = self.invoice()
        self.send(move)
        self.exchanges().sudo().action_give_up()
        self.assertFalse(move.seven_state)
        self.assertIn("1 on the way", self.send(move))
        self.assert_one_order(move)
        self.change(move, quantity=4)
        self.service.misbehave({"fault": "item_error", "path": self.CUT["path"]})
        self.send(move)
        self.exchanges("failed").sudo().action_give_up()
        # The order is there as it was before.
        self.assertEqual(move.seven_state, "order")

    def test_given_up_while_it_is_not_known_and_changed(self):
        move = self.invoice()
        self.interrupt(move, self.CUT)
        self.exchanges().sudo().action_give_up()
        self.change(move, quantity=4)
        self.send(move)
        self.let_time_pass()
        for _time in range(2):
            self.run_jobs()
        self.assert_one_order(move, OrderTotalIncVat="4500.00")

    def test_given_up_changed_and_changed_back(self):
        move = self.invoice()
        move.with_user(self.clerk).action_seven_send()
        self.exchanges().sudo().action_give_up()
        self.change(move, quantity=4)
        move.with_user(self.clerk).action_seven_send()
        self.change(move, quantity=3)
        self.assertIn("1 on the way", self.send(move))
        self.assert_one_order(move, OrderTotalIncVat="3375.00")

    def test_what_was_given_up_is_not_sent_beside_another(self):
        move = self.invoice()
        move.with_user(self.clerk).action_seven_send()
        given_up = self.exchanges()
        given_up.sudo().action_give_up()
        self.change(move, quantity=4)
        move.with_user(self.clerk).action_seven_send()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            given_up.sudo().action_retry()
        self.run_jobs()
        self.assert_one_order(move, OrderTotalIncVat="4500.00")

    def test_renamed_while_it_is_not_known(self):
        move = self.invoice()
        self.interrupt(move, self.CUT)
        move.button_draft()
        move.name = "INV/2026/00999"
        move.action_post()
        self.let_time_pass()
        for _time in range(2):
            self.run_jobs()
        self.assert_one_order(move, ReferenceNumber="INV/2026/00999")

    def test_a_draft_without_a_number_while_it_is_not_known(self):
        move = self.invoice()
        self.interrupt(move, self.CUT)
        move.button_draft()
        move.write({"invoice_date": date(2027, 1, 5), "name": False, "invoice_date_due": date(2027, 2, 4)})
        self.let_time_pass()
        self.run_jobs()
        self.assertEqual((move.seven_state, move.seven_order), ("order", "5501"))
        move.action_post()
        self.send(move)
        self.assert_one_order(move, ReferenceNumber="INV/2027/00001")

    NOTHING = (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><{0}Response'
        ' xmlns="http://24sevenOffice.com/webservices"><{0}Result>{1}</{0}Result></{0}Response></soap:Body>'
        "</soap:Envelope>"
    )

    def answer(self, operation, content="", when="before"):
        """Have the service answer the next call of an operation wrongly."""
        self.service.misbehave(
            {
                "fault": "garbage",
                "when": when,
                "path": f"/InvoiceOrder/{operation}",
                "content_type": "text/xml",
                "body": self.NOTHING.format(operation, content),
            }
        )

    def test_an_order_that_was_not_told_of_once(self):
        move = self.invoice()
        self.send(move)
        self.answer("GetInvoices")
        self.check(move)
        self.assertEqual(move.seven_state, "deleted")
        self.change(move, quantity=4)
        self.send(move)
        self.run_jobs()
        self.assert_one_order(move, OrderId=5501, OrderTotalIncVat="4500.00")

    def test_the_order_of_another_invoice_in_the_answer(self):
        first, second = self.invoice(), self.invoice(self.line())
        self.send(first)
        order = "<InvoiceOrder><OrderId>5501</OrderId><IncludeVAT>false</IncludeVAT></InvoiceOrder>"
        self.answer("SaveInvoices", order, when="after")
        self.send(second)
        self.assertEqual((second.seven_state, second.seven_order), ("waiting", False))
        self.let_time_pass()
        self.run_jobs()
        self.assertEqual((first.seven_order, second.seven_order), ("5501", "5502"))
        self.assert_sound()

    def test_two_are_told_to_be_one_order(self):
        moves = self.invoice() + self.invoice(self.line())
        order = "<InvoiceOrder><OrderId>5501</OrderId><IncludeVAT>false</IncludeVAT></InvoiceOrder>"
        self.answer("SaveInvoices", order * 2, when="after")
        self.send(moves)
        self.assertEqual(moves.mapped("seven_order"), [False, False])
        self.let_time_pass()
        self.run_jobs()
        self.assertEqual(moves.mapped("seven_order"), ["5501", "5502"])
        self.assert_sound()

    def test_what_is_an_order_there_is_not_deleted_here(self):
        move = self.invoice()
        self.interrupt(move, self.CUT)
        move.button_draft()
        with self.assertRaisesRegex(UserError, "not known yet"), self.env.cr.savepoint():
            move.with_context(force_delete=True).unlink()
        move.action_post()
        self.let_time_pass()
        self.run_jobs()
        move.button_draft()
        with self.assertRaisesRegex(UserError, "order 5501"), self.env.cr.savepoint():
            move.with_context(force_delete=True).unlink()
        self.service.delete("5501")
        self.check(move)
        move.with_context(force_delete=True).unlink()

    def test_the_invoice_is_gone(self):
        move, other = self.invoice(), self.invoice()
        (move + other).with_user(self.clerk).action_seven_send()
        move.button_draft()
        move.with_context(force_delete=True).unlink()
        self.exchanges().sudo().unsure = True
        self.run_jobs()
        self.assertEqual([order["ReferenceNumber"] for order in self.orders], [other.name])
        self.assertEqual(other.seven_state, "order")
