from odoo.tests import freeze_time, tagged

from .common import STATUS, OpenactiveCommon, uuid


@tagged("post_install", "-at_install")
class TestAfterwards(OpenactiveCommon):
    """What is booked is looked at, cancelled and deleted."""

    # -- GET --

    def test_an_order_as_it_is_now(self):
        booked = self.book(self.padel_slot, self.massage_slot).json()
        answer = self.ask("GET", f"orders/{uuid(1)}")
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertValid("OrderStatus", answer)
        told = answer.json()
        for item in booked["orderedItem"]:
            del item["position"]
        self.assertEqual(told, booked)
        # Cancelled, it is no longer to be paid; what is left is told on the terms it was booked on.
        self.cancel(self.channel_order().booking_ids.sorted("id")[0])
        self.massage_slot.price_unit = 900
        self.massage_product.write({"taxes_id": [(6, 0, self.vat_6.ids)], "slot_cancellable": True})
        answer = self.ask("GET", f"orders/{uuid(1)}")
        self.assertValid("OrderStatus", answer)
        told = answer.json()
        self.assertEqual(told["totalPaymentDue"]["price"], 795)
        padel, massage = told["orderedItem"]
        self.assertEqual(padel["orderItemStatus"], f"{STATUS}CustomerCancelled")
        self.assertEqual(massage["acceptedOffer"]["price"], 795)
        self.assertFalse(massage["acceptedOffer"]["allowCustomerCancellationFullRefund"])
        self.assertEqual([tax["price"] for tax in massage["unitTaxSpecification"]], [159])

    def test_an_order_whose_court_is_gone(self):
        self.book(self.padel_slot)
        self.court_1.active = False
        self.till.marketplace_facility_ids = False
        answer = self.ask("GET", f"orders/{uuid(1)}")
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertValid("OrderStatus", answer)

    def test_orders_that_are_not_there(self):
        self.book(self.padel_slot)
        _other, token = self.open_till("Another")
        for method in ("GET", "DELETE"):
            self.assertError(self.ask(method, f"orders/{uuid(2)}"), 404, "UnknownOrderError")
            self.assertError(self.ask(method, f"orders/{uuid(1)}", token=token), 404, "UnknownOrderError")
            self.assertError(self.ask(method, "orders/7"), 400, "OpenBookingError")

    # -- PATCH, in the order in which it is checked --

    def test_cancelling_everything(self):
        self.book(self.padel_slot, self.pool_slot)
        bookings = self.channel_order().booking_ids
        answer = self.cancel(*bookings)
        self.assertEqual((answer.status_code, answer.content), (204, b""))
        self.assertNotIn("Content-Type", answer.headers)
        self.assertEqual(bookings.mapped("state"), ["cancelled"] * 2)
        self.assertEqual(bookings.mapped("cancelled_by"), ["customer"] * 2)
        # Once more does no harm, also together with what is cancelled already.
        credits = len(self.channel_order().order_id.invoice_ids)
        self.assertEqual(self.cancel(*bookings).status_code, 204)
        self.assertEqual(len(self.channel_order().order_id.invoice_ids), credits)

    def test_what_else_cannot_be_changed(self):
        self.book(self.padel_slot, self.massage_slot)
        self.book(self.pool_slot, number=2)
        padel, massage = self.channel_order().booking_ids.sorted("id")
        elsewhere = self.channel_order(2).booking_ids
        body = self.cancellation(padel, massage)
        body["orderedItem"][0]["orderItemStatus"] = f"{STATUS}OrderItemConfirmed"
        body["orderedItem"][1]["@id"] = "nonsense"
        path = f"orders/{uuid(1)}"
        # Several things are wrong: they are told one after the other.
        answer = self.ask("PATCH", path, {**body, "totalPaymentDue": {"price": 0}})
        self.assertError(answer, 400, "PatchContainsExcessivePropertiesError")
        self.assertEqual(
            self.ask("PATCH", path, {**body, "x:y": 1}).json()["@type"], "PatchNotAllowedOnPropertyError"
        )
        self.assertError(self.ask("PATCH", path, body), 400, "PatchNotAllowedOnPropertyError")
        body["orderedItem"][0]["orderItemStatus"] = f"{STATUS}CustomerCancelled"
        self.assertError(self.ask("PATCH", path, body), 500, "OrderItemIdInvalidError")
        body["orderedItem"][1]["@id"] = f"{self.base}/api/{path}#/orderedItem/999999"
        self.assertError(self.ask("PATCH", path, body), 500, "OrderItemIdInvalidError")
        body["orderedItem"][1]["@id"] = f"{self.base}/api/{path}#/orderedItem/{elsewhere.id}"
        self.assertError(self.ask("PATCH", path, body), 500, "OrderItemNotWithinOrderError")
        body["orderedItem"][1]["@id"] = f"{self.base}/api/orders/{uuid(2)}#/orderedItem/{elsewhere.id}"
        self.assertError(self.ask("PATCH", path, body), 500, "OrderItemNotWithinOrderError")
        # The URL's order is unknown.
        self.assertError(self.ask("PATCH", f"orders/{uuid(3)}", body), 500, "OrderItemNotWithinOrderError")
        self.assertError(self.cancel(padel, number=3), 404, "UnknownOrderError")
        # It cannot be cancelled: then nothing is, whatever stands before it.
        answer = self.cancel(padel, massage)
        self.assertError(answer, 400, "CancellationNotPermittedError")
        self.assertIn("Malin", answer.json()["description"])
        self.assertEqual((padel.state, massage.state), ("booked", "booked"))
        self.assertError(self.ask("PATCH", path, {"@type": "OrderQuote"}), 500, "UnexpectedOrderTypeError")
        self.assertFalse(self.read_orders())

    def test_nobody_cancels_what_another_marketplace_has_booked(self):
        self.book(self.padel_slot)
        booking = self.channel_order().booking_ids
        _other, token = self.open_till("Another")
        self.assertError(self.cancel(booking, token=token), 404, "UnknownOrderError")
        self.book(self.pool_slot, token=token)
        self.assertError(self.cancel(booking, token=token), 500, "OrderItemIdInvalidError")
        self.assertEqual(booking.state, "booked")

    def test_a_time_can_be_cancelled_until_a_day_before(self):
        self.book(self.padel_slot, self.pool_slot)
        padel, pool = self.channel_order().booking_ids.sorted("id")
        with freeze_time("2030-05-07 15:00:01"):
            answer = self.cancel(padel)
            self.assertError(answer, 400, "CancellationNotPermittedError")
            self.assertIn("7 May 17:00", answer.json()["description"])  # on the clocks of the facility
        with freeze_time("2030-05-07 15:00:00"):
            self.assertEqual(self.cancel(padel).status_code, 204)
        # What was cancelled in time does not hinder, and what has begun does.
        with freeze_time("2030-05-08 15:00:00"):
            self.assertEqual(self.cancel(padel).status_code, 204)
            self.assertError(self.cancel(padel, pool), 400, "CancellationNotPermittedError")

    def test_rules_of_when_it_was_booked(self):
        self.book(self.padel_slot)
        self.padel_product.slot_cancellable = False
        self.assertEqual(self.cancel(self.channel_order().booking_ids).status_code, 204)

    # -- DELETE --

    def test_an_order_is_deleted_and_who_bought_forgotten(self):
        self.book(self.padel_slot, self.massage_slot)
        order = self.channel_order()
        for _again in range(2):
            answer = self.ask("DELETE", f"orders/{uuid(1)}")
            self.assertEqual((answer.status_code, answer.content), (204, b""))
        self.assertEqual(order.booking_ids.mapped("state"), ["cancelled"] * 2)
        self.assertEqual(len(order.order_id.invoice_ids), 2)  # the invoice and its credit note
        self.assertEqual(sum(order.order_id.invoice_ids.mapped("amount_total_signed")), 0)
        kept = {name: order[name] for name in ("openactive_answer", "openactive_parties")}
        self.assertEqual(kept, {"openactive_answer": False, "openactive_parties": False})
        self.assertEqual(self.fed(self.padel_slot)["data"]["remainingUses"], 1)
        # Its name is known for ever.
        self.assertError(self.book(self.padel_slot), 500, "OrderAlreadyExistsError")
        self.assertError(self.quote("C1", self.padel_slot), 500, "OrderAlreadyExistsError")
        self.assertError(self.quote("C2", self.padel_slot), 500, "OrderAlreadyExistsError")
        self.assertError(self.ask("GET", f"orders/{uuid(1)}"), 410, "GoneError")
        self.assertError(self.cancel(order.booking_ids[0]), 410, "GoneError")

    def test_what_has_been_used_stays_sold(self):
        """Deleted when the hour has begun, the order is forgotten; what it was sold for is not given back."""
        self.book(self.padel_slot)
        order = self.channel_order()
        with freeze_time(order.booking_ids.start):
            answer = self.ask("DELETE", f"orders/{uuid(1)}")
        self.assertEqual(answer.status_code, 204, answer.text)
        self.assertEqual((order.state, order.openactive_parties), ("deleted", False))
        self.assertEqual(order.booking_ids.mapped("state"), ["booked"])
        self.assertEqual(order.order_id.invoice_ids.mapped("move_type"), ["out_invoice"])
