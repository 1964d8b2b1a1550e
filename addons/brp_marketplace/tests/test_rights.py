from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import BookingCommon

MODELS = (
    "brp.activity", "brp.block", "brp.booking", "brp.channel.order", "brp.facility", "brp.occupancy",
    "brp.resource", "brp.slot", "brp.slot.report", "brp.slot.template",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestRights(BookingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.till = cls.open_till()
        cls.slot = cls.make_slot()

    def test_desk(self):
        """The desk books, closes and blocks; it changes neither facilities nor prices of products."""
        slot = self.slot.with_user(self.desk)
        slot.action_close()
        slot.action_open()
        self.book(self.slot, self.desk)._cancel("facility")
        with self.assertRaises(AccessError):
            self.facility.with_user(self.desk).name = "Annat"
        with self.assertRaises(AccessError):
            slot.unlink()
        with self.assertRaises(AccessError):
            self.env["brp.occupancy"].with_user(self.desk).create(
                {"resource_id": self.court.id, "place": 1, "start": slot.start, "stop": slot.stop}
            )

    def test_a_booking_is_not_written(self):
        """What a cancellation pays back stands on the booking: nobody writes it, by RPC either."""
        booking = self.book(self.slot, self.desk).with_user(self.desk)
        other = self.book(self.make_slot(self.court_2))
        for vals in (
            {"price": 9999},
            {"state": "cancelled"},
            {"order_line_id": other.order_line_id.id},
            {"slot_id": other.slot_id.id},
            {"cancel_until": "2027-01-01 00:00:00"},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                booking.write(vals)
        self.assertEqual((booking.price, booking.state, booking.slot_id), (320.0, "booked", self.slot))

    def test_others_see_nothing(self):
        """An employee without the group, and a portal user, get nothing."""
        for groups in ("base.group_user", "base.group_portal"):
            user = new_test_user(self.env, f"nobody_{groups[11:]}", groups=groups)
            for model in MODELS:
                with self.subTest(model, groups=groups), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])

    def test_other_company(self):
        """Who works for another company sees nothing of this one."""
        other = self.env["res.company"].create({"name": "Grannby Padel AB"})
        user = self.make_user(
            "neighbour", "brp_marketplace.group_booking_manager,sales_team.group_sale_manager", other
        )
        self.sell(self.till, self.slot)
        self.env.flush_all()
        for model in MODELS:
            if model != "brp.activity":
                self.assertFalse(self.env[model].with_user(user).search([]), model)
        with self.assertRaises(AccessError):
            self.slot.with_user(user).read(["start"])

    def test_token_hash(self):
        manager = new_test_user(self.env, "connector", groups="brp_connector.group_connector_manager")
        with self.assertRaises(AccessError):
            self.till.with_user(manager).read(["marketplace_token_hash"])
