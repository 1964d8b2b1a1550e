from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .bank_files import advice_report, payment_report
from .common import ACCOUNT, BANKGIRO, PERSONAL_NUMBERS, AutogiroCommon


@tagged("post_install", "-at_install")
class TestRights(AutogiroCommon):
    """Who sees and does what; private numbers stay private."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls._make_user("autogiro_seller", "sales_team.group_sale_salesman")
        cls.stranger = cls._make_user("autogiro_stranger", "base.group_user")
        cls.mandate = cls._make_mandates(cls.anna, "draft")

    @classmethod
    def _make_user(cls, login, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env, login, groups=groups, company_ids=[Command.set(company.ids)], company_id=company.id
        )

    def test_seller_registers_and_sees_masked(self):
        mandate = (
            self.env["brp.autogiro.mandate"]
            .with_user(self.seller)
            .create({"partner_id": self.bo.id, "shown_account": "8327-9 123 456 789"})
        )
        mandate.action_request()
        mandate.invalidate_recordset()
        self.assertEqual(mandate.state, "to_send")
        self.assertEqual(mandate.shown_account, "**** 6789")
        self.assertEqual(mandate.shown_payer_number, "19580712-****")
        for field in ("account_number", "payer_number", "holder_number", "signed_document"):
            with self.assertRaises(AccessError):
                mandate.read([field])
        with self.assertRaises(AccessError):
            mandate.search([("payer_number", "=like", "1958%")])

    def test_no_mandate_by_hand(self):
        with self.assertRaises(AccessError):
            self.mandate.with_user(self.seller).state = "active"
        with self.assertRaises(AccessError):
            self.mandate.with_user(self.bookkeeper).debitable_from = "2026-04-20"

    def test_files_only_for_those_who_collect(self):
        self.mandate.action_request()
        self.mandate.sudo().write({"state": "active", "request": False})
        self._make_invoice(self.anna, 100)
        batch = self._make_batch("file")
        self.assertTrue(batch.with_user(self.bookkeeper).file_data)
        invoicing = self._make_user("autogiro_invoicing", "account.group_account_invoice")
        with self.assertRaises(AccessError):
            batch.with_user(invoicing).read(["file_data"])
        with self.assertRaises(AccessError):
            batch.with_user(invoicing).action_mark_sent()
        for user in (self.seller, self.stranger):
            with self.assertRaises(AccessError):
                batch.with_user(user).read(["name"])
        with self.assertRaises(AccessError):
            batch.payment_ids.with_user(self.bookkeeper).state = "approved"

    def test_reports_only_for_those_who_collect(self):
        report = self._read(advice_report(BANKGIRO, "20260420", [("4711", "04", "32")]))
        for user in (self.seller, self.stranger):
            with self.assertRaises(AccessError):
                report.with_user(user).read(["state"])
            with self.assertRaises(AccessError):
                self.env["brp.autogiro.report"].with_user(user).create_document_from_attachment("", [])
        with self.assertRaises(AccessError):
            report.with_user(self.bookkeeper).state = "new"
        with self.assertRaises(AccessError):
            report.line_ids.with_user(self.bookkeeper).state = "todo"

    def test_other_company(self):
        other = self.setup_other_company()["company"]
        foreigner = self._make_user("autogiro_foreigner", "brp_autogiro.group_autogiro_user", other)
        self.mandate.action_request()
        self.mandate.sudo().write({"state": "active", "request": False})
        self._make_invoice(self.anna, 100)
        batch = self._make_batch()
        report = self._read(payment_report(BANKGIRO, "20260427", []))
        for record in (self.mandate, batch, batch.payment_ids, report, report.line_ids):
            self.assertFalse(record.with_user(foreigner).search([("id", "in", record.ids)]), record._name)
            if record:
                with self.assertRaises(AccessError):
                    record.with_user(foreigner).read(["id", "state"])

    def test_seal_key_for_administrators_only(self):
        with self.assertRaises(AccessError):
            self.company.with_user(self.bookkeeper).read(["autogiro_seal_key"])

    def test_nothing_private_in_chatter(self):
        self.mandate.action_request()
        self.mandate.sudo().write({"state": "active", "request": False})
        self._make_invoice(self.anna, 100)
        batch = self._make_batch()
        report = self._read(
            payment_report(
                BANKGIRO, "20260427", [(PERSONAL_NUMBERS[0], 10000, batch.payment_ids.reference, "1")]
            )
        )
        messages = self.env["mail.message"].search(
            [
                (
                    "model",
                    "in",
                    ("brp.autogiro.mandate", "brp.autogiro.batch", "brp.autogiro.report", "account.move"),
                )
            ]
        )
        told = " ".join(
            [
                *map(str, messages.mapped("body")),
                *(str(value.new_value_char) for value in messages.sudo().tracking_value_ids),
                *(str(activity.note) for activity in self.env["mail.activity"].search([])),
                *(str(mail.body_html) for mail in self.env["mail.mail"].search([])),
                *(record.display_name for record in (self.mandate, batch, batch.payment_ids, report)),
            ]
        )
        self.assertIn("insufficient cover", told)
        for number in (PERSONAL_NUMBERS[0], ACCOUNT, ACCOUNT[4:].lstrip("0")):
            self.assertNotIn(number, told)
