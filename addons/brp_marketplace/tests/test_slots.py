from datetime import datetime

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import BookingCommon


@tagged("post_install", "-at_install")
class TestSlots(BookingCommon):
    """Times that come back every week."""

    def starts(self, resource=None):
        slots = self.env["brp.slot"].search(
            [("resource_id", "=", (resource or self.court).id), ("state", "=", "open")]
        )
        return [str(start) for start in slots.mapped("start")]

    def test_week(self):
        """Weekdays 17–20 for a week and a day: six days of three hours. In winter 17 is 16 UTC."""
        self.make_week()
        told = self.facility._make_slots()
        self.assertEqual(dict(told), {"made": 18, "changed": 0, "withdrawn": 0})
        self.assertEqual(
            self.starts()[:4],
            ["2026-03-02 16:00:00", "2026-03-02 17:00:00", "2026-03-02 18:00:00", "2026-03-03 16:00:00"],
        )
        self.assertEqual(self.starts()[-1], "2026-03-09 18:00:00")

    def test_clocks_forward(self):
        """On 29 March the clocks go from 02 to 03: 17:00 is an hour earlier in UTC from then on."""
        with freeze_time("2026-03-27 07:00:00"):
            self.make_week(sat=True, sun=True, hour_from=1, hour_to=5)
            self.facility._make_slots()
        self.assertEqual(
            [start for start in self.starts() if "2026-03-28" <= start < "2026-03-29 12"],
            # 28 March 01, 02, 03, 04; 29 March 01, then 03 and 04: there is no 02
            [
                "2026-03-28 00:00:00", "2026-03-28 01:00:00", "2026-03-28 02:00:00", "2026-03-28 03:00:00",
                "2026-03-29 00:00:00", "2026-03-29 01:00:00", "2026-03-29 02:00:00",
            ],
        )  # fmt: skip

    def test_again(self):
        """Making times anew writes nothing."""
        self.make_week(self.court + self.court_2)
        self.facility._make_slots()
        self.env.flush_all()
        slots = self.env["brp.slot"].search([("facility_id", "=", self.facility.id)])
        stamps = slots.mapped("write_date")
        with freeze_time("2026-03-02 07:30:00"):
            self.assertEqual(dict(self.facility._make_slots()), {"made": 0, "changed": 0, "withdrawn": 0})
            self.env.flush_all()
        slots.invalidate_recordset()
        self.assertEqual(slots.mapped("write_date"), stamps)

    def test_next_day(self):
        """The next day brings that day's times; those that are there stay the same records."""
        self.make_week()
        self.facility._make_slots()
        before = self.env["brp.slot"].search([("facility_id", "=", self.facility.id)])
        with freeze_time("2026-03-03 07:00:00"):
            told = self.facility._make_slots()
        self.assertEqual(told["made"], 3)
        after = self.env["brp.slot"].search([("facility_id", "=", self.facility.id)])
        self.assertEqual((after - before).mapped(lambda slot: str(slot.start.date())), ["2026-03-10"] * 3)

    def test_withdrawn_and_back(self):
        """Without their weekly times, times are not sold, but stay booked; back, they are the same."""
        week = self.make_week()
        self.facility._make_slots()
        slots = self.env["brp.slot"].search([("facility_id", "=", self.facility.id)])
        self.book(slots[0])
        week.active = False
        self.assertEqual(self.facility._make_slots()["withdrawn"], 18)
        self.assertEqual(set(slots.mapped("state")), {"withdrawn"})
        self.assertEqual(slots[0].booking_ids.state, "booked")
        week.active = True
        told = self.facility._make_slots()
        self.assertEqual((told["made"], told["changed"]), (0, 18))
        self.assertEqual(set(slots.mapped("state")), {"open"})

    def test_other_vat(self):
        """320 with 6 % VAT on top are 339.20; when the rate becomes 12 %, 358.40 at once."""
        slot = self.make_slot()
        self.tax_6.price_include_override = "tax_excluded"
        self.assertEqual(slot.price, 339.2)
        self.tax_6.amount = 12
        self.assertEqual(slot.price, 358.4)

    def test_price_list(self):
        """New prices reach the times; a price that somebody set by hand stays."""
        self.make_week()
        self.facility._make_slots()
        slots = self.env["brp.slot"].search([("facility_id", "=", self.facility.id)])
        self.assertEqual(set(slots.mapped("price")), {320.0})
        slots[0].price_unit = 250
        self.padel.list_price = 340
        self.facility._make_slots()
        self.assertEqual((slots[0].price, slots[1].price), (250.0, 340.0))

    def test_evening_price(self):
        """A price list of the weekly times: 20 % less than 320 is 256."""
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Dagtid",
                "currency_id": self.company.currency_id.id,
                "item_ids": [Command.create({"compute_price": "percentage", "percent_price": 20})],
            }
        )
        self.make_week(pricelist_id=pricelist.id)
        self.facility._make_slots()
        self.assertEqual(set(self.env["brp.slot"].search([]).mapped("price")), {256.0})

    def test_price_without_vat(self):
        """Prices are kept without VAT: 300 and 6 % are 318 to the customer."""
        self.tax_6.price_include_override = "tax_excluded"
        self.padel.list_price = 300
        self.assertEqual(self.make_slot().price, 318.0)

    def test_opening_hours(self):
        """Open 08–18 on weekdays, and closed on Wednesday 4 March: times from 17 to 18 only, not that day."""
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Öppet",
                "company_id": self.company.id,
                "tz": "UTC",  # it is the facility's clocks that count
                "attendance_ids": [
                    Command.clear(),
                    *[
                        Command.create(
                            {
                                "name": "Öppet",
                                "dayofweek": str(day),
                                "hour_from": 8,
                                "hour_to": 18,
                                "day_period": "full_day",
                            }
                        )
                        for day in range(5)
                    ],
                ],
                "global_leave_ids": [
                    Command.create(
                        {
                            "name": "Städdag",
                            "date_from": "2026-03-03 23:00:00",
                            "date_to": "2026-03-04 23:00:00",
                        }
                    )
                ],
            }
        )
        self.facility.resource_calendar_id = calendar
        self.make_week()
        self.facility._make_slots()
        self.assertEqual(
            self.starts(),
            [f"2026-03-{day:02} 16:00:00" for day in (2, 3, 5, 6, 9)],
        )

    def test_hours_of_every_day(self):
        """The facility's dialog proposes every day from 8 to 20; Sunday is taken away, Monday until 18."""
        manager = self.make_user("opening", "base.group_user,brp_marketplace.group_booking_manager")
        hours = self.env["resource.calendar"].with_user(manager)
        hours = hours.with_context(opening_hours=True, default_name="Sundby")
        with Form(hours, view="brp_marketplace.resource_calendar_view_form_opening_hours") as form:
            self.assertEqual(len(form.attendance_ids), 7)
            form.attendance_ids.remove(6)
            with form.attendance_ids.edit(0) as monday:
                monday.hour_to = 18
            with form.attendance_ids.new() as night:
                night.dayofweek, night.hour_from, night.hour_to = "4", 21, 23
        self.facility.resource_calendar_id = form.record
        self.make_week(hour_from=17, hour_to=23, sat=True, sun=True)
        self.facility._make_slots()
        # Stockholm is an hour before UTC: Monday 17, other days 17, 18 and 19, Friday 21 and 22 as well.
        self.assertEqual(
            self.starts(),
            ["2026-03-02 16:00:00"]
            + [f"2026-03-{day:02} {hour}:00:00" for day in (3, 4, 5) for hour in (16, 17, 18)]
            + [f"2026-03-06 {hour}:00:00" for hour in (16, 17, 18, 20, 21)]
            + [f"2026-03-07 {hour}:00:00" for hour in (16, 17, 18)]
            + ["2026-03-09 16:00:00"],
        )

    def test_until_midnight(self):
        """Open around the clock, times that end at 24:00 are made as well."""
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Dygnet runt",
                "company_id": self.company.id,
                "tz": "Europe/Stockholm",
                "attendance_ids": [
                    Command.clear(),
                    *[
                        Command.create(
                            {
                                "name": "Öppet",
                                "dayofweek": str(day),
                                "hour_from": 0,
                                "hour_to": 24,
                                "day_period": "full_day",
                            }
                        )
                        for day in range(7)
                    ],
                ],
            }
        )
        self.facility.resource_calendar_id = calendar
        self.make_week(hour_from=22, hour_to=24)
        self.facility._make_slots()
        self.assertEqual(self.starts()[:2], ["2026-03-02 21:00:00", "2026-03-02 22:00:00"])

    def test_moved_by_hand(self):
        """A weekly time that is moved is not made anew where it was."""
        self.make_week()
        self.facility._make_slots()
        slot = self.env["brp.slot"].search([("facility_id", "=", self.facility.id)], limit=1)
        slot.write({"start": datetime(2026, 3, 2, 9), "stop": datetime(2026, 3, 2, 10)})
        self.facility._make_slots()
        self.assertEqual(
            self.starts()[:3], ["2026-03-02 09:00:00", "2026-03-02 17:00:00", "2026-03-02 18:00:00"]
        )

    def test_closed_by_hand(self):
        """A time that is closed stays closed."""
        self.make_week()
        self.facility._make_slots()
        slot = self.env["brp.slot"].search([("facility_id", "=", self.facility.id)], limit=1)
        slot.action_close()
        self.facility._make_slots()
        self.assertEqual((slot.state, slot.free), ("closed", 0))
        with self.assertRaisesRegex(UserError, "close it instead"):
            slot.unlink()

    def test_booked_is_not_moved(self):
        slot = self.make_slot()
        self.book(slot)
        with self.assertRaisesRegex(UserError, "is booked by Kim Exempel"):
            slot.start = datetime(2026, 3, 4, 18)

    def test_twice(self):
        """A resource has a time once."""
        self.make_slot()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.make_slot()

    def test_nonsense(self):
        for values, words in (
            ({"hour_from": 20, "hour_to": 17}, "hours_in_order"),
            ({"duration": 4}, "no time of that length"),
            ({"step": 0.01}, "five minutes"),
            (
                dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), False),
                "days of the week",
            ),
        ):
            with (
                self.subTest(words),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex((ValidationError, CheckViolation), words),
                self.env.cr.savepoint(),
            ):
                self.make_week(**values)
                self.env.flush_all()

    def test_never_less_than_nothing(self):
        """A time may be free, and nobody is paid for taking one."""
        slot = self.make_slot(price_unit=0)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex((ValidationError, CheckViolation), "price_sensible|less than nothing"),
        ):
            slot.price_unit = -1
            self.env.flush_all()

    def test_product_is_a_service(self):
        """What cannot be invoiced when it is ordered cannot be sold as a time."""
        with self.assertRaisesRegex(ValidationError, "invoiced as ordered"):
            self.padel.invoice_policy = "delivery"
