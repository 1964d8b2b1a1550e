from datetime import date

from lxml.html import fromstring

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TillExportCommon


@tagged("post_install", "-at_install")
class TestDay(TillExportCommon):
    """A till's day goes into the voucher of the day that it was closed on."""

    def open_on_wednesday(self, **values):
        self.enterContext(freeze_time("2026-04-15 06:00:00"))
        return self.open(**values)

    def test_cash_card_swish_tip_gift_card_and_refund(self):
        session = self.open_on_wednesday(cash=500)
        sale = self.sell_at_till(session, (self.products[25], 100))
        self.sell_at_till(session, (self.products[12], 200), (self.tip, 20), method="Kort")
        self.sell_at_till(session, (self.products[6], 50), (self.gift_card, 500), method="Swish")
        self.sell_at_till(session, (self.products[25], 40))
        self.sell_at_till(session, (self.products[25], 100), refunded=sale)
        self.assertEqual(session.cash_register_balance_end, 550)
        self.close_till(session)
        self.assertEqual(
            self.rows(self.close()),
            {
                "1910": 50,  # 125 + 50 - 125: what was put in the drawer since it was opened
                "1581": 244,  # 200 and 12 %, and the tip
                "1582": 553,  # 50 and 6 %, and the gift card
                "3001": -40,
                "2611": -10,
                "3002": -200,
                "2621": -24,
                "3003": -50,
                "2631": -3,
                "2820": -20,
                "2421": -500,
            },
        )

    def test_product_groups_are_told_apart(self):
        cafe = self.env["product.category"].create({"name": "Café"})
        lunch = self.env["product.product"].create(
            {
                "name": "Lunch",
                "categ_id": cafe.id,
                "taxes_id": [Command.set(self.taxes[12].ids)],
            }
        )
        self.connection._prepare_mapping()
        self.set_code(f"group:{cafe.id}:12", "3052")
        session = self.open_on_wednesday()
        self.sell_at_till(session, (lunch, 100), (self.products[12], 10), method="Kort")
        self.close_till(session)
        rows = self.rows(self.close())
        self.assertEqual((rows["3052"], rows["3002"]), (-100, -10))

    def test_a_drawer_that_does_not_agree(self):
        session = self.open_on_wednesday(cash=500)
        self.sell_at_till(session, (self.products[25], 100))
        self.close_till(session, counted=615)
        difference = self.connection.accounting_mapping_ids.filtered(
            lambda row: row.account_id == self.cash.loss_account_id
        )
        difference.code = "3740"
        # 625 is expected, and 615 is there.
        self.assertEqual(self.rows(self.close()), {"1910": 115, "3001": -100, "2611": -25, "3740": 10})

    def test_rounded_in_cash(self):
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "Whole kronor",
                "rounding": 1,
                "rounding_method": "HALF-UP",
                "strategy": "add_invoice_line",
                "profit_account_id": self.company_data["default_account_revenue"].id,
                "loss_account_id": self.company_data["default_account_expense"].id,
            }
        )
        self.till.write({"cash_rounding": True, "rounding_method": rounding.id})
        session = self.open_on_wednesday()
        self.sell_at_till(session, (self.products[25], 10.30))  # 12.88 with VAT, 13 in cash
        self.close_till(session)
        self.assertEqual(self.rows(self.close()), {"1910": 13, "3001": -10.30, "2611": -2.58, "3740": -0.12})

    def test_past_midnight(self):
        """What is closed at half past midnight is of the day that then begins, in Sweden."""
        session = self.open_on_wednesday()
        self.sell_at_till(session, (self.products[25], 100), method="Kort")
        self.close_till(session, at="2026-04-15 22:30:00")
        self.assertEqual(self.close().mapped("date")[0].isoformat(), "2026-04-16")

    def test_closed_after_its_day_was_exported(self):
        other = self.make_till("Café", "Kort", "Swish")
        first = self.open_on_wednesday()
        late = self.open(other)
        self.sell_at_till(first, (self.products[25], 100), method="Kort")
        self.sell_at_till(late, (self.products[12], 100), method="Kort")
        self.close_till(first, at="2026-04-15 15:00:00")
        vouchers = self.close(until=date(2026, 4, 15))
        self.assertEqual(self.rows(vouchers), {"1581": 125, "3001": -100, "2611": -25})
        self.close_till(late, at="2026-04-15 20:00:00")
        # It takes nothing back that has been exported: its vouchers come on top, on the same day.
        added = self.close()
        self.assertEqual(
            (set(added.mapped("correction")), set(added.mapped("date"))), ({False}, {date(2026, 4, 15)})
        )
        self.assertEqual(self.rows(added), {"1581": 112, "3002": -100, "2621": -12})
        self.assertFalse(self.close())

    def test_counted_the_next_day(self):
        """What a drawer of yesterday lacks is of the day on which it is counted, as its sales are."""
        session = self.open_on_wednesday(cash=500)
        session.try_cash_in_out(
            "out", 100, "Bank", False, {"translatedType": "out", "formattedAmount": "100"}
        )
        self.sell_at_till(session, (self.products[25], 100))
        self.close_till(session, counted=515, at="2026-04-16 06:00:00")
        self.assertEqual(session.z_number, 1)
        lines = session.statement_line_ids.mapped(lambda line: (line.date.day, line.amount))
        self.assertEqual(sorted(lines), [(15, -100), (16, -10), (16, 125)])

    def test_a_drawer_on_the_account_that_payments_go_through(self):
        self.company.account_default_pos_receivable_account_id = self.cash.default_account_id
        with self.assertRaisesRegex(UserError, "Reception: the drawer Kontant is on 1910"):
            self.open_on_wednesday()
        self.methods["Kontant"].receivable_account_id = self.chart("a1580")
        session = self.open_on_wednesday()
        self.sell_at_till(session, (self.products[25], 100))
        self.close_till(session)
        self.assertEqual(self.rows(self.close()), {"1910": 125, "3001": -100, "2611": -25})

    def test_the_number_of_the_z_report(self):
        self.company.company_registry = "559999-9801"
        numbers = []
        other = self.make_till("Café", "Kort")
        for till in (self.till, other, self.till):
            with freeze_time("2026-04-15 06:00:00"):
                session = self.open(till)
            self.assertFalse(session.z_number)
            sale = self.sell_at_till(session, (self.products[25], 100), method="Kort")
            if not numbers:
                self.sell_at_till(session, (self.products[25], 100), refunded=sale, method="Kort")
            self.close_till(session)
            numbers.append(session.z_number)
        self.assertEqual(numbers, [1, 1, 2])
        report = self.env["report.point_of_sale.report_saledetails"].with_context(lang="en_US")
        report = report.with_user(self.cashier)  # who closes the till prints it
        details = report.get_sale_details(session_ids=session.ids)
        html = self.env["ir.qweb"]._render(
            "point_of_sale.pos_session_sales_details",
            details | {"company": self.company, "env": self.env, "context_timestamp": lambda moment: moment},
        )
        page = fromstring(str(html))
        told = [
            " ".join(page.xpath(f"//div[contains(@class, '{part}')]")[0].text_content().split())
            for part in ("o_z_report", "o_z_totals")
        ]
        self.assertEqual(told[0], "Reception, Z no. 2")
        # 125 on the first day, given back, and 125 on the second; what the other till sold is told there.
        self.assertEqual(
            told[1].replace("\N{NO-BREAK SPACE}", " ").replace("\N{ZERO WIDTH NO-BREAK SPACE}", ""),
            "Grand Totals of the Till Sales 250.00 kr Refunds -125.00 kr Net 125.00 kr",
        )
        self.assertIn("559999-9801", page.text_content())

    def test_two_tills_on_a_day(self):
        other = self.make_till("Café", "Kort", "Swish")
        first = self.open_on_wednesday()
        second = self.open(other)
        self.sell_at_till(first, (self.products[25], 100), method="Kort")
        self.sell_at_till(second, (self.products[25], 10), method="Swish")
        self.close_till(first)
        self.close_till(second)
        rows = self.rows(self.close())
        self.assertEqual((rows["1581"], rows["1582"], rows["3001"]), (125, 12.5, -110))

    def test_a_voucher_for_each_till(self):
        other = self.make_till("Café", "Kort", "Swish")
        self.connection.accounting_apart_journal_ids = self.till.journal_id
        first = self.open_on_wednesday()
        second = self.open(other)
        self.sell_at_till(first, (self.products[25], 100), method="Kort")
        self.sell_at_till(second, (self.products[25], 10), method="Kort")
        self.close_till(first)
        self.close_till(second)
        vouchers = self.close()
        mine = vouchers.filtered(lambda voucher: voucher.move_id == first.move_id)
        theirs = vouchers.filtered(lambda voucher: voucher.move_id == second.move_id)
        self.assertEqual(self.rows(mine), {"1580": 125, "3001": -100, "2611": -25})
        self.assertEqual(self.rows(theirs), {"1580": 12.5, "3001": -10, "2611": -2.5})
        self.assertIn(first.name, mine.text)
        # What was paid by card is in the journal of cards, for both.
        self.assertEqual(self.rows(vouchers - mine - theirs), {"1581": 137.5, "1580": -137.5})
