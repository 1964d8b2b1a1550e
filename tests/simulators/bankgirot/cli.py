"""The commands `serve` and `once`."""

import argparse
import sys
import time
from datetime import date
from pathlib import Path

from .incoming import Refused
from .machine import Bankgirot
from .server import start
from .station import Station


def _arguments(argv) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bankgirot", description="Bankgirot's side of Autogiro, simulated.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about in (("serve", "run until stopped"), ("once", "take the files of the folder and end")):
        command = commands.add_parser(name, help=about)
        command.add_argument(
            "--folder", type=Path, required=name == "once", help="files: out/ is read, in/ written"
        )
        command.add_argument(
            "--state", type=Path, help="state as JSON (default: bank/state.json in the folder)"
        )
        command.add_argument(
            "--instant", action="store_true", help="play each file to its end when it was taken"
        )
        command.add_argument(
            "--no-past", action="store_true", help="instant: old files count as received today"
        )
        command.add_argument("--layout", choices=("new", "old"), help="of the reports")
        command.add_argument("--retries", type=int, choices=(0, 1, 2, 3), help="renewed coverage checks")
        command.add_argument("--seal-key", help="32 hex digits: files have to be sealed with it")
        command.add_argument("--outcomes", type=Path, help="JSON, read again when it changes")
        command.add_argument("--from", dest="start", type=date.fromisoformat, help="the clock's first day")
        command.add_argument(
            "--execute-duplicates", action="store_true", help="take a file received before again"
        )
        command.add_argument(
            "--known-only", action="store_true", help="refuse files of payees not registered"
        )
        if name == "serve":
            command.add_argument("--port", type=int, default=0, help="0: any free one")
        else:
            command.add_argument("--until", type=date.fromisoformat, help="play up to and including this day")
    return parser.parse_args(argv)


def station_of(options: argparse.Namespace) -> Station:
    """The station that the options describe, with the state that was saved."""
    state = options.state or (options.folder / "bank" / "state.json" if options.folder else None)
    machine = Bankgirot.load(state) if state and state.exists() else Bankgirot()
    machine.today = machine.today or options.start
    machine.execute_duplicates = machine.execute_duplicates or options.execute_duplicates
    machine.open_registration = machine.open_registration and not options.known_only
    told = {"layout": options.layout, "retries": options.retries, "seal_key": options.seal_key}
    for name, value in told.items():
        if value is not None:  # said at the start: for everybody, known or not
            machine.defaults[name] = value
            for payee in machine.payees.values():
                setattr(payee, name, value)
    if state:
        state.parent.mkdir(parents=True, exist_ok=True)
    return Station(
        machine, state=state, folder=options.folder, instant=options.instant, past=not options.no_past,
        outcomes=options.outcomes,
    )  # fmt: skip


def _tell(results: list) -> int:
    """Prints what became of the files; returns how many were refused."""
    refused = 0
    for name, result in results:
        if isinstance(result, Refused):
            refused += 1
            print(f"{name}: refused: {result}", file=sys.stderr, flush=True)
        else:
            orders = ", ".join(f"{count} TK{tk}" for tk, count in sorted(result.orders.items()))
            print(f"{name}: taken: {orders}", flush=True)
    return refused


def once(options: argparse.Namespace) -> int:
    """Takes what is in the folder and ends; 1 when a file was refused."""
    station = station_of(options)
    refused = _tell(station.poll())
    if options.until:
        station.advance(options.until)
    station.settle()
    return 1 if refused else 0


def serve(options: argparse.Namespace) -> int:
    """Runs the HTTP server, and looks into the folder twice a second, until interrupted."""
    station = station_of(options)
    server = start(station, options.port)
    print(f"listening on 127.0.0.1:{server.server_address[1]}", flush=True)
    try:
        while True:
            if station.folder:
                try:
                    _tell(station.poll())
                except (OSError, ValueError) as error:
                    print(f"folder: {error}", file=sys.stderr, flush=True)
            time.sleep(0.5)
    except KeyboardInterrupt:
        return 0
    finally:
        server.shutdown()


def main(argv=None) -> int:
    """Runs a command; returns the exit code."""
    options = _arguments(argv)
    try:
        return once(options) if options.command == "once" else serve(options)
    except (OSError, ValueError) as error:
        print(f"bankgirot: {error}", file=sys.stderr)
        return 2
