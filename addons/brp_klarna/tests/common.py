from datetime import date

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.brp_connector.tests.common import CompanyCommon, find_connection
from odoo.addons.brp_settlement.tests.common import sums_of

from . import klarna


def vouchers_of(payout):
    """Return {date: {account number: balance}} of a payout's entries."""
    return {move.date: sums_of(move) for move in payout._get_moves()}


class KlarnaCommon(CompanyCommon, AccountTestInvoicingCommon):
    """A Swedish company connected to the simulator of Klarna, on 30 November 2026."""

    now = "2026-11-30 08:00:00"
    scenario = "reference"
    settings = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = find_connection(cls.company, "klarna")
        cls.bookkeeper = cls.make_user("klarna_bookkeeper", "account.group_account_manager")

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
        with self.as_jobs() as env:
            env["brp.connection"]._cron_fetch_klarna()
            env["brp.exchange"]._cron_send()
            env["brp.payout"]._cron_post()
            env["brp.klarna.day"]._cron_post()
            env["brp.exchange"]._cron_send()

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
