"""Where things are: the checkout, its one ignored folder, and the download cache."""

import contextlib
import fcntl
import hashlib
import json
import os
import time
from pathlib import Path

from .console import say

ROOT = Path(__file__).resolve().parent.parent
ADDONS = ROOT / "addons"
TEST_ADDONS = ROOT / "tests/addons"  # never to be on the path of a business
DEV = ROOT / ".dev"
LOGS = DEV / "logs"
LOCK_FILE = ROOT / "requirements.lock"


def cache():
    """The user's folder for downloads, shared by all checkouts. Created."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "brp-odoo"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def checkout_id():
    """Eight characters that tell this checkout from others on the machine."""
    return hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]


def read_json(path):
    """The object in `path`, or an empty one when there is none or it was cut off."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def write_text(path, text):
    """Write `path` so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def write_json(path, value):
    write_text(path, json.dumps(value, indent=2, sort_keys=True) + "\n")


@contextlib.contextmanager
def only_one(path, doing):
    """Hold the lock file `path` while in the block; wait, and say so, while another `./dev` holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        if not _try(handle, fcntl.LOCK_EX):
            say(f"  Waiting for another ./dev that is {doing} …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def one_of_many(path):
    """Hold `path` shared while in the block. Yields a function that tells whether nobody else does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        while not _try(handle, fcntl.LOCK_SH):
            time.sleep(0.1)
        yield lambda: _try(handle, fcntl.LOCK_EX)


def _try(handle, kind):
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
