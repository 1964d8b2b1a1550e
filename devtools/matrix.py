"""`./dev matrix`: each addon alone with what it depends on, then all of ours among Odoo's of the trade.

Each is installed, upgraded, uninstalled and installed again; matrix_odoo.py has the steps.
"""

import ast
import contextlib
import importlib.util
import itertools
import time
from dataclasses import dataclass, field

from . import addons as our
from . import databases
from .console import DevError, Step, run, say
from .ground import CONFIG, prepared, scratch_folder
from .workspace import LOGS, ROOT, read_json

# Odoo's addons that a business of our kind may have beside ours, by the beginning of their category.
TRADES = (
    "Accounting",
    "Human Resources/Expenses",
    "Inventory",
    "Invoicing",
    "Marketing/Events",
    "Sales",
    "Supply Chain",
    "Website",
)
TRADES_NAMES = ("account", "event", "l10n_se", "loyalty", "payment", "point_of_sale", "pos_", "sale")
OTHER_LANDS = "l10n_"
EVERYTHING = "all together"
MARK = "MATRIX "
STEPS = ("install", "views", "upgrade", "uninstall", "views without", "install again", "left behind")
ROW = "{:<36}" + "{:>14}" * len(STEPS) + "{:>8}"


@dataclass
class Case:
    """Addons that are tried together, and what they need of Odoo."""

    title: str
    addons: list
    needs: list
    steps: dict = field(default_factory=dict)
    complaints: list = field(default_factory=list)
    seconds: float = 0

    @property
    def findings(self):
        """What is wrong, a line each, with the step that it was found in."""
        found = [f"{name}: {text}" for name, step in self.steps.items() for text in step["found"]]
        missing = [f"{name}: not reached" for name in STEPS if name not in self.steps]
        return [*found, *missing, *self.complaints]


def matrix(names):
    """The command: try the addons called `names`, or each and all together. Returns the exit code."""
    with prepared() as ground:
        return try_out(ground, cases(ground, names))


def cases(ground, names):
    """What is to be tried. The demo is left out where it is not named: it is no addon to be uninstalled."""
    ours = our.for_business()
    chosen = [addon.name for addon in our.select(names)] if names else [n for n in ours if n != our.DEMO]
    found = [Case(name, [name], needs_of(name, ours)) for name in chosen]
    if not names:
        found.append(Case(EVERYTHING, chosen, of_the_trade(ground)))
    return found


def needs_of(name, ours):
    """The addons of Odoo's that our addon `name`, and those of ours that it depends on, ask for; sorted."""
    wanted, seen = [name], set()
    while wanted:
        one = wanted.pop()
        if one not in seen:
            seen.add(one)
            wanted += ours[one].depends if one in ours else ()
    return sorted(seen - set(ours))


def of_the_trade(ground):
    """Odoo's own addons of the trades that can be installed here, sorted."""
    found = []
    for folder in (*ground.tree.addons_path, ground.tree.home / "odoo/addons"):
        for path in folder.glob("*/__manifest__.py"):
            manifest = ast.literal_eval(path.read_text(encoding="utf-8"))
            if _is_of_the_trade(path.parent.name, manifest) and _can_be_installed(manifest):
                found.append(path.parent.name)
    return sorted(set(found))


def _is_of_the_trade(name, manifest):
    if name.startswith(OTHER_LANDS):
        return name.startswith("l10n_se")
    trade = manifest.get("category", "").startswith(TRADES) or name.startswith(TRADES_NAMES)
    return trade and not name.startswith(("test_", "theme_"))


def _can_be_installed(manifest):
    packages = manifest.get("external_dependencies", {}).get("python", ())
    return manifest.get("installable", True) and all(map(_is_there, packages))


def _is_there(package):
    return importlib.util.find_spec(package.replace("-", "_")) is not None


def try_out(ground, found):
    """Try the cases, say what came of each, and at the end all of it as a table. Returns the exit code."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        base = stack.enter_context(databases.throw_away(ground, "template0", "base"))
        _odoo(ground, base, folder / "base.json", "ready", ("base",))
        # Those that need the same stand together.
        for (_number, needs), cases_of_one in itertools.groupby(sorted(found, key=_needs), _needs):
            with databases.throw_away(ground, base, "needs") as needed:
                _ready(ground, needed, folder / "needs.json", needs)
                for case in cases_of_one:
                    _try(ground, needed, folder / f"{case.addons[0]}.json", case)
    _show(found)
    return 1 if any(case.findings for case in found) else 0


def _needs(case):
    return len(case.needs), case.needs


def _ready(ground, database, notes, needs):
    """Install what is needed of Odoo; what is wrong with that alone is not ours."""
    with Step(f"Install {len(needs)} addons of Odoo's: {', '.join(needs)[:60]}") as step:
        _odoo(ground, database, notes, "ready", needs, step)
    found = [text for step in read_json(notes)["steps"] for text in step["found"]]
    if found:
        raise DevError(f"Odoo's own addons cannot be installed: {found[0]}")


def _try(ground, needed, notes, case):
    begun = time.monotonic()
    with databases.throw_away(ground, needed, "matrix") as database, Step(f"Try {case.title}") as step:
        try:
            for what in ("use", "after"):
                log = _odoo(ground, database, notes, what, case.addons, step)
                case.complaints += complaints(log)
        except DevError as error:
            case.complaints.append(str(error))
    case.steps = {step["name"]: step for step in read_json(notes).get("steps", ())}
    case.seconds = time.monotonic() - begun
    for text in case.findings:
        say(f"  ✗ {text}")


def _odoo(ground, database, notes, what, names, step=None):
    """Do a part of matrix_odoo in a process of its own. Returns the path of its log."""
    log = LOGS / f"matrix-{notes.stem}-{what}.log"
    run(
        [ground.environment.python, "-m", "devtools.matrix_odoo", CONFIG, database, notes, what, *names],
        log=log,
        step=step,
        detail=r"^MATRIX (.*)",
        what=f"{what} {notes.stem}",
        cwd=ROOT,
        env=ground.variables(PYTHONUNBUFFERED="1"),
    )
    return log


def complaints(log):
    """Odoo's warnings and errors in `log`, with the step that they came in."""
    found, step = [], ""
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        match = databases.COMPLAINT.match(line)
        if line.startswith(MARK):
            step = line.removeprefix(MARK)
        elif match:
            found.append(f"{step}: {match[1]} {match[2]}: {match[3]}")
    return list(dict.fromkeys(found))


def _show(found):
    say()
    say(ROW.format("", *STEPS, "seconds"))
    for case in found:
        marks = [_mark(case.steps.get(name)) for name in STEPS]
        say(ROW.format(case.title, *marks, f"{case.seconds:.0f}") + ("  ✗" if case.findings else "  ✓"))
    wrong = sum(len(case.findings) for case in found)
    say(f"\n{len(found)} tried, {wrong} findings")


def _mark(step):
    if step is None:
        return "-"
    return f"{len(step['found'])} found" if step["found"] else f"{step['seconds']:.0f} s"
