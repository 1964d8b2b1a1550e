"""A service on the internet as it is on its bad days: it takes things, and misbehaves when it is told to.

The standard library only. What it has accepted it keeps in a file that survives being killed, so that a test
can count what has been sent twice.
"""

from .server import FaultyServer
from .things import Things

__all__ = ["FaultyServer", "Things"]
