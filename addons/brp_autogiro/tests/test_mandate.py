from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .bank_files import advice_report, application_report, register_extract
from .common import ACCOUNT, BANKGIRO, AutogiroCommon


@tagged("post_install", "-at_install")
class TestMandate(AutogiroCommon):
    """A mandate from the customer's word to the bank's answer, and its end."""

    def _make_file(self):
        """Make the mandate file; return its batch."""
        batches = self.env["brp.autogiro.batch"].with_user(self.bookkeeper)
        return batches.browse(batches._make_mandate_batches(self.company)["res_id"])

    def _send(self):
        """Make and send the mandate file; return its records."""
        batch = self._make_file()
        batch.action_mark_sent()
        return batch._get_file().decode().split("\r\n")[1:-1]

    def _ask_for_number(self, mandate, number):
        """Ask for another payer number of a mandate, as the button does: the mandate is in the context."""
        self.env["brp.autogiro.change.number"].with_user(self.bookkeeper).with_context(
            default_mandate_id=mandate.id
        ).create({"new_number": number}).action_change()

    def test_from_request_to_first_payment(self):
        mandate = self._make_mandates(self.anna, "to_send")
        self.assertEqual(mandate.payer_number, "199001019802")
        [record] = self._send()
        self.assertEqual(
            record,
            f"0400099123460000199001019802{ACCOUNT}199001019802{'':24}",
        )
        # Six banking days from Monday 20 April 2026: 21, 22, 23, 24, 27, 28.
        self.assertEqual((mandate.state, mandate.debitable_from), ("sent", date(2026, 4, 28)))
        self._read(advice_report(BANKGIRO, "20260421", [("199001019802", "04", "32")]))
        self.assertEqual((mandate.state, mandate.debitable_from), ("active", date(2026, 4, 28)))

    def test_answered_before_marked_as_sent(self):
        mandate = self._make_mandates(self.anna, "to_send")
        batch = self._make_file()
        self._read(advice_report(BANKGIRO, "20260421", [("199001019802", "04", "32")]))
        self.assertEqual((mandate.state, mandate.request), ("active", False))
        self.assertFalse(mandate.request_batch_id)
        batch.action_mark_sent()
        self.assertEqual((mandate.state, mandate.request), ("active", False))
        # The bank had it on 21 April at the latest, and six banking days are: 22, 23, 24, 27, 28, 29.
        self.assertEqual(mandate.debitable_from, date(2026, 4, 29))
        self._make_invoice(self.anna, 100, due=date(2026, 4, 28))
        early, in_time = (
            self._make_batch("draft", payment_date=date(2026, 4, day)).payment_ids for day in (28, 29)
        )
        self.assertEqual((early.reason, in_time.state), ("not_in_time", "selected"))

    def test_bankgiro_answered_before_marked_as_sent(self):
        mandate = self.env["brp.autogiro.mandate"].create(
            {"partner_id": self.anna.id, "account_type": "bankgiro", "shown_payer_number": "5050-1055"}
        )
        mandate.action_request()
        self._make_file()
        self._read(advice_report(BANKGIRO, "20260421", [("50501055", "04", "32")]))
        self.assertEqual((mandate.state, mandate.debitable_from), ("active", date(2026, 4, 22)))

    def test_what_is_sent_later_changes_no_active_mandate(self):
        mandate = self._make_mandates(self.anna, "to_send")
        batch = self._make_file()
        mandate.sudo().write({"state": "active", "debitable_from": date(2026, 4, 15)})
        batch.action_mark_sent()
        self.assertEqual((mandate.state, mandate.debitable_from), ("active", date(2026, 4, 15)))
        self.assertEqual((mandate.request, mandate.sent_date), (False, False))

    def test_registered_or_under_inquiry_already(self):
        advice = advice_report(BANKGIRO, "20260421", [("199001019802", "04", "10")])
        mandate = self._make_mandates(self.anna, "to_send")
        self._send()
        report = self._read(advice)
        self.assertEqual(mandate.state, "sent")
        self.assertIn("already", mandate.message)
        self.assertEqual((report.state, report.line_ids.outcome), ("attention", "misfit"))
        self._read(advice_report(BANKGIRO, "20260422", [("199001019802", "42", "32")]))
        self.assertEqual(mandate.state, "active")
        report = self._read(advice.replace(b"20260421", b"20260423"))
        self.assertEqual((mandate.state, report.line_ids.outcome), ("active", "mandate_active"))

    def test_refused_is_never_active_again(self):
        mandate = self._make_mandates(self.anna, "to_send")
        self._send()
        self._read(advice_report(BANKGIRO, "20260421", [("199001019802", "04", "23")]))
        self.assertEqual(mandate.state, "refused")
        self.assertIn("account number", mandate.message.lower())
        report = self._read(advice_report(BANKGIRO, "20260422", [("199001019802", "04", "32")]))
        self.assertEqual(mandate.state, "refused")
        self.assertEqual((report.state, report.line_ids.outcome), ("attention", "misfit"))
        with self.assertRaisesRegex(UserError, "must sign a new one"):
            mandate.sudo().state = "active"

    def test_ended_by_payer(self):
        mandate = self._make_mandates(self.anna)
        self._read(advice_report(BANKGIRO, "20260421", [("199001019802", "46", "02")]))
        self.assertEqual((mandate.state, mandate.ended_date), ("ended", date(2026, 4, 21)))
        new = self.env["brp.autogiro.mandate"].browse(mandate.action_new_mandate()["res_id"])
        with self.assertRaisesRegex(UserError, "2026-04-30"):
            new.action_request()  # seven banking days after 21 April: 22, 23, 24, 27, 28, 29, 30
        with freeze_time("2026-04-30 08:00:00"):
            new.action_request()
        self.assertEqual(new.state, "to_send")

    def test_cancel_by_us(self):
        mandate = self._make_mandates(self.anna)
        mandate.action_cancel()
        self.assertEqual(mandate.state, "active")
        self._make_invoice(self.anna, 100)
        self.assertEqual(self._make_batch("draft").payment_ids.reason, "ended")
        [record] = self._send()
        self.assertEqual(record, f"0300099123460000199001019802{'':52}")
        self._read(advice_report(BANKGIRO, "20260421", [("199001019802", "03", "33")]))
        self.assertEqual(mandate.state, "ended")

    def test_cancelled_what_the_bank_does_not_have(self):
        mandate = self._make_mandates(self.anna)
        mandate.action_cancel()
        self._send()
        self._read(advice_report(BANKGIRO, "20260421", [("199001019802", "03", "04")]))
        self.assertEqual((mandate.state, mandate.ended_date), ("ended", date(2026, 4, 21)))

    def test_refused_cancellation(self):
        mandate = self._make_mandates(self.anna)
        mandate.action_cancel()
        self._send()
        report = self._read(advice_report(BANKGIRO, "20260421", [("199001019802", "03", "21")]))
        self.assertEqual((mandate.state, mandate.request), ("active", False))
        self.assertFalse(mandate.request_batch_id)
        self.assertEqual((report.state, report.line_ids.outcome), ("attention", "misfit"))

    def test_cancel_says_what_is_waited_for(self):
        mandate = self._make_mandates(self.anna)
        self._ask_for_number(mandate, "4711")
        batch = self._make_file()
        with self.assertRaisesRegex(UserError, f"in the file {batch.name}: send or discard"):
            mandate.action_cancel()
        batch.action_mark_sent()
        with self.assertRaisesRegex(UserError, "the bank has been asked and has not answered"):
            mandate.action_cancel()
        self.assertEqual(mandate.request, "change")

    def test_not_cancelled_on_the_day_it_was_sent(self):
        mandate = self._make_mandates(self.anna, "to_send")
        self._send()
        with self.assertRaisesRegex(UserError, "sent today"):
            mandate.action_cancel()

    def test_change_of_payer_number(self):
        mandate = self._make_mandates(self.anna)
        self._ask_for_number(mandate, "4711")
        [record] = self._send()
        self.assertEqual(record, f"0500099123460000199001019802{BANKGIRO:0>10}0000000000004711{'':26}")
        self._read(advice_report(BANKGIRO, "20260421", [("199001019802", "05", "33"), ("4711", "05", "32")]))
        self.assertEqual((mandate.state, mandate.payer_number, mandate.request), ("active", "4711", False))

    def test_what_is_asked_of_the_bank(self):
        mandate = self._make_mandates(self.anna)
        self._ask_for_number(mandate, "195807129878")
        masked = mandate.with_user(self.bookkeeper)
        self.assertEqual(mandate.asked, "The payer number will be changed to 195807129878")
        self.assertEqual(masked.asked, "The payer number will be changed to 19580712-****")
        self.assertFalse(mandate.asked_of_bank)
        batch = self._make_file()
        self.assertFalse(mandate.asked_of_bank, "the file has not been sent")
        batch.action_mark_sent()
        self.assertTrue(mandate.asked_of_bank)
        self._read(advice_report(BANKGIRO, "20260421", [("195807129878", "05", "32")]))
        self.assertFalse(mandate.asked or mandate.asked_of_bank)

    def test_the_file_remembers_what_it_asked(self):
        changed = self._make_mandates(self.anna)
        self._ask_for_number(changed, "4711")
        new = self._make_mandates(self.bo, "to_send")
        ended = self._make_mandates(self.cia)
        ended.action_cancel()
        batch = self._make_file()
        batch.action_mark_sent()
        self._read(advice_report(BANKGIRO, "20260421", [("195807129878", "04", "32")]))
        self.assertFalse(new.request)
        shown = batch.web_read({"requested_ids": {"fields": {"asked_in_file": {}}}})
        self.assertEqual(
            {row["id"]: row["asked_in_file"] for row in shown[0]["requested_ids"]},
            {changed.id: "Change payer number", new.id: "New mandate", ended.id: "Cancel"},
        )

    def test_the_file_is_shown_before_it_is_made(self):
        mandate = self._make_mandates(self.anna, "to_send")
        menu = self.env.ref("brp_autogiro.action_mandate_file").with_user(self.bookkeeper)
        for shown in (menu.run(), mandate.with_user(self.bookkeeper).action_send_file()):
            dialog = Form(
                self.env[shown["res_model"]].with_user(self.bookkeeper).with_context(**shown["context"])
            ).save()
            self.assertEqual(dialog.mandate_ids, mandate)
            self.assertFalse(mandate.request_batch_id)
        batch = self.env["brp.autogiro.batch"].browse(dialog.action_make_file()["res_id"])
        self.assertEqual((batch.state, batch.requested_ids), ("file", mandate))
        with self.assertRaisesRegex(UserError, "Nothing about mandates"):
            menu.run()

    def test_a_wrong_account_leaves_nothing_of_the_one_before(self):
        form = Form(self.env["brp.autogiro.mandate"])
        form.partner_id = self.anna
        form.shown_account = "6000 123 456 789"
        self.assertEqual(
            (form.account_bank, form.account_digits_shown), ("Handelsbanken", "6000 000123456789")
        )
        with self.assertLogs("odoo.tests.form.onchange", "WARNING"):
            form.shown_account = "6000 12"
        self.assertFalse(form.account_bank or form.account_digits_shown or form.account_warning)
        # Swedbank's check digit is doubtful, which is a warning.
        form.shown_account = "8327-9 123 456 789"
        self.assertIn("check digit", form.account_warning)
        form.shown_account = False
        self.assertFalse(form.account_warning or form.account_digits_shown)

    def test_a_wrong_personal_number_is_told_at_once(self):
        Mandate = self.env["brp.autogiro.mandate"]
        warning = Mandate._warn_of_holder_number("19900101-9803")["warning"]
        self.assertIn("does not fit", warning["message"])
        self.assertNotIn("9803", str(warning))
        for right in ("19900101-9802", "556036-0793", "19900101-****", False):
            self.assertIsNone(Mandate._warn_of_holder_number(right))

    def test_refused_change_of_payer_number(self):
        mandate = self._make_mandates(self.anna)
        for day, payer, comment in (("20260421", "199001019802", "04"), ("20260422", "4711", "21")):
            with self.subTest(comment):
                self._ask_for_number(mandate, "4711")
                self._send()
                report = self._read(advice_report(BANKGIRO, day, [(payer, "05", comment)]))
                self.assertEqual((mandate.state, mandate.payer_number), ("active", "199001019802"))
                self.assertFalse(mandate.request or mandate.new_payer_number or mandate.request_batch_id)
                self.assertEqual((report.state, report.line_ids.outcome), ("attention", "misfit"))

    def test_new_payer_number_that_another_mandate_has_by_now(self):
        mandate = self._make_mandates(self.anna)
        self._ask_for_number(mandate, "196803059895")
        self._send()
        other = (
            self.env["brp.autogiro.mandate"]
            .sudo()
            .create({"partner_id": self.bo.id, "payer_number": "196803059895", "state": "active"})
        )
        with self.assertNoLogs("odoo.sql_db"):
            report = self._read(advice_report(BANKGIRO, "20260421", [("196803059895", "05", "32")]))
        self.assertEqual((report.state, report.line_ids.outcome), ("attention", "misfit"))
        self.assertEqual((mandate.payer_number, mandate.request), ("199001019802", "change"))
        with self.assertRaisesRegex(UserError, "does not fit Mandate Anna") as caught:
            report.line_ids.action_assign()
        self.assertNotIn("9895", str(caught.exception))
        other.sudo().write({"state": "ended"})
        report.line_ids.action_assign()
        self.assertEqual((mandate.payer_number, mandate.request), ("196803059895", False))
        self.assertEqual(report.state, "done")

    def test_new_payer_number_taken_at_this_moment(self):
        mandate = self._make_mandates(self.anna)
        self._ask_for_number(mandate, "196803059895")
        self._send()
        self.env["brp.autogiro.mandate"].sudo().create(
            {"partner_id": self.bo.id, "payer_number": "196803059895", "state": "active"}
        )
        with (
            patch.object(type(mandate), "_is_taken", return_value=False),
            self.assertNoLogs("odoo.sql_db"),
            self.assertRaisesRegex(UserError, "has this payer number already") as caught,
        ):
            self._read(advice_report(BANKGIRO, "20260421", [("196803059895", "05", "32")]))
        self.assertNotIn("9895", str(caught.exception))

    def test_register_mandate_registered_at_this_moment(self):
        self._make_mandates(self.anna)
        rows = [("199001019802", ACCOUNT, "199001019802", 1)]
        report = self._read(register_extract(BANKGIRO, rows), book=False)
        with (
            patch.object(type(report.line_ids), "_find_mandates", return_value={}),
            self.assertNoLogs("odoo.sql_db"),
            self.assertRaisesRegex(UserError, "at this very moment") as caught,
        ):
            report.action_book()
        self.assertNotIn("9802", str(caught.exception))

    def test_approved_draft_whose_payer_number_is_taken(self):
        self._make_mandates(self.anna)
        draft = self._make_mandates(self.anna, "draft")
        draft.shown_payer_number = "199001019802"
        advice = ("active", "04", "32", date(2026, 4, 21), None)
        with self.assertNoLogs("odoo.sql_db"):
            self.assertFalse(draft.sudo()._apply_advice(*advice))
            with (
                patch.object(type(draft), "_is_taken", return_value=False),
                self.assertRaisesRegex(UserError, "has this payer number already"),
            ):
                draft.sudo()._apply_advice(*advice)
        self.assertEqual(draft.state, "draft")

    def test_payer_number_unique_per_company(self):
        first = self._make_mandates(self.anna)
        second = self._make_mandates(self.anna, "draft")
        with (
            self.assertNoLogs("odoo.sql_db"),
            self.assertRaisesRegex(UserError, "has this payer number already") as caught,
        ):
            second.action_request()
        self.assertNotIn("9802", str(caught.exception))
        self.assertEqual(second.state, "draft")
        second.shown_payer_number = "4711"
        self._ask_for_number(first, "4711")
        with self.assertRaisesRegex(UserError, "has this payer number already"):
            second.action_request()
        third = self._make_mandates(self.bo)
        with self.assertRaisesRegex(UserError, "has this payer number already"):
            self._ask_for_number(third, "4711")

    def test_payer_number_taken_by_two_at_once(self):
        self._make_mandates(self.anna)
        second = self._make_mandates(self.anna, "draft")
        with (
            patch.object(type(second), "_is_taken", return_value=False),
            self.assertNoLogs("odoo.sql_db"),
            self.assertRaisesRegex(UserError, "has this payer number already"),
        ):
            second.action_request()
        self.assertEqual(second.state, "draft")

    def test_application_with_taken_payer_number(self):
        self._make_mandates(self.bo)
        rows = [("195807129878", ACCOUNT, "199001019802", 0)]
        application = self._read(application_report(BANKGIRO, "20260420", rows)).line_ids.mandate_id
        with (
            self.assertNoLogs("odoo.sql_db"),
            self.assertRaisesRegex(UserError, "has this payer number already"),
        ):
            application.action_accept()
        self.assertEqual(application.state, "draft")

    def test_customer_holds_the_account_when_nobody_else_is_named(self):
        mandate = self.env["brp.autogiro.mandate"].create({"partner_id": self.anna.id, "holder_id": False})
        self.assertEqual(mandate.holder_id, self.anna)

    def test_somebody_elses_account(self):
        mandate = self._make_mandates(self.anna, "draft")
        mandate.holder_id = self.bo
        mandate.action_request()
        self.assertEqual(mandate.payer_number, "199001019802")
        self.assertEqual(mandate.holder_number, "195807129878")

    def test_organisation_and_bankgiro(self):
        club = self.env["res.partner"].create(
            {"name": "Club", "is_company": True, "company_registry": "556036-0793"}
        )
        mandate = self._make_mandates(club, "draft")
        mandate.action_request()
        self.assertEqual((mandate.holder_number, mandate.payer_number), ("005560360793", "5560360793"))
        payer = self.env["brp.autogiro.mandate"].create(
            {"partner_id": club.id, "account_type": "bankgiro", "shown_payer_number": "5050-1055"}
        )
        payer.action_request()
        self.assertEqual(
            self._send(),
            [
                f"04{BANKGIRO:0>10}0000005560360793{ACCOUNT}005560360793{'':24}",
                f"04{BANKGIRO:0>10}0000000050501055{'':52}",
            ],
        )
        self.assertEqual(
            (mandate.debitable_from, payer.debitable_from), (date(2026, 4, 28), date(2026, 4, 21))
        )

    def test_wrong_input(self):
        for field, typed in (
            ("shown_account", "8327"),
            ("shown_holder_number", "19900101-1234"),
            ("shown_payer_number", "abc"),
        ):
            with self.subTest(field), self.assertRaises(ValidationError) as caught, self.env.cr.savepoint():
                self.env["brp.autogiro.mandate"].create({"partner_id": self.anna.id, field: typed})
            self.assertNotIn(typed, str(caught.exception))

    def test_missing_numbers(self):
        dan = self.env["res.partner"].create({"name": "Dan"})
        mandate = self.env["brp.autogiro.mandate"].create({"partner_id": dan.id})
        with self.assertRaisesRegex(UserError, "personal or organisation number .* Dan"):
            mandate.action_request()
        mandate.shown_holder_number = "900101-9802"
        with self.assertRaisesRegex(UserError, "bank account of Dan"):
            mandate.action_request()

    def test_form_keeps_masked_numbers(self):
        mandate = self._make_mandates(self.anna, "draft")
        mandate.sudo().holder_number = "199001019802"
        seller = self.bookkeeper
        with Form(mandate.with_user(seller)) as form:
            self.assertEqual(form.shown_account, "**** 6789")
            self.assertEqual(form.shown_holder_number, "19900101-****")
            form.signed_date = date(2026, 4, 20)
        self.assertEqual(mandate.account_number, ACCOUNT)
        self.assertEqual(mandate.holder_number, "199001019802")

    def test_application_from_internet_bank(self):
        file = application_report(
            BANKGIRO,
            "20260420",
            [("77", ACCOUNT, "199001019802", 0), ("78", ACCOUNT, "196803059895", 0)],
        )
        report = self._read(file)
        known, unknown = report.line_ids.mandate_id.sudo().sorted("payer_number")
        self.assertEqual((known.partner_id, known.state), (self.anna, "draft"))
        self.assertFalse(unknown.partner_id)
        # 18 banking days from 20 April: 1 May and 14 May are holidays.
        self.assertEqual(known.answer_before, date(2026, 5, 18))
        with self.assertRaisesRegex(UserError, "Choose the customer"):
            unknown.action_accept()
        known.action_accept()
        unknown.action_reject()
        self.assertEqual(
            self._send(),
            [f"04{BANKGIRO:0>10}0000000000000077{'':52}", f"04{BANKGIRO:0>10}0000000000000078{'':48}AV  "],
        )
        self.assertEqual((known.state, unknown.state), ("sent", "refused"))
        self._read(advice_report(BANKGIRO, "20260421", [("77", "04", "32")]))
        self.assertEqual(known.state, "active")

    def test_reminder_of_application_makes_no_second_mandate(self):
        rows = [("77", ACCOUNT, "199001019802", 0)]
        self._read(application_report(BANKGIRO, "20260420", rows))
        self._read(application_report(BANKGIRO, "20260430", [(*rows[0][:3], 1)]))
        self.assertEqual(self.env["brp.autogiro.mandate"].search_count([("payer_number", "=", "77")]), 1)

    def test_register_extract(self):
        same, moved, gone = self._make_mandates(self.customers)
        (same + moved + gone).sudo().write({"holder_number": False})
        for mandate in same + moved + gone:
            mandate.sudo().holder_number = mandate.partner_id.personal_number
        dan = self.env["res.partner"].create({"name": "Dan", "personal_number": "196803059895"})
        report = self._read(
            register_extract(
                BANKGIRO,
                [
                    (same.payer_number, ACCOUNT, same.holder_number, 1),
                    (moved.payer_number, "6789000987654321", moved.holder_number, 1),
                    ("196803059895", ACCOUNT, "196803059895", 1),
                    ("999", ACCOUNT, "197501019801", 1),
                ],
            )
        )
        outcomes = {
            line.payer_number or line.mandate_id.payer_number: line.outcome for line in report.sudo().line_ids
        }
        self.assertEqual(
            outcomes,
            {
                same.payer_number: "agrees",
                moved.payer_number: "mandate",
                "196803059895": "mandate",
                "999": "to_assign",
                gone.payer_number: "not_there",
            },
        )
        self.assertEqual(moved.account_number, "6789000987654321")
        new = self.env["brp.autogiro.mandate"].search([("partner_id", "=", dan.id)])
        # At Bankgirot since Friday 2 January; Tuesday 6 is a holiday: 5, 7, 8, 9, 12, 13.
        self.assertEqual((new.state, new.debitable_from), ("active", date(2026, 1, 13)))
        self.assertEqual(gone.state, "active")
        self.assertEqual(report.state, "attention")
        line = report.line_ids.filtered(lambda line: line.outcome == "to_assign")
        line.partner_id = self.anna
        line.action_assign()
        self.assertEqual(line.mandate_id.partner_id, self.anna)

    def test_unknown_payer_in_advice(self):
        report = self._read(advice_report(BANKGIRO, "20260421", [("4711", "04", "32")]))
        self.assertEqual((report.state, report.line_ids.outcome), ("attention", "unknown_mandate"))

    def test_advice_is_given_to_a_mandate_by_hand(self):
        ended, waiting = self._make_mandates(self.anna), self._make_mandates(self.bo, "to_send")
        ended.sudo().state = "ended"
        [line] = self._read(advice_report(BANKGIRO, "20260421", [("4711", "04", "32")])).line_ids
        line.mandate_id = ended
        with self.assertRaisesRegex(UserError, r"Approved.* does not fit Mandate Anna \(Ended\)"):
            line.action_assign()
        self.assertEqual((line.state, line.report_id.state), ("done", "attention"))
        line.mandate_id = waiting
        line.action_assign()
        self.assertEqual((line.state, line.report_id.state, waiting.state), ("assigned", "done", "active"))

    def test_another_payer_number_is_not_given_by_hand(self):
        mandate = self._make_mandates(self.anna)
        [line] = self._read(advice_report(BANKGIRO, "20260421", [("4711", "05", "32")])).line_ids
        line.mandate_id = mandate
        with self.assertRaisesRegex(UserError, "does not fit Mandate Anna"):
            line.action_assign()
        self.assertEqual(line.state, "done")
