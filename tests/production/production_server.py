"""A server as docs/production.md sets it up, on this machine: the files of docker/ as they are, own ports.

PostgreSQL with passwords, Caddy, Odoo's web process and two cron workers. Docker itself is not needed.
"""

import contextlib
import http.client
import http.cookiejar
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from devtools.postgres import PrivateCluster
from devtools.service import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
DOCKER = ROOT / "docker"
FIRST_PORT = 8440
LOGIN = "chef@example.com"


def waited(condition, what, seconds=120):
    """Return what `condition` returns as soon as that is something; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.2)
    pytest.fail(f"{what} did not come within {seconds} seconds")
    return None


class Cluster:
    """PostgreSQL as its image sets it up: an administrator with a password, and our script."""

    def __init__(self, secrets):
        programs = PrivateCluster()
        self.programs, self.owner = programs.programs, programs.owner
        self.secrets = secrets
        self.port = free_port(FIRST_PORT)
        self.folder = Path(tempfile.mkdtemp(prefix="brp-production-"))  # where PostgreSQL's user gets to
        if self.owner:
            shutil.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)
        self.data = self.folder / "data"

    def start(self):
        password = self.folder / "password"
        shutil.copy(self.secrets / "postgres_password", password)
        if self.owner:
            shutil.chown(password, self.owner.pw_uid)
        self._run(
            "initdb",
            "-A",
            "scram-sha-256",
            f"--pwfile={password}",
            "-U",
            "postgres",
            "--no-sync",
            "-E",
            "UTF8",
        )
        settings = f"-p {self.port} -k {self.folder} -c fsync=off -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "start", "-w", "-l", self.folder / "log", "-o", settings)
        environment = {
            **os.environ,
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGPASSWORD": password.read_text().strip(),
            "POSTGRES_USER": "postgres",
            "ODOO_PASSWORD_FILE": str(self.secrets / "odoo_db_password"),
        }
        subprocess.run([DOCKER / "postgres/10-odoo.sh"], env=environment, check=True)

    def stop(self):
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "stop", "-w", "-m", "immediate")
        shutil.rmtree(self.folder)

    def _run(self, program, *arguments):
        identity = (
            {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []} if self.owner else {}
        )
        subprocess.run(
            [self.programs / program, *arguments, "-D", self.data],
            cwd="/",
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdout=subprocess.DEVNULL,
            check=True,
            **identity,
        )


class Site:
    """The server, and what its administrator and its visitors do."""

    def __init__(self, folder, cluster):
        self.folder = folder
        self.cluster = cluster
        self.secrets = cluster.secrets
        self.backups = folder / "backups"
        self.filestores = folder / "data/filestore"
        self.processes = {}
        used = cluster.port
        self.ports = {}
        for name in ("web", "websocket", "http", "https"):
            used = self.ports[name] = free_port(used + 1)
        self.address = f"https://localhost:{self.ports['https']}"

    @property
    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "ODOO_"))}
        return {
            **kept,
            "PATH": f"{self.cluster.programs}:{os.environ['PATH']}",
            "PYTHONSAFEPATH": "1",
            "ODOO_RC": str(DOCKER / "odoo.conf"),
            "ODOO_COMMAND": f"{sys.executable} {ROOT / 'devtools/odoo_script.py'}",
            "ODOO_ADDONS_PATH": ",".join(map(str, (*_odoo_addons(), ROOT / "addons"))),
            "ODOO_DATA_DIR": str(self.folder / "data"),
            "ODOO_HTTP_PORT": str(self.ports["web"]),
            "ODOO_GEVENT_PORT": str(self.ports["websocket"]),
            "ODOO_WORKERS": "2",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.cluster.port),
            "PGUSER": "odoo",
            "PGPASSFILE": str(self.folder / "run/pgpass"),
            "PASSWORD_FILE": str(self.secrets / "odoo_db_password"),
            "ADMIN_PASSWORD_FILE": str(self.secrets / "admin_password"),
            "BRP_BACKUPS": str(self.backups),
        }

    def secret(self, name):
        return (self.secrets / name).read_text().strip()

    # === THE ADMINISTRATOR === #

    def brp(self, *arguments, code=0):
        """Run `brp`; return what it said. Fails when its exit code is not `code`."""
        done = subprocess.run(
            [sys.executable, DOCKER / "brp", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == code, f"brp {arguments[0]}: exit {done.returncode}\n{done.stdout[-4000:]}"
        return done.stdout

    def start(self, name, *command, **variables):
        """Start a process of the server; its output is the log of that name."""
        with self.log(name).open("a") as log:
            self.processes[name] = subprocess.Popen(
                [str(part) for part in command],
                env={**self.environment, **variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def log(self, name):
        return self.folder / f"{name}.log"

    def start_odoo(self):
        brp = (sys.executable, DOCKER / "brp")
        self.start("web", *brp, "web")
        for name in ("one", "two"):
            self.start(name, *brp, "cron", "--name", name)
        waited(lambda: self.well("web"), "the web process")
        for name in ("one", "two"):
            waited(lambda name=name: self.well("cron", "--name", name), f"cron worker {name}")

    def well(self, *service):
        """Whether `brp health` says so."""
        command = [sys.executable, DOCKER / "brp", "health", *service]
        return subprocess.run(command, env=self.environment, capture_output=True, check=False).returncode == 0

    def stop(self, *names):
        """End processes as systemd and Docker do, all of them or those named."""
        for name in names or list(self.processes):
            process = self.processes.pop(name)
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def stop_odoo(self):
        self.stop(*(name for name in self.processes if name != "proxy"))

    def query(self, statement, database="brp"):
        """The rows of a statement, as lists of text."""
        command = ["psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert not done.returncode, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]

    # === VISITORS === #

    @property
    def tls(self):
        """What a visitor's browser knows of certificates: the authority that `tls internal` makes."""
        return ssl.create_default_context(cafile=self.folder / "caddy/caddy/pki/authorities/local/root.crt")

    def visitor(self, source="127.0.0.1"):
        """Somebody with a browser, at this address."""
        return Visitor(self, source)


class Visitor:
    def __init__(self, site, source):
        self.site = site
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(self.cookies),
            _From(site.tls, source),
        )

    def ask(self, path, data=None, **headers):
        """Return the answer to a request, also when it is one of refusal."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"{self.site.address}{path}", data, headers)
        try:
            return self._opener.open(request, timeout=120)
        except urllib.error.HTTPError as refusal:
            return refusal

    def log_in(self, **headers):
        """Log in as the first administrator; return the answer."""
        page = self.ask("/web/login").read().decode()
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        form = {"csrf_token": token, "login": LOGIN, "password": self.site.secret("admin_password")}
        return self.ask("/web/login", urllib.parse.urlencode(form).encode(), **headers)

    def call(self, model, method, *arguments):
        """What a method of Odoo returns, called as the web client does."""
        parameters = {"model": model, "method": method, "args": arguments, "kwargs": {}}
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": parameters}).encode()
        answer = json.load(
            self.ask(f"/web/dataset/call_kw/{model}/{method}", body, Content_Type="application/json")
        )
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer["result"]


class _From(urllib.request.HTTPSHandler):
    """Connections from one of this machine's addresses."""

    def __init__(self, context, source):
        super().__init__(context=context)
        self.source = source

    def https_open(self, request):
        def connection(host, **options):
            return http.client.HTTPSConnection(host, source_address=(self.source, 0), **options)

        return self.do_open(connection, request, context=self._context)


def _odoo_addons():
    """The folder of Odoo's addons where that is not beside `base`."""
    import odoo.release

    folder = Path(odoo.release.__file__).parent.parent / "addons"
    return [folder] if (folder / "web").is_dir() else []
