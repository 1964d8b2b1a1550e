"""Björn Lundén's API: its calls, and what its errors mean."""

from .client import BjornLunden, Client
from .errors import explain, group_of

__all__ = ["BjornLunden", "Client", "explain", "group_of"]
