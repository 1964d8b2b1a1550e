from odoo.tests import TransactionCase, tagged
from odoo.tools.sql import column_exists


@tagged("post_install", "-at_install")
class TestUpgrade(TransactionCase):
    """What has become of the bills that ../../bills.sql left in the version before."""

    def test_bills_keep_their_numbers_and_whether_they_are_paid(self):
        bills = self.env["test.brp.upgrade"].search([], order="id")
        self.assertEqual(
            [(bill.reference, bill.state) for bill in bills], [("2026-001", "paid"), ("2026-002", "open")]
        )

    def test_nothing_of_the_version_before_is_left(self):
        for column in ("number", "is_paid"):
            self.assertFalse(column_exists(self.env.cr, "test_brp_upgrade", column), column)
        fields = self.env["ir.model.fields"].search([("model", "=", "test.brp.upgrade")])
        self.assertFalse({"number", "is_paid"} & set(fields.mapped("name")))
