"""`brp restore`: a database and its files from a set.

All is made under another name first and takes its place as the last step: what fails, or is cut off,
leaves what was there as it was.
"""

import ast
import shutil
import tarfile

from . import backup, database, sets
from .settings import ADDONS, EXISTS, ProductionError, say

# A copy is another database than the one that it was copied from.
_OTHER_IDENTITY = """
    UPDATE ir_config_parameter SET value = gen_random_uuid()::text
     WHERE key IN ('database.uuid', 'database.secret')
"""


def restore(settings, folder, name, is_copy, replace):
    """The command.

    :param name: the database to make
    :param is_copy: whether it must not send anything: the original is, or will be, in use as well
    :param replace: whether a database of that name may go
    """
    folder = backup.located(settings, folder)
    manifest = sets.checked(folder)
    _refuse_older_addons(manifest)
    there = database.exists(name) or (settings.filestores / name).exists()
    if there and not replace:
        raise ProductionError(
            f"there is a database {name}, or files of it: name another with --database,"
            " or say --replace to lose it",
            EXISTS,
        )
    _refuse_users(name)
    making = f"{name}-restoring"
    _remove(settings, making)
    try:
        _load(settings, folder, making)
        if is_copy:
            _make_harmless(settings, making)
        _refuse_users(name)
    except BaseException:
        _remove(settings, making)
        raise
    _put_in_place(settings, making, name)
    kind = "a copy that sends nothing" if is_copy else "as it was, and will send what waits"
    say(f"restored {name} from {folder}, {kind}")


def _refuse_older_addons(manifest):
    """Raise ProductionError where the set is of newer addons of ours than those that are here."""
    newer = []
    for addon, version in manifest["addons"].items():
        path = ADDONS / addon / "__manifest__.py"
        if addon.startswith("brp_"):
            here = ast.literal_eval(path.read_text(encoding="utf-8"))["version"] if path.is_file() else None
            if here is None or _parts(here) < _parts(version):
                newer.append(f"{addon} {version} (here: {here or 'none'})")
    if newer:
        raise ProductionError(f"the backup is of newer addons, restore it with those: {', '.join(newer)}")


def _parts(version):
    return [int(part) for part in version.split(".") if part.isdigit()]


def _refuse_users(name):
    """Raise ProductionError while somebody works on the database that is to be replaced."""
    users = database.users(name)
    if users:
        raise ProductionError(f"{name} is in use by {', '.join(users)}: stop Odoo first", EXISTS)


def _remove(settings, name):
    database.drop(name)
    shutil.rmtree(settings.filestores / name, ignore_errors=True)


def _load(settings, folder, name):
    """Make a database and its filestore from a set."""
    database.create(name)
    options = ("--exit-on-error", "--no-owner", "--no-acl", "--jobs=2")
    database.program("pg_restore", *options, f"--dbname={name}", folder / sets.DUMP)
    try:
        filestore = settings.filestores / name
        filestore.mkdir(parents=True)
        with tarfile.open(folder / sets.FILES) as tar:
            for member in tar:
                _refuse_outside(member)
                tar.extract(member, filestore)
    except (OSError, tarfile.TarError) as error:
        raise ProductionError(f"the files cannot be restored: {error}") from None


def _refuse_outside(member):
    """Raise ProductionError for what is not a file of a filestore: "ab/abcd…"."""
    if not member.isfile() or ".." in member.name.split("/") or member.name.startswith("/"):
        raise ProductionError(
            f"the backup has something that is no file of Odoo: {member.name}", sets.DAMAGED
        )


def _make_harmless(settings, name):
    """Take from a copy all that it could send with: mail servers, jobs, connections and their keys."""
    settings.run_odoo("neutralize", "-d", name, what="making the copy harmless", PGDATABASE=name)
    with database.connected(name) as connection:
        query = "SELECT value FROM ir_config_parameter WHERE key = 'database.is_neutralized'"
        if database.rows(connection, query) != [("true",)]:
            raise ProductionError("the copy could not be made harmless")
        database.rows(connection, _OTHER_IDENTITY)


def _put_in_place(settings, making, name):
    old = f"{name}-replaced"
    _remove(settings, old)
    filestores = settings.filestores
    if database.exists(name):
        database.rename(name, old)
    if (filestores / name).exists():
        (filestores / name).rename(filestores / old)
    (filestores / making).rename(filestores / name)
    database.rename(making, name)
    _remove(settings, old)
