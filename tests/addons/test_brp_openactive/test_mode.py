"""Whether Odoo has been started to be tested: whoever wants that says so in the environment."""

import os

from odoo.exceptions import UserError

VARIABLE = "BRP_OPENACTIVE_TEST"


def is_test_mode():
    """Return whether the test interface may be used: anybody can do with it what they like."""
    return os.environ.get(VARIABLE) == "1"


def refuse_in_a_business(env):
    """Refuse to be installed where nobody has asked for it."""
    if not is_test_mode():
        raise UserError(  # pylint: disable=translation-required
            f"The test interface of OpenActive lets anybody make and remove times and bookings, without any"
            f" password. It is for throw-away databases: set the environment variable {VARIABLE} to 1 for"
            f" them. Never install it in a business."
        )
