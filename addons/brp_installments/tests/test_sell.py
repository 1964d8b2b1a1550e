from odoo.tests import tagged

from .common import InstallmentCommon


@tagged("post_install", "-at_install")
class TestSell(InstallmentCommon):
    """Selling in installments: documents, dates, amounts and the ledger."""

    def test_year_card_in_twelve_parts(self):
        main = self._sell(self.year_card)

        # 9 600.00 + 25 % = 12 000.00, of which VAT 2 400.00, all of it on the main invoice
        self.assertEqual(main.amount_total, 12000)
        self.assertEqual(main.amount_tax, 2400)
        self.assertEqual(main.payment_state, "paid")
        parts = main.installment_ids.sorted("installment_number")
        self.assertEqual(parts.mapped("amount_total"), [1000] * 12)
        self.assertEqual(parts.mapped("amount_tax"), [0] * 12)
        self.assertEqual(parts[0].installment_label, "1 of 12")
        self.assertEqual(
            [str(due) for due in parts.mapped("invoice_date_due")],
            [f"2026-{month:02}-27" for month in range(1, 13)],
        )
        self.assertEqual(len(set(parts.mapped("name"))), 12)
        self.assertEqual(len(set(parts.mapped("payment_reference"))), 12)
        self.assertEqual(self._balance(self.receivable), 12000)
        self.assertEqual(self._balance(self.account_1530), 0)
        self.assertTrue(
            all(
                main.installment_ids._get_installment_account_lines().mapped("reconciled")
            )
        )
