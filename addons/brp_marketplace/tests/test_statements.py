import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import BookingCommon

_HEAD = "Utbetalning;Utbetalningsdatum;Utbetalt belopp;Datum;Typ;Bokning;Referens;Belopp"


class Marketplace(BaseHTTPRequestHandler):
    """Gives the statements that ``files`` has by their months; notes the months that are asked for."""

    def do_GET(self):
        month = self.path.removeprefix("/statements/").removesuffix(".csv")
        self.server.asked.append((month, self.headers["Authorization"]))
        content = self.server.files.get(month)
        self.send_response(200 if content else 404)
        self.end_headers()
        self.wfile.write((content or "").encode())

    def log_message(self, *args):
        pass


@tagged("post_install", "-at_install")
class TestStatements(BookingCommon):
    """Statements are fetched by themselves when their day has come, each month once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = ThreadingHTTPServer(("127.0.0.1", 0), Marketplace)
        cls.server.files = {}
        thread = threading.Thread(target=cls.server.serve_forever)
        thread.start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(thread.join)
        cls.addClassCleanup(cls.server.shutdown)
        cls.till = cls.open_till(
            marketplace_payout_day=5,
            marketplace_statement_url=f"http://127.0.0.1:{cls.server.server_port}/statements/{{month}}.csv",
        )
        cls.till.sudo().marketplace_statement_token = "secret"

    def setUp(self):
        super().setUp()
        self.server.asked = []
        self.server.files = {}

    def have_statement(self, month, paid="272,00"):
        rows = "Försäljning;B1;TT-1;320,00", "Provision;;;-38,40", "Moms på provision;;;-9,60"
        lines = [f"UTB-{month};{month}-28;{paid};{month}-02;{row}" for row in rows]
        self.server.files[month] = "\r\n".join([_HEAD, *lines])

    def run_job(self, day):
        self.server.asked = []
        with freeze_time(day), self.enter_registry_test_mode():
            self.env.ref("brp_marketplace.cron_fetch_statements").method_direct_trigger()
        self.env.invalidate_all()
        return [month for month, _token in self.server.asked]

    def get_payouts(self):
        channel = self.till.payout_channel_id
        return self.env["brp.payout"].search([("channel_id", "=", channel.id)]).sorted("name").mapped("name")

    def test_fetched_when_due(self):
        """On the 5th the month before is fetched, with the token, and once."""
        self.have_statement("2026-03")
        self.assertEqual(self.run_job("2026-04-04 10:00:00"), [])
        self.assertEqual(self.run_job("2026-04-05 10:00:00"), ["2026-03"])
        self.assertEqual(self.server.asked, [("2026-03", "Bearer secret")])
        self.assertEqual(self.get_payouts(), ["UTB-2026-03"])
        self.assertEqual(self.till.marketplace_statement_month, date(2026, 3, 1))
        self.assertEqual(self.run_job("2026-04-06 10:00:00"), [])

    @freeze_time("2026-04-03 10:00:00")
    def test_connection(self):
        """Testing asks for last month's statement, and imports nothing."""
        self.have_statement("2026-03")
        answer = self.till.action_test()["params"]["message"]
        self.assertEqual(answer, "Tidstorget answers, and has the statement of March 2026.")
        self.server.files = {}
        answer = self.till.action_test()["params"]["message"]
        self.assertEqual(answer, "Tidstorget answers, and has no statement of March 2026.")
        self.assertEqual(self.server.asked, [("2026-03", "Bearer secret")] * 2)
        self.assertEqual(self.get_payouts(), [])
        self.assertFalse(self.till.marketplace_statement_month)

    def test_late(self):
        """One that is not there yet is no problem, and is asked for again."""
        self.assertEqual(self.run_job("2026-04-05 10:00:00"), ["2026-03"])
        self.assertFalse(self.till.problem)
        self.have_statement("2026-03")
        self.assertEqual(self.run_job("2026-04-06 10:00:00"), ["2026-03"])
        self.assertEqual(self.get_payouts(), ["UTB-2026-03"])

    def test_months_that_were_missed(self):
        """Odoo was away from April to July; in June nothing was sold."""
        self.till.marketplace_statement_month = date(2026, 3, 1)
        for month in ("2026-04", "2026-05", "2026-07"):
            self.have_statement(month)
        self.assertEqual(self.run_job("2026-08-10 10:00:00"), ["2026-04", "2026-05", "2026-06", "2026-07"])
        self.assertEqual(self.get_payouts(), ["UTB-2026-04", "UTB-2026-05", "UTB-2026-07"])
        self.assertEqual(self.run_job("2026-08-11 10:00:00"), [])

    def test_one_that_is_not_understood(self):
        """It is told on the card; the months before it are kept, and it is fetched when it is mended."""
        self.till.marketplace_statement_month = date(2026, 3, 1)
        self.have_statement("2026-04")
        self.server.files["2026-05"] = "<html>not found</html>"
        self.run_job("2026-06-10 10:00:00")
        self.assertEqual(self.get_payouts(), ["UTB-2026-04"])
        self.assertTrue(self.till.problem)
        self.have_statement("2026-05")
        self.assertEqual(self.run_job("2026-06-10 11:00:00"), ["2026-05"])
        self.assertEqual(self.get_payouts(), ["UTB-2026-04", "UTB-2026-05"])
        self.assertFalse(self.till.problem)

    def test_by_hand(self):
        """Whoever asks gets this month's as well, which may be more another time; nothing is told plainly."""
        with freeze_time("2026-04-20 10:00:00"):
            with self.assertRaisesRegex(UserError, "no statement of March 2026 or April 2026 yet"):
                self.till.action_fetch_statement()
            self.have_statement("2026-04")
            self.assertEqual(self.till.action_fetch_statement()["res_model"], "brp.payout")
        self.assertEqual(self.get_payouts(), ["UTB-2026-04"])
        self.assertFalse(self.till.marketplace_statement_month)
        self.assertEqual(self.run_job("2026-05-05 10:00:00"), ["2026-04"])
        self.assertEqual(self.get_payouts(), ["UTB-2026-04"])
