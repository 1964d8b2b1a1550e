"""`./dev fight`: many clients book the same places at once, while another reads the feeds all the time."""

import json
import subprocess

from . import databases
from .console import DevError, Step, say, shown, telling_line
from .ground import CONFIG, prepared
from .marketplace import SIMULATOR
from .service import Service, free_port
from .workspace import DEV, LOGS, ROOT

SERVER = Service(
    "Odoo",
    record=DEV / "fight-server.json",
    log=LOGS / "fight-server.log",
    mark=CONFIG,
    page="/openactive/1/feeds/slots",
)
SCRIPT = ROOT / "devtools/odoo_script.py"
FIRST_PORT = 8090
PATIENCE = 300  # seconds that an answer is waited for: they stand in line for the processes
STILL = 15  # seconds without a change after which whoever reads the feeds has seen all
FULL = {"409 OpportunityIsFullError", "409 OpportunityHasInsufficientCapacityError"}


def fight(clients, attempts, places, workers):
    """The command. Returns the exit code: 1 when a place was sold twice, or not, or an error was another."""
    with prepared() as ground:
        installed = databases.with_addons(ground)
        with databases.throw_away(ground, installed.name, "fight") as database:
            port = free_port(FIRST_PORT)
            site = f"http://localhost:{port}"
            with Step("Set up a time with its places"):
                told = _ask(ground, "setup", database, site, places)
            with Step(f"Start Odoo with {workers} processes"):
                SERVER.start(_command(ground, database, port, workers), port, env=_variables(ground))
            try:
                with Step(f"{clients} clients, {attempts} attempts, {places} places"):
                    fought, read = _fight(ground, f"{site}/openactive/1", told, clients, attempts)
            finally:
                SERVER.end()
            sold = _ask(ground, "count", database, told["slot"])
    return _judge(fought, read, sold, places, attempts)


def _command(ground, database, port, workers):
    """Return the command line of Odoo with several processes."""
    options = ("-d", database, "--http-port", port, "--gevent-port", free_port(port + 1))
    more = ("--no-database-list", f"--workers={workers}", "--log-level=warn")
    return [ground.environment.python, SCRIPT, "server", "-c", CONFIG, *options, *more]


def _variables(ground):
    # The folder of the script has modules of its own, which are not for Odoo to find.
    return ground.variables(PYTHONSAFEPATH="1")


def _ask(ground, *arguments):
    """Return what bench.fight has to say, done in Odoo."""
    done = _run(ground, ["-m", "bench.fight", CONFIG, *arguments])
    if done.returncode:
        raise DevError(f"{arguments[0]} failed: {telling_line(done.stderr.splitlines())}")
    return json.loads(done.stdout.splitlines()[-1])


def _run(ground, arguments):
    command = [str(part) for part in (ground.environment.python, *arguments)]
    return subprocess.run(
        command, cwd=ROOT, env=ground.variables(), capture_output=True, text=True, check=False
    )


def _fight(ground, dataset, told, clients, attempts):
    """Return what came of the attempts, and the places left by what whoever read the feeds has seen."""
    reading = LOGS / "fight-feeds.log"
    options = ["--dataset", dataset, "--until-still", STILL, "--seconds", PATIENCE]
    with reading.open("w", encoding="utf-8") as log:
        reader = subprocess.Popen(
            [str(part) for part in (ground.environment.python, SIMULATOR, "consume", *options)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            options = ["--dataset", dataset, "--token", told["token"], "--clients", clients]
            options += ["--attempts", attempts, "--tries", 50, "--seconds", PATIENCE]
            done = _run(ground, [SIMULATOR, "fight", *options])
            seen, _nothing = reader.communicate(timeout=300)
        finally:
            reader.kill()
            reader.wait()
    if done.returncode:
        raise DevError(f"the clients failed: {telling_line(done.stderr.splitlines())}")
    if reader.returncode:
        raise DevError(f"whoever read the feeds failed: {shown(reading)}")
    slots = [json.loads(line) for line in seen.splitlines()]
    left = [slot["remaining"] for slot in slots if str(slot["id"]) == str(told["slot"])]
    return json.loads(done.stdout), left


def _judge(fought, read, sold, places, attempts):
    expected = min(places, attempts)
    seconds = fought["seconds"]
    say(f"\n{fought['sold']} sold, {attempts} answered in {seconds:.1f} s, {fought['retried']} asked again")
    for error, count in fought["errors"].items():
        say(f"{count:6} {error}")
    say("In Odoo: {bookings} bookings of {places} places in {orders} orders, {paid} paid".format(**sold))
    say(f"Left by the feed: {', '.join(map(str, read)) or 'not there'}")
    wrong = [
        what
        for what, is_wrong in (
            ("not as many were told that it is theirs as there are places", fought["sold"] != expected),
            ("a number was given to two", bool(fought["twice"])),
            ("other errors than that it is full", not FULL.issuperset(fought["errors"])),
            ("the bookings in Odoo are not those", set(sold.values()) != {expected}),
            ("the feed tells another number of places", read != [places - expected]),
        )
        if is_wrong
    ]
    for what in wrong:
        say(f"✗ {what}")
    if not wrong:
        say("✓ each place was sold once")
    return 1 if wrong else 0
