"""A PostgreSQL server for throw-away databases: a private cluster, or the one that PGHOST, PGPORT… name.

The private cluster listens on a socket only and does not wait for the disk (fsync off): fast, and fit for
data that can be made again. PostgreSQL refuses to run as root; for root it runs as another user, and where
that user cannot reach the checkout its files lie in /var/lib/brp-odoo.
"""

import contextlib
import functools
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from . import system
from .console import DevError, Step, run, shown, telling_line
from .workspace import DEV, LOGS, checkout_id, one_of_many, read_json, write_json, write_text

ROLE = "odoo"
PORT = "5432"  # of a socket in a folder of our own: it cannot be taken
HOME_NOTE = DEV / "postgres.json"  # where the cluster is, and for which checkout
IN_USE = DEV / "postgres.lock"
SETTINGS = """\
# Written by ./dev at every start.
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 120
shared_buffers = 256MB
max_wal_size = 2GB
jit = off
"""


def connect():
    """The server to use, which is not started yet."""
    if any(os.environ.get(name) for name in ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE")):
        return NamedServer()
    return PrivateCluster()


class Server:
    """What both kinds of server can do: everything goes through PostgreSQL's own programs."""

    prefix = "brp"

    def variables(self):
        """The environment variables with which any PostgreSQL client finds this server."""
        return {}

    def odoo_options(self):
        """Lines for Odoo's configuration file."""
        return {}

    @contextlib.contextmanager
    def running(self):
        """Have the server up while in the block."""
        yield self

    def program(self, name):
        path = shutil.which(name)
        if not path:
            raise DevError(f"PostgreSQL's {name} is missing: {system.how_to_install('postgresql-client')}")
        return path

    def query(self, sql, database="postgres"):
        """The rows of `sql`, as lists of strings."""
        options = ["-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1"]
        done = self._client([self.program("psql"), *options, "-d", database, "-c", sql])
        return [line.split("\t") for line in done.splitlines()]

    def databases(self):
        """The names of this checkout's databases."""
        rows = self.query("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1")
        return [name for (name,) in rows if name.startswith(f"{self.prefix}_")]

    def exists(self, name):
        return name in self.databases()

    def create(self, name, template="template0"):
        options = ["--encoding=UTF8", "--lc-collate=C"] if template == "template0" else []
        self._client([self.program("createdb"), "-T", template, *options, name])

    def drop(self, name):
        self.query(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        self._client([self.program("dropdb"), "--if-exists", name])

    def rename(self, old, new):
        self.query(f'ALTER DATABASE "{old}" RENAME TO "{new}"')

    def _client(self, command):
        done = subprocess.run(
            command,
            env=dict(os.environ, **self.variables(), PGOPTIONS="-c client_min_messages=error"),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise DevError(f"{Path(command[0]).name}: {telling_line(done.stderr.splitlines())}")
        return done.stdout


class NamedServer(Server):
    """The server that the environment names. We neither start nor stop it."""

    prefix = f"brp_{checkout_id()}"

    @contextlib.contextmanager
    def running(self):
        try:
            ((user,),) = self.query("SELECT current_user")
        except DevError as error:
            raise DevError(f"the PostgreSQL server that PGHOST or PGPORT names: {error}") from error
        if user == "postgres":
            raise DevError("Odoo refuses to work as the database user postgres: set PGUSER to another role")
        yield self

    def stop(self):
        return False


class PrivateCluster(Server):
    @functools.cached_property
    def owner(self):
        """The user whom the cluster runs as: another than root, or None for the one that we are."""
        if not system.is_root():
            return None
        if self.data.is_dir():
            return pwd.getpwuid(self.data.stat().st_uid)
        return _user_for_root()

    @functools.cached_property
    def home(self):
        """The folder of the cluster: where it was made, or below the checkout if its owner can get there."""
        inside = DEV / "postgres"
        note = read_json(HOME_NOTE)
        if (inside / "data").is_dir() or not system.is_root():
            return inside
        if note.get("checkout") == str(DEV) and Path(note["home"]).is_dir():
            return Path(note["home"])
        if _reachable(DEV, _user_for_root()):
            return inside
        return Path("/var/lib/brp-odoo") / f"{re.sub(r'[^A-Za-z0-9]+', '-', DEV.parent.name)}-{checkout_id()}"

    @property
    def data(self):
        return self.home / "data"

    @functools.cached_property
    def sockets(self):
        """The folder of the socket, whose whole path may have 107 bytes."""
        folder = self.home / "socket"
        if len(os.fsencode(folder / f".s.PGSQL.{PORT}.lock")) <= 107:
            return folder
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        return base / f"brp-odoo-{os.geteuid()}-{checkout_id()}"

    def variables(self):
        names = {"PGHOST": str(self.sockets), "PGPORT": PORT, "PGUSER": ROLE, "PGPASSWORD": ""}
        path = os.pathsep.join([str(self.programs), os.environ.get("PATH", os.defpath)])
        return {**names, "PATH": path}

    def odoo_options(self):
        return {"db_host": self.sockets, "db_port": PORT, "db_user": ROLE}

    def program(self, name):
        path = self.programs / name
        return path if path.exists() else super().program(name)

    @functools.cached_property
    def programs(self):
        """The folder with initdb, of the version that the cluster was made with if there is one."""
        made_with = self.data / "PG_VERSION"
        version = made_with.read_text(encoding="utf-8").strip() if made_with.is_file() else None
        found = _installed()
        if version and version not in found:
            raise DevError(
                f"the cluster in {shown(self.home)} is of PostgreSQL {version}, which is no longer installed;"
                " ./dev clean removes it"
            )
        return found[version or max(found, key=float)]

    @contextlib.contextmanager
    def running(self):
        """Have the cluster up while in the block; leave it as it was found when nobody else needs it."""
        with one_of_many(IN_USE) as alone:
            started = self.start()
            try:
                yield self
            finally:
                from . import demo  # the demo's server needs the cluster too

                if started and not demo.SERVER.running() and alone():
                    self._stop()

    def is_made(self):
        """Whether there is a cluster, or the beginning of one; asking does not install PostgreSQL."""
        return (DEV / "postgres").is_dir() or HOME_NOTE.is_file()

    def start(self):
        """Start the cluster if it is not up. Returns whether it was started."""
        if not (self.data / "PG_VERSION").is_file():
            self._make()
        self._note_home()
        if self._is_up():
            return False
        self._make_folder(self.sockets)
        sockets = str(self.sockets).replace("'", "''")
        write_text(self.data / "brp.conf", SETTINGS.format(port=PORT, sockets=sockets))
        if self.owner:
            shutil.chown(self.data / "brp.conf", self.owner.pw_uid, self.owner.pw_gid)
        log = self.home / "server.log"
        try:
            self._as_owner("pg_ctl", "start", "-w", "-t", "60", "-D", self.data, "-l", log)
        except DevError as error:
            raise DevError(f"{error}; PostgreSQL's log is {log}; ./dev clean begins anew") from error
        return True

    def _note_home(self):
        write_json(HOME_NOTE, {"checkout": str(DEV), "home": str(self.home)})

    def stop(self):
        """Stop the cluster. Returns whether it was up."""
        if not self.is_made() or not self._is_up():
            return False
        with Step("Stop PostgreSQL"):
            self._stop()
        return True

    def _stop(self):
        self._as_owner("pg_ctl", "stop", "-w", "-m", "fast", "-D", self.data)

    def remove(self):
        """Stop the cluster and delete its files."""
        if self.is_made():
            self.stop()
            shutil.rmtree(self.sockets, ignore_errors=True)
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(self.home)

    def _is_up(self):
        command = [self.programs / "pg_ctl", "status", "-D", self.data]
        return subprocess.run(command, capture_output=True, cwd="/", **_identity(self.owner)).returncode == 0

    def _make(self):
        _installed()
        with Step("Make a PostgreSQL cluster"):
            self._make_folder(self.home)
            making = self.home / "data.part"
            shutil.rmtree(making, ignore_errors=True)
            self._as_owner(
                "initdb", "-A", "trust", "-U", ROLE, "-E", "UTF8", "--locale=C", "--no-sync", "-D", making
            )
            with (making / "postgresql.conf").open("a", encoding="utf-8") as settings:
                settings.write("\ninclude_if_exists = 'brp.conf'\n")
            making.rename(self.data)

    def _make_folder(self, folder):
        """Make `folder` for the cluster's owner alone; refuse one that is somebody else's."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        wanted = self.owner.pw_uid if self.owner else os.geteuid()
        found = os.lstat(folder)
        if found.st_uid not in (wanted, os.geteuid()) or not stat.S_ISDIR(found.st_mode):
            raise DevError(f"{folder} belongs to somebody else")
        if self.owner:
            os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)
        folder.chmod(0o700)

    def _as_owner(self, program, *arguments, **variables):
        run(
            [self.programs / program, *arguments],
            log=LOGS / f"{program}.log",
            what=program,
            cwd="/",
            env=dict(os.environ, LC_ALL="C", **variables),
            **_identity(self.owner),
        )


@functools.cache
def _installed():
    """Folders with PostgreSQL's server programs, by major version; there is at least one."""
    found = _found() or (system.install("postgresql") and _found())
    if not found:
        raise DevError(f"PostgreSQL's server is missing: {system.how_to_install('postgresql')}")
    return found


def _found():
    folders = [Path(path).resolve().parent for path in [shutil.which("initdb")] if path]
    folders += Path("/usr/lib/postgresql").glob("*/bin")
    found = {}
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True).stdout
            version = re.search(r"\b(\d+)", said)
            if version and int(version[1]) >= 13:
                found.setdefault(version[1], folder)
    return found


def _user_for_root():
    """The user as whom root runs a new cluster. Installing PostgreSQL makes the best one."""
    _installed()
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise DevError("PostgreSQL does not run as root, and there is no user postgres or nobody for it")


def _identity(user):
    """Arguments for subprocess that run a command as `user`; None is who we are."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _reachable(folder, user):
    folder.mkdir(parents=True, exist_ok=True)
    command = ["test", "-x", str(folder)]
    return subprocess.run(command, cwd="/", capture_output=True, **_identity(user)).returncode == 0
