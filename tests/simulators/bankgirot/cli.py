"""The commands `serve` and `once`."""

import argparse
import sys
from datetime import date
from pathlib import Path

from plumbing import program

from .incoming import Refused
from .machine import Bankgirot
from .server import start
from .station import Station


def _parser() -> argparse.ArgumentParser:
    parser, commands = program.parser_of("bankgirot", "Bankgirot's side of Autogiro, simulated.")
    serving = program.add_serve(commands)
    once = commands.add_parser("once", help="take the files of the folder and end")
    once.add_argument("--until", type=date.fromisoformat, help="play up to and including this day")
    for command in (serving, once):
        command.add_argument(
            "--folder", type=Path, required=command is once, help="files: out/ is read, in/ written"
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
    return parser


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
    """Runs the HTTP server, and looks into the folder twice a second, until interrupted or ended."""
    station = station_of(options)

    def look() -> None:
        try:
            _tell(station.poll())
        except (OSError, ValueError) as error:
            print(f"folder: {error}", file=sys.stderr, flush=True)

    return program.serve(start(station, options.port), look if station.folder else None)


def main(argv=None) -> int:
    """Runs a command; returns the exit code."""
    return program.run(
        _parser(), argv, lambda options: once(options) if options.command == "once" else serve(options)
    )
