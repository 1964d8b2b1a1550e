"""python -m tests.e2e STORY [DAY]: play the month in the world that STORY describes, and look at the ledger.

DAY, as november_4, is where to go on in a month that has been begun.
"""

import sys
import time

from .browser import Browser
from .month import Month
from .world import World


def main(path, first=None):
    begun = time.monotonic()
    world = World(path)
    with Browser(world) as browser:
        Month(world, browser).play(first)
    print(f"The month took {time.monotonic() - begun:.0f} seconds", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
