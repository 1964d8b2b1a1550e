"""`./dev i18n`, and the checks of the Swedish translation: complete, right in form, of the present terms."""

import subprocess

from . import addons as our
from . import databases
from .console import DevError, Step, run, say, telling_line
from .ground import CONFIG, prepared, scratch_folder
from .workspace import LOGS, ROOT


def update(names):
    """Export the terms of the addons called `names` into their .pot and merge them into their sv.po."""
    with prepared() as ground:
        addons = _shown_to_people(our.select(names))
        if not addons:
            raise DevError("there is no addon with terms for people")
        installed = databases.with_addons(ground)
        with databases.throw_away(ground, installed.name, "i18n") as database, scratch_folder() as folder:
            if any(addon.name == our.DEMO for addon in addons):
                databases.install_demo(ground, database)
            addons = databases.install_optional(ground, database, addons)
            exported = _export(ground, database, addons, folder)
            for line in _po_files(ground, "update", exported, addons):
                say(line)


def _shown_to_people(addons):
    return [addon for addon in addons if not addon.only_for_tests]


def complete(ground, addons):
    """The check that every sv.po is translated to the last term, with the placeholders of the source."""
    from .lint import Check

    return Check("translations are complete", _po_files(ground, "complete", None, addons) if addons else [])


def up_to_date(ground, database, addons):
    """The check that .pot and sv.po hold just the terms that Odoo finds in the installed addons."""
    from .lint import Check

    addons = _shown_to_people(addons)
    if not addons:
        return Check("translations are up to date")
    with scratch_folder() as folder:
        exported = _export(ground, database, addons, folder)
        return Check("translations are up to date", _po_files(ground, "current", exported, addons))


def _export(ground, database, addons, folder):
    """Have Odoo write the terms of each of `addons` into a file of its own in `folder`, which is returned.

    Together, a term of what several of them extend would be given to any one of them.
    """
    command = [ground.environment.python, "-m", "devtools.odoo_terms", CONFIG, database, folder]
    with Step("Export the terms of our addons") as step:
        run(
            [*command, *(addon.name for addon in addons)],
            log=LOGS / "i18n-export.log",
            step=step,
            what="Odoo",
            cwd=ROOT,
            env=ground.variables(PYTHONDONTWRITEBYTECODE="1"),
        )
    return folder


def _po_files(ground, task, exported, addons):
    """Run devtools/po_files.py, which needs polib, and return its lines."""
    command = [ground.environment.python, "-m", "devtools.po_files", task, str(exported or "-")]
    done = subprocess.run(
        [*command, *(addon.name for addon in addons)],
        cwd=ROOT,
        env=ground.variables(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise DevError(f"po_files: {telling_line(done.stderr.splitlines())}")
    return done.stdout.splitlines()
