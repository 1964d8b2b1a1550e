"""`./dev lint`: form, manifests, readmes, XML, translations, and Odoo's own rules, over our addons."""

import os
import re
import subprocess
from dataclasses import dataclass, field
from xml.parsers import expat

from . import addons as our
from . import databases, readmes, translations
from .console import say, shown
from .ground import prepared
from .workspace import ADDONS, ROOT, TEST_ADDONS

BUILD_SYSTEM = '[build-system]\nrequires = ["whool"]\nbuild-backend = "whool.buildapi"\n'
# Checkers that Odoo's test_lint hands to pylint for the whole of Odoo; we have them look at our addons only.
ODOO_CHECKERS = ("_odoo_checker_sql_injection", "_odoo_checker_gettext", "_odoo_checker_unlink_override")
ODOO_MESSAGES = (
    "used-before-assignment",
    "undefined-variable",
    "eval-used",
    "unreachable",
    "function-redefined",
    "sql-injection",
    "missing-gettext",
    "gettext-variable",
    "gettext-placeholders",
    "gettext-repr",
    "raise-unlink-override",
)


@dataclass
class Check:
    """One thing that was looked at, and the lines that say what is wrong with it."""

    name: str
    findings: list = field(default_factory=list)

    def show(self):
        say(f"{'✗' if self.findings else '✓'} {self.name}")
        for finding in self.findings:
            say(f"    {finding}")


def lint_command(names, fix):
    """The command. Returns the exit code."""
    from . import testing

    with prepared() as ground:
        addons = our.select(names)
        if fix:
            _fix(ground, addons, everything=not names)
        checks = []
        for check in on_files(ground, addons, everything=not names):
            check.show()
            checks.append(check)
        failed = any(check.findings for check in checks)
        installed = databases.with_addons(ground)
        with databases.throw_away(ground, installed.name) as database:
            if any(addon.name == our.DEMO for addon in addons):
                databases.install_demo(ground, database)
            check = translations.up_to_date(ground, database, addons)
            check.show()
            count = testing.odoo_lint_tests(ground, database, addons)
        return 1 if failed or check.findings or count.failed else 0


def on_files(ground, addons, everything):
    """Yield the checks that need no database; `everything` is our tools and tests as well."""
    paths = _paths(addons, everything)
    yield Check("ruff check", _output(ground, "ruff", "check", "--output-format=concise", "--quiet", *paths))
    yield Check(
        "ruff format",
        _output(ground, "ruff", "format", "--check", "--output-format=concise", "--quiet", *paths),
    )
    if addons:
        # What each provider adds to a model of ours stands in a file of its own.
        left_out = "missing-readme,consider-merging-classes-inherited"
        pylint = ("pylint", f"--rcfile={ROOT / '.pylintrc'}", f"--disable={left_out}")
        yield Check("pylint-odoo", _output(ground, *pylint, *_folders(addons)))
        yield Check("Odoo's pylint checkers", _odoo_pylint(ground, addons))
    yield Check("addon files", [finding for addon in addons for finding in _addon_files(addon)])
    yield readmes.current(ground, addons)
    yield translations.complete(ground, addons)


def _fix(ground, addons, everything):
    paths = _paths(addons, everything)
    _output(ground, "ruff", "check", "--fix", "--quiet", *paths)
    _output(ground, "ruff", "format", "--quiet", *paths)


def _paths(addons, everything):
    if not everything:
        return _folders(addons)
    names = ("dev", "devtools", "docker", "tests", "bench", "addons")
    return [name for name in names if (ROOT / name).exists()]


def _folders(addons):
    return [shown(addon.path) for addon in addons]


def _output(ground, *command, **variables):
    """The lines that a checker prints; its exit code, if it says nothing but fails."""
    done = subprocess.run(
        [ground.environment.bin / command[0], *command[1:]],
        cwd=ROOT,
        env=ground.variables(**variables),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    lines = [line for line in done.stdout.splitlines() if line.strip() and not line.startswith("*****")]
    if done.returncode and not lines:
        lines = done.stderr.splitlines()[-5:] or [f"{command[0]} failed (exit {done.returncode})"]
    return lines


def _odoo_pylint(ground, addons):
    checkers = ground.tree.lint_tests
    if not checkers:
        return ["this Odoo has no test_lint"]
    return _output(
        ground,
        "pylint",
        f"--rcfile={os.devnull}",
        # What is switched off in our files for other linters is not known here.
        "--disable=all,useless-option-value,unknown-option-value",
        f"--enable={','.join(ODOO_MESSAGES)}",
        f"--load-plugins=_pylint_path_setup,pylint.extensions.bad_builtin,{','.join(ODOO_CHECKERS)}",
        "--bad-functions=input",
        "--score=no",
        "--reports=no",
        "--msg-template={path}:{line}: {msg} ({symbol})",
        *_folders(addons),
        PYTHONPATH=os.pathsep.join([str(checkers), str(ground.tree.home)]),
        ADDONS_PATH=os.pathsep.join(map(str, (*ground.tree.addons_path, ADDONS, TEST_ADDONS))),
    )


def _addon_files(addon):
    """Yield what is wrong with the addon's build file and its XML."""
    build = addon.path / "pyproject.toml"
    if not build.is_file() or BUILD_SYSTEM not in build.read_text(encoding="utf-8"):
        yield f"{shown(build)}: must name whool as the build backend: {BUILD_SYSTEM!r}"
    for path in addon.files(".xml"):
        for line, finding in _xml(path):
            yield f"{shown(path)}:{line}: {finding}"


def _xml(path):
    """Yield (line, finding) for an XML file."""
    content = path.read_bytes()
    try:
        expat.ParserCreate().Parse(content, True)
    except expat.ExpatError as error:
        yield error.lineno, f"not well-formed: {expat.ErrorString(error.code)}"
        return
    text = content.decode()
    if not text.endswith("\n"):
        yield text.count("\n") + 1, "the last line must end with a newline"
    for number, line in enumerate(text.splitlines(), 1):
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent:
            yield number, "indent with spaces"
        elif line != line.rstrip():
            yield number, "white space at the end of the line"
        elif re.match(r"<[\w/]", line.lstrip()) and len(indent) % 4:
            yield number, "indent tags by four spaces a level"
