from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.brp_connector.tests.common import find_connection

from .common import DAY, AccountingExportCommon


@tagged("post_install", "-at_install")
class TestClose(AccountingExportCommon):
    """What a closed day's vouchers hold, and that they hold it once."""

    def assert_whole(self, expected):
        """Check what all vouchers that the other system has, or gets, amount to."""
        vouchers = self.env["brp.accounting.voucher"].search(
            [("connection_id", "=", self.connection.id), ("state", "!=", "withdrawn")]
        )
        self.assertEqual(self.rows(vouchers), expected)

    def test_a_day_of_sales(self):
        first = self.sell({25: 1000, 12: 500, 6: 200})
        second = self.sell({25: 100})
        self.pay(first, self.card)
        self.pay(second, self.cash)
        vouchers = self.close()
        self.assertEqual(vouchers.mapped("kind"), ["sale", "cash", "bank"])
        sale, cash, bank = vouchers
        # 1 000 + 250, 500 + 60, 200 + 12 and 100 + 25 kronor.
        self.assertEqual(
            self.rows(sale),
            {
                "1510": 2147,
                "3001": -1100,
                "3002": -500,
                "3003": -200,
                "2611": -275,
                "2621": -60,
                "2631": -12,
            },
        )
        self.assertEqual(self.rows(cash), {"1910": 125, "1510": -125})
        self.assertEqual(self.rows(bank), {"1581": 2022, "1510": -2022})
        self.assertEqual(vouchers.mapped("amount"), [2147, 125, 2022])
        self.assertEqual(first.accounting_voucher_count, 1)
        self.assertEqual(first._get_accounting_vouchers(), sale)
        self.assertEqual(set(vouchers.mapped("date")), {DAY})
        self.assertEqual(vouchers.day_id.mapped("number"), [1])

    def test_vouchers_equal_the_ledger(self):
        for day in range(3):
            self.sell({25: 99.99 + day, 12: 0.45, 6: 17.53}, DAY + timedelta(days=day))
        vouchers = self.close()
        items = vouchers.line_ids.item_ids
        lines = self.env["account.move.line"].search(
            [("company_id", "=", self.company.id), ("parent_state", "=", "posted"), ("balance", "!=", 0)]
        )
        self.assertEqual(items.move_line_id, lines)
        for item in items:
            self.assertEqual(item.amount, item.move_line_id.balance)
        for line in vouchers.line_ids:
            self.assertAlmostEqual(line.amount, sum(line.item_ids.mapped("amount")), 2)
        for voucher in vouchers:
            self.assertAlmostEqual(sum(voucher.line_ids.mapped("amount")), 0, 2)

    def test_nothing_is_exported_twice(self):
        self.sell({25: 100})
        self.assertTrue(self.close())
        self.assertFalse(self.close())

    def test_later_sales_of_the_day_are_a_voucher_of_their_own(self):
        self.sell({25: 100})
        self.close(DAY)
        self.sell({12: 100})
        later = self.close()
        self.assertEqual(self.rows(later), {"1510": 112, "3002": -100, "2621": -12})
        self.assertFalse(later.correction)
        self.assertEqual(len(later.day_id.voucher_ids), 2)

    def test_before_the_start_and_after_the_end(self):
        self.sell({25: 100}, date(2026, 3, 31))
        self.sell({25: 200}, date(2026, 4, 16))
        self.assertFalse(self.close(DAY))
        self.assertEqual(self.rows(self.close(date(2026, 4, 16))), {"1510": 250, "3001": -200, "2611": -50})

    def test_refund(self):
        move = self.sell({25: 100})
        move._reverse_moves([{"invoice_date": DAY, "date": DAY}]).action_post()
        vouchers = self.close()
        self.assertEqual(self.rows(vouchers), {})
        # Both documents are in the voucher, though they leave nothing to book.
        self.assertEqual(len(vouchers.line_ids.item_ids.move_id), 2)

    def test_events_have_accounts_of_their_own(self):
        tip, card = self.env["product.product"].create(
            [
                {"name": "Tip", "accounting_event": "tip", "taxes_id": False},
                {"name": "Gift Card", "accounting_event": "gift_card", "taxes_id": False},
            ]
        )
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": DAY,
                "invoice_line_ids": [
                    Command.create({"product_id": tip.id, "price_unit": 20}),
                    Command.create({"product_id": card.id, "price_unit": 500}),
                ],
            }
        )
        move.action_post()
        self.assertEqual(self.rows(self.close()), {"1510": 520, "2820": -20, "2421": -500})

    def test_a_missing_account_holds_its_day_only(self):
        self.set_code(f"group:{self.group.id}:12", False)
        self.sell({25: 100, 12: 100}, DAY)
        self.sell({25: 200}, DAY + timedelta(days=1))
        vouchers = self.close()
        self.assertEqual(self.rows(vouchers), {"1510": 250, "3001": -200, "2611": -50})
        day = self.connection.accounting_day_ids.filtered(lambda day: day.state == "held")
        self.assertEqual(day.date, DAY)
        self.assertEqual(day.problem, "An account number is missing for: Gym, 12 %.")
        self.assertIn("1 days are not exported. 2026-04-15: An account number", self.connection.problem)
        self.set_code(f"group:{self.group.id}:12", "3002")
        vouchers = self.close()
        self.assertEqual(
            self.rows(vouchers), {"1510": 237, "3001": -100, "3002": -100, "2611": -25, "2621": -12}
        )
        self.assertEqual(day.state, "closed")
        self.assertFalse(self.connection.problem)

    def test_a_new_product_group_is_asked_for(self):
        group = self.env["product.category"].create({"name": "Café"})
        self.products[12].categ_id = group
        self.sell({12: 100})
        self.assertFalse(self.close())
        mapping = self.connection.accounting_mapping_ids.filtered(
            lambda mapping: mapping.category_id == group
        )
        self.assertEqual((mapping.name, mapping.code), ("Café, 12 %", ""))
        # What is usual is proposed, and used when somebody says so.
        self.assertEqual(mapping.proposal, "3002")
        self.assertEqual(
            self.connection.accounting_day_ids.problem, "An account number is missing for: Café, 12 %."
        )
        mapping.with_user(self.bookkeeper).action_use_proposal()
        self.assertEqual((mapping.code, mapping.proposal), ("3002", ""))
        self.assertEqual(self.rows(self.close()), {"1510": 112, "3002": -100, "2621": -12})

    def test_a_new_account_is_proposed_by_its_own_number(self):
        account = self.card.default_account_id.copy({"code": "1583", "name": "Klarna"})
        entry = self.book()
        entry.button_draft()
        entry.line_ids[0].account_id = account
        entry.action_post()
        self.assertFalse(self.close())
        mapping = self.connection.accounting_mapping_ids.filtered(lambda row: row.account_id == account)
        self.assertEqual((mapping.code, mapping.proposal), ("", "1583"))

    def test_many_missing_accounts_are_counted(self):
        groups = self.env["product.category"].create([{"name": f"G{n:04}"} for n in range(1000)])
        products = self.env["product.product"].create(
            [{"name": group.name, "categ_id": group.id, "taxes_id": False} for group in groups]
        )
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": DAY,
                "invoice_line_ids": [
                    Command.create({"product_id": product.id, "price_unit": 1}) for product in products
                ],
            }
        )
        move.action_post()
        self.assertFalse(self.close())
        problem = self.connection.accounting_day_ids.problem
        self.assertEqual(problem.count("G0"), 10, problem)
        self.assertTrue(problem.endswith("; and 990 more."), problem)

    def test_changed_after_the_export(self):
        move = self.sell({25: 100})
        voucher = self.close()
        self.change_price(move, 80)
        correction = self.close()
        self.assertTrue(correction.correction)
        self.assertEqual(correction.corrects_ids, voucher)
        self.assertEqual(correction.date, DAY)
        # 25 kronor less with VAT.
        self.assertEqual(self.rows(correction), {"1510": -25, "3001": 20, "2611": 5})
        self.assertFalse(self.close())

    def test_taken_back_after_the_export(self):
        move = self.sell({25: 100})
        self.sell({6: 100})
        self.close()
        move.button_draft()
        self.assertEqual(self.rows(self.close()), {"1510": -125, "3001": 100, "2611": 25})
        self.assertFalse(self.close())
        move.action_post()
        self.assertEqual(self.rows(self.close()), {"1510": 125, "3001": -100, "2611": -25})

    def test_reset_and_posted_unchanged(self):
        move = self.sell({25: 100})
        self.close()
        move.button_draft()
        move.action_post()
        self.assertFalse(self.close())

    def test_paid_after_its_product_moved_to_another_group(self):
        move = self.sell({25: 100})
        self.close()
        self.products[25].categ_id = self.env["product.category"].create({"name": "Café"})
        self.pay(move, self.cash, DAY + timedelta(days=1))
        self.assertEqual(self.rows(self.close()), {"1910": 125, "1510": -125})

    def test_another_account_on_a_posted_entry(self):
        move = self.sell({25: 100})
        self.close()
        account = self.card.default_account_id
        move.line_ids.filtered(lambda line: line.display_type == "product").account_id = account
        self.assertEqual(self.rows(self.close()), {"3001": 100, "1581": -100})

    def test_moved_to_another_day(self):
        move = self.sell({25: 100})
        self.close()
        move.button_draft()
        move.write({"invoice_date": DAY + timedelta(days=1), "date": DAY + timedelta(days=1)})
        move.action_post()
        old, new = self.close().sorted("date")
        self.assertEqual((old.date, old.correction), (DAY, True))
        self.assertEqual(self.rows(old), {"1510": -125, "3001": 100, "2611": 25})
        self.assertEqual((new.date, new.correction), (DAY + timedelta(days=1), False))
        self.assertEqual(self.rows(new), {"1510": 125, "3001": -100, "2611": -25})

    def test_a_later_start_leaves_alone_what_was_exported(self):
        move = self.sell({25: 100})
        self.close()
        self.connection.accounting_start_date = DAY + timedelta(days=1)
        move.ref = "Paid at the desk"
        self.assertFalse(self.close())
        move.button_draft()
        self.assertEqual(self.rows(self.close()), {"1510": -125, "3001": 100, "2611": 25})

    def test_fewer_journals_leave_alone_what_was_exported(self):
        self.sell({25: 100})
        self.close()
        self.connection.accounting_journal_ids = self.card
        self.assertFalse(self.close())

    def test_an_earlier_start(self):
        early = self.sell({25: 100}, DAY - timedelta(days=20))
        self.sell({25: 200})
        self.assertEqual(self.close().mapped("amount"), [250])
        self.env.flush_all()
        # As if it had been booked long before the last close.
        self.env.cr.execute("UPDATE account_move SET write_date = '2026-01-01' WHERE id = %s", [early.id])
        self.env.cr.execute(
            "UPDATE account_move_line SET write_date = '2026-01-01' WHERE move_id = %s", [early.id]
        )
        self.env.invalidate_all()
        self.connection.accounting_start_date = early.date
        self.assertEqual(self.rows(self.close()), {"1510": 125, "3001": -100, "2611": -25})

    def test_a_held_day_is_told_of_in_the_language_of_who_is_responsible(self):
        self.env["res.lang"]._activate_lang("sv_SE")
        self.env["ir.module.module"].search([("name", "=", "brp_accounting_export")])._update_translations(
            ["sv_SE"]
        )
        self.connection.responsible_id = self.bookkeeper
        self.bookkeeper.lang = "sv_SE"
        self.set_code(f"group:{self.group.id}:12", False)
        self.sell({12: 100})
        self.sell({25: 100}, DAY + timedelta(days=1))
        self.assertEqual(self.close().text, "Försäljning 2026-04-16")
        held = self.connection.accounting_day_ids.filtered(lambda day: day.state == "held")
        self.assertIn("Kontonummer saknas för: Gym, 12 %", held.problem)

    def test_deleted_after_the_export(self):
        entry = self.env["account.move"].create(
            {
                "journal_id": self.cash.id,
                "date": DAY,
                "line_ids": [
                    Command.create({"account_id": self.cash.default_account_id.id, "debit": 30}),
                    Command.create({"account_id": self.swish.default_account_id.id, "credit": 30}),
                ],
            }
        )
        entry.action_post()
        self.close()
        entry.button_draft()
        entry.with_context(force_delete=True).unlink()
        correction = self.close()
        self.assertEqual(self.rows(correction), {"1910": -30, "1582": 30})
        self.assertTrue(correction.correction)

    def test_exported_again_while_a_correction_waits(self):
        move = self.sell({25: 100})
        self.close()._note_exported()
        self.change_price(move, 80)
        correction = self.close()
        gone, again = self.connection.sudo()._export_anew(DAY)
        self.assertFalse(gone)
        self.assertEqual(correction.state, "withdrawn")
        # 25 kronor less with VAT: the other system has the first voucher as before.
        self.assertEqual(self.rows(again), {"1510": -25, "3001": 20, "2611": 5})
        again._note_exported()
        self.assert_whole({"1510": 100, "3001": -80, "2611": -20})

    def test_changed_back_before_the_correction_had_gone(self):
        move = self.sell({25: 100})
        self.close()._note_exported()
        self.change_price(move, 80)
        self.close()
        self.change_price(move, 100)
        _gone, again = self.connection.sudo()._export_anew(DAY)
        self.assertFalse(again)
        self.assert_whole({"1510": 125, "3001": -100, "2611": -25})

    def test_gone_there_after_it_was_corrected(self):
        move = self.sell({25: 100})
        first = self.close()
        first._note_exported()
        self.change_price(move, 80)
        self.close()._note_exported()
        first._withdraw()
        again = self.close()
        self.assertEqual(self.rows(again), {"1510": 125, "3001": -100, "2611": -25})
        again._note_exported()
        self.assert_whole({"1510": 100, "3001": -80, "2611": -20})
        move.button_draft()
        self.close()
        self.assert_whole({})

    def test_a_correction_gone_there_that_was_corrected(self):
        move = self.sell({25: 100})
        self.close()._note_exported()
        self.change_price(move, 80)
        second = self.close()
        second._note_exported()
        self.change_price(move, 60)
        self.close()._note_exported()
        second._withdraw()
        self.close()
        self.assert_whole({"1510": 75, "3001": -60, "2611": -15})
        self.assertFalse(self.close())

    def test_two_corrections_gone_of_a_document_that_was_moved(self):
        move = self.sell({25: 100})
        self.close()._note_exported()
        move.button_draft()
        move.write({"invoice_date": DAY + timedelta(days=1), "date": DAY + timedelta(days=1)})
        move.action_post()
        old = self.close().filtered("correction")
        self.change_price(move, 80)
        (old + self.close())._withdraw()
        self.close()
        self.assert_whole({"1510": 100, "3001": -80, "2611": -20})
        self.assertFalse(self.close())

    def test_vat_that_is_due_on_payment(self):
        account = self.env["account.account"].create(
            {
                "code": "2619",
                "name": "VAT not yet due",
                "account_type": "liability_current",
                "reconcile": True,
                "company_ids": [self.company.id],
            }
        )
        self.company.tax_exigibility = True
        self.taxes[25].write(
            {"tax_exigibility": "on_payment", "cash_basis_transition_account_id": account.id}
        )
        move = self.sell({25: 1000})
        self.connection._prepare_mapping()
        self.assertEqual(self.rows(self.close()), {"1510": 1250, "3001": -1000, "2619": -250})
        self.pay(move, self.card, DAY + timedelta(days=1))
        self.connection._prepare_mapping()
        # Sold once; the VAT is due with the payment, once.
        self.assertEqual(self.rows(self.close()), {"1581": 1250, "1510": -1250, "2619": 250, "2611": -250})

    def test_posted_late_into_an_exported_day(self):
        self.sell({25: 100})
        self.close()
        late = self.sell({25: 40}, DAY - timedelta(days=3))
        voucher = self.close()
        self.assertEqual((voucher.date, voucher.line_ids.item_ids.move_id), (DAY - timedelta(days=3), late))

    def test_given_other_vouchers_from_now_on_a_document_is_still_corrected(self):
        move = self.sell({25: 100, 12: 50})
        self.close()
        for per in ("document", "journal", "kind"):
            self.connection.accounting_per = per
            move.button_draft()
            move.invoice_line_ids[0].price_unit -= 20
            move.action_post()
            # 20 kronor less and its VAT.
            self.assertEqual(self.rows(self.close()), {"1510": -25, "3001": 20, "2611": 5}, per)
        self.assert_whole({"1510": 106, "3001": -40, "2611": -10, "3002": -50, "2621": -6})

    def test_deleted_after_a_part_of_it_was_corrected(self):
        move = self.sell({25: 100, 12: 50})
        self.sell({6: 100})
        self.close()
        move.button_draft()
        move.invoice_line_ids[0].price_unit = 80
        move.action_post()
        self.close()
        move.button_draft()
        move.with_context(force_delete=True).unlink()
        self.close()
        self.assertFalse(self.connection.accounting_day_ids.filtered("problem"))
        self.assert_whole({"1510": 106, "3003": -100, "2631": -6})

    def test_a_line_is_added_to_what_was_exported_before_a_later_start(self):
        move = self.sell({25: 100})
        self.close()
        self.connection.accounting_start_date = DAY + timedelta(days=1)
        move.button_draft()
        move.invoice_line_ids = [
            Command.create({"product_id": self.products[12].id, "quantity": 1, "price_unit": 50})
        ]
        move.action_post()
        self.assertEqual(self.rows(self.close()), {"1510": 56, "3002": -50, "2621": -6})
        self.assertFalse(self.connection.accounting_day_ids.filtered("problem"))

    def test_moved_to_an_earlier_day_than_is_closed(self):
        later = DAY + timedelta(days=1)
        move = self.sell({25: 100}, later)
        self.close(later)
        move.button_draft()
        line = {"product_id": self.products[12].id, "quantity": 1, "price_unit": 50}
        move.write({"invoice_date": DAY, "date": DAY, "invoice_line_ids": [Command.create(line)]})
        move.action_post()
        # The day that it has left is still open: all of it waits for that.
        self.assertFalse(self.close(DAY))
        self.assertFalse(self.connection.accounting_day_ids.filtered("problem"))
        new, old = self.close(later)
        self.assertEqual((new.date, old.date), (DAY, later))
        self.assertEqual(self.rows(new), {"1510": 181, "3001": -100, "2611": -25, "3002": -50, "2621": -6})
        self.assert_whole({"1510": 181, "3001": -100, "2611": -25, "3002": -50, "2621": -6})

    def test_moved_to_a_day_before_the_start(self):
        move = self.sell({25: 100})
        self.close()
        move.button_draft()
        move.write({"invoice_date": date(2026, 3, 31), "date": date(2026, 3, 31)})
        move.action_post()
        # Of March somebody else keeps the books.
        self.assertEqual(self.rows(self.close()), {"1510": -125, "3001": 100, "2611": 25})
        self.assert_whole({})

    def test_moved_to_a_journal_that_is_not_exported(self):
        other = self.env["account.journal"].create({"name": "Kiosk", "type": "sale", "code": "KIOSK"})
        move = self.sell({25: 100})
        self.connection.accounting_journal_ids = move.journal_id
        self.close()
        move.button_draft()
        move.write({"name": "/", "journal_id": other.id})
        move.action_post()
        self.close()
        self.assert_whole({})

    def test_a_chosen_journal_that_is_archived(self):
        self.connection.accounting_journal_ids = self.card
        move = self.sell({25: 100})
        self.pay(move, self.card)
        self.card.action_archive()
        # The card's sales are exported to the last, and none of the other journals are because of it.
        self.assertEqual(self.rows(self.close()), {"1581": 125, "1510": -125})

    def test_a_journal_that_becomes_of_another_kind(self):
        move = self.sell({25: 100})
        payment = self.pay(move, self.card)
        self.close()
        self.close()
        self.card.type = "cash"
        self.env.flush_all()
        # As if it had been booked long before the last close: only what is changed now is looked at.
        self.env.cr.execute("UPDATE account_move SET write_date = '2026-01-01'")
        self.env.cr.execute("UPDATE account_move_line SET write_date = '2026-01-01'")
        self.env.invalidate_all()
        payment.move_id.line_ids.filtered(
            lambda line: line.account_id == self.card.default_account_id
        ).account_id = self.swish.default_account_id
        self.assertEqual(self.rows(self.close()), {"1581": -125, "1582": 125})
        self.assertFalse(self.connection.accounting_day_ids.filtered("problem"))

    def test_a_day_that_is_held_when_earlier_days_are_exported(self):
        self.close()
        self.set_code(f"group:{self.group.id}:12", False)
        self.sell({12: 100}, DAY)
        self.close()
        day = self.connection.accounting_day_ids
        self.assertEqual((day.date, day.state), (DAY, "held"))
        with freeze_time("2026-04-23 08:00:00"):
            self.close(DAY - timedelta(days=3))
            self.assertEqual(day.state, "held")
        self.set_code(f"group:{self.group.id}:12", "3002")
        with freeze_time("2026-04-24 08:00:00"):
            self.assertEqual(self.rows(self.close()), {"1510": 112, "3002": -100, "2621": -12})
        self.assertEqual(day.state, "closed")

    def test_activated_again_from_the_day_that_is_held(self):
        self.set_code(f"group:{self.group.id}:12", False)
        self.sell({12: 100})
        self.sell({25: 100}, DAY + timedelta(days=1))
        self.close()
        self.connection._deactivate()
        self.assertEqual(self.connection._propose_start_date(), DAY)

    def test_archived_journals_stay_when_others_are_chosen(self):
        usual = self.connection._get_accounting_journals()
        self.swish.action_archive()
        wizard = self.env["brp.accounting.activate"].create({"connection_id": self.connection.id})
        wizard.journal_ids -= self.card
        self.assertEqual(self.connection._get_accounting_journals(), usual - self.card)
        wizard.journal_ids |= self.card
        self.assertFalse(self.connection.sudo().accounting_journal_ids)

    def test_moved_from_a_held_day(self):
        moved = self.sell({25: 100})
        self.close()
        self.set_code(f"group:{self.group.id}:12", False)
        self.sell({12: 100})
        moved.button_draft()
        moved.write({"invoice_date": DAY + timedelta(days=1), "date": DAY + timedelta(days=1)})
        moved.action_post()
        self.sell({6: 100}, DAY + timedelta(days=1))
        # It stays where it is until both of its days can go.
        self.assertEqual(self.rows(self.close()), {"1510": 106, "3003": -100, "2631": -6})
        self.set_code(f"group:{self.group.id}:12", "3002")
        old, new = self.close().grouped("date").values()
        self.assertEqual(self.rows(old), {"1510": -13, "3001": 100, "2611": 25, "3002": -100, "2621": -12})
        self.assertEqual(self.rows(new), {"1510": 125, "3001": -100, "2611": -25})

    def test_only_an_active_connection_exports_by_hand(self):
        self.sell({25: 100})
        self.connection._deactivate()
        question = self.env["brp.accounting.export.now"].with_user(self.bookkeeper)
        with self.assertRaisesRegex(UserError, "SIE is not active"):
            question.create({"connection_id": self.connection.id}).action_export()
        self.assertFalse(self.connection.accounting_day_ids)

    def test_one_voucher_per_document_or_journal(self):
        self.connection.accounting_per = "document"
        moves = self.sell({25: 100}) + self.sell({12: 100})
        vouchers = self.close()
        self.assertEqual(vouchers.move_id, moves)
        self.assertEqual(vouchers.mapped("amount"), [125, 112])
        self.connection.accounting_per = "journal"
        self.pay(moves[0], self.card)
        self.pay(moves[1], self.swish)
        vouchers = self.close()
        self.assertEqual(vouchers.journal_id, self.card + self.swish)

    def book(self, ref=False, labels=("Fees", "Klarna"), day=DAY, amount=30):
        """Post a miscellaneous entry: card against Swish."""
        debit, credit = (journal.default_account_id.id for journal in (self.card, self.swish))
        entry = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": day,
                "ref": ref,
                "line_ids": [
                    Command.create({"account_id": debit, "debit": amount, "name": labels[0]}),
                    Command.create({"account_id": credit, "credit": amount, "name": labels[1]}),
                ],
            }
        )
        entry.action_post()
        return entry

    def test_each_entry_has_a_voucher_that_says_what_it_is(self):
        self.sell({25: 100})
        self.sell({25: 100})
        moves = (
            self.book("Klarna 2026-04-15,\n payout 2611040001 ")
            + self.book(labels=("Rent of April", "Rent of April"))
            + self.book(labels=("One", False))
        )
        sales, *vouchers = self.close()
        self.assertEqual((sales.text, sales.amount), ("Sales 2026-04-15", 250))
        self.assertEqual([voucher.move_id for voucher in vouchers], list(moves))
        self.assertEqual(
            [voucher.text for voucher in vouchers],
            [
                "Klarna 2026-04-15, payout 2611040001",
                "Rent of April 2026-04-15",
                f"{moves[2].name} 2026-04-15",
            ],
        )
        self.assertEqual(
            [dict(voucher.line_ids.mapped(lambda line: (line.code, line.text))) for voucher in vouchers],
            [
                {"1581": "Fees", "1582": "Klarna"},
                {"1581": "Rent of April", "1582": "Rent of April"},
                {"1581": "One", "1582": "Swish"},  # without a label, as before
            ],
        )
        # The report of the day is not theirs.
        self.assertEqual(
            [voucher._carries_report() for voucher in (sales, *vouchers)], [True, False, False, False]
        )
        # What the other system has room for loses the date first: the voucher itself has it.
        vouchers[0].sudo().text = "Klarna 2026-04-15, utbetalning 2611040001"
        self.assertEqual(
            vouchers[0]._get_text_with_token(), f"Klarna, utbetalning 2611040001 {vouchers[0].token}"
        )

    def test_entries_of_a_day_together(self):
        self.connection.accounting_apart_journal_ids = self.other_entries
        self.book("Klarna 1")
        self.book("Klarna 2")
        voucher = self.close()
        self.assertEqual((voucher.text, self.rows(voucher)), ("Other 2026-04-15", {"1581": 60, "1582": -60}))
        self.assertEqual(set(voucher.line_ids.mapped("text")), {"Kort", "Swish"})

    def test_a_changed_entry_is_corrected_by_itself(self):
        changed, deleted = self.book("Klarna 1"), self.book("Klarna 2", amount=50)
        first = self.close()
        first._note_exported()
        changed.button_draft()
        for line in changed.line_ids:
            line.with_context(check_move_validity=False).write(
                {"debit": line.debit and 20, "credit": line.credit and 20}
            )
        changed.action_post()
        deleted.button_draft()
        deleted.with_context(force_delete=True).unlink()
        corrections = self.close().grouped("move_id")
        self.assertEqual(self.rows(corrections[changed]), {"1581": -10, "1582": 10})
        self.assertEqual(corrections[changed].corrects_ids, first[0])
        self.assertEqual(corrections[changed].text, "Correction: Klarna 1 2026-04-15")
        # Its rows are what was undone and what is now, of one label.
        self.assertEqual(set(corrections[changed].line_ids.mapped("text")), {"Fees", "Klarna"})
        self.assertEqual(self.rows(corrections[changed.browse()]), {"1581": -50, "1582": 50})
        self.assert_whole({"1581": 20, "1582": -20})
        self.assertFalse(self.close())

    def test_cost_centres_share_to_the_ore(self):
        plan = self.env["account.analytic.plan"].create({"name": "Places"})
        north, south = self.env["account.analytic.account"].create(
            [{"name": name, "plan_id": plan.id} for name in ("North", "South")]
        )
        self.env["brp.accounting.dimension"].create(
            [
                {"connection_id": self.connection.id, "analytic_account_id": north.id, "code": "N"},
                {
                    "connection_id": self.connection.id,
                    "analytic_account_id": south.id,
                    "code": "S7",
                    "kind": "project",
                },
            ]
        )
        move = self.sell({25: 100.01})
        move.button_draft()
        move.invoice_line_ids.analytic_distribution = {str(north.id): 33.33, str(south.id): 33.33}
        move.action_post()
        sales = self.close().line_ids.filtered(lambda line: line.code == "3001")
        # A third each of 100.01: 33.34 without, 33.33 and 33.34; together what was sold.
        self.assertAlmostEqual(sum(sales.mapped("amount")), -100.01, 2)
        self.assertEqual(
            {(line.cost_centre, line.project): line.amount for line in sales},
            {(False, False): -33.34, ("N", False): -33.34, (False, "S7"): -33.33},
        )
        self.assertEqual(len(sales.item_ids), 3)

    def test_a_document_of_a_cost_centre_and_a_project(self):
        plans = self.env["account.analytic.plan"].create([{"name": "Places"}, {"name": "Camps"}])
        hall, camp = self.env["account.analytic.account"].create(
            [{"name": plan.name, "plan_id": plan.id} for plan in plans]
        )
        self.env["brp.accounting.dimension"].create(
            [
                {
                    "connection_id": self.connection.id,
                    "analytic_account_id": account.id,
                    "code": code,
                    "kind": kind,
                }
                for account, code, kind in ((hall, "H", "cost_centre"), (camp, "C", "project"))
            ]
        )
        move = self.sell({25: 100})
        move.button_draft()
        move.invoice_line_ids.analytic_distribution = {f"{hall.id},{camp.id}": 60, str(hall.id): 40}
        move.action_post()
        sales = self.close().line_ids.filtered(lambda line: line.code == "3001")
        self.assertEqual(
            {(line.cost_centre, line.project): line.amount for line in sales},
            {("H", "C"): -60, ("H", False): -40},
        )

    def test_a_tax_in_kronor_is_no_vat_rate(self):
        account = self.env["account.account"].create(
            {
                "code": "2695",
                "name": "Chemical Tax",
                "account_type": "liability_current",
                "company_ids": [self.company.id],
            }
        )
        tax = self.env["account.tax"].create(
            {
                "name": "Chemical tax",
                "amount_type": "fixed",
                "amount": 25,
                "type_tax_use": "sale",
                "invoice_repartition_line_ids": [
                    Command.create({"repartition_type": "base"}),
                    Command.create({"repartition_type": "tax", "account_id": account.id}),
                ],
            }
        )
        self.products[25].taxes_id |= tax
        move = self.sell({25: 100})
        self.connection._prepare_mapping()
        rows = self.rows(self.close())
        self.assertEqual((rows["2695"], rows["1510"]), (-25, move.amount_total))

    def test_income_that_is_no_sale_goes_by_its_account(self):
        interest = self.env["account.account"].create(
            {
                "code": "8319",
                "name": "Interest",
                "account_type": "income_other",
                "company_ids": [self.company.id],
            }
        )
        self.env["account.move"].create(
            {
                "journal_id": self.card.id,
                "date": DAY,
                "line_ids": [
                    Command.create({"account_id": self.card.default_account_id.id, "debit": 30}),
                    Command.create({"account_id": interest.id, "credit": 30}),
                ],
            }
        ).action_post()
        self.connection._prepare_mapping()
        self.assertEqual(self.rows(self.close()), {"1581": 30, "8319": -30})

    def test_a_document_that_differs_by_an_ore(self):
        move = self.sell({25: 100})
        self.sell({25: 100}, DAY + timedelta(days=1))
        self.env.flush_all()
        line = move.line_ids.filtered(lambda line: line.display_type == "product")
        self.env.cr.execute("UPDATE account_move_line SET balance = balance + 0.01 WHERE id = %s", [line.id])
        self.env.invalidate_all()
        self.assertEqual(self.close().mapped("date"), [DAY + timedelta(days=1)])
        problem = self.connection.accounting_day_ids.filtered("problem").problem
        self.assertIn(f"{move.name} does not balance, the difference is 0.01", problem.replace("\xa0", " "))

    def test_a_company_that_does_not_keep_its_books_in_kronor(self):
        self.company.currency_id = self.env.ref("base.EUR")
        with self.assertRaisesRegex(UserError, "Only kronor can be exported"):
            self.connection._check_start_date(DAY)

    def test_nothing_is_moved_to_another_companys_export(self):
        other = self.setup_other_company()["company"]
        theirs = find_connection(other, "sie").sudo()
        self.assertTrue(theirs)
        mapping = self.connection.accounting_mapping_ids[0].with_user(self.bookkeeper)
        with self.assertRaises(AccessError):
            mapping.connection_id = theirs.id
        plan = self.env["account.analytic.plan"].create({"name": "Places"})
        place = self.env["account.analytic.account"].create({"name": "Hall", "plan_id": plan.id})
        dimension = self.env["brp.accounting.dimension"].create(
            {"connection_id": self.connection.id, "analytic_account_id": place.id, "code": "H"}
        )
        with self.assertRaises(AccessError):
            dimension.with_user(self.bookkeeper).connection_id = theirs.id

    def test_account_numbers(self):
        mapping = self.connection.accounting_mapping_ids[0]
        mapping.code = " 1930 "
        self.assertEqual(mapping.code, "1930")
        for wrong in ("19A0", "1234567", "１９３０"):
            with self.assertRaisesRegex(ValidationError, "is no account number"):
                mapping.code = wrong

    def test_queries_do_not_grow_with_the_documents(self):
        counts = []
        for number, day in ((3, DAY), (30, DAY + timedelta(days=1))):
            for _document in range(number):
                self.sell({25: 10}, day)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.close(day)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 3)


@tagged("post_install", "-at_install")
class TestWhen(AccountingExportCommon):
    """A day is over at its closing time in Sweden, whatever the clocks do that night."""

    def last_day(self, utc, close_time=2.5):
        self.connection.accounting_close_time = close_time
        with freeze_time(utc):
            return self.connection._get_last_day()

    def test_summer_and_winter(self):
        # 02:29 and 02:30 in Sweden, an hour (winter) and two hours (summer) after UTC.
        self.assertEqual(self.last_day("2026-01-15 01:29:00"), date(2026, 1, 13))
        self.assertEqual(self.last_day("2026-01-15 01:30:00"), date(2026, 1, 14))
        self.assertEqual(self.last_day("2026-07-15 00:29:00"), date(2026, 7, 13))
        self.assertEqual(self.last_day("2026-07-15 00:30:00"), date(2026, 7, 14))
        self.assertEqual(self.last_day("2026-07-14 22:30:00", 0.0), date(2026, 7, 14))

    def test_the_night_without_half_past_two(self):
        # 01:59 is followed by 03:00.
        self.assertEqual(self.last_day("2026-03-29 00:59:00"), date(2026, 3, 27))
        self.assertEqual(self.last_day("2026-03-29 01:00:00"), date(2026, 3, 28))

    def test_the_night_with_half_past_two_twice(self):
        self.sell({25: 100}, date(2026, 10, 24))
        with freeze_time("2026-10-25 00:30:00"):  # 02:30 the first time
            self.connection.accounting_close_time = 2.5
            self.connection.sudo()._close_by_itself()
            self.assertEqual(self.connection.accounting_closed_until, date(2026, 10, 24))
        with freeze_time("2026-10-25 01:00:00"):  # 02:00 again
            self.connection.sudo()._close_by_itself()
            self.assertEqual(self.connection.accounting_closed_until, date(2026, 10, 24))
        self.assertEqual(len(self.connection.accounting_day_ids), 1)

    def test_the_job_closes_each_day_once(self):
        self.sell({25: 100}, date(2026, 4, 19))
        self.sell({25: 100}, date(2026, 4, 20))
        self.connection.sudo()._close_by_itself()
        self.assertEqual(self.connection.accounting_day_ids.date, date(2026, 4, 19))
        with freeze_time("2026-04-21 00:00:00"):  # 02:00 in Sweden
            self.connection.sudo()._close_by_itself()
        self.assertEqual(
            self.connection.accounting_day_ids.mapped("date"), [date(2026, 4, 20), date(2026, 4, 19)]
        )

    def test_what_was_exported_by_hand_today_stays(self):
        today = date(2026, 4, 20)
        move = self.sell({25: 100}, today)
        self.close(today)
        # The job does not get as far as today.
        self.assertFalse(self.close(date(2026, 4, 19)))
        self.change_price(move, 80)
        self.assertFalse(self.close(date(2026, 4, 19)))
        self.assertEqual(self.rows(self.close(today)), {"1510": -25, "3001": 20, "2611": 5})

    def test_moved_beyond_the_day_that_is_closed(self):
        move = self.sell({25: 100}, date(2026, 4, 18))
        self.close()
        move.button_draft()
        move.write({"invoice_date": date(2026, 4, 20), "date": date(2026, 4, 20)})
        move.action_post()
        self.assertEqual(self.rows(self.close()), {"1510": -125, "3001": 100, "2611": 25})
        self.assertFalse(self.close())
        self.assertEqual(self.rows(self.close(date(2026, 4, 20))), {"1510": 125, "3001": -100, "2611": -25})

    def test_closing_an_earlier_day_forgets_no_later_one(self):
        move = self.sell({25: 100}, date(2026, 4, 18))
        self.close()
        late = self.sell({12: 100}, date(2026, 4, 17))
        self.change_price(move, 80)
        with freeze_time("2026-04-22 08:00:00"):
            self.assertFalse(self.close(date(2026, 4, 16)))
        self.env.flush_all()
        # As long ago as the margin is, and longer.
        for table, column in (("account_move", "id"), ("account_move_line", "move_id")):
            self.env.cr.execute(
                f"UPDATE {table} SET write_date = '2026-04-20 09:00:00' WHERE {column} = ANY(%s)",
                [(move + late).ids],
            )
        with freeze_time("2026-04-22 09:00:00"):
            made = self.close(date(2026, 4, 19))
        self.assertEqual(self.rows(made), {"1510": 87, "3001": 20, "2611": 5, "3002": -100, "2621": -12})

    def test_today_held_by_hand_goes_when_it_can(self):
        today = date(2026, 4, 20)
        self.set_code(f"group:{self.group.id}:12", False)
        self.sell({12: 100}, today)
        self.close(today)
        day = self.connection.accounting_day_ids
        self.assertEqual((day.date, day.state), (today, "held"))
        # An earlier day that is closed meanwhile says nothing of it.
        self.close(date(2026, 4, 19))
        self.assertEqual(day.state, "held")
        self.assertTrue(self.connection.problem)
        self.set_code(f"group:{self.group.id}:12", "3002")
        self.connection.sudo()._close_by_itself()
        self.assertEqual((day.state, self.connection.problem), ("closed", False))
        self.assertEqual(self.rows(day.voucher_ids), {"1510": 112, "3002": -100, "2621": -12})
        self.assertEqual(self.connection.accounting_closed_until, date(2026, 4, 19))
