import json
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from unittest import SkipTest

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.brp_autogiro.bankgirot import add_bank_days, bank_day_on_or_after
from odoo.addons.brp_installments.tests.common import InstallmentCommon

NUMBER_GROUP = "brp_personal_number.group_personal_number"
SIMULATOR = Path(__file__).resolve().parents[3] / "tests/simulators/bankgirot"

# Nobody's: see the demo company. Astrid's is typed in the tour.
NUMBERS = {"Bo": "195807129878", "Cia": "199912249894", "Disa": "198506179822"}
ANSWERS = {
    "payers": {
        NUMBERS["Bo"]: ["9", "0"],
        NUMBERS["Cia"]: ["1"],
        NUMBERS["Disa"]: ["0", "refund:02:3"],
    }
}


@tagged("post_install", "-at_install")
class TestTour(InstallmentCommon, HttpCase):
    """A month of Autogiro on the screens, with Bankgirot's simulator, a process of its own, in between."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not SIMULATOR.is_dir():
            raise SkipTest(f"no simulator in {SIMULATOR}")
        cls.env["res.lang"]._activate_lang("sv_SE")
        for group in ("brp_autogiro.group_autogiro_user", "brp_autogiro.group_bank_account", NUMBER_GROUP):
            cls.env.user.group_ids += cls.env.ref(group)
        cls.company._set_up_autogiro()
        cls.company.write({"autogiro_bankgiro": "9912346", "autogiro_customer_number": "471117"})
        cls.clearing = cls.company.autogiro_method_line_id.payment_account_id
        # Sold on the 1st, the first installment falls due on the 27th of the month; sold later, of the next.
        # So it is 26 days ahead or more, enough for the bank's rules whatever the day and hour.
        cls.by_autogiro = cls.env["brp.installment.plan"].create(
            {"name": "Autogiro 3", "months": 3, "cutoff_day": 1, "autogiro": True}
        )
        products = cls.year_card + cls.course + cls.book
        products.installment_plan_ids += cls.by_autogiro
        cls.desk = cls._make_user("tour_desk", "sales_team.group_sale_salesman_all_leads")
        cls.bookkeeper = cls._make_user(
            "tour_bookkeeper", "account.group_account_manager,brp_autogiro.group_autogiro_user"
        )
        cls.company.autogiro_responsible_id = cls.bookkeeper
        cls.today = cls.company._get_autogiro_today()
        cls.others = {
            name: cls.env["res.partner"].create({"name": name, "personal_number": number})
            for name, number in {**NUMBERS, "Eva": False}.items()
        }

    @classmethod
    def _make_user(cls, login, groups):
        return new_test_user(
            cls.env,
            login,
            f"base.group_user,{groups}",
            lang="sv_SE",
            tz="Europe/Stockholm",
            email=f"{login}@example.com",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "answers.json").write_text(json.dumps(ANSWERS))
        self.env["ir.config_parameter"].set_param("brp_autogiro.directory", folder.name)

    def test_month(self):
        parts = {
            name: self._sell_first(name, product)
            for name, product in (
                ("Bo", self.course),
                ("Cia", self.book),
                ("Disa", self.year_card),
                ("Eva", self.book),
            )
        }
        order = self._create_order(self.year_card)
        self.start_tour(f"/odoo/sales/{order.id}", "brp_installments_autogiro_sell", login="tour_desk")
        parts["Astrid"] = self._get_first(order.installment_main_id)
        mandate = self.customer.autogiro_mandate_id
        self.assertEqual(mandate.state, "to_send")
        self.assertEqual(mandate.account_number, "8327000123456782")
        self.assertEqual(mandate.payer_number, "199001019802")
        self._check_due(parts)

        self._tour("brp_installments_autogiro_mandates", "brp_autogiro.brp_autogiro_mandate_action")
        self._run_cron()  # lets the file appear, which in reality the commit does
        self.assertEqual([name for name, _data in self._play_bank()], ["BFEP.UAGU4"])
        self._run_cron()
        mandates = self.env["brp.autogiro.mandate"].search([("company_id", "=", self.company.id)])
        self.assertEqual(mandates.mapped("state"), ["active"] * 4)
        for one in mandates:
            self.assertEqual(one.debitable_from, add_bank_days(one.sent_date, 6))

        self._tour("brp_installments_autogiro_collect", "brp_autogiro.brp_autogiro_batch_action")
        self._run_cron()
        self._check_sent(parts)
        # What was sent today can be cancelled tomorrow.
        self.batch.sudo().sent_date = self.today - timedelta(days=1)
        self._tour("brp_installments_autogiro_cancel", "brp_autogiro.brp_autogiro_batch_action")
        self.assertFalse(any(self.batch.payment_ids.mapped("change")))
        reports = self._play_bank(take=True)
        # The day of collection, what was tried again the day after, and the refund three days after.
        self.assertEqual([name for name, _data in reports], ["BFEP.UAGAG"] * 3)
        self.env["ir.attachment"].create(
            {
                "name": "tour_reports.json",
                "url": "/brp_installments_autogiro/tour_reports.json",
                "public": True,
                "raw": json.dumps(
                    [
                        {"name": f"{name}.{number}", "text": data.decode("latin-1")}
                        for number, (name, data) in enumerate(reports)
                    ]
                ),
            }
        )
        self._tour("brp_installments_autogiro_reports", "brp_autogiro.brp_autogiro_report_action")
        self._check_booked(parts)

    def _sell_first(self, name, product):
        """Sell to one of the others, who has signed a mandate but for Eva; return the first installment."""
        customer = self.others[name]
        main = self._create_order(product, partner=customer)._sell_in_installments(
            self.by_autogiro, self.today
        )
        if customer.personal_number:
            mandate = self.env["brp.autogiro.mandate"].create(
                {"partner_id": customer.id, "shown_account": "6000 123 456 789"}
            )
            mandate.action_request()
        return self._get_first(main)

    def _get_first(self, main):
        return main.installment_ids.filtered(lambda part: part.installment_number == 1)

    def _tour(self, name, action):
        self.start_tour(f"/odoo/action-{action}", name, login="tour_bookkeeper", timeout=120)
        self.env.invalidate_all()

    def _run_cron(self):
        self.env.ref("brp_autogiro.ir_cron_run").method_direct_trigger()
        self.env.ref("brp_autogiro.ir_cron_book_reports").method_direct_trigger()
        self.env.invalidate_all()

    def _play_bank(self, take=False):
        """Let the bank work on what is in the folder; return its reports, and keep them from Odoo if told."""
        answers = str(self.folder / "answers.json")
        options = ["--folder", str(self.folder), "--instant", "--retries", "3", "--outcomes", answers]
        done = subprocess.run(
            [sys.executable, str(SIMULATOR), "once", *options], capture_output=True, text=True
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        paths = [path for path in (self.folder / "in").iterdir() if path.is_file()]
        paths.sort(key=lambda path: path.name.split(".")[-2:])  # date and time
        reports = [(".".join(path.name.split(".")[:2]), path.read_bytes()) for path in paths]
        if take:
            for path in paths:
                path.unlink()
        return reports

    def _check_due(self, parts):
        """12 000, 1 120 and 106 kr in three parts, the öre first."""
        amounts = {name: part.amount_total for name, part in parts.items()}
        self.assertEqual(amounts, {"Astrid": 4000, "Bo": 373.34, "Cia": 35.34, "Disa": 4000, "Eva": 35.34})
        self.due = parts["Astrid"].invoice_date_due
        self.assertEqual(self.due.day, 27)
        self.assertGreaterEqual((self.due - self.today).days, 26)
        self.assertTrue(all(part.invoice_date_due == self.due for part in parts.values()))

    def _check_sent(self, parts):
        batch = self.env["brp.autogiro.batch"].search([("kind", "=", "payments")], limit=1)
        self.assertEqual(batch.state, "sent")
        self.assertEqual(batch.payment_date, self.due)
        self.assertEqual(batch.included_ids.move_id, self._of(parts, "Astrid", "Bo", "Cia", "Disa"))
        self.assertEqual(batch.payment_amount, 4000 + 373.34 + 35.34 + 4000)
        self.assertEqual(batch.left_out_ids.mapped("reason"), ["no_mandate"])
        self.assertEqual(self._balance_of_clearing(), 0, "nothing is booked because a file was sent")
        self.batch = batch

    def _check_booked(self, parts):
        self.assertEqual(self.batch.state, "done")
        states = {payment.partner_id: payment.state for payment in self.batch.included_ids}
        self.assertEqual(
            states,
            {
                self.customer: "approved",
                self.others["Bo"]: "approved",
                self.others["Cia"]: "refused",
                self.others["Disa"]: "refunded",
            },
        )
        left = {name: part.amount_residual for name, part in parts.items()}
        self.assertEqual(left, {"Astrid": 0, "Bo": 0, "Cia": 35.34, "Disa": 4000, "Eva": 35.34})
        waiting = self._of(parts, "Cia", "Disa")
        self.assertTrue(all(waiting.mapped("autogiro_blocked")))
        self.assertEqual(waiting.activity_ids.user_id, self.bookkeeper)
        # Astrid's and Disa's 4 000, Bo's 373.34, and Disa's 4 000 back: an item each.
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.clearing.id), ("parent_state", "=", "posted")], order="date, id"
        )
        self.assertEqual(items.mapped("balance"), [8000, 373.34, -4000])
        day = bank_day_on_or_after(self.due)
        self.assertEqual(items.mapped("date"), [day, add_bank_days(day, 1), add_bank_days(day, 3)])
        self.assertEqual(self._balance_of_clearing(), 4373.34)
        self.assertTrue(
            all(part.preferred_payment_method_line_id.code == "autogiro" for part in parts.values())
        )

    def _of(self, parts, *names):
        return self.env["account.move"].union(*(parts[name] for name in names))

    def _balance_of_clearing(self):
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.clearing.id), ("parent_state", "=", "posted")]
        )
        return self.company.currency_id.round(sum(items.mapped("balance")))
