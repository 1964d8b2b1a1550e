import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from odoo.tests import tagged

from odoo.addons.brp_connector.tests.common import SIMULATORS, odoo_command

from .common import CRON, CommittedCase

# More than what a delivery takes on a machine that has much to do.
GRACE = 8  # seconds

# Forks, for each scheduled action that it is told of, a process that runs it again and again until the
# connection's queue is empty: as Odoo's server does with its workers.
SERVER = """
import time
from odoo import sql_db

connection = int(sys.argv[1])
sql_db.close_all()
os.nice(10)  # browsers that are tested at the same time come first

def work(cron):
    waiting = True
    while waiting:
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["ir.cron"].browse(cron).method_direct_trigger()
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            domain = [("connection_id", "=", connection), ("state", "=", "pending")]
            waiting = env["brp.exchange"].search_count(domain)
        if waiting:
            time.sleep(0.2)

print("ready", flush=True)
children = []
for line in sys.stdin:
    child = os.fork()
    if not child:
        try:
            work(int(line))
        except BaseException:
            os._exit(1)
        os._exit(0)
    children.append(child)
    print(child, flush=True)
ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
print(*ends, flush=True)
"""


class ProcessCase(CommittedCase):
    """A service in a process of its own, and processes that send to it, which can be killed."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.use_service(self._run_service(Path(folder.name) / "things.jsonl"))
        self._set_grace(GRACE)

    def _set_grace(self, seconds):
        with self.transaction() as env:
            env["ir.config_parameter"].set_param("brp_connector.grace", seconds)

    def _start(self, command, **options):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.kill)
        return process

    def _run_service(self, state):
        command = [sys.executable, str(SIMULATORS / "faulty"), "serve", "--state", str(state)]
        process = self._start(command)
        line = process.stdout.readline()
        self.assertIn("listening on ", line)
        self.host = line.split()[-1]
        return self.host

    def _ask(self, path, body=None):
        data = json.dumps(body).encode() if body else None
        with urllib.request.urlopen(f"http://{self.host}{path}", data, timeout=10) as answer:
            return json.load(answer)

    def _start_server(self, workers):
        """Start the server that forks workers; return it, and a scheduled action for each worker."""
        with self.transaction() as env:
            cron = env.ref(CRON)
            copies = env["ir.cron"].union(*(cron.copy() for _number in range(workers - 1)))
            ids = [cron.id, *copies.ids]
        self.addCleanup(self._delete_crons, copies.ids)
        command = odoo_command(SERVER, self.connection_id)
        server = self._start(command, stdin=subprocess.PIPE, start_new_session=True)
        self.addCleanup(self._kill_all_of, server)
        self.assertEqual(server.stdout.readline(), "ready\n")
        return server, ids

    def _kill_all_of(self, server):
        """Kill a server that has not ended, and its workers."""
        server.stdin.close()
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)

    def _delete_crons(self, ids):
        with self.transaction() as env:
            env["ir.cron"].browse(ids).unlink()

    def _fork(self, server, cron_id):
        server.stdin.write(f"{cron_id}\n")
        server.stdin.flush()
        return int(server.stdout.readline())

    def _kill_when(self, accepted, worker):
        """Kill a process as soon as the service has accepted so many things."""
        until = time.monotonic() + 60
        while self._ask("/state")["accepted"] < accepted:
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)
        os.kill(worker, signal.SIGKILL)

    def _finish(self, server):
        """Wait for the workers to end; return their exit codes."""
        server.stdin.close()
        ends = server.stdout.readline()
        self.assertEqual(server.wait(10), 0)
        return [int(code) for code in ends.split()]

    def _assert_each_once(self, names):
        state = self._ask("/state")
        self.assertEqual((state["accepted"], state["duplicates"]), (len(names), 0))
        self.assertEqual({thing["value"] for thing in self._ask("/things")["things"]}, set(names))
        with self.transaction() as env:
            exchanges = self.get_connection(env).exchange_ids
            self.assertEqual(set(exchanges.mapped("state")), {"done"})
            self.assertEqual(set(exchanges.mapped("record_name")), set(names))
            references = {exchange._get_record().ref for exchange in exchanges}
            self.assertEqual(references, {str(number + 1) for number in range(len(names))})


@tagged("post_install", "-at_install")
class TestProcesses(ProcessCase):
    """However many processes send, and however they end, each thing is delivered exactly once."""

    def _drain_with(self, workers, count, operation="thing"):
        names = [f"Ada {number}" for number in range(count)]
        self.enqueue(*names, operation=operation)
        server, crons = self._start_server(workers)
        first, *_others = [self._fork(server, cron) for cron in crons]
        self._kill_when(count // 3, first)
        self.assertEqual(self._finish(server), [-signal.SIGKILL, *[0] * (workers - 1)])
        self._assert_each_once(names)

    def test_two_and_one_is_killed(self):
        self._drain_with(2, 1000)

    def test_four_and_one_is_killed(self):
        self._drain_with(4, 1000)

    def test_two_send_several_at_once_and_one_is_killed(self):
        self._drain_with(2, 1000, "things")

    def test_killed_between_delivery_and_note(self):
        """The service has it, and nobody here knows: it is found there, not sent again."""
        self._kill_before_note("Ada")

    def test_killed_between_delivery_of_several_and_note(self):
        self._kill_before_note("Ada", "Bo", "Cia", operation="things")

    def _kill_before_note(self, *names, **options):
        self._set_grace(2)
        exchange_ids = self.enqueue(*names, **options)
        self._ask("/control", {"faults": [{"fault": "timeout_after", "seconds": 30, "method": "POST"}]})
        server, crons = self._start_server(2)
        self._kill_when(len(names), self._fork(server, crons[0]))
        with self.transaction() as env:
            for exchange in env["brp.exchange"].browse(exchange_ids):
                self.assertEqual((exchange.state, exchange.sending, exchange.unsure), ("pending", True, True))
        self._fork(server, crons[1])
        self.assertEqual(self._finish(server), [-signal.SIGKILL, 0])
        methods = [request["method"] for request in self._ask("/requests")]
        self.assertEqual(methods, ["POST", "GET"])
        self._assert_each_once(names)
