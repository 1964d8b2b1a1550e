"""The commands `serve`, `consume` and `fight`."""

from pathlib import Path

from plumbing import program

from . import consumer, fight
from .service import ROLES, Marketplace


def _serve(options) -> int:
    """Runs the HTTP server until it is interrupted or ended."""
    systems = []
    if options.dataset:
        told = {"dataset": options.dataset, "token": options.token, "addresses": options.address}
        systems = [{**told, "statement_token": options.statement_token}]
    names = ("broker_role", "commission", "payout_day", "poll")
    settings = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    service = Marketplace(options.state, systems, **settings)
    return program.serve(service.start(options.port))


def _work(options) -> int:
    return {"serve": _serve, "consume": consumer.run, "fight": fight.run}[options.command](options)


def _add_place(command, needed: bool) -> None:
    command.add_argument("--dataset", required=needed, help="URL of a booking system's dataset site")
    command.add_argument(
        "--address", action="append", default=[], help="host:port that is called instead; several in turn"
    )


def main(argv=None) -> int:
    """Runs a command; returns the exit code."""
    parser, commands = program.parser_of("marketplace", "A marketplace of free times, simulated.")
    serve = program.add_serve(commands)
    serve.add_argument("--state", type=Path, help="remember everything in this file")
    _add_place(serve, needed=False)
    serve.add_argument("--token", default="", help="what the booking system knows us by")
    serve.add_argument("--statement-token", default="", help="what its owner fetches statements with")
    serve.add_argument("--broker-role", choices=ROLES)
    serve.add_argument("--commission", type=int, help="hundredths of a percent; 1200 is 12 %%")
    serve.add_argument("--payout-day", type=int, help="of the month after")
    serve.add_argument("--poll", type=float, help="seconds between readings of the feeds; 0: when told")

    consume = commands.add_parser("consume", help="read the feeds until they are still, and tell the times")
    _add_place(consume, needed=True)
    consume.add_argument("--until-still", type=float, required=True, metavar="SECONDS")
    consume.add_argument("--every", type=float, default=0.2, metavar="SECONDS", help="between readings")
    consume.add_argument("--most", type=float, default=3600, metavar="SECONDS", help="until it gives up")
    consume.add_argument("--seconds", type=float, default=10, help="that an answer is waited for")

    battle = commands.add_parser("fight", help="book the same times from many clients at once")
    _add_place(battle, needed=True)
    battle.add_argument("--token", required=True)
    battle.add_argument("--slots", type=int, default=1, help="how many, the first that are free")
    battle.add_argument("--slot", action="append", default=[], help="@id of a slot, instead of --slots")
    battle.add_argument("--attempts", type=int, default=1000)
    battle.add_argument("--clients", type=int, default=64)
    battle.add_argument("--quotes", type=float, default=0, help="share of attempts that ask for C1 first")
    battle.add_argument("--tries", type=int, default=5, help="of a booking that has no clear answer")
    battle.add_argument("--seed", type=int, default=1, help="which slots the attempts are for")
    battle.add_argument("--seconds", type=float, default=60, help="that an answer is waited for")
    return program.run(parser, argv, _work)
