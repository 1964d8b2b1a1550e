"""What the commands stand on: Odoo, its environment, a running database server, a configuration."""

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import environment, odoo_tree, postgres
from .console import run
from .workspace import ADDONS, DEV, LOGS, TEST_ADDONS, only_one, write_text

CONFIG = DEV / "odoo.conf"
DATA = DEV / "data"
SCREENSHOTS = DEV / "screenshots"
SETUP = DEV / "setup.lock"


@dataclass(frozen=True)
class Ground:
    tree: odoo_tree.OdooTree
    environment: environment.Environment
    server: postgres.Server

    def variables(self, **more):
        """Environment variables under which Odoo, pytest and PostgreSQL's programs find all they need."""
        return self.environment.variables(**self.server.variables(), **more)

    def odoo_command(self, *arguments):
        """The command line for Odoo's `arguments`, the first of which is the subcommand ("i18n export")."""
        subcommand, *options = arguments
        python = str(self.environment.python)
        return [python, "-m", "odoo", *subcommand.split(), "-c", str(CONFIG), *map(str, options)]

    def odoo(self, *arguments, log, step=None, what="Odoo", variables=None):
        """Run Odoo and wait for it. `log` is the name of the log file, which is returned."""
        path = LOGS / f"{log}.log"
        run(
            self.odoo_command(*arguments),
            log=path,
            step=step,
            detail=r"Loading module (\S+ \(\d+/\d+\))",
            what=what,
            env=self.variables(**(variables or {})),
        )
        return path

    def filestore(self, database):
        return DATA / "filestore" / database


@contextlib.contextmanager
def prepared():
    """Yield the ground, everything made that was missing and the database server running."""
    with contextlib.ExitStack() as stack:
        with setting_up():
            tree = odoo_tree.ensure()
            python = environment.ensure(tree)
            server = stack.enter_context(postgres.connect().running())
            _write_config(tree, server)
        yield Ground(tree, python, server)


def setting_up():
    """Held by whoever makes something below .dev/ that others use as well."""
    return only_one(SETUP, "setting up")


def _write_config(tree, server):
    options = {
        "addons_path": ",".join(map(str, (*tree.addons_path, ADDONS, TEST_ADDONS))),
        "data_dir": DATA,
        "http_interface": "127.0.0.1",
        "max_cron_threads": 1,
        "screenshots": SCREENSHOTS,
        **server.odoo_options(),
    }
    write_text(CONFIG, "[options]\n" + "".join(f"{name} = {value}\n" for name, value in options.items()))


@contextlib.contextmanager
def scratch_folder():
    """A folder that is gone after the block."""
    folder = Path(tempfile.mkdtemp(prefix="scratch-", dir=DEV))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
