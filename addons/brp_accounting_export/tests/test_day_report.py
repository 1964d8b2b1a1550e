import shutil
from datetime import timedelta
from decimal import Decimal

from lxml import html

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, AccountingExportCommon

REPORT = "brp_accounting_export.brp_accounting_day_report"


@tagged("post_install", "-at_install")
class TestDayReport(AccountingExportCommon):
    """The day report tells what the vouchers hold, to the öre, in a form that a person can read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tip = cls.make_event("Tip", "tip")
        cls.gift_card = cls.make_event("Gift Card", "gift_card")
        cls.spa = cls.env["product.category"].create({"name": "Spa"})
        cls.massage = cls.env["product.product"].create(
            {
                "name": "Massage",
                "categ_id": cls.spa.id,
                "taxes_id": [Command.set(cls.taxes[25].ids)],
            }
        )
        cls.connection._prepare_mapping()
        cls.company.company_registry = "5567037485"

    @classmethod
    def make_event(cls, name, event):
        return cls.env["product.product"].create(
            {"name": name, "accounting_event": event, "taxes_id": [Command.clear()]}
        )

    @classmethod
    def add(cls, move, product, amount):
        """Add a product to an invoice before it is posted anew."""
        move.button_draft()
        move.invoice_line_ids = [
            Command.create({"product_id": product.id, "quantity": 1, "price_unit": amount})
        ]
        move.action_post()

    def sell_a_day(self):
        """Sell at three rates, to be paid by card, in cash with a tip, and later; and a gift card.

        =========  =====  =====  =====  ======  ===========  ========================
        document   25 %   12 %    6 %    VAT    no VAT       paid
        =========  =====  =====  =====  ======  ===========  ========================
        by card    1 000    500    200     322  –            2 022 by card
        in cash      100      –      –      25  20 tip       145 in cash
        gift card      –      –      –       –  500          500 by card
        later       0.45      –      –    0.11  –            not yet
        =========  =====  =====  =====  ======  ===========  ========================
        """
        self.by_card = self.sell({25: 1000, 12: 500, 6: 200})
        in_cash = self.sell({25: 100})
        self.add(in_cash, self.tip, 20)
        gift_card = self.sell_event(self.gift_card, 500)
        self.later = self.sell({25: 0.45})
        self.pay(self.by_card, self.card)
        self.pay(in_cash, self.cash)
        self.pay(gift_card, self.card)

    def sell_event(self, product, amount):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": DAY,
                "date": DAY,
                "invoice_line_ids": [
                    Command.create({"product_id": product.id, "quantity": 1, "price_unit": amount})
                ],
            }
        )
        move.action_post()
        return move

    def get_day(self):
        return self.env["brp.accounting.day"].search(
            [("connection_id", "=", self.connection.id), ("date", "=", DAY)]
        )

    def get_report(self, day=None):
        day = day or self.get_day()
        values = self.env["report.brp_accounting_export.day_report"]._get_report_values(day.ids)
        return values["reports"][day.id]

    def get_page(self, day=None, user=None):
        """Return the report as HTML, without a line in the log that warns."""
        reports = self.env["ir.actions.report"].with_user(user or self.env.user)
        with self.assertNoLogs(level="WARNING"):
            page, _kind = reports._render_qweb_html(REPORT, (day or self.get_day()).ids)
        return html.fromstring(page)

    def get_table(self, page, name):
        """Return the texts of a table's rows."""
        return [
            [" ".join(cell.text_content().split()) for cell in row]
            for row in page.xpath(f"//table[@name='{name}']/tbody/tr")
        ]

    def assert_equals_vouchers(self, report):
        """Check that the report's rows are the vouchers', and that its sections hold all of them."""
        vouchers = self.get_day().voucher_ids.filtered(lambda voucher: voucher.state != "withdrawn")
        rows = [row for part in report["vouchers"] for row in part["rows"]]
        self.assertEqual(
            sorted((row["code"], row["text"], float(row["amount"])) for row in rows),
            sorted((line.code, line.text, line.amount) for line in vouchers.line_ids if line.amount),
        )
        for part in report["vouchers"]:
            self.assertEqual(part["debit"], part["credit"])
            self.assertEqual(float(part["debit"]), part["voucher"].amount)
        for sums in report["summary"]:
            self.assertEqual(sums["control"], Decimal())

    # === FIGURES === #

    def test_a_day(self):
        self.sell_a_day()
        self.close()
        report = self.get_report()
        self.assertEqual(
            [(row["text"], row["code"], row["rate"], row["amount"], row["vat"]) for row in report["sales"]],
            [
                ("Gym, 12 %", "3002", "12", Decimal("500.00"), Decimal("60.00")),
                ("Gym, 25 %", "3001", "25", Decimal("1100.45"), Decimal("275.11")),
                ("Gym, 6 %", "3003", "6", Decimal("200.00"), Decimal("12.00")),
            ],
        )
        self.assertEqual(
            report["sales_total"],
            {
                "net": Decimal("1800.45"),
                "vat": Decimal("347.11"),
                "rest": Decimal(),
                "gross": Decimal("2147.56"),
            },
        )
        self.assertEqual(
            report["rates"],
            [
                {"rate": "25", "net": Decimal("1100.45"), "vat": Decimal("275.11")},
                {"rate": "12", "net": Decimal("500.00"), "vat": Decimal("60.00")},
                {"rate": "6", "net": Decimal("200.00"), "vat": Decimal("12.00")},
            ],
        )
        self.assertEqual(
            {row["code"]: row["amount"] for row in report["payments"]},
            {"1910": Decimal("145.00"), "1581": Decimal("2522.00")},
        )
        self.assertEqual(
            {row["text"]: (row["code"], row["amount"]) for row in report["events"]},
            {"Tips": ("2820", Decimal("20.00")), "Gift cards": ("2421", Decimal("500.00"))},
        )
        # 2 022 + 145 + 500 + 0.56 invoiced, all but 0.56 paid.
        [receivable] = report["receivables"]
        self.assertEqual(
            (receivable["code"], receivable["plus"], receivable["minus"], receivable["amount"]),
            ("1510", Decimal("2667.56"), Decimal("2667.00"), Decimal("0.56")),
        )
        sums = report["summary"][0]
        self.assertEqual(sums["earned"], Decimal("2667.56"))
        self.assertEqual(sums["covered"], Decimal("2667.56"))
        self.assert_equals_vouchers(report)

    def test_a_refund_shows_beside_the_sales(self):
        sold = self.sell({25: 100})
        refunded = self.sell({25: 40}, move_type="out_refund")
        self.pay(sold, self.cash)
        self.pay(refunded, self.cash)
        self.close()
        report = self.get_report()
        [cash] = report["payments"]
        self.assertEqual(
            (cash["plus"], cash["minus"], cash["amount"]), (Decimal(125), Decimal(50), Decimal(75))
        )
        [sales] = report["sales"]
        self.assertEqual((sales["amount"], sales["vat"]), (Decimal(60), Decimal(15)))
        self.assert_equals_vouchers(report)

    def test_vat_is_told_only_where_the_documents_tell_it(self):
        """Two groups at one rate on one document share a tax item; whose VAT it is nobody knows."""
        mixed = self.sell({25: 100, 12: 100})
        self.add(mixed, self.massage, 300)
        self.close()
        report = self.get_report()
        self.assertEqual(
            {row["text"]: row["vat"] for row in report["sales"]},
            {"Gym, 25 %": None, "Spa, 25 %": None, "Gym, 12 %": Decimal(12)},
        )
        # 25 % of 400 is told by no group alone; the sums are exact all the same.
        self.assertEqual(report["sales_total"]["rest"], Decimal(100))
        self.assertEqual(report["sales_total"]["gross"], Decimal(612))
        table = self.get_table(self.get_page(), "sales")
        self.assertEqual(table[1], ["Gym", "3001", "25 %", "100.00", "–", "–"])
        self.assertEqual(table[-1], ["Total", "500.00", "112.00", "612.00"])

    def test_groups_on_documents_of_their_own_tell_their_vat(self):
        self.sell({25: 100})
        self.sell_event(self.massage, 300)
        self.close()
        self.assertEqual(
            {row["text"]: row["vat"] for row in self.get_report()["sales"]},
            {"Gym, 25 %": Decimal(25), "Spa, 25 %": Decimal(75)},
        )

    def test_vat_of_a_gift_card_is_no_product_groups(self):
        """A gift card for one known rate is sold with VAT: a group on the same invoice does not get it."""
        self.gift_card.taxes_id = self.taxes[25]
        move = self.sell({25: 100})
        self.add(move, self.gift_card, 400)
        self.close()
        report = self.get_report()
        self.assertEqual([row["vat"] for row in report["sales"]], [None])
        self.assertEqual(report["sales_total"]["rest"], Decimal(125))
        self.assert_equals_vouchers(report)

    def test_what_is_changed_later_does_not_change_the_report(self):
        self.sell_a_day()
        self.close()
        before = self.get_report()
        self.later.button_draft()
        self.later.invoice_line_ids.price_unit = 1000
        self.later.action_post()
        self.group.name = "Renamed"
        after = self.get_report()
        for part in ("summary", "sales", "rates", "payments", "events", "receivables"):
            self.assertEqual(before[part], after[part], part)

    def test_a_correction_stands_apart(self):
        self.sell_a_day()
        self.close()
        before = self.get_report()
        self.later.button_draft()
        self.later.invoice_line_ids.price_unit = 1000
        self.later.action_post()
        self.close()
        report = self.get_report()
        for part in ("sales", "rates", "payments", "events", "receivables"):
            self.assertEqual(before[part], report[part], part)
        [correction] = report["corrections"]
        sale = (
            self.get_day().voucher_ids.filtered(lambda voucher: voucher.kind == "sale")
            - correction["voucher"]
        )
        self.assertEqual(correction["corrects"], sale)
        self.assertEqual(correction["documents"], [self.later.name])
        # 0.45 + 0.11 became 1 000 + 250.
        usual, corrected, together = report["summary"]
        self.assertEqual(usual, before["summary"][0])
        self.assertEqual(corrected["sales"], Decimal("999.55"))
        self.assertEqual(corrected["vat"], Decimal("249.89"))
        self.assertEqual(corrected["receivables"], Decimal("1249.44"))
        self.assertEqual(together["sales"], Decimal("2800.00"))
        self.assert_equals_vouchers(report)
        page = self.get_page()
        self.assertEqual(
            self.get_table(page, "summary")[-1], ["Control sum (the difference)", "0.00", "0.00", "0.00"]
        )
        self.assertIn(self.later.name, self.get_table(page, "corrections")[0][-1])

    def test_withdrawn_vouchers_count_no_more(self):
        self.sell({25: 100})
        first = self.close()
        first._withdraw()
        self.connection.accounting_checked_at = False
        self.close()
        report = self.get_report()
        self.assertEqual(report["withdrawn"], first)
        self.assertEqual(report["summary"][0]["sales"], Decimal(100))
        self.assert_equals_vouchers(report)
        self.assertTrue(self.get_page().xpath("//div[@name='withdrawn']"))

    def test_a_voucher_made_later_says_so(self):
        self.sell({25: 100})
        self.close()
        day = self.get_day().sudo()
        day.closed_on = day.voucher_ids.create_date
        self.assertFalse(self.get_report()["vouchers"][0]["late"])
        day.closed_on -= timedelta(hours=1)
        self.assertTrue(self.get_report()["vouchers"][0]["late"])
        self.assertIn("after the day was closed", self.get_page().text_content())

    def test_cost_centres_and_projects_have_columns_when_used(self):
        plan = self.env["account.analytic.plan"].create({"name": "Plan"})
        account = self.env["account.analytic.account"].create({"name": "Hall", "plan_id": plan.id})
        self.connection.accounting_dimension_ids = [
            Command.create({"analytic_account_id": account.id, "kind": "cost_centre", "code": "HALL"})
        ]
        move = self.sell({25: 100})
        move.button_draft()
        move.invoice_line_ids.analytic_distribution = {str(account.id): 60}
        move.action_post()
        self.close()
        report = self.get_report()
        self.assertTrue(report["with_cost_centre"])
        self.assertFalse(report["with_project"])
        self.assertEqual([row["amount"] for row in report["sales"]], [Decimal(100)])
        [part] = report["vouchers"]
        self.assertEqual(
            {row["cost_centre"]: row["amount"] for row in part["rows"] if row["code"] == "3001"},
            {"HALL": Decimal(-60), "": Decimal(-40)},
        )
        self.assertIn("Cost centre", self.get_page().text_content())

    # === THE PAGE === #

    def test_page(self):
        self.sell_a_day()
        vouchers = self.close()
        for number, voucher in enumerate(vouchers, 7):
            voucher.sudo()._note_exported(str(number))
        page = self.get_page()
        text = " ".join(page.xpath("//div[@name='facts']")[0].text_content().split())
        self.assertIn("556703-7485", text)
        self.assertIn(f"K7–K{6 + len(vouchers)}", text)
        self.assertEqual(
            self.get_table(page, "sales"),
            [
                ["Gym", "3002", "12 %", "500.00", "60.00", "560.00"],
                ["Gym", "3001", "25 %", "1,100.45", "275.11", "1,375.56"],
                ["Gym", "3003", "6 %", "200.00", "12.00", "212.00"],
                ["Total", "1,800.45", "347.11", "2,147.56"],
            ],
        )
        self.assertEqual(self.get_table(page, "summary")[-1], ["Control sum (the difference)", "0.00"])
        self.assertEqual(len(page.xpath("//div[@name='vouchers']//table")), len(vouchers))

    def test_many_rows_get_a_heading_on_every_page(self):
        groups = self.env["product.category"].create([{"name": f"Group {number:02}"} for number in range(30)])
        products = self.env["product.product"].create(
            [
                {"name": group.name, "categ_id": group.id, "taxes_id": [Command.set(self.taxes[25].ids)]}
                for group in groups
            ]
        )
        self.connection._prepare_mapping()
        lines = [
            Command.create({"product_id": product.id, "quantity": 1, "price_unit": 1}) for product in products
        ]
        self.sell({}, invoice_line_ids=lines)
        self.close()
        report = self.get_report()
        self.assertEqual([len(part) for part in report["sales_parts"]], [12, 18])
        # 30 groups, the receivable and the VAT.
        self.assertEqual([len(part) for part in report["vouchers"][0]["parts"]], [28, 4])
        page = self.get_page()
        self.assertEqual(len(page.xpath("//table[@name='sales']/thead")), 2)
        self.assertEqual(self.get_table(page, "sales")[-1], ["Total", "30.00", "7.50", "37.50"])
        self.assertEqual(len(page.xpath("//table[@name='sales']//tr[@name='total']")), 1)
        self.assertEqual(len(page.xpath("//div[@name='vouchers']//thead")), 2)
        self.assertEqual(len(page.xpath("//div[@name='vouchers']//tr[@class='o_sum']")), 1)

    def test_several_days_at_once(self):
        self.sell({25: 100})
        self.sell({12: 100}, DAY + timedelta(days=1))
        self.close()
        days = self.connection.accounting_day_ids
        page = self.get_page(days)
        self.assertEqual(len(page.xpath("//table[@name='summary']")), 2)
        self.assertEqual(
            [row[:3] for row in self.get_table(page, "sales") if row[0] == "Gym"],
            [["Gym", "3002", "12 %"], ["Gym", "3001", "25 %"]],
        )

    def test_day_without_vouchers(self):
        day = (
            self.env["brp.accounting.day"]
            .sudo()
            .create({"connection_id": self.connection.id, "date": DAY, "state": "closed", "number": 1})
        )
        report = self.get_report(day)
        self.assertEqual(report["summary"][0]["control"], Decimal())
        self.assertFalse(report["vouchers"])
        self.assertIn("No voucher has been made of this day", self.get_page(day).text_content())

    def test_day_that_is_not_closed_has_no_report(self):
        day = (
            self.env["brp.accounting.day"]
            .sudo()
            .create({"connection_id": self.connection.id, "date": DAY, "state": "held", "problem": "Missing"})
        )
        with self.assertRaisesRegex(UserError, "2026-04-15 is not closed yet"):
            self.get_report(day)

    def test_numbers_in_short(self):
        for amount in (1, 2, 3, 4):
            self.sell({25: amount})
            self.close()
        vouchers = self.get_day().voucher_ids.sorted("id").sudo()
        for voucher, number in zip(vouchers, ("9", "10", "12", False), strict=True):
            voucher.number = number
        report = self.get_report()
        self.assertEqual(report["numbers"], "K9–K10, K12")
        self.assertEqual(report["unnumbered"], 1)

    def test_file(self):
        self.sell({25: 100})
        self.close()
        name, data = self.get_day()._render_report()
        self.assertEqual(name, "Day report 2026-04-15 no. 1.pdf")
        self.assertTrue(data)

    def test_pdf(self):
        if not shutil.which("wkhtmltopdf"):
            self.skipTest("wkhtmltopdf is not installed")
        # wkhtmltopdf fetches the style sheets; nobody answers there, while the test's own server would wait.
        self.env["ir.config_parameter"].sudo().set_param("report.url", "http://127.0.0.1:1")
        self.sell_a_day()
        self.close()
        _name, pdf = self.get_day().with_context(force_report_rendering=True)._render_report()
        self.assertEqual(pdf[:5], b"%PDF-")

    def test_queries_do_not_grow_with_the_rows(self):
        self.sell({25: 1})
        self.close()
        self.env.invalidate_all()
        with self.assertQueryCount(30):
            before = self.env.cr.sql_log_count
            self.get_report()
            few = self.env.cr.sql_log_count - before
        for amount in range(2, 8):
            self.sell_event(self.massage, amount)
            self.close()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.get_report()
        self.assertLessEqual(self.env.cr.sql_log_count - before, few + 2)

    # === WHOSE IT IS === #

    def test_bookkeeper_who_may_not_see_connections_gets_the_report(self):
        self.sell_a_day()
        self.close()
        clerk = self.make_user("export_clerk", "account.group_account_invoice")
        self.assertIn("Gym", self.get_page(user=clerk).text_content())

    def test_other_companies_are_refused(self):
        self.sell({25: 100})
        self.close()
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.make_user("export_stranger", "account.group_account_manager", other)
        with self.assertRaises(AccessError):
            self.get_page(user=stranger)
        with self.assertRaises(AccessError):
            self.get_day().with_user(stranger)._render_report()
