import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import datetime

from odoo.tests import get_db_name, tagged

from odoo.addons.brp_connector.tests.common import odoo_options

from .committed import SevenCommitted

STEP = 7  # statements

# For each line that it is told, forks a process that sends, so many invoices in a call, until nothing waits,
# and is killed before it sends the database so many statements (0: never). Answers with the process's id
# and, when it is told "wait", with what has become of it.
JOBS = """
import os
import signal
import sys
import odoo
from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry

database, connection = sys.argv[1], int(sys.argv[2])
odoo.tools.config.parse_config(sys.argv[3:], setup_logging=True)
registry = Registry(database)
from odoo.addons.brp_24seven.models import brp_connection_orders
sql_db.close_all()

def work():
    waiting = True
    while waiting:
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            # Not by Odoo's scheduler: it gives up jobs that are killed three times.
            env["brp.exchange"]._cron_send()
            waiting = env["brp.exchange"].search_count(
                [("connection_id", "=", connection), ("state", "=", "pending")]
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

children = []
print("ready", flush=True)
for line in sys.stdin:
    if line == "wait\\n":
        print(os.waitstatus_to_exitcode(os.waitpid(children.pop(0), 0)[1]), flush=True)
        continue
    batch, statements = map(int, line.split())
    child = os.fork()
    if not child:
        try:
            brp_connection_orders._BATCH = batch
            if statements:
                be_killed_after(statements)
            work()
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    children.append(child)
    print(child, flush=True)
"""


@tagged("post_install", "-at_install")
class TestKilled(SevenCommitted):
    """However many processes send, and wherever they are killed, each invoice is one order."""

    def setUp(self):
        super().setUp()
        self._connect()
        database = get_db_name()
        arguments = [database, str(self.connection_id), *odoo_options(), "--no-http"]
        command = [sys.executable, "-c", JOBS, *arguments]
        server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.addCleanup(server.stdout.close)
        self.addCleanup(self._kill_all_of, server)
        self.server = server
        self.assertEqual(server.stdout.readline(), "ready\n")

    def _kill_all_of(self, server):
        """Kill a server with its workers, if a test has left any."""
        server.stdin.close()
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait(10)

    def _tell(self, line):
        self.server.stdin.write(f"{line}\n")
        self.server.stdin.flush()
        return int(self.server.stdout.readline())

    def _start(self, batch=100, statements=0):
        """Have a process send; return its id."""
        return self._tell(f"{batch} {statements}")

    def _wait(self):
        """Wait for the process that was started first; return what has become of it."""
        return self._tell("wait")

    def _enqueue(self, count, customers=1):
        numbers = self._invoices(count, customers)
        with self.registry.cursor() as cr:
            self._get_env(cr)["account.move"].browse(numbers).action_seven_send()
        return numbers

    def _let_time_pass(self):
        """What was being sent when its process was killed is taken up again after some minutes."""
        with self.registry.cursor() as cr:
            own = [("connection_id", "=", self.connection_id), ("state", "=", "pending")]
            self._get_env(cr)["brp.exchange"].search(own).next_attempt = datetime(2026, 1, 1)

    @property
    def _orders(self):
        return self.service.office().orders

    def _assert_one_order_each(self, numbers):
        with self.registry.cursor() as cr:
            moves = self._get_env(cr)["account.move"].browse(numbers)
            told = {int(move.seven_order): move.name for move in moves}
            self.assertEqual(set(moves.mapped("seven_state")), {"order"})
        there = {number: order["ReferenceNumber"] for number, order in self._orders.items()}
        self.assertEqual((told, len(told)), (there, len(numbers)))
        self.assertEqual((self.service.duplicates, self.service.breaches), ([], []))

    def _count(self, operation):
        return sum(hour.get(operation, 0) for hour in self.service.counters.values())

    def test_two_at_the_same_time(self):
        """They make neither an order nor a customer nor the product twice."""
        numbers = self._enqueue(30, customers=3)
        # While one waits for an answer the other one goes on.
        self.service.misbehave(
            *(
                {"fault": "slow", "seconds": 0.3, "path": path, "times": 4}
                for path in ("/Product/*", "/Company/*")
            )
        )
        for _process in range(2):
            self._start(batch=5)
        self.assertEqual([self._wait(), self._wait()], [0, 0])
        self._assert_one_order_each(numbers)
        self.assertEqual(self._count("SaveInvoices"), 6)
        office = self.service.office()
        self.assertEqual((len(office.customers), len(office.products), len(office.categories)), (3, 1, 2))

    def test_killed_when_the_service_has_saved_them(self):
        numbers = self._enqueue(30)
        self.service.misbehave({"fault": "slow", "seconds": 60, "path": "/InvoiceOrder/SaveInvoices"})
        process, until = self._start(), time.monotonic() + 30
        while len(self._orders) < 30:
            self.assertLess(time.monotonic(), until)
            time.sleep(0.02)
        os.kill(process, signal.SIGKILL)
        self.assertEqual(self._wait(), -signal.SIGKILL)
        with self.registry.cursor() as cr:
            moves = self._get_env(cr)["account.move"].browse(numbers)
            self.assertEqual(set(moves.mapped("seven_order")), {False})
        self._let_time_pass()
        self._start()
        self.assertEqual(self._wait(), 0)
        self._assert_one_order_each(numbers)
        self.assertEqual(self._count("SaveInvoices"), 1)

    def test_killed_again_and_again(self):
        numbers = self._enqueue(3, customers=2)
        kills = 0
        self._start(statements=STEP)
        while self._wait():
            kills += 1
            self._let_time_pass()
            self._start(statements=STEP * (kills + 1))
        self.assertGreater(kills, 5)
        self._assert_one_order_each(numbers)
        self.assertEqual((len(self.service.office().customers), len(self.service.office().products)), (2, 1))
