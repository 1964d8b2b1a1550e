"""Our addons: which there are, what they depend on, and whether their files changed."""

import ast
import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

from .console import DevError
from .workspace import ADDONS, DEV, TEST_ADDONS

DEMO = "brp_demo"
# Addons of others, neither ours nor Odoo's, that optional addons of ours build on, and their packages.
OF_OTHERS = {"queue_job": "odoo-addon-queue_job"}
# Installed in every database: the Swedish chart of accounts is what our customers have.
ALWAYS = ("l10n_se",)


@dataclass(frozen=True)
class Addon:
    name: str
    path: Path

    @functools.cached_property
    def manifest(self):
        try:
            return ast.literal_eval((self.path / "__manifest__.py").read_text(encoding="utf-8"))
        except (ValueError, SyntaxError) as error:
            raise DevError(f"addons/{self.name}/__manifest__.py cannot be read: {error}") from error

    @property
    def only_for_tests(self):
        return self.name.startswith("test_")

    @property
    def depends(self):
        return tuple(self.manifest.get("depends", ()))

    def files(self, *suffixes):
        """All files of the addon, or those that end in one of `suffixes`, in a fixed order."""
        return sorted(
            path
            for path in self.path.rglob("*")
            if path.is_file()
            and "__pycache__" not in path.parts
            and (not suffixes or path.suffix in suffixes)
        )

    def digest(self, without=()):
        """A hash of the addon's files, those in the top folders `without` left out."""
        total = hashlib.sha256()
        for path in self.files():
            inner = path.relative_to(self.path)
            if inner.parts[0] in without or path.suffix in (".pyc", ".pot"):
                continue
            total.update(f"{inner}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()[:16]


def all_addons():
    """Our addons that can be installed, by name."""
    found = {}
    for manifest in sorted([*ADDONS.glob("*/__manifest__.py"), *TEST_ADDONS.glob("*/__manifest__.py")]):
        addon = Addon(manifest.parent.name, manifest.parent)
        if addon.manifest.get("installable", True):
            found[addon.name] = addon
    return found


def for_business():
    """Our addons by name that any business can have: without those for tests, and the optional ones."""
    optional = {addon.name for addon in optional_addons()}
    return {
        name: addon
        for name, addon in all_addons().items()
        if not addon.only_for_tests and name not in optional
    }


def optional_addons():
    """Our addons that build on addons of others, also by way of another of ours."""
    return [addon for addon in all_addons().values() if needed_from_others(addon)]


def needed_from_others(addon):
    """The addons of others that `addon` builds on."""
    ours = all_addons()
    found, left, seen = set(), [addon], set()
    while left:
        for name in left.pop().depends:
            if name in OF_OTHERS:
                found.add(name)
            elif name in ours and name not in seen:
                seen.add(name)
                left.append(ours[name])
    return found


def why_left_out(addon, site_packages=None):
    """What `addon` needs of others that is not there, in a sentence; None when all is.

    `site_packages` are folders; by default those of our environment.
    """
    folders = DEV.glob("venv/lib/python3*/site-packages") if site_packages is None else site_packages
    there = {path.parent.name for folder in folders for path in folder.glob("odoo/addons/*/__manifest__.py")}
    missing = sorted(needed_from_others(addon) - there)
    if not missing:
        return None
    packages = " ".join(OF_OTHERS[name] for name in missing)
    return f"{addon.name} is left out: there is no {', '.join(missing)} (pip install --no-deps {packages})"


def select(names):
    """The addons called `names`, or all of them when none is named."""
    ours = all_addons()
    unknown = sorted(set(names) - set(ours))
    if unknown:
        raise DevError(f"no addon {', '.join(unknown)}; there are: {', '.join(ours) or 'none yet'}")
    return [ours[name] for name in names] if names else list(ours.values())


def needed_from_odoo(addons):
    """The addons outside our tree that `addons` depend on, sorted."""
    ours = all_addons()
    outside = {name for addon in addons for name in addon.depends if name not in ours}
    return sorted(outside | set(ALWAYS))
