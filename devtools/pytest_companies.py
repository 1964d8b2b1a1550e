"""A pytest plugin that has companies ready, with their chart of accounts, for the tests that want one.

Odoo's AccountTestInvoicingCommon makes a company for each class of tests, which takes seconds. Whatever a
class does to one of these is rolled back, so that the next finds it as it was. And since they are committed,
PostgreSQL knows what is in their tables: planned by the statistics of empty ones, some of Odoo's own
questions about accounts take seconds as well.
"""

import pytest

COUNTRY = "SE"
# A class makes a second one at times, hardly ever a third.
COUNT = 2
# What tests call the company that they are in; others are made with what is told of them.
_NAMED = {"name"}


@pytest.fixture(scope="session", autouse=True)
def companies(load_registry):
    """Make the companies, and have classes of tests take them."""
    from odoo.addons.account.tests.common import AccountTestInvoicingCommon as Common

    with pytest.MonkeyPatch.context() as patch:
        made = _make(Common)
        patch.setattr(Common, "_create_company", classmethod(_taking(made, Common._create_company.__func__)))
        yield


def _make(common):
    """Return the numbers of the companies, which are committed."""
    import odoo
    from odoo import api

    class Maker(common):
        country_code = COUNTRY

    registry = odoo.modules.registry.Registry(odoo.tests.common.get_db_name())
    with registry.cursor() as cr:
        Maker.env = api.Environment(cr, api.SUPERUSER_ID, {})
        made = [Maker._create_company(name=f"Ready {number}").id for number in range(1, COUNT + 1)]
        Maker.env.user.company_ids -= Maker.env["res.company"].browse(made)
        cr.commit()
        cr.execute("ANALYZE")
    return made


def _taking(made, create):
    """Return what stands for `create`, Odoo's way to make a company, as long as there are some ready."""

    def take(cls, **values):
        from odoo import Command

        taken = cls.__dict__.get("_companies_taken", 0)
        if cls.country_code != COUNTRY or values.keys() - _NAMED or taken == len(made):
            return create(cls, **values)
        cls._companies_taken = taken + 1
        company = cls.env["res.company"].browse(made[taken])
        company.write({"name": "Test Company", **values})
        cls.env.user.company_ids = [Command.link(company.id)]
        return company

    return take
