"""What can be told to the simulator over HTTP: the acts, and some more."""

from plumbing.service import CONTROLS as USUAL

from .acts import ACTS
from .scenarios import named


def _act(name: str):
    return lambda service, told: service.do(name, **told)


def _scenario(service, told) -> dict:
    """A scenario, or the name of one: {"name": "reference"}."""
    if isinstance(told, dict) and "name" in told:
        if told["name"].split(":")[0] not in ("reference", "second-month", "many"):
            raise ValueError("no scenario has that name")
        told = named(told["name"])
    return {"done": len(service.load(told))}


CONTROLS = {**{name: _act(name) for name in ACTS}, **USUAL, "scenario": _scenario}
