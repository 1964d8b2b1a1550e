"""`brp backup`: database and files of one moment, while people work.

The dump and the list of files are taken from one snapshot of the database. Odoo never changes a file, it
only adds new ones and later removes those that nothing names any more: so the files of the snapshot are
still there, and are copied after it.
"""

import contextlib
import fcntl
import json
import os
import shutil
import tarfile
from datetime import datetime, timezone
from pathlib import Path

from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from . import database, sets
from .settings import ProductionError, say, warn

INCOMPLETE = 3  # the exit code: made, but without files that were lost before


def backup(settings, days, months):
    """The command: make a set, then remove those that need not be kept. Returns the exit code."""
    os.umask(0o077)
    name = settings.database
    with _alone(settings.backups):
        folder, missing = _make(settings, name)
        for old in sets.superfluous(sets.all_of(settings.backups, name), days, months):
            shutil.rmtree(old)
            say(f"removed {old}")
    size = sum(path.stat().st_size for path in folder.iterdir())
    say(f"made {folder} ({size / 1e6:.1f} MB)")
    if missing:
        warn(
            f"{len(missing)} files that the database names are not there, such as {missing[0]}:"
            " they were lost before this backup; look for them in an older one"
        )
        return INCOMPLETE
    return 0


@contextlib.contextmanager
def _alone(folder):
    """Be the only backup that is being made there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise ProductionError(f"the folder of the backups cannot be written: {error}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ProductionError("another backup is being made") from None
        for left_over in folder.glob("*.part"):
            shutil.rmtree(left_over)
        yield


def _make(settings, name):
    """Make a set; return its folder and the files that are missing."""
    moment = datetime.now(timezone.utc)
    folder = settings.backups / sets.name_of(name, moment)
    making = folder.with_name(f"{folder.name}.part")
    making.mkdir()
    try:
        with database.connected(name) as connection:
            connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, autocommit=False)
            [(snapshot,)] = database.rows(connection, "SELECT pg_export_snapshot()")
            dump = ("--format=custom", "--no-owner", "--no-acl", f"--file={making / sets.DUMP}")
            database.program("pg_dump", *dump, f"--snapshot={snapshot}", f"--dbname={name}")
            manifest = {"format": 1, "database": name, "made": moment.isoformat(), **_versions(connection)}
            stored = _stored(connection)
        gone = _pack(settings.filestores / name, stored, making / sets.FILES)
        missing = _still_named(name, gone)
        manifest["files"] = {"count": len(stored) - len(gone), "missing": missing}
        (making / sets.MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        sets.write_sums(making)
        _to_disk(making)
        making.rename(folder)
    except (OSError, tarfile.TarError) as error:
        raise ProductionError(f"the backup cannot be written: {error}") from None
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return folder, missing


def _versions(connection):
    [(server,)] = database.rows(connection, "SHOW server_version")
    installed = "SELECT name, latest_version FROM ir_module_module WHERE state = 'installed' ORDER BY name"
    addons = dict(database.rows(connection, installed))
    return {"postgresql": server, "brp": os.environ.get("BRP_VERSION", ""), "addons": addons}


def _stored(connection):
    """The files that the database names, as paths within its filestore."""
    query = "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL ORDER BY 1"
    return [path for (path,) in database.rows(connection, query)]


def _pack(filestore, stored, target):
    """Put the files into a tar file; return those that are not there."""
    gone = []
    with tarfile.open(target, "w") as tar:
        for path in stored:
            try:
                tar.add(filestore / path, arcname=path, recursive=False)
            except FileNotFoundError:
                gone.append(path)
    return gone


def _still_named(name, gone):
    """Of the files that are not there, those that are missed: others have been deleted in the meantime."""
    if not gone:
        return []
    with database.connected(name) as connection:
        return sorted(set(gone) & set(_stored(connection)))


def _to_disk(folder):
    """Return when the files of a folder are on the disk."""
    for path in [*folder.iterdir(), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def show(settings):
    """The command `brp backups`: list the sets, the newest last."""
    found = sets.all_of(settings.backups, settings.database)
    for folder in found:
        size = sum(path.stat().st_size for path in folder.iterdir())
        say(f"{sets.moment_of(folder):%Y-%m-%d %H:%M} UTC  {size / 1e6:10.1f} MB  {folder}")
    if not found:
        say(f"no backup of {settings.database} in {settings.backups}")


def verify(settings, folder):
    """The command `brp verify`: say whether a set is whole and can be read."""
    folder = located(settings, folder)
    manifest = sets.checked(folder)
    try:
        database.program("pg_restore", "--list", folder / sets.DUMP)
        with tarfile.open(folder / sets.FILES) as tar:
            count = sum(1 for _ in tar)
    except (ProductionError, tarfile.TarError) as error:
        raise ProductionError(f"{folder} cannot be read: {error}", sets.DAMAGED) from None
    if count != manifest["files"]["count"]:
        raise ProductionError(
            f"{folder}: {count} files instead of {manifest['files']['count']}", sets.DAMAGED
        )
    say(f"{folder} is whole: {manifest['database']} of {manifest['made']}, {count} files")


def located(settings, folder):
    """The folder of a set: a path, a set's name in the folder of the backups, or "latest"."""
    if folder == "latest":
        found = sets.all_of(settings.backups, settings.database)
        if not found:
            raise ProductionError(f"no backup of {settings.database} in {settings.backups}")
        return found[-1]
    inside = settings.backups / folder
    return inside if inside.is_dir() else Path(folder)
