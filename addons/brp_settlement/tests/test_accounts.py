from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestAccounts(SettlementCommon):
    """The accounts that a service is booked on, found or made when it is connected."""

    def find(self, number, company=None, **values):
        company = company or self.company
        connection = self.env["brp.connection"].sudo().new({"name": "Service", "company_id": company.id})
        return connection._find_or_make_account(number, "Service", "asset_current", **values)

    def test_found(self):
        self.assertEqual(self.find("1582", reconcile=True), self.receivable)

    def test_made(self):
        account = self.find("1586", reconcile=True)
        self.assertRecordValues(
            account, [{"code": "1586", "name": "Service", "account_type": "asset_current", "reconcile": True}]
        )
        self.assertEqual(self.find("1586", reconcile=True), account)

    def test_taken_by_what_is_not_matched(self):
        """A number that is used for something else is left alone."""
        self.account("1586", "asset_current", reconcile=False)
        self.assertEqual(self.find("1586", reconcile=True).code, "1587")

    def test_own(self):
        """Two services do not share what they owe, and the next free number may be in the next group."""
        for number in ("1588", "1589"):
            self.account(number, "asset_current", reconcile=True)
        self.env["account.account"].search([("code", "=like", "159%")]).unlink()
        self.assertEqual(self.find("1588", reconcile=True, own=True).code, "1590")
        self.assertEqual(self.find("1588", reconcile=True, own=True).code, "1591")

    def test_branch(self):
        """A branch finds the accounts of the whole company, and those it makes are the whole company's."""
        branch = self.env["res.company"].create({"name": "Filialen", "parent_id": self.company.id})
        self.assertEqual(self.find("1582", branch, reconcile=True), self.receivable)
        account = self.find("1586", branch, reconcile=True)
        self.assertEqual(account.company_ids, self.company)
        self.assertEqual(self.find("1586", reconcile=True), account)

    def test_without_chart(self):
        bare = self.env["res.company"].create({"name": "Utan kontoplan"})
        connection = self.env["brp.connection"].sudo().new({"name": "Service", "company_id": bare.id})
        with self.assertRaisesRegex(UserError, "Utan kontoplan has no chart of accounts"):
            connection._check_chart_of_accounts()
