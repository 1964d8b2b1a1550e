from contextlib import contextmanager
from datetime import date

from lxml import etree, html

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.brp_autogiro.tests.bank_files import payment_report

from .common import BANKGIRO, InstallmentAutogiroCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-20 08:00:00")
class TestInstallmentAtBank(InstallmentAutogiroCommon):
    """What is at the bank, or in a batch, stays as it is: the bank takes it whatever is done here.

    12 000 kronor in 12 installments of 1 000, the first due on 27 April and in a batch.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-04-08 08:00:00"):
            cls._request_mandate()
        with freeze_time("2026-04-17 08:00:00"):
            cls._approve("20260417")
        with freeze_time("2026-04-20 08:00:00"):
            cls.main = cls._sell(cls.year_card, plan=cls.autogiro_plan, date="2026-04-08")
            cls.parts = cls.main.installment_ids.sorted("installment_number")
            cls.first, cls.second = cls.parts[:2]
            cls.batch = cls._make_batch(date(2026, 4, 27))

    @contextmanager
    def _refuses(self):
        text = f"collected by Autogiro: {self.first.name}. Leave them out"
        with self.assertRaisesRegex(UserError, text), self.env.cr.savepoint():
            yield
        self.env.invalidate_all()

    def _send(self):
        self.batch.action_make_file()
        self.batch.action_mark_sent()

    def _reschedule(self, **values):
        form = Form(self.env["brp.installment.reschedule"].with_context(default_main_id=self.main.id))
        for name, value in values.items():
            setattr(form, name, value)
        form.save().action_reschedule()

    def _credit(self, amount, allocation):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=self.main.ids)
            .create(
                {
                    "journal_id": self.main.journal_id.id,
                    "installment_amount": amount,
                    "installment_allocation": allocation,
                }
            )
        )
        wizard.reverse_moves()
        return wizard.new_move_ids

    def test_setup(self):
        self.assertEqual(self.batch.included_ids.move_id, self.first)
        self.assertEqual(self.first.amount_residual, 1000)
        self.assertTrue(self.first.autogiro_live)
        self.assertFalse(self.second.autogiro_live)

    def test_crediting_an_installment(self):
        with self._refuses():
            (self.first + self.second).action_credit_installments()
        self._send()
        with self._refuses():
            self.first.action_reverse()
        self.second.action_credit_installments()
        self.assertEqual(self.main.amount_residual, 1000)
        self.assertEqual(self.first.amount_residual, 1000)

    def test_crediting_what_was_left_out(self):
        self.batch.payment_ids.action_leave_out()
        self.first.action_credit_installments()
        self.assertEqual(self.first.amount_residual, 0)

    def test_rescheduling(self):
        self._send()
        with self._refuses():
            self._reschedule(parts=6)
        with self._refuses():
            self._reschedule(first_due_date=date(2026, 4, 30))
        preview = self.env["brp.installment.reschedule"].new(
            {"main_id": self.main.id, "first_due_date": date(2026, 4, 30)}
        )
        self.assertIn(self.first.name, preview.obstacle)
        # The others can have another due day.
        self._reschedule(due_day=15, first_due_date=date(2026, 4, 27))
        self.assertEqual(
            self.parts[:3].mapped("invoice_date_due"),
            [date(2026, 4, 27), date(2026, 5, 15), date(2026, 6, 15)],
        )

    def test_crediting_the_purchase(self):
        self._send()
        for amount in (500, 1000, 12000):
            with self._refuses():
                self._credit(amount, "first")
        with self._refuses():
            self._credit(12000, "last")
        # Eleven of 1000 are not at the bank.
        self._credit(11000, "last")
        self.assertEqual(self.parts.mapped("amount_residual"), [1000] + [0] * 11)

    def test_crediting_the_purchase_as_the_customers_credit(self):
        credit_note = self._credit(12000, "none")
        self.assertEqual(credit_note.amount_residual, 12000)
        self.assertEqual(self.first.amount_residual, 1000)

    def test_notice_on_the_form(self):
        self._send()
        arch = etree.fromstring(self.first.get_view(view_type="form")["arch"])
        [notice] = arch.xpath("//div[@name='autogiro_live_installment']")
        self.assertIn("credited, rescheduled nor mailed", " ".join("".join(notice.itertext()).split()))
        [other] = arch.xpath("//div[@name='autogiro_live']")
        self.assertIn("installment_main_id", other.get("invisible"))

    def test_refused_installment_that_is_mailed_instead(self):
        """Refused on 27 April, mailed on 4 May with the 14 days that every installment is sent ahead."""
        self._send()
        rows = [("199001019802", 100000, self.first.name, "1")]
        with freeze_time("2026-04-28 06:00:00"):
            report, _known = self.env["brp.autogiro.report"]._read_file(
                payment_report(BANKGIRO, "20260427", rows), "report.txt"
            )
            report.action_book()
        number = self.first.name
        with freeze_time("2026-05-04 08:00:00"):
            self.first.action_autogiro_mail_instead()
            self.assertEqual(self.first.invoice_date_due, date(2026, 5, 18))
            self.assertEqual((self.first.name, self.first.state), (number, "posted"))
            self.assertEqual(
                self.first.line_ids.filtered(
                    lambda line: line.account_type == "asset_receivable"
                ).date_maturity,
                date(2026, 5, 18),
            )
            paper = self._get_paper(self.first)
            self.assertIn("could not be drawn from your account by Autogiro", paper)
            self.assertIn("on 05/18/2026 at the latest", paper)
            mail = self.env.ref("brp_installments.mail_template_installment")._generate_template(
                self.first.ids, ["body_html", "subject"]
            )[self.first.id]["body_html"]
            self.assertIn("could not be drawn from your account by Autogiro", mail)
            self.assertIn("05/18/2026", mail)
        # The others keep their days, and one that is not late yet keeps its own when it is mailed.
        self.assertEqual(self.second.invoice_date_due, date(2026, 5, 27))
        self.second.action_autogiro_mail_instead()
        self.assertEqual(self.second.invoice_date_due, date(2026, 5, 27))

    def _get_paper(self, invoice):
        report = "account.report_invoice_with_payments"
        page, _type = self.env["ir.actions.report"].sudo()._render_qweb_html(report, invoice.ids)
        return " ".join(html.fromstring(page).text_content().split())

    def test_paper(self):
        paper = self._get_paper(self.first)
        self.assertIn("Installment 1 of 12", paper)
        self.assertIn("drawn from your account **** 6789 on 04/27/2026", paper)
        self.assertNotIn("Payment Communication", paper)
        self.assertIn("on 05/27/2026", self._get_paper(self.second))
        self.assertNotIn("drawn", self._get_paper(self.main))
