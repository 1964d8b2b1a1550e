from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TillCommon

LATER = "2026-03-02 07:20:00"  # what was held at 07:00 has expired


@tagged("post_install", "-at_install")
class TestSale(TillCommon):
    """What the till has been paid for is booked, once."""

    def test_booked(self):
        """A booking for each place: 320 kr for the court, 95 kr for each bather."""
        customer = self.env["res.partner"].create({"name": "Kim Exempel"})
        court, pool = self.make_slot(), self.make_slot(self.pool)
        self.hold("one", (court, 1), (pool, 2))
        order = self.sell("one", (court, 1), (pool, 2), customer=customer)
        self.assertEqual((order.state, order.amount_total), ("paid", 510))
        self.assertRecordValues(
            order.lines.booking_ids.sorted("id"),
            [
                {"slot_id": slot.id, "price": price, "source": "till", "state": "booked", "paid": "paid"}
                for slot, price in ((court, 320), (pool, 95), (pool, 95))
            ],
        )
        self.assertEqual(order.lines.booking_ids.partner_id, customer)
        self.assertEqual((court.free, pool.free), (0, 1))
        self.assertFalse(order.slot_warning)
        held = self.env["brp.occupancy"].search([("resource_id.facility_id", "=", self.facility.id)])
        self.assertFalse(held.filtered("expires"))
        self.assertEqual(held.booking_id, order.lines.booking_ids)

    def test_same_time_in_two_lines(self):
        pool = self.make_slot(self.pool)
        self.hold("one", (pool, 3))
        order = self.sell("one", (pool, 1), (pool, 2))
        self.assertEqual([len(line.booking_ids) for line in order.lines], [1, 2])
        self.assertEqual(pool.free, 0)

    def test_receipt(self):
        """It tells number and code, in the cashier's language."""
        slot = self.make_slot(self.pool)
        line = self.sell("one", (slot, 2)).lines
        one, two = line.booking_ids.sorted("id")
        self.assertEqual(
            line.with_user(self.cashier).booking_text,
            f"Booking {one.name}, code {one.access_code}\nBooking {two.name}, code {two.access_code}",
        )

    def test_sent_twice(self):
        slot = self.make_slot(self.pool)
        self.hold("one", (slot, 1))
        first = self.sell("one", (slot, 1))
        again = self.sell("one", (slot, 1))
        self.assertEqual(first, again)
        self.assertEqual(len(slot.booking_ids), 1)
        self.assertEqual(slot.free, 2)

    def test_walk_in(self):
        """Who tells no name is the walk-in; the sale itself is on nobody."""
        order = self.sell("one", (self.make_slot(), 1))
        walk_in = self.env.ref("brp_marketplace_pos.partner_walk_in")
        self.assertEqual(order.lines.booking_ids.partner_id, walk_in)
        self.assertFalse(order.partner_id)
        with self.assertRaisesRegex(UserError, "stands for those who book"):
            walk_in.unlink()

    def test_expired_and_free(self):
        slot = self.make_slot()
        self.hold("one", (slot, 1))
        with freeze_time(LATER):
            self.env["brp.occupancy"]._forget_expired()
            order = self.sell("one", (slot, 1))
        self.assertEqual(order.lines.booking_ids.state, "booked")
        self.assertEqual(slot.free, 0)

    def test_expired_and_taken(self):
        """The till refuses before payment; what was paid without connection is kept, and told."""
        slot = self.make_slot()
        self.hold("one", (slot, 1))
        with freeze_time(LATER):
            booking = self.book(slot)
            self.assertEqual(
                self.hold("one", (slot, 1)),
                "Bana 1, Wed 4 Mar 17:00–18:00 is fully booked: somebody was first.",
            )
            order = self.sell("one", (slot, 1))
        self.assertEqual((order.state, order.amount_paid), ("paid", 320))
        self.assertEqual(slot.booking_ids, booking)
        self.assertEqual(
            order.slot_warning,
            "Bana 1, Wed 4 Mar 17:00–18:00: 1 paid and not booked, somebody else has it. Refund it and book"
            " another time.",
        )
        self.assertEqual(order.lines.booking_text, "Not booked: somebody else has the time.")
        self.assertIn("1 paid and not booked", order.message_ids[0].body)
        activity = order.session_id.activity_ids
        self.assertEqual(activity.user_id, self.cashier)
        self.assertEqual(activity.summary, "Book anew: Bana 1, Wed 4 Mar 17:00–18:00")
        self.assertIn("Kvitto one", activity.note)

    def test_expired_and_closed(self):
        """A time that the facility has closed meanwhile is not taken anew, one that is held still is."""
        slot, held = self.make_slot(), self.make_slot(self.court_2)
        self.hold("one", (held, 1))
        (slot + held).action_close()
        order = self.sell("one", (slot, 1), (held, 1))
        self.assertEqual(order.lines.booking_ids.slot_id, held)
        self.assertIn("Bana 1", order.slot_warning)

    def test_one_of_two_left(self):
        """What is left of it is booked, and the rest told."""
        slot = self.make_slot(self.pool)
        self.hold("one", (slot, 2))
        with freeze_time(LATER):
            self.book(slot, places=2)
            order = self.sell("one", (slot, 2))
        self.assertEqual(len(order.lines.booking_ids), 1)
        self.assertEqual(order.lines.booking_ids.price, 95)
        self.assertIn(": 1 paid and not booked", order.slot_warning)
        self.assertEqual(slot.free, 0)

    def test_paid(self):
        """Whether a booking is paid: by card at once, on account when the customer has paid the invoice."""
        customer = self.env["res.partner"].create({"name": "Kim Exempel"})
        pool = self.make_slot(self.pool)
        booking = self.sell("one", (pool, 1), method="pay_later", customer=customer).lines.booking_ids
        self.assertEqual(booking.paid, "no")
        invoiced = self.sell("two", (pool, 1), method="pay_later", customer=customer, to_invoice=True)
        booking = invoiced.lines.booking_ids
        self.assertEqual(invoiced.account_move.amount_total, 95)
        self.assertEqual(booking.paid, "invoiced")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoiced.account_move.ids
        ).create({})._create_payments()
        booking.invalidate_recordset()
        self.assertEqual(booking.paid, "paid")
        at_once = self.sell("three", (pool, 1), method="cash", customer=customer, to_invoice=True)
        self.assertEqual(at_once.lines.booking_ids.paid, "paid")

    def test_session_closed(self):
        """The till's takings are booked as any others: 320 kr are 301.89 and 18.11 of VAT (6 %)."""
        order = self.sell("one", (self.make_slot(), 1))
        session = order.session_id
        session.action_pos_session_closing_control()
        self.assertEqual(session.state, "closed")
        self.assertEqual(order.lines.booking_ids.paid, "paid")
        sums = {
            item.tax_line_id.amount: item.balance for item in session.move_id.line_ids if item.tax_line_id
        }
        self.assertEqual(sums, {6: -18.11})
