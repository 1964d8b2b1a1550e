"""The command `serve`."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from .companies import read_companies
from .service import CLIENT_ID, CLIENT_SECRET, BjornLunden


def _arguments(argv) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bjornlunden", description="Björn Lundén's API, simulated.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("serve", help="run until stopped")
    command.add_argument("--port", type=int, default=0, help="0: any free one")
    command.add_argument("--state", type=Path, help="remember everything in this file")
    command.add_argument("--companies", type=Path, help="JSON: companies instead of the usual two")
    command.add_argument("--client-id", default=CLIENT_ID)
    command.add_argument("--client-secret", default=CLIENT_SECRET)
    command.add_argument("--callback", help="address that is told when an integration is started or ended")
    command.add_argument("--token-lifetime", type=int, help="seconds")
    command.add_argument(
        "--bare-errors", action="store_true", default=None, help="refuse in Spring's bare form"
    )
    return parser.parse_args(argv)


def serve(options: argparse.Namespace) -> int:
    """Runs the HTTP server until it is interrupted or ended."""
    told = {name: getattr(options, name) for name in ("callback", "token_lifetime", "bare_errors")}
    service = BjornLunden(
        options.state,
        read_companies(options.companies) if options.companies else None,
        client_id=options.client_id,
        client_secret=options.client_secret,
        **{name: value for name, value in told.items() if value is not None},
    )
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with service.start(options.port):
        print(f"listening on 127.0.0.1:{service.port}", flush=True)
        ended.wait()
    return 0


def main(argv=None) -> int:
    """Runs a command; returns the exit code."""
    options = _arguments(argv)
    try:
        return serve(options)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"bjornlunden: {error}", file=sys.stderr)
        return 2
