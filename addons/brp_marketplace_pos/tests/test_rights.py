from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import TillCommon


@tagged("post_install", "-at_install")
class TestRights(TillCommon):
    """The cashier needs no rights but the till's, and gets none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Norrby AB"})
        other = cls.env(context={**cls.env.context, "allowed_company_ids": cls.other_company.ids})
        cls.other_slot = (
            other["brp.facility"]
            .create(
                {
                    "name": "Norrby Padel",
                    "company_id": cls.other_company.id,
                    "partner_id": cls.other_company.partner_id.id,
                    "resource_ids": [Command.create({"name": "Bana 9", "activity_id": cls.activity.id})],
                }
            )
            .resource_ids
        )
        cls.other_slot = other["brp.slot"].create(
            {
                "resource_id": cls.other_slot.id,
                "product_id": cls.padel.id,
                "start": "2026-03-04 16:00:00",
                "stop": "2026-03-04 17:00:00",
            }
        )

    def test_cashier(self):
        """Sells and refunds a time, and reads no bookings."""
        slot = self.make_slot()
        self.assertFalse(self.cashier.has_group("brp_marketplace.group_booking_user"))
        self.hold("one", (slot, 1))
        order = self.sell("one", (slot, 1))
        self.assertTrue(order.lines.booking_ids)
        with self.assertRaises(AccessError):
            order.lines.booking_ids.with_user(self.cashier).read(["access_code"])
        with self.assertRaises(AccessError):
            slot.with_user(self.cashier).write({"price_unit": 1})
        [values] = (
            self.env["brp.slot"]
            .with_user(self.cashier)
            ._load_pos_data_read(slot.with_user(self.cashier), self.config)
        )
        self.assertEqual(values["display_name"], "Bana 1, Wed 4 Mar 17:00–18:00")

    def test_without_the_till(self):
        """Others do not hold times by the till's way."""
        somebody = new_test_user(self.env, "somebody", groups="base.group_user")
        till = self.config.with_user(somebody)
        with self.assertRaises(AccessError):
            till.find_slots()
        with self.assertRaises(AccessError):
            till.hold_slots("one", [[self.make_slot().id, 1]])

    def test_other_company(self):
        """Another company's times are neither shown, held nor sold."""
        found = self.config.with_user(self.cashier).find_slots("2026-03-04", self.activity.id)
        self.assertEqual(found["slots"], [])
        with self.assertRaisesRegex(UserError, "not sold in this till"):
            self.hold("one", (self.other_slot, 1))
        with self.assertRaisesRegex(ValidationError, "not sold in this till"), self.cr.savepoint():
            self.sell("one", (self.other_slot, 1))
        self.assertFalse(self.other_slot.sudo().booking_ids)

    def test_other_companys_cashier(self):
        stranger = self.make_user(
            "stranger", "base.group_user,point_of_sale.group_pos_user", self.other_company
        )
        with self.assertRaises(AccessError):
            self.config.with_user(stranger).find_slots()
        with self.assertRaises(AccessError):
            self.config.with_user(stranger).hold_slots("one", [[self.make_slot().id, 1]])

    def test_other_facility(self):
        """Nor are those of a facility that is not the till's."""
        slot = self.make_slot()
        self.config.slot_facility_ids = self.env["brp.facility"].create({"name": "Annexet"})
        with self.assertRaisesRegex(UserError, "not sold in this till"):
            self.hold("one", (slot, 1))

    def test_other_currency(self):
        """A till that charges euro does not sell what is priced in kronor."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        journal = self.env["account.journal"].create(
            {"name": "Kassa EUR", "type": "sale", "code": "KEUR", "currency_id": euro.id}
        )
        till = self.env["pos.config"].create({"name": "Euro", "journal_id": journal.id})
        with self.assertRaisesRegex(UserError, "Times are priced in SEK"):
            till.with_user(self.cashier).find_slots()
