"""Klarna's simulator for tests. It lies outside the addons, in the repository."""

import sys
import unittest
from pathlib import Path

SIMULATORS = Path(__file__).resolve().parents[3] / "tests/simulators"
USER = "K123456_brp"
PASSWORD = "brp-sandbox-secret"


def start(scenario="", **settings):
    """Return the simulator, running; the test is skipped where the addon lies without its repository.

    :param scenario: name of a scenario that it begins with
    """
    if not (SIMULATORS / "klarna").is_dir():
        raise unittest.SkipTest("Klarna's simulator is not here: tests/simulators of the repository")
    if str(SIMULATORS) not in sys.path:
        sys.path.append(str(SIMULATORS))
    from klarna import Klarna
    from klarna.scenarios import named

    return Klarna(scenario=named(scenario) if scenario else (), **settings).start()
