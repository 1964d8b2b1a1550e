"""Klarna's simulator for tests. It lies outside the addons, in the repository."""

from odoo.addons.brp_connector.tests.common import load

USER = "K123456_brp"
PASSWORD = "brp-sandbox-secret"


def start(scenario="", **settings):
    """Return the simulator, running; the test is skipped where the addon lies without its repository.

    :param scenario: name of a scenario that it begins with
    """
    story = load("klarna.scenarios").named(scenario) if scenario else ()
    return load("klarna").Klarna(scenario=story, **settings).start()
