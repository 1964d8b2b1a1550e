"""24SevenOffice's simulator for tests. It lies outside the addons, in the repository."""

from odoo.addons.brp_connector.tests.common import load

USER = "api@sundby.example"
PASSWORD = "brp-sandbox-secret"
APPLICATION = "5b1f1c1e-24f0-4c7e-9a55-2d6f0b3c8a11"
COMPANY = "Sundby Aktivitetscenter AB"
OTHER_COMPANY = "Grannby Idrottshall AB"


def start(**settings):
    """Return the simulator, running; the test is skipped where the addon lies without its repository."""
    return load("sevenoffice").SevenOffice(**{"logins_per_minute": 0, **settings}).start()
