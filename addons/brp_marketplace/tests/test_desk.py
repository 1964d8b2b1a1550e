from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .common import BookingCommon, sums_of


@tagged("post_install", "-at_install")
class TestDesk(BookingCommon):
    """Booking at the desk, and on orders."""

    def test_book_and_invoice_later(self):
        slot = self.make_slot()
        booking = self.book(slot, self.desk, phone="070-123 45 67")
        self.assertRecordValues(
            booking,
            [{"state": "booked", "source": "desk", "price": 320.0, "paid": "no", "slot_id": slot.id}],
        )
        self.assertRegex(booking.name, r"^B\d{5,}$")
        self.assertRegex(booking.access_code, r"^\d{6}$")
        self.assertEqual(booking.order_id.state, "sale")
        self.assertIn("Bana 1", booking.order_line_id.name)
        booking.order_id._create_invoices().action_post()
        booking.invalidate_recordset(["paid"])
        self.assertEqual(booking.paid, "invoiced")

    def test_book_and_pay(self):
        """320 kr with 6 % VAT: 301.89 and 18.11."""
        journal = self.company_data["default_journal_cash"]
        booking = self.book(self.make_slot(), journal_id=journal.id)
        self.assertEqual(booking.paid, "paid")
        invoice = booking.order_id.invoice_ids
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (301.89, 18.11))

    def test_customer_is_found_again(self):
        first = self.book(self.make_slot(), phone="070-123 45 67").partner_id
        again = self.book(self.make_slot(self.court_2)).partner_id
        self.assertEqual(first, again)
        # Of a family that shares an address each is somebody.
        other = self.book(self.make_slot(self.pool), name="Alex Exempel").partner_id
        self.assertNotEqual(first, other)
        Partner = self.env["res.partner"]
        self.assertEqual(
            Partner._find_or_make_customer(self.company, "K. Exempel", "KIM@example.com", "+46 70 1234567"),
            first,
        )
        sibling = Partner._find_or_make_customer(self.company, "Bo", "kim@example.com", "070-123 45 67")
        self.assertNotEqual(sibling, first, "a family shares its telephone as well")

    def test_nobody(self):
        with self.assertRaisesRegex(UserError, "Choose a customer"):
            self.book(self.make_slot(), name=False, email=False)

    def test_order_line(self):
        """A time on an order takes its product and price, and is booked when the order is confirmed."""
        slot = self.make_slot(price_unit=280)
        customer = self.env["res.partner"].create({"name": "Lo"})
        with Form(self.env["sale.order"].with_user(self.desk)) as form:
            form.partner_id = customer
        order = form.record
        order.order_line = [Command.create({"product_id": self.padel.id, "slot_id": slot.id})]
        self.assertEqual(order.amount_total, 280.0)
        slot.invalidate_recordset()
        self.assertEqual(slot.free, 1, "a quotation books nothing")
        order.action_confirm()
        self.assertEqual(order.booking_ids.slot_id, slot)
        with self.assertRaisesRegex(UserError, "cancel or move its bookings"):
            order.order_line.product_uom_qty = 2

    def test_two_orders_for_one_time(self):
        slot = self.make_slot()
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.env["res.partner"].create({"name": name}).id,
                    "order_line": [Command.create(slot._prepare_order_line())],
                }
                for name in ("Ett", "Två")
            ]
        )
        orders[0].action_confirm()
        with self.assertRaisesRegex(UserError, "fully booked"), self.env.cr.savepoint():
            orders[1].action_confirm()
        orders.invalidate_recordset()
        self.assertEqual(orders[1].state, "draft")

    def test_half_a_place(self):
        slot = self.make_slot(self.pool)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Lo"}).id,
                "order_line": [Command.create(slot._prepare_order_line() | {"product_uom_qty": 0.5})],
            }
        )
        with self.assertRaisesRegex(UserError, "whole numbers"):
            order.action_confirm()

    def test_begun(self):
        """At the desk one can have what is left of a time, not what is over."""
        slot = self.make_slot()
        with freeze_time("2026-03-04 16:20:00"):
            self.book(slot)._cancel("facility")
        with freeze_time("2026-03-04 17:00:00"), self.assertRaisesRegex(UserError, "is over"):
            self.book(slot)

    def test_cancel_not_invoiced(self):
        booking = self.book(self.make_slot())
        booking._cancel("facility", "Lampan är trasig")
        self.assertEqual((booking.state, booking.order_id.state), ("cancelled", "cancel"))
        self.assertFalse(booking.order_id.invoice_ids)

    def test_cancel_one_of_two(self):
        """Of two places that are not invoiced one is cancelled: the order is for the other one."""
        bookings = self.book(self.make_slot(self.pool), places=2)
        bookings[0]._cancel("facility")
        order = bookings.order_id
        self.assertEqual((order.state, order.amount_total), ("sale", 95.0))

    def test_cancel_invoiced(self):
        """An invoice that is not paid is settled by its credit note: nothing is left of it in the books."""
        booking = self.book(self.make_slot())
        invoice = booking.order_id._create_invoices()
        invoice.action_post()
        booking._cancel("facility")
        credit = invoice.reversal_move_ids
        self.assertEqual((credit.state, credit.amount_total), ("posted", 320.0))
        self.assertEqual(sums_of(invoice + credit), {})
        self.assertEqual(invoice.payment_state, "reversed")
        self.assertEqual(booking.paid, "refunded")

    def test_cancel_one_of_two_invoiced(self):
        bookings = self.book(self.make_slot(self.pool), places=2)
        invoice = bookings.order_id._create_invoices()
        invoice.action_post()
        bookings[1]._cancel("facility")
        self.assertEqual(invoice.reversal_move_ids.amount_total, 95.0)
        self.assertEqual(invoice.amount_residual, 95.0)

    def test_cancel_order(self):
        """A cancelled order has no bookings, and their times are free."""
        slot = self.make_slot()
        booking = self.book(slot)
        booking.order_id._action_cancel()
        slot.invalidate_recordset()
        self.assertEqual((booking.state, slot.free), ("cancelled", 1))

    def test_dialog(self):
        """The dialog that cancels tells what is given back, and cancels once."""
        booking = self.book(self.make_slot())
        booking.order_id._create_invoices().action_post()
        wizard = (
            self.env["brp.booking.cancel"]
            .with_context(active_model="brp.booking", active_ids=booking.ids)
            .create({"message": "Stängt"})
        )
        self.assertEqual(wizard.amount, 320.0)
        wizard.action_cancel()
        self.assertEqual((booking.cancelled_by, booking.cancel_message), ("facility", "Stängt"))
        again = self.env["brp.booking.cancel"].with_context(
            active_model="brp.booking", active_ids=booking.ids
        )
        with self.assertRaisesRegex(UserError, "cancelled already"):
            again.create({}).action_cancel()
