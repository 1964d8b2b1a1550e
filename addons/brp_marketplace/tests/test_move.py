from contextlib import contextmanager
from datetime import date, datetime

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Domain
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, Form, freeze_time, get_db_name, tagged
from odoo.tools import mute_logger

from .common import BookingCommon

THURSDAY = {"start": "2026-03-05 16:00:00", "stop": "2026-03-05 17:00:00"}


class MoveCommon(BookingCommon):
    def open_dialog(self, booking, user=None):
        """Return the dialog as the button on the booking opens it."""
        action = booking.with_user(user or self.env.user).action_move()
        return (
            self.env[action["res_model"]].with_user(user or self.env.user).with_context(**action["context"])
        )

    def move(self, booking, slot, user=None, **values):
        """Move a booking by the dialog."""
        self.open_dialog(booking, user).create({"slot_id": slot.id, **values}).action_move()
        booking.invalidate_recordset()

    def find_offered(self, booking, **values):
        """Return the times that the dialog offers."""
        dialog = self.open_dialog(booking).new(values)
        return self.env["brp.slot"].search(Domain(dialog.slot_domain))


@tagged("post_install", "-at_install")
class TestMove(MoveCommon):
    """A booking gets another time: it stays the same booking, at the same price."""

    def test_moved(self):
        """Wednesday is free again, Thursday is taken; until 24 hours before Thursday 17:00 it can be
        cancelled."""
        wednesday, thursday = self.make_slot(), self.make_slot(self.court_2, **THURSDAY)
        booking = self.book(wednesday, self.desk)
        number, code = booking.name, booking.access_code
        self.assertEqual(booking.cancel_until, datetime(2026, 3, 3, 16))
        self.move(booking, thursday, self.desk)
        self.assertRecordValues(
            booking,
            [
                {
                    "state": "booked",
                    "slot_id": thursday.id,
                    "resource_id": self.court_2.id,
                    "start": datetime(2026, 3, 5, 16),
                    "stop": datetime(2026, 3, 5, 17),
                    "cancel_until": datetime(2026, 3, 4, 16),
                    "price": 320.0,
                    "name": number,
                    "access_code": code,
                }
            ],
        )
        self.assertEqual((wednesday.free, thursday.free), (1, 0))
        taken = booking.occupancy_ids
        self.assertEqual((taken.resource_id, taken.slot_id), (self.court_2, thursday))
        self.book(wednesday)
        with self.assertRaisesRegex(UserError, "fully booked"), self.cr.savepoint():
            self.book(thursday)

    def test_note(self):
        booking = self.book(self.make_slot())
        self.move(booking, self.make_slot(self.court_2), message="Bana 1 lagas")
        note = booking.message_ids[0]
        self.assertIn("Moved from Bana 1, Wed 4 Mar 17:00–18:00 to Bana 2, Wed 4 Mar 17:00–18:00.", note.body)
        self.assertIn("Bana 1 lagas", note.body)

    def test_not_cancellable(self):
        """What could not be cancelled cannot be cancelled at its new time either."""
        self.padel.slot_cancellable = False
        booking = self.book(self.make_slot())
        self.padel.slot_cancellable = True
        self.move(booking, self.make_slot(self.court_2))
        self.assertFalse(booking.cancel_until)

    def test_notice_of_then(self):
        """It was booked with 24 hours' notice; since then the product asks for 48."""
        booking = self.book(self.make_slot())
        self.padel.slot_cancel_hours = 48
        self.move(booking, self.make_slot(**THURSDAY))
        self.assertEqual(booking.cancel_until, datetime(2026, 3, 4, 16))

    def test_no_notice(self):
        """What may be cancelled until it starts may be so at its new time."""
        self.padel.slot_cancel_hours = 0
        booking = self.book(self.make_slot())
        self.move(booking, self.make_slot(**THURSDAY))
        self.assertEqual(booking.cancel_until, datetime(2026, 3, 5, 16))

    def test_somebody_first(self):
        """Who was first keeps it; the booking has its own time still."""
        old, new = self.make_slot(), self.make_slot(self.court_2)
        booking = self.book(old)
        dialog = self.open_dialog(booking).create({"slot_id": new.id})
        self.book(new)
        too_late = "Bana 2, .* is fully booked: somebody was first"
        with self.assertRaisesRegex(UserError, too_late), self.cr.savepoint():
            dialog.action_move()
        self.assertEqual((booking.slot_id, booking.occupancy_ids.slot_id, old.free), (old, old, 0))
        self.assertFalse(booking.moved_date)

    def test_half_an_hour_later(self):
        """17:00–18:30 to 17:30–19:00 on the same court: in its own way it is not."""
        early = self.make_slot(stop="2026-03-04 17:30:00")
        late = self.make_slot(start="2026-03-04 16:30:00", stop="2026-03-04 18:00:00")
        booking = self.book(early)
        self.assertEqual(late.free, 0)
        self.assertEqual(self.find_offered(booking), late)
        self.move(booking, late)
        self.assertEqual((booking.slot_id, late.taken, early.free), (late, 1, 0))
        self.assertEqual(booking.occupancy_ids.start, datetime(2026, 3, 4, 16, 30))

    def test_in_the_way_of_others(self):
        """17:00–18:30 cannot be 17:30–19:00 if somebody else has 18:30–19:30."""
        early = self.make_slot(stop="2026-03-04 17:30:00")
        late = self.make_slot(start="2026-03-04 16:30:00", stop="2026-03-04 18:00:00")
        booking = self.book(early)
        self.book(self.make_slot(start="2026-03-04 17:30:00", stop="2026-03-04 18:30:00"))
        self.assertFalse(self.find_offered(booking))
        with self.assertRaisesRegex(UserError, "fully booked"), self.cr.savepoint():
            self.move(booking, late)
        self.assertEqual(booking.occupancy_ids.slot_id, early)

    # === WHAT CAN BE CHOSEN === #

    def test_other_price(self):
        booking = self.book(self.make_slot())
        dearer = self.make_slot(self.court_2, price_unit=360)
        with self.assertRaisesRegex(UserError, "costs .*360.*, the booking .*320.*: cancel it"):
            self.move(booking, dearer)

    def test_discount_goes_along(self):
        """280 kr was agreed for a time of 320 kr: so it is for another time of 320 kr."""
        slot = self.make_slot()
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Lo"}).id,
                "order_line": [Command.create(slot._prepare_order_line())],
            }
        )
        order.order_line.price_unit = 280
        order.action_confirm()
        booking = order.booking_ids
        self.assertEqual(booking.price, 280.0)
        new = self.make_slot(self.court_2)
        self.move(booking, new)
        self.assertEqual((order.order_line.slot_id, order.amount_total, booking.price), (new, 280.0, 280.0))

    def test_other_product(self):
        """The same amount with another VAT is not the same sale."""
        booking = self.book(self.make_slot())
        other = self.make_product("Tennis 60 min", 320, self.tax_25)
        with self.assertRaisesRegex(UserError, "is Tennis 60 min, the booking is Padel 60 min: cancel it"):
            self.move(booking, self.make_slot(self.court_2, product_id=other.id))

    def test_offered(self):
        """What is free, open, not over, and costs the same, by start; from the booked day on."""
        later, sooner = self.make_slot(**THURSDAY), self.make_slot(self.court_2)
        booked = self.make_slot()
        before = self.make_slot(start="2026-03-03 16:00:00", stop="2026-03-03 17:00:00")
        self.make_slot(start="2026-03-04 18:00:00", stop="2026-03-04 19:00:00", price_unit=360)
        self.make_slot(start="2026-03-04 19:00:00", stop="2026-03-04 20:00:00").action_close()
        self.make_slot(start="2026-03-02 05:00:00", stop="2026-03-02 06:00:00")
        taken = self.make_slot(start="2026-03-04 20:00:00", stop="2026-03-04 21:00:00")
        self.book(taken)
        booking = self.book(booked)
        self.assertEqual(self.find_offered(booking).ids, [sooner.id, later.id])
        self.assertEqual(self.find_offered(booking, first_day=False).ids, [before.id, sooner.id, later.id])
        self.assertEqual(self.find_offered(booking, first_day="2026-03-05").ids, [later.id])

    def test_same_closed_over(self):
        slot, closed = self.make_slot(), self.make_slot(self.court_2)
        over = self.make_slot(start="2026-03-02 05:00:00", stop="2026-03-02 06:00:00")
        closed.action_close()
        booking = self.book(slot)
        for chosen, message in ((slot, "already"), (closed, "not for sale"), (over, "is over")):
            with self.subTest(message), self.assertRaisesRegex(UserError, message):
                self.move(booking, chosen)

    def test_begun(self):
        """What has begun is not moved; at the desk one can have what is left of another time."""
        booking = self.book(self.make_slot())
        later = self.book(self.make_slot(start="2026-03-04 17:00:00", stop="2026-03-04 18:00:00"))
        left = self.make_slot(self.court_2)
        self.assertFalse(booking.has_begun)
        with freeze_time("2026-03-04 16:20:00"):
            booking.invalidate_recordset()
            self.assertTrue(booking.has_begun)
            with self.assertRaisesRegex(UserError, "has begun and cannot be moved"):
                booking.action_move()
            self.move(later, left)
        self.assertEqual(later.slot_id, left)

    def test_cancelled(self):
        """Who has the dialog open while somebody cancels the booking gets to know, and takes no place."""
        booking, new = self.book(self.make_slot()), self.make_slot(self.court_2)
        dialog = self.open_dialog(booking).create({"slot_id": new.id})
        booking._cancel("customer")
        with self.assertRaisesRegex(UserError, "is cancelled: book a time anew"):
            dialog.action_move()
        self.assertEqual(new.free, 1)

    def test_marketplace(self):
        """Tidstorget would go on to tell its customer Wednesday."""
        booking = self.sell(self.open_till(), self.make_slot()).booking_ids
        new = self.make_slot(self.court_2)
        with self.assertRaisesRegex(UserError, "sold by Tidstorget, .* cancel it with a message"):
            booking.action_move()
        with self.assertRaisesRegex(UserError, "sold by Tidstorget"):
            booking._move(new)

    def test_dialog(self):
        """The form as the desk fills it in."""
        booking = self.book(self.make_slot(), self.desk)
        new = self.make_slot(self.court_2)
        with Form(self.open_dialog(booking, self.desk)) as form:
            self.assertEqual(form.old_slot_id, booking.slot_id)
            self.assertEqual((form.first_day, form.email), (date(2026, 3, 4), "kim@example.com"))
            form.slot_id = new
        form.record.action_move()
        self.assertEqual(booking.slot_id, new)

    # === ORDERS AND INVOICES === #

    def test_order_line(self):
        """The order tells the new time, at the old price, even when it is locked."""
        booking = self.book(self.make_slot())
        order = booking.order_id
        order.action_lock()
        self.move(booking, self.make_slot(self.court_2, **THURSDAY))
        line = order.order_line
        self.assertEqual((line.slot_id, line.price_unit, order.amount_total), (booking.slot_id, 320.0, 320.0))
        self.assertIn("Bana 2, Thu 5 Mar 17:00–18:00", line.name)
        self.assertNotIn("Bana 1", line.name)

    def test_one_of_two(self):
        """Of two places one is moved: the line tells the time it was sold for until the other one follows."""
        slot, later = self.make_slot(self.pool), self.make_slot(self.pool, **THURSDAY)
        first, second = self.book(slot, places=2)
        line = first.order_line_id
        self.move(first, later)
        self.assertEqual((first.slot_id, second.slot_id, line.slot_id), (later, slot, slot))
        self.assertEqual((slot.free, later.free), (2, 2))
        self.assertEqual(line.order_id.amount_total, 190.0)
        self.move(second, later)
        self.assertEqual((line.slot_id, slot.free, later.free), (later, 3, 1))
        self.assertIn("Thu 5 Mar", line.name)
        self.assertEqual(line.order_id.amount_total, 190.0)

    def test_one_is_left(self):
        """One of two places is cancelled: the line follows the one that is left."""
        slot, later = self.make_slot(self.pool), self.make_slot(self.pool, **THURSDAY)
        first, second = self.book(slot, places=2)
        first._cancel("facility")
        self.move(second, later)
        self.assertEqual((first.slot_id, second.order_line_id.slot_id), (slot, later))
        self.assertEqual(second.order_id.amount_total, 95.0)

    def test_all_together(self):
        """A family's three places move at once, or none of them."""
        slot, later = self.make_slot(self.pool), self.make_slot(self.pool, **THURSDAY)
        bookings = self.book(slot, places=3)
        other = self.book(later)
        self.assertFalse(self.find_offered(bookings[0], with_party=True), "two are free, three are wanted")
        self.assertEqual(self.find_offered(bookings[0]), later)
        with self.assertRaisesRegex(UserError, "only 2 free places"), self.cr.savepoint():
            self.move(bookings[0], later, with_party=True)
        self.assertEqual(bookings.slot_id, slot)
        other._cancel("facility")
        self.move(bookings[0], later, with_party=True)
        self.assertEqual(bookings.slot_id, later)
        self.assertEqual(len(bookings.occupancy_ids), 3)
        self.assertEqual((slot.free, later.free, bookings.order_line_id.slot_id), (3, 0, later))

    def test_posted_invoice(self):
        """It tells what was sold; what is cancelled later is credited as if it had not been moved."""
        booking = self.book(self.make_slot())
        invoice = booking.order_id._create_invoices()
        invoice.action_post()
        told = invoice.invoice_line_ids.name
        self.move(booking, self.make_slot(self.court_2))
        self.assertEqual((invoice.state, invoice.invoice_line_ids.name), ("posted", told))
        self.assertEqual((booking.order_id.amount_total, booking.paid), (320.0, "invoiced"))
        booking._cancel("facility")
        self.assertEqual(invoice.reversal_move_ids.amount_total, 320.0)
        self.assertEqual(booking.slot_id.free, 1)

    def test_draft_invoice(self):
        booking = self.book(self.make_slot(), self.desk)
        invoice = booking.order_id._create_invoices()
        self.move(booking, self.make_slot(self.court_2), self.desk)
        self.assertIn("Bana 2", invoice.invoice_line_ids.name)
        self.assertEqual(invoice.amount_total, 320.0)

    # === WHAT THE CUSTOMER GETS === #

    def find_letters(self, order):
        return self.env["mail.mail"].search(
            [("model", "=", "sale.order"), ("res_id", "=", order.id)], order="id"
        )

    def test_letter(self):
        """The customer gets number, code and the new time, with a calendar file."""
        booking = self.book(self.make_slot(), self.desk)
        self.move(booking, self.make_slot(self.court_2, **THURSDAY), self.desk, message="Bana 1 lagas")
        letter = self.find_letters(booking.order_id)
        self.assertEqual(len(letter), 1)
        self.assertEqual(letter.recipient_ids, booking.partner_id)
        self.assertEqual(letter.subject, "Sundby Padel: your booking has a new time")
        for told in ("New time", "Thursday 5 March", "Bana 2", booking.name, booking.access_code):
            self.assertIn(told, letter.body_html)
        self.assertIn("Bana 1 lagas", letter.body_html)
        self.assertEqual(letter.attachment_ids.mapped("name"), ["booking.ics"])
        self.assertIn(b"DTSTART:20260305T160000Z", letter.attachment_ids.raw)

    def test_letter_of_several(self):
        """Three places that move together are told in one letter."""
        bookings = self.book(self.make_slot(self.pool), places=3)
        self.move(bookings[0], self.make_slot(self.pool, **THURSDAY), with_party=True)
        self.assertEqual(len(self.find_letters(bookings.order_id)), 1)

    def test_letter_of_cancellation(self):
        """One of two places was moved, then cancelled: the letter is no longer about a new time."""
        first, second = self.book(self.make_slot(self.pool), places=2)
        self.move(first, self.make_slot(self.pool, **THURSDAY))
        with freeze_time("2026-03-02 08:00:00"):
            first._cancel("facility")
        self.assertEqual(second.order_id._describe_letter(), "Sundby Padel: your booking")
        with freeze_time("2026-03-02 09:00:00"):
            second._cancel("facility")
        self.assertEqual(second.order_id._describe_letter(), "Sundby Padel: your booking is cancelled")

    def test_no_address(self):
        """The dialog says that nobody is told."""
        booking = self.book(self.make_slot(), email=False, phone="070-174 06 05")
        self.assertFalse(self.open_dialog(booking).new({}).email)
        self.move(booking, self.make_slot(self.court_2))
        self.assertFalse(self.find_letters(booking.order_id))

    def test_calendar(self):
        """The same event each time, and each time a later one: calendars replace what they have."""
        booking = self.book(self.make_slot())
        files = [booking._make_calendar().decode()]
        with freeze_time("2026-03-02 08:00:00"):
            self.move(booking, self.make_slot(self.court_2))
            files.append(booking._make_calendar().decode())
        with freeze_time("2026-03-02 09:00:00"):
            self.move(booking, self.make_slot(**THURSDAY))
            files.append(booking._make_calendar().decode())
        with freeze_time("2026-03-02 10:00:00"):
            booking._cancel("facility")
            files.append(booking._make_calendar().decode())
        told = [
            [self.value_of(text, name) for name in ("SEQUENCE", "DTSTAMP", "DTSTART", "STATUS")]
            for text in files
        ]
        self.assertEqual(
            [line[:1] + line[2:] for line in told],
            [
                ["0", "20260304T160000Z", "CONFIRMED"],
                ["1", "20260304T160000Z", "CONFIRMED"],
                ["2", "20260305T160000Z", "CONFIRMED"],
                ["3", "20260305T160000Z", "CANCELLED"],
            ],
        )
        stamps = [line[1] for line in told]
        self.assertEqual(stamps[1:], ["20260302T080000Z", "20260302T090000Z", "20260302T100000Z"])
        self.assertEqual(len({self.value_of(text, "UID") for text in files}), 1)

    def value_of(self, text, name):
        """Return what a calendar file has under a name."""
        [value] = [line.partition(":")[2] for line in text.split("\r\n") if line.startswith(f"{name}:")]
        return value


@tagged("post_install", "-at_install")
class TestMoveRights(MoveCommon):
    """Who cancels at the desk moves as well."""

    def test_booking_user(self):
        """Who has bookings and no orders moves, and cancels, what was sold on somebody else's order."""
        user = self.make_user("only_bookings", "brp_marketplace.group_booking_user")
        booking, other = self.book(self.make_slot(), self.desk), self.make_slot(self.court_2)
        self.move(booking, other, user)
        self.assertEqual((booking.slot_id, booking.order_line_id.slot_id), (other, other))
        wizard = self.env["brp.booking.cancel"].with_user(user)
        wizard = wizard.with_context(active_model="brp.booking", active_ids=booking.ids)
        wizard.create({}).action_cancel()
        self.assertEqual(booking.state, "cancelled")

    def test_others_orders(self):
        """A salesperson moves what a colleague has sold, whose orders they do not see."""
        booking, other = self.book(self.make_slot()), self.make_slot(self.court_2)
        booking.order_id.user_id = self.env.user
        with self.assertRaises(AccessError):
            booking.order_id.with_user(self.desk).read(["name"])
        self.move(booking, other, self.desk)
        self.assertEqual(booking.slot_id, other)

    def test_bookkeeper(self):
        """Who only reads bookings does not move them."""
        user = self.make_user("reads_bookings", "account.group_account_invoice")
        booking, other = self.book(self.make_slot()), self.make_slot(self.court_2)
        with self.assertRaises(AccessError):
            self.move(booking, other, user)

    def test_other_company(self):
        """Neither a neighbour's booking nor a neighbour's time."""
        company = self.env["res.company"].create({"name": "Grannby Padel AB"})
        user = self.make_user("neighbour_desk", "brp_marketplace.group_booking_user", company)
        booking, other = self.book(self.make_slot()), self.make_slot(self.court_2)
        with self.assertRaises(AccessError):
            booking.with_user(user).action_move()
        dialog = self.env["brp.booking.move"].with_user(user)
        with self.assertRaises(AccessError):
            dialog.create({"booking_id": booking.id, "slot_id": other.id}).action_move()
        facility = self.env["brp.facility"].create(
            {
                "name": "Grannby Padel",
                "company_id": company.id,
                "resource_ids": [Command.create({"name": "Bana 9", "activity_id": self.activity.id})],
            }
        )
        self.env.user.company_ids += company
        theirs = self.make_slot(facility.resource_ids)
        with self.assertRaisesRegex(UserError, "another company's"):
            booking._move(theirs)


@tagged("post_install", "-at_install")
class TestMoveAtOnce(BaseCase):
    """Real transactions, which leave nothing behind."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.transaction() as env:
            facility = env["brp.facility"].create({"name": "Move at Once"})
            activity = env["brp.activity"].create({"name": "Move at Once"})
            courts = env["brp.resource"].create(
                [
                    {"name": f"Court {number}", "facility_id": facility.id, "activity_id": activity.id}
                    for number in (1, 2, 3)
                ]
            )
            product = env["product.product"].create(
                {"name": "Move at Once", "type": "service", "invoice_policy": "order", "is_slot": True}
            )
            slots = env["brp.slot"].create(
                [
                    {
                        "resource_id": court.id,
                        "product_id": product.id,
                        "start": datetime(2036, 3, 4, 16),
                        "stop": datetime(2036, 3, 4, 17),
                    }
                    for court in courts
                ]
            )
            partner = env["res.partner"].create({"name": "Move at Once"})
            bookings = env["brp.booking"]
            for slot in slots[:2]:
                rows = slot._take_all(1, {})
                bookings += bookings._book(rows, [{"slot_id": slot.id, "partner_id": partner.id}])
            self.slots, self.bookings = slots.ids, bookings.ids
            made = partner, facility, activity, product
        self.addCleanup(self.remove, made)

    @contextmanager
    def transaction(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def remove(self, made):
        with self.transaction() as env:
            # Bookings are never deleted by the interface.
            env.cr.execute("DELETE FROM brp_occupancy WHERE booking_id = ANY(%s)", [self.bookings])
            env.cr.execute(
                "DELETE FROM mail_message WHERE model = 'brp.booking' AND res_id = ANY(%s)", [self.bookings]
            )
            env.cr.execute("DELETE FROM brp_booking WHERE id = ANY(%s)", [self.bookings])
            for records in made:
                records.with_env(env).unlink()

    def browse(self, env):
        """Return (times, bookings), as they are when the transaction begins."""
        slots, bookings = env["brp.slot"].browse(self.slots), env["brp.booking"].browse(self.bookings)
        bookings.mapped("slot_id.start")
        return slots, bookings

    def places(self):
        """Return [(booking's number of two, court's number of three)] of what is taken."""
        with self.transaction() as env:
            return sorted(
                (self.bookings.index(row.booking_id.id) + 1, self.slots.index(row.slot_id.id) + 1)
                for row in env["brp.occupancy"].search([("booking_id", "in", self.bookings)])
            )

    def test_moved_while_moving(self):
        """Somebody else is moving it, or has done so meanwhile: it has one time, never two."""
        with self.transaction() as one, self.transaction() as two:
            slots, bookings = self.browse(one)
            same_slots, same_bookings = self.browse(two)
            bookings[0]._move(slots[2])
            with self.assertRaises(LockError):
                same_bookings[0]._move(same_slots[2])
            one.cr.commit()  # pylint: disable=invalid-commit
            # Odoo does anew what fails so.
            with mute_logger("odoo.sql_db"), self.assertRaises(SerializationFailure):
                same_bookings[0]._move(same_slots[2])
            two.cr.rollback()
        self.assertEqual(self.places(), [(1, 3), (2, 2)])

    def test_cancelled_while_moving(self):
        """Who cancels it while it is being moved, or has been moved meanwhile, is asked to do it anew."""
        with self.transaction() as one, self.transaction() as two:
            slots, bookings = self.browse(one)
            _slots, same_bookings = self.browse(two)
            bookings[0]._move(slots[2])
            with self.assertRaises(LockError):
                same_bookings[0]._cancel("facility")
            one.cr.commit()  # pylint: disable=invalid-commit
            # Odoo does anew what fails so.
            with mute_logger("odoo.sql_db"), self.assertRaises(SerializationFailure):
                same_bookings[0]._cancel("facility")
            two.cr.rollback()
        self.assertEqual(self.places(), [(1, 3), (2, 2)])

    def test_same_time_for_two(self):
        """Two bookings want the third court; the second transaction began before the first one was done."""
        with self.transaction() as one, self.transaction() as two:
            slots, bookings = self.browse(one)
            same_slots, same_bookings = self.browse(two)
            bookings[0]._move(slots[2])
            one.cr.commit()  # pylint: disable=invalid-commit
            with self.assertRaisesRegex(UserError, "somebody was first"):
                same_bookings[1]._move(same_slots[2])
            two.cr.rollback()
        self.assertEqual(self.places(), [(1, 3), (2, 2)])
