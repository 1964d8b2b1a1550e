"""The marketplace's simulator for tests. It lies outside the addons, in the repository."""

import sys
import unittest
from pathlib import Path

SIMULATORS = Path(__file__).resolve().parents[3] / "tests/simulators"


def start(**settings):
    """Return the simulator, running; the test is skipped where the addon lies without its repository."""
    if not (SIMULATORS / "marketplace").is_dir():
        raise unittest.SkipTest("The marketplace's simulator is not here: tests/simulators of the repository")
    if str(SIMULATORS) not in sys.path:
        sys.path.append(str(SIMULATORS))
    from marketplace import Marketplace

    return Marketplace(poll=0, **settings).start()
