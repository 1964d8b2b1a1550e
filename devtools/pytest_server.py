"""Runs pytest again and again without the second that Python needs to import it.

    python -m devtools.pytest_server SOCKET SECONDS    the server, until it is ended
    python devtools/pytest_server.py SOCKET ARGUMENT…  asks it to run pytest; exits as pytest does

Each run is a fork of the server, in its folder; one that takes more than SECONDS of a processor is ended,
and one that waits for ten times that.
"""

import contextlib
import importlib
import json
import os
import resource
import signal
import socket
import sys

# What the tests of tests/pure import that is not ours.
PRELOADED = (
    "pytest",
    "hypothesis.strategies",
    "dateutil.easter",
    "holidays.countries",
    "xmltodict",
    "stdnum",
)


def ask(path, arguments):
    """Have the server at the socket `path` run pytest. Returns its exit code."""
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        with server.makefile("rw", encoding="utf-8") as talk:
            talk.write(json.dumps(arguments) + "\n")
            talk.flush()
            return int(talk.readline())


def serve(path, seconds):
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        print("ready", flush=True)
        while True:
            asking, _address = server.accept()
            with asking, asking.makefile("rw", encoding="utf-8") as talk:
                code = _run(json.loads(talk.readline()), seconds)
                with contextlib.suppress(BrokenPipeError):
                    talk.write(f"{code}\n")
                    talk.flush()


def _run(arguments, seconds):
    child = os.fork()
    if not child:
        import pytest

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        signal.alarm(10 * seconds)
        os._exit(pytest.main(arguments))
    _child, status = os.waitpid(child, 0)
    return abs(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    if __spec__:  # python -m
        serve(sys.argv[1], int(sys.argv[2]))
    else:
        sys.exit(ask(sys.argv[1], sys.argv[2:]))
