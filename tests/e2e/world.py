"""Where everything is, the clock that all live by, and looks into the database."""

import contextlib
import json
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg2
import psycopg2.extras

SWEDEN = ZoneInfo("Europe/Stockholm")
_WAITING_JOBS = """
    SELECT cron_name FROM ir_cron WHERE active AND nextcall <= now() AT TIME ZONE 'UTC'
    UNION
    SELECT cron_name FROM ir_cron_trigger JOIN ir_cron ON ir_cron.id = cron_id
    WHERE active AND call_at <= now() AT TIME ZONE 'UTC'
"""


class NotSeen(Exception):
    """What was waited for did not happen in time."""


class World:
    """The month's places.

    :param path: JSON, written by devtools/e2e.py
    """

    def __init__(self, path):
        self.path = Path(path)
        told = json.loads(self.path.read_text(encoding="utf-8"))
        self.browser_path = told["browser"]
        self.screenshots = Path(told["screenshots"])
        self.bank_folder = Path(told["bank_folder"])
        self._clock = Path(told["clock"])
        self._cluster = told["cluster"]
        self._db = _connect(told["database"])
        self._director = _connect(self._cluster)
        self._name = told["database"].rpartition("dbname=")[2]
        self.ports = {name: told[name] for name in ("bank", "books", "klarna", "market", "office", "letters")}
        self.odoo_port = told["odoo"]
        self.odoo = f"http://localhost:{self.odoo_port}"
        self.moment = None
        self._woken = 0.0

    # === TIME === #

    @property
    def offset(self):
        """Seconds by which our time is ahead of the machine's."""
        return int(self._clock.read_text(encoding="ascii"))

    def go_to(self, month, day, hour=8, minute=0):
        """Have it be that moment in Sweden: when what is due has been done, and until that of then has."""
        self.let_jobs_be_done()
        wait_for(lambda: not list((self.bank_folder / "out").glob("*.txt")), "the bank takes its files")
        self.moment = datetime(2026, month, day, hour, minute, tzinfo=SWEDEN)
        self.service("bank", "/clock", {"to": str(self.moment.date())})
        waiting = self._clock.with_name("clock.new")
        waiting.write_text(f"{self.moment.timestamp() - time.time():+.0f}\n", encoding="ascii")
        waiting.chmod(0o644)
        waiting.replace(self._clock)
        self.let_jobs_be_done()

    def let_jobs_be_done(self):
        """Wake the jobs, as each minute does, until none is due."""
        deadline = time.monotonic() + 240
        while waiting := self.rows(_WAITING_JOBS):
            if time.monotonic() > deadline:
                raise NotSeen(f"jobs that do not come to an end: {', '.join(name for (name,) in waiting)}")
            self.wake()
            time.sleep(0.1)

    def wake(self):
        """Have the jobs look whether something is due, as each minute does; at most once a second."""
        if time.monotonic() - self._woken > 1:
            self._run(self._director, "SELECT pg_notify('cron_trigger', %s)", (self._name,))
            self._woken = time.monotonic()

    # === DATABASE === #

    def rows(self, query, *arguments):
        """The rows of a query, as tuples."""
        return self._run(self._db, query, arguments)

    def value(self, query, *arguments):
        """The first value of a query's first row; None if there is none."""
        rows = self.rows(query, *arguments)
        return rows[0][0] if rows else None

    @staticmethod
    def _run(connection, query, arguments):
        with connection.cursor() as cr:
            cr.execute(query, arguments or None)
            return cr.fetchall()

    def id_of(self, xmlid):
        """The id of a record of brp_demo, by its name there."""
        return self.value("SELECT res_id FROM ir_model_data WHERE module = 'brp_demo' AND name = %s", xmlid)

    # === OUTSIDE SERVICES === #

    def address(self, name, path):
        return f"http://127.0.0.1:{self.ports[name]}{path}"

    def service(self, name, path, told=None):
        """Call a simulator and return its JSON: GET, or POST of what is told."""
        data = None if told is None else json.dumps(told).encode()
        request = urllib.request.Request(self.address(name, path), data, {"Content-Type": "application/json"})
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with contextlib.closing(error):
                said = error.read().decode(errors="replace")
            raise RuntimeError(f"{name} {path}: {error.code} {said}") from None

    def be_at_peace(self):
        """Have nobody be killed any more."""
        (self.path.parent / "peace").touch()


def wait_for(true, what, seconds=60):
    """Return the value of `true()` as soon as it is one."""
    deadline = time.monotonic() + seconds
    while not (value := true()):
        if time.monotonic() > deadline:
            raise NotSeen(what)
        time.sleep(0.1)
    return value


def _connect(address):
    connection = psycopg2.connect(address)
    connection.autocommit = True
    return connection
