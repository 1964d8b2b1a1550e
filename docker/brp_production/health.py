"""`brp health`: whether a service does what it is there for. Says what is wrong; the exit code is 1 then."""

import json
import urllib.error
import urllib.request
from datetime import datetime, timezone

from . import database, sets
from .serve import application
from .settings import ProductionError, say

# Jobs that are due since longer than this, and that nobody runs at this moment, are overdue.
_LATE_MINUTES = 15
_BACKUP_HOURS = 26


def web(settings):
    """The web workers answer and reach PostgreSQL; the process for web sockets answers."""
    for option, port, path in (
        ("http_port", 8069, "/web/health?db_server_status=1"),
        ("gevent_port", 8072, "/websocket/health"),
    ):
        address = f"http://127.0.0.1:{settings.option(option, port)}{path}"
        try:
            # A proxy that the environment names is not for this address.
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            answer = json.load(direct.open(address, timeout=10))
        except (OSError, ValueError) as error:
            raise ProductionError(f"{address}: {error}") from None
        if answer.get("status") != "pass":
            raise ProductionError(f"{address}: {answer}")
    say("web: well")


def cron(settings, name):
    """This worker listens for jobs, and no job that somebody could run is overdue."""
    with database.connected(settings.database) as connection:
        listening = (
            "SELECT 1 FROM pg_stat_activity WHERE datname = 'postgres' AND starts_with(application_name, %s)"
        )
        if not database.rows(connection, listening, application(name)):
            raise ProductionError("no cron worker of this name is connected to the database")
        late = [job for (job,) in database.rows(connection, _OVERDUE, *[f"{_LATE_MINUTES} minutes"] * 2)]
    if late:
        raise ProductionError(f"jobs are overdue: {', '.join(late)}")
    say("cron: well")


# A job that is being run is locked by who runs it.
_OVERDUE = """
    SELECT cron_name
      FROM ir_cron
     WHERE active
       AND (
           nextcall < now() AT TIME ZONE 'UTC' - %s::interval
           OR id IN (
               SELECT cron_id FROM ir_cron_trigger WHERE call_at < now() AT TIME ZONE 'UTC' - %s::interval
           )
       )
       FOR NO KEY UPDATE SKIP LOCKED
"""


def backup(settings):
    """There is a backup of the last day, of which nothing is missing."""
    found = sets.all_of(settings.backups, settings.database)
    if not found:
        raise ProductionError(f"no backup of {settings.database} in {settings.backups}")
    hours = (datetime.now(timezone.utc) - sets.moment_of(found[-1])).total_seconds() / 3600
    if hours > _BACKUP_HOURS:
        raise ProductionError(f"the newest backup is {hours:.0f} hours old: {found[-1]}")
    say(f"backup: well, {hours:.0f} hours old")
