"""Sets: a database and its files as they were at one moment, in a folder of their own.

brp-20261123T023000Z/
    database.dump    PostgreSQL's own format, compressed
    files.tar        the files that the database names
    manifest.json    when, of what, with which versions
    SHA256SUMS       of the three others; `sha256sum -c` reads it
"""

import hashlib
import json
import re
from datetime import datetime, timezone
from pathlib import Path

from .settings import ProductionError

DUMP = "database.dump"
FILES = "files.tar"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
DAMAGED = 4  # the exit code

_NAME = re.compile(r"(?P<database>.+)-(?P<moment>\d{8}T\d{6}Z)")
_FORMAT = "%Y%m%dT%H%M%SZ"


def name_of(database, moment):
    return f"{database}-{moment.strftime(_FORMAT)}"


def moment_of(path, database=None):
    """When a set was made, or None if the folder is not one, or of another database."""
    found = _NAME.fullmatch(Path(path).name)
    if not found or database not in (None, found["database"]):
        return None
    return datetime.strptime(found["moment"], _FORMAT).replace(tzinfo=timezone.utc)


def all_of(folder, database):
    """The sets of a database, the oldest first."""
    found = [path for path in Path(folder).glob("*") if path.is_dir() and moment_of(path, database)]
    return sorted(found, key=moment_of)


def superfluous(paths, days, months):
    """Of these sets of one database, those that need not be kept.

    Kept are the newest of each of the last `days` days that have one, and the oldest of each of the last
    `months` months that have one. The newest of all is always kept.
    """
    by_day, by_month = {}, {}
    for path in sorted(paths, key=moment_of):
        moment = moment_of(path)
        by_day[moment.date()] = path
        by_month.setdefault((moment.year, moment.month), path)
    newest_days = sorted(by_day)[-max(days, 1) :]
    newest_months = sorted(by_month)[-months:] if months else []
    kept = {by_day[day] for day in newest_days} | {by_month[month] for month in newest_months}
    return [path for path in paths if path not in kept]


def sum_of(path):
    total = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return total.hexdigest()


def write_sums(folder):
    lines = [f"{sum_of(folder / name)}  {name}\n" for name in (DUMP, FILES, MANIFEST)]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def checked(folder):
    """The manifest of a set that is whole. Raises ProductionError with the code of damage if it is not."""
    folder = Path(folder)
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        expected = {name: total for total, _, name in (line.partition("  ") for line in lines)}
        missing = {DUMP, FILES, MANIFEST} - expected.keys()
        if missing:
            raise ProductionError(f"{folder}: no checksum for {', '.join(sorted(missing))}", DAMAGED)
        for name in (DUMP, FILES, MANIFEST):
            if sum_of(folder / name) != expected[name]:
                raise ProductionError(f"{folder}: {name} is damaged (its checksum is another)", DAMAGED)
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProductionError(f"{folder} is no backup, or a damaged one: {error}", DAMAGED) from None
