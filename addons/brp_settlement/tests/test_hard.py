from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PAID, SettlementCommon
from .test_match import DAY


@tagged("post_install", "-at_install")
class TestLedger(SettlementCommon):
    """Whatever happens, the payout says what the ledger says."""

    def test_an_entry_that_does_not_balance_is_refused(self):
        payout = self.make_payout(100, [("sale", 100)])
        items = [
            payout._prepare_item(self.bank.id, 100, "in"),
            payout._prepare_item(self.receivable.id, -99.99, "out"),
        ]
        with self.assertRaisesRegex(UserError, "not balanced"):
            payout._make_entries([(PAID, "P1", items)])

    def test_nothing_was_paid_and_all_of_it_nets_out(self):
        payout = self.make_payout(0, [("sale", 100), ("refund", -100)])
        payout.action_post()
        self.assertEqual(payout.state, "posted")
        self.assertEqual(self.rows(payout.move_id), {})

    def test_negative_payout_of_refunds_only(self):
        payout = self.make_payout(-103.75, [("refund", -100), ("fee", -3), ("fee_vat", -0.75)])
        payout.action_post()
        self.assertEqual(self.rows(payout.move_id), {"1930": -103.75, "1582": 100, "6064": 3, "2640": 0.75})

    def test_the_entry_is_not_changed_by_hand(self):
        payout = self.make_payout(100, [("sale", 100)])
        payout.action_post()
        entry = payout.move_id
        for change in ("button_draft", "button_cancel"):
            with self.subTest(change), self.assertRaisesRegex(UserError, "P1"):
                getattr(entry, change)()
        payout.action_undo()
        self.assertEqual((payout.state, entry.state), ("ready", "cancel"))
        # The payout has let go of it.
        entry.button_draft()

    def test_undo_of_a_locked_entry_leaves_all_as_it_is(self):
        payout = self.make_payout(100, [("sale", 100)])
        payout.action_post()
        payout.move_id.button_hash()
        with self.assertRaises(UserError), self.cr.savepoint():
            payout.action_undo()
        payout.invalidate_recordset()
        self.assertEqual((payout.state, payout.move_id.state), ("posted", "posted"))

    def test_one_that_cannot_be_posted_does_not_stop_the_others(self):
        self.channel.auto_post = True
        bad = self.make_payout(100, [("sale", 100)], name="BAD")
        good = self.make_payout(200, [("sale", 200)], name="GOOD")
        self.assertLess(bad.id, good.id)
        post = type(bad)._post
        text = "Something is wrong with it."

        def fail(payout):
            if payout.name == "BAD":
                raise UserError(text)
            return post(payout)

        with patch.object(type(bad), "_post", fail):
            self.run_job()
        self.assertEqual((bad.state, good.state), ("ready", "posted"))

    def test_archived_account(self):
        self.channel.auto_post = True
        bad = self.make_payout(97, [("sale", 100), ("fee", -3)], name="BAD")
        good = self.make_payout(200, [("sale", 200)], name="GOOD")
        self.fees.active = False
        self.run_job()
        self.assertEqual(good.state, "posted")
        self.assertFalse(bad.move_id)
        self.assertNotEqual(bad.state, "posted")

    def test_another_receivable_while_payouts_are_open(self):
        other = self.account("1583", "asset_current", reconcile=True)
        payout = self.make_payout(100, [("sale", 100)])
        payout.line_ids = [Command.create({"code": "sale", "amount": 50})]
        payout.amount_paid = 150
        self.channel.receivable_account_id = other
        self.assertEqual(payout.line_ids.account_id, other)
        payout.action_post()
        self.assertEqual(self.rows(payout.move_id), {"1930": 150, "1583": -150})

    def test_what_a_word_means_is_told_of_typed_rows_too(self):
        payout = self.make_payout(97, [("sale", 100), ("fee", -3)])
        self.channel.mapping_ids.filtered(lambda row: row.code == "fee").account_id = self.rounding
        self.assertEqual(payout.line_ids.account_id, self.receivable | self.rounding)
        self.channel.mapping_ids.filtered(lambda row: row.code == "fee").unlink()
        self.assertEqual((payout.state, payout.count_unknown), ("open", 1))

    def test_undone_after_it_was_matched_with_the_bank(self):
        self.channel.paid_account_id = self.account("1938", "asset_current", reconcile=True)
        payout = self.make_payout(970, [("sale", 1000), ("fee", -30)], name="2611040001")
        payout.action_post()
        line = self.bank_line(970, "KLARNA 2611040001")
        payout.invalidate_recordset()
        payout.action_match_bank()
        payout.action_undo()
        self.assertFalse(line.is_reconciled)
        payout.action_post()
        payout.invalidate_recordset()
        self.assertFalse(payout.on_bank)
        self.assertEqual(payout.bank_line_id, line)
        payout.action_match_bank()
        payout.invalidate_recordset()
        self.assertTrue(payout.on_bank and line.is_reconciled)

    def test_a_bank_account_in_another_currency(self):
        self.channel.paid_account_id = self.account("1938", "asset_current", reconcile=True)
        payout = self.make_payout(970, [("sale", 970)])
        payout.action_post()
        euro = self.env.ref("base.EUR")
        euro.active = True
        journal = self.env["account.journal"].create(
            {"name": "Euro", "type": "bank", "code": "EUR", "currency_id": euro.id}
        )
        self.bank_line(970, "something", journal_id=journal.id)
        payout.invalidate_recordset()
        self.assertFalse(payout.bank_line_id)

    def bank_line(self, amount, text, **values):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": PAID,
                "payment_ref": text,
                "amount": amount,
                **values,
            }
        )

    def test_rights(self):
        payout = self.make_payout(100, [("sale", 100)])
        payout.total_ids.sudo().create(
            {"payout_id": payout.id, "name": "Sales", "amount": 100, "amount_lines": 100}
        )
        other = self.setup_other_company()["company"]
        models = {
            "brp.payout.channel": self.channel,
            "brp.payout.mapping": self.channel.mapping_ids,
            "brp.payout": payout,
            "brp.payout.line": payout.line_ids,
            "brp.payout.total": payout.total_ids,
        }
        connector = self.make_user("hard_connector", "brp_connector.group_connector_user")
        portal = self.make_user("hard_portal", "base.group_portal")
        reader = self.make_user("hard_reader", "account.group_account_readonly")
        biller = self.make_user("hard_biller", "account.group_account_invoice")
        stranger = self.make_user("hard_stranger", "account.group_account_manager", other)
        for name, records in models.items():
            for user in (connector, portal):
                with self.subTest(name, user=user.login), self.assertRaises(AccessError):
                    self.env[name].with_user(user).search([])
            with self.subTest(name, user="stranger"):
                self.assertFalse(self.env[name].with_user(stranger).search([]) & records)
                for operation in ("read", "write", "unlink"):
                    self.assertFalse(records.with_user(stranger).has_access(operation))
            with self.subTest(name, user="reader"):
                self.assertTrue(records.with_user(reader).has_access("read"))
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(records.with_user(reader).has_access(operation))
        for action in ("action_post", "action_undo", "action_match", "action_accept_totals"):
            with self.subTest(action), self.assertRaises(AccessError):
                getattr(payout.with_user(reader), action)()
        payout.with_user(biller).action_post()
        self.assertEqual(payout.state, "posted")

    def test_currencies_and_analytic_plans(self):
        self.env.ref("base.EUR").active = True
        plan = self.env["account.analytic.plan"].create(
            {"name": "Hall", "default_applicability": "mandatory"}
        )
        self.env["account.analytic.account"].create({"name": "A", "plan_id": plan.id})
        payout = self.make_payout(97, [("sale", 100), ("fee", -3)])
        payout.with_user(self.bookkeeper).action_post()
        self.assertEqual(self.rows(payout.move_id), {"1930": 97, "6064": 3, "1582": -100})


@tagged("post_install", "-at_install")
class TestLocks(SettlementCommon):
    """A locked day is waited for, whoever locked it and however."""

    def test_every_lock(self):
        day = PAID + timedelta(days=1)
        for lock in ("fiscalyear_lock_date", "tax_lock_date", "hard_lock_date"):
            with self.subTest(lock):
                payout = self.make_payout(100, [("sale", 100)], name=lock)
                self.company[lock] = day
                self.run_job()
                self.assertEqual(payout.state, "ready")
                with self.assertRaisesRegex(UserError, "locked"):
                    payout.action_post()
                if lock != "hard_lock_date":
                    self.company[lock] = False
                    self.run_job()
                    self.assertEqual((payout.state, payout.move_id.date), ("posted", PAID))

    def test_exception_of_a_lock(self):
        payout = self.make_payout(100, [("sale", 100)])
        self.company.fiscalyear_lock_date = PAID
        self.env["account.lock_exception"].create(
            {
                "company_id": self.company.id,
                "user_id": self.bookkeeper.id,
                "fiscalyear_lock_date": False,
                "end_datetime": self.env.cr.now() + timedelta(hours=24),
            }
        )
        self.run_job()
        self.assertEqual(payout.state, "ready")
        payout.with_user(self.bookkeeper).action_post()
        self.assertEqual((payout.state, payout.move_id.date), ("posted", PAID))

    def test_undo_in_a_locked_period(self):
        payout = self.make_payout(100, [("sale", 100)])
        payout.action_post()
        self.company.fiscalyear_lock_date = PAID
        with self.assertRaises(UserError), self.cr.savepoint():
            payout.action_undo()
        payout.invalidate_recordset()
        self.assertEqual((payout.state, payout.move_id.state), ("posted", "posted"))


@tagged("post_install", "-at_install")
class TestDocuments(SettlementCommon):
    """What has become of a document since it was matched."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel.match_sales = True

    def invoice(self, amount, **values):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": DAY,
                "invoice_line_ids": [
                    Command.create({"name": "Course", "price_unit": amount, "tax_ids": [Command.clear()]})
                ],
                **values,
            }
        )
        move.action_post()
        return move

    def debt(self, move):
        return move.line_ids.filtered(lambda item: item.display_type == "payment_term")

    def match(self, *rows, name="P1"):
        payout = self.make_payout(
            sum(row[1] for row in rows),
            [(kind, amount, {"reference": reference, "date": DAY}) for kind, amount, reference in rows],
            name=name,
        )
        payout.action_match()
        return payout

    def test_paid_another_way_meanwhile(self):
        paid, other = self.invoice(300), self.invoice(400)
        first, second = self.match(("sale", 300, paid.name)), self.match(("sale", 400, other.name), name="P2")
        self.assertEqual((first.state, second.state), ("ready", "ready"))
        item = self.debt(paid)
        credit = self.env["account.move"].create(
            {
                "line_ids": [
                    Command.create({"account_id": item.account_id.id, "balance": -300}),
                    Command.create({"account_id": self.bank.id, "balance": 300}),
                ]
            }
        )
        credit.action_post()
        (credit.line_ids.filtered(lambda line: line.account_id == item.account_id) + item).reconcile()
        self.assertTrue(item.reconciled)
        with self.assertRaisesRegex(UserError, paid.name), self.cr.savepoint():
            first.action_post()
        self.run_job()
        self.assertEqual((first.state, second.state), ("open", "posted"))
        self.assertFalse(first.line_ids.item_id)

    def test_the_invoice_was_reset_to_draft(self):
        invoice = self.invoice(300)
        payout = self.match(("sale", 300, invoice.name))
        invoice.button_draft()
        with self.assertRaises(UserError), self.cr.savepoint():
            payout.action_post()
        self.run_job()
        self.assertEqual(payout.state, "open")
        invoice.action_post()
        self.run_job()
        self.run_job()
        self.assertEqual((payout.state, invoice.payment_state), ("posted", "paid"))

    def test_the_item_was_deleted(self):
        invoice = self.invoice(300)
        payout = self.match(("sale", 300, invoice.name))
        self.assertEqual(payout.state, "ready")
        invoice.button_draft()
        invoice.with_context(force_delete=True).unlink()
        self.run_job()
        # Not cleared by the sum as if nobody minded.
        self.assertEqual((payout.state, payout.count_unmatched), ("open", 1))

    def test_two_payouts_with_one_item(self):
        invoice = self.invoice(300)
        first = self.match(("sale", 300, invoice.name))
        second = self.make_payout(300, [("sale", 300, {"item_id": self.debt(invoice).id})], name="P2")
        self.run_job()
        self.assertEqual((first.state, second.state), ("posted", "open"))
        self.assertEqual(invoice.amount_residual, 0)

    def test_a_common_word(self):
        self.invoice(5000, ref="Season 2026, group 1")
        for word in ("2026", "1", "season"):
            payout = self.match(("sale", 100, word), name=word)
            self.assertFalse(payout.line_ids.item_id, word)

    def test_a_common_word_and_two_of_the_amount(self):
        self.invoice(500, ref="Course 1", invoice_date=DAY)
        self.invoice(500, ref="Hall 1", invoice_date=DAY - timedelta(days=3))
        self.assertFalse(self.match(("sale", 500, "1")).line_ids.item_id)

    def test_an_invoice_of_two_orders(self):
        invoice = self.invoice(500, invoice_origin="S00101, S00102")
        payout = self.match(("sale", 300, "S00101"), ("sale", 200, "s00102 "))
        self.assertEqual(payout.line_ids.item_id, self.debt(invoice))
        payout.action_post()
        self.assertEqual(invoice.payment_state, "paid")

    def test_parts_of_an_item_to_the_oere(self):
        # 0.30 − 0.10 is less than 0.20 in binary.
        invoice = self.invoice(0.3, invoice_origin="S00103")
        payout = self.match(("sale", 0.1, "S00103"), ("sale", 0.2, "S00103"))
        self.assertEqual(payout.count_unmatched, 0)
        payout.action_post()
        self.assertEqual(invoice.payment_state, "paid")

    def test_reference_with_spaces(self):
        invoice = self.invoice(500, ref="Order 17 b")
        self.assertEqual(self.match(("sale", 500, " order 17 B ")).line_ids.item_id, self.debt(invoice))

    def test_invoice_in_another_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"name": DAY, "currency_id": euro.id, "company_id": self.company.id, "rate": 0.1}
        )
        invoice = self.invoice(50, currency_id=euro.id)
        self.assertEqual(self.debt(invoice).amount_residual, 500)
        self.assertFalse(self.match(("sale", 500, invoice.name)).line_ids.item_id)
