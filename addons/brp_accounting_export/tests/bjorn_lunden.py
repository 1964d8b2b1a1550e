"""Björn Lundén's simulator for tests. It lies outside the addons, in the repository."""

from odoo.addons.brp_connector.tests.common import load


def start(**settings):
    """Return the simulator, running; the test is skipped where the addon lies without its repository."""
    return load("bjornlunden").BjornLunden(**settings).start()
