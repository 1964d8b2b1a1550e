from contextlib import ExitStack, contextmanager
from datetime import datetime

from psycopg2.errors import ExclusionViolation

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from .common import BookingCommon


@tagged("post_install", "-at_install")
class TestPlaces(BookingCommon):
    """A place is taken once, by whatever takes it."""

    def test_database_refuses(self):
        """Whoever writes past all of our code is refused as well."""
        slot = self.make_slot()
        self.book(slot)
        with mute_logger("odoo.sql_db"), self.assertRaises(ExclusionViolation), self.env.cr.savepoint():
            self.env.cr.execute(
                "INSERT INTO brp_occupancy (resource_id, place, start, stop)"
                " VALUES (%s, 1, '2026-03-04 16:30', '2026-03-04 16:45')",
                [self.court.id],
            )

    def test_one_court(self):
        slot = self.make_slot()
        self.assertEqual((slot.taken, slot.free), (0, 1))
        self.book(slot)
        self.assertEqual((slot.taken, slot.free), (1, 0))
        with self.assertRaisesRegex(UserError, "fully booked"):
            self.book(slot)

    def test_overlapping_times(self):
        """60 and 90 minutes on a court exclude each other; times that follow on each other do not."""
        hour = self.make_slot()
        longer = self.make_slot(stop="2026-03-04 17:30:00")
        after = self.make_slot(start="2026-03-04 17:30:00", stop="2026-03-04 18:30:00")
        self.book(hour)
        self.assertEqual((longer.taken, longer.free, after.free), (0, 0, 1))
        with self.assertRaisesRegex(UserError, "fully booked"):
            self.book(longer)
        self.book(after)

    def test_several_places(self):
        """Three places, two of them sold: one is left, and two cannot be had."""
        slot = self.make_slot(self.pool)
        self.assertEqual(len(self.book(slot, places=2)), 2)
        self.assertEqual(slot.free, 1)
        with self.assertRaisesRegex(UserError, "only 1 free"):
            self.book(slot, places=2)
        self.assertEqual(slot.taken, 2)

    def test_fewer_sold_than_there_are(self):
        """A time that sells two of three places is full with two; the third goes to another time."""
        slot = self.make_slot(self.pool, places=2)
        later = self.make_slot(self.pool, start="2026-03-04 16:30:00", stop="2026-03-04 17:30:00")
        self.book(slot, places=2)
        self.assertEqual((slot.free, later.free), (0, 1))

    def test_cancelled_is_free(self):
        slot = self.make_slot()
        self.book(slot)._cancel("facility")
        self.assertEqual((slot.taken, slot.free), (0, 1))
        self.book(slot)

    def test_block(self):
        """A court that is closed for repairs has no free times; booked times keep it from being closed."""
        slot = self.make_slot()
        values = {
            "name": "Nya lampor",
            "facility_id": self.facility.id,
            "resource_ids": [(6, 0, self.court.ids)],
            "start": datetime(2026, 3, 4, 12),
            "stop": datetime(2026, 3, 4, 20),
        }
        block = self.env["brp.block"].create(values)
        self.assertEqual(slot.free, 0)
        slot.invalidate_recordset()
        block.stop = datetime(2026, 3, 4, 16)
        self.assertEqual(slot.free, 1)
        self.book(slot)
        with self.assertRaisesRegex(UserError, "B[0-9]+, Kim Exempel"):
            block.stop = datetime(2026, 3, 4, 20)
        block.unlink()

    def test_names(self):
        """Where the company has several facilities, what is booked tells which: each may have a court 1."""
        slot = self.make_slot()
        self.assertEqual(slot.display_name, "Bana 1, Wed 4 Mar 17:00–18:00")
        self.env["brp.facility"].create({"name": "Norrhallen"})
        self.env.invalidate_all()
        self.assertEqual(slot.display_name, "Sundby Padel: Bana 1, Wed 4 Mar 17:00–18:00")

    def test_in_the_calendar(self):
        """What is free is told from what is booked, closed or blocked."""
        slot, pool = self.make_slot(), self.make_slot(self.pool)
        self.assertEqual((slot.calendar_name, pool.calendar_name), ("Bana 1", "Bassängen, 3 free"))
        block = self.env["brp.block"].create(
            {
                "name": "Repairs",
                "facility_id": self.facility.id,
                "resource_ids": [(6, 0, self.court.ids)],
                "start": slot.start,
                "stop": slot.stop,
            }
        )
        slot.invalidate_recordset()
        self.assertEqual(slot.calendar_name, "Bana 1 (blocked)")
        block.unlink()
        self.book(slot)
        slot.invalidate_recordset()
        self.assertEqual(slot.calendar_name, "Bana 1: Kim Exempel")
        pool.action_close()
        pool.invalidate_recordset()
        self.assertEqual(pool.calendar_name, "Bassängen (closed)")

    def test_search_free(self):
        free = self.make_slot(self.court_2)
        taken = self.make_slot()
        self.book(taken)
        over = self.make_slot(start="2026-03-02 05:00:00", stop="2026-03-02 06:00:00")
        pool = self.make_slot(self.pool)
        slots = free + taken + over + pool
        for domain, expected in [
            ([("free", ">", 0)], free + pool),
            ([("free", ">=", 2)], pool),
            ([("free", "=", 3)], pool),
            ([("free", "=", 0)], taken + over),
            ([("free", "<", 3)], free + taken + over),
            ([("free", "!=", 1)], taken + over + pool),
        ]:
            with self.subTest(domain):
                self.assertEqual(slots.search([("id", "in", slots.ids), *domain]), expected.sorted())
                self.assertEqual(slots.filtered_domain(domain).sorted(), expected.sorted())

    def test_queries(self):
        """To count places takes one query, however many times there are."""
        slots = self.env["brp.slot"]
        for hour in range(8, 20):
            slots += self.make_slot(start=f"2026-03-05 {hour:02}:00:00", stop=f"2026-03-05 {hour:02}:50:00")
        self.env.flush_all()
        slots.invalidate_recordset()
        slots.mapped("stop")
        with self.assertQueryCount(1):
            slots._count_places()

    def test_expired_hold(self):
        """What was held for somebody who did not come back is free, and can be booked."""
        slot = self.make_slot()
        slot._take_all(1, {"hold": "visitor", "expires": datetime(2026, 3, 2, 6, 59)})
        slot.invalidate_recordset()
        self.assertEqual(slot.free, 1)
        self.book(slot)

    def test_fewer_places(self):
        """Places that are booked cannot be taken away."""
        self.book(self.make_slot(self.pool), places=3)
        with self.assertRaisesRegex(UserError, "more than 2 places booked"):
            self.pool.places = 2
        self.pool.places = 4


@tagged("post_install", "-at_install")
class TestTwoAtOnce(BaseCase):
    """Real transactions, which leave nothing behind."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.transaction() as env:
            facility = env["brp.facility"].create({"name": "At Once"})
            activity = env["brp.activity"].create({"name": "At Once"})
            pool = env["brp.resource"].create(
                {"name": "Pool", "facility_id": facility.id, "activity_id": activity.id, "places": 3}
            )
            product = env["product.product"].create(
                {"name": "At Once", "type": "service", "invoice_policy": "order", "is_slot": True}
            )
            slot = env["brp.slot"].create(
                {
                    "resource_id": pool.id,
                    "product_id": product.id,
                    "start": datetime(2036, 3, 4, 16),
                    "stop": datetime(2036, 3, 4, 17),
                }
            )
            self.slot_id = slot.id
            made = facility, activity, product
        self.addCleanup(self.remove, made)

    @contextmanager
    def transaction(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def remove(self, made):
        with self.transaction() as env:
            for records in made:
                records.with_env(env).unlink()

    def test_last_place(self):
        """Four transactions begin before any of them takes a place: three get one, then it is full."""
        with ExitStack() as stack:
            begun = [stack.enter_context(self.registry.cursor()) for _number in range(4)]
            slots = [api.Environment(cr, SUPERUSER_ID, {})["brp.slot"].browse(self.slot_id) for cr in begun]
            for slot in slots:
                slot.read(["start"])  # what others commit from now on it does not see
            taken = []
            for number, (cr, slot) in enumerate(zip(begun, slots, strict=True)):
                taken.append(len(slot._take(1, {"hold": str(number)})))
                cr.commit()  # pylint: disable=invalid-commit
        self.assertEqual(taken, [1, 1, 1, 0])
