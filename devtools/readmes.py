"""`./dev readme`, and the check that what it builds is current: README.md and index.html of our addons."""

import subprocess

from . import addons as our
from .console import DevError, say, telling_line
from .ground import prepared
from .workspace import ROOT


def build(names):
    """Build README.md and static/description/index.html of the addons called `names`, or of all."""
    with prepared() as ground:
        for line in _readme_files(ground, "update", _told_of(our.select(names))):
            say(line)


def current(ground, addons):
    """The check that what is built from readme/ and the manifest is as they are now."""
    from .lint import Check

    return Check("readmes are current", _readme_files(ground, "current", _told_of(addons)))


def _told_of(addons):
    return [addon for addon in addons if not addon.only_for_tests]


def _readme_files(ground, task, addons):
    """Run devtools/readme_files.py, which needs markdown-it-py, and return its lines."""
    done = subprocess.run(
        [ground.environment.python, "-m", "devtools.readme_files", task, *(addon.name for addon in addons)],
        cwd=ROOT,
        env=ground.variables(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise DevError(f"readme_files: {telling_line(done.stderr.splitlines())}")
    return done.stdout.splitlines()
