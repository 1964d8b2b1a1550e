"""Reads what a control was told, field by field; what is left over is wrong."""

import re

from .moments import moment

REQUIRED = object()


class Told:
    def __init__(self, told: dict):
        self._left = dict(told)

    def _take(self, name: str, default):
        value = self._left.pop(name, None)
        if value is None or value == "":
            if default is REQUIRED:
                raise ValueError(f"{name} is missing")
            return default
        return value

    def text(self, name: str, default=REQUIRED):
        value = self._take(name, default)
        if value is not default and not isinstance(value, str):
            raise ValueError(f"{name} is no text")
        return value

    def number(self, name: str, default=REQUIRED, least: int | None = None):
        """A whole number; a form writes it as a text."""
        value = self._take(name, default)
        if value is default:
            return value
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"{name} is no whole number")
        if least is not None and value < least:
            raise ValueError(f"{name} is at least {least}")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self._take(name, default)
        if value not in (True, False, "0", "1"):
            raise ValueError(f"{name} is true or false")
        return value in (True, "1")

    def moment(self, name: str, default=REQUIRED):
        value = self.text(name, default)
        return value if value is default else moment(value)

    def listed(self, name: str) -> list:
        value = self._take(name, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ValueError(f"{name} is no list of objects")
        return value

    def object(self, name: str) -> dict:
        value = self._take(name, {})
        if not isinstance(value, dict):
            raise ValueError(f"{name} is no object")
        return value

    def done(self) -> None:
        if self._left:
            raise ValueError(f"{', '.join(sorted(self._left))} is not known here")
