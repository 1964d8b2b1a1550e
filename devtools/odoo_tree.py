"""Odoo 19.0 itself: found, or fetched once into the download cache and unpacked below .dev/.

Where it comes from, in this order: the folder that ODOO_HOME names; on Debian the package of Debian's
unstable suite, from the mirror that the machine is set up with; elsewhere Odoo's public git repository.
"""

import contextlib
import functools
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import system
from .console import DevError, Step, run, say
from .workspace import DEV, LOGS, cache, read_json, write_json

SERIES = "19.0"
REPOSITORY = "https://github.com/odoo/odoo.git"
TREE = DEV / "odoo"
STAMP = DEV / "odoo.json"
# Change this when the steps of unpacking change: trees unpacked before are then made again.
RECIPE = 1

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# The package replaces third-party files by relative links into these packages. Font Awesome is wanted in
# version 4, which unstable no longer has, and so comes from a stable suite.
FROM_UNSTABLE = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-montserrat",
    "fonts-roboto-unhinted",
    "fonts-ocr-b",
    "fonts-glyphicons-halflings",
)
FROM_STABLE = ("fonts-font-awesome", "fonts-inconsolata")
# Debian leaves this file out for its licence; every page that asks for it in vain logs a console error.
LEFT_OUT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


@dataclass(frozen=True)
class OdooTree:
    """`home` is what has to be on PYTHONPATH for `import odoo`."""

    home: Path
    source: str

    @functools.cached_property
    def version(self):
        """Something that changes when the Odoo that we run changes."""
        release = (self.home / "odoo/release.py").read_text(encoding="utf-8")
        found = re.search(r"^version_info = (.*)$", release, re.MULTILINE)
        return f"{found[1] if found else ''} {self.source}"

    @property
    def addons_path(self):
        """The folders of Odoo's own addons, those beside `base` left out: Odoo looks there by itself."""
        community = self.home / "addons"
        return [community] if (community / "web").is_dir() else []

    @property
    def lint_tests(self):
        """Odoo's own lint tests."""
        for folder in (*self.addons_path, self.home / "odoo/addons"):
            tests = folder / "test_lint/tests"
            if tests.is_dir():
                return tests
        return None


def ensure():
    """Return the Odoo tree, made first if need be."""
    named = os.environ.get("ODOO_HOME")
    if named:
        home = Path(named).expanduser().resolve()
        if not (home / "odoo/release.py").is_file():
            raise DevError(f"ODOO_HOME={named} holds no Odoo: there is no odoo/release.py in it")
        return _checked(OdooTree(home, f"ODOO_HOME {home}"))
    stamp = read_json(STAMP)
    if stamp.get("recipe") != RECIPE or not (TREE / stamp.get("home", "") / "odoo/release.py").is_file():
        stamp = _make()
    return _checked(OdooTree(TREE / stamp["home"], stamp["source"]))


def _checked(tree):
    if f"({SERIES.split('.')[0]}, 0," not in tree.version:
        raise DevError(f"{tree.home} is not Odoo {SERIES}")
    return tree


def _make():
    """Fetch and unpack; return the stamp that describes the result."""
    STAMP.unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(TREE)
    debs = _debian_packages()
    stamp = _unpack(debs) if debs else _clone()
    stamp["recipe"] = RECIPE
    write_json(STAMP, stamp)
    return stamp


# -- Debian ---------------------------------------------------------------------------------------


def _debian_packages():
    """The folder in the cache with the package files, filled first if need be; None where that cannot be."""
    folder = cache() / f"odoo-{SERIES}-debian"
    if folder.is_dir():
        return folder
    if system.os_release().get("ID") != "debian" or not KEYRING.is_file() or not shutil.which("apt-get"):
        return None
    mirrors = _mirrors()
    if not mirrors:
        return None
    fetching = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    with Step("Download Odoo 19.0 from Debian's unstable suite (117 MB)") as step:
        try:
            for mirror, suite in mirrors:
                shutil.rmtree(fetching, ignore_errors=True)
                try:
                    _download(mirror, suite, fetching, step)
                    break
                except DevError as error:
                    failure = error
            else:
                say(f"  {failure}")
                return None
            shutil.rmtree(fetching / "apt")
            if not folder.is_dir():
                fetching.rename(folder)
        finally:
            shutil.rmtree(fetching, ignore_errors=True)
    return folder


def _mirrors():
    """(address, stable suite) of the Debian mirrors that apt is set up with, the likeliest first."""
    fields = "$(ORIGIN)|$(COMPONENT)|$(RELEASE)|$(REPO_URI)"
    command = ["apt-get", "indextargets", "--format", fields, "Created-By: Packages"]
    listed = subprocess.run(command, capture_output=True, text=True).stdout.split()
    candidates = []
    for line in listed:
        origin, component, release, address = line.split("|", 3)
        if component == "main" and not re.search(r"-(security|updates|backports)|/", release):
            suite = "stable" if release in ("sid", "unstable", "testing") else release
            candidates.append((origin != "Debian", (address, suite)))
    return list(dict.fromkeys(mirror for _, mirror in sorted(candidates)))


def _download(mirror, suite, folder, step):
    """Fetch the packages into `folder` with an apt of our own: nothing of the system's is changed."""
    apt = folder / "apt"
    for needed in ("lists/partial", "cache/archives/partial"):
        (apt / needed).mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text(
        "".join(f"deb [signed-by={KEYRING}] {mirror} {name} main\n" for name in ("unstable", suite)),
        encoding="utf-8",
    )
    (apt / "apt.conf").write_text(
        f'Dir::State::lists "{apt}/lists";\n'
        f'Dir::State::status "{apt}/status";\n'
        f'Dir::Cache "{apt}/cache";\n'
        f'Dir::Etc::sourcelist "{apt}/sources.list";\n'
        'Dir::Etc::sourceparts "/dev/null";\n'
        'APT::Sandbox::User "";\n'
        'Acquire::Languages "none";\n',
        encoding="utf-8",
    )
    environment = dict(os.environ, APT_CONFIG=str(apt / "apt.conf"), LC_ALL="C")
    step.detail = "package list"
    run(["apt-get", "update"], log=LOGS / "odoo-apt-update.log", env=environment)
    step.detail = "packages"
    wanted = [f"{name}/unstable" for name in FROM_UNSTABLE] + [f"{name}/{suite}" for name in FROM_STABLE]
    run(["apt-get", "download", *wanted], log=LOGS / "odoo-download.log", env=environment, cwd=folder)


def _emptied(folder):
    """`folder`, there and empty."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def _unpack(debs):
    packages = sorted(debs.glob("*.deb"))
    unpacking = _emptied(TREE.with_name("odoo.part"))
    with Step("Unpack Odoo 19.0") as step:
        for package in packages:
            step.detail = package.name
            run(["dpkg-deb", "-x", package, unpacking], log=LOGS / "odoo-unpack.log")
        home = "usr/lib/python3/dist-packages"
        # A second, incomplete copy of the addons that nothing needs.
        shutil.rmtree(unpacking / home / "addons", ignore_errors=True)
        left_out = unpacking / home / "odoo/addons" / LEFT_OUT
        left_out.parent.mkdir(parents=True, exist_ok=True)
        left_out.touch()
        dangling = [path for path in unpacking.rglob("*") if path.is_symlink() and not path.exists()]
        if dangling:
            shutil.rmtree(debs)  # so that the next run fetches anew
            raise DevError(f"Odoo's package links to a file that is nowhere: {dangling[0].name}; try again")
        unpacking.rename(TREE)
    odoo = next(package.stem for package in packages if package.name.startswith("odoo-19_"))
    return {"home": home, "source": f"Debian {odoo}"}


# -- elsewhere ------------------------------------------------------------------------------------


def _clone():
    """A shallow clone, kept in the cache and cloned from there."""
    if not shutil.which("git"):
        raise DevError(f"git is needed to fetch Odoo: {system.how_to_install('git')}")
    kept = cache() / f"odoo-{SERIES}.git"
    if not kept.is_dir():
        fetching = kept.with_name(f"{kept.name}.{os.getpid()}.part")
        with Step(f"Fetch Odoo {SERIES} from its public repository") as step:
            try:
                shallow = ["--bare", "--depth=1", f"--branch={SERIES}"]
                run(
                    ["git", "clone", "--progress", *shallow, REPOSITORY, fetching],
                    log=LOGS / "odoo-clone.log",
                    step=step,
                    detail=r"(Receiving objects: .*)",
                    what="fetching Odoo (ODOO_HOME=… names a copy that you already have)",
                )
                fetching.rename(kept)
            finally:
                shutil.rmtree(fetching, ignore_errors=True)
    unpacking = _emptied(TREE.with_name("odoo.part"))
    with Step(f"Unpack Odoo {SERIES}"):
        run(
            ["git", "clone", "--depth=1", f"--branch={SERIES}", kept.as_uri(), unpacking],
            log=LOGS / "odoo-clone.log",
        )
        commit = subprocess.run(
            ["git", "-C", unpacking, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        ).stdout.strip()
        unpacking.rename(TREE)
    return {"home": "", "source": f"git {commit}"}
