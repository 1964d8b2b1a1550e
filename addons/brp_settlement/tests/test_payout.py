from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import PAID, SettlementCommon


@tagged("post_install", "-at_install")
class TestPayout(SettlementCommon):
    """A payout is posted when it adds up, and every öre of it is in the books."""

    def test_worked_example(self):
        # Sold 2 215.00, refunded 249.00, fees 76.73 and VAT on them 19.21, held back 100.00.
        payout = self.make_payout(
            1770.06,
            [("sale", 2215), ("refund", -249), ("fee", -76.73), ("fee_vat", -19.21), ("holdback", -100)],
        )
        self.assertEqual(payout.state, "ready")
        payout.action_post()
        self.assertEqual(payout.state, "posted")
        self.assertEqual(payout.move_id.date, PAID)
        self.assertEqual(
            self.rows(payout.move_id),
            {"1930": 1770.06, "6064": 76.73, "2640": 19.21, "1689": 100, "1582": -1966},
        )
        self.assertEqual(len(payout.move_id.line_ids), 5)
        # 76.73 / 2 215.00
        self.assertAlmostEqual(payout.fee_share, 0.034641, 6)

    def test_analytic_distribution(self):
        # The company's rule for accounts of 6… goes for what is booked here, as for all of Odoo's entries.
        project = self.env["account.analytic.account"].create(
            {"name": "Shop", "plan_id": self.env["account.analytic.plan"].create({"name": "Units"}).id}
        )
        self.env["account.analytic.distribution.model"].create(
            {
                "account_prefix": "6",
                "company_id": self.company.id,
                "analytic_distribution": {str(project.id): 100},
            }
        )
        payout = self.make_payout(75, [("sale", 100), ("fee", -20), ("fee_vat", -5)])
        payout.action_post()
        self.assertEqual(
            {item.account_id.code: item.analytic_distribution for item in payout.move_id.line_ids},
            {"1930": False, "1582": False, "2640": False, "6064": {str(project.id): 100}},
        )
        self.assertEqual(payout.move_id.line_ids.analytic_line_ids.mapped("amount"), [-20])

    def test_does_not_add_up(self):
        payout = self.make_payout(100, [("sale", 100.5)])
        self.assertEqual(payout.state, "open")
        self.assertEqual(payout.difference, -0.5)
        self.assertIn("0.50", payout.problem)
        with self.assertRaisesRegex(UserError, "0.50"):
            payout.action_post()
        payout.action_accept_difference()
        self.assertEqual(payout.state, "ready")
        payout.action_post()
        self.assertEqual(self.rows(payout.move_id), {"1930": 100, "3740": 0.5, "1582": -100.5})

    def test_difference_beyond_the_limit(self):
        payout = self.make_payout(100, [("sale", 101.01)])
        with self.assertRaisesRegex(UserError, "1.01"):
            payout.action_accept_difference()
        self.assertEqual(payout.state, "open")

    def test_unknown_words(self):
        payout = self.make_payout(50, [("sale", 100)])
        payout.line_ids = [Command.create({"code": "LOAN:LOAN_FEE", "amount": -50})]
        self.assertEqual((payout.state, payout.count_unknown), ("open", 1))
        words = self.env["brp.payout.mapping"].search(payout.action_map()["domain"])
        self.assertEqual(words.mapped("code"), ["LOAN:LOAN_FEE"])
        words.write({"kind": "charge", "account_id": self.fees.id})
        self.assertEqual(payout.state, "ready")
        self.assertEqual(payout.line_ids[-1].kind, "charge")
        # What somebody chose by hand stays when the word gets another meaning.
        payout.line_ids[-1].account_id = self.held
        words.account_id = self.rounding
        self.assertEqual(payout.line_ids[-1].account_id, self.held)
        words.account_id = self.fees
        # The word before the colon stands for all that have no row of their own.
        words.code = "LOAN"
        other = self.make_payout(-50, [], name="P2")
        other.line_ids = [Command.create({"code": "LOAN:OTHER", "amount": -50})]
        self.assertEqual(other.line_ids.account_id, self.fees)

    def test_what_an_unknown_word_is_of(self):
        days = [date(2026, 11, day) for day in (1, 2, 3)]
        first, second, booked = (
            self.make_payout(0, [("other", amount, {"account_id": self.fees.id})], name=name)
            for name, amount in (("P1", 57.5), ("P2", 5), ("P3", 9))
        )
        for payout, rows in (
            (first, [("LOAN", -40, days[1]), ("LOAN", -10, days[0]), ("DUES", -7.5, days[0])]),
            (second, [("LOAN", -5, days[2])]),
        ):
            payout.line_ids = [
                Command.create({"code": code, "amount": amount, "date": day}) for code, amount, day in rows
            ]
        booked.line_ids = [Command.create({"code": "LOAN", "kind": "other", "amount": -9})]
        booked.line_ids[-1].write({"kind": "other", "account_id": self.fees.id})
        booked.action_post()
        self.assertIn("3 (DUES, LOAN)", first.problem)
        words = self.env["brp.payout.mapping"].search(first.action_map()["domain"])
        self.assertEqual(
            words.mapped(
                lambda row: (row.word, row.row_count, row.amount_rows, row.first_date, row.last_date)
            ),
            [("DUES", 1, -7.5, days[0], days[0]), ("LOAN", 3, -55, days[0], days[2])],
        )
        rows = self.env["brp.payout.line"].search(words[1].action_view_rows()["domain"])
        self.assertEqual(sorted(rows.mapped("amount")), [-40, -10, -5])

    def test_many_unknown_words(self):
        payout = self.make_payout(0, [])
        payout.line_ids = [Command.create({"code": f"W{number}", "amount": 1}) for number in range(8)]
        self.assertIn("8 (W0, W1, W2, W3, W4, and 3 more)", payout.problem)

    def test_rows_without_a_word(self):
        payout = self.make_payout(90, [("sale", 100), ("charge", -6)])
        payout.line_ids = [Command.create({"amount": -4, "text": "What is this?"})]
        self.assertIn("1 (Charge)", payout.problem)
        self.assertIn("does not tell what they are: 1", payout.problem)
        unknown = self.env["brp.payout.line"].search(payout.action_view_unknown()["domain"])
        self.assertEqual(unknown.mapped("amount"), [-6, -4])
        # Of the row that somebody has typed in as a charge, all charges are asked for.
        words = self.env["brp.payout.mapping"].search(payout.action_map()["domain"])
        self.assertEqual((words.code, words.word, words.row_count), ("charge", "(no word)", 1))
        words.account_id = self.fees
        self.assertEqual(payout.count_unknown, 1)
        # Nothing is left to ask for: the row itself is shown.
        action = payout.action_map()
        self.assertEqual(action["res_model"], "brp.payout.line")
        payout.line_ids[-1].write({"kind": "fee", "account_id": self.fees.id})
        self.assertEqual(payout.state, "ready")

    def test_words_on_the_channel(self):
        with Form(self.channel.with_user(self.bookkeeper)) as form, form.mapping_ids.new() as row:
            row.word = "KICKBACK"
            row.kind = "commission"
            row.account_id = self.fees
        payout = self.make_payout(-3, [])
        payout.line_ids = [
            Command.create({"code": code, "amount": -1}) for code in ("KICKBACK", "fee", "fee:Kort")
        ]
        self.assertEqual(payout.line_ids.mapped("word"), ["KICKBACK", "", "Fee: Kort"])
        self.assertEqual(payout.line_ids[0].kind, "commission")

    def test_the_entry_leads_to_its_payout(self):
        payout = self.make_payout(100, [("sale", 100)])
        payout.action_post()
        entry = payout.move_id.with_user(self.bookkeeper)
        self.assertEqual((entry.payout_count, entry.action_view_payouts()["res_id"]), (1, payout.id))
        with Form(entry):
            pass
        other = self.sell(50).move_id.with_user(self.bookkeeper)
        self.assertEqual(other.payout_count, 0)
        # Purchasers, salespeople and others read entries as well, but no payouts.
        stranger = self.make_user("payout_stranger", "base.group_user")
        self.env["ir.model.access"].create(
            {
                "name": "entries of strangers",
                "model_id": self.env["ir.model"]._get_id("account.move"),
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
            }
        )
        told = payout.move_id.with_user(stranger)
        self.assertEqual(told.read(["name"])[0]["name"], payout.move_id.name)
        self.assertFalse({"payout_ids", "payout_count"} & told.fields_get().keys())
        self.assertNotIn("action_view_payouts", told.get_view(view_type="form")["arch"])

    def test_matched_with_documents(self):
        self.channel.match_sales = True
        first, second = self.sell(500), self.sell(300)
        payout = self.make_payout(776, [("sale", 500), ("sale", 300), ("fee", -24)])
        self.assertEqual((payout.state, payout.count_unmatched), ("open", 2))
        payout.line_ids[0].item_id = first
        payout.line_ids[1].item_id = second
        self.assertEqual(payout.state, "ready")
        payout.action_post()
        self.assertTrue(first.reconciled and second.reconciled)
        self.assertEqual(self.rows(payout.move_id), {"1930": 776, "6064": 24, "1582": -800})
        self.assertFalse(self.env["account.move.line"].search(payout._get_open_domain()))

    def test_a_part_of_a_sale(self):
        self.channel.match_sales = True
        sale, other = self.sell(1000), self.sell(400)
        payout = self.make_payout(
            1000, [("sale", 600, {"item_id": sale.id}), ("sale", 400, {"item_id": other.id})]
        )
        payout.action_post()
        self.assertEqual((sale.amount_residual, other.amount_residual), (400, 0))

    def test_an_unpaid_invoice(self):
        self.channel.match_sales = True
        invoice = self.init_invoice("out_invoice", partner=self.customer, amounts=[500], post=True)
        debt = invoice.line_ids.filtered(lambda item: item.display_type == "payment_term")
        payout = self.make_payout(500, [("sale", 500, {"item_id": debt.id})])
        payout.action_post()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(payout.move_id.line_ids.partner_id, self.customer)

    def test_locked_period(self):
        payout = self.make_payout(100, [("sale", 100)])
        self.company.fiscalyear_lock_date = date(2026, 11, 30)
        self.run_job()
        self.assertEqual(payout.state, "ready")
        self.assertIn("locked", payout.problem)
        with self.assertRaisesRegex(UserError, "locked"):
            payout.action_post()
        self.company.fiscalyear_lock_date = False
        self.run_job()
        self.assertEqual((payout.state, payout.move_id.date), ("posted", PAID))

    def test_undo(self):
        self.channel.match_sales = True
        sale = self.sell(100)
        payout = self.make_payout(100, [("sale", 100, {"item_id": sale.id})])
        payout.action_post()
        entry = payout.move_id
        with self.assertRaisesRegex(UserError, "booked"):
            payout.line_ids.amount = 99
        payout.action_undo()
        self.assertEqual((payout.state, entry.state, sale.reconciled), ("ready", "cancel", False))
        # Who has undone it wants to correct something first.
        self.run_job()
        self.assertEqual(payout.state, "ready")
        payout.action_post()
        self.assertTrue(sale.reconciled)

    def test_bank(self):
        clearing = self.account("1938", "asset_current", reconcile=True)
        self.channel.paid_account_id = clearing
        payout = self.make_payout(970, [("sale", 1000), ("fee", -30)], name="2611040001")
        payout.action_post()
        self.assertFalse(payout.on_bank)
        with self.assertRaisesRegex(UserError, "2611040001"):
            payout.action_match_bank()
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": PAID,
                "payment_ref": "KLARNA 2611040001",
                "amount": 970,
            }
        )
        payout.invalidate_recordset()
        self.assertEqual(payout.bank_line_id, line)
        payout.action_match_bank()
        self.assertTrue(line.is_reconciled)
        payout.invalidate_recordset()
        self.assertTrue(payout.on_bank)

    def test_fee_share_of_a_group(self):
        # 30 of 1 000 and 20 of 100: 50 / 1 100, not the average of 3 % and 20 %.
        self.make_payout(970, [("sale", 1000), ("fee", -30)], name="A")
        self.make_payout(80, [("sale", 100), ("fee", -20)], name="B")
        [(share,)] = self.env["brp.payout"]._read_group(
            [("channel_id", "=", self.channel.id)], [], ["fee_share:avg"]
        )
        self.assertAlmostEqual(float(share), 0.0454545, 6)

    def test_foreign_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        payout = self.make_payout(100, [("sale", 100)], currency_id=euro.id)
        self.assertEqual(payout.state, "open")
        self.assertIn("EUR", payout.problem)

    def test_left_out(self):
        payout = self.make_payout(100, [("sale", 100)])
        payout.action_leave_out()
        self.run_job()
        self.assertEqual((payout.state, payout.problem), ("ignored", ""))
        with self.assertRaisesRegex(UserError, "left out"):
            payout.action_post()
        payout.action_take_in()
        payout.action_post()
        self.assertEqual(payout.state, "posted")

    def test_who_may_accept_what_does_not_add_up(self):
        clerk = self.make_user("payout_clerk", "account.group_account_invoice")
        payout = self.make_payout(100, [("sale", 100.5)]).with_user(clerk)
        for decide in (payout.action_accept_difference, payout.action_accept_totals, payout.action_leave_out):
            with self.assertRaises(AccessError):
                decide()

    def test_typed_in(self):
        with Form(self.env["brp.payout"].with_user(self.bookkeeper)) as form:
            self.assertFalse(form.problem and "False" in form.problem)
            form.channel_id = self.channel
            form.name = "TYPED"
            form.amount_paid = 100
            with form.line_ids.new() as line:
                line.kind = "sale"
                line.amount = 100
        self.assertEqual(self.env["brp.payout"].search([("name", "=", "TYPED")]).state, "ready")

    def test_the_journal_is_proposed_in_any_language(self):
        journal = self.channel.journal_id
        journal.code = "ÖVR"
        with Form(self.env["brp.payout.channel"].with_user(self.bookkeeper)) as form:
            self.assertEqual(form.journal_id, journal)
            form.name = "Another"
            form.receivable_account_id = self.account("1583", "asset_current", reconcile=True)
            form.paid_account_id = self.bank

    def test_a_receivable_of_its_own(self):
        with self.assertRaisesRegex(ValidationError, "Marketplace"):
            self.channel.copy({"name": "Another"})
