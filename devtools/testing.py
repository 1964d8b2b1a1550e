"""`./dev test`: everything that can be said about the code by a machine, with one count at the end."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import addons as our
from . import databases, lint, openactive, system, translations, upgrades
from .console import DevError, ended_with_us, say, shown, warn
from .ground import CONFIG, SCREENSHOTS, prepared, setting_up
from .workspace import DEV, ROOT, read_json

RESULTS = DEV / "results"
# Of Odoo's test_lint: what can be asked of some addons only, or is asked of all models at once.
ODOO_LINT_TESTS = (
    "test_docstring.py",
    "test_dunderinit.py",
    "test_i18n.py",
    "test_index.py",
    "test_jstranslate.py",
    "test_manifests.py",
    "test_markers.py",
    "test_naming.py",
    "test_onchange_domains.py",
    "test_orm_import.py",
    "test_override_signatures.py",
    "test_pofile.py",
    "test_test_holes.py",
)


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


class Report:
    """The parts of a test run, with what each came to."""

    def __init__(self):
        self.parts = []
        self.notes = []

    def note(self, text):
        """Say something now, and again at the end, where it is not overlooked."""
        warn(text)
        self.notes.append(text)

    def check(self, check):
        """Take in a check that either holds or does not."""
        check.show()
        self.count(check.name, Count(failed=1) if check.findings else Count(passed=1))

    def count(self, name, count):
        self.parts.append((name, count))

    @property
    def total(self):
        return sum((count for _, count in self.parts), Count())

    def close(self):
        """Say what failed, then the count, alone on the last line. Returns the exit code."""
        say()
        for text in self.notes:
            warn(text)
        for name, count in self.parts:
            if count.failed:
                say(f"✗ {name}: {count}")
        say(str(self.total))
        return 1 if self.total.failed else 0


def test(names, extra):
    """The command: lint, install and test the addons called `names`, or all. Returns the exit code."""
    report = Report()
    try:
        with prepared() as ground:
            addons = our.select(names)
            _browser_and_pdf(report)
            _openactive_validators(report, addons)
            if not names:
                _production_programs(report)
            _without_database(ground, report, addons, names, extra)
            if not names and not extra:
                report.check(upgrades.check(ground))
            if our.all_addons():
                _with_database(ground, report, addons, extra)
    except DevError as error:
        say(f"./dev: {error}")
        report.count("set-up", Count(failed=1))
    return report.close()


def _browser_and_pdf(report):
    """Have what tours and PDFs need, or say what is left out; without it CI fails."""
    for find, package, what in (
        (system.find_browser, "chromium", "browser tours"),
        (system.find_pdf_program, "wkhtmltopdf", "tests of PDFs"),
    ):
        if find() or (system.install(package) and find()):
            continue
        if system.in_ci():
            report.check(lint.Check(f"{package} for {what}", [f"missing: {system.how_to_install(package)}"]))
        else:
            report.note(f"no {package}: {what} are skipped ({system.how_to_install(package)})")


def _openactive_validators(report, addons):
    """Have what the addon's feeds and answers are held against, or say that it is left out."""
    if any(addon.name == openactive.ADDON for addon in addons):
        try:
            with setting_up():
                openactive.ensure()
        except DevError as error:
            report.note(f"tests against OpenActive's validators are skipped: {error}")


def _production_programs(report):
    """Say what is left out of the tests of docker/. Nothing is installed: Caddy would begin to serve."""
    for program, what in (("caddy", "a server as in production"), ("docker-compose", "the compose file")):
        if not shutil.which(program):
            report.note(f"no {program}: tests of {what} are skipped ({system.how_to_install(program)})")


def _without_database(ground, report, addons, names, extra):
    """Lint and the tests that know nothing of Odoo."""
    if extra:
        say("  Lint is left out, since there are arguments for pytest.")
    else:
        for check in lint.on_files(ground, addons, everything=not names):
            report.check(check)
    for kind in ("pure", "conformance", "production"):
        paths = _plain_tests(kind, names)
        if paths:
            # Many wait for simulators: two workers are quicker, when there are many.
            workers = ["-n", "2", "--dist", "loadfile"] if kind == "pure" and _may_share(names, extra) else []
            report.count(f"{kind} tests", _pytest(ground, kind, ["-p", "no:odoo", *workers, *paths, *extra]))


def _plain_tests(kind, names):
    """The files of tests/`kind`: all, or those of the addons named: test_ADDON*.py and the folder ADDON/."""
    folder = ROOT / "tests" / kind
    if not names:
        return [str(folder)] if any(folder.rglob("test_*.py")) else []
    shorts = [short for name in names for short in (name, name.removeprefix("brp_"))]
    found = [path for short in shorts for path in (*folder.glob(f"test_{short}*.py"), folder / short)]
    return sorted({str(path) for path in found if path.exists()})


def _with_database(ground, report, addons, extra):
    """Install our addons and run what tests them inside Odoo."""
    try:
        installed = databases.with_addons(ground)
    except DevError as error:
        report.check(lint.Check("our addons can be installed", [str(error)]))
        return
    report.check(lint.Check("our addons install without a warning", installed.complaints))
    with databases.throw_away(ground, installed.name) as database:
        others = [addon for addon in addons if addon.name != our.DEMO]
        if not _install_for_tests(ground, report, database):
            return
        databases.keep_files_inside(ground, database)
        if others and not extra:
            report.check(translations.up_to_date(ground, database, others))
            report.count("Odoo's lint tests", odoo_lint_tests(ground, database, others))
        if others:
            report.count("Odoo tests", _odoo_tests(ground, "odoo", database, others, extra))
        demo = [addon for addon in addons if addon.name == our.DEMO]
        if demo and _install_demo(ground, report, database):
            if not extra:
                report.check(translations.up_to_date(ground, database, demo))
            report.count("tests of the demo company", _odoo_tests(ground, "demo", database, demo, extra))


def _install_for_tests(ground, report, database):
    """Install the addons that help in testing the others. Returns whether it worked."""
    helpers = [addon for addon in our.all_addons().values() if addon.only_for_tests]
    if not helpers:
        return True
    try:
        log = databases.install_for_tests(ground, database, helpers)
    except DevError as error:
        report.check(lint.Check("the addons for tests can be installed", [str(error)]))
        return False
    report.check(lint.Check("the addons for tests install without a warning", databases.complaints(log)))
    return True


def _install_demo(ground, report, database):
    """Install brp_demo, which the tests of the other addons are to do without. Returns whether it worked."""
    try:
        log = databases.install_demo(ground, database)
    except DevError as error:
        report.check(lint.Check(f"{our.DEMO} can be installed", [str(error)]))
        return False
    report.check(lint.Check(f"{our.DEMO} installs without a warning", databases.complaints(log)))
    return True


def _odoo_tests(ground, name, database, addons, extra):
    """Run the tests of `addons` under pytest-odoo, tours in the browser among them."""
    folders = [str(addon.path) for addon in addons if (addon.path / "tests").is_dir()]
    if not folders:
        return Count()
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    workers = ["-n", "2", "--dist", "loadscope"] if _worth_two_workers(folders, extra) else ["-n", "0"]
    companies = ["-p", "devtools.pytest_companies"]
    count = _pytest(
        ground, name, [*companies, *_odoo_options(database), "--odoo-http", *workers, *folders, *extra]
    )
    pictures = sorted(SCREENSHOTS.rglob("*.png")) if count.failed else []
    for picture in pictures:
        say(f"  screenshot: {shown(picture)}")
    return count


def _worth_two_workers(folders, extra):
    """Whether two workers are quicker: each copies the database and loads Odoo before it begins."""
    if not _may_share([], extra):
        return False
    files = [path for folder in folders for path in Path(folder).glob("tests/test_*.py")]
    return len(files) > 2


def _may_share(names, extra):
    """Whether all is to be tested, in any order, and there is a second core for it."""
    alone = {"--pdb", "-s", "-n", "-k", "-x", "--lf"} & set(extra)
    return not names and not alone and (os.cpu_count() or 1) > 1


def odoo_lint_tests(ground, database, addons):
    """Run Odoo's own lint tests over `addons`."""
    tests = ground.tree.lint_tests
    if not addons or not tests:
        return Count()
    files = [str(tests / name) for name in ODOO_LINT_TESTS if (tests / name).exists()]
    options = ["-p", "devtools.pytest_our_addons", "-p", "no:xdist", *_odoo_options(database), "-q"]
    left_out = "not test_directives_regex and not test_regular_expression and not test_matches_underscore"
    names = ",".join(addon.name for addon in addons)
    return _pytest(ground, "odoo-lint", [*options, "-k", left_out, *files], BRP_ADDONS=names)


def _odoo_options(database):
    """What pytest-odoo has to know. What Odoo logs is shown with a test that fails."""
    log = ["--odoo-log-level=info", "--odoo-extra=log-handler=werkzeug:WARNING"]
    return [f"--odoo-config={CONFIG}", f"--odoo-database={database}", *log]


def _pytest(ground, name, arguments, **variables):
    """Run pytest with its output on the terminal. Returns what it counted; a crash counts as a failure."""
    counted = RESULTS / f"{name}.json"
    counted.parent.mkdir(parents=True, exist_ok=True)
    counted.unlink(missing_ok=True)
    say(f"\n  pytest: {name}")
    pytest = [str(ground.environment.python), "-m", "pytest", f"--rootdir={ROOT}"]
    process = subprocess.Popen(
        [*pytest, "-c", str(ROOT / "pyproject.toml"), "-p", "devtools.pytest_count", *arguments],
        cwd=ROOT,
        env=ground.variables(PYTHONDONTWRITEBYTECODE="1", BRP_COUNT=str(counted), **variables),
        stdin=None if "--pdb" in arguments else subprocess.DEVNULL,
    )
    with ended_with_us(process):
        code = process.wait()
    count = Count(**read_json(counted))
    if code not in (0, 5) and not count.failed:
        count.failed = 1
    return count
