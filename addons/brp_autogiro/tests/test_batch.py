from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.brp_autogiro.bankgirot import verify

from .bank_files import change_report, payment_report
from .common import BANKGIRO, AutogiroCommon


@tagged("post_install", "-at_install")
class TestBatch(AutogiroCommon):
    """What is put in a file, what is left out and why, and that nothing is collected twice."""

    def _get_reasons(self, batch):
        return {payment.move_id: payment.reason for payment in batch.payment_ids}

    def test_reasons(self):
        no_mandate = self.env["res.partner"].create(
            {"name": "Dan", "property_inbound_payment_method_line_id": self.line.id}
        )
        self._make_mandates(self.anna)
        self._make_mandates(self.bo, "to_send")
        self._make_mandates(self.cia).sudo().debitable_from = date(2026, 4, 28)
        collected = self._make_invoice(self.anna, 100)
        blocked = self._make_invoice(self.anna, 100)
        blocked.autogiro_blocked = True
        waiting = self._make_invoice(self.bo, 100)
        early = self._make_invoice(self.cia, 100)
        without = self._make_invoice(no_mandate, 100)
        foreign = self._make_invoice(self.anna, 100, post=False)
        foreign.currency_id = self.setup_other_currency("EUR")
        foreign.action_post()
        other_month = self._make_invoice(self.anna, 100, due=date(2026, 5, 27))
        ordinary = self._make_invoice(self.anna, 100)
        ordinary.preferred_payment_method_line_id = False
        batch = self._make_batch("draft")
        self.assertEqual(
            self._get_reasons(batch),
            {
                collected: False,
                blocked: "blocked",
                waiting: "not_approved",
                early: "not_in_time",
                without: "no_mandate",
                foreign: "currency",
            },
        )
        self.assertNotIn(other_month, batch.payment_ids.move_id)
        self.assertEqual((batch.payment_count, batch.payment_amount, batch.left_out_count), (1, 100, 5))

    def test_ended_mandate(self):
        self._make_mandates(self.anna).sudo().write({"state": "ended"})
        invoice = self._make_invoice(self.anna, 100)
        self.assertEqual(self._get_reasons(self._make_batch("draft")), {invoice: "ended"})

    def test_same_invoice_in_two_batches(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 100)
        first = self._make_batch("draft")
        second = self._make_batch("draft")
        self.assertEqual(self._get_reasons(second), {invoice: "in_batch"})
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            first.payment_ids.sudo().copy({"batch_id": second.id}).flush_recordset()

    def test_paid_after_it_was_listed(self):
        self._make_mandates(self.anna + self.bo)
        paid = self._make_invoice(self.anna, 100)
        partly = self._make_invoice(self.bo, 100)
        batch = self._make_batch("draft")
        self._pay(paid, 100)
        self._pay(partly, 30)
        batch.action_make_file()
        self.assertEqual(self._get_reasons(batch), {paid: "changed", partly: False})
        self.assertEqual(batch.payment_amount, 70)
        self.assertIn("000000007000", batch._get_file().decode())

    def test_left_out_by_hand(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 100)
        batch = self._make_batch("draft")
        batch.payment_ids.action_leave_out()
        batch.action_select()
        self.assertEqual(self._get_reasons(batch), {invoice: "by_hand"})
        with self.assertRaisesRegex(UserError, "nothing to put in the file"):
            batch.action_make_file()
        batch.payment_ids.action_take_in()
        self.assertEqual(self._get_reasons(batch), {invoice: False})

    def test_too_late(self):
        self._make_mandates(self.anna)
        self._make_invoice(self.anna, 100)
        batch = self._make_batch("draft")
        # 19:00 in Sweden on Friday 24 April is 17:00 UTC; the payment date is the Monday after.
        with freeze_time("2026-04-24 16:59:00"):
            batch.invalidate_recordset()
            self.assertFalse(batch.too_late)
        with freeze_time("2026-04-24 17:00:00"):
            batch.invalidate_recordset()
            with self.assertRaisesRegex(UserError, "2026-04-24 19:00"):
                batch.action_make_file()

    def test_day_off_is_moved_to_banking_day(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 100, due=date(2026, 5, 1))
        batch = self._make_batch("file", payment_date=date(2026, 5, 1))
        # 1 May 2026 is a Friday and a holiday.
        self.assertEqual(batch.payment_ids.payment_date, date(2026, 5, 4))
        self.assertIn(
            f"82202605040    00001990010198020000000100000009912346{invoice.name}", batch._get_file().decode()
        )

    def test_discard_frees_invoices(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 100)
        batch = self._make_batch("file")
        batch.action_discard()
        self.assertFalse(invoice.autogiro_live)
        again = self._make_batch("file")
        self.assertEqual(again.payment_ids.state, "selected")
        self.assertEqual(again.payment_ids.reference, f"{invoice.name}-2")
        again.action_mark_sent()
        with self.assertRaisesRegex(UserError, "has been sent"):
            again.action_discard()

    def test_invoice_stays_while_collected(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 100)
        self._make_batch()
        with self.assertRaisesRegex(UserError, "being collected"):
            invoice.button_draft()
        with self.assertRaisesRegex(UserError, "being collected"):
            invoice.preferred_payment_method_line_id = False
        with self.assertRaisesRegex(UserError, "being collected"):
            invoice.action_autogiro_mail_instead()

    def test_sealed_file(self):
        key = "1234567890ABCDEF1234567890ABCDEF"
        self.company.sudo().autogiro_seal_key = key
        self._make_mandates(self.anna)
        self._make_invoice(self.anna, 100)
        data = self._make_batch("file")._get_file()
        self.assertTrue(data.startswith(b"00260420HMAC"))
        self.assertTrue(verify(data, key))

    def test_file_is_kept_as_it_was_made(self):
        self._make_mandates(self.anna)
        self._make_invoice(self.anna, 100)
        batch = self._make_batch("file")
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", batch._name), ("res_id", "=", batch.id), ("res_field", "=", "file_data")]
        )
        with self.assertRaises(AccessError):
            attachment.with_user(self.bookkeeper).raw = b"other"
        attachment.sudo().raw = b"other"
        with self.assertRaisesRegex(UserError, "has been changed"):
            batch.action_download()

    def test_missing_settings(self):
        self._make_mandates(self.anna)
        self._make_invoice(self.anna, 100)
        batch = self._make_batch("draft")
        self.company.autogiro_customer_number = False
        with self.assertRaisesRegex(UserError, "Bankgirot Customer Number"):
            batch.action_make_file()

    def test_cancel_and_move(self):
        self._make_mandates(self.anna + self.bo)
        cancelled = self._make_invoice(self.anna, 100)
        moved = self._make_invoice(self.bo, 200)
        batch = self._make_batch()
        of = {payment.move_id: payment for payment in batch.payment_ids}
        Change = self.env["brp.autogiro.change"].with_user(self.bookkeeper)
        with self.assertRaisesRegex(UserError, "was sent today"):
            Change.create({"payment_ids": of[cancelled].ids}).action_make_file()
        with freeze_time("2026-04-22 08:00:00"):
            first = self._change(Change, of[cancelled], change="cancel")
            second = self._change(Change, of[moved], change="move", new_date=date(2026, 5, 4))
            self.assertEqual(
                first.decode().split("\r\n")[1],
                f"25{BANKGIRO:0>10}00001990010198022026042700000001000082        {cancelled.name:16}      ",
            )
            self.assertEqual(
                second.decode().split("\r\n")[1],
                f"29{BANKGIRO:0>10}0000195807129878202604270000000200008220260504{moved.name:16}      ",
            )
            self.assertTrue(cancelled.autogiro_live)
        with freeze_time("2026-04-23 06:00:00"):
            self._read(
                change_report(
                    BANKGIRO,
                    "20260422",
                    [
                        ("25", "20260427", "199001019802", 10000, cancelled.name, "", "12"),
                        ("29", "20260427", "195807129878", 20000, moved.name, "20260504", "18"),
                    ],
                )
            )
        self.assertEqual(of[cancelled].state, "cancelled")
        self.assertFalse(cancelled.autogiro_live)
        self.assertTrue(cancelled.autogiro_blocked)
        self.assertEqual((of[moved].state, of[moved].payment_date), ("sent", date(2026, 5, 4)))
        self.assertEqual(set((of[cancelled] + of[moved]).change_batch_id.mapped("state")), {"done"})
        with freeze_time("2026-05-04 06:00:00"):
            self._read(payment_report(BANKGIRO, "20260504", [("195807129878", 20000, moved.name, "0")]))
        self.assertEqual(moved.payment_state, "paid")

    def _change(self, Change, payments, **values):
        action = Change.create({"payment_ids": payments.ids, **values}).action_make_file()
        batch = self.env["brp.autogiro.batch"].browse(action["res_id"])
        batch.action_mark_sent()
        return batch._get_file()

    def _press_change(self, records, action, **values):
        """Press a button that opens the dialog, fill it in and make the file, as the browser does.

        Its context goes with every call, up to the last button.
        """
        shown = getattr(records.with_user(self.bookkeeper), action)()
        form = Form(self.env[shown["res_model"]].with_user(self.bookkeeper).with_context(**shown["context"]))
        for name, value in values.items():
            setattr(form, name, value)
        shown = form.save().action_make_file()
        return self.env["brp.autogiro.batch"].browse(shown["res_id"])

    def test_cancel_and_move_from_the_buttons(self):
        self._make_mandates(self.customers)
        for customer in self.customers:
            self._make_invoice(customer, 100)
        batch = self._make_batch()
        anna, bo, cia = batch.payment_ids.sorted("id")
        with freeze_time("2026-04-22 08:00:00"):
            one = self._press_change(anna, "action_change", change="cancel")
            # The last day on which the bank could be told of Monday 4 May is Thursday 30 April.
            other = self._press_change(bo, "action_change", change="move", new_date=date(2026, 5, 4))
            self.assertEqual((one.kind, one.change_ids, anna.change), ("changes", anna, "cancel"))
            self.assertEqual((other.change_ids, bo.change, bo.change_date), (bo, "move", date(2026, 5, 4)))
            for file in (one, other):
                self.assertFalse(file.payment_ids)
                file.with_user(self.bookkeeper).action_discard()
            self.assertFalse(anna.change or bo.change)
            for values in ({"change": "cancel"}, {"change": "move", "new_date": date(2026, 5, 4)}):
                with self.subTest(**values):
                    whole = self._press_change(batch, "action_change_payments", **values)
                    self.assertEqual(whole.change_ids, anna + bo + cia)
                    self.assertEqual(batch.payment_ids, anna + bo + cia)
                    whole.action_discard()

    def test_discarded_is_not_cancelled(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 100)
        never_made = self._make_batch("draft")
        never_made.action_discard()
        never_sent = self._make_batch("file")
        never_sent.action_discard()
        for batch in (never_made, never_sent):
            self.assertEqual(batch.payment_ids.state, "discarded")
            self.assertEqual((batch.payment_count, batch.payment_amount), (0, 0))
        self.assertFalse(invoice.autogiro_status)
        self.assertEqual(invoice.autogiro_mandate_id.payment_count, 0)
        shown = self.env.ref("brp_autogiro.brp_autogiro_payment_view_search").arch
        self.assertIn("[('state', 'not in', ('left_out', 'discarded'))]", shown)
        never_sent.invalidate_recordset()
        # What was in no file does not keep an invoice.
        other = self._make_invoice(self.anna, 200, post=False)
        other.action_post()
        listed = self._make_batch("draft")
        listed.action_discard()
        other.button_draft()
        other.name = "/"
        other.unlink()
        self.assertFalse(other.exists())

    def test_too_late_to_cancel(self):
        self._make_mandates(self.anna)
        self._make_invoice(self.anna, 100)
        batch = self._make_batch()
        with freeze_time("2026-04-24 17:00:00"), self.assertRaisesRegex(UserError, "too late"):
            self._change(self.env["brp.autogiro.change"], batch.payment_ids)

    def test_long_and_foreign_references(self):
        self._make_mandates(self.anna)
        long = self._make_invoice(self.anna, 100, post=False)
        long.name = "INVOICES/2026/04/00001"
        long.action_post()
        payment = self._make_batch("file").payment_ids
        self.assertEqual(payment.reference, f"AG{payment.id}")

    def test_ten_invoices_cost_no_more_queries_than_two(self):
        self._make_mandates(self.anna)
        for _number in range(2):
            self._make_invoice(self.anna, 100)
        self._make_batch("file")
        counts = []
        for number in (2, 10):
            for _number in range(number):
                self._make_invoice(self.anna, 100)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._make_batch("file")
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 3)
