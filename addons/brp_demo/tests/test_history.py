from datetime import date, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.brp_installments.schedule import due_dates

from .. import autogiro
from ..history import PURCHASES, create_history
from .test_autogiro import AutogiroCase


@tagged("post_install", "-at_install")
class TestHistory(AutogiroCase):
    """The history shows what it is to show, whatever the day, and the ledger bears it out."""

    def test_what_was_installed(self):
        mains = self.env["account.move"].search(
            [
                ("installment_plan_id", "!=", False),
                ("company_id", "=", self.env.ref("base.main_company").id),
            ]
        )
        self.assertEqual(len(mains), 8 + 7, "of which seven by Autogiro")
        self._check_ledger(mains)
        self.assertFalse(self.env["mail.mail"].search([("state", "=", "outgoing")]))
        quotations = self.env["sale.order"].search([("state", "=", "draft")])
        self.assertEqual(
            quotations.partner_id,
            self.env.ref("brp_demo.customer_karin") + self.env.ref("brp_demo.customer_hanna"),
        )
        ready = quotations.filtered(lambda order: order.partner_id.name == "Karin Forsberg")
        self.assertEqual(ready.amount_total, 12000)
        self.assertTrue(ready.can_sell_in_installments)

    def test_dates_hold_on_any_day_of_the_year(self):
        """What is to be overdue, upcoming or paid up is so from 1 January to 31 December."""
        for number in range(366):
            today = date(2028, 1, 1) + timedelta(days=number)
            sold = [purchase.sale_date(today) for purchase in PURCHASES]
            self.assertEqual(sold, sorted(sold), today)
            self.assertLess(sold[-1], today)
            past = {}
            for purchase, day in zip(PURCHASES, sold, strict=True):
                due = due_dates(day, purchase.months, cutoff_day=15, due_day=27)
                past[purchase.shows] = sum(date < today for date in due)
            self.assertEqual(past["paid"], 3, today)
            self.assertIn(past["overdue"], (5, 6), today)
            self.assertIn(past["parts credited"], (3, 4), today)
            self.assertEqual(past["new"], 0, today)

    def test_history_can_be_made_and_played_on_a_leap_day(self):
        """In a year that what was installed does not reach."""
        today = date(2048, 2, 29)
        self.env.invalidate_all()
        with freeze_time("2048-02-29 12:00:00"):
            self._check(create_history(self.env, today), today)
        self._check_played(today)

    def _check(self, purchases, today):
        by_autogiro = [purchases.pop(purchase.shows) for purchase in autogiro.PURCHASES]
        self.assertTrue(all(main.invoice_date <= today for main in by_autogiro))
        self._check_ledger([main.sudo() for main in by_autogiro])
        mains = self.env["account.move"].union(*(main.sudo() for main in purchases.values()))
        mains = mains.with_env(self.env(context={"tz": "Europe/Stockholm"}))
        self.assertEqual(len(mains), 8)
        self._check_ledger(mains)
        shown = {name: main.with_env(mains.env) for name, main in purchases.items()}

        states = {
            name: main.installment_ids.sorted("installment_number").mapped("installment_state")
            for name, main in shown.items()
        }
        self.assertEqual(states["paid"], ["paid"] * 3)
        self.assertEqual(states["all credited"], ["credited"] * 12)
        self.assertEqual(states["new"], ["upcoming"] * 6)
        self.assertEqual(states["parts credited"][-2:], ["credited"] * 2)
        self.assertEqual(states["overdue"].count("overdue"), 1)
        self.assertGreaterEqual(states["overdue"].count("paid"), 4)
        everything = [state for of_main in states.values() for state in of_main]
        self.assertEqual(everything.count("overdue"), 1)

        self.assertEqual(shown["overdue"].installment_ids.mapped("amount_total"), [1000] * 12)
        self.assertEqual(shown["parts credited"].amount_residual, 2000)
        self.assertEqual(shown["all credited"].installment_left, 0)
        self.assertTrue(all(main.invoice_date <= today for main in mains))

        soon = today + timedelta(days=self.env.ref("base.main_company").installment_send_days)
        parts = mains.installment_ids.filtered(lambda part: part.invoice_date_due <= soon)
        self.assertTrue(all(parts.mapped("is_move_sent")), "the daily job has nobody to mail")

    def _check_ledger(self, mains):
        """1530 of every purchase is zero, and what customers owe is what is left to pay."""
        for main in mains:
            account = main.company_id.installment_account_id
            documents = main + main.reversal_move_ids
            documents += self.env["account.move"].search([("installment_main_id", "=", main.id)])
            lines = documents.line_ids
            held = sum(
                lines.filtered(lambda line, account=account: line.account_id == account).mapped("balance")
            )
            self.assertEqual(round(held, 2), 0, main.name)
            owed = sum(
                lines.filtered(lambda line: line.account_type == "asset_receivable").mapped("amount_residual")
            )
            self.assertEqual(round(owed, 2), main.installment_left, main.name)
