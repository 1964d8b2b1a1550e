from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import DAY, AccountingExportCommon

START = date(2026, 4, 1)
BEFORE = date(2026, 3, 20)


@tagged("post_install", "-at_install")
class TestLeftOut(AccountingExportCommon):
    """What is dated before the start and was booked afterwards is told of, until it goes or is to stay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection.responsible_id = cls.bookkeeper
        cls.connection = cls.connection.sudo()

    def close_by_itself(self):
        self.connection._close_by_itself()
        return self.connection.problem

    def ask(self, user=None):
        action = self.connection.with_user(user or self.bookkeeper).action_late()
        return self.env[action["res_model"]].with_user(user or self.bookkeeper).browse(action["res_id"])

    def activate_anew(self, start=START):
        """Deactivate the connection and activate it as its dialog does."""
        self.connection._deactivate()
        wizard = (
            self.env["brp.accounting.activate"]
            .with_user(self.bookkeeper)
            .create({"connection_id": self.connection.id, "start_date": start})
        )
        wizard.step = "start"
        told = wizard.left_out
        while wizard.step != "done":
            wizard.action_next()
        return told

    def test_told_with_number_days_and_sum(self):
        self.assertFalse(self.close_by_itself())
        late = self.sell({25: 100}, BEFORE) + self.sell({25: 200}, BEFORE + timedelta(days=3))
        self.sell({25: 400})
        # The last day is closed already: it is told of all the same.
        problem = self.close_by_itself()
        self.assertEqual(
            problem.replace("\xa0", " "),
            "Booked afterwards and not exported, because they are dated before the start date 2026-04-01:"
            " 2 entries of 2026-03-20 to 2026-03-23, 375.00 kr in all. Export them too, or leave them out.",
        )
        self.assertEqual(self.connection.activity_ids.user_id, self.bookkeeper)
        self.assertEqual(self.connection.accounting_late_count, 2)
        action = self.connection.with_user(self.bookkeeper).action_view_late()
        self.assertEqual(self.env["account.move"].search(action["domain"]), late.sorted("date", reverse=True))

    def test_what_was_there_before_is_not_told_of(self):
        draft = self.sell({25: 300}, BEFORE)
        draft.button_draft()
        old = self.sell({25: 100}, BEFORE)
        told = self.activate_anew()
        self.assertIn("1 entries of 2026-03-20 to 2026-03-20. They stay out.", told)
        self.assertFalse(self.connection.problem)
        # Paying or renaming it later makes it no news; a draft that is posted now is.
        old.ref = "By telephone"
        self.pay(old, self.card)
        self.assertFalse(self.close_by_itself())
        draft.action_post()
        self.assertIn("1 entries of 2026-03-20", self.close_by_itself())

    def test_left_out_it_is_told_of_no_more(self):
        self.sell({25: 100}, BEFORE)
        self.close_by_itself()
        wizard = self.ask()
        # What nobody has seen is not agreed to.
        unseen = self.sell({25: 200}, BEFORE)
        with self.assertRaisesRegex(UserError, "Choose what to do"):
            wizard.action_confirm()
        wizard.choice = "stay"
        wizard.action_confirm()
        self.assertIn("1 entries of 2026-03-20", self.connection.problem)
        wizard = self.ask()
        self.assertEqual(wizard.sudo().move_ids, unseen)
        wizard.choice = "stay"
        wizard.action_confirm()
        self.assertFalse(self.connection.problem)
        self.assertFalse(self.connection.activity_ids)
        self.assertFalse(self.close_by_itself())
        self.assertFalse(self.close())
        # Changed afterwards, it is news again.
        self.change_price(unseen, 250)
        self.assertIn("1 entries of 2026-03-20", self.close_by_itself())

    def test_exported_from_an_earlier_day(self):
        self.connection._deactivate()
        self.sell({25: 50}, BEFORE + timedelta(days=1))  # booked before, perhaps there already
        self.activate_anew()
        first = self.sell({25: 10}, BEFORE - timedelta(days=1))
        second = self.sell({25: 100}, BEFORE)
        self.sell({25: 400})
        self.close()._note_exported()
        self.close_by_itself()
        with Form(self.ask()) as form:
            self.assertEqual(str(form.start), "2026-03-19")
            self.assertIn("3 entries of before 2026-04-01", form.going)
            self.assertFalse(form.staying)
            form.choice = "earlier"
            form.start = BEFORE
            self.assertIn("2 entries of before 2026-04-01, 187.50", form.going)
            self.assertIn("1 of them were booked before the export was activated", form.others)
            self.assertIn("1 of the entries above", form.staying)
        wizard = form.record
        wizard.action_confirm()
        self.assertEqual(self.connection.accounting_start_date, BEFORE)
        self.assertIn("1 entries of 2026-03-19", self.connection.problem)
        self.connection._close_by_itself()
        vouchers = self.env["brp.accounting.voucher"].search([("date", "<", START)])
        self.assertEqual(self.rows(vouchers), {"1510": 187.5, "3001": -150, "2611": -37.5})
        self.assertIn(second, vouchers.line_ids.item_ids.move_id)
        self.assertNotIn(first, vouchers.line_ids.item_ids.move_id)
        wizard = self.ask()
        wizard.choice = "earlier"
        wizard.start = BEFORE
        with self.assertRaisesRegex(UserError, "Choose a day before 2026-03-20"):
            wizard.action_confirm()

    def test_not_from_a_day_that_another_connection_has_exported(self):
        self.sell({25: 100}, BEFORE)
        other = (
            self.env["brp.connection"]
            .sudo()
            .search([("provider", "=", "bjorn_lunden"), ("company_id", "=", self.company.id)])
        )
        self.env["brp.accounting.day"].sudo().create(
            {"connection_id": other.id, "date": BEFORE, "state": "closed"}
        )
        wizard = self.ask()
        wizard.choice = "earlier"
        with self.assertRaisesRegex(UserError, "has exported the days until 2026-03-20"):
            wizard.action_confirm()
        self.assertEqual(self.connection.accounting_start_date, START)

    def test_only_what_would_be_exported(self):
        self.connection.accounting_journal_ids = self.company_data["default_journal_sale"]
        move = self.sell({25: 100}, BEFORE)
        self.pay(move, self.card, BEFORE)  # its journal is not exported
        self.sell({25: 0}, BEFORE)  # nothing to book
        self.assertIn("1 entries", self.close_by_itself())
        move.button_draft()
        self.assertFalse(self.close_by_itself())

    def test_moved_before_the_start_after_its_export(self):
        move = self.sell({25: 100})
        self.close()
        move.button_draft()
        move.write({"invoice_date": BEFORE, "date": BEFORE})
        move.action_post()
        self.assertEqual(self.rows(self.close()), {"1510": -125, "3001": 100, "2611": 25})
        self.assertIn("1 entries of 2026-03-20", self.connection.problem)

    def test_exported_before_a_later_start_it_is_not_left_out(self):
        move = self.sell({25: 100})
        self.close()
        told = self.activate_anew(DAY + timedelta(days=1))
        self.assertFalse(told)
        move.button_draft()
        move.invoice_line_ids = [Command.create({"product_id": self.products[12].id, "price_unit": 50})]
        move.action_post()
        # The new line will go with its document: nothing of it is left out.
        self.assertEqual(self.connection._sum_late().count, 0)
        self.assertEqual(self.rows(self.close()), {"1510": 56, "3002": -50, "2621": -6})
        self.assertFalse(self.connection.problem)

    def test_a_pause_agrees_to_nothing(self):
        self.connection._pause("Closed")
        self.sell({25: 100}, BEFORE)
        self.connection._activate()
        self.assertIn("1 entries of 2026-03-20", self.close_by_itself())

    def test_activating_anew_tells_what_had_been_told(self):
        self.sell({25: 100}, BEFORE)
        self.assertIn("1 of them were booked afterwards, while the export was active", self.activate_anew())
        self.assertFalse(self.close_by_itself())

    def test_another_company(self):
        other = self.setup_other_company()["company"]
        self.env["account.move"].with_company(other).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": BEFORE,
                "invoice_line_ids": [(0, 0, {"name": "Thing", "price_unit": 100, "tax_ids": False})],
            }
        ).action_post()
        self.assertFalse(self.close_by_itself())

    def test_who_may(self):
        self.sell({25: 100}, BEFORE)
        self.bookkeeper.group_ids = [
            (6, 0, (self.env.ref("brp_connector.group_connector_user") + self.env.ref("base.group_user")).ids)
        ]
        with self.assertRaises(AccessError):
            self.ask()

    def test_queries_do_not_grow_with_the_entries(self):
        counts = []
        for number in (2, 20):
            moves = self.env["account.move"].union(*(self.sell({25: 10}, BEFORE) for _one in range(number)))
            moves.button_draft()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            moves._note_left_out()
            self.assertLessEqual(self.env.cr.sql_log_count - before, 2)  # drafts: nothing to look for
            moves.action_post()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            moves._note_left_out()
            self.connection._find_problem()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
