from odoo.tests import freeze_time, tagged

from .common import OpenactiveCommon, uuid


@tagged("post_install", "-at_install")
class TestLeases(OpenactiveCommon):
    """Places are held while customers decide, if the online till says so: named leases, for ten minutes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.till.openactive_leases = True
        cls.other, cls.other_token = cls.open_till("Another")
        cls.other.openactive_leases = True

    def remaining(self, answer):
        return [item["orderedItem"]["remainingUses"] for item in answer.json()["orderedItem"]]

    def other_quote(self, *slots, **more):
        return self.quote("C2", *slots, token=self.other_token, **more)

    def test_places_are_held_from_when_the_customer_is_known(self):
        answer = self.quote("C1", self.pool_slot)
        self.assertNotIn("lease", answer.json())
        self.assertEqual(self.fed(self.pool_slot)["data"]["remainingUses"], 3)
        answer = self.quote("C2", self.pool_slot, self.pool_slot)
        self.assertValid("C2Response", answer)
        lease = answer.json()["lease"]
        self.assertEqual(lease, {"@type": "Lease", "leaseExpires": "2030-05-06T08:10:00Z"})
        # Whoever holds them sees them as free; all others do not.
        self.assertEqual(self.remaining(answer), [3, 3])
        self.assertEqual(self.remaining(self.quote("C2", self.pool_slot, self.pool_slot)), [3, 3])
        self.assertEqual(self.fed(self.pool_slot)["data"]["remainingUses"], 1)
        self.assertEqual(self.remaining(self.other_quote(self.pool_slot)), [1])

    def test_nothing_else_is_made(self):
        """Neither customer nor order nor invoice: whoever only asks costs little, and leaves no trace."""
        models = "res.partner", "sale.order", "account.move", "brp.channel.order", "brp.booking"
        before = [self.env[model].search_count([]) for model in models]
        for step in ("C1", "C2"):
            self.assertEqual(self.quote(step, self.pool_slot).status_code, 200)
        self.assertEqual([self.env[model].search_count([]) for model in models], before)
        self.assertEqual(self.env["brp.occupancy"].search_count([("slot_id", "=", self.pool_slot.id)]), 1)

    def test_others_are_told_that_it_is_reserved(self):
        self.quote("C2", self.padel_slot)
        reserved = "OpportunityCapacityIsReservedByLeaseError"
        self.assertItemErrors(self.other_quote(self.padel_slot), reserved)
        self.assertItemErrors(self.quote("C1", self.padel_slot, number=2), reserved)
        self.assertItemErrors(self.book(self.padel_slot, number=2), reserved)
        answer = self.other_quote(self.pool_slot, self.pool_slot, self.pool_slot)
        self.assertEqual(answer.status_code, 200)
        answer = self.quote("C2", self.pool_slot, self.pool_slot, number=3)
        self.assertItemErrors(answer, reserved, reserved)
        self.assertValid("C2ResponseOrderItemError", answer)
        self.assertNotIn("lease", answer.json())

    def test_also_of_times_that_overlap(self):
        longer = self.make_slot(self.court_1, self.padel_product, "2030-05-08 14:30:00", 90)
        self.quote("C2", self.padel_slot)
        self.assertItemErrors(self.other_quote(longer), "OpportunityCapacityIsReservedByLeaseError")
        self.assertEqual(self.fed(longer)["data"]["remainingUses"], 0)

    def test_what_is_leased_is_booked_by_its_holder(self):
        self.quote("C2", self.padel_slot)
        self.assertEqual(self.book(self.padel_slot).status_code, 201)
        self.assertItemErrors(self.other_quote(self.padel_slot), "OpportunityIsFullError")
        self.assertFalse(self.env["brp.occupancy"].search([("hold", "!=", False)]))

    def test_another_basket_replaces_the_one_before(self):
        self.quote("C2", self.padel_slot, self.pool_slot)
        self.quote("C2", self.padel_slot_2)
        self.assertEqual(self.fed(self.padel_slot)["data"]["remainingUses"], 1)
        self.assertEqual(self.fed(self.pool_slot)["data"]["remainingUses"], 3)
        self.assertEqual(self.fed(self.padel_slot_2)["data"]["remainingUses"], 0)
        # Fewer of the same, and a quote without a customer.
        self.quote("C2", self.pool_slot, self.pool_slot)
        self.quote("C2", self.pool_slot)
        self.assertEqual(self.fed(self.pool_slot)["data"]["remainingUses"], 2)
        self.quote("C1", self.pool_slot)
        self.assertEqual(self.fed(self.pool_slot)["data"]["remainingUses"], 3)

    def test_a_longer_time_replaces_the_one_that_it_overlaps(self):
        longer = self.make_slot(self.court_1, self.padel_product, "2030-05-08 15:00:00", 90)
        self.quote("C2", self.padel_slot)
        answer = self.quote("C2", longer)
        self.assertEqual((answer.status_code, self.remaining(answer)), (200, [1]))
        self.assertEqual(self.book(longer).status_code, 201)

    def test_a_basket_that_cannot_be_booked_holds_nothing(self):
        self.quote("C2", self.pool_slot)
        self.other_quote(self.padel_slot)
        answer = self.quote("C2", self.pool_slot, self.padel_slot)
        self.assertItemErrors(answer, None, "OpportunityCapacityIsReservedByLeaseError")
        self.assertEqual(self.remaining(answer), [3, 0])
        self.assertEqual(self.fed(self.pool_slot)["data"]["remainingUses"], 3)

    def test_a_lease_ends(self):
        self.quote("C2", self.padel_slot)
        with freeze_time("2030-05-06 08:09:00"):
            self.assertItemErrors(
                self.other_quote(self.padel_slot), "OpportunityCapacityIsReservedByLeaseError"
            )
        number = self.fed(self.padel_slot)["modified"]
        with freeze_time("2030-05-06 08:10:01"):
            fed = self.fed(self.padel_slot)
            self.assertEqual(fed["data"]["remainingUses"], 1)
            self.assertGreater(fed["modified"], number)
            self.assertEqual(self.other_quote(self.padel_slot).status_code, 200)
            # Who had it is told; and books if it is free again.
            self.assertItemErrors(self.book(self.padel_slot), "OpportunityCapacityIsReservedByLeaseError")
            self.ask("DELETE", f"order-quotes/{uuid(1)}", token=self.other_token)
            self.assertEqual(self.book(self.padel_slot).status_code, 201)

    def test_a_lease_is_let_go(self):
        self.quote("C2", self.padel_slot)
        for _again in range(2):
            answer = self.ask("DELETE", f"order-quotes/{uuid(1)}")
            self.assertEqual((answer.status_code, answer.content), (204, b""))
        self.assertEqual(self.other_quote(self.padel_slot).status_code, 200)
        # Nobody lets go of what is another marketplace's, by the same name.
        self.ask("DELETE", f"order-quotes/{uuid(1)}")
        self.assertEqual(self.fed(self.padel_slot)["data"]["remainingUses"], 0)

    def test_a_price_that_does_not_match_keeps_the_lease(self):
        self.quote("C2", self.padel_slot)
        self.assertError(self.book(self.padel_slot, total=300), 400, "TotalPaymentDueMismatchError")
        self.assertItemErrors(self.other_quote(self.padel_slot), "OpportunityCapacityIsReservedByLeaseError")
        with freeze_time("2030-05-06 08:09:59"):
            self.assertEqual(self.book(self.padel_slot).status_code, 201)

    def test_what_is_refused_holds_nothing(self):
        answer = self.quote("C2", self.padel_slot, payment={"@type": "Card"})
        self.assertError(answer, 400, "IncompletePaymentDetailsError")
        self.assertEqual(self.fed(self.padel_slot)["data"]["remainingUses"], 1)

    def test_no_quote_by_the_name_of_an_order(self):
        self.book(self.padel_slot)
        self.assertError(self.quote("C2", self.pool_slot), 500, "OrderAlreadyExistsError")
        self.assertEqual(self.fed(self.pool_slot)["data"]["remainingUses"], 3)


@tagged("post_install", "-at_install")
class TestNoLeases(OpenactiveCommon):
    """Otherwise nothing is held, and quotes only tell."""

    def test_nothing_is_held(self):
        answer = self.quote("C2", self.padel_slot)
        self.assertNotIn("lease", answer.json())
        self.assertEqual(self.quote("C2", self.padel_slot, number=2).status_code, 200)
        answer = self.ask("DELETE", f"order-quotes/{uuid(9)}")
        self.assertEqual((answer.status_code, answer.content), (204, b""))
