from datetime import date, timedelta

from odoo import SUPERUSER_ID, Command, api, fields

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.brp_connector.tests.common import CompanyCommon, find_connection

from . import seven


class SevenCommon(CompanyCommon, AccountTestInvoicingCommon):
    """A Swedish company connected to the simulator of 24SevenOffice, on 22 November 2026."""

    now = "2026-11-22 08:00:00"
    settings = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = find_connection(cls.company, "24seven")
        # A user who does no more than is told of the group.
        cls.manager = cls.make_user("seven_manager", "account.group_account_manager")
        cls.clerk = cls.make_user("seven_clerk", "account.group_account_invoice")
        cls.vat = cls._make_tax(25)
        cls.tractor = cls._make_product("Traktor")
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Ek Maskin AB",
                "is_company": True,
                "company_registry": "556000-1234",
                "email": "faktura@ek.example",
                "street": "Storgatan 1",
                "zip": "111 22",
                "city": "Sundby",
                "country_id": cls.env.ref("base.se").id,
            }
        )
        cls.person = cls.env["res.partner"].create(
            {"name": "Anna Maria Lund", "email": "anna@lund.example", "street": "Byvägen 2", "city": "Sundby"}
        )

    @classmethod
    def _make_tax(cls, rate, included=False):
        return cls.env["account.tax"].create(
            {
                "name": f"Test {rate} {included}",
                "amount": rate,
                "amount_type": "percent",
                "type_tax_use": "sale",
                "price_include_override": "tax_included" if included else "tax_excluded",
            }
        )

    def by_rate(self, *rates):
        """Return a line of 1 000 kronor for each rate."""
        return [self.line(tax_ids=[Command.set(self._make_tax(rate).ids)]) for rate in rates]

    @classmethod
    def _make_product(cls, name):
        return cls.env["product.product"].create(
            {"name": name, "type": "service", "taxes_id": [Command.set(cls.vat.ids)]}
        )

    def setUp(self):
        super().setUp()
        self.service = seven.start(**self.settings)
        self.addCleanup(self.service.stop)
        # Calls are counted, and sessions kept, in transactions of their own.
        self.env.flush_all()
        if not self._registry_patched:  # as tests in a browser do
            self.registry_enter_test_mode()
        if self.now:
            self.service.set_clock("2026-11-22")
        self.connection.sudo().seven_address = self.service.url
        self.company.name = seven.COMPANY
        self.env.flush_all()

    def open_dialog(self, **values):
        """Return the dialog that connects, filled in as far as the company."""
        action = self.connection.with_user(self.manager).action_activate()
        dialog = self.env[action["res_model"]].with_user(self.manager).browse(action["res_id"])
        dialog.write(
            {"user": seven.USER, "password": seven.PASSWORD, "application": seven.APPLICATION, **values}
        )
        return dialog

    def activate(self, company=seven.COMPANY):
        """Connect as the dialog does, with what it proposes."""
        dialog = self.open_dialog()
        dialog.action_next()
        dialog.identity_id = dialog.sudo().identity_ids.filtered(lambda one: one.name == company)
        dialog.action_next()
        dialog.action_next()

    # === INVOICES === #

    def line(self, **values):
        return Command.create(
            {
                "product_id": self.tractor.id,
                "price_unit": 1000,
                "tax_ids": [Command.set(self.vat.ids)],
                **values,
            }
        )

    def rent(self, **values):
        """A tractor for three days, less ten percent."""
        return self.line(
            name="Traktor 90 hk",
            quantity=3,
            discount=10,
            rent_start=date(2026, 11, 23),
            rent_stop=date(2026, 11, 25),
            **values,
        )

    def invoice(self, *lines, post=True, **values):
        """Return an invoice that is data for accounting, posted."""
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": date(2026, 11, 22),
                "invoice_date_due": date(2026, 12, 12),
                "invoice_payment_term_id": False,
                "seven_type": "accounting",
                "invoice_line_ids": list(lines) or [self.rent()],
                **values,
            }
        )
        if post:
            move.action_post()
        return move

    def run_jobs(self):
        """Have the queue sent."""
        self.env.flush_all()
        with self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["brp.exchange"]._cron_send()
        self.env.invalidate_all()

    def run_status_job(self):
        """Run the job, an hour after anything was asked before."""
        checked = self.env["account.move"].search([("seven_checked", "!=", False)])
        checked.seven_checked = fields.Datetime.now() - timedelta(hours=1)
        self.env.flush_all()
        self.env.ref("brp_24seven.ir_cron_seven").method_direct_trigger()
        self.env.invalidate_all()

    def send(self, moves, user=None):
        """Press the button, and have the queue sent; return what the button said."""
        told = moves.with_user(user or self.clerk).action_seven_send()
        self.run_jobs()
        return told["params"]["message"]

    def check(self, moves):
        moves.with_user(self.clerk).action_seven_check()

    def let_time_pass(self):
        """What is to be tried again later is due now."""
        self.connection.sudo().write({"next_try": False})
        self.exchanges("pending").sudo().write({"next_attempt": fields.Datetime.now()})

    # === WHAT IS THERE === #

    def exchanges(self, *states):
        domain = [("connection_id", "=", self.connection.id)]
        return self.env["brp.exchange"].search([*domain, ("state", "in", states)] if states else domain)

    @property
    def office(self):
        return self.service.office()

    @property
    def orders(self):
        return list(self.office.orders.values())

    def order_of(self, move):
        return self.office.orders[int(move.seven_order)]

    def count(self, operation):
        """Return how many calls of an operation there have been."""
        return sum(hour.get(operation, 0) for hour in self.service.counters.values())

    def change(self, move, **values):
        """Edit a posted invoice as people do."""
        move.button_draft()
        move.invoice_line_ids[:1].write(values)
        move.action_post()

    def assert_sound(self):
        """The service understood all that it was sent, and has nothing twice."""
        self.assertEqual((self.service.breaches, self.service.duplicates), ([], []))
