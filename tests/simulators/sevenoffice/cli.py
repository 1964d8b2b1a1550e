"""The command `serve`."""

from pathlib import Path

from plumbing import program

from .service import APPLICATION, COMPANIES, PASSWORD, USER, SevenOffice


def _serve(options) -> int:
    """Runs the HTTP server until it is interrupted or ended."""
    service = SevenOffice(
        options.state,
        options.company or COMPANIES,
        user=options.user,
        password=options.password,
        application=options.application,
    )
    return program.serve(service.start(options.port))


def main(argv=None) -> int:
    """Runs a command; returns the exit code."""
    parser, commands = program.parser_of("sevenoffice", "24SevenOffice's services, simulated.")
    command = program.add_serve(commands)
    command.add_argument("--state", type=Path, help="remember everything in this file")
    command.add_argument("--company", action="append", default=[], help="a name; several may be given")
    command.add_argument("--user", default=USER)
    command.add_argument("--password", default=PASSWORD)
    command.add_argument("--application", default=APPLICATION, help="the application id that is known")
    return program.run(parser, argv, _serve)
