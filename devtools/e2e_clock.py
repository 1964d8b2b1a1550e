"""A clock of our own for Odoo, PostgreSQL and the simulators: libfaketime, which reads a file at every look.

The file says how many seconds to add to the machine's time. Whoever writes it moves the time of all.
"""

import functools
import shutil
from pathlib import Path

from . import postgres, system
from .console import DevError
from .workspace import ROOT, write_text

_LIBRARY = "faketime/libfaketimeMT.so.1"


class ClockedCluster(postgres.PrivateCluster):
    """A PostgreSQL cluster beside the usual one, whose time is that of the file `clock`."""

    prefix = "brp_e2e"

    @functools.cached_property
    def home(self):
        usual = super().home
        return usual.with_name(f"{usual.name}-e2e")

    @functools.cached_property
    def sockets(self):
        folder = super().sockets
        return folder if folder.parent == self.home else folder.with_name(f"{folder.name}-e2e")

    @property
    def clock(self):
        """The file: Odoo's user and PostgreSQL's can read it there."""
        return self.home / "clock"

    def start(self):
        self._make_folder(self.home)
        if not self.clock.exists():
            write_text(self.clock, "+0\n")
        return super().start()

    def stop(self):
        """Stop the cluster if it is up."""
        if self.data.is_dir() and self._is_up():
            self._stop()

    def _note_home(self):
        """The note is for the usual cluster."""

    def _as_owner(self, program, *arguments, **more):
        clocked = variables(self.clock) if program == "pg_ctl" else {}
        super()._as_owner(program, *arguments, **clocked, **more)


def variables(clock):
    """Return the environment of a program that is to live by the file `clock`."""
    return {
        "LD_PRELOAD": str(_library()),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        # How long something takes, and when a file was changed, is told by the machine.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        "PYTHONPATH": str(ROOT / "tests/e2e/clocked"),
    }


@functools.cache
def _library():
    found = _find() or (system.install("libfaketime") and _find())
    if not found:
        raise DevError(f"libfaketime is missing: {system.how_to_install('libfaketime')}")
    return found


def _find():
    folders = [*Path("/usr/lib").glob(f"*/{_LIBRARY}"), *Path("/usr/lib64").glob(_LIBRARY)]
    faketime = shutil.which("faketime")
    if faketime:
        folders += Path(faketime).resolve().parent.parent.glob(f"lib*/{_LIBRARY}")
    return next(iter(folders), None)
