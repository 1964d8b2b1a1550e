"""What the tests of addons that connect to services share."""

import importlib
import sys
from contextlib import contextmanager
from pathlib import Path
from unittest import SkipTest
from uuid import uuid4

from odoo import SUPERUSER_ID, Command, api
from odoo.tests import freeze_time, get_db_name, new_test_user
from odoo.tools import config

TESTS = Path(__file__).resolve().parents[3] / "tests"
SIMULATORS = TESTS / "simulators"


def load(name):
    """Return a module of the repository's folder tests/, or a simulator; skips where that is not there."""
    if not SIMULATORS.is_dir():
        raise SkipTest(f"{name} is not here: it lies outside the addons, in tests of the repository")
    for folder in (str(TESTS), str(SIMULATORS)):
        if folder not in sys.path:
            sys.path.append(folder)
    return importlib.import_module(name)


def odoo_options():
    """Return the options with which another process uses the database of the tests, and their addons."""
    options = ["-d", get_db_name(), f"--addons-path={','.join(config['addons_path'])}"]
    for option in ("db_host", "db_port", "db_user", "db_password"):
        if config[option]:
            options.append(f"--{option}={config[option]}")
    return [*options, f"--data-dir={config['data_dir']}", "--log-level=error"]


def odoo_command(script, *arguments):
    """Return the command of a process that runs a script with the database of the tests.

    :param script: its text, which may use what is imported below, and ``registry``
    :param arguments: what it finds in ``sys.argv[1:]``
    """
    begin = f"""
import os
import signal
import sys
import odoo
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

odoo.tools.config.parse_config({[*odoo_options(), "--no-http"]!r}, setup_logging=True)
registry = Registry({get_db_name()!r})
"""
    return [sys.executable, "-c", begin + script, *map(str, arguments)]


def make_company(env, name):
    """Return a new Swedish company with a chart of accounts, in an environment of its own.

    For what is committed: companies are never deleted, so its name goes on with what no other has.
    """
    env.ref("base.SEK").active = True
    company = env["res.company"].create(
        {
            "name": f"{name} {uuid4()}",
            "country_id": env.ref("base.se").id,
            "currency_id": env.ref("base.SEK").id,
        }
    )
    company = company.with_context(allowed_company_ids=company.ids)
    company.env["account.chart.template"].try_loading("se", company=company, install_demo=False)
    return company


def find_connection(company, provider):
    """Return a company's connection to a service, made if nobody has seen its card yet."""
    connections = company.env["brp.connection"]
    connections._make_cards(company)
    return connections.search([("provider", "=", provider), ("company_id", "=", company.id)])


class CompanyCommon:
    """A Swedish company, ``company``, at a moment. It comes before the class that makes the company."""

    country_code = "SE"
    now = None  # UTC; None: the machine's clock

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.now:
            frozen = freeze_time(cls.now)
            frozen.start()
            cls.addClassCleanup(frozen.stop)
        # Test processes that run side by side share a filestore, and their files are alike.
        cls.env["ir.config_parameter"].sudo().set_param("ir_attachment.location", "db")
        cls.company = cls.env.company

    @classmethod
    def make_user(cls, login, groups, company=None, **values):
        """Return a new user of the company, or of others."""
        company = company or cls.company
        return new_test_user(
            cls.env,
            login,
            groups,
            company_id=company[:1].id,
            company_ids=[Command.set(company.ids)],
            **{"email": f"{login}@example.com", **values},
        )

    @contextmanager
    def as_jobs(self):
        """Give the environment in which Odoo runs scheduled actions, in a transaction of its own."""
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})
        self.env.invalidate_all()
