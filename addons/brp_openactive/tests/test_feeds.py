import json
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .. import publish
from .common import OpenactiveCommon, validators

CC_BY = "https://creativecommons.org/licenses/by/4.0/"


class FeedsCommon(OpenactiveCommon):
    def setUp(self):
        super().setUp()
        self.read_feed()  # what has been made so far has its numbers

    def run_cron(self):
        """Have the scheduled action do its work."""
        self.env.flush_all()
        with self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["brp.feed.item"]._cron_publish()
        self.env.invalidate_all()

    def facility_items(self):
        return {item["id"]: item for item in self.read_feed("facility-uses")}

    def assertGone(self, slot):
        fed = self.fed(slot)
        self.assertEqual((fed["state"], "data" in fed), ("deleted", False))

    def assertFree(self, slot, places):
        fed = self.fed(slot)
        self.assertEqual((fed["state"], fed["data"]["remainingUses"]), ("updated", places))


@tagged("post_install", "-at_install")
class TestFeedPages(FeedsCommon):
    """The pages of feeds, as RPDE has them."""

    def test_what_is_told_is_as_the_standard_wants_it(self):
        facilities, slots = self.read_feed("facility-uses"), self.read_feed()
        self.assertEqual(len(facilities), 3)
        self.assertEqual(len(slots), 4)
        for item in facilities + slots:
            self.assertValid("BookableRPDEFeed", item["data"])
        kinds = {item["id"]: item["kind"] for item in slots}
        self.assertEqual(kinds[str(self.padel_slot.id)], "IndividualFacilityUse/Slot")
        self.assertEqual(kinds[str(self.pool_slot.id)], "FacilityUse/Slot")
        # Times are told of with what stands in the other feed.
        uses = {item["data"]["@id"] for item in facilities}
        single = {use["@id"] for item in facilities for use in item["data"].get("individualFacilityUse", ())}
        self.assertEqual(len(single), 3)
        for item in slots:
            individual = item["kind"] == "IndividualFacilityUse/Slot"
            self.assertIn(item["data"]["facilityUse"], single if individual else uses)

    def test_pages(self):
        for name in ("facility-uses", "slots"):
            url = f"{self.base}/feeds/{name}"
            first = self.read_page(url)
            number = first.json()["items"][-1]["modified"]
            self.assertEqual(first.json()["next"], f"{url}?afterChangeNumber={number}")
            self.assertEqual(first.json()["license"], CC_BY)
            last = self.read_page(first.json()["next"])
            told = {"next": f"{url}?afterChangeNumber={number}", "items": [], "license": CC_BY}
            self.assertEqual(last.json(), told)
            self.assertEqual(first.headers["Cache-Control"], "public, max-age=3600")
            self.assertEqual(last.headers["Cache-Control"], "public, max-age=8")
            for page in (first, last):
                self.assertEqual(page.headers["Content-Type"], "application/json")
                self.assertNotIn("Set-Cookie", page.headers)
            if not validators.why_not():
                pages = [
                    validators.Page(each.url, each.content, cache_control=each.headers["Cache-Control"])
                    for each in (first, last)
                ]
                found = validators.check_pages(pages)
                self.assertEqual([each for each in found if each.severity == "failure"], [])

    def test_more_than_a_page(self):
        start = fields.Datetime.to_datetime("2030-05-07 00:00:00")
        before = {item["id"] for item in self.read_feed()}
        slots = self.env["brp.slot"].create(
            [
                {
                    "resource_id": self.pool.id,
                    "product_id": self.pool_product.id,
                    "start": start + timedelta(minutes=10 * number),
                    "stop": start + timedelta(minutes=10 * number + 10),
                }
                for number in range(1001)
            ]
        )
        url = f"{self.base}/feeds/slots"
        items, sizes = [], []
        while True:
            page = self.read_page(url).json()
            items += page["items"]
            if not page["items"]:
                break
            sizes.append(len(page["items"]))
            self.assertEqual(
                page["next"], f"{self.base}/feeds/slots?afterChangeNumber={page['items'][-1]['modified']}"
            )
            url = page["next"]
        self.assertEqual({item["id"] for item in items}, before | {str(slot.id) for slot in slots})
        self.assertEqual(len(items), 1005)
        self.assertLessEqual(max(sizes), 500)
        numbers = [item["modified"] for item in items]
        self.assertEqual(numbers, sorted(set(numbers)))
        # Read again from the beginning, pages are full.
        first = self.read_page(f"{self.base}/feeds/slots").json()
        self.assertEqual(len(first["items"]), 500)

    def test_a_company_that_sells_nothing(self):
        other = self.env["res.company"].create({"name": "Nothing AB"})
        url = f"{self.base_url()}/openactive/{other.id}/feeds/slots"
        self.assertEqual(self.read_page(url).json(), {"next": url, "items": [], "license": CC_BY})
        self.assertEqual(self.read_page(url.removesuffix("/feeds/slots")).status_code, 404)

    def test_what_is_not_understood(self):
        for number in ("0", "-1", "x", "", "1.5", "9" * 30):
            self.assertEqual(
                self.read_page(f"{self.base}/feeds/slots?afterChangeNumber={number}").status_code, 400
            )
        self.assertEqual(self.read_page(f"{self.base_url()}/openactive/99999/feeds/slots").status_code, 404)
        self.assertEqual(self.opener.post(f"{self.base}/feeds/slots").status_code, 405)
        head = self.opener.head(f"{self.base}/feeds/slots")
        self.assertEqual((head.status_code, head.content), (200, b""))

    def test_who_reads_does_not_matter(self):
        self.env["res.lang"]._activate_lang("sv_SE")
        self.padel_product.with_context(lang="sv_SE").name = "Padel, en timme"
        self.court_1.activity_id.with_context(lang="sv_SE").name = "Padelspel"
        self.env.flush_all()
        url = f"{self.base}/feeds/"
        swedish = {"Accept-Language": "sv"}
        told = [self.opener.get(url + name, headers=swedish).json() for name in ("slots", "facility-uses")]
        self.padel_slot._note_changed()
        self.assertEqual([self.read_page(url + name).json() for name in ("slots", "facility-uses")], told)
        self.assertNotIn("Padelspel", json.dumps(told))
        # The company's language does.
        self.company.partner_id.lang = "sv_SE"
        self.padel_slot._note_changed()
        self.assertEqual(self.fed(self.padel_slot)["data"]["offers"][0]["name"], "Padel, en timme")

    def test_addresses_stay_as_they_were_first_published(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("brp_openactive.site", False)
        parameters.set_param("web.base.url", "https://boka.example.se/")
        self.till.action_deactivate()
        self.till._activate()
        parameters.set_param("web.base.url", "http://10.0.0.7:8069")
        base = self.company._get_openactive_ids().base
        self.assertEqual(base, f"https://boka.example.se/openactive/{self.company.id}")

    def test_the_page_of_the_data_set(self):
        self.company.website = "https://www.example.se"
        page = self.read_page(self.base)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("Set-Cookie", page.headers)
        text = page.text
        told = text[text.index("ld+json") :].partition(">")[2].partition("</script>")[0]
        self.assertValid("DatasetSite", json.loads(told))
        self.assertEqual(json.loads(told)["accessService"]["endpointUrl"], f"{self.base}/api")
        for part in json.loads(told)["distribution"]:
            self.assertEqual(self.read_page(part["contentUrl"]).status_code, 200)
        swedish = self.opener.get(self.base, headers={"Accept-Language": "sv-SE,sv;q=0.9"})
        self.assertIn("Lediga tider", swedish.text)


@tagged("post_install", "-at_install")
class TestTimes(FeedsCommon):
    """What is told of times follows what happens to them, with a new number for each change and no other."""

    def test_closed_and_opened_again(self):
        number = self.fed(self.padel_slot)["modified"]
        self.padel_slot.action_close()
        self.assertGone(self.padel_slot)
        self.assertGreater(self.fed(self.padel_slot)["modified"], number)
        self.padel_slot.action_open()
        self.assertFree(self.padel_slot, 1)

    def test_begun(self):
        with freeze_time("2030-05-08 14:59:00"):
            self.run_cron()
            self.assertFree(self.padel_slot, 1)
        with freeze_time("2030-05-08 15:00:00"):
            self.run_cron()
            self.assertGone(self.padel_slot)
        # For seven days it is told that it is gone.
        with freeze_time("2030-05-15 14:59:59"):
            self.run_cron()
            self.assertGone(self.padel_slot)
        with freeze_time("2030-05-15 15:00:01"):
            self.run_cron()
            self.assertIsNone(self.fed(self.padel_slot))

    def test_not_sold_by_anybody_any_more(self):
        self.till.marketplace_facility_ids = False
        self.assertGone(self.padel_slot)
        self.assertEqual({item["state"] for item in self.read_feed("facility-uses")}, {"deleted"})
        self.till.marketplace_facility_ids = self.facility
        self.assertFree(self.padel_slot, 1)
        self.assertEqual({item["state"] for item in self.read_feed("facility-uses")}, {"updated"})

    def test_what_was_sold_before_the_addon_was_installed(self):
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM brp_feed_item")
        self.company.openactive_published = False
        publish(self.env(su=True))
        self.assertFree(self.padel_slot, 1)
        self.assertEqual(len(self.read_feed("facility-uses")), 3)
        self.assertEqual(self.read_page(self.base).status_code, 200)

    def test_court_or_facility_archived(self):
        for archived in (self.court_1, self.facility):
            archived.active = False
            self.assertGone(self.padel_slot)
            archived.active = True
            self.assertFree(self.padel_slot, 1)

    def test_deleted(self):
        self.padel_slot.unlink()
        self.assertEqual(self.fed(self.padel_slot)["state"], "deleted")
        self.court_2.unlink()
        self.assertEqual(self.fed(self.padel_slot_2)["state"], "deleted")
        # Also when the database itself does it.
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM brp_slot WHERE id = %s", [self.pool_slot.id])
        self.run_cron()
        self.assertEqual(self.fed(self.pool_slot)["state"], "deleted")

    def test_moved(self):
        """What the desk moves is free on one court and taken on the other, for marketplaces too."""
        desk = self.env["brp.booking.desk"].sudo()
        desk.create({"slot_id": self.padel_slot.id, "name": "Kim Exempel"}).action_book()
        self.assertFree(self.padel_slot, 0)
        self.assertFree(self.padel_slot_2, 1)
        self.padel_slot.booking_ids._move(self.padel_slot_2)
        self.assertFree(self.padel_slot, 1)
        self.assertFree(self.padel_slot_2, 0)

    def test_what_is_told_anew(self):
        changes = [
            lambda: self.padel_slot.write({"price_unit": 340}),
            lambda: self.padel_product.write({"name": "Padel, one hour"}),
            lambda: self.padel_product.write({"slot_cancel_hours": 12}),
            lambda: self.padel_product.write({"taxes_id": [(6, 0, self.vat_25.ids)]}),
            lambda: self.padel_slot.write({"stop": "2030-05-08 16:30:00"}),
        ]
        for number, change in enumerate(changes):
            before = self.fed(self.padel_slot)
            change()
            after = self.fed(self.padel_slot)
            with self.subTest(number):
                # With 25 % VAT, which prices include as well, 340 kr are still 340 kr.
                if number == 3:
                    self.assertEqual(after, before)
                else:
                    self.assertGreater(after["modified"], before["modified"])
                    self.assertNotEqual(after["data"], before["data"])
        self.assertEqual(after["data"]["offers"][0]["price"], 340)
        self.assertEqual(after["data"]["duration"], "PT1H30M")

    def test_nothing_new_no_new_number(self):
        before = self.read_feed(), self.read_feed("facility-uses")
        self.padel_slot.write({"price_unit": 320})
        self.padel_product.write({"list_price": 999})
        self.facility.write({"name": self.facility.name})
        self.run_cron()
        self.assertEqual((self.read_feed(), self.read_feed("facility-uses")), before)

    def test_a_change_of_one_thing_is_no_change_of_all(self):
        """To tell of facilities or orders anew, no time has to be looked at; of a time, those at its hour."""
        self.read_feed()
        Change = self.env["brp.feed.change"]
        Change._note_facilities()
        self.assertEqual(Change._take(500), ([], [], [], True))
        self.padel_slot._note_changed()
        slots, *others = Change._take(500)
        self.assertIn(self.padel_slot.id, slots)
        self.assertEqual(self.env["brp.slot"].browse(slots).resource_id, self.padel_slot.resource_id)
        self.assertEqual(others, [[], [], False])

    def test_weekly_times_made_again(self):
        template = self.env["brp.slot.template"].create(
            {
                "facility_id": self.facility.id,
                "resource_ids": [(6, 0, self.court_1.ids)],
                "product_id": self.padel_product.id,
                "hour_from": 8,
                "hour_to": 12,
            }
        )
        self.facility._make_slots()
        before = self.read_feed()
        # The four that were there; today at 11 (it is ten o'clock at the hall); four on each of nine
        # workdays; and three on the 20th, of which fourteen days ahead are ten hours.
        self.assertEqual(len(before), 4 + 1 + 9 * 4 + 3)
        self.facility._make_slots()
        self.assertEqual(self.read_feed(), before)
        template.hour_to = 11
        self.facility._make_slots()
        after = {item["id"]: item for item in self.read_feed()}
        gone = [item for item in after.values() if item["state"] == "deleted"]
        self.assertEqual(len(gone), 10)
        kept = [item for item in before if after[item["id"]]["state"] == "updated"]
        self.assertEqual([after[item["id"]] for item in kept], kept)

    def test_as_far_ahead_as_the_marketplace_sells(self):
        far = self.make_slot(self.court_1, self.padel_product, "2030-05-20 08:00:01")
        self.assertIsNone(self.fed(far))
        with freeze_time("2030-05-06 08:00:01"):
            self.run_cron()
            self.assertFree(far, 1)
        self.till.marketplace_horizon = 1
        self.assertGone(far)
        self.assertGone(self.padel_slot)

    def test_places(self):
        self.book(self.pool_slot, self.pool_slot)
        self.assertFree(self.pool_slot, 1)
        block = self.env["brp.block"].create(
            {
                "name": "Repairs",
                "facility_id": self.facility.id,
                "resource_ids": [(6, 0, self.court_1.ids)],
                "start": "2030-05-08 14:00:00",
                "stop": "2030-05-08 15:30:00",
            }
        )
        self.assertFree(self.padel_slot, 0)
        block.unlink()
        self.assertFree(self.padel_slot, 1)
        self.channel_order().booking_ids[0]._cancel("facility")
        self.assertFree(self.pool_slot, 2)

    def test_an_hour_and_an_hour_and_a_half_exclude_each_other(self):
        longer = self.make_slot(self.court_1, self.padel_product, "2030-05-08 15:00:00", 90)
        later = self.make_slot(self.court_1, self.padel_product, "2030-05-08 16:00:00")
        numbers = [self.fed(slot)["modified"] for slot in (longer, later)]
        self.book(self.padel_slot)
        self.assertFree(self.padel_slot, 0)
        self.assertFree(longer, 0)
        self.assertFree(later, 1)
        self.assertGreater(self.fed(longer)["modified"], numbers[0])
        self.assertEqual(self.fed(later)["modified"], numbers[1])
        self.assertItemErrors(self.book(longer, number=2), "OpportunityIsFullError")
        self.cancel(self.channel_order().booking_ids)
        self.book(longer, number=3)
        self.assertFree(self.padel_slot, 0)
        self.assertFree(later, 0)

    def test_a_time_that_makes_no_sense_keeps_no_other_back(self):
        gift = self.env["account.tax"].create({"name": "Gift", "amount_type": "fixed", "amount": -5})
        with mute_logger("odoo.addons.brp_openactive.models.brp_slot"):
            self.padel_slot.price_unit = 0
            self.padel_slot.product_id.taxes_id = gift
            self.pool_slot.price_unit = 90
            self.assertGone(self.padel_slot)
        self.assertEqual(self.fed(self.pool_slot)["data"]["offers"][0]["price"], 90)


@tagged("post_install", "-at_install")
class TestFacilities(FeedsCommon):
    """What is told of facilities follows what they are."""

    def test_a_change_is_told(self):
        key = f"{self.facility.id}-{self.court_1.activity_id.id}"
        before = self.facility_items()
        self.court_1.name = "Centre Court"
        after = self.facility_items()
        self.assertGreater(after[key]["modified"], before[key]["modified"])
        names = [use["name"] for use in after[key]["data"]["individualFacilityUse"]]
        self.assertEqual(names, ["Centre Court", "Court 2"])
        self.assertEqual(
            [after[other] for other in after if other != key],
            [before[other] for other in before if other != key],
        )
        # What stands in all of them.
        self.company.partner_id.street = "Hallvägen 5"
        self.run_cron()
        for item in self.facility_items().values():
            self.assertGreater(item["modified"], after[item["id"]]["modified"])
            self.assertEqual(item["data"]["location"]["address"]["streetAddress"], "Hallvägen 5")

    def test_one_more_court_and_one_less(self):
        key = f"{self.facility.id}-{self.court_1.activity_id.id}"
        self.make_resource("Court 3", self.court_1.activity_id)
        self.assertEqual(len(self.facility_items()[key]["data"]["individualFacilityUse"]), 3)
        (self.court_1 + self.court_2).active = False
        self.assertEqual(len(self.facility_items()[key]["data"]["individualFacilityUse"]), 1)

    def test_a_room_that_becomes_several(self):
        self.masseuse.places = 2
        item = self.fed(self.massage_slot)
        self.assertEqual(item["kind"], "FacilityUse/Slot")
        self.assertEqual(item["data"]["facilityUse"], f"{self.base}/facility-uses/r{self.masseuse.id}")
        items = self.facility_items()
        self.assertEqual(items[f"r{self.masseuse.id}"]["state"], "updated")
        self.assertEqual(items[f"{self.facility.id}-{self.masseuse.activity_id.id}"]["state"], "deleted")

    def test_a_facility_without_an_address(self):
        away = self.env["res.partner"].create({"name": "The hall", "street": "Hallvägen 3"})
        self.facility.partner_id = away
        self.assertEqual({item["state"] for item in self.read_feed("facility-uses")}, {"deleted"})
        self.assertGone(self.padel_slot)
        self.run_cron()
        self.assertIn("Sundby Padel & Spa", self.till.problem)
        self.assertIn("Zip", self.till.problem)
        self.assertItemErrors(self.quote("C1", self.padel_slot), "UnknownOpportunityError")
        away.write({"zip": "745 99", "city": "Sundby", "country_id": self.env.ref("base.se").id})
        self.run_cron()
        self.assertFalse(self.till.problem)
        self.assertFree(self.padel_slot, 1)

    def test_who_opens_a_till_is_told_what_is_missing(self):
        self.company.partner_id.city = False
        till, _token = self.open_till("Another")
        self.assertIn("City", till.problem)

    def test_a_company_without_an_address(self):
        self.book(self.padel_slot)
        booking = self.channel_order().booking_ids
        self.facility.partner_id = self.env["res.partner"].create(
            {"name": "The hall", "street": "Hallvägen 3", "zip": "745 99", "city": "Sundby",
             "country_id": self.env.ref("base.se").id}
        )  # fmt: skip
        self.company.partner_id.street = False
        self.run_cron()
        self.assertIn("company's address", self.till.problem)
        self.assertGone(self.pool_slot)
        self.assertEqual(self.read_page(self.base).status_code, 503)
        answer = self.quote("C1", self.pool_slot, number=2)
        self.assertError(answer, 503, "TemporarilyUnableToProduceOrderQuoteError")
        self.assertError(self.book(self.pool_slot, number=2), 503, "TemporarilyUnableToCreateOrderError")
        # What is booked is taken care of all the same.
        self.assertEqual(self.cancel(booking).status_code, 204)
        self.assertEqual(len(self.read_orders()), 1)
        self.company.partner_id.street = "Hallvägen 3"
        self.run_cron()
        self.assertFree(self.pool_slot, 3)
