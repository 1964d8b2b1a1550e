"""What the service has accepted: a file to which lines are only added."""

import threading
from collections import Counter
from pathlib import Path

from plumbing import add_lines, read_lines


class Things:
    """The things accepted, in their order; each is ``{"id", "key", "value"}``. For any number of threads.

    :param file: a line of JSON for each, written before it counts as accepted
    """

    def __init__(self, file: Path | None = None):
        self._lock = threading.Lock()
        self._file = file
        self._things: list[dict] = read_lines(file) if file else []

    def accept(self, key: str, value) -> dict:
        """Takes a thing, also when its key was taken before, and returns it with its number."""
        with self._lock:
            thing = {"id": len(self._things) + 1, "key": key, "value": value}
            if self._file:
                add_lines(self._file, [thing])
            self._things.append(thing)
            return thing

    def of(self, key: str | None) -> list[dict]:
        """The things with this key, or all."""
        with self._lock:
            return [thing for thing in self._things if key in (None, thing["key"])]

    def counts(self) -> dict:
        """How many were accepted, with how many keys, and those keys that were accepted more than once."""
        keys = Counter(thing["key"] for thing in self.of(None))
        twice = {key: times for key, times in keys.items() if times > 1}
        accepted = sum(keys.values())
        return {"accepted": accepted, "keys": len(keys), "duplicates": accepted - len(keys), "twice": twice}
