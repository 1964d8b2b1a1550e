"""OpenActive's published validators, where they are installed."""

import openactive_validators
import pytest


@pytest.fixture(scope="session")
def validators():
    """Return the module of the validators; its test is skipped when they cannot be run."""
    reason = openactive_validators.why_not()
    if reason:
        pytest.skip(reason)
    return openactive_validators
