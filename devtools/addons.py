"""Our addons: which there are, what they depend on, and whether their files changed."""

import ast
import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

from .console import DevError
from .workspace import ADDONS, TEST_ADDONS

DEMO = "brp_demo"
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
    """Our addons by name, without those that only help in testing the others."""
    return {name: addon for name, addon in all_addons().items() if not addon.only_for_tests}


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
