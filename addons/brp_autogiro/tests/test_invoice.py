from datetime import date

from lxml import etree, html

from odoo import Command
from odoo.exceptions import UserError, ValidationError
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

    # === ON PAPER === #

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
