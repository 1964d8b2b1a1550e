"""The command `serve`."""

from pathlib import Path

from plumbing import program

from .companies import read_companies
from .service import CLIENT_ID, CLIENT_SECRET, BjornLunden


def _serve(options) -> int:
    """Runs the HTTP server until it is interrupted or ended."""
    told = {name: getattr(options, name) for name in ("callback", "token_lifetime", "bare_errors")}
    service = BjornLunden(
        options.state,
        read_companies(options.companies) if options.companies else None,
        client_id=options.client_id,
        client_secret=options.client_secret,
        **{name: value for name, value in told.items() if value is not None},
    )
    return program.serve(service.start(options.port))


def main(argv=None) -> int:
    """Runs a command; returns the exit code."""
    parser, commands = program.parser_of("bjornlunden", "Björn Lundén's API, simulated.")
    command = program.add_serve(commands)
    command.add_argument("--state", type=Path, help="remember everything in this file")
    command.add_argument("--companies", type=Path, help="JSON: companies instead of the usual two")
    command.add_argument("--client-id", default=CLIENT_ID)
    command.add_argument("--client-secret", default=CLIENT_SECRET)
    command.add_argument("--callback", help="address that is told when an integration is started or ended")
    command.add_argument("--token-lifetime", type=int, help="seconds")
    command.add_argument(
        "--bare-errors", action="store_true", default=None, help="refuse in Spring's bare form"
    )
    return program.run(parser, argv, _serve)
