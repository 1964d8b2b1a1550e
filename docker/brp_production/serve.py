"""`brp web`, `brp cron`, `brp odoo`: Odoo takes our place, so that signals and exit codes are its own."""

import os
import socket

# A job may take long: it commits as it goes, and is told to end only when it hangs.
_CRON_SECONDS = 1800


def web(settings, extra):
    """Serve people and outside services; jobs are run elsewhere."""
    _become(settings.odoo("server", "--max-cron-threads=0", *extra))


def cron(settings, name, extra):
    """Run jobs, one at a time; start as many as are wanted.

    :param name: what tells this one from others, for `brp health cron`
    """
    os.environ["PGAPPNAME"] = f"{application(name)}{{pid}}"
    limits = (f"--limit-time-cpu={_CRON_SECONDS}", f"--limit-time-real-cron={_CRON_SECONDS}")
    _become(settings.odoo("server", "--no-http", "--workers=1", "--max-cron-threads=1", *limits, *extra))


def odoo(settings, extra):
    """Odoo's own command line: `brp odoo shell`, `brp odoo module install …`."""
    _become(settings.odoo(*extra))


def application(name):
    """What the connections of a cron worker are called in PostgreSQL, up to the process's number."""
    return f"brp-cron-{(name or socket.gethostname())[:40]}-"


def _become(command):
    os.execvp(command[0], command)
