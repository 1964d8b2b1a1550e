"""`./dev bench`: run the flows of bench/flows (see bench/__init__.py) and show what they cost."""

import json
import os
import platform
import subprocess
from datetime import datetime, timezone

from . import databases
from .console import DevError, Step, say, shown, telling_line
from .ground import CONFIG, prepared
from .workspace import ROOT, write_json

FLOWS = ROOT / "bench/flows"
LAST = ROOT / "bench/last.json"
ROUNDS = 5
COLUMNS = ("flow", "cases", "documents", "ours ms", "Odoo ms", "ratio", "our queries", "Odoo's queries")
ROW = "{:<34} {:>6} {:>9} {:>8} {:>8} {:>6} {:>11} {:>14}"


def bench(names, quick):
    """The command: measure the flows called `names`, or all."""
    there = sorted(path.stem for path in FLOWS.glob("*.py") if not path.stem.startswith("_"))
    unknown = sorted(set(names) - set(there))
    if unknown:
        raise DevError(f"no flow {', '.join(unknown)}; there are: {', '.join(there) or 'none yet'}")
    with prepared() as ground:
        installed = databases.with_addons(ground)
        flows = []
        for name in names or there:
            flows.append(_measure(ground, installed.name, name, quick))
            # At once: what comes next may fail.
            _show(flows[-1])
        machine = {
            "cores": os.cpu_count(),
            "odoo": ground.tree.version,
            "postgresql": ground.server.query("SHOW server_version")[0][0],
            "python": platform.python_version(),
        }
    written = datetime.now(timezone.utc).isoformat(timespec="seconds")
    write_json(LAST, {"when": written, "quick": quick, "machine": machine, "flows": flows})
    say(f"\nTime and queries are per document. Written to {shown(LAST)}.")


def _measure(ground, source, name, quick):
    """Run one flow in a process and on a database of its own."""
    with Step(f"Measure {name}"), databases.throw_away(ground, source, "bench") as database:
        arguments = [str(CONFIG), database, name, "0" if quick else str(ROUNDS)]
        done = subprocess.run(
            [ground.environment.python, "-m", "bench.runner", *arguments],
            cwd=ROOT,
            env=ground.variables(PYTHONDONTWRITEBYTECODE="1", PYTHONHASHSEED="0"),
            capture_output=True,
            text=True,
        )
    if done.returncode:
        say(done.stderr)
        raise DevError(f"the flow {name} failed: {telling_line(done.stderr.splitlines())}")
    title, sizes = json.loads(done.stdout.splitlines()[-1])
    return {"name": name, "title": title, "sizes": sizes}


def _show(flow):
    say()
    say(ROW.format(*COLUMNS))
    for result in flow["sizes"]:
        ours, core = (_per_document(result[side]) for side in ("ours", "core"))
        say(
            ROW.format(
                flow["title"][:34],
                result["size"],
                result["ours"]["documents"],
                _milliseconds(ours["ms"]),
                _milliseconds(core["ms"]),
                f"{ours['ms'] / core['ms']:.2f}" if core["ms"] else "-",
                f"{ours['queries']:.2f}",
                f"{core['queries']:.2f}",
            )
        )
        for part in _parts(result["ours"]):
            say(f"    {part}")
    growth = _growth(flow["sizes"])
    if growth:
        say(f"  {growth}")


def _parts(result):
    """A line for each part of what was measured, where a flow tells them, and for the memory it took."""
    lines = []
    for name, part in result.get("parts", {}).items():
        if not isinstance(part, dict):
            lines.append(f"{name}: {part}")
            continue
        queries = f", {part['queries']} queries" if "queries" in part else ""
        lines.append(
            f"{name}: {part['seconds']:.2f} s, {part['seconds'] / result['seconds']:.0%} of ours{queries}"
        )
    return [*lines, f"memory grew by at most {result['megabytes']:.0f} MB"] if lines else []


def _per_document(result):
    documents = max(result["documents"], 1)
    return {"ms": result["seconds"] * 1000 / documents, "queries": result["queries"] / documents}


def _milliseconds(number):
    return f"{number:.1f}" if number >= 1 else f"{number:.3f}"


def _growth(sizes):
    """A line about our queries where they grow with the number of documents, else None."""
    if len(sizes) < 2:
        return None
    few, many = (_per_document(sizes[at]["ours"])["queries"] for at in (0, -1))
    return f"queries per document grow: {few:.2f} → {many:.2f}" if many > few * 1.05 else None
