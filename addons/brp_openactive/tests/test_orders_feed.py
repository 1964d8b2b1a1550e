from odoo.tests import tagged

from .common import MEDIA_TYPE, STATUS, OpenactiveCommon, uuid, validators


@tagged("post_install", "-at_install")
class TestOrdersFeed(OpenactiveCommon):
    """A marketplace is told what has become of its orders, after they were booked."""

    def test_an_order_is_told_of_after_its_first_change(self):
        booked = self.book(self.padel_slot, self.massage_slot).json()
        self.assertEqual(self.read_orders(), [])
        order = self.channel_order()
        padel, massage = order.booking_ids.sorted("id")
        massage._cancel("facility", "Malin is ill.")
        [item] = self.read_orders()
        self.assertEqual((item["state"], item["kind"], item["id"]), ("updated", "Order", uuid(1)))
        told = item["data"]
        self.assertEqual((told["@id"], told["identifier"]), (booked["@id"], uuid(1)))
        self.assertEqual(told["totalPaymentDue"]["price"], 320)
        self.assertEqual(
            [(each["orderItemStatus"], each.get("cancellationMessage")) for each in told["orderedItem"]],
            [(f"{STATUS}OrderItemConfirmed", None), (f"{STATUS}SellerCancelled", "Malin is ill.")],
        )
        self.assertEqual(told["orderedItem"][0]["accessCode"][0]["description"], padel.name)
        self.assertValid("OrdersFeed", told)

    def test_each_change_has_a_higher_number(self):
        self.book(self.padel_slot, self.pool_slot)
        self.book(self.pool_slot, number=2)
        first, second = self.channel_order(), self.channel_order(2)
        first.booking_ids[0]._cancel("customer")
        second.booking_ids._cancel("customer")
        before = self.read_orders()
        self.assertEqual([item["id"] for item in before], [uuid(1), uuid(2)])
        first.booking_ids._cancel("customer")
        after = self.read_orders()
        self.assertEqual([item["id"] for item in after], [uuid(2), uuid(1)])
        self.assertGreater(after[1]["modified"], before[1]["modified"])
        self.assertEqual(after[1]["data"]["totalPaymentDue"]["price"], 0)

    def test_no_personal_data(self):
        self.book(self.padel_slot)
        self.cancel(self.channel_order().booking_ids)
        page = self.ask("GET", "orders-rpde").text
        for told in ("alva", "Alva", "Exempel", "+46 70", "TT-77", "torget"):
            self.assertNotIn(told, page)
        [item] = self.read_orders()
        for name in (
            "broker",
            "brokerRole",
            "seller",
            "bookingService",
            "customer",
            "orderNumber",
            "payment",
        ):
            self.assertNotIn(name, item["data"])
        self.assertNotIn("position", item["data"]["orderedItem"][0])

    def test_a_deleted_order(self):
        self.book(self.padel_slot)
        self.cancel(self.channel_order().booking_ids)
        self.read_orders()
        self.ask("DELETE", f"orders/{uuid(1)}")
        [item] = self.read_orders()
        self.assertEqual((item["state"], item["id"], "data" in item), ("deleted", uuid(1), False))

    def test_an_order_that_nobody_was_told_of_is_deleted_in_silence(self):
        self.book(self.padel_slot)
        self.ask("DELETE", f"orders/{uuid(1)}")
        self.assertEqual(self.read_orders(), [])

    def test_pages(self):
        answer = self.ask("GET", "orders-rpde")
        self.assertEqual(answer.headers["Content-Type"], MEDIA_TYPE)
        self.assertNotIn("public", answer.headers["Cache-Control"])
        self.assertEqual(answer.json(), {"next": f"{self.base}/api/orders-rpde", "items": []})
        self.book(self.padel_slot)
        self.cancel(self.channel_order().booking_ids)
        first = self.ask("GET", "orders-rpde")
        number = first.json()["items"][0]["modified"]
        self.assertEqual(first.json()["next"], f"{self.base}/api/orders-rpde?afterChangeNumber={number}")
        last = self.ask("GET", f"orders-rpde?afterChangeNumber={number}")
        self.assertEqual(last.json(), {"next": first.json()["next"], "items": []})
        self.assertError(self.ask("GET", "orders-rpde?afterChangeNumber=0"), 400, "OpenBookingError")
        if not validators.why_not():
            pages = [
                validators.Page(
                    page.url,
                    page.content,
                    content_type=page.headers["Content-Type"],
                    cache_control=page.headers["Cache-Control"],
                )
                for page in (first, last)
            ]
            found = validators.check_pages(pages, is_orders_feed=True)
            self.assertEqual([each for each in found if each.severity == "failure"], [])

    def test_each_marketplace_sees_its_own(self):
        other, token = self.open_till("Another")
        self.book(self.padel_slot)
        self.book(self.pool_slot, number=2, token=token)
        self.cancel(self.channel_order().booking_ids)
        self.cancel(self.channel_order(2, other).booking_ids, number=2, token=token)
        self.assertEqual([item["id"] for item in self.read_orders()], [uuid(1)])
        self.assertEqual([item["id"] for item in self.read_orders(token)], [uuid(2)])
        # A new token for the same marketplace: nothing is lost.
        renewed = self.till._make_token()
        self.assertEqual([item["id"] for item in self.read_orders(renewed)], [uuid(1)])
