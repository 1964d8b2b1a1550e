from datetime import date

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.brp_connector.tests.common import find_connection

from .common import SevenCommon


@tagged("post_install", "-at_install")
class TestStatus(SevenCommon):
    """What has become of an order, and what follows from it here."""

    def setUp(self):
        super().setUp()
        self.activate()
        self.bank = self.company_data["default_journal_bank"]

    def sent(self, **values):
        move = self.invoice(**values)
        self.send(move)
        return move

    def status(self, move):
        self.check(move)
        return move.seven_state, move.seven_invoice, move.seven_paid_date

    def test_from_order_to_paid(self):
        move = self.sent()
        self.assertEqual(self.status(move), ("order", False, False))
        self.service.publish(move.name)
        self.assertEqual(self.status(move), ("invoiced", "20007", False))
        # Told as the evening before, in UTC
        self.service.pay(move.name, "2026-11-30")
        self.assertEqual(self.order_of(move)["Paid"], "2026-11-29T23:00:00Z")
        self.assertEqual(self.status(move), ("paid", "20007", date(2026, 11, 30)))
        self.assertEqual(move.seven_checked, fields.Datetime.now())
        # No journal is chosen: it is only shown.
        self.assertEqual(move.payment_state, "not_paid")
        self.assert_sound()

    def test_not_paid_told_as_the_year_1(self):
        self.service.set(unpaid="minimum")
        move = self.sent()
        self.service.publish(move.name)
        self.assertEqual(self.status(move), ("invoiced", "20007", False))

    def test_deleted(self):
        move = self.sent()
        self.service.delete(move.name)
        self.assertEqual(self.status(move), ("deleted", False, False))
        with self.assertRaisesRegex(UserError, "Nothing of this"):
            self.check(move)

    def test_what_has_become_of_it_is_told(self):
        move, other = self.sent(), self.sent()
        self.service.publish(other.name)
        told = move.with_user(self.clerk).action_seven_check()
        self.assertEqual(told["params"]["message"], "Not Published")
        told = (move + other).with_user(self.clerk).action_seven_check()
        self.assertEqual(told["params"]["message"], "Not Published: 1, Published, Not Paid: 1")

    def test_nothing_has_been_sent(self):
        with self.assertRaisesRegex(UserError, "Nothing of this"):
            self.check(self.invoice())

    def test_no_answer(self):
        move = self.sent()
        self.service.misbehave({"fault": "status", "status": 503, "times": 9})
        with self.assertRaisesRegex(UserError, "24SevenOffice"):
            self.check(move)

    def test_a_difference_is_told_and_taken_back(self):
        move = self.sent()
        self.service.misbehave({"fault": "wrong_total", "amount": 100})
        self.check(move)
        # 3 375 and 675, and a krona more of each there
        for amount in ("3,376.00", "3,375.00", "676.00", "675.00"):
            self.assertIn(amount, move.seven_difference)
        self.check(move)
        self.assertFalse(move.seven_difference)

    def test_a_difference_of_one_ore(self):
        move = self.sent()
        self.service.misbehave({"fault": "wrong_total", "amount": 1})
        self.check(move)
        self.assertIn("3,375.01", move.seven_difference)

    # === PAYMENTS === #

    def paid(self, move, day="2026-11-30"):
        self.service.publish(move.name)
        self.service.pay(move.name, day)
        self.check(move)
        self.assertEqual(move.seven_state, "paid")

    def payments_of(self, move):
        return self.env["account.payment"].search([("journal_id", "=", self.bank.id)])

    def test_a_payment_is_registered_once(self):
        self.connection.sudo().seven_journal_id = self.bank
        move = self.sent()
        self.paid(move)
        self.assertIn(move.payment_state, ("paid", "in_payment"))
        payment = self.payments_of(move)
        self.assertEqual((payment.amount, payment.date), (3375, date(2026, 11, 30)))
        self.assertEqual(payment.memo, f"{move.name} (20007)")
        self.check(move)
        self.run_status_job()
        self.assertEqual(self.payments_of(move), payment)

    def test_a_payment_of_an_invoice_in_parts(self):
        self.connection.sudo().seven_journal_id = self.bank
        term = self.env["account.payment.term"].create(
            {
                "name": "Half now",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days})
                    for days in (0, 60)
                ],
            }
        )
        move = self.sent(invoice_payment_term_id=term.id, invoice_date_due=False)
        self.paid(move)
        self.assertEqual((sum(self.payments_of(move).mapped("amount")), move.amount_residual), (3375, 0))

    def test_what_is_left_is_registered(self):
        self.connection.sudo().seven_journal_id = self.bank
        move = self.sent()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create(
            {"amount": 1000, "journal_id": self.company_data["default_journal_cash"].id}
        )._create_payments()
        self.paid(move)
        self.assertEqual((self.payments_of(move).amount, move.amount_residual), (2375, 0))

    def test_another_amount_is_not_registered(self):
        self.connection.sudo().seven_journal_id = self.bank
        move = self.sent()
        # It is changed, and nobody sends it again: 3 375 is paid there, and 4 500 is owed here.
        self.change(move, quantity=4)
        self.paid(move)
        self.assertFalse(self.payments_of(move))
        self.assertEqual(move.payment_state, "not_paid")
        self.assertIn("amounts differ", move.message_ids[:1].body)
        self.check(move)
        self.assertEqual(len(move.message_ids.filtered(lambda told: "amounts differ" in told.body)), 1)

    def test_a_credit_note_is_paid_back(self):
        self.connection.sudo().seven_journal_id = self.bank
        credit = self.sent(move_type="out_refund")
        self.paid(credit)
        payment = self.payments_of(credit)
        self.assertEqual((payment.payment_type, payment.amount), ("outbound", 3375))

    def test_many_are_paid_at_once(self):
        self.connection.sudo().seven_journal_id = self.bank
        moves = self.invoice() + self.invoice(self.line()) + self.invoice(partner_id=self.person.id)
        late, credit = self.invoice(self.line(quantity=2)), self.invoice(move_type="out_refund")
        self.send(moves + late + credit)
        for move in moves + late + credit:
            self.service.publish(move.name)
            self.service.pay(move.name, "2026-12-01" if move == late else "2026-11-30")
        self.run_status_job()
        payments = self.payments_of(moves)
        day, next_day = date(2026, 11, 30), date(2026, 12, 1)
        self.assertEqual(
            sorted(
                (payment.date, payment.payment_type, payment.amount, payment.memo) for payment in payments
            ),
            sorted(
                [
                    (day, "inbound", 3375, f"{moves[0].name} ({moves[0].seven_invoice})"),
                    (day, "inbound", 1250, f"{moves[1].name} ({moves[1].seven_invoice})"),
                    (day, "inbound", 3375, f"{moves[2].name} ({moves[2].seven_invoice})"),
                    (next_day, "inbound", 2500, f"{late.name} ({late.seven_invoice})"),
                    (day, "outbound", 3375, f"{credit.name} ({credit.seven_invoice})"),
                ]
            ),
        )
        self.assertEqual((moves + late + credit).mapped("amount_residual"), [0] * 5)

    def test_nothing_is_deducted_for_early_payment(self):
        self.connection.sudo().seven_journal_id = self.bank
        term = self.env["account.payment.term"].create(
            {
                "name": "2 % in 10 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})],
            }
        )
        moves = self.env["account.move"]
        for _invoice in range(2):
            moves += self.sent(invoice_payment_term_id=term.id, invoice_date_due=False)
        for move in moves:
            self.service.publish(move.name)
            self.service.pay(move.name, "2026-11-24")
        self.run_status_job()
        self.assertEqual(self.payments_of(moves).mapped("amount"), [3375, 3375])

    def test_a_payment_in_closed_books(self):
        self.connection.sudo().seven_journal_id = self.bank
        move, other = self.sent(), self.sent()
        self.bank.sudo().active = False  # nobody can book there
        for one in (move, other):
            self.service.publish(one.name)
            self.service.pay(one.name, "2026-11-30")
        self.env["account.payment.method.line"].search([("journal_id", "=", self.bank.id)]).unlink()
        self.run_status_job()
        self.assertEqual((move + other).mapped("seven_state"), ["paid", "paid"])
        self.assertIn("not registered", move.message_ids[:1].body)
        self.assertIn("not registered", other.message_ids[:1].body)

    def test_what_one_of_them_cannot_be(self):
        self.connection.sudo().seven_journal_id = self.bank
        euro = self.env.ref("base.EUR")
        euro.active = True
        moves = self.sent() + self.sent(currency_id=euro.id) + self.sent()
        for move in moves:
            self.service.publish(move.name)
            self.service.pay(move.name, "2026-11-30")
        # Nothing can be booked in a currency that is not used any more.
        euro.active = False
        self.run_status_job()
        self.assertEqual([bool(move.amount_residual) for move in moves], [False, True, False])
        self.assertIn("not registered", moves[1].message_ids[:1].body)

    def test_a_draft_is_not_paid(self):
        self.connection.sudo().seven_journal_id = self.bank
        draft, other = self.sent(), self.sent()
        draft.button_draft()
        for move in (draft, other):
            self.service.publish(f"{move.seven_order}")
            self.service.pay(f"{move.seven_order}", "2026-11-30")
        self.run_status_job()
        self.assertEqual((draft + other).mapped("amount_residual"), [3375, 0])
        self.assertIn("not registered", draft.message_ids[:1].body)
        draft.action_post()
        self.check(draft)
        self.assertEqual(draft.amount_residual, 0)

    def test_a_payment_in_a_locked_period(self):
        self.connection.sudo().seven_journal_id = self.bank
        move = self.sent()
        self.company.sudo().fiscalyear_lock_date = date(2026, 12, 31)
        self.paid(move)
        payment = self.payments_of(move)
        # Booked on the first day that is open, paid when it was.
        self.assertEqual((payment.date, payment.move_id.date), (date(2026, 11, 30), date(2027, 1, 1)))

    # === THE JOB === #

    def test_three_in_one_call(self):
        moves = self.sent() + self.sent() + self.sent()
        self.service.publish(moves[0].name)
        self.service.publish(moves[1].name)
        self.service.pay(moves[1].name, "2026-11-30")
        self.service.delete(moves[2].name)
        calls = self.count("GetInvoices")
        self.run_status_job()
        self.assertEqual(self.count("GetInvoices"), calls + 1)
        self.assertEqual(moves.mapped("seven_state"), ["invoiced", "paid", "deleted"])
        # What is paid or deleted is not asked for again, and nothing at all when there is nothing.
        self.service.pay(moves[0].name, "2026-12-01")
        self.run_status_job()
        calls = len(self.service.calls)
        self.run_status_job()
        self.assertEqual((moves[0].seven_state, len(self.service.calls)), ("paid", calls))

    def test_one_company_is_not_in_the_way_of_another(self):
        move = self.sent()
        other = self.env["res.company"].create(
            {"name": "Sundby Kurser AB", "country_id": self.company.country_id.id}
        )
        second = find_connection(other, "24seven")
        # It comes first, and nobody has entered its password.
        second.sudo().write({"state": "active", "sequence": 0, "seven_automatic": True})
        self.env["account.chart.template"].try_loading("se", company=other, install_demo=False)
        theirs = self.invoice(self.line(tax_ids=False), company_id=other.id, partner_id=self.person.id)
        theirs.sudo().write({"seven_order": "17", "seven_state": "order"})
        self.service.publish(move.name)
        self.run_status_job()
        self.assertEqual(move.seven_state, "invoiced")
        self.assertIn("Enter the user, the password", second.problem)
        self.assertFalse(self.connection.problem)
        # It is taken back when it has been seen to.
        theirs.sudo().seven_order = False
        self.run_status_job()
        self.assertFalse(second.problem)

    def test_an_update_that_waits_is_no_update_of_a_published_order(self):
        move = self.sent()
        self.change(move, quantity=4)
        self.service.misbehave({"fault": "status", "status": 503, "path": "/InvoiceOrder/SaveInvoices"})
        self.send(move)
        self.run_status_job()
        self.assertEqual(move.seven_state, "waiting")
        self.service.publish(move.name)
        self.run_status_job()
        self.assertEqual((move.seven_state, move.seven_invoice), ("invoiced", "20007"))
        self.assertFalse(self.exchanges("pending", "failed", "blocked"))
        self.assertIn("3,375.00", move.seven_difference)

    def test_the_job_goes_on_where_it_stopped(self):
        self.sent()
        self.run_status_job()
        calls = len(self.service.calls)
        self.env.ref("brp_24seven.ir_cron_seven").method_direct_trigger()
        self.assertEqual(len(self.service.calls), calls)

    def test_the_service_does_not_work(self):
        self.sent()
        self.service.stop()
        for _time in range(3):
            self.let_time_pass()
            self.run_status_job()
        self.assertIn("cannot be reached", self.connection.problem)

    def test_sent_by_itself(self):
        move = self.invoice()
        by_hand = self.invoice(seven_type="invoice")
        self.run_status_job()
        self.assertFalse(move.seven_state)
        self.connection.sudo().seven_automatic = True
        self.run_status_job()
        self.run_jobs()
        self.assertEqual((move.seven_state, by_hand.seven_state), ("order", False))
        # What somebody deletes there is not made again every three hours.
        self.service.delete(move.name)
        self.run_status_job()
        self.run_status_job()
        self.run_jobs()
        self.assertEqual((move.seven_state, self.orders), ("deleted", []))

    def test_what_was_given_up_is_not_sent_by_itself(self):
        self.connection.sudo().seven_automatic = True
        move = self.invoice()
        move.with_user(self.clerk).action_seven_send()
        self.exchanges().sudo().action_give_up()
        self.run_status_job()
        self.run_jobs()
        self.assertEqual((move.seven_state, self.orders), (False, []))

    def test_sent_by_itself_though_nothing_can_be_asked(self):
        self.sent()
        self.connection.sudo().seven_automatic = True
        move = self.invoice()
        self.service.misbehave(
            {"fault": "status", "status": 503, "path": "/InvoiceOrder/GetInvoices", "times": 3}
        )
        self.run_status_job()
        self.assertEqual(move.seven_state, "waiting")

    def test_manual_export(self):
        move, other = self.invoice(), self.invoice()
        action = self.connection.with_user(self.manager).action_manual_export()
        self.assertFalse(self.exchanges())
        shown = self.env["account.move"].with_user(self.manager).search(action["domain"])
        self.assertEqual(shown, move + other)
        self.send(shown)
        self.assertEqual((move + other).mapped("seven_state"), ["order", "order"])
        with self.assertRaisesRegex(UserError, "Everything"):
            self.connection.with_user(self.manager).action_manual_export()
