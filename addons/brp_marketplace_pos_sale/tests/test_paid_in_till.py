from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.brp_marketplace_pos.tests.common import TillCommon


@tagged("post_install", "-at_install")
class TestPaidInTill(TillCommon):
    """What was booked on a sales order is paid in the till, and refunded there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cashier.group_ids += cls.env.ref("sales_team.group_sale_salesman_all_leads")

    def prepare_line(self, slot, count, refunded):
        if refunded:
            return super().prepare_line(slot, count, refunded)
        return super().prepare_line(slot, count, refunded) | {
            "slot_id": False,
            "sale_order_origin_id": self.order.id,
            "sale_order_line_id": self.order.order_line.id,
        }

    def make_quotation(self, slot, places=1):
        return self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Kim Exempel"}).id,
                "order_line": [Command.create(slot._prepare_order_line() | {"product_uom_qty": places})],
            }
        )

    def pay(self, uuid, slot, places):
        return self.sell(uuid, (slot, places), customer=self.order.partner_id)

    def test_booked_before(self):
        """Two of the three places of the desk's booking are paid now, the third one later."""
        slot = self.make_slot(self.pool)
        bookings = self.book(slot, places=3).sorted("id")
        self.order = bookings.order_id
        self.assertEqual(bookings.mapped("paid"), ["no"] * 3)
        till = self.pay("one", slot, 2)
        self.assertEqual(sorted(bookings.mapped("paid")), ["no", "paid", "paid"])
        self.assertEqual(len(slot.booking_ids), 3)
        self.assertIn("Booking B", till.lines.booking_text)
        self.pay("two", slot, 1)
        self.assertEqual(bookings.mapped("paid"), ["paid"] * 3)
        self.assertEqual(set(bookings.mapped("source")), {"desk"})

    def test_rest_at_the_desk(self):
        """Two of three places are paid in the till: the desk takes 95 kr for the third one."""
        slot = self.make_slot(self.pool)
        bookings = self.book(slot, places=3)
        self.order = bookings.order_id
        self.pay("one", slot, 2)
        rest = bookings.filtered(lambda booking: booking.paid == "no")
        self.facility.desk_journal_ids = self.company_data["default_journal_bank"]
        with self.assertRaisesRegex(UserError, "it is paid there"):
            (bookings - rest)[0].with_user(self.desk).action_take_payment()
        action = rest.with_user(self.desk).action_take_payment()
        wizard = self.env["brp.booking.pay"].with_user(self.desk).browse(action["res_id"])
        self.assertEqual((wizard.amount, wizard.booking_ids), (95.0, rest))
        wizard.action_take_payment()
        self.env.invalidate_all()
        self.assertEqual(bookings.mapped("paid"), ["paid"] * 3)
        self.assertEqual(self.order.invoice_ids.amount_total, 95.0)

    def test_cancel_what_is_not_paid(self):
        """Of three places two are paid in the till: the third one is cancelled in the office, nothing of it
        being invoiced, and the order is for two."""
        slot = self.make_slot(self.pool)
        bookings = self.book(slot, places=3).sorted("id")
        self.order = bookings.order_id
        self.pay("one", slot, 2)
        unpaid = bookings.filtered(lambda booking: booking.paid == "no")
        unpaid._cancel("facility")
        self.assertEqual(unpaid.state, "cancelled")
        self.assertFalse(self.order.invoice_ids)
        self.assertEqual((self.order.state, self.order.amount_total), ("sale", 190.0))

    def test_refunded(self):
        """In the till, not in the back office; the order is not credited as well."""
        slot = self.make_slot()
        booking = self.book(slot)
        self.order = booking.order_id
        till = self.pay("one", slot, 1)
        with self.assertRaisesRegex(UserError, "refund it in the till"), self.cr.savepoint():
            booking._cancel("facility")
        self.env.invalidate_all()
        refund = self.sell("back", (slot, -1), refunded=[till.lines], customer=booking.partner_id)
        self.assertEqual(refund.amount_total, -320)
        self.assertRecordValues(booking, [{"state": "cancelled", "paid": "refunded"}])
        self.assertEqual(slot.free, 1)
        self.assertFalse(self.order.invoice_ids)

    def test_quotation(self):
        """It is booked as it is paid."""
        slot = self.make_slot()
        self.order = self.make_quotation(slot)
        till = self.pay("one", slot, 1)
        self.assertEqual(self.order.state, "sale")
        self.assertRecordValues(
            slot.booking_ids, [{"state": "booked", "paid": "paid", "pos_order_id": till.id, "price": 320}]
        )
        self.assertFalse(till.slot_warning)

    def test_quotation_of_what_is_taken(self):
        """The sale is kept, and it is told that the time is not booked."""
        slot = self.make_slot()
        self.order = self.make_quotation(slot)
        taken = self.book(slot)
        till = self.pay("one", slot, 1)
        self.assertEqual((till.state, self.order.state), ("paid", "sale"))
        self.assertEqual(slot.booking_ids, taken)
        self.assertIn("1 paid and not booked", till.slot_warning)
        self.assertFalse(self.order.booking_ids)
