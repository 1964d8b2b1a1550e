"""A simulator as a program: `python tests/simulators/NAME serve --port 0`."""

import argparse
import signal
import sys
import threading


def parser_of(name: str, about: str) -> tuple:
    """(parser, what commands are added to)."""
    parser = argparse.ArgumentParser(prog=name, description=about)
    return parser, parser.add_subparsers(dest="command", required=True)


def add_serve(commands) -> argparse.ArgumentParser:
    """Adds the command `serve`."""
    command = commands.add_parser("serve", help="run until stopped")
    command.add_argument("--port", type=int, default=0, help="0: any free one")
    return command


def run(parser: argparse.ArgumentParser, argv, work) -> int:
    """Does `work` with the options that were given; returns the exit code."""
    options = parser.parse_args(argv)
    try:
        return work(options)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2


def serve(started, tick=None) -> int:
    """Tells where a server or service that was started listens, and stops it when interrupted or ended.

    :param tick: what is to be done twice a second until then
    """
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    print(f"listening on {started.host}", flush=True)
    while not ended.is_set():
        if tick:
            tick()
        ended.wait(0.5 if tick else None)
    started.stop()
    return 0
