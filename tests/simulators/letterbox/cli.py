"""The command `serve`."""

from pathlib import Path

from plumbing import program

from .service import Letterbox


def _serve(options) -> int:
    """Runs the mail server and its page until it is interrupted or ended."""
    return program.serve(Letterbox(options.letters).start(options.port, options.smtp_port))


def main(argv=None) -> int:
    """Runs a command; returns the exit code."""
    parser, commands = program.parser_of("letterbox", "A mail server that keeps what it is given.")
    command = program.add_serve(commands)
    command.add_argument("--smtp-port", type=int, default=0, help="where letters are taken; 0: any free one")
    command.add_argument("--letters", type=Path, required=True, help="the folder that they are kept in")
    return program.run(parser, argv, _serve)
