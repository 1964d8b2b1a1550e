"""What the person at the terminal sees: steps with their time, and errors of one line."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path


class DevError(Exception):
    """Something the person can act on. Its text is one line that says what is wrong and what to do."""


def say(text=""):
    print(text, flush=True)


def warn(text):
    say(f"! {text}")


class Step:
    """A line "Unpack Odoo … 7 s". On a terminal it counts the seconds and shows a detail while it lasts."""

    def __init__(self, title):
        self.title = title
        self.detail = ""
        self._start = time.monotonic()
        self._over = threading.Event()
        self._live = sys.stdout.isatty()

    def __enter__(self):
        if self._live:
            self._ticker = threading.Thread(target=self._tick, daemon=True)
            self._ticker.start()
        else:
            say(f"  {self.title} …")
        return self

    def __exit__(self, error, *_rest):
        seconds = time.monotonic() - self._start
        if self._live:
            self._over.set()
            self._ticker.join()
            mark = "✗" if error else "✓"
            print(f"\r\x1b[K{mark} {self.title} ({seconds:.0f} s)", flush=True)
        elif not error and seconds >= 1:
            say(f"  {self.title}: done in {seconds:.0f} s")

    def _tick(self):
        width = max(40, _terminal_width())
        while not self._over.wait(0.25):
            seconds = time.monotonic() - self._start
            line = f"  {self.title} … {seconds:.0f} s  {self.detail}"
            print(f"\r\x1b[K{line[: width - 1]}", end="", flush=True)


def _terminal_width():
    try:
        return os.get_terminal_size().columns
    except OSError:
        return 80


def run(command, *, log: Path, step: Step | None = None, detail: str | None = None, what="", **popen):
    """Run `command` with its output in the file `log`.

    `detail` is a regular expression; its first group, where an output line matches, is shown as the step's
    detail. Raises DevError with the command's last words when it fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    what = what or Path(str(command[0])).name
    pattern = re.compile(detail) if detail else None
    last = deque(maxlen=20)
    with log.open("w", encoding="utf-8") as output:
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
                **popen,
            )
        except OSError as error:
            raise DevError(f"{what} could not be started: {error}") from error
        with ended_with_us(process, group=True):
            for line in process.stdout:
                output.write(line)
                last.append(line.strip())
                found = pattern.search(line) if pattern and step else None
                if found:
                    step.detail = found[1]
            code = process.wait()
    if code:
        words = telling_line(last)
        raise DevError(f"{what} failed (exit {code}): {words} [all of it: {shown(log)}]")


def telling_line(lines):
    """Of a failed command's last lines, the one that most likely says why."""
    lines = [line for line in lines if line]
    for pattern in (r"^(\w+: )?(E: |ERROR|FATAL|error:|fatal:)", r"\b(CRITICAL|ERROR|Error)\b"):
        for line in reversed(lines):
            if re.search(pattern, line):
                return line[:300]
    return lines[-1][:300] if lines else "it said nothing"


@contextlib.contextmanager
def ended_with_us(process, group=False):
    """End `process` when the block is left by an exception, Ctrl-C among them.

    With `group` it leads a process group of its own, and its children end as well.
    """

    def send(number):
        with contextlib.suppress(OSError):
            os.killpg(process.pid, number) if group else process.send_signal(number)

    try:
        yield process
    except BaseException:
        send(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(10)
        send(signal.SIGKILL)
        process.wait()
        raise


def shown(path):
    """`path` as one types it from where one is."""
    path = str(path)
    relative = os.path.relpath(path)
    return relative if len(relative) < len(path) else path
