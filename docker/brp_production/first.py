"""`brp init`: the database of a business, with its first administrator. Before anybody can reach Odoo."""

import os
import secrets
import shutil

from . import database
from .settings import EXISTS, ProductionError, read_secret, say

_SHORTEST = 12

# Run by Odoo's shell.
_ADMINISTRATOR = """
import os
parameters = env["ir.config_parameter"]
parameters.set_param("web.base.url", os.environ["BRP_SITE"])
parameters.set_param("web.base.url.freeze", "True")
languages = env["res.lang"].with_context(active_test=False).search([("code", "in", ("en_US", "sv_SE"))])
missing = languages.filtered(lambda language: not language.active)
env["base.language.install"].create({"lang_ids": missing.ids}).lang_install()
with open(os.environ["ADMIN_PASSWORD_FILE"], encoding="utf-8") as file:
    password = file.read().strip()
env.ref("base.user_admin").write({"login": os.environ["BRP_LOGIN"], "email": os.environ["BRP_LOGIN"],
                                  "password": password, "tz": "Europe/Stockholm"})
env.cr.commit()
"""


def init(settings, site, login, language, addons):
    """The command.

    :param site: the address that people will use, "https://…"
    :param login: the first administrator's e-mail address
    :param addons: what to install
    """
    name = settings.database
    _refuse_early(name, site)
    try:
        _make(settings, name, language)
        if addons:
            _install(settings, name, addons)
        variables = {"BRP_SITE": site.rstrip("/"), "BRP_LOGIN": login}
        what = "setting up the administrator"
        settings.run_odoo("shell", "-d", name, "--no-http", what=what, script=_ADMINISTRATOR, **variables)
    except BaseException:
        # Half a database would be in the way, and its administrator has another password.
        database.drop(name)
        shutil.rmtree(settings.filestores / name, ignore_errors=True)
        raise
    say(f"Done. Start Odoo, then log in as {login} on {site}")


def _refuse_early(name, site):
    """Raise ProductionError for what would be seen only after minutes."""
    password_file = os.environ.get("ADMIN_PASSWORD_FILE")
    if not password_file:
        raise ProductionError("ADMIN_PASSWORD_FILE has to name the file with the administrator's password")
    if len(read_secret(password_file)) < _SHORTEST:
        raise ProductionError(f"the administrator's password needs at least {_SHORTEST} characters")
    if not site.startswith("https://"):
        raise ProductionError(f"the address has to begin with https://, unlike {site}")
    if database.exists(name):
        raise ProductionError(f"there is a database {name} already", EXISTS)


def _make(settings, name, language):
    """Make a database with nothing but Odoo's base."""
    # Others on this machine can read a command line: what stands there is replaced before anybody can log in.
    passing = secrets.token_urlsafe(32)
    say(f"Making the database {name}; this takes a minute")
    options = (f"--language={language}", "--country=SE", f"--password={passing}")
    settings.run_odoo("db", "init", name, *options, what="making the database")


def _install(settings, name, addons):
    """Install addons; raises ProductionError for those that are not there: Odoo passes over them."""
    say(f"Installing {' '.join(addons)}; this takes a minute or two")
    settings.run_odoo("module", "install", "-d", name, *addons, what="installing")
    with database.connected(name) as connection:
        query = "SELECT name FROM ir_module_module WHERE state = 'installed'"
        installed = {addon for (addon,) in database.rows(connection, query)}
    missing = sorted(set(addons) - installed)
    if missing:
        raise ProductionError(f"there is no addon {', '.join(missing)}: nothing is kept, run it again")
