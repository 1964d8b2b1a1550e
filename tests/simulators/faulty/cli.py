"""The command `serve`."""

from pathlib import Path

from plumbing import program

from .server import FaultyServer
from .things import Things


def main(argv=None) -> int:
    """Runs until interrupted; returns the exit code."""
    parser, commands = program.parser_of("faulty", "A service that misbehaves when told to.")
    program.add_serve(commands).add_argument(
        "--state", type=Path, help="what was accepted, a line of JSON each (default: kept nowhere)"
    )

    def serve(options) -> int:
        return program.serve(FaultyServer(Things(options.state), options.port).start())

    return program.run(parser, argv, serve)
