from odoo.tests import freeze_time, tagged

from .common import MEDIA_TYPE, STATUS, OpenactiveCommon, uuid, validators


@tagged("post_install", "-at_install")
class TestQuotes(OpenactiveCommon):
    """What a marketplace is told before anybody books: what it costs, and whether there are places."""

    def test_the_validators_are_there(self):
        """Without them all other tests pass without asking them: it is not to be overlooked."""
        if reason := validators.why_not():
            self.skipTest(reason)
        self.assertTrue(validators.failures([("OpenBookingError", "{}")]))

    def test_a_quote_tells_price_vat_and_places_of_both_kinds_of_time(self):
        answer = self.quote("C1", self.padel_slot, self.massage_slot, self.pool_slot)
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(answer.headers["Content-Type"], MEDIA_TYPE)
        self.assertValid("C1Response", answer)
        told = answer.json()
        self.assertEqual(told["@id"], f"{self.base}/api/order-quotes/{uuid(1)}")
        self.assertEqual(told["totalPaymentDue"]["price"], 1210)  # 320 + 795 + 95
        vat = {tax["rate"]: tax["price"] for tax in told["totalPaymentTax"]}
        self.assertEqual(vat, {0.06: 23.49, 0.25: 159})  # 18.11 + 5.38; 795 / 5
        padel, massage, pool = told["orderedItem"]
        self.assertEqual([item["position"] for item in (padel, massage, pool)], [0, 1, 2])
        self.assertEqual(padel["unitTaxSpecification"][0]["price"], 18.11)
        self.assertEqual(massage["unitTaxSpecification"][0]["price"], 159)
        self.assertEqual((padel["orderedItem"]["remainingUses"], padel["orderedItem"]["maximumUses"]), (1, 1))
        self.assertEqual((pool["orderedItem"]["remainingUses"], pool["orderedItem"]["maximumUses"]), (3, 3))
        self.assertEqual(padel["orderedItem"]["facilityUse"]["@type"], "IndividualFacilityUse")
        self.assertEqual(pool["orderedItem"]["facilityUse"]["@type"], "FacilityUse")
        self.assertNotIn("customer", told)

    def test_a_quote_with_the_customer_tells_it_as_it_was_sent(self):
        customer = {"@type": "Person", "email": "nils@example.com"}
        answer = self.quote(
            "C2",
            self.pool_slot,
            customer=customer,
            payment={"@type": "Payment", "identifier": "X", "name": "Card"},
        )
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertValid("C2Response", answer)
        told = answer.json()
        self.assertEqual(told["customer"], customer)
        self.assertEqual(told["payment"], {"@type": "Payment", "name": "Card"})
        self.assertNotIn("lease", told)

    def test_offers_are_told_as_in_the_feed(self):
        fed = self.fed(self.padel_slot)["data"]["offers"][0]
        told = self.quote("C1", self.padel_slot).json()["orderedItem"][0]["acceptedOffer"]
        self.assertEqual(told, fed)

    def test_a_quote_changes_nothing(self):
        before = self.read_feed()
        for step in ("C1", "C2"):
            self.quote(step, self.padel_slot, self.pool_slot)
        self.assertEqual(self.read_feed(), before)
        self.assertFalse(self.channel_order())
        self.assertFalse(self.env["brp.occupancy"].search([]))
        self.assertEqual(self.env["res.partner"].search_count([("email", "=", "alva@example.com")]), 0)

    def test_times_and_prices_as_objects_are_understood(self):
        item = self.item(
            self.pool_slot,
            orderedItem={"@type": "Slot", "@id": self.slot_id(self.pool_slot)},
            acceptedOffer={"@type": "Offer", "@id": f"{self.slot_id(self.pool_slot)}#/offers/1"},
        )
        seller = {"@type": "Organization", "@id": f"{self.base}/sellers/{self.company.id}"}
        answer = self.quote("C1", orderedItem=[item], seller=seller)
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(answer.json()["totalPaymentDue"]["price"], 95)

    # -- what is refused as a whole --------------------------------------------------------------------------

    def test_what_is_not_known_is_ignored(self):
        item = self.item(self.pool_slot) | {"ext:colour": "blue", "attendee": {"@type": "Person"}}
        answer = self.quote("C2", orderedItem=[item], **{"ext:campaign": "spring", "comment": "please"})
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertValid("C2Response", answer)
        self.assertNotIn("spring", answer.text)

    def test_who_takes_part_is_checked(self):
        for step in ("C1", "C2", "B"):
            broker = {"brokerRole": f"{STATUS}AgentBroker", "broker": {"@type": "Organization"}}
            with self.subTest(step=step):
                self.assertRefused(step, 400, "IncompleteBrokerDetailsError", **broker)
                self.assertRefused(step, 400, "IncompleteBrokerDetailsError", brokerRole=None)
                self.assertRefused(step, 400, "IncompleteBrokerDetailsError", brokerRole=f"{STATUS}NoBroker")
                self.assertRefused(
                    step, 500, "SellerNotFoundError", seller=f"{self.base}/sellers/{self.company.id + 1}"
                )
                self.assertRefused(step, 500, "SellerNotFoundError", seller="https://other.example.com/s/1")
                wrong = "OrderQuote" if step == "B" else "Order"
                self.assertRefused(step, 500, "UnexpectedOrderTypeError", **{"@type": wrong})
            if step != "C1":
                nameless = {"@type": "Person", "givenName": "Alva"}
                self.assertRefused(step, 400, "IncompleteCustomerDetailsError", customer=None)
                self.assertRefused(step, 400, "IncompleteCustomerDetailsError", customer=nameless)

    def assertRefused(self, step, status, type_, **changes):
        ask = self.book if step == "B" else lambda *slots, **more: self.quote(step, *slots, **more)
        self.assertError(ask(self.padel_slot, **changes), status, type_)

    def test_an_order_has_one_seller(self):
        other = self.env["res.company"].create({"name": "Another"})
        other.openactive_published = "2030-01-01 00:00:00"
        item = self.item(self.padel_slot, orderedItem=f"{self.base_url()}/openactive/{other.id}/slots/1")
        self.assertError(self.quote("C1", orderedItem=[item]), 500, "SellerMismatchError")

    def test_what_is_no_request(self):
        path = f"order-quote-templates/{uuid(1)}"
        for body in (b"", b"{", b"[]", b'{"a":1,"a":2}', b'{"a":NaN}', b"\xff", b"[" * 100000):
            self.assertError(self.ask("PUT", path, body), 400, "OpenBookingError")
        self.assertError(
            self.ask("PUT", "order-quotes/7", self.request("C2", self.pool_slot)), 400, "OpenBookingError"
        )
        self.assertError(self.quote("C1"), 400, "OpenBookingError")  # nothing asked for
        self.assertError(
            self.quote("C1", orderedItem=[self.item(self.pool_slot), self.item(self.pool_slot)]),
            400,
            "OpenBookingError",
        )

    # -- what is wrong with one item -------------------------------------------------------------------------

    def test_items_that_cannot_be_booked_are_told_apart_at_every_step(self):
        closed = self.make_slot(self.court_1, self.padel_product, "2030-05-09 15:00:00", state="closed")
        gone = self.make_slot(self.court_1, self.padel_product, "2030-05-06 07:30:00")
        far = self.make_slot(self.court_1, self.padel_product, "2030-05-21 15:00:00")
        offer = f"{self.slot_id(self.padel_slot)}#/offers/"
        wrong = {
            "IncompleteOrderItemError": {"acceptedOffer": None},
            "InvalidOpportunityOrOfferIdError": {"orderedItem": "https://other.example.com/slots/1"},
            "UnknownOpportunityError": {
                "orderedItem": f"{self.base}/slots/999999999",
                "acceptedOffer": f"{self.base}/slots/999999999#/offers/1",
            },
            "UnknownOfferError": {"acceptedOffer": f"{offer}2"},
            "UnacceptableOfferError": {"acceptedOffer": f"{self.slot_id(self.pool_slot)}#/offers/1"},
        }
        items = [
            self.item(self.padel_slot, position, **change) for position, change in enumerate(wrong.values())
        ]
        unbookable = (closed, gone, far)
        items += [self.item(slot, len(items) + number) for number, slot in enumerate(unbookable)]
        items.append(self.item(self.pool_slot, 90))
        expected = [*wrong, *["OpportunityOfferPairNotBookableError"] * 3, None]
        for step in ("C1", "C2", "B"):
            ask = self.book if step == "B" else lambda step=step, **more: self.quote(step, **more)
            with self.subTest(step=step):
                answer = ask(orderedItem=items)
                told = self.assertItemErrors(answer, *expected)
                # The validator misses what the first one does not have.
                rest = {**told, "orderedItem": told["orderedItem"][1:]}
                self.assertValid(f"{step}ResponseOrderItemError", rest)
                # What can be booked is told as ever, and is the total.
                self.assertEqual(told["orderedItem"][-1]["orderedItem"]["remainingUses"], 3)
                self.assertEqual(told["totalPaymentDue"]["price"], 95)
        self.assertFalse(self.channel_order())
        self.assertFalse(self.env["brp.occupancy"].search([]))

    def test_an_item_without_its_time(self):
        item = self.item(self.padel_slot, orderedItem=None)
        self.assertItemErrors(self.quote("C2", orderedItem=[item]), "IncompleteOrderItemError")
        self.assertItemErrors(self.book(orderedItem=[item]), "IncompleteOrderItemError")

    def test_a_time_can_be_booked_from_when_it_opens_until_it_closes(self):
        self.padel_product.write({"slot_opens_days": 1, "slot_closes_hours": 2})
        # 8 May 15:00: opens on the 7th at 15:00, closes on the 8th at 13:00.
        for now, error in (
            ("2030-05-07 14:59:00", "OpportunityOfferPairNotBookableError"),
            ("2030-05-07 15:00:00", None),
            ("2030-05-08 13:00:00", None),
            ("2030-05-08 13:01:00", "OpportunityOfferPairNotBookableError"),
            ("2030-05-08 15:00:00", "OpportunityOfferPairNotBookableError"),
        ):
            with self.subTest(now=now), freeze_time(now):
                answer = self.quote("C1", self.padel_slot)
                if error:
                    self.assertItemErrors(answer, error)
                else:
                    self.assertEqual(answer.status_code, 200, answer.text)

    def test_a_time_that_is_full(self):
        self.book(self.padel_slot)
        for step in ("C1", "C2"):
            told = self.assertItemErrors(
                self.quote(step, self.padel_slot, self.pool_slot, number=2), "OpportunityIsFullError", None
            )
            self.assertEqual(told["orderedItem"][0]["orderedItem"]["remainingUses"], 0)
            self.assertEqual(told["totalPaymentDue"]["price"], 95)
        told = self.assertItemErrors(self.book(self.padel_slot, number=2), "OpportunityIsFullError")
        self.assertEqual(told["orderedItem"][0]["orderedItem"]["remainingUses"], 0)

    def test_more_items_than_places_only_the_excess_is_refused(self):
        pool = self.pool_slot
        for step in ("C1", "C2", "B"):
            ask = self.book if step == "B" else lambda *slots, step=step: self.quote(step, *slots)
            told = self.assertItemErrors(
                ask(pool, pool, pool, pool, pool),
                None, None, None, *["OpportunityHasInsufficientCapacityError"] * 2,
            )  # fmt: skip
            self.assertEqual({item["orderedItem"]["remainingUses"] for item in told["orderedItem"]}, {3})
            self.assertEqual(told["totalPaymentDue"]["price"], 285)  # three of them
        self.assertFalse(self.env["brp.occupancy"].search([]))

    def test_times_that_take_each_others_place(self):
        longer = self.make_slot(self.court_1, self.padel_product, "2030-05-08 15:30:00", 90)
        for step in ("C1", "C2", "B"):
            ask = self.book if step == "B" else lambda *slots, step=step: self.quote(step, *slots)
            told = self.assertItemErrors(
                ask(self.padel_slot, longer, self.padel_slot_2), None, "OpportunityIsInConflictError", None
            )
            self.assertEqual(told["totalPaymentDue"]["price"], 640)
        # One after the other they do not.
        after = self.make_slot(self.court_1, self.padel_product, "2030-05-08 16:00:00")
        self.assertEqual(self.quote("C1", self.padel_slot, after).status_code, 200)

    def test_times_of_a_facility_that_is_not_sold_there_are_not_known(self):
        facility = self.env["brp.facility"].create({"name": "Secret", "company_id": self.company.id})
        room = self.make_resource("Room", self.court_1.activity_id, facility_id=facility.id)
        slot = self.make_slot(room, self.padel_product, "2030-05-08 15:00:00")
        self.assertItemErrors(self.quote("C1", slot), "UnknownOpportunityError")

    # -- languages -------------------------------------------------------------------------------------------

    def test_a_swedish_company_tells_what_customers_read_in_swedish(self):
        self.env["res.lang"]._activate_lang("sv_SE")
        self.company.partner_id.lang = "sv_SE"
        self.book(self.padel_slot)
        told = self.quote("C1", self.padel_slot, number=2).json()
        self.assertEqual(told["orderedItem"][0]["error"][0]["name"], "Tiden är redan bokad.")
        told = self.quote("C2", self.padel_slot, number=2, customer=None).json()
        self.assertEqual(told["name"], "Kundens e-postadress saknas.")
