"""A simulator as its tests speak to it: over HTTP, and as a process."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

SIMULATORS = Path(__file__).resolve().parent.parent / "simulators"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def ask(address, data=None, headers=None, method=None, timeout=10):
    """(status, JSON or bytes, headers)."""
    request = urllib.request.Request(address, data, headers or {}, method=method)
    try:
        with _OPENER.open(request, timeout=timeout) as answer:
            return _read(answer.status, answer)
    except urllib.error.HTTPError as error:
        with error:
            return _read(error.code, error)


def _read(status, answer):
    data = answer.read()
    is_json = answer.headers.get("Content-Type", "").startswith("application/json")
    try:
        return status, json.loads(data) if is_json and data else data, answer.headers
    except ValueError:
        return status, data, answer.headers


@contextmanager
def process(name, *options, folder=None, as_module=False):
    """A simulator as a process; yields it and its address."""
    command = [sys.executable, *(["-m", name] if as_module else [str(SIMULATORS / name)])]
    with subprocess.Popen(
        [*command, "serve", *options], stdout=subprocess.PIPE, text=True, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SIMULATORS)},
    ) as running:  # fmt: skip
        try:
            line = running.stdout.readline()
            assert line.startswith("listening on 127.0.0.1:")
            yield running, f"http://{line.split()[-1]}"
        finally:
            running.kill()
