"""The command line of `brp`."""

import argparse
import os

from . import backup, first, health, restore, serve, settings, upgrade


def main(argv):
    """Carry out one command. Returns the exit code."""
    options, extra = _parser().parse_known_args(argv)
    if extra and not options.passes_on:
        _parser().error(f"unrecognized arguments: {' '.join(extra)}")
    try:
        return options.run(settings.read(), options, extra) or 0
    except settings.ProductionError as error:
        settings.warn(error)
        return error.code
    except KeyboardInterrupt:
        return 130


def _parser():
    parser = argparse.ArgumentParser(prog="brp", description="Run BRP for Odoo, and look after it.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name, run, text, passes_on=False):
        added = commands.add_parser(name, help=text, description=text, add_help=not passes_on)
        added.set_defaults(run=run, passes_on=passes_on)
        return added

    command("web", lambda at, _options, extra: serve.web(at, extra), "serve people", passes_on=True)

    added = command(
        "cron", lambda at, options, extra: serve.cron(at, options.name, extra), "run jobs", passes_on=True
    )
    added.add_argument("--name", help="what tells it from others (the host's name)")

    command("odoo", lambda at, _options, extra: serve.odoo(at, extra), "Odoo's own commands", passes_on=True)

    added = command("init", _init, "make the database, with its administrator")
    added.add_argument("addons", nargs="*", metavar="ADDON", help="to install")
    added.add_argument("--site", required=True, help="the address that people will use: https://…")
    added.add_argument("--login", required=True, help="the administrator's e-mail address")
    added.add_argument("--language", default="sv_SE", help="of the administrator (sv_SE)")

    _retention(command("backup", _backup, "make a backup of database and files"))
    command("backups", lambda at, _options, _extra: backup.show(at), "list the backups")
    added = command("verify", _verify, "say whether a backup is whole")
    added.add_argument("set", help="its folder, its name, or: latest")

    added = command("restore", _restore, "make a database from a backup")
    added.add_argument("set", help="its folder, its name, or: latest")
    kind = added.add_mutually_exclusive_group(required=True)
    kind.add_argument("--copy", action="store_true", help="for tests: it will send nothing to anybody")
    kind.add_argument(
        "--production", action="store_true", help="in place of the lost one: it goes on sending"
    )
    added.add_argument("--database", help="the name of the database to make (the one in the configuration)")
    added.add_argument("--replace", action="store_true", help="lose the database that has the name now")

    added = command("upgrade", _upgrade, "bring the database to the versions that are installed here")
    added.add_argument("addons", nargs="*", metavar="ADDON", help="these only (all)")
    added.add_argument("--no-backup", action="store_true", help="when one was made just now")
    _retention(added)

    added = command("health", _health, "whether a service is well")
    added.add_argument("service", choices=("web", "cron", "backup"))
    added.add_argument("--name", help="of the cron worker (the host's name)")
    return parser


def _retention(parser):
    for name, count in (("days", 14), ("months", 12)):
        variable = f"BRP_KEEP_{name.upper()}"
        parser.add_argument(
            f"--keep-{name}",
            type=int,
            default=os.environ.get(variable) or count,
            help=f"for how many of the last {name} one backup is kept ({variable}, or {count})",
        )


def _init(at, options, _extra):
    first.init(at, options.site, options.login, options.language, options.addons)


def _backup(at, options, _extra):
    return backup.backup(at, options.keep_days, options.keep_months)


def _verify(at, options, _extra):
    backup.verify(at, options.set)


def _restore(at, options, _extra):
    name = options.database or at.database
    restore.restore(at, options.set, name, options.copy, options.replace)


def _upgrade(at, options, _extra):
    keep = (options.keep_days, options.keep_months)
    upgrade.upgrade(at, options.addons, *keep, not options.no_backup)


def _health(at, options, _extra):
    if options.service == "cron":
        health.cron(at, options.name)
    else:
        {"web": health.web, "backup": health.backup}[options.service](at)
