"""Where things are: Odoo's configuration file, and what the environment says otherwise."""

import configparser
import os
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ADDONS = Path(__file__).resolve().parent.parent.parent / "addons"
# Options of Odoo that have another name in the environment than ODOO_…
_VARIABLES = {"db_name": "PGDATABASE", "db_host": "PGHOST", "db_port": "PGPORT", "db_user": "PGUSER"}

# Exit code: there is a database of that name, or it is in use
EXISTS = 5


class ProductionError(Exception):
    """Something the administrator can act on; its text is for them. `code` is the exit code."""

    def __init__(self, text, code=1):
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Settings:
    """
    :ivar config: Odoo's configuration file
    :ivar options: what is in it, as {name: text}
    :ivar backups: the folder of the backups
    :ivar command: the command line that Odoo is started with
    """

    config: Path
    options: dict
    backups: Path
    command: tuple

    def option(self, name, default=""):
        """The text of an option of Odoo, from where Odoo takes it: the environment, then the file."""
        variable = _VARIABLES.get(name, f"ODOO_{name.upper()}")
        return os.environ.get(variable) or self.options.get(name) or default

    @property
    def database(self):
        return self.option("db_name", "brp")

    @property
    def filestores(self):
        """The folder with a folder of files for each database."""
        return Path(self.option("data_dir", "/var/lib/odoo")) / "filestore"

    def odoo(self, *arguments):
        """The command line for Odoo's arguments."""
        if not arguments or arguments[0].startswith("-"):
            return [*self.command, *arguments]
        # Where it takes the configuration: these have subcommands with options of their own.
        at = 2 if arguments[0] in ("i18n", "module") else 1
        return [*self.command, *arguments[:at], "-c", str(self.config), *arguments[at:]]

    def run_odoo(self, *arguments, what, script=None, **variables):
        """Run Odoo for one task and wait for it; raises ProductionError when it fails.

        :param script: text for its standard input
        """
        # The limits are for workers, of which there are many; an upgrade may take what there is.
        unlimited = {"ODOO_LIMIT_MEMORY_HARD": "0", "ODOO_LIMIT_MEMORY_SOFT": "0"}
        done = subprocess.run(
            self.odoo(*arguments),
            input=script,
            stdin=None if script else subprocess.DEVNULL,
            text=True,
            env={**os.environ, **unlimited, **variables},
            check=False,
        )
        if done.returncode:
            raise ProductionError(f"{what} failed (Odoo's exit code is {done.returncode}): see above")


def read():
    """The settings of this server. Makes the database's password known to all that asks PostgreSQL."""
    _take_over(Path(os.environ.get("BRP_ENVIRONMENT") or "/etc/brp/brp.env"))
    config = Path(os.environ.get("ODOO_RC") or "/etc/odoo/odoo.conf")
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(config.read_text(encoding="utf-8"))
    except (OSError, configparser.Error) as error:
        raise ProductionError(f"Odoo's configuration cannot be read: {error}") from None
    settings = Settings(
        config,
        dict(parser["options"]) if "options" in parser else {},
        Path(os.environ.get("BRP_BACKUPS") or "/var/backups/brp"),
        tuple(shlex.split(os.environ.get("ODOO_COMMAND") or "odoo")),
    )
    _find_server(settings)
    _keep_password()
    return settings


def _take_over(file):
    """Put into the environment what a file of NAME=VALUE lines says and the environment does not."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return  # in a container all is in the environment
    except OSError as error:
        raise ProductionError(f"{file} cannot be read ({error.strerror}): run brp as the user odoo") from None
    for line in lines:
        name, equals, value = line.partition("=")
        if equals and not name.lstrip().startswith("#"):
            os.environ.setdefault(name.strip(), value.strip())


def _find_server(settings):
    """Have PostgreSQL's programs and psycopg2 find the server that Odoo's configuration names."""
    for name in ("db_host", "db_port", "db_user"):
        value = settings.option(name)
        if value and value.lower() != "false":
            os.environ[_VARIABLES[name]] = value


def _keep_password():
    """Write PostgreSQL's password file from the secret that PASSWORD_FILE names.

    So the password is on no command line and in no environment, where others could read it.
    """
    secret = os.environ.get("PASSWORD_FILE")
    if not secret:
        return
    path = Path(os.environ.setdefault("PGPASSFILE", "/run/brp/pgpass"))
    password = read_secret(secret).replace("\\", "\\\\").replace(":", "\\:")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written whole, then put in place: others may be reading it.
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"*:*:*:*:{password}\n")
        Path(temporary).replace(path)
    except OSError as error:
        raise ProductionError(f"the password file cannot be written: {error}") from None


def read_secret(path):
    """The one line of a file with a secret. Raises ProductionError when it is not there, or empty."""
    try:
        secret = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ProductionError(f"the secret {path} cannot be read: {error.strerror}") from None
    if not secret or "\n" in secret:
        raise ProductionError(f"the secret {path} has to be one line of text")
    return secret


def say(text):
    print(text, flush=True)


def warn(text):
    print(f"brp: {text}", file=sys.stderr, flush=True)
