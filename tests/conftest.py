"""Makes the pure packages of our addons importable without Odoo: `from brp_autogiro.bankgirot import …`."""

import sys
import types
from pathlib import Path

ADDONS = Path(__file__).resolve().parent.parent / "addons"

for addon in (path for path in ADDONS.iterdir() if path.is_dir()):
    # A package of the addon's folder that does not run the addon's __init__.py, which imports Odoo's models.
    package = types.ModuleType(addon.name)
    package.__path__ = [str(addon)]
    sys.modules.setdefault(package.__name__, package)
