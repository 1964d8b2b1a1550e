import sys
from datetime import date, timedelta
from pathlib import Path

from freezegun import freeze_time

from odoo import SUPERUSER_ID, api
from odoo.tests import TransactionCase, tagged

from odoo.addons.brp_connector.tests.common import find_connection
from odoo.addons.brp_klarna.tests import klarna

ROOT = Path(__file__).resolve().parents[3]
TODAY = date(2026, 11, 22)


@tagged("post_install", "-at_install")
class TestKlarna(TransactionCase):
    """What the demo's webshop has sold becomes vouchers, but for one payout that somebody has to explain."""

    def setUp(self):
        super().setUp()
        if not (ROOT / "devtools/klarna_story.py").is_file():
            self.skipTest("the story of the webshop is not here: devtools of the repository")
        if str(ROOT) not in sys.path:
            sys.path.append(str(ROOT))
        from devtools.klarna_story import tell

        self.tell = tell
        frozen = freeze_time(f"{TODAY} 12:00:00")
        frozen.start()
        self.addCleanup(frozen.stop)

    def start(self, today):
        service = klarna.start(customer_vat=False)
        self.addCleanup(service.stop)
        service.load(self.tell(today))
        return service

    def test_story_on_any_day(self):
        for passed in range(0, 366, 9):
            day = TODAY + timedelta(days=passed)
            [merchant, _neighbour] = self.start(day).look()["merchants"]
            paid = [payout["payout_date"][:10] for payout in merchant["payouts"]]
            self.assertIn(len(paid), (7, 8), day)
            self.assertLess(paid[-1], str(day))
            self.assertGreater(merchant["not_paid_out"], 0, day)
            self.assertTrue(all(payout["totals"]["settlement_amount"] > 0 for payout in merchant["payouts"]))

    def test_story_is_booked(self):
        service = self.start(TODAY)
        company = self.env.ref("base.main_company")
        self.env["ir.config_parameter"].set_param("ir_attachment.location", "db")
        self.env["ir.config_parameter"].set_param("brp_klarna.playground", service.url)
        connection = find_connection(company, "klarna")
        bookkeeper = self.env.ref("brp_demo.user_bookkeeper")
        wizard = self.env["brp.klarna.activate"].with_user(bookkeeper)
        wizard = wizard.create({"connection_id": connection.id})
        wizard.write({"region": "test", "user": klarna.USER, "password": klarna.PASSWORD})
        for _step in ("access", "start", "accounts"):
            wizard.action_next()
        self.assertEqual((wizard.step, connection.state), ("done", "active"))
        self._run_jobs()
        payouts = self.env["brp.payout"].search([("channel_id", "=", connection.payout_channel_id.id)])
        self.assertEqual(len(payouts), 7, "those of this month and the previous one")
        self.assertEqual({payout.date.month for payout in payouts}, {10, 11})
        waiting = payouts.filtered(lambda payout: payout.state == "open")
        self.assertEqual(waiting._find_unknown_words(), ["CHARGE:LOAN_FEE"])
        self.assertEqual(set((payouts - waiting).mapped("state")), {"posted"})
        self._explain(waiting, connection)
        self._check_ledger(payouts, connection)

    def _run_jobs(self):
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["brp.connection"]._cron_fetch_klarna()
            env["brp.exchange"]._cron_send()
            env["brp.payout"]._cron_post()
        self.env.invalidate_all()

    def _explain(self, payout, connection):
        payout.action_map()
        word = payout.channel_id.mapping_ids.filtered(lambda row: row.code == "CHARGE:LOAN_FEE")
        fee = payout.channel_id.mapping_ids.filtered(lambda row: row.code == "FEE")
        word.write({"kind": "fee", "account_id": fee.account_id.id})
        self.assertEqual(payout.state, "ready")
        payout.action_post()

    def _check_ledger(self, payouts, connection):
        """Nothing of the payouts is open at Klarna, and all that the webshop sells is on its account."""
        items = payouts._get_moves().line_ids
        receivable = connection.payout_channel_id.receivable_account_id
        on_receivable = items.filtered(lambda item: item.account_id == receivable)
        self.assertEqual(round(sum(on_receivable.mapped("balance")), 2), 0)
        self.assertTrue(all(on_receivable.mapped("reconciled")))
        sums = {}
        for item in items:
            sums[item.account_id.code] = sums.get(item.account_id.code, 0) + item.balance
        sums = {code: round(amount, 2) for code, amount in sums.items()}
        self.assertEqual(sums["1689"], 0, "what was held back has been released")
        self.assertEqual(sums["2820"], -40, "two tips")
        for code in ("2421", "2611", "2621", "2631", "3001", "3002", "3003"):
            self.assertLess(sums[code], 0, code)
