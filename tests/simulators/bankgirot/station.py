"""A running simulator: the machine with its state file, its folder of files, and its outcomes file."""

import json
import os
import threading
from datetime import date
from pathlib import Path

from plumbing import write_whole

from .incoming import Refused
from .machine import Bankgirot


class Station:
    """Keeps a machine; every method may be called from any thread.

    state: JSON file, read at the start and written after each change. folder: where `out` is read and `in`
    written. instant: a file is played to its end as soon as it was taken. past: with `instant`, a file
    written before the simulator's clock counts as received on its own date. outcomes: JSON file that is
    read again when it changes.
    """

    def __init__(
        self, machine: Bankgirot, *, state=None, folder=None, instant=False, past=True, outcomes=None
    ):
        self.machine = machine
        self.state = Path(state) if state else None
        self.folder = Path(folder) if folder else None
        self.instant, self.past = instant, past
        self.outcomes = Path(outcomes) if outcomes else None
        self.lock = threading.RLock()
        self._outcomes_seen = None
        if self.folder:
            for name in ("out", "in", "bank/received", "bank/refused"):
                (self.folder / name).mkdir(parents=True, exist_ok=True)

    # -- changes ----------------------------------------------------------------------------------------

    def take(self, data: bytes, filename: str = "") -> tuple:
        """Takes one file, raises Refused otherwise; returns (receipt, reports)."""
        with self.lock:
            self.read_outcomes()
            machine = self.machine
            try:
                if self.instant:
                    return machine.play_file(data, filename, self.past)
                _written, given = machine.follow(data)
                return machine.receive(data, filename), given
            finally:
                self.settle()

    def do(self, work) -> tuple:
        """Calls work(machine), plays on if `instant`; returns (its result, new reports)."""
        with self.lock:
            self.read_outcomes()
            before = len(self.machine.reports)
            try:
                result = work(self.machine)
                if self.instant:
                    self.machine.finish()
            finally:
                self.settle()
            return result, [report["name"] for report in self.machine.reports[before:]]

    def advance(self, to: date) -> list:
        """Plays up to and including a day; returns the reports."""
        with self.lock:
            self.read_outcomes()
            try:
                return self.machine.advance(to)
            finally:
                self.settle()

    def read_outcomes(self) -> None:
        """Reads the outcomes file if it changed; a wrong one is left aside and told on the next call too."""
        if not self.outcomes or not self.outcomes.exists():
            return
        stat = self.outcomes.stat()
        seen = (stat.st_mtime_ns, stat.st_size)
        if seen != self._outcomes_seen:
            self.machine.set_outcomes(json.loads(self.outcomes.read_text(encoding="utf-8")), replace_all=True)
            self._outcomes_seen = seen

    # -- files ------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Saves the state and puts reports into the folder that are not there yet."""
        self.save()
        if self.folder and self._deliver():
            self.save()

    def save(self) -> None:
        """Writes the state file, if there is one."""
        if self.state:
            self.machine.save(self.state)

    def _deliver(self) -> bool:
        pending = [report for report in self.machine.reports if not report["delivered"]]
        for report in pending:
            target = self.folder / "in" / report["name"]
            write_whole(target, report["data"].encode("latin-1"))
            report["delivered"] = True
        return bool(pending)

    def waiting(self) -> list:
        """The complete files in `out`, oldest first."""
        out = self.folder / "out"
        names = [
            p for p in out.iterdir() if p.is_file() and not p.name.startswith(".") and p.suffix != ".part"
        ]
        return sorted(names, key=lambda path: (path.stat().st_mtime_ns, path.name))

    def poll(self) -> list:
        """Takes the files in `out`; returns [(name, receipt or Refused)]."""
        with self.lock:
            return [(path.name, self._take_path(path)) for path in self.waiting()]

    def _take_path(self, path: Path):
        data = path.read_bytes()
        try:
            receipt, _given = self.take(data, path.name)
        except Refused as refusal:
            target = _free(self.folder / "bank" / "refused" / path.name)
            os.replace(path, target)
            write_whole(target.with_name(target.name + ".txt"), f"{refusal}\n".encode())
            return refusal
        os.replace(path, _free(self.folder / "bank" / "received" / path.name))
        return receipt


def _free(path: Path) -> Path:
    """The path, or one with a number after it when it is taken."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
