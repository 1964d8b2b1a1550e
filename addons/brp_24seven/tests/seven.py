"""24SevenOffice's simulator for tests. It lies outside the addons, in the repository."""

import sys
import unittest
from pathlib import Path

SIMULATORS = Path(__file__).resolve().parents[3] / "tests/simulators"
USER = "api@sundby.example"
PASSWORD = "brp-sandbox-secret"
APPLICATION = "5b1f1c1e-24f0-4c7e-9a55-2d6f0b3c8a11"
COMPANY = "Sundby Aktivitetscenter AB"
OTHER_COMPANY = "Grannby Idrottshall AB"


def start(**settings):
    """Return the simulator, running; the test is skipped where the addon lies without its repository."""
    if not (SIMULATORS / "sevenoffice").is_dir():
        raise unittest.SkipTest("24SevenOffice's simulator is not here: tests/simulators of the repository")
    if str(SIMULATORS) not in sys.path:
        sys.path.append(str(SIMULATORS))
    from sevenoffice import SevenOffice

    return SevenOffice(**{"logins_per_minute": 0, **settings}).start()
