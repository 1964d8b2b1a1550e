"""`./dev e2e`: a month of business as people and outside services see it; see tests/e2e/README.md."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

from . import accountant, databases, e2e_clock, klarna, letterbox, sevenoffice, system
from . import addons as our
from .console import DevError, Step, run, say
from .ground import CONFIG, prepared, setting_up
from .service import Service, free_port
from .workspace import DEV, LOCK_FILE, LOGS, ROOT, only_one, write_json, write_text

HOME = DEV / "e2e"
BUSY = DEV / "e2e.lock"
STORY = HOME / "story.json"  # what the month is told: where everything is
BANK_FOLDER = HOME / "bank"
SCRIPT = ROOT / "devtools/odoo_script.py"
COMPANY = ROOT / "tests/e2e/company.py"
BEGINNING = datetime(2026, 11, 1, 9, tzinfo=timezone.utc)
FIRST_PORT = 8480
WORKERS = 2
# Seconds between two kills: the job's process takes some to come back.
LULL = (3, 8)


def e2e(kill, seed):
    """The command. Returns the exit code."""
    with prepared() as ground, only_one(BUSY, "playing a month"):
        _need_browser(ground)
        source = databases.with_addons(ground).name
        return play(ground, source, kill, seed)


def _need_browser(ground):
    if not system.find_browser():
        raise DevError(f"the month takes Chromium: {system.how_to_install('chromium')}")
    there = [ground.environment.python, "-c", "import playwright"]
    if subprocess.run(there, env=ground.variables(), capture_output=True, check=False).returncode:
        raise DevError(f"the month takes Python's playwright, which {LOCK_FILE.name} does not have")


def play(ground, source, kill=False, seed=None):
    """Play the month on a copy of the database `source`. Returns the exit code of the story."""
    with world(ground, source) as there:
        killer = Killer(there, seed) if kill else contextlib.nullcontext()
        with killer:
            done = subprocess.run(
                [ground.environment.python, "-m", "tests.e2e", STORY],
                cwd=ROOT,
                env=ground.variables(PYTHONDONTWRITEBYTECODE="1"),
                check=False,
            )
        if kill:
            say(
                f"{killer.count} processes were killed; the same again: ./dev e2e --kill --seed {killer.seed}"
            )
    return done.returncode


@contextlib.contextmanager
def world(ground, source):
    """Have the cluster, Odoo's processes and the simulators run, on a fresh company, while in the block."""
    cluster = e2e_clock.ClockedCluster()
    there = World(ground, cluster)
    with contextlib.ExitStack() as stack:
        stack.callback(cluster.stop)
        cluster.start()
        there.set_clock(BEGINNING)
        there.make_database(source)
        stack.callback(there.end)
        there.start()
        yield there


class World:
    """The processes of the month."""

    def __init__(self, ground, cluster):
        self.ground = ground
        self.cluster = cluster
        self.database = f"{cluster.prefix}_run"
        self.services = {}
        self.config = HOME / "odoo.conf"
        self.lock = threading.Lock()

    def set_clock(self, moment):
        write_text(self.cluster.clock, f"{moment.timestamp() - time.time():+.0f}\n")
        self.cluster.clock.chmod(0o644)

    # === DATABASE === #

    def make_database(self, source):
        """Have a copy of the company, which is made first if our addons or its script have changed."""
        contents = [source, our.all_addons()[our.DEMO].digest(databases.NOT_INSTALLED), COMPANY.read_text()]
        name = f"{self.cluster.prefix}_company_{databases._key(*contents)}"
        self._write_config()
        with setting_up():
            if not self.cluster.exists(name):
                self._make_company(source, name)
        clocked = self._clocked()
        databases.drop(clocked, self.database)
        databases.copy(clocked, name, self.database)

    def _make_company(self, source, name):
        clocked, making = self._clocked(), f"{self.cluster.prefix}_making"
        for old in self.cluster.databases():
            databases.drop(clocked, old)
        with Step("Make the company"):
            self._bring(source, making)
            run(
                [self.ground.environment.python, "-m", "tests.e2e.company", self.config, making, BANK_FOLDER],
                log=LOGS / "e2e-company.log",
                what="making the company",
                cwd=ROOT,
                env=self.variables(),
            )
        databases.rename(clocked, making, name)

    def _bring(self, source, name):
        """Copy a database from the usual cluster into ours."""
        self.cluster.create(name)
        dump = subprocess.Popen(
            [self.ground.server.program("pg_dump"), "-Fc", "-Z0", source],
            env={**os.environ, **self.ground.server.variables()},
            stdout=subprocess.PIPE,
        )
        restore = subprocess.run(
            [self.cluster.program("pg_restore"), "--no-owner", "-d", name],
            env={**os.environ, **self.cluster.variables()},
            stdin=dump.stdout,
            check=False,
        )
        dump.stdout.close()
        if dump.wait() or restore.returncode:
            raise DevError(f"{source} could not be copied")
        files = self.ground.filestore(source)
        if files.is_dir():
            shutil.copytree(files, self.ground.filestore(name), dirs_exist_ok=True)

    def _clocked(self):
        """The ground, with our cluster instead of the usual one."""
        return type(self.ground)(self.ground.tree, self.ground.environment, self.cluster)

    def _write_config(self):
        usual = CONFIG.read_text(encoding="utf-8").splitlines()
        ours = self.cluster.odoo_options()
        kept = [line for line in usual if line.split(" = ")[0] not in ours]
        write_text(
            self.config, "\n".join([*kept, *(f"{name} = {value}" for name, value in ours.items())]) + "\n"
        )

    # === PROCESSES === #

    def variables(self, **more):
        """The environment of what lives by our clock."""
        clock = e2e_clock.variables(self.cluster.clock)
        # The folder of Odoo's script has modules of its own, which are not for Odoo to find.
        return self._clocked().variables(PYTHONDONTWRITEBYTECODE="1", **clock, **more)

    def start(self):
        """Start simulators and Odoo, and write down for the story where they are."""
        with Step("Start the services, Odoo's web server and its jobs"):
            self._begin_anew()
            ports = {name: self._start_simulator(name, options) for name, options in self._simulators()}
            self.smtp = ports.pop("smtp")
            told = accountant.variables(ports["books"]) | klarna.variables(ports["klarna"])
            self.told = told | sevenoffice.variables(ports["office"])
            self.start_web()
            self.start_jobs()
        write_json(
            STORY,
            {
                "clock": str(self.cluster.clock),
                "database": f"host={self.cluster.sockets} user=odoo dbname={self.database}",
                "cluster": f"host={self.cluster.sockets} user=odoo dbname=postgres",
                "browser": str(system.find_browser()),
                "bank_folder": str(BANK_FOLDER),
                "screenshots": str(DEV / "screenshots"),
                "odoo": self.services["web"][1]["port"],
                **ports,
            },
        )

    def _begin_anew(self):
        for name in ("state", "bank", "letters"):
            shutil.rmtree(HOME / name, ignore_errors=True)
        (HOME / "state").mkdir(parents=True)
        BANK_FOLDER.mkdir()
        write_json(BANK_FOLDER / "answers.json", {})

    def _simulators(self):
        state = HOME / "state"
        login = ["--user", sevenoffice.USER, "--password", sevenoffice.PASSWORD]
        companies = [option for name in sevenoffice.COMPANIES for option in ("--company", name)]
        outcomes = BANK_FOLDER / "answers.json"
        smtp = free_port(FIRST_PORT + 15)
        yield "bank", ["bankgirot", "--folder", BANK_FOLDER, "--outcomes", outcomes, "--retries", 3]
        yield "books", ["bjornlunden", "--state", state / "books.json"]
        yield "klarna", ["klarna", "--no-customer-vat", "--state", state / "klarna.json"]
        yield "market", ["marketplace", "--state", state / "market.json", "--poll", 0]
        office = ["--state", state / "office.json", "--application", sevenoffice.APPLICATION]
        yield "office", ["sevenoffice", *office, *login, *companies]
        yield "letters", ["letterbox", "--letters", HOME / "letters", "--smtp-port", smtp]
        yield "smtp", smtp

    def _start_simulator(self, name, options):
        if name == "smtp":
            return options
        package, *rest = options
        simulator = ROOT / "tests/simulators" / package
        command = [self.ground.environment.python, simulator, "serve", *rest]
        return self._start(name, command, simulator, "/", FIRST_PORT + 5)

    def start_web(self):
        port = self.services["web"][1]["port"] if "web" in self.services else FIRST_PORT
        options = ["--http-port", port, "--gevent-port", free_port(FIRST_PORT + 2), f"--workers={WORKERS}"]
        # A worker seems to have been busy for a day whenever the clock is moved.
        patience = ["--limit-time-real=100000000", "--limit-time-real-cron=100000000"]
        return self._odoo("web", [*options, *patience, "--max-cron-threads=0"], port)

    def start_jobs(self):
        port = FIRST_PORT + 1
        return self._odoo("jobs", ["--http-port", port, "--workers=0", "--max-cron-threads=1"], port)

    def _odoo(self, name, options, port):
        command = [self.ground.environment.python, SCRIPT, "server", "-c", self.config, "-d", self.database]
        command += [*options, "--no-database-list", *letterbox.options(self.smtp)]
        more = {**self.told, "PYTHONSAFEPATH": "1"}
        return self._start(name, command, self.config, "/web/login", port, more)

    def _start(self, name, command, mark, page, port, more=None):
        service = Service(name, HOME / "state" / f"{name}-process.json", LOGS / f"e2e-{name}.log", mark, page)
        port = free_port(port)
        if more is None:
            command = [*command, "--port", port]
        record = service.start(command, port, env=self.variables(**(more or {})))
        self.services[name] = (service, record)
        return port

    def end(self):
        for service, _record in reversed(self.services.values()):
            service.end()
        for memory in Path("/dev/shm").glob("*faketime_s[he]m_*"):
            # What killed programs left of the clock's.
            if not Path(f"/proc/{memory.name.rpartition('_')[2]}").exists():
                with contextlib.suppress(OSError):
                    memory.unlink()


class Killer(contextlib.AbstractContextManager):
    """Kills a worker of the web server or the process of the jobs every few seconds, while in the block."""

    def __init__(self, there, seed=None):
        self.there = there
        self.seed = seed if seed is not None else random.SystemRandom().randrange(10**6)
        self.chance = random.Random(self.seed)
        self.count = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        say(f"A process is killed every few seconds, by chance {self.seed}")
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._over.set()
        self._thread.join()

    def _run(self):
        # The story takes the file away when the month is over and peace is wanted.
        peace = HOME / "peace"
        peace.unlink(missing_ok=True)
        while not self._over.wait(self.chance.uniform(*LULL)) and not peace.exists():
            web, jobs = (self.there.services[name][1]["pid"] for name in ("web", "jobs"))
            victim = self.chance.choice([*_children(web), jobs])
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                self.count += 1
            if victim == jobs:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(jobs, 0)
                self.there.start_jobs()


def _children(pid):
    """The processes that `pid` has started: the web server's workers."""
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(child) for child in told.split()]
