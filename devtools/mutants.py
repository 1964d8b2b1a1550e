"""`./dev mutants`: is there a test for each of the rules that money follows?

Cosmic Ray changes one operator, number or condition at a time in a copy of the checkout. A change that no
test notices survives: a test is missing. One that has no effect stands, with the reason, in EQUAL.
"""

import contextlib
import json
import re
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from . import environment, odoo_tree
from .console import DevError, Step, run, say
from .ground import scratch_folder, setting_up
from .workspace import LOGS, ROOT

# What holds rules, below addons/, and the tests below tests/pure that tell them.
RULES = {
    "brp_installments/schedule.py": ("test_installment_schedule.py",),
    "brp_autogiro/bankgirot/bankday.py": ("test_autogiro_bankday.py",),
    "brp_autogiro/bankgirot/outgoing.py": ("test_autogiro_outgoing.py",),
    "brp_klarna/settlements/effects.py": ("test_klarna_effects.py",),
    "brp_klarna/settlements/control.py": ("test_klarna_effects.py",),
    "brp_klarna/settlements/vat.py": ("test_klarna_vat.py",),
    "brp_24seven/orders/rows.py": ("test_24seven_orders.py",),
}
EQUAL = ROOT / "tests/pure/equal_mutants.txt"
NEEDED = (
    "addons",
    "tests/pure",
    "tests/simulators",
    "tests/conftest.py",
    "tests/sie_reader.py",
    "pyproject.toml",
)
LEFT_OUT = shutil.ignore_patterns("static", "i18n", "__pycache__", "views", "data", "*.pdf")
# Of changes that tests tell alike, one is enough. The | of annotations and a cache are no rules.
EXCLUDED = (
    r"core/Replace\w+Operator_\w+_(Pow|RShift|LShift|BitOr|BitAnd|BitXor|Mod|FloorDiv|Is)$",
    r"core/ReplaceComparisonOperator_(?!Is_)\w+_IsNot$",
    r"core/ReplaceComparisonOperator_(Is|IsNot)_(?!IsNot$|Is$)",
    r"core/ReplaceBinaryOperator_BitOr_",
    r"core/RemoveDecorator",
)
SECONDS = 15  # of a processor, that the tests of a module may take; a change can make a loop endless
CONFIG = """\
[cosmic-ray]
module-path = "addons/{module}"
timeout = {seconds}
excluded-modules = []
test-command = {command}

[cosmic-ray.distributor]
name = "local"

[cosmic-ray.filters.operators-filter]
exclude-operators = {excluded}
"""


@dataclass(frozen=True)
class Mutant:
    """A change of one line; where a file has several like it, they are told apart by their number."""

    module: str
    old: str
    new: str

    def __str__(self):
        return f"{self.module}\n- {self.old}\n+ {self.new}"


def mutants(names):
    """The command: the rules of the addons or modules called `names`, or all. Returns the exit code."""
    modules = select(names)
    with setting_up():
        python = environment.ensure(odoo_tree.ensure())
    return try_out(python, modules)


def select(names):
    """The modules of RULES whose addon, file or path is one of `names`; all when none is named."""
    found = [path for path in RULES if not names or any(_is_meant(name, path) for name in names)]
    unknown = [name for name in names if not any(_is_meant(name, path) for path in RULES)]
    if unknown:
        raise DevError(f"no rules in {', '.join(unknown)}; there are: {', '.join(RULES)}")
    return found


def _is_meant(name, path):
    path = Path(path)
    wanted = Path(name.removeprefix("addons/"))
    return wanted in (path, *path.parents) or name == path.stem


def try_out(python, modules):
    if not (python.bin / "cosmic-ray").exists():
        raise DevError("cosmic-ray is missing from the environment: put it into requirements.in and lock it")
    equal = read_equal(EQUAL.read_text(encoding="utf-8"))
    wrong = 0
    for module in modules:
        tried, survived = _mutate(python, module)
        known = {mutant for mutant in equal if mutant.module == module}
        for mutant in sorted(survived - known, key=str):
            say(f"✗ no test tells the difference:\n{mutant}")
        for mutant in sorted(known - survived, key=str):
            say(f"✗ {EQUAL.name} has a change that is not there, or that a test tells:\n{mutant}")
        wrong += len(survived ^ known)
        say(f"{module}: {tried} tried, {len(survived)} told by no test, {len(known)} known to have no effect")
    return 1 if wrong else 0


def read_equal(text):
    """The changes in `text` that have no effect, with the reason: module, "- old", "+ new", "= why"."""
    found = {}
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.strip().splitlines() if not line.startswith("#")]
        if not lines:
            continue
        signs = [line[:2] for line in lines[1:]]
        if signs != ["- ", "+ ", "= "]:
            raise DevError(f"{EQUAL.name}: not a module, '- old', '+ new' and '= why': {lines[0]}")
        found[Mutant(lines[0], lines[1][2:], lines[2][2:])] = lines[3][2:]
    return found


def _mutate(python, module):
    """Try all changes of a module, in a copy. Returns how many, and those that survive."""
    with scratch_folder() as folder, Step(f"Change {module}") as step:
        _copy(folder)
        config, session, server = folder / "cosmic-ray.toml", folder / "session.sqlite", folder / "socket"
        config.write_text(_config(python, module, server), encoding="utf-8")
        log = LOGS / f"mutants-{module.replace('/', '-')}.log"
        variables = python.variables(PYTHONDONTWRITEBYTECODE="1", PYTHONPATH=f"{ROOT}:{folder / 'addons'}")

        def cosmic_ray(program, *arguments):
            command = [python.bin / program, *arguments]
            run(command, log=log, cwd=folder, env=variables, what=f"{program} {arguments[0]}")

        with _pytest(python, folder, server, variables):
            step.detail = "unchanged"
            cosmic_ray("cosmic-ray", "baseline", config)
            cosmic_ray("cosmic-ray", "init", config, session)
            cosmic_ray("cr-filter-operators", session, config)
            step.detail = "changed"
            cosmic_ray("cosmic-ray", "exec", config, session)
        dump = [python.bin / "cosmic-ray", "dump", session]
        dumped = subprocess.run(dump, cwd=folder, env=variables, capture_output=True, text=True, check=True)
        return _outcomes(module, dumped.stdout)


@contextlib.contextmanager
def _pytest(python, folder, server, variables):
    """Have pytest ready to run at the socket `server`, in `folder`."""
    command = [python.python, "-m", "devtools.pytest_server", server, str(SECONDS)]
    with (folder / "pytest.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            if not process.stdout.readline():
                raise DevError("pytest could not be started")
            drain = threading.Thread(target=process.stdout.read, daemon=True)
            drain.start()
            yield
        finally:
            process.kill()
            process.wait()


def _copy(folder):
    for name in NEEDED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=LEFT_OUT)
        else:
            shutil.copy2(source, target)


def _config(python, module, server):
    tests = " ".join(f"tests/pure/{name}" for name in RULES[module])
    pytest = "-x -q --rootdir=. -c pyproject.toml -p no:odoo -p no:cacheprovider -p no:xdist"
    ask = f"{python.python} -I -S {ROOT / 'devtools/pytest_server.py'} {server}"
    command = f"{ask} {pytest} --hypothesis-seed=0 {tests}"
    # JSON's strings and lists are TOML's as well.
    return CONFIG.format(
        module=module, seconds=11 * SECONDS, command=json.dumps(command), excluded=json.dumps(EXCLUDED)
    )


def _outcomes(module, dumped):
    """How many changes were tried, and those that survived, of what `cosmic-ray dump` says."""
    tried, survived = 0, []
    for line in dumped.splitlines():
        _work, result = json.loads(line)
        if result is None:
            raise DevError(f"a change of {module} was not tried")
        if result["worker_outcome"] == "skipped":
            continue
        tried += 1
        if result["test_outcome"] == "survived":
            survived.append(_mutant(module, result["diff"]))
    return tried, _numbered(survived)


def _mutant(module, diff):
    """The change that `diff`, a unified one, describes."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++", "@@"))]
    old, new = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return Mutant(module, old, new)


def _numbered(mutants_):
    """The same changes of lines that are alike get numbers: "(2)" at the end of the second."""
    seen, found = {}, set()
    for mutant in mutants_:
        seen[mutant] = seen.get(mutant, 0) + 1
        number = f"  ({seen[mutant]})" if seen[mutant] > 1 else ""
        found.add(Mutant(mutant.module, mutant.old, mutant.new + number))
    return found
