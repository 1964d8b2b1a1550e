from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.brp_connector.tests.common import CompanyCommon

from . import tidstorget

STATEMENT_TOKEN = "tidstorget-utbetalning"


@tagged("post_install", "-at_install")
class TestTour(CompanyCommon, AccountTestInvoicingCommon, HttpCase):
    """A till is opened on the screens, in Swedish; the marketplace's simulator sells and pays out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("sv_SE")
        cls.env = cls.env(user=cls.env.ref("base.user_root"), su=True)
        cls.company = cls.company_data["company"]
        cls.env.user.company_ids += cls.company
        cls.env = cls.env(context={"allowed_company_ids": cls.company.ids})
        cls.company.partner_id.write(
            {
                "street": "Hallgatan 1",
                "zip": "123 45",
                "city": "Sundby",
                "country_id": cls.env.ref("base.se").id,
                "lang": "sv_SE",
            }
        )
        cls.make_user(
            "tour_marketplace",
            "base.group_user,account.group_account_manager,brp_marketplace.group_booking_manager,"
            "sales_team.group_sale_manager",
            lang="sv_SE",
            tz="Europe/Stockholm",
        )
        tax = cls.env["account.chart.template"].with_company(cls.company).ref("sale_tax_6_services")
        tax.price_include_override = "tax_included"
        product = cls.env["product.product"].create(
            {
                "name": "Padel",
                "type": "service",
                "invoice_policy": "order",
                "is_slot": True,
                "list_price": 320,
                "taxes_id": [Command.set(tax.ids)],
            }
        )
        facility = cls.env["brp.facility"].create({"name": "Tourhallen", "company_id": cls.company.id})
        court = cls.env["brp.resource"].create(
            {
                "name": "Bana 1",
                "facility_id": facility.id,
                "activity_id": cls.env["brp.activity"].create({"name": "Padel"}).id,
            }
        )
        start = fields.Datetime.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
        cls.slots = cls.env["brp.slot"].create(
            [
                {
                    "resource_id": court.id,
                    "product_id": product.id,
                    "start": start + timedelta(hours=hour),
                    "stop": start + timedelta(hours=hour + 1),
                }
                for hour in (0, 1)
            ]
        )
        cls.till = cls.env["brp.connection"].create(
            {
                "name": "Tourtorget",
                "provider": "marketplace",
                "several": True,
                "company_id": cls.company.id,
            }
        )

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].set_param("brp_openactive.site", self.base_url())
        self.market = tidstorget.start(commission=1200)
        self.addCleanup(self.market.stop)

    def outside(self):
        """Let the simulator call Odoo."""
        self.env.flush_all()
        return self.allow_requests(all_requests=True)

    def test_month(self):
        """Two hours at 320 kr are sold, one is cancelled: 320 less 38.40 and 9.60 is paid out, 272.00."""
        action = self.env.ref("brp_connector.action_integrations")
        self.start_tour(f"/odoo/action-{action.id}", "brp_marketplace_open", login="tour_marketplace")
        self.assertEqual(self.till.state, "active")
        token, address = self.till._make_token(), self.till.openactive_address
        with self.outside():
            self.market.connect(dataset=address, token=token, statement_token=STATEMENT_TOKEN)
            bought = [
                self.market.book([f"{address}/slots/{slot}"], name=name, email=email)
                for slot, name, email in zip(
                    self.slots.ids,
                    ("Lisa Tour", "Bo Tour"),
                    ("lisa@example.com", "bo@example.com"),
                    strict=True,
                )
            ]
        self.env.invalidate_all()
        bookings = self.slots.booking_ids.sorted("start")
        self.assertEqual(bookings.mapped("paid"), ["paid", "paid"])
        self.assertEqual([purchase.order_number for purchase in bought], bookings.mapped("name"))
        self.start_tour("/odoo/bookings", "brp_marketplace_booked", login="tour_marketplace")
        self.env.invalidate_all()
        self.assertEqual(bookings.mapped("paid"), ["refunded", "paid"])
        with self.outside():
            self.market.harvest()
            self.market.pay_out()
        self.assertEqual(bought[0].refunded, 32000)
        month = fields.Date.context_today(self.till.with_context(tz="Europe/Stockholm"))
        self.till.write(
            {
                # What is sold this month is paid out by the statement of this month.
                "marketplace_statement_url": f"{self.market.url}/statements/{month:%Y-%m}.csv?m={{month}}",
                "marketplace_statement_token": STATEMENT_TOKEN,
            }
        )
        self.start_tour(
            f"/odoo/brp.connection/{self.till.id}", "brp_marketplace_payout", login="tour_marketplace"
        )
        payout = self.env["brp.payout"].search([("channel_id", "=", self.till.payout_channel_id.id)])
        self.assertEqual((payout.state, payout.amount_paid), ("posted", 272.0))
        self.assertFalse(payout.marketplace_notice)
        open_items = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.till.marketplace_method_id.payment_account_id.id),
                ("reconciled", "=", False),
            ]
        )
        self.assertFalse(open_items)
        self.assertFalse(self.market.look()["systems"][0].get("breaches"))
