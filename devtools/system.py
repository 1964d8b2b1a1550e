"""The machine's own programs: found where they are, installed with apt where we may."""

import contextlib
import functools
import os
import shutil
import subprocess
from pathlib import Path

from .console import DevError, Step, run
from .workspace import LOGS

BROWSERS = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")


def is_root():
    return os.geteuid() == 0


def in_ci():
    return os.environ.get("CI", "").lower() in ("true", "1", "yes")


def os_release():
    """What /etc/os-release says, as a dict; empty where there is none."""
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines)}


@functools.cache
def _apt():
    """How we may run apt-get without asking anybody: the start of the command line, or None."""
    if not shutil.which("apt-get"):
        return None
    if is_root():
        return ("apt-get",)
    if shutil.which("sudo") and _works("sudo", "-n", "true"):
        return ("sudo", "-n", "--preserve-env=DEBIAN_FRONTEND", "apt-get")
    return None


def _works(*command):
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
        return done.returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def install(*packages):
    """Install Debian packages if that can be done without asking. Returns whether it was done."""
    apt = _apt()
    if not apt:
        return False
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    with Step(f"Install {' '.join(packages)}"):
        with contextlib.suppress(DevError):  # one source that is down need not matter
            run((*apt, "update"), log=LOGS / "apt-update.log", env=environment)
        try:
            run(
                (*apt, "install", "-y", "--no-install-recommends", *packages),
                log=LOGS / "apt-install.log",
                env=environment,
            )
        except DevError:
            return False
    return True


def how_to_install(*packages):
    """The command a person types to get `packages`."""
    hint = " (Debian 13 has none: see wkhtmltopdf.org)" if "wkhtmltopdf" in packages else ""
    return f"sudo apt install {' '.join(packages)}{hint}"


def find_browser():
    """The browser that Odoo's tours would use, or None."""
    for name in BROWSERS:
        path = shutil.which(name)
        if path and _works(path, "--version"):  # Ubuntu's chromium can be a stub that only speaks of snap
            return path
    return None


def find_pdf_program():
    path = shutil.which("wkhtmltopdf")
    return path if path and _works(path, "--version") else None
