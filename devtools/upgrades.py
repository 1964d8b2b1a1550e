"""Upgrades: from an earlier version of an addon to a later one, as in a business.

`./dev test` takes the addon of tests/upgrades, there in two versions, from one to the other with what a
business had entered. `./dev upgrade` does likewise with all of our addons, from what a tag of git holds.
"""

import contextlib
import subprocess

from . import addons as our
from . import databases
from .console import DevError, Step, say
from .ground import prepared, scratch_folder
from .lint import Check
from .workspace import ADDONS, ROOT

TESTS = ROOT / "tests/upgrades"
ADDON = "test_brp_upgrade"


def check(ground):
    """The check that a migration runs, with what it is told of the version before."""
    findings = []
    try:
        with databases.throw_away(ground, "template0", "upgrade") as database:
            with Step("Upgrade an addon from the version before"):
                _odoo(ground, database, TESTS / "earlier", "upgrade-earlier", "-i", ADDON)
                ground.server.query((TESTS / "bills.sql").read_text(encoding="utf-8"), database)
                tests = ("-u", ADDON, "--test-tags", f"/{ADDON}")
                log = _odoo(ground, database, TESTS / "later", "upgrade-later", *tests)
            findings += databases.complaints(log)
            if "0 failed, 0 error(s) of 2 tests" not in log.read_text(encoding="utf-8"):
                findings.append("the tests of the later version did not run")
    except DevError as error:
        findings.append(str(error))
    return Check("an addon is upgraded from the version before", findings)


def upgrade(since):
    """The command: install our addons as the tag or commit `since` has them, and upgrade to these.

    Returns the exit code.
    """
    with prepared() as ground:
        return from_commit(ground, since)


def from_commit(ground, since):
    with contextlib.ExitStack() as stack:
        earlier = stack.enter_context(scratch_folder())
        _unpack(since, earlier)
        names = [name for name in our.for_business() if (earlier / "addons" / name).is_dir()]
        names = ",".join(name for name in names if name != our.DEMO)
        database = stack.enter_context(databases.throw_away(ground, "template0", "upgrade"))
        with Step(f"Install our addons as of {since}"):
            _odoo(ground, database, earlier / "addons", "upgrade-earlier", "-i", f"{names},l10n_se")
        with Step("Upgrade them"):
            log = _odoo(ground, database, ADDONS, "upgrade-later", "-u", names)
    found = databases.complaints(log)
    for text in found:
        say(f"✗ {text}")
    if not found:
        say(f"✓ upgraded from {since}")
    return 1 if found else 0


def _unpack(since, folder):
    """Put the addons as the commit `since` has them into `folder`."""
    archive = ["git", "-C", ROOT, "archive", "--format=tar", since, "addons"]
    with subprocess.Popen(archive, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as git:
        unpacked = subprocess.run(["tar", "-x", "-C", folder], stdin=git.stdout, stderr=subprocess.DEVNULL)
    if git.returncode or unpacked.returncode:
        raise DevError(f"{since} is no commit of this repository with addons")


def _odoo(ground, database, folder, log, *options):
    """Run Odoo with our addons in `folder`. Returns the path of its log."""
    paths = ",".join(map(str, (*ground.tree.addons_path, folder)))
    server = ("server", "-d", database, "--addons-path", paths, "--stop-after-init", "--no-http")
    return ground.odoo(*server, *options, log=log)
