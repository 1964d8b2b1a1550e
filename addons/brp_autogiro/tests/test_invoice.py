from datetime import date

from lxml import etree, html

from odoo import Command
from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .bank_files import payment_report
from .common import BANKGIRO, PERSONAL_NUMBERS, AutogiroCommon


@tagged("post_install", "-at_install")
class TestInvoice(AutogiroCommon):
    """What an invoice knows of Autogiro, and what cannot be done to it or to what the bank reported."""

    # === PAID TWICE === #

    def _register(self, invoices):
        journal = self.company_data["default_journal_bank"]
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoices.ids
        ).create({"journal_id": journal.id, "group_payment": False}).action_create_payments()

    def test_paying_what_is_collected(self):
        self._make_mandates(self.anna + self.bo)
        live = self._make_invoice(self.anna, 100) + self._make_invoice(self.bo, 200)
        free = self._make_invoice(self.cia, 300)
        batch = self._make_batch("draft")
        with self.assertRaisesRegex(
            UserError, f"paid twice: {live[0].name} and {live[1].name}. Leave"
        ) as error:
            self._register(live + free)
        self.assertNotIn(free.name, str(error.exception))
        batch.action_make_file()
        batch.action_mark_sent()
        with self.assertRaisesRegex(UserError, f"paid twice: {live[0].name}. Leave"):
            self._register(live[0])
        self._register(free)
        self.assertEqual(free.amount_residual, 0)

    def test_paying_what_was_left_out(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 100)
        self._make_batch("draft").payment_ids.action_leave_out()
        self._register(invoice)
        self.assertEqual(invoice.amount_residual, 0)

    # === WHEN === #

    def _post_with_day(self, day):
        """Choose a day on a draft without a date, which falls due on the 20th when it is posted."""
        draft = self._make_invoice(self.anna, 100, due=False, post=False)
        draft.invoice_date = False
        draft.autogiro_date = day
        draft.action_post()
        self.assertEqual(draft.invoice_date_due, date(2026, 4, 20))
        return draft.autogiro_date

    def test_day_chosen_on_a_draft_is_kept(self):
        self.assertEqual(self._post_with_day(date(2026, 4, 28)), date(2026, 4, 28))

    def test_day_before_it_falls_due_is_not(self):
        self.assertEqual(self._post_with_day(date(2026, 4, 14)), date(2026, 4, 20))
        self.assertEqual(self._post_with_day(False), date(2026, 4, 20))

    # === WHOSE MANDATE === #

    def _make_contact(self):
        company = self.env["res.partner"].create(
            {"name": "Ada AB", "is_company": True, "personal_number": PERSONAL_NUMBERS[1]}
        )
        self.bo.personal_number = False
        contact = self.anna
        contact.parent_id = company
        return contact, company

    def test_companys_mandate_counts_when_the_contacts_has_ended(self):
        contact, company = self._make_contact()
        own, companys = self._make_mandates(contact + company)
        invoice = self._make_invoice(contact, 100)
        self.assertEqual(invoice.commercial_partner_id, company)
        Move = self.env["account.move"]
        for own_state, company_state, counts in (
            ("sent", "active", companys),
            ("active", "sent", own),
            ("active", "active", own),
            ("sent", "sent", own),
            ("ended", "sent", companys),
            ("ended", "active", companys),
        ):
            if own.state != "ended":
                own.sudo().state = own_state
            companys.sudo().state = company_state
            self.env.invalidate_all()
            with self.subTest(own=own_state, company=company_state):
                self.assertEqual(invoice._get_autogiro_mandates(), {invoice: counts})
                self.assertEqual(invoice.autogiro_mandate_id, counts)
                self.assertEqual(invoice.autogiro_mandate_state, counts.state)
                self.assertEqual(invoice.autogiro_valid, counts.state == "active")
                found = Move.search([("autogiro_valid", "=", True), ("id", "=", invoice.id)])
                self.assertEqual(bool(found), invoice.autogiro_valid)

    def test_mandates_of_many_at_once(self):
        self._make_mandates(self.anna + self.bo)
        moves = self.env["account.move"].union(
            *(self._make_invoice(customer, 100) for customer in (self.anna, self.bo, self.cia))
        )
        self.env.flush_all()
        self.env.invalidate_all()
        moves.fetch(["partner_id", "commercial_partner_id", "company_id"])
        # Which they are, and what they say.
        with self.assertQueryCount(2):
            found = moves._get_autogiro_mandates()
        self.assertEqual([bool(found[move]) for move in moves], [True, True, False])

    # === NOT SENT === #

    def _find(self, name):
        """Return the invoices that a filter of Not Sent Autogiro Invoices shows."""
        view = self.env.ref("brp_autogiro.account_move_view_search_not_sent")
        action = self.env.ref("brp_autogiro.not_sent_action")
        [node] = etree.fromstring(view.arch).xpath(f"//filter[@name='{name}']")
        domain = safe_eval(node.get("domain"), {"context_today": lambda: date(2026, 4, 20)})
        return self.env["account.move"].search(safe_eval(action.domain) + domain)

    def test_what_should_have_been_collected_is_to_decide(self):
        self._make_mandates(self.anna)
        missed = self._make_invoice(self.anna, 100, due=date(2026, 4, 19))
        today = self._make_invoice(self.anna, 200, due=date(2026, 4, 20))
        blocked = self._make_invoice(self.anna, 300, due=date(2026, 4, 19))
        blocked.autogiro_blocked = True
        without = self._make_invoice(self.bo, 400)
        self.assertEqual(self._find("to_decide"), without + blocked + missed)
        self.assertEqual(self._find("overdue"), missed)
        self.assertNotIn(today, self._find("to_decide"))
        self._make_batch("draft")
        self.assertEqual(self._find("to_decide"), without + blocked)
        self.assertFalse(self._find("overdue"))

    def test_missing_mandate_and_reason_are_told(self):
        without = self._make_invoice(self.bo, 100)
        self.assertEqual(without.autogiro_mandate_state, "missing")
        mandate = self._make_mandates(self.bo)
        without.invalidate_recordset()
        self.assertEqual((without.autogiro_mandate_state, without.autogiro_reason), ("active", False))
        mandate.sudo().write({"state": "ended", "message": "Cancelled by the payer"})
        without.invalidate_recordset()
        self.assertEqual(without.autogiro_reason, "Cancelled by the payer")
        self._make_mandates(self.anna)
        refused = self._refuse(100)
        self.assertIn("cover", refused.autogiro_reason)

    # === WHAT PEOPLE DO ABOUT IT === #

    def _refuse(self, amount, status="1"):
        """Return an invoice of Anna's that the bank has refused for lack of cover."""
        invoice = self._make_invoice(self.anna, amount)
        reference = self._make_batch().payment_ids.filtered(lambda payment: payment.move_id == invoice)
        row = (PERSONAL_NUMBERS[0], amount * 100, reference.reference, status)
        self._read(payment_report(BANKGIRO, "20260427", [row]))
        return invoice

    def test_collecting_what_is_chosen(self):
        self._make_mandates(self.anna)
        self.customers.property_inbound_payment_method_line_id = False
        ours, without = (self._make_invoice(customer, 100) for customer in (self.anna, self.bo))
        done = (ours + without).with_user(self.bookkeeper).action_autogiro_mark()
        self.assertTrue(ours.autogiro and without.autogiro)
        message = done["params"]["message"]
        self.assertIn("will be collected by Autogiro: 2.", message)
        self.assertIn("no mandate in force, and nothing is drawn until they have: Bo.", message)
        self.assertEqual(done["params"]["type"], "warning")
        done = ours.action_autogiro_mark()
        self.assertIn("Autogiro invoices already: 1.", done["params"]["message"])
        self.assertEqual(done["params"]["type"], "success")

    def test_all_that_cannot_be_collected_is_named(self):
        self._make_mandates(self.anna)
        self.customers.property_inbound_payment_method_line_id = False
        good, sent, also_sent, paid = (self._make_invoice(self.anna, 100) for _number in range(4))
        (sent + also_sent).is_move_sent = True
        self._pay(paid, 100)
        with self.assertRaises(UserError) as error:
            (good + sent + also_sent + paid).action_autogiro_mark()
        told = str(error.exception)
        for invoice in (sent, also_sent, paid):
            self.assertIn(invoice.name, told)
        self.assertNotIn(good.name, told)
        self.assertFalse(good.autogiro, "all of them or none")

    def test_blocked_invoices_show_the_way_out(self):
        self._make_mandates(self.anna)
        refused = self._refuse(100)
        self.assertTrue(refused.autogiro_blocked)
        with self.assertRaises(RedirectWarning) as error:
            refused.with_user(self.bookkeeper).action_autogiro_mark()
        message, action, *_rest = error.exception.args
        self.assertIn(refused.name, message)
        self.assertEqual(action, self.env.ref("brp_autogiro.not_sent_action").id)
        with freeze_time("2026-05-05 08:00:00"):
            done = refused.with_user(self.bookkeeper).action_autogiro_collect_again()
            self.assertIn("collected again: 1.", done["params"]["message"])
            self.assertFalse(refused.autogiro_blocked)
            # It was due on 27 April: the next day of collection is 27 May.
            self.assertEqual(refused.autogiro_date, date(2026, 5, 27))
            batch = self._make_batch("draft", payment_date=date(2026, 5, 27))
            self.assertEqual(batch.included_ids.move_id, refused)
            with self.assertRaisesRegex(UserError, "None of these"):
                refused.action_autogiro_collect_again()

    def test_collect_again_keeps_a_day_that_can_be_reached(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 100, due=date(2026, 4, 28))
        invoice.autogiro_blocked = True
        invoice.action_autogiro_collect_again()
        self.assertEqual(invoice.autogiro_date, date(2026, 4, 28))

    def _decisions(self, invoice):
        return invoice.activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref("brp_autogiro.mail_activity_decide")
        )

    def test_activity_is_closed_when_it_has_been_decided(self):
        self._make_mandates(self.anna)
        for decide in (
            lambda invoice: invoice.action_autogiro_collect_again(),
            lambda invoice: invoice.write({"autogiro_blocked": False}),
            lambda invoice: invoice.action_autogiro_mail_instead(),
            lambda invoice: self._pay(invoice, 100),
            lambda invoice: invoice._reverse_moves(cancel=True),
        ):
            invoice = self._refuse(100)
            self.assertEqual(len(self._decisions(invoice)), 1)
            decide(invoice)
            self.assertFalse(self._decisions(invoice))
            if invoice.payment_state == "not_paid":
                self._pay(invoice, 100)

    def test_activity_is_closed_when_it_is_collected_again(self):
        self.company.autogiro_refused_policy = "next_month"
        self._make_mandates(self.anna)
        invoice = self._refuse(100)
        self.assertEqual(len(self._decisions(invoice)), 1)
        with freeze_time("2026-05-20 08:00:00"):
            batch = self._make_batch("file", payment_date=date(2026, 5, 27))
            self.assertEqual(len(self._decisions(invoice)), 1)
            batch.action_mark_sent()
        self.assertFalse(self._decisions(invoice))

    def test_form_of_what_is_collected(self):
        """No Pay while the bank is collecting, and a notice that says what cannot be done."""
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 100)
        self._make_batch()
        arch = etree.fromstring(invoice.get_view(view_type="form")["arch"])
        for name in ("account_invoice_payment_btn", "account_invoice_payment_secondary_btn"):
            [button] = arch.xpath(f"//button[@id='{name}']")
            self.assertIn("autogiro_live", button.get("invisible"))
        notice = " ".join("".join(arch.xpath("//div[@name='autogiro_live']")[0].itertext()).split())
        self.assertIn("neither be paid in another way, reset to draft nor", notice)
        self.assertIn("A credit note does not stop the bank", notice)
        # Which is true: it can be credited, and what is drawn all the same is the customer's.
        invoice._reverse_moves(cancel=True)
        self.assertEqual(invoice.payment_state, "reversed")
        self._read(payment_report(BANKGIRO, "20260427", [(PERSONAL_NUMBERS[0], 10000, invoice.name, "0")]))
        self.assertEqual(self._balance(self.company_data["default_account_receivable"], self.anna), -100)

    # === ON PAPER === #

    def test_paper_explains_what_could_not_be_drawn(self):
        self._make_mandates(self.anna)
        invoice = self._refuse(100)
        self.assertIn("could not be drawn from your account by Autogiro", self._get_paper(invoice))
        invoice.action_autogiro_mail_instead()
        with freeze_time("2026-04-27 08:00:00"):
            self.assertIn("Please pay it yourself, on 04/27/2026 at the latest.", self._get_paper(invoice))
        with freeze_time("2026-04-28 08:00:00"):
            self.assertIn("Please pay it yourself now.", self._get_paper(invoice))
        self._pay(invoice, 100)
        self.assertNotIn("could not be drawn", self._get_paper(invoice))

    def _get_paper(self, invoice):
        """Return the text of the invoice's report."""
        report = "account.report_invoice_with_payments"
        page, _type = self.env["ir.actions.report"].sudo()._render_qweb_html(report, invoice.ids)
        return " ".join(html.fromstring(page).text_content().split())

    def test_paper_says_when_it_is_drawn(self):
        mandate = self._make_mandates(self.anna)
        # 1 May 2026 is a Friday and a holiday: the bank draws on Monday.
        invoice = self._make_invoice(self.anna, 100, due=date(2026, 5, 1))
        self.assertEqual(invoice._get_autogiro_draw_date(), date(2026, 5, 4))
        paper = self._get_paper(invoice)
        self.assertIn("drawn from your account **** 6789 on 05/04/2026. You do not need", paper)
        self.assertNotIn("Payment Communication", paper)
        # The bookkeeper sees whole numbers, the customer's paper never has them.
        self.assertEqual(mandate.shown_account, "8327-123456789")
        self.assertNotIn("123456789", paper)
        mandate.sudo().debitable_from = date(2026, 5, 8)
        self.assertEqual(invoice._get_autogiro_draw_date(), date(2026, 5, 8))
        mandate.sudo().debitable_from = False
        self.assertEqual(invoice._get_autogiro_draw_date(), date(2026, 5, 4))

    def test_paper_asks_for_money_that_is_not_drawn(self):
        invoice = self._make_invoice(self.anna, 100)
        self._assert_asks(invoice)
        mandate = self._make_mandates(self.anna, "sent")
        self._assert_asks(invoice)
        mandate.sudo().state = "active"
        self.env.invalidate_all()
        self.assertEqual(invoice._get_autogiro_draw_date(), date(2026, 4, 27))
        invoice.autogiro_blocked = True
        self._assert_asks(invoice)
        invoice.autogiro_blocked = False
        mandate.action_cancel()
        self._assert_asks(invoice)

    def _assert_asks(self, invoice):
        self.env.invalidate_all()
        self.assertFalse(invoice._get_autogiro_draw_date())
        paper = self._get_paper(invoice)
        self.assertIn("Payment Communication", paper)
        self.assertNotIn("Autogiro", paper)
        self.assertNotIn("drawn", paper)

    def test_no_draw_date_when_it_is_too_late(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 100)
        # The file had to be sent by 19:00 in Sweden, 17:00 UTC, on Friday 24 April.
        with freeze_time("2026-04-24 16:59:00"):
            self.assertEqual(invoice._get_autogiro_draw_date(), date(2026, 4, 27))
        with freeze_time("2026-04-24 17:01:00"):
            self.assertFalse(invoice._get_autogiro_draw_date())

    def test_draw_date_is_that_of_the_payment(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 100)
        batch = self._make_batch(payment_date=date(2026, 4, 30))
        self.assertEqual(invoice._get_autogiro_draw_date(), date(2026, 4, 30))
        batch.payment_ids.sudo().payment_date = date(2026, 5, 5)
        self.assertEqual(invoice._get_autogiro_draw_date(), date(2026, 5, 5))
        self.assertIn("**** 6789 on 05/05/2026", self._get_paper(invoice))

    # === WHAT WAS BOOKED FROM A REPORT === #

    def _report(self, invoice, book=True, refunds=()):
        rows = [(PERSONAL_NUMBERS[0], 10000, invoice.name, "0")]
        return self._read(payment_report(BANKGIRO, "20260427", rows, refunds=refunds), book=book)

    def test_entry_of_a_report_stays(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 100)
        self._make_batch()
        refund = (PERSONAL_NUMBERS[0], 10000, invoice.name, "20260427", "01")
        report = self._report(invoice, refunds=[refund])
        entries = self.env["brp.autogiro.report.line"].search([("report_id", "=", report.id)]).entry_id
        self.assertEqual(len(entries), 2)  # the deposit and the withdrawal
        for entry in entries:
            for undo in (entry.button_draft, entry.button_cancel, entry.unlink):
                with self.assertRaisesRegex(UserError, "booked from a report of Bankgirot. Reverse it"):
                    undo()
            self.assertEqual(entry.state, "posted")
        reversal = entries[0]._reverse_moves()
        reversal.action_post()
        reversal.button_draft()
        reversal.unlink()

    def test_draft_entry_of_an_unfinished_report(self):
        self._make_mandates(self.anna)
        invoice = self._make_invoice(self.anna, 100)
        self._make_batch()
        report = self._report(invoice, book=False).sudo()
        Row = self.env["brp.autogiro.report.line"].sudo()
        Row._handle_some(report, 100)
        entry = Row.search([("report_id", "=", report.id)]).entry_id
        self.assertEqual(entry.state, "draft")
        entry = entry.with_user(self.env.user).sudo(False)
        with self.assertRaisesRegex(UserError, "report that is not finished. Continue"):
            entry.action_post()
        for undo in (entry.unlink, entry.button_cancel):
            with self.assertRaisesRegex(UserError, "booked from a report"):
                undo()
        report.with_user(self.bookkeeper).action_book()
        self.assertEqual(entry.state, "posted")
        self.assertEqual(invoice.amount_residual, 0)

    # === SETTINGS === #

    def test_wrong_bankgiro_without_a_language(self):
        with self.assertRaises(ValidationError):
            self.company.with_context(lang=None).autogiro_bankgiro = "123"

    def test_customer_number_is_not_zero(self):
        for number in ("0", "000000", "12a"):
            with self.assertRaisesRegex(ValidationError, "not zero"):
                self.company.autogiro_customer_number = number
        self.company.autogiro_customer_number = "000001"

    def test_settings_errors_name_the_field(self):
        for name, value, told in (
            ("autogiro_bankgiro", "991-2345", "Bankgiro Number: The last digit"),
            ("autogiro_customer_number", "4711170", "Bankgirot Customer Number: It has up to six digits"),
            ("autogiro_retries", 4, "Retries Ordered at the Bank: Choose from 0 to 3."),
            ("autogiro_day", 32, "Day of Collection: Choose from 1 to 31."),
            ("autogiro_cutoff", 25, "Cut-off Time: Choose from 0 to 24."),
            ("autogiro_lead_days", 0, "Lead Time: Choose from 1 to 30."),
            ("autogiro_seal_key", "12", "Seal Key: It has 32"),
        ):
            with (
                self.subTest(name),
                self.assertRaisesRegex(ValidationError, told),
                self.env.cr.savepoint(),
            ):
                self.env["res.config.settings"].create({name: value})
        self.assertEqual(self.company.autogiro_customer_number, "471117")

    def test_without_a_chart_of_accounts(self):
        company = self.env["res.company"].create(
            {"name": "Ny AB", "currency_id": self.env.ref("base.SEK").id}
        )
        with self.assertRaisesRegex(UserError, "Ny AB has no chart of accounts"):
            company._set_up_autogiro()

    def test_only_kronor(self):
        company = self.env["res.company"].create({"name": "Oslo", "currency_id": self.env.ref("base.NOK").id})
        with self.assertRaisesRegex(UserError, "Swedish kronor"):
            company._check_autogiro_settings()
        self.company._check_autogiro_settings()

    def test_automatic_needs_somebody_with_an_address(self):
        nobody = new_test_user(self.env, "no_address", email=False, company_id=self.company.id)
        nobody.company_ids = [Command.set(self.company.ids)]
        for responsible in (self.env["res.users"], nobody):
            with self.assertRaisesRegex(ValidationError, "who is responsible"):
                self.company.write({"autogiro_automatic": True, "autogiro_responsible_id": responsible.id})
        self.company.write({"autogiro_automatic": True, "autogiro_responsible_id": self.bookkeeper.id})
        with self.assertRaisesRegex(ValidationError, "who is responsible"):
            self.company.autogiro_responsible_id = False

    def test_settings_screen(self):
        self.company.write({"autogiro_automatic": False, "autogiro_responsible_id": False})
        Settings = self.env["res.config.settings"]
        Settings.create({"autogiro_responsible_id": self.bookkeeper.id, "autogiro_automatic": True})
        self.assertTrue(self.company.autogiro_automatic)
        Settings.create({"autogiro_automatic": False, "autogiro_responsible_id": False})
        self.assertFalse(self.company.autogiro_responsible_id)

    def _count_mails(self, subject):
        return self.env["mail.mail"].sudo().search_count([("subject", "=", subject)])

    def test_told_once_a_day(self):
        self.company.autogiro_responsible_id = self.bookkeeper
        for _time in range(2):
            for subject in ("Folder missing", "File unread"):
                self.company._notify_autogiro(subject, "Look.", once_per_day=True)
        self.assertEqual((self._count_mails("Folder missing"), self._count_mails("File unread")), (1, 1))
        self.bookkeeper.email = "other@example.com"
        self.company._notify_autogiro("Folder missing", "Look.", once_per_day=True)
        self.assertEqual(self._count_mails("Folder missing"), 2)
        with freeze_time("2026-04-21 08:00:00"):
            self.company._notify_autogiro("Folder missing", "Look.", once_per_day=True)
        self.assertEqual(self._count_mails("Folder missing"), 3)
        for _time in range(2):
            self.company._notify_autogiro("Receipt", "Done.")
        self.assertEqual(self._count_mails("Receipt"), 2)

    def test_told_at_once(self):
        queue = [("cron_id", "=", self.env.ref("mail.ir_cron_mail_scheduler_action").id)]
        self.env["ir.cron.trigger"].search(queue).unlink()
        self.company.autogiro_responsible_id = self.bookkeeper
        self.company._notify_autogiro("Receipt", "Done.")
        self.assertTrue(self.env["ir.cron.trigger"].search_count(queue))
