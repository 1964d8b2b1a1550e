from odoo import Command
from odoo.tests import tagged

from odoo.addons.brp_accounting_export.tests.common import AccountingExportCommon

DAY = "2026-04-15"


@tagged("post_install", "-at_install")
class TestVouchers(AccountingExportCommon):
    """Payouts can be told from each other in the other accounting system."""

    def test_each_payout_has_its_voucher(self):
        fees = self.company_data["default_account_expense"]
        receivable = self.env["account.account"].create(
            {"code": "1583", "name": "Portal", "account_type": "asset_current", "reconcile": True}
        )
        channel = self.env["brp.payout.channel"].create(
            {
                "name": "Portal",
                "journal_id": self.other_entries.id,
                "receivable_account_id": receivable.id,
                "paid_account_id": self.card.default_account_id.id,
                "match_sales": False,
            }
        )
        payouts = self.env["brp.payout"].create(
            [
                {
                    "name": name,
                    "channel_id": channel.id,
                    "date": DAY,
                    "amount_paid": 90,
                    "line_ids": [
                        Command.create({"kind": "sale", "amount": 100}),
                        Command.create({"kind": "fee", "amount": -10, "account_id": fees.id}),
                    ],
                }
                for name in ("P-1", "P-2")
            ]
        )
        payouts.action_post()
        # Its settings name another journal only.
        self.connection.accounting_apart_journal_ids = self.company_data["default_journal_misc"]
        self.connection._prepare_mapping()
        for mapping in self.connection.accounting_mapping_ids.filtered(lambda mapping: not mapping.code):
            mapping.code = mapping.account_id.code
        vouchers = self.close()
        self.assertEqual(vouchers.move_id, payouts.move_id)
        self.assertEqual(vouchers.mapped("text"), [f"Payout P-1 {DAY}", f"Payout P-2 {DAY}"])
