from datetime import datetime, timedelta

from odoo.tests import tagged
from odoo.tools import mute_logger

from .boka import KIM, BokaCommon


@tagged("post_install", "-at_install")
class TestBokaTimes(BokaCommon):
    """What a visitor sees: what can be booked, on the facility's clocks, with VAT."""

    def test_times_of_a_day(self):
        """16:00 UTC is 17:00 in Sundby; 320 kronor is what is paid, 6 % VAT included."""
        slot = self.make_slot()
        self.make_slot(start="2026-03-05 16:00:00", stop="2026-03-05 17:00:00")
        page = self.see(self.page)
        text = self.text_of(page)
        self.assertIn("Wednesday 4 March", text)
        self.assertIn("17:00–18:00", text)
        self.assertIn("320 kr", text)
        self.assertNotIn("18:00–19:00", text)
        self.assertEqual(len(page.xpath("//button[contains(@class, 'boka_time')]")), 1)
        self.assertIsNotNone(self.find_form(page, slot))

    def test_around_midnight(self):
        """23:30 UTC on Tuesday is 00:30 on Wednesday in Sundby."""
        self.make_slot(start="2026-03-03 23:30:00", stop="2026-03-04 00:30:00")
        self.assertIn("00:30–01:30", self.see_text(self.page))
        self.assertNotIn("00:30–01:30", self.see_text(self.page.replace("03-04", "03-03")))

    def test_after_summer_time_began(self):
        """On 29 March clocks go forward: 16:00 UTC is 18:00 in Sundby."""
        self.make_slot(start="2026-03-29 16:00:00", stop="2026-03-29 17:00:00")
        self.assertIn("18:00–19:00", self.see_text(self.page.replace("03-04", "03-29")))

    def test_first_day_with_times(self):
        """Without a day, the first one that has times; a day that is none is as good as no day."""
        self.make_slot()
        self.assertIn("Wednesday 4 March", self.see_text(self.page.split("?")[0]))
        self.assertIn("Wednesday 4 March", self.see_text(self.page.replace("2026-03-04", "2026-13-99")))

    def test_days_to_choose(self):
        """Monday to Sunday of the week; links only to days that have times, and to the next such week."""
        self.make_slot()
        self.make_slot(start="2026-03-18 16:00:00", stop="2026-03-18 17:00:00")
        page = self.see(self.page)
        strip = page.xpath("//ol[contains(@class, 'boka_strip')]")[0]
        self.assertEqual(
            ["".join(day.text_content().split()) for day in strip.xpath("li/*")],
            ["Mon2", "Tue3", "Wed4", "Thu5", "Fri6", "Sat7", "Sun8"],
        )
        self.assertEqual(len(strip.findall(".//a")), 1)
        self.assertTrue(page.xpath("//a[@aria-label='Later days'][contains(@href, 'dag=2026-03-18')]"))
        self.assertFalse(page.xpath("//a[@aria-label='Earlier days']"))

    def test_nothing_in_the_past(self):
        """It is 08:00 on Monday: 07:00 is gone, 08:00 has just begun, 09:00 is to come."""
        for hour in (6, 7, 8):
            self.make_slot(start=f"2026-03-02 {hour:02}:00:00", stop=f"2026-03-02 {hour:02}:30:00")
        text = self.see_text(self.page.replace("03-04", "03-02"))
        self.assertNotIn("07:00–07:30", text)
        self.assertNotIn("08:00–08:30", text)
        self.assertIn("09:00–09:30", text)

    def test_opens_and_closes(self):
        """Booking opens 7 days before and closes 3 hours before."""
        self.padel.write({"slot_opens_days": 7, "slot_closes_hours": 3})
        closed = self.make_slot(start="2026-03-02 09:59:00", stop="2026-03-02 10:30:00")
        late = self.make_slot(self.court_2, start="2026-03-02 10:00:00", stop="2026-03-02 11:00:00")
        early = self.make_slot(start="2026-03-10 16:00:00", stop="2026-03-10 17:00:00")
        page = self.see(self.page.replace("03-04", "03-02"))
        self.assertNotIn("10:59", self.text_of(page))
        self.assertIsNone(self.find_form(page, closed))
        self.assertIsNotNone(self.find_form(page, late))
        page = self.see(self.page.replace("03-04", "03-10"))
        self.assertIn("From 3 Mar", self.text_of(page))
        self.assertIsNone(self.find_form(page, early))
        # What is not shown is not booked either, whatever is posted.
        late_page = self.post("/boka/korg", {"tid": closed.id, "antal": 1}, self.page)
        self.assertIn("can no longer be booked online", self.text_of(late_page))
        early_page = self.post("/boka/korg", {"tid": early.id, "antal": 1}, self.page)
        self.assertIn("can be booked from 3 Mar 17:00", self.text_of(early_page))
        self.assertEqual((self.held(closed), self.held(early)), (0, 0))

    def test_places_left(self):
        """Two of the pool's three places are taken: one is left, and a full time cannot be chosen."""
        slot = self.make_slot(self.pool)
        full = self.make_slot(self.pool, start="2026-03-04 17:00:00", stop="2026-03-04 18:00:00")
        self.book(slot, places=2)
        self.book(full, places=3)
        page = self.see(self.pool_page)
        self.assertIn("95 kr, 1 place left", self.text_of(page))
        self.assertIn("Fully booked", self.text_of(page))
        self.assertIsNotNone(self.find_form(page, slot).find(".//button"))
        self.assertIsNone(self.find_form(page, full).find(".//button"))

    def test_only_what_is_public(self):
        """What is not on the page, closed or archived is not found; nothing tells that it exists."""
        slot = self.make_slot()
        closed = self.make_slot(start="2026-03-04 18:00:00", stop="2026-03-04 19:00:00", state="closed")
        self.assertIsNone(self.find_form(self.see(self.page), closed))
        self.see(f"/boka/{self.facility.id}/999999", status=404)
        self.facility.is_public = False
        self.see(self.page, status=404)
        self.see(f"/boka/{self.facility.id}", status=404)
        self.assertIn("nothing to book", self.see_text("/boka"))
        self.post("/boka/korg", {"tid": slot.id, "antal": 1}, "/web/login")
        self.assertEqual(self.answer.status_code, 404)
        self.assertEqual(self.held(slot), 0)

    def test_one_facility_is_not_chosen(self):
        """With one facility there is nothing to choose between; with two there is."""
        self.assertIn("What do you want to book?", self.see_text("/boka"))
        self.facility.copy({"name": "Nordhallen"})
        text = self.see_text("/boka")
        self.assertIn("Sundby Padel", text)
        self.assertIn("Nordhallen", text)

    def test_queries_do_not_grow(self):
        """Twice as many times cost no more queries."""

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.facility._get_page_times(self.activity, datetime(2026, 3, 4).date(), "nobody")
            return self.env.cr.sql_log_count - before

        start = datetime(2026, 3, 4, 7)
        for number in range(5):
            self.make_slot(start=start + timedelta(hours=number), stop=start + timedelta(hours=number + 1))
        count()  # what is asked for once and remembered
        few = count()
        for number in range(5, 12):
            self.make_slot(start=start + timedelta(hours=number), stop=start + timedelta(hours=number + 1))
        self.assertEqual(count(), few)


@tagged("post_install", "-at_install")
class TestBokaHold(BokaCommon):
    """What is chosen is held for the visitor for a quarter of an hour."""

    def test_held(self):
        """For the visitor it is chosen, for others it is full; he lets go and it is free."""
        slot = self.make_slot()
        page = self.choose(slot)
        text = self.text_of(page)
        self.assertIn("1 booking, 320 kr", text)
        self.assertIn("Held for you until 08:15", text)
        self.assertEqual(self.find_form(page, slot).find(".//button").get("aria-pressed"), "true")
        self.come()
        page = self.see(self.page)
        self.assertIsNone(self.find_form(page, slot))
        self.assertIn("Fully booked", self.text_of(page))
        with self.as_visitor(self.first):
            self.choose(slot, 0)
        self.assertIsNotNone(self.find_form(self.see(self.page), slot))

    def test_second_is_told(self):
        """Both see the last place; the second one to press is told so at once, and holds nothing."""
        slot = self.make_slot()
        second = self.come()
        token = self.find_token(self.page)
        with self.as_visitor(self.first):
            self.choose(slot)
        with self.as_visitor(second):
            answer = self.url_open("/boka/korg", data={"csrf_token": token, "tid": slot.id, "antal": 1})
            self.assertIn("is fully booked: somebody was first", answer.text)
            self.assertIn("not chosen any time", self.see_text("/boka/kassa"))
        self.assertEqual(self.held(slot), 1)

    def test_more_than_are_left(self):
        """Three are wanted, two are left: none is taken."""
        slot = self.make_slot(self.pool)
        self.book(slot)
        self.assertIn("has only 2 free places", self.text_of(self.choose(slot, 3)))
        self.assertEqual(self.held(slot), 0)
        self.choose(slot, 2)
        self.assertEqual(self.held(slot), 2)

    def test_own_places_are_free(self):
        """Who holds two of three may have all three, or one."""
        slot = self.make_slot(self.pool)
        self.choose(slot, 2)
        page = self.see(self.pool_page)
        self.assertIn("3 places left", self.text_of(page))
        self.choose(slot, 3)
        self.assertEqual(self.held(slot), 3)
        self.choose(slot, 1)
        self.assertEqual(self.held(slot), 1)

    def test_several_times(self):
        """What is chosen later adds to the basket, and is held as long: 320 + 2 × 95 = 510."""
        slot, swim = self.make_slot(), self.make_slot(self.pool)
        self.choose(slot)
        page = self.choose(swim, 2)
        self.assertIn("3 bookings, 510 kr", self.text_of(page))
        text = self.see_text("/boka/kassa")
        self.assertIn("Padel, Bana 1", text)
        self.assertIn("510 kr", text)
        self.choose(slot, 0)
        self.assertIn("190 kr", self.see_text("/boka/kassa"))
        self.assertEqual((self.held(slot), self.held(swim)), (0, 2))

    def test_two_tabs(self):
        """A page that was opened before another time was chosen does not let go of that one."""
        slot, later = (
            self.make_slot(),
            self.make_slot(start="2026-03-04 18:00:00", stop="2026-03-04 19:00:00"),
        )
        token = self.find_token(self.page)
        for chosen in (slot, later, slot):
            self.url_open("/boka/korg", data={"csrf_token": token, "tid": chosen.id, "antal": 1})
        self.assertEqual((self.held(slot), self.held(later)), (1, 1))

    def test_at_most_ten(self):
        self.pool.places = 20
        slot = self.make_slot(self.pool)
        court = self.make_slot()
        self.choose(slot, 10)
        self.assertEqual(self.held(slot), 10)
        self.assertIn("at most 10 places", self.text_of(self.choose(court)))
        self.assertEqual((self.held(slot), self.held(court)), (10, 0))

    def test_other_company(self):
        """One order, one payment, one seller: times of another company are booked by themselves."""
        other = self.env["res.company"].create({"name": "Annat AB"})
        self.env.user.company_ids += other
        facility = self.env["brp.facility"].create(
            {
                "name": "Annanhallen",
                "company_id": other.id,
                "partner_id": other.partner_id.id,
                "resource_ids": [(0, 0, {"name": "Bana 9", "activity_id": self.activity.id})],
            }
        )
        slot, strange = self.make_slot(), self.make_slot(facility.resource_ids)
        self.choose(slot)
        page = self.post("/boka/korg", {"tid": strange.id, "antal": 1})
        self.assertIn("Times at Annanhallen are booked and paid by themselves", self.text_of(page))
        self.assertEqual((self.held(slot), self.held(strange)), (1, 0))

    def test_expired(self):
        """After 15 minutes others may have it; the visitor is told, and gets nothing."""
        slot = self.make_slot()
        self.choose(slot)
        self.expire(slot)
        text = self.see_text("/boka/kassa")
        self.assertIn("no longer held for you", text)
        self.assertNotIn("Padel, Bana 1", text)
        self.choose(slot)
        self.expire(slot)
        page = self.post("/boka/kassa", {**KIM, "betala": "plats"}, "/web/login")
        self.assertIn("Nothing is held for you any longer", self.text_of(page))
        self.assertFalse(self.find_bookings(slot))

    def test_strange_addresses(self):
        """Days at the ends of the calendar have no times, and numbers beyond all others no page."""
        self.make_slot()
        base = self.page.partition("?")[0]
        for day in ("9999-12-31", "0001-01-01", "9999-12-20"):
            self.see(f"{base}?dag={day}")
        many = 10**30
        for url in (f"/boka/{many}", f"/boka/bokning/{many}", f"/boka/bestallning/{many}"):
            self.see(url, 404)
        self.post("/boka/korg", {"tid": many, "antal": 1}, self.page)
        self.assertEqual(self.answer.status_code, 404)

    def test_strange_input(self):
        """What no page of ours sends is not found, and takes nothing."""
        slot = self.make_slot()
        for values in (
            {"tid": slot.id, "antal": 11},
            {"tid": slot.id, "antal": -1},
            {"tid": slot.id, "antal": "many"},
            {"tid": slot.id},
            {"tid": 0, "antal": 1},
            {"tid": "x", "antal": 1},
            {"tid": "99999999999999999999", "antal": 1},
            {},
        ):
            self.post("/boka/korg", values, self.page)
            self.assertEqual(self.answer.status_code, 404, values)
        self.assertEqual(self.held(slot), 0)

    def test_needs_csrf_token(self):
        """A form of somebody else's page does nothing here."""
        slot = self.make_slot()
        for url, values in (
            ("/boka/korg", {"tid": slot.id, "antal": 1}),
            ("/boka/kassa", {**KIM, "betala": "plats"}),
        ):
            with mute_logger("odoo.http"):
                answer = self.url_open(url, data={"csrf_token": "wrong", **values})
            self.assertEqual(answer.status_code, 400)
        self.assertEqual(self.held(slot), 0)
