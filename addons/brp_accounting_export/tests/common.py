from datetime import date

from odoo import Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.brp_connector.tests.common import CompanyCommon, find_connection

DAY = date(2026, 4, 15)  # a Wednesday


class AccountingExportCommon(CompanyCommon, AccountTestInvoicingCommon):
    """A Swedish company with products at 25, 12 and 6 %, a till's drawer, cards and Swish, on 20 April 2026.

    Prices are without VAT.
    """

    now = "2026-04-20 08:00:00"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls.env["product.category"].create({"name": "Gym"})
        cls.taxes = {rate: cls.chart(f"sale_tax_{rate}_goods") for rate in (25, 12, 6)}
        cls.products = {
            rate: cls.env["product.product"].create(
                {
                    "name": f"Thing at {rate} %",
                    "categ_id": cls.group.id,
                    "taxes_id": [Command.set(tax.ids)],
                }
            )
            for rate, tax in cls.taxes.items()
        }
        cls.customer = cls.env["res.partner"].create({"name": "Customer"})
        cls.cash = cls.make_journal("cash", "CSH2", "Kassa", "1910")
        cls.card = cls.make_journal("bank", "CARD", "Kort", "1581")
        cls.swish = cls.make_journal("bank", "SWSH", "Swish", "1582")
        cls.other_entries = cls.env["account.journal"].create(
            {"name": "Other Entries", "type": "general", "code": "OTHR"}
        )
        cls.connection = find_connection(cls.company, "sie")
        cls.connection.accounting_start_date = date(2026, 4, 1)
        cls.connection._prepare_mapping()
        cls.connection._activate()
        cls.bookkeeper = cls.make_user("export_bookkeeper", "account.group_account_manager")

    @classmethod
    def chart(cls, name):
        return cls.env["account.chart.template"].with_company(cls.company).ref(name)

    @classmethod
    def make_journal(cls, kind, code, name, account):
        """Make a journal whose payments are booked on an account of that number at once."""
        account = cls.env["account.account"].search(
            [("code", "=", account), ("company_ids", "=", cls.company.id)]
        ) or cls.env["account.account"].create(
            {"code": account, "name": name, "account_type": "asset_cash", "company_ids": [cls.company.id]}
        )
        journal = cls.env["account.journal"].create(
            {"name": name, "type": kind, "code": code, "default_account_id": account.id}
        )
        lines = journal.inbound_payment_method_line_ids | journal.outbound_payment_method_line_ids
        lines.payment_account_id = account
        return journal

    @classmethod
    def sell(cls, amounts, day=DAY, **values):
        """Post an invoice of {VAT rate: amount without VAT}."""
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.customer.id,
                "invoice_date": day,
                "date": day,
                "invoice_line_ids": [
                    Command.create({"product_id": cls.products[rate].id, "quantity": 1, "price_unit": amount})
                    for rate, amount in amounts.items()
                ],
                **values,
            }
        )
        move.action_post()
        return move

    @classmethod
    def pay(cls, move, journal, day=DAY):
        """Register the payment of an invoice."""
        wizard = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"payment_date": day, "journal_id": journal.id})
        )
        return wizard._create_payments()

    def change_price(self, move, price):
        """Have a posted invoice cost something else."""
        move.button_draft()
        move.invoice_line_ids.price_unit = price
        move.action_post()

    def close(self, until=date(2026, 4, 19)):
        """Close the days until a date; return the new vouchers."""
        return self.connection.sudo()._close_days(until)

    def rows(self, vouchers):
        """Return {account: sum} of the vouchers' rows, those of nothing left out."""
        sums = {}
        for line in vouchers.line_ids:
            sums[line.code] = round(sums.get(line.code, 0) + line.amount, 2)
        return {code: amount for code, amount in sums.items() if amount}

    def set_code(self, key, code):
        """Choose the account number of a key of the mapping."""
        mapping = self.connection.accounting_mapping_ids.filtered(lambda mapping: mapping.key == key)
        self.assertEqual(len(mapping), 1, key)
        mapping.code = code
        return mapping
