from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TillCommon


@tagged("post_install", "-at_install")
class TestHold(TillCommon):
    """From when a time is chosen in the till until it is paid, nobody else gets it."""

    def test_held(self):
        slot = self.make_slot()
        self.assertFalse(self.hold("one", (slot, 1)))
        self.assertEqual(slot.free, 0)
        with self.assertRaisesRegex(UserError, "fully booked"):
            self.book(slot)

    def test_two_at_once(self):
        """The second till is told why, and keeps what it had."""
        court, pool = self.make_slot(), self.make_slot(self.pool)
        self.hold("one", (court, 1))
        self.hold("two", (pool, 2))
        refused = self.hold("two", (pool, 2), (court, 1))
        self.assertIn("Bana 1, Wed 4 Mar 17:00–18:00 is held for somebody who is just deciding", refused)
        pool.invalidate_recordset()
        self.assertEqual(pool.free, 1)

    def test_booked_meanwhile(self):
        slot = self.make_slot(self.pool)
        self.book(slot, places=2)
        refused = self.hold("one", (slot, 2))
        self.assertEqual(refused, "Bassängen, Wed 4 Mar 17:00–18:00 has only 1 free places.")

    def test_let_go(self):
        """A line that is removed, and an order that is cancelled, make its places free."""
        court, pool = self.make_slot(), self.make_slot(self.pool)
        self.hold("one", (court, 1), (pool, 2))
        self.hold("one", (pool, 1))
        (court + pool).invalidate_recordset()
        self.assertEqual((court.free, pool.free), (1, 2))
        self.hold("one")
        pool.invalidate_recordset()
        self.assertEqual(pool.free, 3)

    def test_saved_order_cancelled(self):
        slot = self.make_slot()
        self.hold("one", (slot, 1))
        order = self.sell("one", (slot, 1), state="draft", payment_ids=[], amount_paid=0)
        self.assertEqual((order.state, slot.free), ("draft", 0))
        self.assertFalse(slot.booking_ids)
        order.with_user(self.cashier).action_pos_order_cancel()
        slot.invalidate_recordset()
        self.assertEqual(slot.free, 1)

    def test_moved_to_an_order_of_its_own(self):
        """When what else was on the order is paid, the time can be paid on the other one at once."""
        slot = self.make_slot()
        self.hold("one", (slot, 1))
        other = self.prepare_line(slot, 1, None) | {"slot_id": False}
        self.sell("one", (slot, 1), lines=[Command.create(other)])
        self.assertFalse(self.hold("two", (slot, 1)))
        self.assertEqual(self.sell("two", (slot, 1)).lines.booking_ids.mapped("slot_id"), slot)

    def test_expires(self):
        """It is held for 15 minutes; who goes to pay has it for 15 more."""
        slot = self.make_slot()
        self.hold("one", (slot, 1))
        with freeze_time("2026-03-02 07:14:00"):
            self.hold("one", (slot, 1))
        with freeze_time("2026-03-02 07:28:00"):
            self.assertTrue(self.hold("two", (slot, 1)))
        with freeze_time("2026-03-02 07:30:00"):
            self.assertFalse(self.hold("two", (slot, 1)))
            self.assertTrue(self.hold("one", (slot, 1)))

    def test_not_for_sale(self):
        slot = self.make_slot()
        slot.action_close()
        self.assertEqual(self.hold("one", (slot, 1)), "Bana 1, Wed 4 Mar 17:00–18:00 is not for sale.")

    def test_begins_while_paying(self):
        """What was chosen before it began can be paid after."""
        slot = self.make_slot(start="2026-03-02 07:05:00", stop="2026-03-02 08:05:00")
        self.hold("one", (slot, 1))
        with freeze_time("2026-03-02 07:06:00"):
            self.assertFalse(self.hold("one", (slot, 1)))
            self.assertIn("has begun", self.hold("two", (slot, 1)))
            order = self.sell("one", (slot, 1))
        self.assertEqual(order.lines.booking_ids.state, "booked")
