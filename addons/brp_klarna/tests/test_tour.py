from datetime import datetime, time, timedelta, timezone

from odoo.tests import HttpCase, tagged

from .common import KlarnaCommon


@tagged("post_install", "-at_install")
class TestTour(KlarnaCommon, HttpCase):
    """Klarna is connected on the screens, in Swedish, with its simulator on the other side."""

    now = None
    scenario = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("sv_SE")
        cls.make_user(
            "tour_klarna",
            "base.group_user,account.group_account_manager",
            lang="sv_SE",
            tz="Europe/Stockholm",
        )

    def at(self, days):
        """Return noon (UTC) of so many days ago."""
        day = datetime.now(timezone.utc).date() - timedelta(days=days)
        return datetime.combine(day, time(12)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def test_from_the_card_to_the_books(self):
        self.service.load(
            [
                {"do": "sale", "at": self.at(9), "reference1": "WEB-1", "rates": {"2500": 125000}},
                {"do": "payout", "at": self.at(1), "reference": "TOUR1"},
            ]
        )
        self.connection.write({"klarna_region": "host", "klarna_host": self.service.url})
        action = self.env.ref("brp_connector.action_integrations")
        self.start_tour(f"/odoo/action-{action.id}", "brp_klarna_month", login="tour_klarna")
        self.assertEqual(self.connection.state, "active")
        self.channel = self.connection.payout_channel_id
        self.receivable = self.channel.receivable_account_id
        self.run_jobs()
        payout = self.payout("TOUR1")
        self.assertEqual(payout.state, "posted")
        # 2.99 % and 3.50 of 1 250: 37.38 and 3.50, and 25 % of each: 9.35 and 0.88.
        self.assertEqual(
            self.rows(payout.klarna_day_ids.move_id), {"1582": 1250, "3001": -1000, "2611": -250}
        )
        self.assertEqual(
            self.rows(payout.move_id), {"1938": 1198.89, "6064": 40.88, "2640": 10.23, "1582": -1250}
        )
        self.start_tour("/odoo/brp-payouts", "brp_klarna_read", login="tour_klarna")
