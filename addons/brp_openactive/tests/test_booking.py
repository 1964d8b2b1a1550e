import json

from odoo.tests import freeze_time, tagged

from .common import STATUS, OpenactiveCommon, uuid


@tagged("post_install", "-at_install")
class TestBooking(OpenactiveCommon):
    """A marketplace books what its customer has paid."""

    def test_what_is_booked_is_told(self):
        answer = self.book(self.padel_slot, self.massage_slot, self.pool_slot, self.pool_slot)
        self.assertEqual(answer.status_code, 201, answer.text)
        self.assertValid("BResponse", answer)
        told = answer.json()
        order = self.channel_order()
        bookings = order.booking_ids.sorted("id")
        self.assertEqual(told["@id"], f"{self.base}/api/orders/{uuid(1)}")
        self.assertEqual((told["identifier"], told["orderNumber"]), (uuid(1), bookings[0].name))
        self.assertEqual(told["customer"]["email"], "alva@example.com")
        self.assertEqual(told["payment"]["identifier"], "TT-77")
        self.assertEqual(told["totalPaymentDue"]["price"], 1305)  # 320 + 795 + 2 · 95
        vat = {tax["rate"]: tax["price"] for tax in told["totalPaymentTax"]}
        self.assertEqual(vat, {0.06: 28.87, 0.25: 159})  # 18.11 + 2 · 5.38
        for position, (item, booking) in enumerate(zip(told["orderedItem"], bookings, strict=True)):
            self.assertEqual(item["position"], position)
            self.assertEqual(item["@id"], f"{told['@id']}#/orderedItem/{booking.id}")
            self.assertEqual(item["orderItemStatus"], f"{STATUS}OrderItemConfirmed")
            codes = [code["description"] for code in item["accessCode"]]
            self.assertEqual(codes, [booking.name, booking.access_code])
        slots = [self.padel_slot, self.massage_slot, self.pool_slot, self.pool_slot]
        self.assertEqual(list(bookings.mapped("slot_id.id")), [slot.id for slot in slots[:3]])
        self.assertEqual([booking.slot_id for booking in bookings], slots)
        self.assertEqual(order.payment_reference, "TT-77")
        self.assertEqual(self.fed(self.pool_slot)["data"]["remainingUses"], 1)

    def test_positions_are_the_marketplaces_own(self):
        items = [self.item(self.pool_slot, 7), self.item(self.padel_slot, 3)]
        told = self.book(orderedItem=items, total=415, payment={"@type": "Payment", "identifier": "X"}).json()
        self.assertEqual(
            [(item["position"], item["orderedItem"]["@id"]) for item in told["orderedItem"]],
            [(7, self.slot_id(self.pool_slot)), (3, self.slot_id(self.padel_slot))],
        )

    # -- the books --

    def balances(self, moves):
        sums = {}
        for line in moves.line_ids:
            code = line.account_id.code
            sums[code[0] if code[0] == "3" else code] = round(
                sums.get(code[0] if code[0] == "3" else code, 0) + line.balance, 2
            )
        return sums

    def test_the_books_after_booking_and_after_cancelling(self):
        self.book(self.padel_slot, self.massage_slot, self.pool_slot, self.pool_slot)
        order = self.channel_order()
        receivable = self.till.marketplace_method_id.payment_account_id.code
        invoice = order.order_id.invoice_ids
        self.assertEqual((invoice.state, invoice.payment_state), ("posted", "paid"))
        self.assertEqual(
            self.balances(invoice),
            {"1510": 1305, "3": -1117.13, "2631": -28.87, "2611": -159},  # 301.89 + 636 + 2 · 89.62
        )
        payment = self.env["account.payment"].search([("memo", "=", "TT-77")])
        self.assertEqual(self.balances(payment.move_id), {receivable: 1305, "1510": -1305})
        # One place in the pool and the court are cancelled: 320 + 95.
        bookings = order.booking_ids.sorted("id")
        self.assertEqual(self.cancel(bookings[0], bookings[3]).status_code, 204)
        credit = order.order_id.invoice_ids - invoice
        self.assertEqual(
            self.balances(credit),
            {"1510": -415, "3": 391.51, "2631": 23.49},  # 301.89 + 89.62; 18.11 + 5.38
        )
        back = self.env["account.payment"].search([("memo", "=", "TT-77"), ("payment_type", "=", "outbound")])
        self.assertEqual(self.balances(back.move_id), {receivable: -415, "1510": 415})
        self.assertEqual(credit.payment_state, "paid")
        self.assertEqual(self.fed(self.padel_slot)["data"]["remainingUses"], 1)
        self.assertEqual(self.fed(self.pool_slot)["data"]["remainingUses"], 2)

    def test_an_agent_sells_for_us_to_its_customer(self):
        self.book(self.padel_slot)
        customer = self.channel_order().order_id.partner_id
        self.assertEqual(
            (customer.name, customer.email, customer.phone),
            ("Alva Exempel", "alva@example.com", "+46 70 000 00 00"),
        )
        self.assertEqual(self.channel_order().booking_ids.partner_id, customer)

    def test_a_reseller_buys_from_us(self):
        marketplace = self.env["res.partner"].create({"name": "Tidstorget AB", "is_company": True})
        self.till.marketplace_partner_id = marketplace
        reseller = {"brokerRole": f"{STATUS}ResellerBroker", "customer": None}
        self.assertEqual(self.quote("C2", self.padel_slot, **reseller).status_code, 200)
        answer = self.book(self.padel_slot, **reseller)
        self.assertEqual(answer.status_code, 201, answer.text)
        self.assertValid("BResponse", answer)
        self.assertNotIn("customer", answer.json())
        self.assertEqual(self.channel_order().order_id.invoice_ids.partner_id, marketplace)
        status = self.ask("GET", f"orders/{uuid(1)}").json()
        self.assertEqual(status["brokerRole"], f"{STATUS}ResellerBroker")

    def test_a_reseller_that_nothing_is_agreed_with(self):
        reseller = {"brokerRole": f"{STATUS}ResellerBroker"}
        for step in ("C1", "C2"):
            answer = self.quote(step, self.padel_slot, **reseller)
            self.assertError(answer, 500, "OrderCreationFailedError")
        self.assertError(self.book(self.padel_slot, **reseller), 500, "OrderCreationFailedError")
        self.assertFalse(self.env["brp.occupancy"].search([]))

    def test_without_a_broker(self):
        answer = self.book(self.padel_slot, brokerRole=f"{STATUS}NoBroker", broker=None)
        self.assertEqual(answer.status_code, 201, answer.text)
        self.assertNotIn("broker", answer.json())

    # -- payment and price --

    def test_payment_and_price_are_checked(self):
        refused = {
            "MissingPaymentDetailsError": {"payment": None},
            "IncompletePaymentDetailsError": {"payment": {"@type": "Payment", "name": "Card"}},
            "TotalPaymentDueMismatchError": {"total": 319.99},
        }
        for type_, changes in refused.items():
            self.assertError(self.book(self.padel_slot, **changes), 400, type_)
        euro = {"@type": "PriceSpecification", "price": 320, "priceCurrency": "EUR"}
        answer = self.book(self.padel_slot, totalPaymentDue=euro)
        self.assertError(answer, 400, "TotalPaymentDueMismatchError")
        self.assertFalse(self.channel_order())
        self.assertFalse(self.env["brp.occupancy"].search([]))

    def test_a_free_time(self):
        self.pool_slot.price_unit = 0
        card = {"@type": "Payment", "identifier": "X"}
        answer = self.book(self.pool_slot, payment=card)
        self.assertError(answer, 400, "UnnecessaryPaymentDetailsError")
        self.assertEqual(self.quote("C2", self.pool_slot).json()["totalPaymentDue"]["price"], 0)
        answer = self.book(self.pool_slot)
        self.assertEqual(answer.status_code, 201, answer.text)
        self.assertValid("BResponse", answer)
        order = self.channel_order()
        self.assertFalse(order.order_id.invoice_ids)
        self.assertEqual(self.cancel(order.booking_ids).status_code, 204)
        self.assertEqual(self.fed(self.pool_slot)["data"]["remainingUses"], 3)

    def test_a_price_with_ore(self):
        self.padel_slot.price_unit = 299.90
        answer = self.book(self.padel_slot, total=299.9)
        self.assertEqual(answer.status_code, 201, answer.text)
        self.assertEqual(answer.json()["totalPaymentTax"][0]["price"], 16.98)  # 299.90 · 6 / 106

    # -- the same again --

    def test_the_same_request_gets_the_same_answer_again(self):
        first = self.book(self.padel_slot, self.pool_slot)
        self.padel_slot.write({"price_unit": 500, "state": "closed"})
        self.padel_product.name = "Padel, indoors"
        with freeze_time("2030-05-06 12:00:00"):
            # However its properties are ordered.
            body = dict(reversed(self.request("B", self.padel_slot, self.pool_slot, total=415).items()))
            again = self.ask("PUT", f"orders/{uuid(1)}", json.dumps(body).encode())
        self.assertEqual((again.status_code, again.content), (201, first.content))
        self.assertEqual(len(self.channel_order().booking_ids), 2)
        upper = self.ask("PUT", f"orders/{uuid(1).upper()}", json.dumps(body).encode())
        self.assertEqual((upper.status_code, upper.content), (201, first.content))
        # Also when it has been cancelled since.
        self.cancel(self.channel_order().booking_ids[0])
        again = self.ask("PUT", f"orders/{uuid(1)}", json.dumps(body).encode())
        self.assertEqual((again.status_code, again.content), (201, first.content))

    def test_something_else_by_the_same_name_is_refused(self):
        self.book(self.padel_slot)
        other = {"@type": "Person", "email": "bo@example.com"}
        self.assertError(self.book(self.padel_slot, customer=other), 500, "OrderAlreadyExistsError")
        self.assertError(self.book(self.pool_slot), 500, "OrderAlreadyExistsError")
        for step in ("C1", "C2"):
            self.assertError(self.quote(step, self.pool_slot), 500, "OrderAlreadyExistsError")
        self.assertEqual(len(self.channel_order().booking_ids), 1)

    def test_two_marketplaces_may_use_the_same_name(self):
        other, token = self.open_till("Another")
        mine, its = self.book(self.pool_slot), self.book(self.pool_slot, token=token)
        self.assertEqual((mine.status_code, its.status_code), (201, 201))
        self.assertNotEqual(mine.json()["orderNumber"], its.json()["orderNumber"])
        self.assertEqual(len(self.channel_order().booking_ids), 1)
        self.assertEqual(len(self.channel_order(till=other).booking_ids), 1)

    # -- what keeps us from selling --

    def test_what_keeps_us_from_selling_is_not_told(self):
        # Nothing can be posted in its journal any more.
        self.till.marketplace_method_id.journal_id.active = False
        with self.assertLogs("odoo.http", "WARNING"):
            answer = self.book(self.padel_slot)
        self.assertError(answer, 500, "OrderCreationFailedError")
        self.assertNotIn("journal", answer.text)
        self.assertFalse(self.channel_order())
        self.assertFalse(self.env["brp.occupancy"].search([]))
        self.assertEqual(self.fed(self.padel_slot)["data"]["remainingUses"], 1)

    def test_what_is_refused_is_no_error_of_ours(self):
        with self.assertNoLogs("odoo.http", "WARNING"):
            self.assertError(self.book(self.padel_slot, total=1), 400, "TotalPaymentDueMismatchError")
