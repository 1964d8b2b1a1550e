"""Measures one flow: python -m bench.runner CONFIG DATABASE FLOW ROUNDS

Run inside the virtual environment by `./dev bench`. With ROUNDS 0 each side runs once at the smallest size.
Prints one line of JSON: the flow's title and a list with, per size,
{"size", "ours": {"documents", "seconds", "queries", "megabytes", "parts"}, "core": the same}.
"""

import contextlib
import gc
import importlib
import json
import re
import sys
import time
from pathlib import Path

import odoo
from odoo import api
from odoo.modules.registry import Registry

LONG = 60  # seconds: what has taken so long at one size is not repeated for its best


def main(config, database, name, rounds):
    odoo.tools.config.parse_config(
        ["-c", config, "-d", database, "--no-http", "--log-level=error"], setup_logging=True
    )
    registry = Registry(database)
    flow = importlib.import_module(f"bench.flows.{name}").Flow()
    if hasattr(flow, "setup"):
        with registry.cursor() as cr:
            flow.setup(administrator(cr))
    print(json.dumps([flow.title, measure(registry, flow, int(rounds))]))


def measure(registry, flow, rounds):
    """The best of `rounds` measurements of both sides at each size, the smallest first."""
    # Once each before it counts, so that neither side pays for what both then find ready.
    first = {side: once(registry, flow, side, min(flow.sizes)) for side in ("ours", "core")}
    if not rounds:
        return [{"size": min(flow.sizes), **first}]
    results = []
    for size in sorted(flow.sizes):
        best = {}
        begun = time.monotonic()
        for turn in range(rounds):
            if time.monotonic() - begun > LONG:
                break
            for side in ("ours", "core") if turn % 2 == 0 else ("core", "ours"):
                result = once(registry, flow, side, size)
                if side not in best or result["seconds"] < best[side]["seconds"]:
                    best[side] = result
        results.append({"size": size, **best})
    return results


def once(registry, flow, side, size):
    """Measure one side once, in a transaction that is rolled back."""
    with rolled_back(registry) as env:
        data = flow.prepare(env, size)
        env.flush_all()
        env.invalidate_all()
        gc.collect()
        gc.disable()
        try:
            held = _megabytes()
            queries = env.cr.sql_log_count
            start = time.perf_counter()
            documents = getattr(flow, side)(env, data)
            env.flush_all()
            seconds = time.perf_counter() - start
            queries = env.cr.sql_log_count - queries
            grown = _megabytes(peak=True) - held
        finally:
            gc.enable()
        check = getattr(flow, "check" if side == "ours" else "check_core", None)
        parts = check and check(env, data)
    return {
        "documents": documents,
        "seconds": seconds,
        "queries": queries,
        "megabytes": round(grown, 1),
        "parts": parts or {},
    }


def _megabytes(peak=False):
    """The memory that the process holds, or the most that it has held since it was asked last. Linux only."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    if not peak:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    found = re.search(rf"{'VmHWM' if peak else 'VmRSS'}:\s+(\d+) kB", status.read_text())
    return int(found[1]) / 1024


@contextlib.contextmanager
def rolled_back(registry):
    """An environment whose transaction leaves nothing behind."""
    cr = registry.cursor()
    cr.commit = cr.flush
    try:
        yield administrator(cr)
    finally:
        cr.rollback()
        cr.close()
        registry.reset_changes()


def administrator(cr):
    env = api.Environment(cr, api.SUPERUSER_ID, {})
    return env(user=env.ref("base.user_admin"))


if __name__ == "__main__":
    main(*sys.argv[1:])
