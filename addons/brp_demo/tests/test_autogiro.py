import json
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from odoo.addons.brp_autogiro.bankgirot import add_bank_days, is_bank_day

from ..autogiro import PURCHASES, AutogiroStaff, get_answers, get_collection_date, get_months, play_autogiro

SIMULATOR = Path(__file__).resolve().parents[3] / "tests/simulators/bankgirot"


class AutogiroCase(TransactionCase):
    """Plays three months of Autogiro with the bank's simulator, and checks what they came to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.ref("base.main_company")
        cls.clearing = cls.company.autogiro_method_line_id.payment_account_id

    def _check_played(self, today):
        if not SIMULATOR.is_dir():
            self.skipTest(f"no simulator in {SIMULATOR}")
        outgoing = [("state", "=", "outgoing")]
        before = self.env["mail.mail"].search_count(outgoing)
        with tempfile.TemporaryDirectory() as folder, freeze_time("2000-01-01") as frozen:
            self._play(Path(folder), frozen, today)
        self.assertEqual(
            self.env["mail.mail"].search_count(outgoing), before, "nobody is told of what is past"
        )
        self.env.invalidate_all()
        self._check_batches(today)
        self._check_invoices()
        self._check_clearing(today)

    def _play(self, folder, frozen, today):
        (folder / "out").mkdir()
        answers = folder / "answers.json"
        answers.write_text(json.dumps(get_answers(self.env)))

        def answer(name, data, until):
            (folder / "out" / name).write_bytes(data)
            command = [sys.executable, str(SIMULATOR), "once", "--folder", str(folder), "--retries", "3"]
            done = subprocess.run(
                [*command, "--outcomes", str(answers), "--until", str(until)], capture_output=True, text=True
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            arrived = sorted((folder / "in").iterdir(), key=lambda path: path.name.split(".")[3:])
            return [(path.name, path.read_bytes(), path.unlink())[:2] for path in arrived]

        moments = []
        play_autogiro(
            self.env, today, lambda moment: (moments.append(moment), frozen.move_to(moment)), answer
        )
        self.assertEqual(moments, sorted(moments))
        self.assertLessEqual(moments[-1].date(), today)

    def _check_batches(self, today):
        """What each month came to, worked out by hand from prices and answers."""
        *_older, first, second, third, waiting = self.env["brp.autogiro.batch"].search(
            [("kind", "=", "payments")], order="id"
        )
        self.batches = first + second + third
        self.assertEqual(waiting.state, "sent", "to be cancelled or moved")
        self.assertLess(waiting.sent_date, today)
        self.assertGreater(waiting.moved_date, today)
        self.assertEqual(
            [(payment.partner_id.name, payment.amount, payment.state) for payment in waiting.payment_ids],
            [("Oskar Norberg", 1300, "sent")],
        )
        figures = [
            (
                batch.payment_count,
                batch.payment_amount,
                batch.approved_amount,
                batch.refused_amount,
                batch.refunded_amount,
            )
            for batch in self.batches
        ]
        # Year cards of 12 000, 4 200, 6 600 and 12 000 kr in twelve parts, a course of 2 400 kr in six.
        month = 1000 + 350 + 550 + 1000 + 400
        self.assertEqual(figures[0], (5, month, month, 0, 0))
        self.assertEqual(figures[1], (5, month, month - 1000, 0, 1000))
        self.assertEqual(figures[2], (6, month + 1300, month + 1300 - 550, 550, 0))  # and two hours of hall
        self.assertEqual(self.batches.mapped("state"), ["done"] * 3)
        reasons = {payment.partner_id.name: payment.reason for payment in self.batches[2].left_out_ids}
        self.assertEqual(
            reasons,
            {"Per Sandberg": "blocked", "Rasmus Holmberg": "no_mandate", "Tove Nyberg": "no_mandate"},
        )
        reports = self.env["brp.autogiro.report"].search([("written", ">=", get_months(today)[0])])
        self.assertEqual(set(reports.mapped("state")), {"done"})
        self.assertEqual(set(reports.mapped("create_uid.login")) - {"ekonomi", "__system__"}, set())

    def _check_invoices(self):
        payments = self.batches[1].payment_ids + self.batches[2].payment_ids
        of_customer = {}
        for payment in payments.sorted("id"):
            of_customer.setdefault(payment.partner_id.name.split()[0], []).append(payment.state)
        self.assertEqual(
            of_customer,
            {
                "Maja": ["approved"] * 2,
                "Nils": ["approved"] * 2,
                "Olivia": ["approved", "refused"],
                "Per": ["refunded", "left_out", "approved"],
                "Wilma": ["approved"] * 2,
                "Oskar": ["approved"],
                "Rasmus": ["left_out"],
                "Tove": ["left_out"],
            },
        )
        refused = payments.filtered(lambda payment: payment.state in ("refused", "refunded")).move_id
        self.assertEqual(refused.mapped("payment_state"), ["not_paid"] * 2)
        self.assertTrue(all(refused.mapped("autogiro_blocked")))
        self.assertEqual(
            refused.activity_ids.user_id, self.env.ref("brp_demo.user_bookkeeper"), "who is to decide"
        )
        self.assertEqual(len(refused.activity_ids), 2)
        waiting = self.env["brp.autogiro.mandate"].search([("state", "!=", "active")])
        self.assertEqual(
            waiting.mapped(lambda mandate: (mandate.partner_id.name, mandate.state)),
            [("Rasmus Holmberg", "sent")],
        )

    def _check_clearing(self, today):
        """The clearing account holds what came in less what went back; nothing is dated later than today."""
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.clearing.id),
                ("parent_state", "=", "posted"),
                ("date", ">=", get_months(today)[0]),
            ]
        )
        # 3 300 a month three times and the hall, less one part of 550 refused and one of 1 000 refunded.
        self.assertEqual(sum(lines.mapped("balance")), 3 * 3300 + 1300 - 550 - 1000)
        self.assertEqual(len(lines), 3 + 1 + 1, "a deposit a month, one for what was tried again, the refund")
        self.assertLessEqual(max(lines.mapped("date")), today)


@tagged("post_install", "-at_install")
class TestAutogiro(AutogiroCase):
    """Three months of Autogiro show what they are to show, and the ledger bears it out."""

    def test_what_was_installed(self):
        """Without a bank to talk to, all is set up and the mandates wait to be sent."""
        self.company._check_autogiro_settings()
        self.assertTrue(self.clearing.reconcile)
        self.assertEqual(self.clearing.account_type, "asset_current")
        self.assertNotEqual(self.clearing, self.company.autogiro_method_line_id.journal_id.default_account_id)
        self.assertEqual(self.company.autogiro_bankgiro, "9912346")
        bookkeeper = self.env.ref("brp_demo.user_bookkeeper")
        self.assertEqual(self.company.autogiro_responsible_id, bookkeeper)
        self.assertTrue(bookkeeper.has_group("brp_autogiro.group_autogiro_user"))
        mandates = self.env["brp.autogiro.mandate"].search([])
        self.assertEqual(len(mandates), 7)
        self.assertEqual(
            mandates.filtered(lambda mandate: mandate.state == "draft").mapped("partner_id.name"),
            ["Rasmus Holmberg"],
        )
        self.assertEqual(set(mandates.mapped("state")), {"draft", "to_send"})
        self.assertFalse(any(mandates.mapped("account_warning")))
        wilma = mandates.filtered(lambda mandate: mandate.partner_id.name == "Wilma Engström")
        self.assertEqual(wilma.holder_id.name, "Sara Engström")
        self.assertEqual(wilma.holder_number, "198611279889")
        self.assertEqual(wilma.payer_number, "201206149864")
        batch = self.env["brp.autogiro.batch"].with_user(bookkeeper).create({})
        batch.action_select()
        self.assertEqual(batch.payment_count, 0)
        self.assertLessEqual(set(batch.left_out_ids.mapped("reason")), {"not_approved", "no_mandate"})

    def test_dates_hold_on_any_day_of_the_year(self):
        for number in range(3 * 366):
            today = date(2027, 1, 1) + timedelta(days=number)
            months = get_months(today)
            self.assertLessEqual(get_collection_date(months[-1]), today)
            self.assertGreater(get_collection_date((months[-1] + timedelta(days=31)).replace(day=1)), today)
            staff = AutogiroStaff(self.env, today)
            days = [day for day, _make in staff.get_files()]
            self.assertEqual(days, sorted(days), today)
            self.assertLess(days[-1], today)
            self.assertTrue(all(map(is_bank_day, days)), today)
            first = get_collection_date(months[0])
            self.assertLessEqual(add_bank_days(days[0], 6), first, "Bankgirot's six banking days")
            self.assertTrue(
                all(purchase.sale_date(today) < days[0] for purchase in PURCHASES if not purchase.month)
            )
            # What was tried again and what was refunded is over before the next month is collected.
            self.assertLess(add_bank_days(get_collection_date(months[1]), 3), days[3], today)

    def test_what_was_installed_is_played_today(self):
        self._check_played(fields.Date.context_today(self.env.user.with_context(tz="Europe/Stockholm")))

    def test_is_played_once(self):
        with self.assertRaises(UserError), freeze_time("2048-02-29 12:00:00"):
            self.env["brp.autogiro.mandate"].search([]).state = "active"
            play_autogiro(self.env, date(2048, 2, 29), lambda moment: None, lambda *file: [])
