from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.brp_settlement.tests.common import sums_of

from .common import BookingCommon


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
        self.assertFalse(booking.order_id.activity_ids, "there is nothing to pay back")

    def test_cancelled_is_not_invoiced_again(self):
        """Three places at 95: what is cancelled after it was invoiced is not there to be invoiced anew."""
        bookings = self.book(self.make_slot(self.pool), places=3)
        order = bookings.order_id
        order._create_invoices().action_post()
        bookings[0]._cancel("facility")
        self.assertEqual((order.invoice_status, order.amount_total), ("invoiced", 190.0))
        bookings[1:]._cancel("facility")
        self.assertEqual(order.order_line.qty_to_invoice, 0)
        self.assertNotEqual(order.invoice_status, "to invoice")
        self.assertEqual(sums_of(order.invoice_ids), {})
        # The receipt still tells what there was: 19 kr of 95 kr.
        self.assertEqual(bookings[0]._compute_vat(), 19.0)

    def test_cancel_paid_at_desk(self):
        """What was paid at the desk is to be paid back there: somebody is told."""
        journal = self.company_data["default_journal_cash"]
        booking = self.book(self.make_slot(), journal_id=journal.id)
        booking._cancel("facility")
        credit = booking.order_id.invoice_ids.filtered(lambda move: move.move_type == "out_refund")
        self.assertEqual((credit.payment_state, credit.amount_residual), ("not_paid", 320.0))
        task = booking.order_id.activity_ids
        self.assertEqual(task.user_id, booking.order_id._get_responsible())
        self.assertIn("320", task.summary)
        self.assertIn(credit.name, task.note)

    def test_cancel_on_locked_order(self):
        """Where confirmed orders are locked, bookings are cancelled all the same; the order stays locked."""
        bookings = self.book(self.make_slot(self.pool), places=2)
        order = bookings.order_id
        order.action_lock()
        bookings[0]._cancel("facility")
        self.assertEqual((order.locked, order.amount_total), (True, 95.0))

    def test_book_again(self):
        """An order that was cancelled and is made anew is booked anew, changed or not."""
        slot = self.make_slot(self.pool)
        first = self.book(slot, places=2)
        order = first.order_id
        order._action_cancel()
        order.action_draft()
        order.order_line.product_uom_qty = 1
        order.action_confirm()
        self.assertEqual((order.booking_ids - first).mapped("state"), ["booked"])
        slot.invalidate_recordset()
        self.assertEqual((slot.free, order.amount_total), (2, 95.0))

    def test_without_a_time(self):
        """A time to book is not sold without saying which."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Lo"}).id,
                "order_line": [Command.create({"product_id": self.padel.id})],
            }
        )
        with self.assertRaisesRegex(UserError, "Padel 60 min.*choose which one"), self.env.cr.savepoint():
            order.action_confirm()
        self.assertEqual(order.state, "draft")
        order.order_line.slot_id = self.make_slot()
        order.action_confirm()
        self.assertEqual(len(order.booking_ids), 1)

    def test_line_of_confirmed_order(self):
        """A time that is put on an order that is confirmed already is booked at once, or not sold."""
        order = self.book(self.make_slot()).order_id
        swim = self.make_slot(self.pool)
        line = Command.create(swim._prepare_order_line() | {"product_uom_qty": 2})
        order.order_line = [line]
        swim.invalidate_recordset()
        self.assertEqual((len(swim.booking_ids), swim.free), (2, 1))
        with self.assertRaisesRegex(UserError, "only 1 free"), self.env.cr.savepoint():
            order.order_line = [line]
        with self.assertRaisesRegex(UserError, "Padel 60 min.*choose which one"), self.env.cr.savepoint():
            order.order_line = [Command.create({"product_id": self.padel.id})]
        later = self.make_slot(self.court_2)
        order.order_line = [Command.create({"product_id": self.padel.id, "product_uom_qty": 0})]
        order.order_line[-1].write({"slot_id": later.id, "product_uom_qty": 1})
        self.assertEqual(later.booking_ids.state, "booked")

    def test_paid_at_once_whatever_the_terms(self):
        """Who pays 320 kr at the desk has paid 320 kr, though he may otherwise pay by instalments or less."""
        terms = self.env["account.payment.term"].create(
            [
                {
                    "name": "30 now, 70 later",
                    "line_ids": [
                        Command.create({"value": "percent", "value_amount": 30, "nb_days": 0}),
                        Command.create({"value": "percent", "value_amount": 70, "nb_days": 30}),
                    ],
                },
                {
                    "name": "2 % less within 10 days",
                    "early_discount": True,
                    "discount_percentage": 2,
                    "discount_days": 10,
                    "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})],
                },
            ]
        )
        for term, court in zip(terms, (self.court, self.court_2), strict=True):
            customer = self.env["res.partner"].create({"name": "AB", "property_payment_term_id": term.id})
            booking = self.book(
                self.make_slot(court),
                partner_id=customer.id,
                journal_id=self.company_data["default_journal_cash"].id,
            )
            invoice = booking.order_id.invoice_ids
            self.assertEqual((booking.paid, invoice.amount_residual), ("paid", 0.0))
            self.assertEqual(invoice.matched_payment_ids.amount, 320.0, term.name)

    def test_other_currency(self):
        """A customer with a price list in euro pays 320 kronor at the desk, not 320 euro."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        prices = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        customer = self.env["res.partner"].create({"name": "Jean", "property_product_pricelist": prices.id})
        slot = self.make_slot()
        order = self.book(slot, partner_id=customer.id).order_id
        self.assertEqual((order.currency_id, order.amount_total), (self.company.currency_id, 320.0))
        order = self.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "pricelist_id": prices.id,
                "order_line": [Command.create(self.make_slot(self.court_2)._prepare_order_line())],
            }
        )
        with self.assertRaisesRegex(UserError, "priced in SEK"):
            order.action_confirm()

    def test_öre(self):
        """Three places at 33.33 without VAT: 41.66 each, 124.99 together. Cancelled at once or one by one
        they are given back; of the latter an öre is left."""
        self.tax_25.price_include_override = "tax_excluded"
        slots = [
            self.make_slot(self.pool, f"{day} 16:00:00", f"{day} 17:00:00", price_unit=33.33)
            for day in ("2026-03-04", "2026-03-05")
        ]
        self.assertEqual(slots[0].price, 41.66)
        at_once, one_by_one = (self.book(slot, places=3) for slot in slots)
        for bookings in (at_once, one_by_one):
            bookings.order_id._create_invoices().action_post()
            self.assertEqual(bookings.order_id.invoice_ids.amount_total, 124.99)
        at_once._cancel("facility")
        self.assertEqual(sums_of(at_once.order_id.invoice_ids), {})
        invoice = one_by_one.order_id.invoice_ids
        for booking in one_by_one:
            booking._cancel("facility")
        self.assertEqual(invoice.amount_residual, 0.01)

    def test_deposit(self):
        """A tenth of 320 kr was invoiced in advance: when the booking is cancelled, somebody is told."""
        booking = self.book(self.make_slot())
        order = booking.order_id
        deposit = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": [Command.set(order.ids)],
                "advance_payment_method": "percentage",
                "amount": 10,
            }
        )
        deposit._create_invoices(order).action_post()
        booking._cancel("facility")
        self.assertEqual(order.state, "cancel")
        self.assertIn("32.00", order.activity_ids.summary)
        self.assertIn(order.invoice_ids.name, order.activity_ids.note)

    def test_copy(self):
        """A copy of an order sells no time, and does not look as if it did."""
        order = self.book(self.make_slot()).order_id
        self.assertIn("Bana 1", order.order_line.name)
        copied = order.copy().order_line
        self.assertFalse(copied.slot_id)
        self.assertNotIn("Bana 1", copied.name)

    def test_never_more_than_invoiced(self):
        """An hour at 320 less a tenth of the whole order was invoiced with 288: no 320 are given back."""
        booking = self.book(self.make_slot())
        order = booking.order_id
        self.env["sale.order.discount"].create(
            {"sale_order_id": order.id, "discount_type": "so_discount", "discount_percentage": 0.1}
        ).action_apply_discount()
        order._create_invoices().action_post()
        self.assertEqual(order.invoice_ids.amount_total, 288.0)
        with self.assertRaisesRegex(UserError, "by hand"), self.env.cr.savepoint():
            booking._cancel("facility")
        self.env.invalidate_all()
        self.assertEqual(booking.state, "booked")
        order.invoice_ids._reverse_moves(cancel=True)
        booking._cancel("facility")
        self.assertEqual(sums_of(order.invoice_ids), {})

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
