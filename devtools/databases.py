"""Databases, each made from the one before:

template   what our addons need of Odoo, with Swedish; made again when that, the packages or Odoo change
addons     the template with our addons installed; made again when their files (but for tests) change
copies     of either, for the demo, a test run or a benchmark
"""

import contextlib
import hashlib
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from . import addons as our
from .console import DevError, Step, warn
from .ground import setting_up
from .workspace import DEV, LOCK_FILE, read_json, write_json

LANGUAGE = "sv"  # there to be chosen; users and customers have English until somebody does
NOTES = DEV / "databases.json"
NOT_INSTALLED = ("tests",)  # folders of an addon that do not matter to an installed database
# What addons for tests want to be told before they let themselves be installed.
FOR_TESTS = {"BRP_OPENACTIVE_TEST": "1"}
COMPLAINT = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (WARNING|ERROR|CRITICAL) \S+ (\S+): (.*)$")


@dataclass(frozen=True)
class Installed:
    """A database and what Odoo complained of when our addons were installed in it."""

    name: str
    complaints: list = field(default_factory=list)


def with_addons(ground):
    """The database with all our addons but brp_demo and those for tests installed, made first if need be.

    It is to be copied, not used. Raises DevError when an addon cannot be installed.
    """
    with setting_up():
        ours = our.for_business()
        template = _template(ground, ours.values())
        ours.pop(our.DEMO, None)
        key = _key(template, *(f"{name} {addon.digest(NOT_INSTALLED)}" for name, addon in ours.items()))
        name = f"{ground.server.prefix}_addons_{key}"
        if not ground.server.exists(name):
            _forget(ground, "addons")
            with Step(f"Install {_listed(ours)}") as step:
                log = _make(ground, name, "install-addons", step, source=template, install=ours)
            write_json(NOTES, {**read_json(NOTES), name: complaints(log) if log else []})
        return Installed(name, read_json(NOTES).get(name, []))


def _template(ground, addons):
    needed = our.needed_from_odoo(addons)
    key = _key(ground.tree.version, LOCK_FILE.read_text(encoding="utf-8"), LANGUAGE, *needed)
    name = f"{ground.server.prefix}_template_{key}"
    if not ground.server.exists(name):
        _forget(ground, "addons", "template")
        with Step("Make the template database (Odoo's own addons)") as step:
            _make(ground, name, "install-template", step, install=needed, language=LANGUAGE)
    return name


def _key(*parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _listed(names):
    return ", ".join(names) if names else "no addon of ours yet"


def _make(ground, name, log, step, *, source="template0", install=(), language=None):
    """Make the database `name` from `source` with the addons `install`; it appears when it is complete."""
    making = f"{ground.server.prefix}_making_{os.getpid()}"
    drop(ground, making)
    copy(ground, source, making)
    path = None
    if install:
        arguments = ["server", "-d", making, "-i", ",".join(install), "--stop-after-init", "--no-http"]
        path = ground.odoo(*arguments, log=log, step=step, what=f"installing {_listed(install)}")
    if language:
        step.detail = "translations"
        ground.odoo("i18n loadlang", "-d", making, "-l", language, log="load-language")
    rename(ground, making, name)
    return path


def install_demo(ground, database):
    """Install brp_demo in `database`, a copy of ours. Returns the path of the log."""
    arguments = ["server", "-d", database, "-i", our.DEMO, "--stop-after-init", "--no-http"]
    with Step("Set up the demo company") as step:
        return ground.odoo(*arguments, log="install-demo", step=step, what=f"installing {our.DEMO}")


def install_optional(ground, database, addons):
    """Install those of `addons` that build on addons of others. Returns `addons` without those left out."""
    optional = our.optional_addons()
    left_out = [addon for addon in addons if addon in optional and our.why_left_out(addon)]
    wanted = [addon for addon in addons if addon in optional and addon not in left_out]
    for addon in left_out:
        warn(our.why_left_out(addon))
    if wanted:
        install_for_tests(ground, database, wanted)
    return [addon for addon in addons if addon not in left_out]


def install_for_tests(ground, database, addons):
    """Install addons that only help in testing the others. Returns the path of the log."""
    names = ",".join(addon.name for addon in addons)
    arguments = ["server", "-d", database, "-i", names, "--stop-after-init", "--no-http"]
    with Step(f"Install {names}") as step:
        what = f"installing {names}"
        return ground.odoo(*arguments, log="install-tests", step=step, what=what, variables=FOR_TESTS)


def keep_files_inside(ground, database):
    """Have Odoo keep new files in the database itself.

    Tests that run side by side have copies of the database and one filestore: what one of them deletes, the
    others, such as a browser that waits for a script, may still need.
    """
    ground.server.query(
        "INSERT INTO ir_config_parameter (key, value) VALUES ('ir_attachment.location', 'db')"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        database,
    )


def complaints(log: Path):
    """The warnings and errors in a log of Odoo, without their times."""
    found = []
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        match = COMPLAINT.match(line)
        if match:
            found.append(f"{match[1]} {match[2]}: {match[3]}")
    return found


def copy(ground, source, name):
    """Make the database `name` as a copy of `source`, with its filestore."""
    ground.server.create(name, template=source)
    files = ground.filestore(source)
    if files.is_dir():
        shutil.copytree(files, ground.filestore(name), copy_function=_link, dirs_exist_ok=True)


def _link(source, target):
    """A filestore's files never change, so that a hard link is as good as a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def drop(ground, name):
    ground.server.drop(name)
    shutil.rmtree(ground.filestore(name), ignore_errors=True)


def rename(ground, old, new):
    ground.server.rename(old, new)
    shutil.rmtree(ground.filestore(new), ignore_errors=True)
    if ground.filestore(old).is_dir():
        ground.filestore(old).rename(ground.filestore(new))


@contextlib.contextmanager
def throw_away(ground, source, purpose="run"):
    """Yield the name of a copy of `source` that is dropped after the block."""
    name = f"{ground.server.prefix}_{purpose}_{os.getpid()}"
    sweep(ground)
    drop(ground, name)
    copy(ground, source, name)
    try:
        yield name
    finally:
        with contextlib.suppress(DevError):
            drop(ground, name)


def sweep(ground):
    """Drop what runs that were killed have left behind."""
    pattern = re.compile(rf"{ground.server.prefix}_[a-z]+_(\d+)(-gw\d+)?$")
    for name in ground.server.databases():
        match = pattern.match(name)
        if match and not Path(f"/proc/{match[1]}").exists():
            drop(ground, name)


def _forget(ground, *kinds):
    """Drop the databases of these kinds: they are about to be made anew."""
    sweep(ground)
    for name in ground.server.databases():
        if name.startswith(tuple(f"{ground.server.prefix}_{kind}_" for kind in kinds)):
            drop(ground, name)
