from base64 import b64encode

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .bank_files import advice_report, payment_report, register_extract
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

    def test_who_registers_uploads_what_was_signed(self):
        mandate = self.mandate.with_user(self.seller)
        with Form(mandate) as form:
            form.signed_date = "2026-04-19"
            form.uploaded_document = b64encode(b"%PDF signed").decode()
        self.assertEqual(str(self.mandate.signed_date), "2026-04-19")
        self.assertEqual(self.mandate.signed_document, b64encode(b"%PDF signed"))
        self.assertTrue(mandate.has_signed_document)
        self.env.invalidate_all()
        self.assertTrue(mandate.has_signed_document)
        self.assertFalse(mandate.uploaded_document, "it can be written, not read")
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", mandate._name), ("res_field", "=", "signed_document")])
        )
        with self.assertRaises(AccessError):
            attachment.with_user(self.seller).read(["raw"])
        with self.assertRaisesRegex(UserError, "already"):
            mandate.uploaded_document = b64encode(b"%PDF other")
        # It is still open once the mandate has been requested.
        self.mandate.signed_document = False
        self.mandate.action_request()
        mandate.uploaded_document = b64encode(b"%PDF later")
        self.assertEqual(self.mandate.signed_document, b64encode(b"%PDF later"))

    def test_no_mandate_by_hand(self):
        with self.assertRaises(AccessError):
            self.mandate.with_user(self.seller).state = "active"
        with self.assertRaises(AccessError):
            self.mandate.with_user(self.bookkeeper).debitable_from = "2026-04-20"

    def test_new_mandate_is_a_draft(self):
        values = {
            "state": "active",
            "origin": "register",
            "request": "new",
            "request_batch_id": self._make_batch("draft").id,
            "new_payer_number": "4711",
            "sent_date": "2026-04-20",
            "debitable_from": "2026-04-20",
            "ended_date": "2026-04-20",
            "message": "Approved",
            "answer_before": "2026-04-20",
            "payer_text": "Yes",
        }
        Mandate = self.env["brp.autogiro.mandate"]
        for name, value in values.items():
            for context, own in (({}, {name: value}), ({f"default_{name}": value}, {})):
                with self.subTest(name, context=context), self.assertRaises(UserError):
                    Mandate.with_context(**context).create({"partner_id": self.bo.id, **own})
        self.assertTrue(Mandate.create({"partner_id": self.bo.id, "state": "draft", "request": False}))

    def test_requested_mandate_is_fixed(self):
        self.mandate.action_request()
        values = {
            "partner_id": self.bo.id,
            "holder_id": self.bo.id,
            "account_type": "bankgiro",
            "company_id": self.setup_other_company()["company"].id,
            "payer_number": "4711",
            "account_number": "6000000123456789",
            "holder_number": "195807129878",
            "new_payer_number": "4711",
            "shown_payer_number": "4711",
            "shown_account": "6000 123 456 789",
            "shown_holder_number": "19580712-9878",
            "payment_ids": [],
        }
        for state in ("to_send", "sent", "active", "ended"):
            self.mandate.sudo().state = state
            for name, value in values.items():
                with (
                    self.subTest(name, state=state),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    self.mandate.write({name: value})
        self.mandate.write({"signed_date": "2026-04-19", "signed_document": b"YQ=="})
        self.mandate.activity_schedule("mail.mail_activity_data_todo", user_id=self.env.user.id)
        self.mandate.message_post(body="Signed at the desk", attachments=[("signed.pdf", b"%PDF")])
        self.mandate.message_subscribe(self.bo.ids)
        self.assertEqual(self.mandate.partner_id, self.anna)

    def test_mandate_without_customer_gets_one_once(self):
        self._read(register_extract(BANKGIRO, [("999", ACCOUNT, "197501019801", 1)]))
        mandate = self.env["brp.autogiro.mandate"].search([("partner_id", "=", False)])
        with Form(mandate.with_user(self.bookkeeper)) as form:
            form.partner_id = self.anna
        self.assertEqual((mandate.partner_id, mandate.holder_id), (self.anna, self.anna))
        form = Form(mandate.with_user(self.bookkeeper))
        with self.assertRaisesRegex(AssertionError, "readonly"):
            form.partner_id = self.bo
        with self.assertRaises(AccessError):
            mandate.with_user(self.bookkeeper).partner_id = self.bo

    def test_payer_numbers_are_masked(self):
        for number, masked in (
            ("199001019802", "19900101-****"),
            ("9001019802", "900101-****"),
            ("9001619809", "900161-****"),  # a co-ordination number
            ("501019806", "050101-****"),  # born in 2005: a payer number has no zero in front
            ("1019801", "000101-****"),  # born in 2000
            ("2612319893", "261231-****"),  # born in 1926, as that day in 2026 has not come
            ("9001019803", "******9803"),  # the check digit does not fit
            ("9013019802", "******9802"),  # no thirteenth month
            ("5560360793", "******0793"),
            ("123456789", "*****6789"),
            ("4711", "4711"),
            ("1234567890123456", "************3456"),
        ):
            with self.subTest(masked):
                self.mandate.payer_number = number
                self.assertEqual(self.mandate.with_user(self.seller).shown_payer_number, masked)
                self.assertEqual(self.mandate.shown_payer_number, number)
        self.mandate.payer_number = "199001019802"
        self.mandate.with_user(self.seller).account_type = "bankgiro"
        self.assertEqual(self.mandate.with_user(self.seller).shown_payer_number, "19900101-****")
        self.mandate.payer_number = "50501055"
        self.assertEqual(self.mandate.with_user(self.seller).shown_payer_number, "5050-1055")

    def test_sole_traders_number_is_masked(self):
        # Of a file from the bank: an organisation number that is a personal number.
        for number, masked, full in (
            ("009001019802", "900101-****", "900101-9802"),
            ("005560360793", "556036-0793", "556036-0793"),
        ):
            with self.subTest(masked):
                self.mandate.holder_number = number
                self.assertEqual(self.mandate.with_user(self.seller).shown_holder_number, masked)
                self.assertEqual(self.mandate.shown_holder_number, full)

    def test_payer_number_is_found_by_those_who_see_it(self):
        self.mandate.payer_number = "199001019802"
        for typed, operator, found in (
            ("199001019802", "=", True),
            ("19900101-9802", "ilike", True),
            ("9802", "ilike", True),
            ("9802", "=", False),
        ):
            domain = [("shown_payer_number", operator, typed)]
            with self.subTest(typed, operator=operator):
                self.assertEqual(bool(self.mandate.search(domain)), found)
                self.assertFalse(self.mandate.with_user(self.seller).search(domain))

    def test_buttons_of_others(self):
        portal = self._make_user("autogiro_portal", "base.group_portal")
        for user in (portal, self.stranger):
            mandate = self.mandate.with_user(user)
            for name in (
                "action_request",
                "action_accept",
                "action_reject",
                "action_cancel",
                "action_undo_request",
                "action_new_mandate",
                "action_view_payments",
                "action_send_file",
            ):
                with self.subTest(name, user=user.login), self.assertRaises(AccessError):
                    getattr(mandate, name)()
        reader = self._make_user("autogiro_reader", "account.group_account_readonly")
        with self.assertRaises(AccessError):
            self.mandate.with_user(reader).action_new_mandate()

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
