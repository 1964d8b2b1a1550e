"""`brp upgrade`: bring the database to the versions of the addons that are here now."""

from . import backup, database
from .settings import ProductionError, say

_STATES = """
    SELECT name, latest_version, state
      FROM ir_module_module
     WHERE state NOT IN ('uninstalled', 'uninstallable')
"""


def upgrade(settings, addons, days, months, make_backup):
    """The command.

    :param addons: these only; all when there are none
    :param make_backup: whether a backup is made first
    """
    name = settings.database
    users = database.users(name)
    if users:
        raise ProductionError(f"{name} is in use by {', '.join(users)}: stop Odoo first")
    before = _versions(name)
    unknown = sorted(set(addons) - before.keys())
    if unknown:
        raise ProductionError(f"not installed: {', '.join(unknown)}")
    if make_backup and backup.backup(settings, days, months) not in (0, backup.INCOMPLETE):
        raise ProductionError("no upgrade without a backup")
    what = ",".join(addons) or "all"
    options = ("--update", what, "--stop-after-init", "--no-http", "--workers=0", "--max-cron-threads=0")
    settings.run_odoo("server", "-d", name, *options, what="the upgrade")
    after = _versions(name)
    for addon, version in after.items():
        if before.get(addon) != version:
            say(f"{addon}: {before.get(addon, 'new')} → {version}")
    say(f"upgraded {name}: {what}")


def _versions(name):
    """{addon: version} of what is installed. Raises ProductionError when an upgrade was cut off."""
    with database.connected(name) as connection:
        found = database.rows(connection, _STATES)
    half = sorted(addon for addon, _version, state in found if state != "installed")
    if half:
        raise ProductionError(f"not finished: {', '.join(half)}; see above, or restore the backup")
    return {addon: version for addon, version, _state in found}
