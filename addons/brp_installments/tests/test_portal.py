import re

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import InstallmentCommon


@tagged("post_install", "-at_install")
class TestPortal(InstallmentCommon, HttpCase):
    """The customer sees the purchase and its installments, and can pay the next one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.main = cls._sell(cls.year_card)
        cls.parts = cls.main.installment_ids.sorted("installment_number")
        cls.portal_user = new_test_user(
            cls.env,
            "astrid",
            "base.group_portal",
            partner_id=cls.customer.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.customer.write({"name": "Astrid Berg", "email": "astrid@example.com"})

    def _get(self, url):
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200, url)
        return re.sub(r"\s+", " ", response.text)

    def test_purchases_with_what_is_left(self):
        self._pay(self.parts[0], 1000)
        self.authenticate("astrid", "astrid")
        page = self._get("/my/installments")
        self.assertIn(self.main.name, page)
        self.assertIn("11,000.00", page)
        self.assertIn("02/27/2026", page)  # the next one falls due
        self.assertIn(f"/my/invoices/{self.parts[1].id}", page)

    def test_page_of_the_main_invoice_lists_the_installments(self):
        self.authenticate("astrid", "astrid")
        page = self._get(self.main.get_portal_url())
        for part in self.parts:
            self.assertIn(f"/my/invoices/{part.id}", page)
        self.assertIn("Left to Pay", page)

    def test_page_of_an_installment_leads_back(self):
        self.authenticate("astrid", "astrid")
        page = self._get(self.parts[2].get_portal_url())
        self.assertIn("3 of 12", page)
        self.assertIn(f"/my/invoices/{self.main.id}", page)

    def test_only_what_is_left_can_be_paid_online(self):
        self._pay(self.parts[0], 1000)
        self.assertFalse(self.main._has_to_be_paid())  # it is settled by its installments
        self.assertFalse(self.parts[0]._has_to_be_paid())
        self.assertTrue(self.parts[1]._has_to_be_paid())
        self.authenticate("astrid", "astrid")
        self.assertIn("Pay Next", self._get("/my/installments"))

    def test_with_the_link_of_the_mail_alone(self):
        self.authenticate(None, None)
        page = self._get(self.main.get_portal_url())
        self.assertIn("Installments", page)

    def test_another_customer_sees_nothing(self):
        other = new_test_user(self.env, "other", "base.group_portal")
        self.authenticate("other", "other")
        page = self._get("/my/installments")
        self.assertIn("You have no purchases in installments", page)
        self.assertNotIn(self.main.name, page)
        response = self.url_open(f"/my/invoices/{self.main.id}", allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertFalse(self.env["account.move"].with_user(other).search([("id", "in", self.parts.ids)]))
