"""Sundby Aktivitetscenter AB on the eve of the month: all is set up, and nothing is sold yet.

    python -m tests.e2e.company CONFIG DATABASE FOLDER

installs brp_demo in a copy of our addons' database, without its months of history. FOLDER is what Odoo
shares with the bank.
"""

import sys
from datetime import date

import odoo
from odoo import fields
from odoo.modules.registry import Registry

FIRST = date(2026, 11, 1)
# Customer: what is to be sold in installments.
QUOTATIONS = {
    "karin": "card_swimming",
    "maja": "card_training",
    "per": "card_swimming",
    "fatima": "card_training",
    "gustav": "card_relax",
}
# Odoo's own errands out on the internet.
AWAY = ("mail.ir_cron_module_update_notification", "digest.ir_cron_digest_scheduler_action")


def main(config, database, folder):
    options = ["-c", config, "-d", database, "--no-http", "-i", "brp_demo", "--log-level=warn"]
    odoo.tools.config.parse_config(options, setup_logging=True)
    # Our addons are found from now on.
    from odoo.addons.brp_demo import hooks

    hooks.create_history = lambda _env, _today: None
    registry = Registry.new(database, update_module=True, install_modules=["brp_demo"])
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {"lang": "sv_SE", "tz": "Europe/Stockholm"})
        _prepare(env, folder)


def _prepare(env, folder):
    from odoo.addons.brp_demo.autogiro import AutogiroStaff

    company = env.ref("base.main_company")
    company.autogiro_automatic = True
    env["ir.config_parameter"].set_param("brp_autogiro.directory", folder)
    bank = env["account.journal"].search([("code", "=", "BNK1"), ("company_id", "=", company.id)])
    env["brp.connection"].search([("provider", "=", "24seven")]).seven_journal_id = bank
    _round_cash(env, company)
    _wait_for_customers(AutogiroStaff(env, FIRST))
    env["ir.qweb"]._pregenerate_assets_bundles()
    for name in AWAY:
        env.ref(name).active = False
    # The database was made on another day, from which its jobs count.
    env["ir.cron"].search([]).write({"nextcall": fields.Datetime.now()})


def _round_cash(env, company):
    """Have what is paid in cash rounded to whole kronor."""
    account = env["account.account"].search([("code", "=", "3740"), ("company_ids", "=", company.id)])
    method = env["account.cash.rounding"].create(
        {
            "name": "Hel krona",
            "rounding": 1,
            "strategy": "add_invoice_line",
            "rounding_method": "HALF-UP",
            "profit_account_id": account.id,
            "loss_account_id": account.id,
        }
    )
    env["pos.config"].search([("company_id", "=", company.id)]).write(
        {"cash_rounding": True, "rounding_method": method.id, "only_round_cash_method": True}
    )


def _wait_for_customers(staff):
    for customer, products in QUOTATIONS.items():
        staff.quote(customer, products)
    staff.rent_out("builder", "rental_tractor", 3, discount=10)
    tenant = staff.bookkeeper.ref("brp_demo.customer_oskar")
    tenant.property_inbound_payment_method_line_id = staff.bookkeeper.company.autogiro_method_line_id
    staff.quote("oskar", "rental_hall", 2)


if __name__ == "__main__":
    main(*sys.argv[1:])
