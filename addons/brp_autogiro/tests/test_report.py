from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..models import brp_autogiro_report
from .bank_files import payment_report, rejected_report
from .common import BANKGIRO, AutogiroCommon


@tagged("post_install", "-at_install")
class TestReport(AutogiroCommon):
    """What Bankgirot reports becomes the ledger's truth, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_mandates(cls.customers)
        cls.receivable = cls.company_data["default_account_receivable"]

    def _collect(self, *amounts):
        """Return the batch, sent, and the invoices: Anna's, Bo's, Cia's."""
        invoices = [
            self._make_invoice(customer, amount)
            for customer, amount in zip(self.customers, amounts, strict=False)
        ]
        return self._make_batch(), *invoices

    def _row(self, invoice, status="0", ore=None, reference=None):
        ore = ore or round(invoice.amount_total * 100)
        return invoice.partner_id.personal_number, ore, reference or invoice.name, status

    def test_one_entry_per_deposit(self):
        _batch, first, second = self._collect(450, 1200.5)
        report = self._read(payment_report(BANKGIRO, "20260427", [self._row(first), self._row(second)]))
        lines = report.entry_ids.line_ids.sorted("balance")
        self.assertEqual(
            [(line.account_id, line.partner_id, line.balance) for line in lines],
            [
                (self.receivable, self.bo, -1200.5),
                (self.receivable, self.anna, -450),
                (self.clearing, self.env["res.partner"], 1650.5),
            ],
        )
        self.assertEqual(report.entry_ids.journal_id, self.line.journal_id)
        self.assertEqual((first.payment_state, second.payment_state), ("paid", "paid"))

    def test_same_content_twice(self):
        _batch, invoice = self._collect(450)
        file = payment_report(BANKGIRO, "20260427", [self._row(invoice)])
        first = self._read(file)
        again, known = self.env["brp.autogiro.report"]._read_file(file.replace(b"\r\n", b"\n"), "copy.txt")
        self.assertTrue(known)
        self.assertEqual(again, first)
        again.action_book()
        self.assertEqual(self._balance(self.clearing), 450)
        self.assertEqual(self._balance(self.receivable, self.anna), 0)

    def test_dry_run_changes_nothing(self):
        batch, approved, refused = self._collect(450, 300)
        rows = [self._row(refused, "1"), self._row(approved), ("999", 5000, "NOBODY", "0")]
        report = self._read(payment_report(BANKGIRO, "20260427", rows), book=False)
        self.assertEqual(report.state, "new")
        outcomes = {line.reference: line.outcome for line in report.line_ids if line.tk == "82"}
        self.assertEqual(outcomes, {approved.name: "approve", refused.name: "refuse", "NOBODY": "unknown"})
        self.assertIn("Approved: booked and matched", report.summary)
        self.assertEqual(set(batch.payment_ids.mapped("state")), {"sent"})
        self.assertEqual(self._balance(self.clearing), 0)

    def test_unidentified_money(self):
        _batch, invoice = self._collect(450)
        forgotten = self._make_invoice(self.bo, 50, due=date(2026, 6, 1))
        rows = [self._row(invoice), ("999", 5000, "NOBODY", "0")]
        report = self._read(payment_report(BANKGIRO, "20260427", rows))
        suspense = self.line.journal_id.suspense_account_id
        self.assertEqual(report.state, "attention")
        self.assertEqual(self._balance(self.clearing), 500)
        self.assertEqual(self._balance(suspense), -50)
        line = report.attention_ids
        with self.assertRaisesRegex(UserError, "Choose the invoice or the customer"):
            line.action_assign()
        line.move_id = forgotten
        line.action_assign()
        self.assertEqual(self._balance(suspense), 0)
        self.assertEqual(forgotten.payment_state, "paid")
        self.assertEqual((line.state, report.state), ("assigned", "done"))

    def test_other_amount(self):
        _batch, invoice = self._collect(450)
        report = self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice, ore=40000)]))
        self.assertEqual(invoice.amount_residual, 50)
        self.assertEqual((report.state, report.attention_ids.outcome), ("attention", "differs"))

    def test_approved_twice_is_the_customers_credit(self):
        _batch, invoice = self._collect(450)
        self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice)]))
        report = self._read(payment_report(BANKGIRO, "20260428", [self._row(invoice)], serial=2))
        self.assertEqual(report.attention_ids.outcome, "again")
        self.assertEqual(self._balance(self.receivable, self.anna), -450)
        self.assertEqual(self._balance(self.clearing), 900)

    def test_paid_meanwhile_is_the_customers_credit(self):
        _batch, invoice = self._collect(450)
        self._pay(invoice, 450)
        report = self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice)]))
        self.assertEqual(report.attention_ids.outcome, "again")
        self.assertEqual(self._balance(self.receivable, self.anna), -450)

    def test_pending_is_never_collected_again(self):
        batch, invoice = self._collect(450)
        self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice, "9")]))
        self.assertEqual(batch.payment_ids.state, "pending")
        self.assertEqual(batch.state, "sent")
        again = self._make_batch("draft")
        self.assertEqual(again.payment_ids.reason, "in_batch")
        # A late copy of yesterday's news changes nothing once it was approved.
        self._read(payment_report(BANKGIRO, "20260428", [self._row(invoice)], serial=2))
        self._read(payment_report(BANKGIRO, "20260429", [self._row(invoice, "9")], serial=3))
        self.assertEqual(batch.payment_ids.state, "approved")
        self.assertEqual(self._balance(self.clearing), 450)

    def test_refused_stop(self):
        batch, invoice = self._collect(450)
        self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice, "1")]))
        self.assertEqual(batch.payment_ids.state, "refused")
        self.assertTrue(invoice.autogiro_blocked)
        self.assertEqual(invoice.activity_ids.user_id, self.env.user)
        self.assertIn("not collected again", invoice.activity_ids.note)
        self.assertEqual(batch.state, "done")

    def test_refused_next_month(self):
        self.company.autogiro_refused_policy = "next_month"
        _batch, invoice = self._collect(450)
        self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice, "1")]))
        self.assertEqual(invoice.autogiro_date, date(2026, 5, 27))
        self.assertEqual(invoice.invoice_date_due, date(2026, 4, 27))
        with freeze_time("2026-05-20 08:00:00"):
            again = self._make_batch("file", payment_date=date(2026, 5, 27))
            self.assertEqual(again.payment_ids.reference, f"{invoice.name}-2")

    def test_refused_mail(self):
        self.company.autogiro_refused_policy = "mail"
        self.bo.email = False
        _batch, mailed, printed = self._collect(450, 300)
        self._read(payment_report(BANKGIRO, "20260427", [self._row(printed, "2"), self._row(mailed, "2")]))
        self.assertFalse(mailed.autogiro)
        self.assertTrue(mailed.is_being_sent)
        self.assertTrue(printed.autogiro)
        self.assertTrue(printed.autogiro_blocked)
        self.assertFalse(printed.is_being_sent)

    def test_rejected(self):
        batch, invoice = self._collect(450)
        self._read(rejected_report(BANKGIRO, "20260421", [("199001019802", 45000, invoice.name, "02")]))
        self.assertEqual(batch.payment_ids.state, "rejected")
        self.assertTrue(invoice.autogiro_blocked)

    def test_refund_reopens(self):
        _batch, invoice = self._collect(450)
        self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice)]))
        report = self._read(
            payment_report(
                BANKGIRO,
                "20260518",
                [],
                refunds=[("199001019802", 45000, invoice.name, "20260427", "02")],
                serial=2,
            )
        )
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("not_paid", 450))
        self.assertEqual(report.entry_ids.date, date(2026, 5, 18))
        self.assertEqual(self._balance(self.clearing), 0)
        self.assertEqual(self._balance(self.receivable, self.anna), 450)
        self.assertEqual(invoice.activity_ids.summary, "Autogiro payment refunded")
        # Released by a person, it can be collected again; the refunded payment is not alive.
        invoice.autogiro_blocked = False
        self.assertEqual(self._make_batch("draft").payment_ids.state, "selected")

    def test_refund_of_nobodys_payment(self):
        report = self._read(
            payment_report(BANKGIRO, "20260518", [], refunds=[("77", 45000, "OLD", "20260427", "02")])
        )
        self.assertEqual(report.attention_ids.outcome, "unknown_refund")
        self.assertEqual(self._balance(self.line.journal_id.suspense_account_id), 450)
        self.assertEqual(self._balance(self.clearing), -450)

    def test_unknown_bankgiro_is_assigned(self):
        _batch, invoice = self._collect(450)
        report = self._read(payment_report("50501055", "20260427", [self._row(invoice)]), book=False)
        self.assertFalse(report.search([("id", "=", report.id)]), "only an administrator sees it")
        administrator = new_test_user(
            self.env,
            "autogiro_administrator",
            groups="brp_autogiro.group_autogiro_user,base.group_system",
            company_ids=[Command.set(self.company.ids)],
            company_id=self.company.id,
        )
        report = report.with_user(administrator)
        self.assertFalse(report.company_id)
        with self.assertRaisesRegex(UserError, "5050-1055"):
            report.action_book()
        report.company_id = self.company
        self.assertEqual(report.line_ids.filtered(lambda line: line.tk == "82").outcome, "approve")
        report.action_book()
        self.assertEqual(invoice.payment_state, "paid")

    def test_sections_go_to_their_companies(self):
        _batch, invoice = self._collect(450)
        other = self.setup_other_company()["company"]
        other.autogiro_bankgiro = "5050-1055"
        mine = payment_report(BANKGIRO, "20260427", [self._row(invoice)])
        theirs = payment_report("50501055", "20260427", [("77", 5000, "X", "0")])
        reports, _known = self.env["brp.autogiro.report"].sudo()._read_file(mine + theirs, "both.txt")
        self.assertEqual(reports.company_id, self.company + other)
        [first, second] = [report.line_ids.filtered(lambda line: line.tk == "82") for report in reports]
        self.assertEqual((first.amount, second.amount), (450, 50))

    def test_damaged_file_leaves_nothing(self):
        _batch, invoice = self._collect(450)
        whole = payment_report(BANKGIRO, "20260427", [self._row(invoice)])
        with self.assertRaises(UserError):
            self._read(b"\r\n".join(whole.split(b"\r\n")[:-2]))
        self.assertFalse(self.env["brp.autogiro.report"].search([]))

    def test_stop_and_continue_in_the_background(self):
        _batch, first, second, third = self._collect(100, 200, 300)
        rows = [self._row(invoice) for invoice in (first, second, third)]
        with (
            patch.object(brp_autogiro_report, "_ROWS_AT_ONCE", 0),
            patch.object(brp_autogiro_report, "_ROWS_PER_STEP", 1),
        ):
            report = self._read(payment_report(BANKGIRO, "20260427", rows))
            self.assertEqual((report.state, report.progress), ("running", 0))
            # Three rows into the entry, the entry posted, the first row matched.
            for _step in range(5):
                self.assertTrue(report._step())
            report.invalidate_recordset()
            self.assertEqual((report.row_count, report.done_count, report.progress), (4, 1, 25))
            report.action_stop()
            self._run_cron()
            self.assertEqual([invoice.payment_state for invoice in (first, second)], ["paid", "not_paid"])
            report.action_book()
            self._run_cron()
        self.assertEqual(report.state, "done")
        self.assertEqual(third.payment_state, "paid")
        self.assertEqual(self._balance(self.clearing), 600)

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("brp_autogiro.ir_cron_book_reports").method_direct_trigger()
        self.env.invalidate_all()

    def test_several_files_at_once(self):
        _batch, invoice = self._collect(450)
        good = payment_report(BANKGIRO, "20260427", [self._row(invoice)])
        attachments = (
            self.env["ir.attachment"]
            .with_user(self.bookkeeper)
            .create([{"name": "good.txt", "raw": good}, {"name": "bad.txt", "raw": b"hello"}])
        )
        action = (
            self.env["brp.autogiro.report"]
            .with_user(self.bookkeeper)
            .create_document_from_attachment("", attachments.ids)
        )
        self.assertIn("bad.txt", action["context"]["notifications"])
        self.assertEqual(self.env["brp.autogiro.report"].browse(action["res_id"]).file_name, "good.txt")

    def test_same_deposit_in_another_file(self):
        _batch, invoice = self._collect(450)
        first = payment_report(BANKGIRO, "20260427", [self._row(invoice)])
        self._read(first)
        # Delivered again with another time of writing: other bytes, the same deposit.
        report = self._read(first.replace(b"060000123456", b"070000999999"))
        self.assertEqual((report.state, report.attention_ids.outcome), ("attention", "known_deposit"))
        self.assertFalse(report.entry_ids)
        self.assertEqual(self._balance(self.clearing), 450)
        self.assertEqual(self._balance(self.receivable, self.anna), 0)

    def test_amount_of_a_deposit_that_another_file_has_booked(self):
        _batch, invoice = self._collect(450)
        data = payment_report(BANKGIRO, "20260427", [self._row(invoice)])
        again = self._read(data.replace(b"060000123456", b"070000999999"), book=False)
        self.assertEqual(again.approved_amount, 450)
        report = self._read(data)
        again.invalidate_recordset()
        self.assertEqual((report.approved_amount, again.approved_amount), (450, 0))
        self.assertEqual(again.state, "new")
        self.assertIn("Booked before", again.summary)
        again.action_book()
        self.assertEqual(again.approved_amount, 0)

    def test_discarding_a_report(self):
        _batch, invoice = self._collect(450)
        data = payment_report(BANKGIRO, "20260427", [self._row(invoice)])
        wrong = self._read(data, book=False)
        wrong.with_context(tracking_disable=False, mail_notrack=False).action_discard()
        self.assertEqual(wrong.state, "discarded")
        self.assertFalse(wrong.line_ids or wrong.raw)
        self.cr.flush()
        self.assertIn("Discarded", wrong.message_ids.sudo().tracking_value_ids.mapped("new_value_char"))
        self.assertEqual(wrong.message_ids[:1].author_id, self.bookkeeper.partner_id)
        wrong.action_book()
        self.assertEqual((wrong.state, self._balance(self.clearing)), ("discarded", 0))
        # The file itself can be read again, and what is booked stays.
        report = self._read(data)
        self.assertNotEqual(report, wrong)
        self.assertEqual((report.state, self._balance(self.clearing)), ("done", 450))
        with self.assertRaisesRegex(UserError, "stays on record"):
            report.action_discard()

    def test_what_is_wrong_with_several_files_names_each(self):
        attachments = (
            self.env["ir.attachment"]
            .with_user(self.bookkeeper)
            .create([{"name": name, "raw": name.encode() * 3} for name in ("a.txt", "b.txt", "b.txt")])
        )
        with self.assertRaises(UserError) as error:
            self.env["brp.autogiro.report"].with_user(self.bookkeeper).create_document_from_attachment(
                "", attachments.ids
            )
        lines = str(error.exception).split("\n")
        self.assertEqual([line.split(":")[0] for line in lines], ["a.txt", "b.txt", "b.txt"])

    def test_same_refund_in_another_file(self):
        _batch, invoice = self._collect(450)
        self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice)]))
        refund = payment_report(
            BANKGIRO,
            "20260518",
            [],
            refunds=[("199001019802", 45000, invoice.name, "20260427", "02")],
            serial=2,
        )
        self._read(refund)
        self._read(refund.replace(b"060000123456", b"070000999999"))
        self.assertEqual(self._balance(self.receivable, self.anna), 450)
        self.assertEqual(self._balance(self.clearing), 0)
        self.assertEqual(self._balance(self.line.journal_id.suspense_account_id), 0)

    def test_second_refund_of_a_payment_is_nobodys(self):
        _batch, invoice = self._collect(450)
        self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice)]))
        row = ("199001019802", 45000, invoice.name, "20260427", "02")
        self._read(payment_report(BANKGIRO, "20260518", [], refunds=[row], serial=2))
        report = self._read(payment_report(BANKGIRO, "20260519", [], refunds=[row], serial=3))
        self.assertEqual(report.attention_ids.outcome, "unknown_refund")
        self.assertEqual(self._balance(self.receivable, self.anna), 450)
        self.assertEqual(self._balance(self.line.journal_id.suspense_account_id), 450)

    def test_unknown_refund_is_assigned_to_its_invoice(self):
        _batch, invoice = self._collect(450)
        self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice)]))
        row = ("199001019802", 45000, "OTHER", "20260427", "02")
        report = self._read(payment_report(BANKGIRO, "20260518", [], refunds=[row], serial=2))
        line = report.attention_ids
        line.move_id = invoice
        line.action_assign()
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("not_paid", 450))
        self.assertEqual(invoice.autogiro_payment_ids.state, "refunded")
        self.assertEqual(self._balance(self.line.journal_id.suspense_account_id), 0)

    def test_paid_invoice_is_not_collected_again(self):
        _batch, invoice = self._collect(450)
        self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice)]))
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(self._make_batch("draft").payment_ids.reason, "approved")

    def test_rest_of_a_partly_approved_invoice_is_collected(self):
        _batch, invoice = self._collect(450)
        self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice, ore=40000)]))
        rest = self._make_batch("draft").payment_ids
        self.assertEqual((rest.state, rest.amount), ("selected", 50))

    def test_approved_after_it_was_discarded(self):
        batch, invoice = self._collect(450)
        batch.sudo().state = "file"
        batch.payment_ids.sudo().state = "selected"
        batch.action_discard()
        second = self._make_batch()
        report = self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice)]))
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual((report.state, report.attention_ids.outcome), ("attention", "late"))
        self.assertIn(second.name, invoice.activity_ids.note)

    def test_answer_about_a_file_that_nobody_marked_as_sent(self):
        self._make_invoice(self.anna, 450)
        batch = self._make_batch("file")
        [payment] = batch.payment_ids
        self._read(payment_report(BANKGIRO, "20260427", [("199001019802", 45000, payment.reference, "0")]))
        self.assertEqual((payment.state, batch.state), ("approved", "done"))
        with self.assertRaisesRegex(UserError, "no file that waits"):
            batch.action_mark_sent()

    def test_paid_in_part_meanwhile(self):
        _batch, invoice = self._collect(450)
        self._pay(invoice, 200)
        report = self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice)]))
        self.assertEqual((report.state, report.attention_ids.outcome), ("attention", "differs"))
        self.assertEqual(self._balance(self.receivable, self.anna), -200)

    def test_cancelled_invoice_does_not_stop_the_report(self):
        batch, first, second = self._collect(450, 300)
        batch.sudo().state = "file"
        batch.payment_ids.sudo().state = "selected"
        batch.action_discard()
        first.button_draft()
        first.button_cancel()
        report = self._read(payment_report(BANKGIRO, "20260427", [self._row(first), self._row(second)]))
        self.assertEqual(second.payment_state, "paid")
        self.assertEqual(
            {line.move_id: line.outcome for line in report.attention_ids}, {first: "again", second: "late"}
        )

    def test_closed_account_is_not_tried_again(self):
        self.company.autogiro_refused_policy = "next_month"
        _batch, invoice = self._collect(450)
        self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice, "2")]))
        self.assertTrue(invoice.autogiro_blocked)
        self.assertEqual(invoice.autogiro_date, date(2026, 4, 27))

    def test_no_answer_from_the_bank(self):
        batch, invoice = self._collect(450)
        [payment] = batch.payment_ids
        # Three retries after Monday 27 April: 28, 29, 30.
        self.assertEqual(payment.answer_by, date(2026, 4, 30))
        with freeze_time("2026-04-30 08:00:00"), self.assertRaisesRegex(UserError, "may still answer"):
            payment.action_give_up()
        with freeze_time("2026-05-04 08:00:00"):
            payment.action_give_up()
        self.assertEqual((payment.state, batch.state), ("cancelled", "done"))
        self.assertTrue(invoice.autogiro_blocked)
        self.assertFalse(invoice.autogiro_live)

    def test_draft_entry_cannot_disappear(self):
        _batch, first, second = self._collect(100, 200)
        with (
            patch.object(brp_autogiro_report, "_ROWS_AT_ONCE", 0),
            patch.object(brp_autogiro_report, "_ROWS_PER_STEP", 1),
        ):
            report = self._read(payment_report(BANKGIRO, "20260427", [self._row(first), self._row(second)]))
            report._step()
            entry = report.entry_ids
            entry.line_ids.filtered(lambda line: line.account_id == self.receivable).with_context(
                check_move_validity=False
            ).sudo().balance = -50
            report._step()
            with self.assertRaisesRegex(UserError, "Somebody has changed it"):
                report._step()

    def test_unexpected_error_stops_one_report_only(self):
        _batch, invoice = self._collect(450)
        with patch.object(brp_autogiro_report, "_ROWS_AT_ONCE", 0):
            broken = self._read(payment_report(BANKGIRO, "20260427", [("77", 5000, "X", "0")]))
            good = self._read(payment_report(BANKGIRO, "20260428", [self._row(invoice)], serial=2))
        self.line.journal_id.suspense_account_id = False
        with mute_logger("odoo.addons.brp_autogiro.models.brp_autogiro_report", "odoo.sql_db"):
            self._run_cron()
        self.assertEqual((broken.state, good.state), ("failed", "done"))
        self.assertEqual(invoice.payment_state, "paid")

    def test_only_own_uploads_are_read(self):
        attachment = self.env["ir.attachment"].sudo().create({"name": "x.txt", "raw": b"x", "public": True})
        with self.assertRaises(AccessError):
            self.env["brp.autogiro.report"].with_user(self.bookkeeper).create_document_from_attachment(
                "", attachment.ids
            )
        self.assertTrue(attachment.exists())

    def test_locked_period(self):
        _batch, invoice = self._collect(450)
        self.company.sudo().fiscalyear_lock_date = date(2026, 4, 30)
        report = self._read(payment_report(BANKGIRO, "20260427", [self._row(invoice)]))
        # Odoo's own rule for a locked period: the entry gets the first open date.
        self.assertEqual(report.entry_ids.date, date(2026, 5, 1))
