from datetime import datetime, time, timedelta

from odoo.tests import HttpCase, tagged

from .common import TillCommon


@tagged("post_install", "-at_install")
class TestTour(TillCommon, HttpCase):
    """The cashier books, sells and refunds times on the screen."""

    now = None  # the browser's clock is not ours to set

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tomorrow = datetime.combine(cls.facility._get_today() + timedelta(days=1), time(16))
        times = {"start": tomorrow, "stop": tomorrow + timedelta(hours=1)}
        cls.slot = cls.make_slot(**times)
        cls.swim_slot = cls.make_slot(cls.pool, **times)

    def start(self, tour):
        self.start_tour(f"/pos/ui/{self.config.id}", tour, login="cashier_sundby")
        self.env.invalidate_all()

    def test_sold_and_refunded(self):
        """A court and two places in the pool are sold to a walk-in; the court is refunded."""
        self.start("brp_till_sold_and_refunded")
        sale, refund = self.env["pos.order"].search([("config_id", "=", self.config.id)], order="id")
        self.assertEqual((sale.amount_total, refund.amount_total), (510, -320))
        self.assertRecordValues(
            (self.slot + self.swim_slot).booking_ids.sorted("id"),
            [
                {"slot_id": slot.id, "price": price, "source": "till", "state": state, "paid": paid}
                for slot, price, state, paid in (
                    (self.slot, 320, "cancelled", "refunded"),
                    (self.swim_slot, 95, "booked", "paid"),
                    (self.swim_slot, 95, "booked", "paid"),
                )
            ],
        )
        self.assertEqual((self.slot.free, self.swim_slot.free), (1, 1))

    def test_somebody_was_first(self):
        """The dialog and the way to the payment refuse what another till has taken meanwhile."""
        self.start("brp_till_somebody_was_first")
        self.assertFalse(self.slot.booking_ids)
        self.assertEqual(self.slot.free, 0)

    def test_without_connection(self):
        """No time is chosen without a connection; one that was chosen before is sold, and booked later."""
        self.start("brp_till_without_connection")
        self.assertRecordValues(self.slot.booking_ids, [{"state": "booked", "paid": "paid", "price": 320}])
