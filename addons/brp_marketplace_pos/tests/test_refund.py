from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TillCommon


@tagged("post_install", "-at_install")
class TestRefund(TillCommon):
    """What the till gives back is cancelled; what it has sold is cancelled there only."""

    def test_refunded(self):
        """The place is free at once; the money goes back by the till, so there is no credit note."""
        slot = self.make_slot()
        order = self.sell("one", (slot, 1))
        booking = order.lines.booking_ids
        self.assertEqual(slot.free, 0)
        refund = self.give_back("back", order.lines, 1)
        self.assertEqual((refund.state, refund.amount_total), ("paid", -320))
        self.assertRecordValues(booking, [{"state": "cancelled", "paid": "refunded"}])
        self.assertEqual(slot.free, 1)
        self.assertFalse(
            self.env["account.move"].search(
                [("move_type", "=", "out_refund"), ("company_id", "=", self.company.id)]
            )
        )
        self.assertFalse(order.lines.booking_text)
        self.assertFalse(booking.notice, "who refunds in the till need not be told by e-mail")
        self.hold("two", (slot, 1))
        self.assertEqual(self.sell("two", (slot, 1)).lines.booking_ids.state, "booked")

    def test_one_of_three(self):
        slot = self.make_slot(self.pool)
        line = self.sell("one", (slot, 3)).lines
        self.give_back("back", line, 1)
        self.assertEqual(line.booking_ids.sorted("id").mapped("state"), ["booked", "booked", "cancelled"])
        self.assertEqual(slot.free, 1)
        self.give_back("more", line, 2)
        self.assertEqual(set(line.booking_ids.mapped("state")), {"cancelled"})
        self.assertEqual(slot.free, 3)

    def test_not_paid_yet(self):
        """A refund that is not paid out yet cancels nothing."""
        slot = self.make_slot()
        line = self.sell("one", (slot, 1)).lines
        self.give_back("back", line, 1, state="draft", payment_ids=[], amount_paid=0)
        self.assertEqual(line.booking_ids.state, "booked")
        self.give_back("back", line, 1)
        self.assertEqual(line.booking_ids.state, "cancelled")

    def test_never_booked_is_first(self):
        """Two paid, one booked: to give back one leaves the booking."""
        slot = self.make_slot(self.pool)
        self.book(slot, places=2)
        line = self.sell("one", (slot, 2)).lines
        self.give_back("back", line, 1)
        self.assertEqual(line.booking_ids.state, "booked")
        with self.assertRaises(UserError), self.cr.savepoint():
            line.booking_ids._cancel("facility")
        self.give_back("rest", line, 1)
        self.assertEqual(line.booking_ids.state, "cancelled")

    def test_refund_from_the_back_office(self):
        """As Return Products on the order does, when it is paid out."""
        slot = self.make_slot()
        order = self.sell("one", (slot, 1))
        refund = order._refund()
        self.env["pos.make.payment"].with_context(active_id=refund.id).create(
            {"amount": refund.amount_total, "payment_method_id": self.get_method("cash").id}
        ).check()
        self.env.invalidate_all()
        self.assertEqual(refund.state, "paid")
        self.assertEqual(order.lines.booking_ids.state, "cancelled")
        self.assertEqual(slot.free, 1)

    def test_cancelled_in_the_till_only(self):
        """The back office and the customer are told to have it refunded in the till."""
        slot = self.make_slot()
        booking = self.sell("one", (slot, 1)).lines.booking_ids
        wizard = self.env["brp.booking.cancel"].with_user(self.desk)
        wizard = wizard.create({"booking_ids": booking.ids, "message": "The lamps are broken."})
        message = "on receipt Kvitto one: refund it in the till"
        with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
            wizard.action_cancel()
        self.env.invalidate_all()
        self.assertRecordValues(booking, [{"state": "booked", "paid": "paid"}])
        self.assertEqual(slot.free, 0)
        self.assertIn("was paid at the desk", booking._find_cancel_obstacle())
        with freeze_time("2026-03-04 16:30:00"):
            self.assertIn("has begun", booking._find_cancel_obstacle())

    def test_others_are_cancelled_as_before(self):
        """A booking of the desk beside it is credited by its order."""
        slot = self.make_slot(self.pool)
        till = self.sell("one", (slot, 1)).lines.booking_ids
        desk = self.book(slot)
        desk._cancel("facility")
        self.assertEqual((till.state, desk.state), ("booked", "cancelled"))
        self.assertEqual(desk.order_id.state, "cancel")
