from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import TillCommon


@tagged("post_install", "-at_install")
class TestMove(TillCommon):
    """What the till has sold is moved at the desk; the receipt stays what it was."""

    def move(self, booking, slot, **values):
        action = booking.with_user(self.desk).action_move()
        dialog = self.env[action["res_model"]].with_user(self.desk).with_context(**action["context"])
        dialog.create({"slot_id": slot.id, **values}).action_move()
        self.env.invalidate_all()

    def test_moved_and_refunded(self):
        """The till's line tells what was sold; its refund frees the new time."""
        slot, other = self.make_slot(), self.make_slot(self.court_2)
        line = self.sell("one", (slot, 1)).lines
        booking, receipt = line.booking_ids, line.booking_text
        self.move(booking, other)
        self.assertEqual((booking.slot_id, slot.free, other.free), (other, 1, 0))
        self.assertEqual((line.slot_id, line.booking_text), (slot, receipt))
        self.assertEqual((booking.paid, booking.price), ("paid", 320.0))
        self.assertFalse(line.order_id.slot_warning)
        with self.assertRaisesRegex(UserError, "refund it in the till"), self.cr.savepoint():
            booking._cancel("facility")
        self.env.invalidate_all()
        self.give_back("back", line, 1)
        self.assertEqual((booking.state, other.free), ("cancelled", 1))

    def test_all_together(self):
        """Three places of one line: one is moved, then the other two together."""
        slot = self.make_slot(self.pool)
        later = self.make_slot(self.pool, start="2026-03-05 16:00:00", stop="2026-03-05 17:00:00")
        bookings = self.sell("one", (slot, 3)).lines.booking_ids.sorted("id")
        self.move(bookings[0], later)
        self.assertEqual((slot.free, later.free), (1, 2))
        self.move(bookings[1], later, with_party=True)
        self.assertEqual((slot.free, later.free), (3, 0))
        self.assertEqual(bookings.slot_id, later)
