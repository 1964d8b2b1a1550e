"""`./dev scale`: several processes of Odoo work on one queue of exchanges, and each is sent once."""

import json
import os
import subprocess

from . import addons as our
from . import databases
from .console import DevError, Step, say, telling_line
from .ground import CONFIG, prepared
from .workspace import ROOT

SERVICE = "test_brp_connector"  # has the provider that talks with the simulator
COLUMNS = ("answers after", "processes", "exchanges", "seconds", "a second", "times", "load before")
ROW = "{:>13} {:>9} {:>9} {:>8} {:>8} {:>6} {:>11}"


def scale(exchanges, processes, milliseconds):
    """The command. Returns the exit code: 1 when an exchange was sent twice, or not."""
    wrong = False
    with prepared() as ground:
        installed = databases.with_addons(ground)
        with databases.throw_away(ground, installed.name, "scale") as database:
            databases.install_for_tests(ground, database, our.select([SERVICE]))
            databases.keep_files_inside(ground, database)
            results = []
            for wait in milliseconds:
                for number in processes:
                    load = os.getloadavg()[0]
                    with Step(f"{number} processes, answers after {wait} ms"):
                        told = _measure(ground, database, exchanges, number, wait)
                    results.append((wait, number, load, told))
                    wrong |= (told["accepted"], told["done"], told["duplicates"]) != (exchanges, exchanges, 0)
    _show(results, exchanges)
    say("✗ not each exchange was sent once" if wrong else "✓ each exchange was sent once")
    return 1 if wrong else 0


def _measure(ground, database, *numbers):
    """Return what bench.scale has to say."""
    arguments = [str(part) for part in (CONFIG, database, "measure", *numbers)]
    done = subprocess.run(
        [ground.environment.python, "-m", "bench.scale", *arguments],
        cwd=ROOT,
        env=ground.variables(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DevError(f"the measurement failed: {telling_line(done.stderr.splitlines())}")
    return json.loads(done.stdout.splitlines()[-1])


def _show(results, exchanges):
    """Print a line for each measurement; "times" is how many times as fast as the first with that wait."""
    say()
    say(ROW.format(*COLUMNS))
    first = {}
    for wait, number, load, told in results:
        speed = exchanges / told["seconds"]
        times = speed / first.setdefault(wait, speed)
        cells = (f"{told['seconds']:.1f}", f"{speed:.0f}", f"{times:.1f}", f"{load:.1f}")
        say(ROW.format(f"{wait} ms", number, exchanges, *cells))
