from datetime import datetime

from odoo import Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.brp_connector.tests.common import CompanyCommon


class BookingCommon(CompanyCommon, AccountTestInvoicingCommon):
    """A Swedish facility with two padel courts and a pool of three places, on Monday 2 March 2026, 08:00."""

    now = "2026-03-02 07:00:00"  # Sweden has winter time

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("brp_marketplace.group_booking_manager")
        cls.env.user.group_ids += cls.env.ref("sales_team.group_sale_manager")
        cls.company.partner_id.write(
            {"street": "Hallgatan 1", "zip": "123 45", "city": "Sundby", "email": "hall@example.com"}
        )
        chart = cls.env["account.chart.template"].with_company(cls.company)
        cls.tax_6 = chart.ref("sale_tax_6_services")
        cls.tax_25 = chart.ref("sale_tax_25_services")
        (cls.tax_6 + cls.tax_25).price_include_override = "tax_included"
        cls.padel = cls.make_product("Padel 60 min", 320, cls.tax_6)
        cls.swim = cls.make_product("Bad", 95, cls.tax_25)
        cls.activity = cls.env["brp.activity"].create({"name": "Padel"})
        cls.bathing = cls.env["brp.activity"].create({"name": "Bad"})
        cls.facility = cls.env["brp.facility"].create(
            {
                "name": "Sundby Padel",
                "horizon": 7,
                "resource_ids": [
                    Command.create({"name": "Bana 1", "activity_id": cls.activity.id}),
                    Command.create({"name": "Bana 2", "activity_id": cls.activity.id}),
                    Command.create({"name": "Bassängen", "activity_id": cls.bathing.id, "places": 3}),
                ],
            }
        )
        cls.court, cls.court_2, cls.pool = cls.facility.resource_ids
        cls.desk = cls.make_user("booking_desk", "sales_team.group_sale_salesman")

    @classmethod
    def make_product(cls, name, price, tax):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "invoice_policy": "order",
                "is_slot": True,
                "list_price": price,
                "taxes_id": [Command.set(tax.ids)],
            }
        )

    @classmethod
    def make_week(cls, resources=None, **values):
        return cls.env["brp.slot.template"].create(
            {
                "facility_id": cls.facility.id,
                "resource_ids": [Command.set((resources or cls.court).ids)],
                "product_id": cls.padel.id,
                "hour_from": 17,
                "hour_to": 20,
                **values,
            }
        )

    @classmethod
    def make_slot(cls, resource=None, start="2026-03-04 16:00:00", stop="2026-03-04 17:00:00", **values):
        """Return a time; 16:00 UTC is 17:00 in Sweden."""
        resource = resource or cls.court
        product = cls.swim if resource == cls.pool else cls.padel
        return cls.env["brp.slot"].create(
            {
                "resource_id": resource.id,
                "product_id": product.id,
                "start": start,
                "stop": stop,
                **values,
            }
        )

    @classmethod
    def open_till(cls, **values):
        """Return an online till that is open for the facility; ``cls.token`` is its token."""
        till = (
            cls.env["brp.connection"]
            .sudo()
            .create({"name": "Marketplace", "provider": "marketplace", "several": True})
        )
        wizard = (
            cls.env["brp.marketplace.activate"]
            .sudo()
            .create(
                {
                    "connection_id": till.id,
                    "name": "Tidstorget",
                    "facility_ids": [Command.set(cls.facility.ids)],
                }
            )
        )
        wizard.action_next()
        till.write({"marketplace_commission": 12, **values})
        wizard.action_next()
        cls.token = wizard.token
        cls.receivable = till.marketplace_method_id.payment_account_id
        return till

    def sell(self, till, slot, uuid="0001", reference="TT-1", customer=None):
        """Have a marketplace sell a place of a time, as its API does."""
        customer = customer or self.env["res.partner"]._find_or_make_customer(
            self.company, "Kim Exempel", "kim@example.com", "070-123 45 67"
        )
        rows = slot._take_all(1, {"hold": uuid, "expires": datetime(2026, 3, 2, 8)})
        return (
            self.env["brp.channel.order"]
            .sudo()
            ._sell(till, uuid, customer, [(slot, rows[0])], {"reference": reference})
        )

    def book(self, slot, user=None, places=1, **values):
        """Book at the desk; returns the bookings."""
        wizard = self.env["brp.booking.desk"].with_user(user or self.env.user)
        before = slot.booking_ids
        wizard.create(
            {
                "slot_id": slot.id,
                "places": places,
                "name": "Kim Exempel",
                "email": "kim@example.com",
                **values,
            }
        ).action_book()
        slot.invalidate_recordset()
        return slot.booking_ids - before
