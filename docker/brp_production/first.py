"""`brp init`: the database of a business, with its first administrator. Before anybody can reach Odoo."""

import os
import secrets

from . import database
from .settings import ProductionError, read_secret, say

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
    password_file = os.environ.get("ADMIN_PASSWORD_FILE")
    if not password_file:
        raise ProductionError("ADMIN_PASSWORD_FILE has to name the file with the administrator's password")
    if len(read_secret(password_file)) < _SHORTEST:
        raise ProductionError(f"the administrator's password needs at least {_SHORTEST} characters")
    if not site.startswith("https://"):
        raise ProductionError(f"the address has to begin with https://, unlike {site}")
    if database.exists(name):
        raise ProductionError(f"there is a database {name} already", 5)
    # Others on this machine can read a command line: what stands there is replaced before anybody can log in.
    passing = secrets.token_urlsafe(32)
    say(f"Making the database {name}; this takes a minute")
    settings.run_odoo(
        "db",
        "init",
        name,
        f"--language={language}",
        "--country=SE",
        f"--password={passing}",
        what="making the database",
    )
    if addons:
        say(f"Installing {' '.join(addons)}; this takes a minute or two")
        settings.run_odoo("module", "install", "-d", name, *addons, what="installing")
        _refuse_unfinished(name, addons)
    settings.run_odoo(
        "shell",
        "-d",
        name,
        "--no-http",
        what="setting up the administrator",
        script=_ADMINISTRATOR,
        BRP_SITE=site.rstrip("/"),
        BRP_LOGIN=login,
    )
    say(f"Done. Start Odoo, then log in as {login} on {site}")


def _refuse_unfinished(name, addons):
    """Raise ProductionError where addons are not installed: Odoo passes over names that it does not know."""
    with database.connected(name) as connection:
        query = "SELECT name FROM ir_module_module WHERE state = 'installed'"
        installed = {addon for (addon,) in database.rows(connection, query)}
    missing = sorted(set(addons) - installed)
    if missing:
        raise ProductionError(f"not installed: {', '.join(missing)}")
