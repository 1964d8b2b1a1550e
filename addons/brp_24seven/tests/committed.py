from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name

from odoo.addons.brp_connector.tests.common import find_connection, make_company

from . import seven


class SevenCommitted(BaseCase):
    """A company whose connection and invoices all processes see: what is done is committed."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.service = seven.start()
        self.addCleanup(self.service.stop)
        with self.registry.cursor() as cr:
            company = make_company(api.Environment(cr, SUPERUSER_ID, {}), "At once")
            self.company_id = company.id
            connection = find_connection(company, "24seven")
            connection.seven_address = self.service.url
            self.connection_id = connection.id
        self.addCleanup(self._take_away)

    def _get_env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})

    def _take_away(self):
        """Leave nothing that other tests would work on; companies and their entries are never deleted."""
        with self.registry.cursor() as cr:
            env = self._get_env(cr)
            connection = env["brp.connection"].browse(self.connection_id)
            connection.exchange_ids.unlink()
            connection.state = "new"
            moves = env["account.move"].search([("company_id", "=", self.company_id)])
            moves.write({"seven_state": False, "seven_order": False, "seven_type": "invoice"})
            env.company.active = False

    def _connect(self):
        """Go through the dialog, each step in its own transaction."""
        with self.registry.cursor() as cr:
            env = self._get_env(cr)
            dialog = env["brp.24seven.activate"].create({"connection_id": self.connection_id})
            dialog.write({"user": seven.USER, "password": seven.PASSWORD, "application": seven.APPLICATION})
            number = dialog.id
        for _step in range(3):
            with self.registry.cursor() as cr:
                # Who waits for himself would wait for ever.
                cr.execute("SET LOCAL lock_timeout = '20s'")
                dialog = self._get_env(cr)["brp.24seven.activate"].browse(number)
                if dialog.step == "company":
                    dialog.identity_id = dialog.identity_ids.filtered(lambda one: one.name == seven.COMPANY)
                dialog.action_next()

    def _invoice(self):
        [number] = self._invoices(1)
        return number

    def _invoices(self, count, customers=1):
        """Return the ids of invoices to customers who take turns."""
        with self.registry.cursor() as cr:
            env = self._get_env(cr)
            partners = env["res.partner"].create(
                [
                    {"name": f"Anna Lund {number}", "email": f"anna.{number}@lund.example"}
                    for number in range(customers)
                ]
            )
            moves = env["account.move"].create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": partners[number % customers].id,
                        "invoice_date": "2026-11-22",
                        "seven_type": "accounting",
                        "invoice_line_ids": [
                            Command.create({"name": "Traktor", "price_unit": 1000, "tax_ids": False})
                        ],
                    }
                    for number in range(count)
                ]
            )
            moves.action_post()
            return moves.ids

    def _run_queue(self):
        with self.registry.cursor() as cr:
            self._get_env(cr)["brp.exchange"]._cron_send()
