"""python -m tests.e2e STORY [DAY]: play the month in the world that STORY describes, and look at the ledger.

DAY, as november_4, is where to go on in a month that has been begun.
"""

import sys
import time

from . import ledger
from .browser import Browser
from .month import Month
from .world import World


def main(path, first=None):
    begun = time.monotonic()
    world = World(path)
    with Browser(world) as browser:
        Month(world, browser).play(first)
    wrong = ledger.check(world)
    print(f"\nThe month took {time.monotonic() - begun:.0f} seconds", flush=True)
    for line in wrong:
        print(f"✗ {line}", flush=True)
    if not wrong:
        print("✓ the ledger is as it was worked out, and so are the books of Björn Lundén", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
