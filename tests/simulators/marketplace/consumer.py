"""Reads the times of a booking system while others book them, and tells at last what it has read."""

import json
import sys
import time

from .systems import BookingSystem


def consume(
    dataset: str,
    until_still: float,
    every: float = 0.2,
    addresses=(),
    most: float = 3600,
    seconds: float = 10,
) -> tuple:
    """Polls the feeds until nothing has come for so many seconds; (lines, breaches).

    A line is a slot: {"kind", "id", "remaining", "modified"}. ValueError when the dataset cannot be read.

    :param every: seconds between readings
    :param most: seconds after which it ends though something still comes; TimeoutError
    :param seconds: how long an answer is waited for
    """
    system = BookingSystem(1, dataset, "", "", addresses=addresses, seconds=seconds)
    ends = time.monotonic() + most
    still_since = None
    while True:
        came = system.harvest()
        now = time.monotonic()
        at_end = all(feed.at_end for feed in (system.facilities, *system.slots))
        if any(came.values()) or not at_end:
            still_since = None
        else:
            still_since = still_since or now
            if now - still_since >= until_still:
                break
        if now > ends:
            raise TimeoutError(f"the feeds were not still within {most:g} seconds")
        time.sleep(every)
    items = [item for feed in system.slots for item in feed.items.values()]
    lines = [
        {"kind": item.kind, "id": item.id, "remaining": item.data.get("remainingUses"),
         "modified": item.modified}
        for item in sorted(items, key=lambda item: (item.kind, str(item.id)))
    ]  # fmt: skip
    return lines, system.breaches.listed()


def run(options) -> int:
    """Prints the lines, and the breaches on standard error; 1 when a rule was broken."""
    lines, breaches = consume(
        options.dataset, options.until_still, options.every, options.address, options.most, options.seconds
    )
    for line in lines:
        print(json.dumps(line))
    for breach in breaches:
        print(json.dumps(breach.to_json(), ensure_ascii=False), file=sys.stderr)
    return 1 if any(breach.level == "error" for breach in breaches) else 0
