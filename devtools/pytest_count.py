"""A pytest plugin that writes how many tests passed, failed and were skipped to the file BRP_COUNT names.

A test counts once, however many subtests it has.
"""

import json
import os


def pytest_terminal_summary(terminalreporter):
    found = {name: len(reports) for name, reports in terminalreporter.stats.items()}
    counts = {
        "passed": found.get("passed", 0) + found.get("xpassed", 0),
        "failed": found.get("failed", 0) + found.get("error", 0),
        "skipped": found.get("skipped", 0) + found.get("xfailed", 0),
    }
    with open(os.environ["BRP_COUNT"], "w", encoding="utf-8") as output:
        json.dump(counts, output)
