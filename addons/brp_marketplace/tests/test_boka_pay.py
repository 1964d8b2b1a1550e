from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import JsonRpcException, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.brp_settlement.tests.common import sums_of

from .boka import PaidBokaCommon


@tagged("post_install", "-at_install")
class TestBokaPay(PaidBokaCommon):
    """Paid online: booked, invoiced and in the ledger, whatever the settings."""

    def test_paid(self):
        """Two pool places at 95 with 25 % VAT and an hour at 320 with 6 %: 510, of it VAT 38.00 + 18.11."""
        slot, swim = self.make_slot(), self.make_slot(self.pool)
        order = self.go_to_payment((slot, 1), (swim, 2))
        self.assertEqual(self.form.get("data-amount"), "510.0")
        self.assertEqual((order.state, order.amount_total), ("draft", 510))
        payment = self.pay(order)
        self.assertEqual((payment.amount, payment.is_post_processed), (510, True))
        self.assertEqual(order.state, "sale")
        bookings = order.booking_ids
        self.assertEqual(bookings.mapped("paid"), ["paid", "paid", "paid"])
        invoice = order.invoice_ids
        self.assertEqual(
            (invoice.state, invoice.payment_state, str(invoice.invoice_date)),
            ("posted", "paid", "2026-03-02"),
        )
        self.assertEqual(sums_of(invoice), {"1510": 510, "30011": -453.89, "2611": -38, "2631": -18.11})
        self.assertEqual(sums_of(payment.payment_id.move_id), {"1939": 510, "1510": -510})
        self.assertEqual((self.held(slot), self.held(swim), slot.free, swim.free), (0, 0, 0, 1))
        text = self.see_text(f"/boka/bestallning/{order.id}?access_token={order.access_token}")
        self.assertIn("It is booked", text)
        self.assertNotIn("To pay on arrival", text)
        letters = self.find_letters(order)
        self.assertEqual(letters.mapped("subject"), ["Sundby Padel: your booking"])

    def test_invoiced_automatically(self):
        """With core's setting that invoices by itself it is the same: one invoice, paid."""
        self.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")
        self.env["ir.config_parameter"].set_param("sale.async_emails", "True")
        order = self.go_to_payment((self.make_slot(), 1))
        self.pay(order)
        self.assertEqual(len(order.invoice_ids), 1)
        self.assertEqual(order.invoice_ids.payment_state, "paid")
        self.assertEqual(order.booking_ids.paid, "paid")

    def test_invoice_date(self):
        """At 23:30 UTC on 2 March it is 3 March in Sundby: so is the invoice."""
        order = self.go_to_payment((self.make_slot(), 1))
        with freeze_time("2026-03-02 23:30:00"):
            payment = self.start_payment(order)
            payment._set_done()
            payment._post_process()
        self.assertEqual(str(order.invoice_ids.invoice_date), "2026-03-03")

    def test_visitor_does_not_set_the_price(self):
        """The amount that the browser sends is not what is charged, nor where it is sent back to."""
        order = self.go_to_payment((self.make_slot(), 1))
        payment = self.start_payment(order)
        self.assertEqual(payment.amount, 320)
        self.assertEqual(
            payment.landing_route, f"/boka/bestallning/{order.id}?access_token={order.access_token}"
        )

    def test_pays_too_little(self):
        """The portal's own page takes any amount for an order: nobody gets an hour for one krona, or for what
        he gets back of two payments. Each is paid back, and nothing is sold."""
        slot = self.make_slot()
        order = self.go_to_payment((slot, 1))
        for amount in (1, 319):
            before = order.transaction_ids
            self.make_jsonrpc_request(
                f"/my/orders/{order.id}/transaction",
                {
                    "access_token": order.access_token,
                    "provider_id": self.provider.id,
                    "payment_method_id": self.method.id,
                    "token_id": None,
                    "amount": amount,
                    "flow": "redirect",
                    "tokenization_requested": False,
                    "landing_route": "/",
                },
            )
            order.invalidate_recordset()
            payment = order.transaction_ids - before
            payment._set_done()
            payment._post_process()
        self.assertFalse(order.booking_ids)
        self.assertFalse(order.invoice_ids)
        self.assertEqual(order.state, "cancel")
        refunds = order.transaction_ids.child_transaction_ids
        self.assertEqual(sorted(refunds.mapped("amount")), [-319, -1])
        self.assertIn("320", order.booking_obstacle)
        self.assertEqual(self.held(slot), 0)

    def test_other_name_before_paying(self):
        """Who goes back and enters somebody else's name is charged what was shown: what that customer has
        agreed upon with the company, and where he lives, changes neither VAT nor when it is due."""
        abroad = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "auto_apply": True, "country_id": self.env.ref("base.no").id}
        )
        self.tax_6.copy({"amount": 0, "name": "0 %"}).write(
            {"fiscal_position_ids": [(6, 0, abroad.ids)], "original_tax_ids": [(6, 0, self.tax_6.ids)]}
        )
        self.env["res.partner"].create(
            {
                "name": "Nils Exempel",
                "email": "nils@example.com",
                "country_id": self.env.ref("base.no").id,
                "property_payment_term_id": self.env.ref("account.account_payment_term_30days").id,
                "company_id": self.company.id,
            }
        )
        order = self.go_to_payment((self.make_slot(), 1))
        again = self.go_to_payment(name="Nils Exempel", email="nils@example.com")
        self.assertEqual((again, order.partner_id.name), (order, "Nils Exempel"))
        self.assertFalse(order.fiscal_position_id or order.payment_term_id)
        self.assertEqual(order.order_line.tax_ids, self.tax_6)
        self.pay(order)
        invoice = order.invoice_ids
        # 320 kr with 6 % VAT is sold here, not abroad: on the account of sales with VAT.
        self.assertEqual(sums_of(invoice), {"1510": 320, "30011": -301.89, "2631": -18.11})
        self.assertFalse(invoice.fiscal_position_id)

    def test_started_payment_keeps_its_order(self):
        """Who goes back while paying and chooses something else makes another order of it."""
        slot, other = self.make_slot(), self.make_slot(self.court_2)
        order = self.go_to_payment((slot, 1))
        payment = self.start_payment(order)
        self.choose(other)
        self.assertIn("a booking that is not paid yet", self.see_text(self.page))
        later = self.go_to_payment()
        self.assertNotEqual(later, order)
        self.assertEqual((order.amount_total, later.order_line.slot_id), (320, other))
        payment._set_done()
        payment._post_process()
        self.assertEqual(order.booking_ids.slot_id, slot)
        self.assertEqual((self.held(slot), self.held(other)), (0, 1))

    def test_back_before_paying(self):
        """Who goes back and changes his mind before paying has one order still, of what he wants now."""
        slot, other = self.make_slot(), self.make_slot(self.court_2)
        order = self.go_to_payment((slot, 1))
        self.choose(slot, 0)
        again = self.go_to_payment((other, 1))
        self.assertEqual(again, order)
        self.assertEqual(order.order_line.slot_id, other)

    def test_failed(self):
        """The card is refused: nothing is booked, the place is still held, and he may try again."""
        slot = self.make_slot()
        order = self.go_to_payment((slot, 1))
        payment = self.start_payment(order)
        payment._set_error("Card refused")
        self.come_back()
        self.env.invalidate_all()
        self.assertFalse(order.booking_ids)
        self.assertEqual(self.held(slot), 1)
        text = self.see_text(f"/boka/bestallning/{order.id}?access_token={order.access_token}")
        self.assertIn("The payment did not go through", text)
        self.pay(order)
        self.assertEqual(order.booking_ids.paid, "paid")

    def test_pending(self):
        """While the provider thinks, the place is held: until the next day at the same hour."""
        slot = self.make_slot()
        order = self.go_to_payment((slot, 1))
        payment = self.start_payment(order)
        self.assertEqual(
            self.env["brp.occupancy"].search([("slot_id", "=", slot.id)]).expires, datetime(2026, 3, 2, 7, 30)
        )
        payment._set_pending()
        self.come_back()
        self.env.invalidate_all()
        self.assertEqual(
            self.env["brp.occupancy"].search([("slot_id", "=", slot.id)]).expires, datetime(2026, 3, 3, 7)
        )
        url = f"/boka/bestallning/{order.id}?access_token={order.access_token}"
        self.assertIn("being confirmed", self.see_text(url))
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.start_payment(order)
        payment._set_done()
        payment._post_process()
        self.assertEqual(order.booking_ids.paid, "paid")

    def test_give_up(self):
        """Who gives up lets go of the place at once, and owes nothing."""
        slot = self.make_slot()
        order = self.go_to_payment((slot, 1))
        url = f"/boka/bestallning/{order.id}"
        self.post(
            f"{url}/avbryt", {"access_token": order.access_token}, f"{url}?access_token={order.access_token}"
        )
        self.env.invalidate_all()
        self.assertEqual((order.state, self.held(slot)), ("cancel", 0))
        text = self.see_text(f"{url}?access_token={order.access_token}")
        self.assertIn("Nothing is booked or paid", text)

    def test_given_up_and_paid_all_the_same(self):
        """Given up in one tab, paid in the other: it is booked, as the place is still free."""
        slot = self.make_slot()
        order = self.go_to_payment((slot, 1))
        payment = self.start_payment(order)
        order._abandon()
        self.assertEqual((order.state, self.held(slot)), ("cancel", 0))
        payment._set_done()
        self.come_back()
        self.env.invalidate_all()
        self.assertEqual((order.state, order.booking_ids.paid), ("sale", "paid"))

    def test_someone_elses_order(self):
        """Nobody pays, or gives up, an order whose token he does not have."""
        order = self.go_to_payment((self.make_slot(), 1))
        token = order.access_token
        self.come()
        for wrong in ("", token[:-1], None):
            with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
                self.make_jsonrpc_request(
                    f"/boka/bestallning/{order.id}/transaction", {"access_token": wrong, "amount": 320}
                )
        self.post(f"/boka/bestallning/{order.id}/avbryt", {"access_token": "wrong"}, "/web/login")
        self.assertEqual(self.answer.status_code, 404)
        self.assertEqual((order.state, len(order.transaction_ids)), ("draft", 0))

    def test_expired_before_paying(self):
        """Who comes back to pay after others have taken the place is told before he pays."""
        slot = self.make_slot()
        order = self.go_to_payment((slot, 1))
        self.expire(slot)
        self.book(slot)
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.start_payment(order)
        self.assertFalse(order.transaction_ids)
        text = self.see_text(f"/boka/bestallning/{order.id}?access_token={order.access_token}")
        self.assertIn("no longer held for you", text)


class PayBackCommon(PaidBokaCommon):
    def lose(self):
        """Return the order and payment of a visitor whose place somebody else took while he paid."""
        slot = self.make_slot()
        order = self.go_to_payment((slot, 1))
        payment = self.start_payment(order)
        self.expire(slot)
        self.book(slot)
        payment._set_done()
        self.come_back()
        self.env.invalidate_all()
        self.assertEqual(slot.booking_ids.partner_id.name, "Kim Exempel")
        self.assertEqual(len(slot.booking_ids), 1)
        return order, payment

    def cancel_one_of_two(self):
        """Return (booking that is cancelled, payment) of two places at 95."""
        swim = self.make_slot(self.pool)
        order = self.go_to_payment((swim, 2))
        payment = self.pay(order)
        booking = order.booking_ids[0]
        page = self.see(f"/boka/bokning/{booking.id}/avboka?access_token={booking._portal_ensure_token()}")
        self.told = self.text_of(page)
        self.post(
            f"/boka/bokning/{booking.id}/avboka",
            {"access_token": booking.access_token},
            booking.get_portal_url(),
        )
        self.env.invalidate_all()
        return booking, payment


@tagged("post_install", "-at_install")
class TestBokaPayBack(PayBackCommon):
    """What was paid for nothing, or is cancelled, is paid back the way it was paid."""

    def test_lost(self):
        """Nothing is booked twice; the money is asked back, and the two payments settle each other."""
        order, payment = self.lose()
        self.assertFalse(order.booking_ids or order.invoice_ids)
        self.assertEqual(order.state, "cancel")
        text = self.see_text(f"/boka/bestallning/{order.id}?access_token={order.access_token}")
        self.assertIn("could not be made", text)
        self.assertIn("You get back 320", text)
        refund = payment.child_transaction_ids
        self.assertEqual((refund.amount, refund.booking_refund), (-320, "waiting"))
        asked = self.count_requests(self.run_pay_back)
        self.assertEqual(asked, [refund.id])
        self.assertEqual(self.count_requests(self.run_pay_back), [])
        refund._set_done()
        refund._post_process()
        moves = (payment.payment_id + refund.payment_id).move_id
        self.assertEqual(sums_of(moves), {})
        self.assertTrue(
            all(moves.line_ids.filtered(lambda item: item.account_id.code == "1510").mapped("reconciled"))
        )
        letters = self.find_letters(order)
        self.assertEqual(letters.mapped("subject"), ["Sundby Padel: your booking could not be made"])

    def count_requests(self, function):
        """Return the ids of the refunds that the provider was asked for while a function ran."""
        asked = []
        with patch.object(
            self.registry["payment.transaction"], "_send_refund_request", lambda tx: asked.append(tx.id)
        ):
            function()
        return asked

    def test_paid_twice(self):
        """Two tabs, both paid: one booking and one invoice; the second payment is paid back."""
        order = self.go_to_payment((self.make_slot(), 1))
        first, second = self.start_payment(order), self.start_payment(order)
        for payment in (first, second):
            payment._set_done()
            payment._post_process()
        self.assertEqual((len(order.booking_ids), len(order.invoice_ids)), (1, 1))
        self.assertFalse(first.child_transaction_ids)
        self.assertEqual(second.child_transaction_ids.amount, -320)

    def test_cancel_paid(self):
        """One of two places at 95 is cancelled: 95 is credited, 76.00 and VAT 19.00, and paid back."""
        booking, payment = self.cancel_one_of_two()
        self.assertIn("You get back 95", self.told)
        self.assertEqual((booking.state, booking.paid), ("cancelled", "refunded"))
        credit = booking.order_line_id.invoice_lines.move_id.filtered(lambda m: m.move_type == "out_refund")
        self.assertEqual(sums_of(credit), {"1510": -95, "30011": 76, "2611": 19})
        self.assertEqual(credit.payment_state, "not_paid")
        refund = payment.child_transaction_ids
        self.assertEqual((refund.amount, refund.invoice_ids), (-95, credit))
        self.run_pay_back()
        self.assertEqual(refund.booking_refund, "asked")
        refund._set_done()
        refund._post_process()
        self.assertEqual(credit.payment_state, "paid")
        self.assertEqual(sums_of(refund.payment_id.move_id), {"1510": 95, "1939": -95})
        self.assertFalse(booking.order_id.activity_ids)

    def test_refund_fails(self):
        """The provider says no: the facility's responsible is told to pay back by hand."""
        booking, payment = self.cancel_one_of_two()
        self.facility.user_id = self.desk

        def refuse(_refund):
            raise ValidationError("Not this card")  # pylint: disable=translation-required

        with patch.object(self.registry["payment.transaction"], "_send_refund_request", refuse):
            self.run_pay_back()
        refund = payment.child_transaction_ids
        self.assertEqual((refund.state, refund.booking_refund), ("error", "told"))
        activity = booking.order_id.activity_ids
        self.assertEqual(activity.user_id, self.desk)
        self.assertIn("95", activity.summary)
        self.assertIn("Not this card", activity.note)

    def test_provider_says_nothing(self):
        """Two days after the provider was asked, somebody is told to look; once."""
        booking, payment = self.cancel_one_of_two()
        self.run_pay_back()
        refund = payment.child_transaction_ids
        self.run_pay_back()
        self.assertFalse(booking.order_id.activity_ids)
        self.env.cr.execute(
            "UPDATE payment_transaction SET write_date = %s WHERE id = %s", [datetime(2026, 2, 28), refund.id]
        )
        self.env.invalidate_all()
        self.run_pay_back()
        self.run_pay_back()
        self.assertEqual(len(booking.order_id.activity_ids), 1)


@tagged("post_install", "-at_install")
class TestBokaNoRefunds(PayBackCommon):
    """A provider that cannot pay back: people are told to."""

    refunds = "none"

    def test_lost(self):
        order, payment = self.lose()
        self.assertFalse(payment.child_transaction_ids)
        [activity] = order.activity_ids
        self.assertIn("320", activity.summary)
        self.assertIn(payment.reference, activity.note)

    def test_paid_twice(self):
        order = self.go_to_payment((self.make_slot(), 1))
        first, second = self.start_payment(order), self.start_payment(order)
        for payment in (first, second):
            payment._set_done()
            payment._post_process()
        self.assertEqual(len(order.activity_ids), 1)
        self.assertIn("paid twice", order.activity_ids.note)

    def test_cancel_paid(self):
        booking, payment = self.cancel_one_of_two()
        self.assertIn("You get back 95", self.told)
        self.assertEqual(booking.paid, "refunded")
        self.assertFalse(payment.child_transaction_ids)
        [activity] = booking.order_id.activity_ids
        self.assertIn("95", activity.summary)


@tagged("post_install", "-at_install")
class TestBokaWholeRefunds(PayBackCommon):
    """A provider that pays back whole payments only: a part is paid back by people."""

    refunds = "full_only"

    def test_cancel_paid(self):
        booking, payment = self.cancel_one_of_two()
        self.assertFalse(payment.child_transaction_ids)
        self.assertEqual(len(booking.order_id.activity_ids), 1)

    def test_cancel_all(self):
        """Both at once, as the desk does it, are the whole payment: the provider pays it back."""
        order = self.go_to_payment((self.make_slot(self.pool), 2))
        payment = self.pay(order)
        order.booking_ids._cancel("facility", "The pool is closed.")
        self.assertEqual(payment.child_transaction_ids.amount, -190)
        self.assertFalse(order.activity_ids)
