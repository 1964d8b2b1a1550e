"""The virtual environment: the packages of requirements.lock, and Odoo on its path."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from . import system
from .console import DevError, Step, run
from .workspace import DEV, LOCK_FILE, LOGS, cache, read_json, write_json, write_text

VENV = DEV / "venv"
STAMP = DEV / "venv.json"
# Variables of the person's own that would lead Python or Odoo elsewhere.
MISLEADING = ("PYTHONHOME", "PYTHONPATH", "ODOO_RC", "OPENERP_SERVER")


@dataclass(frozen=True)
class Environment:
    bin: Path

    @property
    def python(self):
        return self.bin / "python"

    def variables(self, **more):
        """Environment variables for commands that run in it; `more` comes on top."""
        variables = {name: value for name, value in os.environ.items() if name not in MISLEADING}
        variables.update(more, VIRTUAL_ENV=str(self.bin.parent))
        variables["PATH"] = os.pathsep.join([str(self.bin), variables.get("PATH", os.defpath)])
        return variables


def ensure(tree):
    """Return the environment in which `tree` can be imported, made or made anew first if need be."""
    wanted = {
        "lock": hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest(),
        "python": ".".join(map(str, sys.version_info[:3])),
        "folder": str(VENV),
    }
    environment = Environment(VENV / "bin")
    if read_json(STAMP) != wanted or not environment.python.exists():
        _make(environment)
        write_json(STAMP, wanted)
    site_packages = next(VENV.glob("lib/python3*/site-packages"))
    link = site_packages / "odoo-tree.pth"
    if not link.exists() or link.read_text(encoding="utf-8").strip() != str(tree.home):
        write_text(link, f"{tree.home}\n")
    return environment


def _make(environment):
    STAMP.unlink(missing_ok=True)
    _need_venv_module()
    with Step(f"Install the Python packages of {LOCK_FILE.name}") as step:
        shutil.rmtree(VENV, ignore_errors=True)
        step.detail = "virtual environment"
        run([sys.executable, "-m", "venv", VENV], log=LOGS / "venv.log", what="python -m venv")
        pip = [environment.python, "-m", "pip"]
        run(
            [*pip, "install", "--no-deps", "--progress-bar=off", "-r", LOCK_FILE],
            log=LOGS / "pip.log",
            step=step,
            detail=r"^(?:Collecting|Installing) ([\w.-]+)",
            what="pip",
            env=environment.variables(PIP_CACHE_DIR=str(cache() / "pip"), PIP_DISABLE_PIP_VERSION_CHECK="1"),
        )


def _need_venv_module():
    """Debian and Ubuntu ship Python without ensurepip; get it, or say what to install."""
    if _has_ensurepip():
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    system.install(package)
    if not _has_ensurepip():
        raise DevError(f"this Python has no venv module: {system.how_to_install(package)}")


def _has_ensurepip():
    command = [sys.executable, "-c", "import ensurepip, venv; ensurepip.version()"]
    return subprocess.run(command, capture_output=True).returncode == 0
