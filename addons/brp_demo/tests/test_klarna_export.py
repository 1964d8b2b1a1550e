from datetime import date

from odoo.tests import tagged

from odoo.addons.brp_accounting_export.tests import bjorn_lunden
from odoo.addons.brp_klarna.tests.common import KlarnaCommon

KEY = "6f3c1a52-8f0e-4c57-9d64-5b1d0e9a7c21"


@tagged("post_install", "-at_install")
class TestKlarnaExport(KlarnaCommon):
    """What Klarna's payout is booked as goes to Björn Lundén by itself, with its documents."""

    def setUp(self):
        super().setUp()
        self.books = bjorn_lunden.start(today="2026-11-30")
        self.addCleanup(self.books.stop)
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("brp_accounting_export.bjorn_lunden_client_id", "brp-sandbox")
        parameters.set_param("brp_accounting_export.bjorn_lunden_client_secret", "brp-sandbox-secret")
        parameters.set_param("brp_accounting_export.bjorn_lunden_host", self.books.url)
        # The day report is another matter, and takes its time.
        self.patch(self.registry["brp.accounting.voucher"], "_carries_report", lambda voucher: False)
        self.export = self.env["brp.connection"].search(
            [("provider", "=", "bjorn_lunden"), ("company_id", "=", self.company.id)]
        )
        self.export.sudo().write({"bjorn_lunden_key": KEY, "accounting_start_date": date(2026, 10, 1)})

    def send(self):
        with self.as_jobs() as env:
            env["brp.exchange"]._cron_send()

    def test_vouchers_and_documents_arrive(self):
        self.activate()
        self.run_jobs()
        export = self.export.sudo()
        export._prepare_mapping()
        # In the books of the other side Klarna has a number of its own, and payouts go to the bank.
        for account, code in ((self.receivable, "1580"), (self.channel.paid_account_id, "1930")):
            mapping = export.accounting_mapping_ids.filtered(
                lambda row, account=account: row.account_id == account
            )
            mapping.code = code
        for mapping in export.accounting_mapping_ids.filtered(lambda row: not row.code):
            mapping.code = mapping.account_id.code or "3001"
        export._activate()
        export._close_days(date(2026, 11, 29))
        self.send()
        self.send()
        rows, documents = self.read_books()
        # VAT and its accounts are those that Björn Lundén itself proposes.
        self.assertEqual(
            rows,
            {
                "2026-10-25": {
                    "1580": 1615,
                    "3001": -1160,
                    "2610": -290,
                    "3002": -100,
                    "2620": -12,
                    "3003": -50,
                    "2630": -3,
                },
                "2026-10-27": {"1580": 600, "2421": -500, "3001": -80, "2610": -20},
                "2026-10-30": {"1580": -249, "3001": 199.2, "2610": 49.8},
                "2026-11-04": {"1930": 1770.06, "6064": 76.73, "2641": 19.21, "1689": 100, "1580": -1966},
            },
        )
        # Each says what it is, on its rows as well.
        texts = {
            voucher["journalEntryDate"]: (
                voucher["journalEntryText"].rpartition(" ")[0],
                sorted({row["text"] for row in voucher["ledgerEntries"]}),
            )
            for voucher in self.books.vouchers(KEY)
        }
        self.assertRegex(texts["2026-10-25"][0], r"^Klarna, \w+ 2611040001$")
        self.assertRegex(texts["2026-11-04"][0], r"^\w+ 2611040001 2026-11-04$")
        for move in self.env["account.move"].search([("journal_id", "=", self.channel.journal_id.id)]):
            self.assertEqual(texts[str(move.date)][1], sorted(set(move.line_ids.mapped("name"))))
        # One document each: the orders of the day, and Klarna's own report of the payout.
        self.assertEqual({day: len(names) for day, names in documents.items()}, dict.fromkeys(rows, 1))
        for name in (name for names in documents.values() for name in names):
            self.assertRegex(name, "^Klarna.*2611040001.*pdf$")

    def read_books(self):
        """Return ({date: {account: kronor}}, {date: names of documents}) of what Björn Lundén has."""
        rows, documents = {}, {}
        company = self.books.company(KEY)
        for voucher in self.books.vouchers(KEY):
            day = voucher["journalEntryDate"]
            for row in voucher["ledgerEntries"]:
                of_day = rows.setdefault(day, {})
                of_day[row["accountId"]] = round(of_day.get(row["accountId"], 0) + float(row["amount"]), 2)
            documents.setdefault(day, []).extend(
                company.documents[str(number)]["name"] for number in voucher["documentIds"]
            )
        return rows, documents

    def test_orders_of_days_before_the_start_are_told_of(self):
        """The bookkeeper begins with November; the payout of the fourth has orders of October."""
        export = self.export.sudo()
        export.accounting_start_date = date(2026, 11, 1)
        export._prepare_mapping()
        export._activate()
        self.activate()
        self.run_jobs()
        export._close_days(date(2026, 11, 3))
        # 1 615 + 600 kronor sold, 249 returned.
        self.assertRegex(export.problem, r"\b3 \w+ \w+ 2026-10-25 \w+ 2026-10-30,.* 2\D464\D00\D")


del KlarnaCommon  # its tests are its own addon's
