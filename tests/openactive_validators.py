"""OpenActive's published validators, as Python functions.

They are programs for Node, which ``./dev test`` installs below ``.dev/`` (see ``devtools/openactive.py``);
they need no internet to run. Imported by the tests next to this file, and by tests inside Odoo, which put
this folder on their path::

    import openactive_validators as validators

    if validators.why_not():
        self.skipTest(validators.why_not())
    self.assertEqual(validators.failures([("C1Response", answer.content)]), [])
"""

import atexit
import functools
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "tests/conformance/openactive/validate.js"
INSTALLED = ROOT / ".dev/openactive/node_modules"
TIMEOUT = 120  # seconds


@dataclass(frozen=True)
class Finding:
    """:ivar severity: ``failure``, ``warning``, ``notice`` or ``suggestion``"""

    severity: str
    path: str
    message: str


@dataclass(frozen=True)
class Page:
    """A page of a feed as it came over HTTP.

    :ivar url: that it was asked for at
    :ivar body: JSON
    """

    url: str
    body: str | bytes
    status: int = 200
    content_type: str = "application/json"
    cache_control: str = ""


def why_not() -> str | None:
    """Return why the validators cannot be run, or None."""
    if not INSTALLED.is_dir() or not shutil.which("node"):
        return "OpenActive's validators are not here: ./dev test installs them where there is node and npm"
    return None


def validate(documents: Iterable[tuple[str, str | bytes]]) -> list[list[Finding]]:
    """Return what the data model validator finds in each document.

    :param documents: (validationMode, JSON): ``BookableRPDEFeed`` of the data of an item, ``C1Response``,
        ``C1ResponseOrderItemError`` (C2, B likewise), ``OrderStatus``, ``OrderPatch``, ``OrdersFeed``,
        ``OpenBookingError``, ``DatasetSite``, …
    """
    return _run(f'{{"mode":{json.dumps(mode)},"document":{_line(text)}}}' for mode, text in documents)


def check_pages(pages: Iterable[Page], is_orders_feed: bool = False) -> list[Finding]:
    """Return the failures that the RPDE validator finds in a feed's pages, in the order they are read in."""
    told = ",".join(
        f'{{"url":{json.dumps(page.url)},"json":{_line(page.body)},"status":{page.status},'
        f'"contentType":{json.dumps(page.content_type)},"cacheControl":{json.dumps(page.cache_control)}}}'
        for page in pages
    )
    return _run([f'{{"pages":[{told}],"isOrdersFeed":{json.dumps(is_orders_feed)}}}'])[0]


def walk(feed_url: str) -> list[Finding]:
    """Return what the RPDE validator finds in an open feed that it walks over HTTP.

    It always warns of the cache time of the last page, which it walks into before it knows it as the last.
    """
    return _run([json.dumps({"feed": feed_url})])[0]


def failures(documents: Iterable[tuple[str, str | bytes]]) -> list[str]:
    """Return the failures that :func:`validate` finds, a line each: a test is content with none."""
    documents = list(documents)
    return [
        f"{mode} {finding.path}: {finding.message}"
        for (mode, _text), findings in zip(documents, validate(documents), strict=True)
        for finding in findings
        if finding.severity == "failure"
    ]


def _line(text: str | bytes) -> str:
    """Return JSON on one line; line breaks are white space there, since texts have them escaped."""
    return (text.decode() if isinstance(text, bytes) else text).replace("\n", " ").replace("\r", " ")


def _run(lines: Iterable[str]) -> list[list[Finding]]:
    return [[Finding(**found) for found in json.loads(_ask(line))] for line in lines]


def _ask(line: str) -> str:
    """Return the program's answer to a line; one process answers all, since it takes long to start."""
    process = _program()
    watchdog = threading.Timer(TIMEOUT, process.kill)
    watchdog.start()
    try:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
        answer = process.stdout.readline()
    except OSError:
        answer = ""
    finally:
        watchdog.cancel()
    if not answer:
        _program.cache_clear()
        raise RuntimeError(f"the validators failed, or took more than {TIMEOUT} s; their words are above")
    return answer


@functools.cache
def _program() -> subprocess.Popen:
    process = subprocess.Popen(
        ["node", str(PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "NODE_PATH": str(INSTALLED)},
    )
    atexit.register(_end, process)
    return process


def end() -> None:
    """Let the program come to its end, if it runs; the next document starts it again.

    Tests inside Odoo have to: what a class of them has started is not to outlive it.
    """
    if _program.cache_info().currsize:
        _end(_program())
        _program.cache_clear()


def _end(process: subprocess.Popen) -> None:
    """Let a program come to its end: it reads until there are no more lines."""
    if process.poll() is None:
        process.communicate(timeout=TIMEOUT)
