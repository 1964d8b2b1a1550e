"""The part of `./dev scale` that is done in Odoo:

    python -m bench.scale CONFIG DATABASE measure EXCHANGES PROCESSES MILLISECONDS
    python -m bench.scale CONFIG DATABASE work

The first puts so many exchanges into the queue, has so many processes (the second) work on it as the
scheduled action does, against a service that takes so long to answer, and prints {"seconds", "accepted",
"duplicates", "done"}: from the moment when all were let loose until the last of them had found nothing more,
what the service took and got twice, and what is done in the database. It is all committed.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import odoo
from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry

SIMULATOR = Path(__file__).resolve().parents[1] / "tests/simulators/faulty"
PATIENCE = 60  # seconds that an answer may take on a machine that has much to do


def main(config, database, what, *arguments):
    odoo.tools.config.parse_config(
        ["-c", config, "-d", database, "--no-http", "--log-level=error"], setup_logging=True
    )
    registry = Registry(database)
    if what == "work":
        work(registry)
    else:
        command = [sys.executable, "-m", "bench.scale", config, database, "work"]
        print(json.dumps(measure(registry, command, *map(int, arguments))))


def work(registry):
    """Send what waits, from the moment when a line comes in."""
    with registry.cursor() as cr:
        exchanges = _root(cr)["brp.exchange"]
        exchanges._count_due()
        cr.rollback()
        print("ready", flush=True)
        sys.stdin.readline()
        exchanges._cron_send()


def measure(registry, command, exchanges, processes, milliseconds):
    with contextlib.ExitStack() as stack:
        host = stack.enter_context(_service())
        if milliseconds:
            slow = {"fault": "slow", "method": "POST", "times": exchanges, "seconds": milliseconds / 1000}
            _ask(host, "/control", {"faults": [slow]})
        with registry.cursor() as cr:
            connection = _fill_queue(_root(cr), host, exchanges).id
        workers = [stack.enter_context(_process(command, stdin=subprocess.PIPE)) for _ in range(processes)]
        for worker in workers:
            worker.stdout.readline()
        begun = time.monotonic()
        for worker in workers:
            worker.stdin.close()
        ends = [worker.wait() for worker in workers]
        seconds = time.monotonic() - begun
        if any(ends):
            raise SystemExit(f"processes ended with {ends}")
        state = _ask(host, "/state")
        with registry.cursor() as cr:
            domain = [("connection_id", "=", connection), ("state", "=", "done")]
            done = _root(cr)["brp.exchange"].search_count(domain)
    return {
        "seconds": seconds,
        "accepted": state["accepted"],
        "duplicates": state["duplicates"],
        "done": done,
    }


def _root(cr):
    """Return the environment in which scheduled actions run."""
    return api.Environment(cr, SUPERUSER_ID, {})


def _fill_queue(env, host, count):
    """Return the active connection of a new company, for which so many exchanges wait."""
    company = env["res.company"].create({"name": f"Scale {fields.Datetime.now()} {host}"})
    connection = env["brp.connection"].create(
        {
            "name": "Faulty",
            "provider": "faulty",
            "company_id": company.id,
            "faulty_secret": "sesame",
            "faulty_address": f"http://{host}",
            "faulty_patience": PATIENCE,
        }
    )
    connection._activate()
    things = env["brp.faulty.thing"].create([{"name": f"Thing {number}"} for number in range(count)])
    env["brp.exchange"]._enqueue(connection, "thing", things)
    return connection


@contextlib.contextmanager
def _service():
    """Start the service, which keeps what it took in a file; give its host."""
    with tempfile.TemporaryDirectory() as folder:
        state = str(Path(folder) / "things.jsonl")
        with _process([sys.executable, str(SIMULATOR), "serve", "--state", state]) as service:
            yield service.stdout.readline().split()[-1]


@contextlib.contextmanager
def _process(command, **options):
    """Start a process that is ended with the block."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def _ask(host, path, body=None):
    data = json.dumps(body).encode() if body else None
    with urllib.request.urlopen(f"http://{host}{path}", data, timeout=PATIENCE) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
