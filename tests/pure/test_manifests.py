"""What an addon imports, its manifest asks for: pip and Odoo install only what is asked for."""

import ast
import sys

import pytest

from devtools import addons

# What Odoo itself cannot do without.
OF_ODOO = {"babel", "dateutil", "lxml", "markupsafe", "psycopg2", "pytz", "requests", "urllib3", "werkzeug"}
# Where the distribution is not called what is imported.
CALLED = {"stdnum": "python-stdnum"}
OURS = {name: addon for name, addon in addons.all_addons().items() if not addon.only_for_tests}


def imported(addon):
    """Names of the packages outside Python, Odoo and the addon that its code, but not its tests, imports."""
    found = set()
    for path in addon.files(".py"):
        if "tests" in path.relative_to(addon.path).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"odoo"}


@pytest.mark.parametrize("name", OURS)
def test_what_is_imported_is_asked_for(name):
    asked_for = set(OURS[name].manifest.get("external_dependencies", {}).get("python", []))
    assert {CALLED.get(package, package) for package in imported(OURS[name]) - OF_ODOO} == asked_for
