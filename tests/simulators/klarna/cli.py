"""The command `serve`."""

from pathlib import Path

from plumbing import program

from .scenarios import named
from .service import MERCHANT, PASSWORD, USER, Klarna


def _serve(options) -> int:
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
    return program.serve(service.start(options.port))


def main(argv=None) -> int:
    """Runs a command; returns the exit code."""
    parser, commands = program.parser_of("klarna", "Klarna's Settlements API, simulated.")
    command = program.add_serve(commands)
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
    return program.run(parser, argv, _serve)
