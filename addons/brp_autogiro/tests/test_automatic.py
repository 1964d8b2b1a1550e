import os
import tempfile
from datetime import date
from pathlib import Path

from odoo.tests import freeze_time, tagged

from .bank_files import payment_report
from .common import BANKGIRO, AutogiroCommon


@tagged("post_install", "-at_install")
class TestAutomatic(AutogiroCommon):
    """The daily run: what is due goes out, what has arrived is booked, people are told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.autogiro_automatic = True
        cls.company.autogiro_responsible_id = cls.bookkeeper

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.env["ir.config_parameter"].sudo().set_param("brp_autogiro.directory", folder.name)

    def _run(self):
        with self.enter_registry_test_mode():
            for cron in ("ir_cron_run", "ir_cron_book_reports"):
                self.env.ref(f"brp_autogiro.{cron}").method_direct_trigger()
        self.env.invalidate_all()

    def _out(self):
        return sorted(path.name for path in (self.folder / "out").iterdir() if path.is_file())

    def _mails(self):
        return self.env["mail.mail"].search([("email_to", "ilike", "bookkeeper@example.com")])

    def test_two_banking_days_before(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 450)  # due on Monday 27 April
        with freeze_time("2026-04-22 08:00:00"):
            self._run()
        self.assertEqual(self._out(), [])
        with freeze_time("2026-04-23 08:00:00"):
            self._run()
            self._run()
        [name] = self._out()
        payment = invoice.autogiro_payment_ids
        self.assertEqual((payment.state, payment.payment_date), ("sent", date(2026, 4, 27)))
        self.assertEqual(payment.batch_id.file_name, name)
        self.assertEqual((self.folder / "out" / name).read_bytes(), payment.batch_id._get_file())
        self.assertEqual(len(self._mails()), 1)

    def test_noted_in_the_language_of_the_person_responsible(self):
        self.env["res.lang"]._activate_lang("sv_SE")
        self.env["ir.module.module"].search([("name", "=", "brp_autogiro")])._update_translations(["sv_SE"])
        self.bookkeeper.lang = "sv_SE"
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 450)
        with freeze_time("2026-04-23 08:00:00"):
            self._run()
        batch = invoice.autogiro_payment_ids.batch_id
        data = payment_report(BANKGIRO, "20260427", [("199001019802", 45000, invoice.name, "0")])
        (self.folder / "in").mkdir(exist_ok=True)
        (self.folder / "in" / "BFEP.UAGAG").write_bytes(data)
        with freeze_time("2026-04-28 06:00:00"):
            self._run()
        report = self.env["brp.autogiro.report"].search([])
        self.assertEqual(report.state, "done")
        for record, words in ((batch, {"Skickad", "Klar"}), (report, {"Ny", "Pågår", "Klar"})):
            told = record.message_ids.sudo().tracking_value_ids
            said = {*told.mapped("old_value_char"), *told.mapped("new_value_char")}
            self.assertLessEqual(words, said, record._name)
            self.assertFalse(said & {"New", "Running", "Done", "Draft", "Sent"}, record._name)

    def test_a_day_on_which_nothing_ran(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 450)
        with freeze_time("2026-04-24 08:00:00"):
            self._run()
        self.assertEqual(invoice.autogiro_payment_ids.payment_date, date(2026, 4, 27))

    def test_due_on_a_weekend(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 450, due=date(2026, 5, 2))  # a Saturday; 1 May is a holiday
        with freeze_time("2026-04-29 08:00:00"):
            self._run()
        self.assertEqual(invoice.autogiro_payment_ids.payment_date, date(2026, 5, 4))

    def test_arrived_file_is_booked_once(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 450)
        self._make_batch()
        self._run()
        file = payment_report(BANKGIRO, "20260427", [("199001019802", 45000, invoice.name, "0")])
        for name in ("report", "copy"):
            (self.folder / "in" / f"{name}.txt").write_bytes(file)
            self._run()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.clearing), 450)
        self.assertEqual(
            sorted(path.name for path in (self.folder / "in" / "done").iterdir()), ["copy.txt", "report.txt"]
        )

    def test_unreadable_file_waits_then_fails(self):
        self._run()
        path = self.folder / "in" / "half.txt"
        path.write_bytes(b"01AUTOGIRO")
        self._run()
        self.assertTrue(path.exists(), "it may still be arriving")
        os.utime(path, (1, 1))
        with freeze_time("2026-04-21 08:00:00"):
            self._run()
        self.assertTrue((self.folder / "in" / "failed" / "half.txt").exists())
        self.assertIn("half.txt", self._mails()[0].subject)

    def test_file_of_another_database_stays(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 450)
        self._make_batch()
        self._run()
        self.bookkeeper.group_ids += self.env.ref("base.group_system")
        ours = payment_report(BANKGIRO, "20260427", [("199001019802", 45000, invoice.name, "0")])
        theirs = payment_report("50501055", "20260427", [("77", 5000, "X", "0")])
        incoming = self.folder / "in"
        for name, data in (("both.txt", ours + theirs), ("theirs.txt", theirs), ("ours.txt", ours)):
            (incoming / name).write_bytes(data)
        os.utime(incoming / "theirs.txt", (1, 1))
        self._run()
        self._run()
        self.assertEqual(
            [report.file_name for report in self.env["brp.autogiro.report"].sudo().search([])], ["ours.txt"]
        )
        self.assertEqual(invoice.payment_state, "paid")
        for name, data in (("both.txt", ours + theirs), ("theirs.txt", theirs)):
            self.assertEqual((incoming / name).read_bytes(), data)
        self.assertEqual([path.name for path in (incoming / "done").iterdir()], ["ours.txt"])
        self.assertFalse(list((incoming / "failed").iterdir()))
        [mail] = self._mails().filtered(lambda mail: "other bankgiro numbers" in mail.subject)
        self.assertIn("theirs.txt: 5050-1055", mail.body_html)
        self.assertIn("both.txt: 5050-1055", mail.body_html)
        with freeze_time("2026-04-21 08:00:00"):
            self._run()
        self.assertEqual(len(self._mails().filtered(lambda mail: "other bankgiro" in mail.subject)), 2)

    def test_file_is_taken_when_its_company_is_known(self):
        self._run()
        theirs = payment_report("50501055", "20260427", [("77", 5000, "X", "0")])
        path = self.folder / "in" / "theirs.txt"
        path.write_bytes(theirs)
        self._run()
        self.assertTrue(path.exists())
        self.setup_other_company()["company"].autogiro_bankgiro = "5050-1055"
        self._run()
        self.assertTrue((self.folder / "in" / "done" / "theirs.txt").exists())

    def test_file_is_put_away_when_its_company_was_chosen(self):
        self._run()
        theirs = payment_report("50501055", "20260427", [("77", 5000, "X", "0")])
        path = self.folder / "in" / "theirs.txt"
        path.write_bytes(theirs)
        self._read(theirs, book=False).sudo().company_id = self.company
        self._run()
        self.assertTrue((self.folder / "in" / "done" / "theirs.txt").exists())
        self.assertEqual(self._balance(self.clearing), 50)

    def test_file_sent_by_hand_is_not_sent_by_the_folder_as_well(self):
        self._make_mandates(self.anna)
        self._make_invoice(self.anna, 450)
        batch = self._make_batch("file")
        folder = batch._get_exchange_folder()
        # Staged by a run that was then undone, while a person uploaded the file at the bank.
        folder.stage(batch.file_name, batch._get_file())
        batch.action_mark_sent()
        self._run()
        self.assertEqual((self._out(), folder.staged()), ([], []))

    def test_a_late_mandate_waits_for_a_person(self):
        self._make_mandates(self.bo)
        invoice = self._make_invoice(self.anna, 450)
        with freeze_time("2026-04-23 08:00:00"):
            self._run()
        self.assertFalse(self.env["brp.autogiro.batch"].search([]), "nothing could be drawn")
        with freeze_time("2026-04-29 08:00:00"):
            self._make_mandates(self.anna)
            self._run()
            self._run()
        self.assertFalse(invoice.autogiro_payment_ids)
        self.assertIn(invoice.name, self._mails()[0].body_html)

    def test_staged_file_appears_after_a_kill(self):
        self._make_mandates(self.anna)
        self._make_invoice(self.anna, 450)
        batch = self._make_batch("file")
        folder = batch._get_exchange_folder()
        # Killed after the commit and before the rename: noted as sent, not in out/.
        batch._send_to_folder()
        self.env.cr.postcommit.clear()
        self.assertEqual((self._out(), folder.staged()), ([], [batch.file_name]))
        self._run()
        self.assertEqual(self._out(), [batch.file_name])
        # Killed before the commit: staged but not noted, so it stays where no bank looks.
        self._make_mandates(self.bo)
        self._make_invoice(self.bo, 450)
        second = self._make_batch("file")
        folder.stage(second.file_name, second._get_file())
        batch._release_staged(folder)
        self.assertEqual(self._out(), [batch.file_name])

    def test_reminder(self):
        without = self._make_invoice(self.anna, 450)
        # Four banking days before 27 April: 24, 23, 22, 21.
        with freeze_time("2026-04-21 08:00:00"):
            self._run()
            self._run()
        [mail] = self._mails()
        self.assertIn(without.name, mail.body_html)

    def test_mail_without_mandate(self):
        self.company.autogiro_mail_unmandated = True
        without = self._make_invoice(self.anna, 450)
        with freeze_time("2026-04-23 08:00:00"):
            self._run()
        self.assertTrue(without.is_being_sent)
        self.assertFalse(without.autogiro)

    def test_mandates_are_sent(self):
        mandate = self._make_mandates(self.anna, "to_send")
        self._run()
        self.assertEqual(mandate.state, "sent")
        self.assertEqual(len(self._out()), 1)
