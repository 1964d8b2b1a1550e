"""The command `serve`."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from .scenarios import named
from .service import MERCHANT, PASSWORD, USER, Klarna


def _arguments(argv) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="klarna", description="Klarna's Settlements API, simulated.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("serve", help="run until stopped")
    command.add_argument("--port", type=int, default=0, help="0: any free one")
    command.add_argument("--state", type=Path, help="remember everything in this file")
    command.add_argument(
        "--scenario",
        action="append",
        default=[],
        help="reference, second-month, many:ORDERS:DAYS, or a JSON file",
    )
    command.add_argument("--user", default=USER, help=f"of the merchant {MERCHANT}")
    command.add_argument("--password", default=PASSWORD)
    command.add_argument("--signed", action="store_true", help="amounts of transactions have a sign")
    command.add_argument(
        "--no-customer-vat", action="store_true", help="no customer_vat, as in the published description"
    )
    command.add_argument("--rate-limit", type=int, default=0, help="calls a second; 0: any number")
    return parser.parse_args(argv)


def serve(options: argparse.Namespace) -> int:
    """Runs the HTTP server until it is interrupted or ended."""
    service = Klarna(
        options.state,
        [act for name in options.scenario for act in named(name)],
        rate_limit=options.rate_limit,
        user=options.user,
        password=options.password,
        signed=options.signed,
        customer_vat=not options.no_customer_vat,
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
        print(f"klarna: {error}", file=sys.stderr)
        return 2
