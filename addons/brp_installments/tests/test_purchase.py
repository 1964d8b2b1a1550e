from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .common import InstallmentCommon


@tagged("post_install", "-at_install")
class TestPurchase(InstallmentCommon):
    """What holds a purchase together, and rescheduling it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.main = cls._sell(cls.year_card)
        cls.parts = cls.main.installment_ids.sorted("installment_number")

    def test_it_is_not_called_paid_while_its_installments_are_not(self):
        self.assertEqual(self.main.status_in_payment, "installments")
        for part in self.parts:
            self._pay(part, 1000)
        self.assertEqual(self.main.status_in_payment, "paid")

    # === WHAT WOULD BREAK IT IS REFUSED === #

    def test_documents_are_not_reset_to_draft(self):
        entry = self.env["account.move"].search(
            [("installment_main_id", "=", self.main.id), ("move_type", "=", "entry")]
        )
        for move in (self.main, self.parts[0], entry):
            with self.assertRaisesRegex(UserError, "Credit the installment or the main"):
                move.button_draft()
            with self.assertRaisesRegex(UserError, "Credit the installment or the main"):
                move.button_cancel()

    def test_documents_are_not_deleted(self):
        for move in (self.main, self.parts[0]):
            with self.assertRaises(UserError):
                move.unlink()
            with self.assertRaisesRegex(UserError, "Credit the installment or the main"):
                move.with_context(force_delete=True).unlink()

    def test_dates_are_not_edited(self):
        with self.assertRaisesRegex(UserError, "Reschedule on the main invoice"):
            self.parts[0].invoice_date_due = "2026-03-01"
        with self.assertRaisesRegex(UserError, "Reschedule on the main invoice"):
            self.parts[0]._get_receivable_line().date_maturity = "2026-03-01"
        self.parts[0].invoice_date_due = self.parts[0].invoice_date_due  # no change, no harm

    def test_what_ties_it_together_is_not_edited(self):
        with self.assertRaisesRegex(UserError, "must stay as it is"):
            self.main.installment_plan_id = False
        with self.assertRaisesRegex(UserError, "must stay as it is"):
            self.parts[0].installment_main_id = False

    def test_documents_are_not_duplicated(self):
        for move in self.parts[0] + self.main.installment_document_ids.filtered(
            lambda move: move.move_type == "entry"
        ):
            with self.assertRaisesRegex(UserError, "cannot be duplicated"):
                move.copy()
        self.assertFalse(self.main.copy().installment_plan_id)

    def test_the_settlement_is_not_undone(self):
        partial = self.main._get_receivable_line().matched_credit_ids
        with self.assertRaisesRegex(UserError, "must stay as it is"):
            self.main.js_remove_outstanding_partial(partial.id)

    def test_a_payment_can_be_undone(self):
        self._pay(self.parts[0], 1000)
        partial = self.parts[0]._get_receivable_line().matched_credit_ids
        self.parts[0].js_remove_outstanding_partial(partial.id)
        self.assertEqual(self.parts[0].amount_residual, 1000)

    def test_reverse_and_create_invoice_is_refused(self):
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=self.main.ids
        )
        with self.assertRaisesRegex(UserError, "sell the order again"):
            Form(wizard).save().modify_moves()

    def test_main_invoices_are_credited_one_at_a_time(self):
        other = self._sell(self.year_card)
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=(self.main + other).ids
        )
        with self.assertRaisesRegex(UserError, "one main invoice at a time"):
            Form(wizard).save().refund_moves()

    def test_installments_chosen_in_the_list_are_credited_without_a_dialog(self):
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=self.parts[:2].ids
        )
        Form(wizard).save().refund_moves()
        self.assertEqual(self.main.amount_residual, 2000)

    # === RESCHEDULING === #

    def _reschedule(self, **values):
        form = Form(self.env["brp.installment.reschedule"].with_context(default_main_id=self.main.id))
        for name, value in values.items():
            setattr(form, name, value)
        return form.save()

    @freeze_time("2026-03-01")
    def test_another_due_day_moves_dates_and_keeps_documents(self):
        self._pay(self.parts[0], 1000)
        names = self.parts.mapped("name")
        self._reschedule(due_day=5, reason="new payday").action_reschedule()

        # February's is overdue; the first of the eleven falls due on the next 5th
        self.assertEqual(
            [str(due) for due in self.parts.mapped("invoice_date_due")][:4],
            ["2026-01-27", "2026-03-05", "2026-04-05", "2026-05-05"],
        )
        self.assertEqual(self.parts.mapped("name"), names)
        self.assertEqual(str(self.parts[1]._get_receivable_line().date_maturity), "2026-03-05")
        self.assertIn("new payday", self.main.message_ids[0].body)
        self.assertEqual(self._balance(self.receivable), 11000)

    @freeze_time("2026-03-01")
    def test_fewer_parts_replace_the_open_installments(self):
        self._pay(self.parts[0], 1000)
        self._pay(self.parts[1], 300)
        self._reschedule(parts=3).action_reschedule()

        # 10 700.00 left: 3 566.67 3 566.67 3 566.66
        new = self.main._get_open_installments()
        self.assertEqual(new.mapped("amount_total"), [3566.67, 3566.67, 3566.66])
        self.assertEqual(new.mapped("installment_number"), [2, 3, 4])
        self.assertEqual(new[0].installment_label, "2 of 4")
        self.assertEqual(self.parts[0].installment_label, "1 of 12")
        self.assertEqual(self.parts[1:].mapped("installment_state"), ["credited"] * 11)
        self.assertEqual(
            [str(due) for due in new.mapped("invoice_date_due")],
            ["2026-03-27", "2026-04-27", "2026-05-27"],
        )
        self.assertEqual(self._balance(self.receivable), 10700)
        self.assertEqual(self._balance(self.account_1530), 0)
        self.assertEqual(self.main.installment_paid, 1300)
        self.assertEqual(self.main.installment_left, 10700)
        self.assertEqual(self.main.amount_residual, 0)

    @freeze_time("2026-01-20")
    def test_what_was_sent_is_sent_again_with_its_new_date(self):
        self._send()
        self.assertTrue(self.parts[0].is_move_sent)
        self._reschedule(due_day=30).action_reschedule()
        self.assertFalse(self.parts[0].is_move_sent)
        self.assertFalse(self.parts[0].invoice_pdf_report_id)
        self._send()
        self.assertTrue(self.parts[0].is_move_sent)

    @freeze_time("2026-03-01")
    def test_documents_list_the_new_schedule_alone(self):
        self._reschedule(parts=3).action_reschedule()
        html = self._html("account.account_invoices", self.main)
        self.assertIn(self.main._get_open_installments()[0].name, html)
        self.assertNotIn(self.parts[0].name, html)

    @freeze_time("2026-03-01")
    def test_values_that_give_no_schedule_say_so(self):
        for values, message in (
            ({"parts": 0}, "from 1 to 60"),
            ({"parts": 61}, "from 1 to 60"),
            ({"first_due_date": "2026-02-28"}, "has not passed"),
            ({"due_day": 0, "first_due_date": "2026-04-05"}, "from 1 to 31"),
            ({"due_day": 32, "first_due_date": "2026-04-05"}, "from 1 to 31"),
        ):
            wizard = self._reschedule(**values)
            self.assertIn(message, wizard.obstacle)
            with self.assertRaisesRegex(UserError, message):
                wizard.action_reschedule()

    # === SENDING === #

    def _send(self):
        """Run the cron as the scheduler does, with its commits kept inside the test."""
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("brp_installments.ir_cron_send_installments").method_direct_trigger()
        self.env.invalidate_all()

    @freeze_time("2026-02-20")
    def test_what_falls_due_is_mailed_once(self):
        self.main.company_id.installment_send_days = 14
        self._send()
        # due 27 January and 27 February; 27 March is more than 14 days away
        self.assertEqual(self.parts.mapped("is_move_sent"), [True, True] + [False] * 10)
        mails = self.env["mail.message"].search(
            [
                ("model", "=", "account.move"),
                ("res_id", "in", self.parts.ids),
                ("message_type", "=", "comment"),
                ("partner_ids", "in", self.customer.ids),
            ]
        )
        self.assertEqual(len(mails), 2)
        self.assertEqual(sorted(mails.mapped("res_id")), sorted(self.parts[:2].ids))
        self.assertIn("2 of 12", mails.sorted("res_id")[1].body)
        self.assertTrue(all(mails.mapped("attachment_ids")))

        self._send()
        self.assertEqual(self.env["mail.message"].search_count([("id", "in", mails.ids)]), 2)
        self.assertFalse(any(self.parts[2:].mapped("is_move_sent")))

    @freeze_time("2026-01-20")
    def test_one_whose_pdf_was_made_before_is_mailed_once(self):
        self.env["account.move.send"]._generate_and_send_invoices(self.parts[0], sending_methods={"manual"})
        self.parts[0].is_move_sent = False
        self._send()
        self.assertTrue(self.parts[0].is_move_sent)

    @freeze_time("2026-02-20")
    def test_paid_and_credited_installments_are_not_sent(self):
        self._pay(self.parts[0], 1000)
        self.parts[1].action_credit_installments()
        self._send()
        self.assertFalse(any(self.parts.mapped("is_move_sent")))

    @freeze_time("2026-01-20")
    def test_without_an_address_it_is_to_be_printed(self):
        self.customer.email = False
        self._send()
        self.assertTrue(self.parts[0].installment_to_print)
        self.assertTrue(self.parts[0].invoice_pdf_report_id)
        action = self.parts[0].action_print_installments()
        self.assertIn(str(self.parts[0].id), action["url"])
        self.assertFalse(self.parts[0].installment_to_print)

    @freeze_time("2026-01-20")
    def test_a_customer_who_wants_paper_gets_paper(self):
        self.customer.invoice_sending_method = "manual"
        self._send()
        self.assertTrue(self.parts[0].installment_to_print)

    # === PDF === #

    def _html(self, report, record):
        return self.env["ir.actions.report"]._render_qweb_html(report, record.ids)[0].decode()

    def test_pdf_of_an_installment_tells_which_and_what_is_left(self):
        html = self._html("account.account_invoices", self.parts[2])
        text = " ".join(html.split())
        self.assertIn(self.main.name, text)
        self.assertIn(self.parts[2].payment_reference, text)
        self.assertIn("3 of 12", text)
        self.assertIn("11,000.00", text)

    def test_pdf_of_the_main_invoice_lists_the_installments(self):
        html = self._html("account.account_invoices", self.main)
        for part in self.parts:
            self.assertIn(part.name, html)
        self.assertIn("this invoice is not to be paid", html)
        self.assertNotIn("Payment Communication", html)

    def test_agreement(self):
        html = self._html("brp_installments.report_installment_agreement", self.main)
        self.assertIn("Astrid Berg", html)
        self.assertIn("12,000.00", html)
        self.assertIn("12/27/2026", html)
        self.assertRegex(html, r"Effective annual interest rate</td>\s*<td class=\"text-end\">.*0\.0")

    # === MANY ORDERS === #

    def _run_batches(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("brp_installments.ir_cron_sell_installment_batches").method_direct_trigger()
        self.env.invalidate_all()

    def _start_batch(self, count, plan=None):
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "order_line": [Command.create({"product_id": self.course.id})],
                }
                for _number in range(count)
            ]
        )
        form = Form(
            self.env["brp.installment.sale"].with_context(**orders.action_sell_in_installments()["context"])
        )
        form.sale_date = "2026-01-10"
        action = form.save().action_sell()
        self.assertEqual(action["res_model"], "brp.installment.batch")
        return orders, self.env["brp.installment.batch"].browse(action["res_id"])

    def test_many_orders_are_sold_in_the_background(self):
        # 41 orders x (3 + 2) documents = 205
        orders, batch = self._start_batch(41)
        self.assertFalse(orders.installment_main_id)
        orders[3]._action_cancel()

        self._run_batches()

        self.assertEqual(batch.state, "done")
        self.assertEqual(batch.sold_count, 40)
        left_out = batch.line_ids.filtered(lambda line: line.state == "failed")
        self.assertEqual(left_out.order_id, orders[3])
        self.assertIn("cancelled", left_out.message)
        self.assertEqual(len(orders.installment_main_id), 40)
        for line in batch.line_ids - left_out:
            self.assertEqual(line.main_id.invoice_origin, line.order_id.name)
        self.assertEqual(len(orders.installment_main_id.installment_ids), 120)

    def test_a_stopped_batch_can_go_on(self):
        orders, batch = self._start_batch(41)
        batch.action_stop()
        self._run_batches()
        self.assertFalse(orders.installment_main_id)
        batch.action_continue()
        self._run_batches()
        self.assertEqual(batch.sold_count, 41)
        self.assertEqual(batch.progress, 100)
