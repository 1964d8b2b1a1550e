from datetime import date

from odoo import Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.brp_connector.tests.common import CompanyCommon

PAID = date(2026, 11, 4)


def sums_of(moves):
    """Return {account number: balance} of entries, without what comes to nothing."""
    sums = {}
    for item in moves.line_ids:
        code = item.account_id.code
        sums[code] = round(sums.get(code, 0) + item.balance, 2)
    return {code: amount for code, amount in sums.items() if amount}


class SettlementCommon(CompanyCommon, AccountTestInvoicingCommon):
    """A Swedish company that somebody collects for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receivable = cls.account("1582", "asset_current", reconcile=True)
        cls.bank = cls.account("1930", "asset_cash")
        cls.fees = cls.account("6064", "expense")
        cls.input_vat = cls.account("2640", "liability_current")
        cls.held = cls.account("1689", "asset_current")
        cls.rounding = cls.account("3740", "income")
        cls.sales = cls.account("3001", "income")
        cls.channel = cls.env["brp.payout.channel"].create(
            {
                "name": "Marketplace",
                "receivable_account_id": cls.receivable.id,
                "paid_account_id": cls.bank.id,
                "rounding_account_id": cls.rounding.id,
                "match_sales": False,
            }
        )
        cls.customer = cls.env["res.partner"].create({"name": "Customer"})
        cls.bookkeeper = cls.make_user("payout_bookkeeper", "account.group_account_manager")

    @classmethod
    def account(cls, code, kind, **values):
        """Return the company's account of a number; it is made, or made as it has to be."""
        found = cls.env["account.account"].search(
            [("code", "=", code), ("company_ids", "=", cls.company.id)], limit=1
        )
        if found:
            found.write({"account_type": kind, **values})
            return found
        return cls.env["account.account"].create(
            {
                "code": code,
                "name": code,
                "account_type": kind,
                "company_ids": [Command.set(cls.company.ids)],
                **values,
            }
        )

    @classmethod
    def make_payout(cls, paid, rows, name="P1", **values):
        """Make a payout of [(kind, amount)] or [(kind, amount, values)]."""
        return cls.env["brp.payout"].create(
            {
                "name": name,
                "channel_id": values.pop("channel_id", cls.channel.id),
                "date": PAID,
                "amount_paid": paid,
                "line_ids": [
                    Command.create({"kind": kind, "amount": amount, **(more[0] if more else {})})
                    for kind, amount, *more in rows
                ],
                **values,
            }
        )

    @classmethod
    def sell(cls, amount, day=PAID):
        """Book a sale that the channel has collected; return its open item on the receivable."""
        move = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "line_ids": [
                    Command.create({"account_id": cls.receivable.id, "balance": amount}),
                    Command.create({"account_id": cls.sales.id, "balance": -amount}),
                ],
            }
        )
        move.action_post()
        return move.line_ids.filtered(lambda item: item.account_id == cls.receivable)

    def run_job(self):
        """Have the scheduled action post what adds up."""
        with self.enter_registry_test_mode():
            self.env.ref("brp_settlement.ir_cron_post").method_direct_trigger()
        self.env.invalidate_all()

    def rows(self, moves):
        return sums_of(moves)
