import subprocess
from datetime import date, datetime

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from odoo.addons.brp_connector.tests.common import find_connection, make_company, odoo_command

from . import klarna
from .common import vouchers_of
from .test_full import WORKED_EXAMPLE

STEP = 13  # statements

# For each number that it is told, forks a process that does all scheduled work and is killed before it sends
# the database so many statements; answers with what became of it.
JOBS = """
from odoo import sql_db

connection = int(sys.argv[1])
odoo.tools.config["test_enable"] = True  # documents are HTML: PDF takes another program, and a server
sql_db.close_all()
# Not by Odoo's scheduler: it gives up jobs that are killed three times.
JOBS = (
    ("brp.connection", "_cron_fetch_klarna"),
    ("brp.exchange", "_cron_send"),
    ("brp.payout", "_cron_post"),
    ("brp.klarna.day", "_cron_post"),
)

def work():
    waiting = True
    while waiting:
        for model, job in JOBS:
            with registry.cursor() as cr:
                getattr(api.Environment(cr, SUPERUSER_ID, {})[model], job)()
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            own = [("connection_id", "=", connection)]
            payouts = env["brp.payout"].search([("channel_id.connection_id", "=", connection)])
            waiting = (
                not payouts
                or any(payout.state != "posted" for payout in payouts)
                or any(not day.document_id for day in payouts.klarna_day_ids)
                or env["brp.exchange"].search_count([*own, ("state", "!=", "done")])
            )

def be_killed_after(statements):
    execute, done = sql_db.Cursor.execute, 0

    def counted(self, *args, **options):
        nonlocal done
        done += 1
        if done > statements:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(self, *args, **options)

    sql_db.Cursor.execute = counted

print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        try:
            be_killed_after(int(line))
            work()
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@tagged("post_install", "-at_install")
class TestKilled(BaseCase):
    """Wherever processes are killed, the books end as they would have."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        service = klarna.start("reference")
        self.addCleanup(service.stop)
        with self.registry.cursor() as cr:
            company = make_company(api.Environment(cr, SUPERUSER_ID, {}), "Killed by Klarna")
            self.company_id = company.id
            connection = find_connection(company, "klarna")
            connection.write(
                {
                    "klarna_region": "host",
                    "klarna_host": service.url,
                    "klarna_user": klarna.USER,
                    "klarna_password": klarna.PASSWORD,
                    "klarna_start_date": date(2026, 10, 1),
                }
            )
            connection._set_up_klarna()
            connection._activate()
            self.connection_id = connection.id
        self.addCleanup(self._take_away)

    def _take_away(self):
        """Leave nothing that other tests would work on; companies and their entries are never deleted."""
        with self.registry.cursor() as cr:
            env = self._get_env(cr)
            payouts = self._get_payouts(env)
            payouts.action_undo()
            payouts.unlink()
            connection = env["brp.connection"].browse(self.connection_id)
            connection.exchange_ids.unlink()
            connection.state = "new"
            env.company.active = False

    def _get_env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})

    def _get_payouts(self, env):
        return env["brp.payout"].search([("company_id", "=", self.company_id)])

    def _start_server(self):
        command = odoo_command(JOBS, self.connection_id)
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait, 60)
        self.addCleanup(server.stdin.close)
        self.assertEqual(server.stdout.readline(), "ready\n")
        return server

    def _run(self, server, statements):
        """Have the work done until so many statements; return whether it came to its end."""
        server.stdin.write(f"{statements}\n")
        server.stdin.flush()
        end = int(server.stdout.readline())
        self.assertIn(end, (0, -9))
        return not end

    def test_killed_again_and_again(self):
        server = self._start_server()
        kills = 0
        while not self._run(server, STEP * (kills + 1)):
            kills += 1
            self._check_no_halves()
            self._let_time_pass()
        self.assertGreater(kills, 10)
        self._check_worked_example()

    def _let_time_pass(self):
        """What was being done when its process was killed is taken up again after some minutes."""
        with self.registry.cursor() as cr:
            exchanges = self._get_env(cr)["brp.exchange"].search([("connection_id", "=", self.connection_id)])
            exchanges.filtered(lambda one: one.state == "pending").next_attempt = datetime(2026, 1, 1)

    def _check_no_halves(self):
        with self.registry.cursor() as cr:
            for payout in self._get_payouts(self._get_env(cr)):
                # Klarna's rows and the one with the VAT of all fees, or none yet.
                self.assertIn(len(payout.line_ids), (0, 13))
                self.assertIn(len(payout._get_moves()), (0, 4))

    def _check_worked_example(self):
        with self.registry.cursor() as cr:
            env = self._get_env(cr)
            payout = self._get_payouts(env)
            self.assertEqual(payout.mapped("amount_paid"), [1770.06])
            entries = env["account.move"].search([("company_id", "=", self.company_id)])
            self.assertEqual(entries, payout._get_moves())
            self.assertEqual(vouchers_of(payout), WORKED_EXAMPLE)
            receivable = payout.channel_id.receivable_account_id
            items = entries.line_ids.filtered(lambda item: item.account_id == receivable)
            self.assertTrue(all(items.mapped("reconciled")))
            attached = env["ir.attachment"].search(
                [("res_model", "=", "account.move"), ("res_id", "in", entries.ids)]
            )
            # Klarna's report, and the orders of three days.
            self.assertEqual(sorted(attached.mapped("res_id")), sorted(entries.ids))
