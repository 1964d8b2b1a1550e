from datetime import date

from lxml import html

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import KlarnaCommon

# 1582 and 1938 are numbers that the chart of accounts had free.
WORKED_EXAMPLE = {
    # Orders A (a quarter past midnight) and B
    date(2026, 10, 25): {
        "1582": 1615,
        "3001": -1160,
        "2611": -290,
        "3002": -100,
        "2621": -12,
        "3003": -50,
        "2631": -3,
    },
    # Order C, with a gift card of 500
    date(2026, 10, 27): {"1582": 600, "2421": -500, "3001": -80, "2611": -20},
    # Two parts of A came back
    date(2026, 10, 30): {"1582": -249, "3001": 199.2, "2611": 49.8},
    date(2026, 11, 4): {"1938": 1770.06, "6064": 76.73, "2640": 19.21, "1689": 100, "1582": -1966},
}


@tagged("post_install", "-at_install")
class TestFull(KlarnaCommon):
    """Klarna is the only source: its sales are booked on their days, and its payout."""

    def test_worked_example(self):
        self.activate()
        self.run_jobs()
        self.check_worked_example()
        self.run_jobs()
        self.check_worked_example()

    def check_worked_example(self):
        payout = self.payout()
        self.assertEqual((payout.state, payout.problem), ("posted", ""))
        self.assertEqual(self.vouchers(payout), WORKED_EXAMPLE)
        # 12 rows of Klarna's, and the VAT of the fees.
        self.assertEqual(len(payout.line_ids), 13)
        self.assertEqual(sum(payout.line_ids.mapped("klarna_vat")), -19.21)
        self.assert_receivable_is_zero()

    def assert_receivable_is_zero(self):
        balance, open_items = self.open_on_receivable()
        self.assertEqual(balance, 0)
        self.assertFalse(open_items)

    def test_fetched_again_before_it_is_booked(self):
        self.activate()
        self.channel.auto_post = False
        self.run_jobs()
        payout = self.payout()
        self.assertEqual((payout.state, len(payout.line_ids)), ("ready", 13))
        keys = set(payout.line_ids.mapped("key"))
        payout.action_klarna_fetch()
        self.run_jobs()
        self.assertEqual(set(payout.line_ids.mapped("key")), keys)
        payout.action_post()
        self.check_worked_example()

    def test_documents(self):
        self.activate()
        self.run_jobs()
        payout = self.payout()
        # On the last of them two parts of an order were returned, and nothing was sold.
        days = payout.klarna_day_ids.sorted("date")
        self.assertEqual(days.mapped("order_count"), [2, 1, 0])
        first = days[0]
        self.assertEqual(first.move_id.with_user(self.bookkeeper).payout_count, 1)
        self.assertEqual(first.move_id.with_user(self.bookkeeper).action_view_payouts()["res_id"], payout.id)
        self.assertEqual(first.document_id.res_id, first.move_id.id)
        page, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "brp_klarna.brp_klarna_day_report", first.ids
        )
        text = html.fromstring(page).text_content()
        for told in ("WEB-2041", "00:15", "1,000.00", "WEB-2042", "2621", first.move_id.name):
            self.assertIn(told, text)
        # Order B has three rates: 160.00, 100.00 and 50.00, and 55.00 of VAT.
        for told in ("310.00", "55.00", "365.00"):
            self.assertIn(told, text)
        self.assertIn("11/30/2026", text, "the day on which it was made")
        reports = self.env["ir.attachment"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", payout.move_id.id)]
        )
        self.assertEqual(reports.mapped("name"), ["Klarna 2611040001.pdf"])

    def test_vat_return(self):
        self.activate()
        self.run_jobs()
        items = self.payout()._get_moves().line_ids
        taxes = items.filtered("tax_line_id")
        sums = {}
        for item in taxes:
            key = (item.tax_line_id.type_tax_use, item.tax_line_id.amount)
            sums[key] = round(sums.get(key, 0) + item.balance, 2)
        # 290 + 20 − 49.80 at 25 %; what VAT Klarna's fees had.
        self.assertEqual(
            sums, {("sale", 25): -260.2, ("sale", 12): -12, ("sale", 6): -3, ("purchase", 25): 19.21}
        )
        self.assertTrue(all(item.tax_tag_ids for item in taxes))

    def test_locked_day_waits(self):
        self.activate()
        self.company.fiscalyear_lock_date = date(2026, 10, 26)
        self.run_jobs()
        payout = self.payout()
        self.assertEqual(payout.state, "posted")
        days = payout.klarna_day_ids.sorted("date")
        self.assertEqual(days.mapped("state"), ["waiting", "posted", "posted"])
        self.assertIn("locked", days[0].problem)
        self.assertEqual(self.open_on_receivable()[0], -1615)
        self.company.fiscalyear_lock_date = False
        self.run_jobs()
        self.check_worked_example()
        self.assertTrue(all(day.document_id for day in days))

    def test_waiting_days_are_booked_by_hand(self):
        self.activate()
        self.company.fiscalyear_lock_date = date(2026, 10, 27)
        self.run_jobs()
        payout = self.payout().with_user(self.bookkeeper)
        self.assertIn("2", payout.problem)
        payout.action_klarna_post_days()
        self.assertEqual(payout.klarna_waits, 2)
        self.company.fiscalyear_lock_date = False
        payout.action_klarna_post_days()
        self.assertFalse(payout.klarna_waits or payout.problem)
        balance, items = self.open_on_receivable()
        self.assertFalse(balance or items)

    def test_undo_and_book_again(self):
        self.activate()
        self.run_jobs()
        payout = self.payout()
        before = payout._get_moves()
        payout.action_undo()
        self.assertEqual(set(before.mapped("state")), {"cancel"})
        self.assertEqual(self.open_on_receivable()[0], 0)
        self.run_jobs()
        # Who has undone it wants to correct something first.
        self.assertEqual(payout.state, "ready")
        payout.action_post()
        self.check_worked_example()
        self.assertFalse(payout._get_moves() & before)

    def test_totals_that_disagree(self):
        self.activate()
        self.service.misbehave({"fault": "totals", "times": 9})
        self.run_jobs()
        payout = self.payout()
        self.assertEqual(payout.state, "open")
        self.assertFalse(payout.move_id)
        with self.assertRaises(UserError):
            payout.action_post()

    def test_changed_after_it_was_booked(self):
        self.activate()
        self.run_jobs()
        payout = self.payout()
        payout.klarna_told = payout.klarna_told | {"fee": 1}
        self.run_jobs()
        self.assertTrue(payout.klarna_changed)
        self.assertIn("than when it was booked", payout.message_ids[0].body)
        self.check_worked_example()


@tagged("post_install", "-at_install")
class TestSecondMonth(KlarnaCommon):
    """A dispute, an order that comes back whole after it was paid out, and what was held back."""

    scenario = "second-month"

    def test_receivable_is_zero(self):
        self.activate()
        self.run_jobs()
        payout = self.payout("2611250001")
        self.assertEqual(payout.problem, "")
        self.assertEqual(
            self.vouchers(payout),
            {
                date(2026, 11, 5): {"1582": 1000, "3001": -800, "2611": -200},
                # The order's lines tell that the 40 without VAT were a tip.
                date(2026, 11, 10): {"1582": 600, "3002": -500, "2621": -60, "2820": -40},
                date(2026, 11, 12): {"1582": 500, "3001": -400, "2611": -100},
                # The whole of order B
                date(2026, 11, 16): {
                    "1582": -365,
                    "3001": 160,
                    "2611": 40,
                    "3002": 100,
                    "2621": 12,
                    "3003": 50,
                    "2631": 3,
                },
                # 2 100 − 365 of sales and refunds; the dispute of 500; 100 released
                date(2026, 11, 25): {
                    "1938": 1243.36,
                    "6064": 73.29,
                    "2640": 18.35,
                    "6351": 500,
                    "1689": -100,
                    "1582": -1735,
                },
            },
        )
        balance, open_items = self.open_on_receivable()
        self.assertEqual(balance, 0)
        self.assertFalse(open_items)
        held = self.env["account.move.line"].search([("account_id.code", "=", "1689")])
        self.assertEqual(sum(held.mapped("balance")), 0)

    def test_orders_that_nobody_may_read(self):
        self.service.misbehave({"fault": "status", "status": 403, "path": "*/orders/*", "times": 99})
        self.activate()
        self.run_jobs()
        self.run_jobs()
        payout = self.payout("2611250001")
        day = payout.klarna_day_ids.filtered(lambda day: day.date == date(2026, 11, 10))
        # Then what is without VAT is what the settings say, a gift card.
        self.assertEqual(self.rows(day.move_id), {"1582": 600, "3002": -500, "2621": -60, "2421": -40})
        self.assertFalse(self.connection.problem)

    def test_orders_that_are_not_answered_are_given_up(self):
        self.service.misbehave({"fault": "status", "status": 500, "path": "*/orders/*", "times": 99})
        self.activate()
        self.run_jobs()
        payout = self.payout("2611250001")
        self.assertEqual((payout.state, payout.klarna_state), ("open", "asking"))
        waiting = self.env["brp.exchange"].search(
            [("operation", "=", "klarna_orders"), ("state", "=", "pending")]
        )
        waiting.action_give_up()
        self.env.invalidate_all()
        self.assertEqual((payout.klarna_state, payout.state), ("fetched", "ready"))


@tagged("post_install", "-at_install")
class TestWithoutCustomerVat(KlarnaCommon):
    """Klarna's rows do not tell VAT, as the published description: its order management is asked."""

    scenario = "second-month"
    settings = {"customer_vat": False}

    def test_vat_from_orders(self):
        self.activate()
        self.run_jobs()
        self.run_jobs()
        self.assertEqual(self.vouchers(self.payout()), WORKED_EXAMPLE)
        # The order's lines tell that the 40 were a tip.
        day = self.payout("2611250001").klarna_day_ids.filtered(lambda day: day.date == date(2026, 11, 10))
        self.assertEqual(self.rows(day.move_id), {"1582": 600, "3002": -500, "2621": -60, "2820": -40})

    def test_vat_by_hand(self):
        self.activate(klarna_ask_orders=False)
        self.run_jobs()
        payout = self.payout()
        self.assertEqual((payout.state, payout.klarna_unsplit), ("open", 5))
        self.assertIn("5", payout.problem)
        # As in the field on the rows: what is typed finds the rate.
        rates = self.env["brp.klarna.rate"]
        ((found, _name),) = rates.name_search("25", [("connection_id", "=", self.connection.id)])
        rate = rates.browse(found)
        self.assertEqual(rate.rate, 25)
        payout.line_ids.filtered(lambda line: line.kind in ("sale", "refund")).klarna_rate_id = rate
        self.assertEqual(payout.state, "ready")
        payout.action_post()
        # 1 966 of sales less refunds, all at 25 %: 1 572.80 and 393.20.
        moves = payout.klarna_day_ids.move_id
        self.assertEqual(self.rows(moves), {"1582": 1966, "3001": -1572.8, "2611": -393.2})

    def test_vat_when_nobody_knows(self):
        self.activate(klarna_ask_orders=False)
        rate = self.connection.klarna_rate_ids.filtered(lambda rate: rate.rate == 25)
        self.connection.klarna_default_rate_id = rate
        self.run_jobs()
        self.assertEqual(self.payout().state, "posted")


@tagged("post_install", "-at_install")
class TestSigned(KlarnaCommon):
    """Amounts have a sign, as in reports: nobody has said which it is."""

    settings = {"signed": True}

    def test_worked_example(self):
        self.activate()
        self.run_jobs()
        self.assertEqual(self.vouchers(self.payout()), WORKED_EXAMPLE)


@tagged("post_install", "-at_install")
class TestOddRows(KlarnaCommon):
    """What Klarna's rows say beyond sales and fees."""

    scenario = ""

    def pay_out(self, *acts):
        """Have Klarna do acts and pay out; return the payout."""
        self.service.load(
            [
                {
                    "do": "sale",
                    "at": "2026-11-02T09:00:00Z",
                    "captured_at": "2026-11-03T09:00:00Z",
                    "reference1": "WEB-1",
                    "rates": {"2500": 100000},
                },
                *acts,
                {"do": "payout", "at": "2026-11-11T05:00:00Z"},
            ]
        )
        self.activate()
        self.run_jobs()
        return self.env["brp.payout"].search([("channel_id", "=", self.channel.id)])

    def test_unknown_detail_waits_to_be_mapped(self):
        payout = self.pay_out(
            {"do": "charge", "at": "2026-11-05T09:00:00Z", "amount": 5000, "detailed_type": "LOAN_FEE"}
        )
        self.assertEqual((payout.state, payout.count_unknown), ("open", 1))
        words = self.env["brp.payout.mapping"].search(payout.action_map()["domain"])
        self.assertEqual(words.mapped("code"), ["CHARGE:LOAN_FEE"])
        words.write({"kind": "charge", "account_id": self.channel.rounding_account_id.id})
        self.assertEqual(payout.state, "ready")
        self.run_jobs()
        self.assertEqual(self.rows(payout.move_id)["3740"], 50)
        self.assertEqual(self.open_on_receivable()[0], 0)

    def test_debt_is_carried_to_the_next_payout(self):
        # 1 000 sold, all of it disputed, fees 29.90 + 3.50 and their VAT 7.48 + 0.88: 41.76 are owed.
        payout = self.pay_out({"do": "dispute", "order": "WEB-1", "at": "2026-11-06T09:00:00Z"})
        self.assertEqual((payout.amount_paid, payout.state, payout.count_unknown), (0, "open", 1))
        debt = self.channel.mapping_ids.filtered(lambda row: row.code in ("DEPOSIT", "REPAY"))
        debt.account_id = self.channel.rounding_account_id
        self.assertEqual(payout.state, "ready")
        self.service.load(
            [
                {
                    "do": "sale",
                    "at": "2026-11-12T09:00:00Z",
                    "captured_at": "2026-11-13T09:00:00Z",
                    "reference1": "WEB-2",
                    "rates": {"2500": 100000},
                },
                {"do": "payout", "at": "2026-11-18T05:00:00Z"},
            ]
        )
        self.run_jobs()
        payouts = self.env["brp.payout"].search([("channel_id", "=", self.channel.id)], order="date")
        self.assertEqual(payouts.mapped("state"), ["posted", "posted"])
        # 1 000 − 41.76 of fees − 41.76 of debt
        self.assertEqual(payouts.mapped("amount_paid"), [0, 916.48])
        self.assertEqual(self.open_on_receivable()[0], 0)
        owed = self.env["account.move.line"].search(
            [("account_id", "=", self.channel.rounding_account_id.id), ("parent_state", "=", "posted")]
        )
        self.assertEqual(sum(owed.mapped("balance")), 0)

    def test_gross(self):
        self.service.do("merchant", settlement="GROSS")
        payout = self.pay_out()
        self.assertEqual((payout.state, payout.amount_paid, payout.amount_costs), ("posted", 1000, 0))

    def test_fees_in_rows_of_tax(self):
        self.service.do("merchant", tax_rows=True)
        payout = self.pay_out()
        self.assertEqual(payout.state, "posted")
        self.assertEqual(
            self.rows(payout.move_id), {"1938": 958.24, "6064": 33.4, "2640": 8.36, "1582": -1000}
        )

    def test_another_currency_is_refused_with_words(self):
        self.service.do("merchant", currency="EUR")
        payout = self.pay_out()
        self.assertEqual(payout.state, "open")
        self.assertIn("EUR", payout.problem)
        self.assertFalse(payout._get_moves())
