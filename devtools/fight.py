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
FIRST_PORT = 8090
STILL = 15  # seconds without a change after which whoever reads the feeds has seen all
FULL = {"409 OpportunityIsFullError", "409 OpportunityHasInsufficientCapacityError"}
# What is there of the time of that number, as the database has it.
SOLD = """
    SELECT count(*),
           count(DISTINCT taken.place),
           count(*) FILTER (WHERE booking.paid = 'paid'),
           count(DISTINCT booking.order_id)
      FROM brp_booking booking
      JOIN brp_occupancy taken ON taken.booking_id = booking.id
     WHERE booking.slot_id = {slot} AND booking.state = 'booked'
"""


def fight(clients, attempts, places, workers):
    """The command. Returns the exit code: 1 when a place was sold twice, or not, or an error was another."""
    with prepared() as ground:
        installed = databases.with_addons(ground)
        with databases.throw_away(ground, installed.name, "fight") as database:
            port = free_port(FIRST_PORT)
            site = f"http://localhost:{port}"
            with Step("Set up a time with its places"):
                told = _set_up(ground, database, site, places)
            with Step(f"Start Odoo with {workers} processes"):
                options = ("--http-port", port, "--no-database-list", f"--workers={workers}")
                command = ground.odoo_command("server", "-d", database, *options)
                SERVER.start(command, port, env=ground.variables())
            try:
                with Step(f"{clients} clients, {attempts} attempts, {places} places"):
                    fought, read = _fight(ground, f"{site}/openactive/1", told, clients, attempts)
            finally:
                SERVER.end()
            sold = ground.server.query(SOLD.format(slot=told["slot"]), database)[0]
    return _judge(fought, read, [int(count) for count in sold], places, attempts)


def _set_up(ground, database, site, places):
    arguments = [str(CONFIG), database, site, str(places)]
    done = _run(ground, ["-m", "bench.fight", *arguments])
    if done.returncode:
        raise DevError(f"it cannot be set up: {telling_line(done.stderr.splitlines())}")
    return json.loads(done.stdout.splitlines()[-1])


def _run(ground, arguments):
    command = [ground.environment.python, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=ground.variables(), capture_output=True, text=True, check=False
    )


def _fight(ground, dataset, told, clients, attempts):
    """Return what came of the attempts, and the places left by what whoever read the feeds has seen."""
    reading = LOGS / "fight-feeds.log"
    options = ["--dataset", dataset, "--until-still", STILL]
    with reading.open("w", encoding="utf-8") as log:
        reader = subprocess.Popen(
            [str(part) for part in (ground.environment.python, SIMULATOR, "consume", *options)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            options = ["--dataset", dataset, "--token", told["token"], "--clients", clients]
            options += ["--attempts", attempts, "--tries", 50, "--seconds", 300]
            done = _run(ground, [str(part) for part in (SIMULATOR, "fight", *options)])
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
    bookings, taken, paid, orders = sold
    expected = min(places, attempts)
    pace = fought["sold"] / fought["seconds"]
    say(f"\n{fought['sold']} sold in {fought['seconds']:.1f} s ({pace:.1f} a second), {fought['retried']} retried")
    for error, count in fought["errors"].items():
        say(f"{count:6} {error}")
    say(f"In Odoo: {bookings} bookings of {taken} places in {orders} orders, {paid} of them paid")
    say(f"Left by the feed: {', '.join(map(str, read)) or 'not there'}")
    wrong = [
        what
        for what, is_wrong in (
            ("not as many were told that it is theirs as there are places", fought["sold"] != expected),
            ("a number was given to two", bool(fought["twice"])),
            ("other errors than that it is full", not FULL.issuperset(fought["errors"])),
            ("the bookings in Odoo are not those", {bookings, taken, paid, orders} != {expected}),
            ("the feed tells another number of places", read != [places - expected]),
        )
        if is_wrong
    ]
    for what in wrong:
        say(f"✗ {what}")
    if not wrong:
        say("✓ each place was sold once")
    return 1 if wrong else 0
