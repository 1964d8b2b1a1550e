"""A process that goes on when `./dev` has ended: started, found again, stopped."""

import contextlib
import errno
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from .console import DevError, shown, telling_line
from .workspace import DEV, read_json, write_json


@dataclass(frozen=True)
class Service:
    """What answers HTTP on a port of 127.0.0.1.

    name: what people call it. record: the file that says which process it is. log: its output. mark: the
    path on its command line that no other process has. page: the path that is asked for until it answers.
    """

    name: str
    record: Path
    log: Path
    mark: Path
    page: str = "/"

    def running(self):
        """The record {"pid", "port", …} of the process if it is alive, else None."""
        record = read_json(self.record)
        if not record:
            return None
        try:
            words = Path(f"/proc/{record['pid']}/cmdline").read_bytes().split(b"\0")
        except (OSError, KeyError):
            return None
        return record if os.fsencode(self.mark) in words else None  # the number may be another's by now

    def start(self, command, port, also=None, **popen):
        """Run `command` and return its record when it answers on `port`; `also` is noted in the record."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=DEV,
                **popen,
            )
        record = {"pid": process.pid, "port": port, **(also or {})}
        write_json(self.record, record)
        try:
            self._wait_until_it_answers(process, port)
        except BaseException:
            self.end()
            raise
        return record

    def _wait_until_it_answers(self, process, port):
        """Return when the page has been served: the first visitor need not wait for what it is made of."""
        direct = urllib.request.build_opener(
            urllib.request.ProxyHandler({})
        )  # a proxy is not for this address
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            if process.poll() is not None:
                lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-40:]
                raise DevError(
                    f"{self.name} does not start: {telling_line(lines)} [all of it: {shown(self.log)}]"
                )
            with contextlib.suppress(OSError, urllib.error.URLError):
                if direct.open(f"http://127.0.0.1:{port}{self.page}", timeout=60).status == 200:
                    return
            time.sleep(0.3)
        raise DevError(f"{self.name} did not answer within three minutes; its log is {shown(self.log)}")

    def end(self):
        """Stop the process if it runs, kindly first."""
        record = self.running()
        if record:
            for attempt, seconds in ((signal.SIGTERM, 15), (signal.SIGKILL, 5)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(record["pid"], attempt)
                deadline = time.monotonic() + seconds
                while self.running() and time.monotonic() < deadline:
                    _reap(record["pid"])
                    time.sleep(0.1)
                if not self.running():
                    break
        self.record.unlink(missing_ok=True)


def _reap(pid):
    """Take note of the end of a process that is our own child, which otherwise stays on as a zombie."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def free_port(first):
    """The first port from `first` on that nothing listens on."""
    for port in range(first, min(first + 100, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except PermissionError:
                raise DevError(f"port {port} is for root only; choose one from 1024 on") from None
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
        return port
    raise DevError(f"the hundred ports from {first} on are all taken")
