from odoo import Command
from odoo.tests import tagged

from .common import TillCommon


@tagged("post_install", "-at_install")
class TestFind(TillCommon):
    """What the till's dialog shows."""

    def find(self, **values):
        return self.config.with_user(self.cashier).find_slots(**values)

    def test_day(self):
        """The free times of a day on the facility's clocks, with what the customer pays."""
        slot = self.make_slot()
        night = self.make_slot(start="2026-03-03 23:30:00", stop="2026-03-04 00:30:00", price_unit=100)
        self.make_slot(start="2026-03-04 23:00:00", stop="2026-03-05 00:00:00")  # midnight: the next day
        found = self.find(day="2026-03-04", activity_id=self.activity.id)
        self.assertEqual(found["day"], "2026-03-04")
        self.assertEqual(
            found["slots"],
            [
                {"id": night.id, "time": "00:30–01:30", "resource": "Bana 1", "price": 100, "free": 1},
                {"id": slot.id, "time": "17:00–18:00", "resource": "Bana 1", "price": 320, "free": 1},
            ],
        )

    def test_today_first(self):
        """It opens on today; a week is shown at a time, none that has passed."""
        found = self.find(day="2026-02-01")
        self.assertEqual(found["day"], "2026-03-02")
        self.assertEqual(found["days"][0], {"day": "2026-03-02", "name": "Today"})
        self.assertEqual(found["days"][1], {"day": "2026-03-03", "name": "Tue 3 Mar"})
        self.assertEqual(len(found["days"]), 7)
        self.assertFalse(found["previous"])
        later = self.find(day=found["next"])
        self.assertEqual([day["day"] for day in later["days"]][::6], ["2026-03-09", "2026-03-15"])
        self.assertEqual(later["previous"], "2026-03-02")

    def test_activities(self):
        slot = self.make_slot(self.pool, start="2026-03-02 16:00:00", stop="2026-03-02 17:00:00")
        self.make_slot(start="2026-03-02 16:00:00", stop="2026-03-02 17:00:00")
        found = self.find()
        self.assertEqual([activity["name"] for activity in found["activities"]], ["Bad", "Padel"])
        self.assertEqual(found["activity_id"], self.bathing.id)
        self.assertEqual([(row["id"], row["free"]) for row in found["slots"]], [(slot.id, 3)])

    def test_what_is_not_sold(self):
        """Begun, closed, blocked and booked times are not offered."""
        self.make_slot(start="2026-03-02 06:30:00", stop="2026-03-02 07:30:00")
        self.make_slot(start="2026-03-02 10:00:00", stop="2026-03-02 11:00:00", state="closed")
        booked = self.make_slot(start="2026-03-02 12:00:00", stop="2026-03-02 13:00:00")
        self.book(booked)
        held = self.make_slot(start="2026-03-02 14:00:00", stop="2026-03-02 15:00:00")
        self.hold("other", (held, 1))
        self.assertEqual(self.find(activity_id=self.activity.id)["slots"], [])

    def test_facilities_of_the_till(self):
        """A till sells the times of its facilities, and of all if it has none."""
        other = self.env["brp.facility"].create(
            {
                "name": "Norrby Padel",
                "resource_ids": [Command.create({"name": "Bana 1", "activity_id": self.activity.id})],
            }
        )
        here, there = self.make_slot(), self.make_slot(other.resource_ids)
        day = {"day": "2026-03-04", "activity_id": self.activity.id}
        self.assertEqual(
            [(row["id"], row["resource"]) for row in self.find(**day)["slots"]],
            [(there.id, "Norrby Padel: Bana 1"), (here.id, "Sundby Padel: Bana 1")],
        )
        self.config.slot_facility_ids = other
        self.assertEqual([row["id"] for row in self.find(**day)["slots"]], [there.id])

    def test_told_to_the_till(self):
        """The button is shown where there is something to book."""
        Config = self.env["pos.config"].with_user(self.cashier)
        [values] = Config._load_pos_data_read(self.config.with_user(self.cashier), self.config)
        self.assertTrue(values["_sells_slots"])
        self.facility.active = False
        [values] = Config._load_pos_data_read(self.config.with_user(self.cashier), self.config)
        self.assertFalse(values["_sells_slots"])
        self.assertEqual(self.find()["activities"], [])
