from datetime import date

from odoo import SUPERUSER_ID, Command, api
from odoo.tests import freeze_time, new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from . import klarna


def sums_of(moves):
    """Return {account number: balance} of entries."""
    sums = {}
    for item in moves.line_ids:
        code = item.account_id.code
        sums[code] = round(sums.get(code, 0) + item.balance, 2)
    return {code: amount for code, amount in sums.items() if amount}


def vouchers_of(payout):
    """Return {date: {account number: balance}} of a payout's entries."""
    return {move.date: sums_of(move) for move in payout._get_moves()}


class KlarnaCommon(AccountTestInvoicingCommon):
    """A Swedish company connected to the simulator of Klarna, on 30 November 2026."""

    now = "2026-11-30 08:00:00"  # UTC
    scenario = "reference"
    settings = {}

    @classmethod
    @AccountTestInvoicingCommon.setup_country("se")
    def setUpClass(cls):
        super().setUpClass()
        frozen = freeze_time(cls.now)
        frozen.start()
        cls.addClassCleanup(frozen.stop)
        # Test processes that run side by side share a filestore, and their files are alike.
        cls.env["ir.config_parameter"].sudo().set_param("ir_attachment.location", "db")
        cls.company = cls.env.company
        cls.env["brp.connection"]._make_cards(cls.company)
        cls.connection = cls.env["brp.connection"].search(
            [("provider", "=", "klarna"), ("company_id", "=", cls.company.id)]
        )
        cls.bookkeeper = new_test_user(
            cls.env,
            "klarna_bookkeeper",
            groups="account.group_account_manager",
            company_ids=[Command.set(cls.company.ids)],
            company_id=cls.company.id,
            email="bookkeeper@example.com",
        )

    def setUp(self):
        super().setUp()
        self.service = klarna.start(self.scenario, **self.settings)
        self.addCleanup(self.service.stop)

    def activate(self, **values):
        """Connect as the dialog does, with the accounts that it proposes."""
        connection = self.connection.sudo()
        connection.write(
            {
                "klarna_region": "host",
                "klarna_host": self.service.url,
                "klarna_user": klarna.USER,
                "klarna_password": klarna.PASSWORD,
                "klarna_start_date": date(2026, 10, 1),
                **values,
            }
        )
        connection._set_up_klarna()
        connection._activate()
        self.channel = connection.payout_channel_id
        self.receivable = self.channel.receivable_account_id

    def run_jobs(self):
        """Have the scheduled actions do their work: list, fetch, post, documents."""
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["brp.connection"]._cron_fetch_klarna()
            env["brp.exchange"]._cron_send()
            env["brp.payout"]._cron_post()
            env["brp.klarna.day"]._cron_post()
            env["brp.exchange"]._cron_send()
        self.env.invalidate_all()

    def payout(self, name="2611040001"):
        return self.env["brp.payout"].search([("name", "=", name)])

    def rows(self, moves):
        return sums_of(moves)

    def vouchers(self, payout):
        return vouchers_of(payout)

    def open_on_receivable(self):
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.receivable.id), ("parent_state", "=", "posted")]
        )
        return round(sum(items.mapped("balance")), 2), items.filtered(lambda item: not item.reconciled)
