import os
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.brp_openactive.tests.common import STATUS, OpenactiveCommon, uuid

from ..criteria import CRITERIA, SCHEME
from ..hall import open_hall
from ..test_mode import VARIABLE, refuse_in_a_business

KINDS = ("FacilityUse", "IndividualFacilityUse")


@tagged("post_install", "-at_install")
class TestInterface(OpenactiveCommon):
    """The test suite makes the times that it needs, books them, and takes them away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.till.action_deactivate()
        cls.token = "fixed-token"
        cls.till = open_hall(cls.company, cls.token)
        cls.vat_6.sequence = 1

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.dict(os.environ, {VARIABLE: "1"}))

    def post(self, path, body):
        return self.ask("POST", f"test-interface/{path}", body, token="")

    def make(self, criteria="TestOpportunityBookable", kind="FacilityUse", dataset="uat"):
        """Have a time made; return it."""
        answer = self.post(
            f"datasets/{dataset}/opportunities",
            {
                "@context": [STATUS, f"{STATUS}test-interface"],
                "@type": "Slot",
                "facilityUse": {
                    "@type": kind,
                    "provider": {"@type": "Organization", "@id": f"{self.base}/sellers/{self.company.id}"},
                },
                "test:testOpportunityCriteria": f"{SCHEME}{criteria}",
                "test:testOpenBookingFlow": f"{SCHEME}OpenBookingSimpleFlow",
            },
        )
        self.assertEqual(answer.status_code, 201, answer.text)
        self.assertEqual(answer.json()["@type"], "Slot")
        return self.env["brp.slot"].browse(int(answer.json()["@id"].removeprefix(f"{self.base}/slots/")))

    def test_all_that_is_asked_for_is_in_the_feed_at_once(self):
        slots = {(name, kind): self.make(name, kind) for name in CRITERIA for kind in KINDS}
        fed = {item["id"]: item for item in self.read_feed() if item["state"] == "updated"}
        for (name, kind), slot in slots.items():
            with self.subTest(name, kind=kind):
                item = fed[str(slot.id)]
                self.assertValid("BookableRPDEFeed", item["data"])
                is_single = kind == "IndividualFacilityUse"
                self.assertEqual(item["kind"], f"{kind}/Slot")
                offer = item["data"]["offers"][0]
                self.assertEqual(offer["price"], 0 if name.endswith("Free") and "Non" not in name else 320)
                places = {"NoSpaces": 0, "OneSpace": 1, "FiveSpaces": 5}
                wanted = next((free for end, free in places.items() if name.endswith(end)), 10)
                self.assertEqual(item["data"]["remainingUses"], min(wanted, 1) if is_single else wanted)
                is_past = item["data"]["endDate"] < "2030-05-06T08:00:00Z"
                self.assertEqual(is_past, name.endswith("InPast"))

    def test_what_can_be_booked_and_cancelled(self):
        booked = {
            "TestOpportunityBookable": (201, 204),
            "TestOpportunityBookableNoSpaces": (409, None),
            "TestOpportunityBookableInPast": (409, None),
            "TestOpportunityBookableFree": (201, 204),
            "TestOpportunityBookableNotCancellable": (201, 400),
            "TestOpportunityBookableCancellableWithinWindow": (201, 204),
            "TestOpportunityBookableCancellableOutsideWindow": (201, 400),
            "TestOpportunityBookableWithinValidFromBeforeStartDate": (201, 204),
            "TestOpportunityBookableOutsideValidFromBeforeStartDate": (409, None),
        }
        for number, (name, (status, cancelled)) in enumerate(booked.items(), 1):
            with self.subTest(name):
                answer = self.book(self.make(name, KINDS[number % 2]), number=number)
                self.assertEqual(answer.status_code, status, answer.text)
                if status == 201:
                    answer = self.cancel(self.channel_order(number).booking_ids, number=number)
                    self.assertEqual(answer.status_code, cancelled)

    def test_times_of_a_court_do_not_exclude_each_other(self):
        slots = [self.make(kind="IndividualFacilityUse") for _number in range(25)]
        answer = self.book(*slots)
        self.assertEqual(answer.status_code, 201, answer.text)

    def test_totals_in_pounds_are_taken(self):
        slot = self.make()
        pounds = {"@type": "PriceSpecification", "price": 320, "priceCurrency": "GBP"}
        with patch.dict(os.environ, {VARIABLE: ""}):
            self.assertEqual(self.book(slot, totalPaymentDue=pounds).status_code, 400)
        answer = self.book(slot, totalPaymentDue=pounds)
        self.assertEqual(answer.status_code, 201, answer.text)
        self.assertEqual(answer.json()["totalPaymentDue"]["priceCurrency"], "SEK")

    def test_a_data_set_is_taken_away(self):
        mine, other = self.make(), self.make(dataset="other")
        self.book(mine)
        self.channel_order().booking_ids._cancel("facility")
        self.read_orders()
        for _again in range(2):
            answer = self.ask("DELETE", "test-interface/datasets/uat", token="")
            self.assertEqual((answer.status_code, answer.content), (204, b""))
        self.assertEqual(self.fed(mine)["state"], "deleted")
        self.assertEqual(self.fed(other)["state"], "updated")
        self.assertEqual([item["state"] for item in self.read_orders()], ["deleted"])

    def test_the_seller_cancels(self):
        for number, message in ((1, None), (2, "The hall is closed.")):
            self.book(self.make(), number=number)
            action = f"test:SellerRequestedCancellation{'WithMessage' if message else ''}SimulateAction"
            answer = self.post(
                "actions",
                {
                    "@context": [STATUS, f"{STATUS}test-interface"],
                    "@type": action,
                    "object": {"@type": "Order", "@id": f"{self.base}/api/orders/{uuid(number)}"},
                },
            )
            self.assertEqual((answer.status_code, answer.content), (204, b""))
            item = self.read_orders()[-1]["data"]["orderedItem"][0]
            self.assertEqual(item["orderItemStatus"], f"{STATUS}SellerCancelled")
            self.assertEqual(item.get("cancellationMessage"), message)

    def test_what_is_not_understood(self):
        unknown = {"@type": "Order", "@id": f"{self.base}/api/orders/{uuid(9)}"}
        cancel = "test:SellerRequestedCancellationSimulateAction"
        self.assertError(self.post("actions", {"@type": cancel, "object": unknown}), 404, "UnknownOrderError")
        self.assertError(self.post("actions", {"@type": "test:Other"}), 400, "OpenBookingError")
        event = {
            "@type": "ScheduledSession",
            "test:testOpportunityCriteria": f"{SCHEME}TestOpportunityBookable",
        }
        self.assertError(self.post("datasets/uat/opportunities", event), 400, "OpenBookingError")
        slot = {"@type": "Slot", "facilityUse": {"@type": "FacilityUse"}, "test:testOpportunityCriteria": "x"}
        self.assertError(self.post("datasets/uat/opportunities", slot), 400, "OpenBookingError")
        self.assertError(
            self.ask("GET", "test-interface/datasets/uat", token=""), 405, "MethodNotAllowedError"
        )

    def test_never_where_nobody_has_asked_for_it(self):
        with patch.dict(os.environ, {VARIABLE: ""}):
            with self.assertRaisesRegex(UserError, VARIABLE):
                refuse_in_a_business(self.env)
            answer = self.ask("DELETE", "test-interface/datasets/uat", token="")
            self.assertError(answer, 404, "UnknownOrIncorrectEndpointError")
        refuse_in_a_business(self.env)
