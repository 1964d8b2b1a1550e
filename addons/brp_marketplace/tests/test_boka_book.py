from datetime import datetime

from odoo.tests import new_test_user, tagged

from odoo.addons.brp_settlement.tests.common import sums_of

from .boka import KIM, BokaCommon


@tagged("post_install", "-at_install")
class TestBokaDetails(BokaCommon):
    """Who books, and what is wrong with what is entered."""

    def fill(self, **details):
        """Return ({field: what is wrong}, the form) after details have been posted."""
        page = self.post("/boka/kassa", {**KIM, "betala": "plats", **details})
        errors = {
            div.get("id").removeprefix("boka_").removesuffix("_error"): div.text_content()
            for div in page.xpath("//div[contains(@class, 'invalid-feedback')]")
        }
        return errors, page

    def test_what_is_wrong(self):
        slot = self.make_slot()
        self.choose(slot)
        for field, values in {
            "name": ["", " ", "K"],
            "email": ["", "kim", "kim@example", "kim@@example.com", "a@b.se, c@d.se", "kim @example.com"],
            "phone": ["", "123", "ring mig", "0701740605 x", "07012345678901234567"],
        }.items():
            for value in values:
                errors, _page = self.fill(**{field: value})
                self.assertEqual(list(errors), [field], value)
        self.assertFalse(self.find_bookings(slot))
        self.assertEqual(self.held(slot), 1)

    def test_nothing_is_lost(self):
        """What was right stays in the form, whatever is in it."""
        self.choose(self.make_slot())
        errors, page = self.fill(name='Åsa "Ö" <b>Berg</b>', email="nobody")
        self.assertEqual(errors, {"email": "This is no e-mail address. It looks like anna@example.com."})
        values = {field.get("name"): field.get("value") for field in page.xpath("//input[@id]")}
        self.assertEqual(values, {"name": 'Åsa "Ö" <b>Berg</b>', "email": "nobody", "phone": "070-174 06 05"})

    def test_labels(self):
        """Each field has a label, and says what is wrong to those who do not see it."""
        self.choose(self.make_slot())
        _errors, page = self.fill(email="nobody")
        for field in page.xpath("//input[@id]"):
            self.assertTrue(page.xpath(f"//label[@for='{field.get('id')}']"), field.get("id"))
        [wrong] = page.xpath("//input[@aria-invalid='true']")
        self.assertEqual(wrong.get("aria-describedby"), "boka_email_error")

    def test_logged_in(self):
        """Who is logged in finds the form filled in, and books as himself."""
        user = new_test_user(
            self.env, "boka_kund", "base.group_portal", name="Ola Kund", email="ola@example.com"
        )
        user.partner_id.phone = "070-111 22 33"
        slot = self.make_slot()
        self.come("boka_kund")
        self.choose(slot)
        values = {
            field.get("name"): field.get("value") for field in self.see("/boka/kassa").xpath("//input[@id]")
        }
        self.assertEqual(values, {"name": "Ola Kund", "email": "ola@example.com", "phone": "070-111 22 33"})
        self.post("/boka/kassa", {**values, "betala": "plats"})
        self.assertEqual(self.find_bookings(slot).partner_id, user.partner_id)

    def test_known_customer(self):
        """Who has been here before is the same customer; his record is not changed by a visitor."""
        known = self.env["res.partner"].create({"name": "Kim Exempel", "email": "kim@example.com"})
        [booking] = self.book_at_desk(self.make_slot())
        self.assertEqual(booking.partner_id, known)
        self.assertFalse(known.phone)
        self.assertIn("070-174 06 05", "".join(booking.order_id.message_ids.mapped("body")))


@tagged("post_install", "-at_install")
class TestBokaAtDesk(BokaCommon):
    """Booked on the page, paid at the desk."""

    def test_booked(self):
        slot = self.make_slot()
        [booking] = self.book_at_desk(slot)
        order = booking.order_id
        self.assertEqual((booking.source, booking.state, booking.paid), ("page", "booked", "no"))
        self.assertEqual((order.state, order.booking_source, order.amount_total), ("sale", "page", 320))
        self.assertFalse(order.invoice_ids)
        self.assertEqual((booking.partner_id.name, booking.partner_id.phone), ("Kim Exempel", KIM["phone"]))
        self.assertEqual(slot.free, 0)
        self.assertEqual(self.held(slot), 0)
        # The receipt: 320 with 6 % VAT is 301.89 and 18.11.
        page = self.see(booking.get_portal_url())
        text = self.text_of(page)
        for told in (
            booking.name,
            booking.access_code,
            "17:00–18:00",
            "320 kr",
            "18.11",
            "To pay on arrival",
        ):
            self.assertIn(told, text)
        self.assertEqual(self.answer.headers["X-Robots-Tag"], "noindex, nofollow")
        self.assertEqual(self.answer.headers["Cache-Control"], "no-store")
        # The next order is another one.
        self.assertIn("not chosen any time", self.see_text("/boka/kassa"))

    def test_several(self):
        """One order, a line for each time, a booking for each place: 320 + 2 × 95."""
        slot, swim = self.make_slot(), self.make_slot(self.pool)
        self.choose(swim, 2)
        bookings = self.book_at_desk(slot) + self.find_bookings(swim)
        self.assertEqual(len(bookings), 3)
        order = bookings.order_id
        self.assertEqual(len(order), 1)
        self.assertEqual(order.amount_total, 510)
        text = self.see_text(f"/boka/bestallning/{order.id}?access_token={order.access_token}")
        for booking in bookings:
            self.assertIn(booking.access_code, text)
        self.assertIn("To pay on arrival: 510", text)

    def test_pressed_twice(self):
        """The button pressed twice, or the form sent anew: one booking, and the same receipt."""
        slot, other = self.make_slot(), self.make_slot(self.court_2)
        self.choose(slot)
        [basket] = self.see("/boka/kassa").xpath("//input[@name='korg']/@value")
        values = {**KIM, "betala": "plats", "korg": basket}
        self.post("/boka/kassa", values)
        [booking] = self.find_bookings(slot)
        receipt = self.answer.url
        self.post("/boka/kassa", values)
        self.assertEqual(self.answer.url, receipt)
        # What has been chosen since is not touched by it.
        self.choose(other)
        self.post("/boka/kassa", values)
        self.assertEqual(self.answer.url, receipt)
        self.assertEqual(self.find_bookings(slot, other), booking)
        self.assertIn("Padel, Bana 2", self.see_text("/boka/kassa"))

    def test_not_allowed(self):
        """Where it has to be paid at once, no button books without; nor does what is posted by hand."""
        self.facility.pay_at_desk = False
        slot = self.make_slot()
        self.choose(slot)
        self.assertFalse(self.see("/boka/kassa").xpath("//button[@value='plats']"))
        page = self.post("/boka/kassa", {**KIM, "betala": "plats"})
        self.assertIn("has to be paid when it is booked", self.text_of(page))
        self.assertFalse(self.find_bookings(slot))
        self.assertFalse(self.env["sale.order"].search([("booking_source", "=", "page")]))

    def test_free_of_charge(self):
        """What costs nothing is booked without a word of paying."""
        self.facility.pay_at_desk = False
        slot = self.make_slot(price_unit=0)
        self.choose(slot)
        page = self.see("/boka/kassa")
        self.assertFalse(page.xpath("//button[@name='betala']"))
        self.post("/boka/kassa", KIM)
        [booking] = self.find_bookings(slot)
        self.assertIn("Free of charge", self.see_text(booking.get_portal_url()))

    def test_closed_meanwhile(self):
        """The desk closes a time that a visitor has chosen: it is not booked, and he is told."""
        slot = self.make_slot()
        self.choose(slot)
        slot.state = "closed"
        page = self.post("/boka/kassa", {**KIM, "betala": "plats"})
        self.assertIn("is not for sale", self.text_of(page))
        self.assertEqual(page.xpath("//input[@id='boka_name']/@value"), ["Kim Exempel"])
        self.assertFalse(self.find_bookings(slot))

    def test_letter(self):
        """The receipt is queued, in the visitor's language, with the calendar file."""
        [booking] = self.book_at_desk(self.make_slot())
        [mail] = self.env["mail.mail"].search(
            [("res_id", "=", booking.order_id.id), ("model", "=", "sale.order")]
        )
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, booking.partner_id)
        self.assertEqual(mail.subject, "Sundby Padel: your booking")
        self.assertIn(booking.access_code, mail.body_html)
        self.assertIn(booking.get_portal_url(), mail.body_html.replace("&amp;", "&"))
        self.assertIn("Sundby Padel", mail.body_html)  # whose letter it is, as its head
        self.assertNotIn(self.env["ir.model"]._get("sale.order").name, mail.body_html)
        [calendar] = mail.attachment_ids
        self.assertEqual(calendar.name, "booking.ics")
        self.assertIn(b"DTSTART:20260304T160000Z\r\nDTEND:20260304T170000Z\r\n", calendar.raw)

    def test_facility_is_told(self):
        [booking] = self.book_at_desk(self.make_slot())
        self.assertEqual(booking.notice, "sold")


@tagged("post_install", "-at_install")
class TestBokaReceipt(BokaCommon):
    """The receipt, and what its owner can do with it."""

    def test_token(self):
        """Without the token, or with another one's, there is nothing: as if it did not exist."""
        [booking] = self.book_at_desk(self.make_slot())
        [other] = self.book_at_desk(self.make_slot(self.court_2), name="Bo Annan", email="bo@example.com")
        token, wrong = booking._portal_ensure_token(), other._portal_ensure_token()
        order = booking.order_id
        self.come()
        for url in (
            f"/boka/bokning/{booking.id}",
            f"/boka/bokning/{booking.id}/avboka",
            f"/boka/bokning/{booking.id}/kalender.ics",
        ):
            self.see(f"{url}?access_token={token}" if "ics" not in url else "/boka")
            for query in ("", "?access_token=", f"?access_token={wrong}", f"?access_token={token[:-1]}"):
                self.see(url + query, status=404)
        for url in (f"/boka/bestallning/{order.id}", f"/boka/bestallning/{order.id}/kalender.ics"):
            for query in ("", f"?access_token={other.order_id.access_token}"):
                self.see(url + query, status=404)
        self.post(f"/boka/bokning/{booking.id}/avboka", {"access_token": wrong}, "/web/login")
        self.assertEqual(self.answer.status_code, 404)
        self.assertEqual(booking.state, "booked")

    def test_other_orders(self):
        """An order that was not made on the page is not shown on it, token or not."""
        order = self.book(self.make_slot()).order_id
        self.see(f"/boka/bestallning/{order.id}?access_token={order._portal_ensure_token()}", status=404)

    def test_calendar(self):
        [booking] = self.book_at_desk(self.make_slot())
        answer = self.url_open(
            f"/boka/bokning/{booking.id}/kalender.ics?access_token={booking._portal_ensure_token()}"
        )
        self.assertEqual(answer.headers["Content-Type"], "text/calendar; charset=utf-8")
        text = answer.content.replace(b"\r\n ", b"").decode()
        self.assertIn("SUMMARY:Padel\\, Bana 1\r\n", text)
        self.assertIn("LOCATION:Sundby Padel\\, Hallgatan 1\\, 123 45 Sundby\r\n", text)
        self.assertIn(booking.name, text)
        uid = text.split("UID:")[1].split("\r\n")[0]
        booking._cancel("customer")
        answer = self.url_open(answer.url)
        self.assertIn(f"UID:{uid}\r\n", answer.text)
        self.assertIn("STATUS:CANCELLED\r\n", answer.text)

    def test_cancel(self):
        """Cancelled until 24 hours before: asked first, then done once; the time is free again."""
        slot = self.make_slot()
        [booking] = self.book_at_desk(slot)
        page = self.see(booking.get_portal_url())
        self.assertIn("You can cancel until Tuesday 3 March 17:00.", self.text_of(page))
        [link] = page.xpath("//a[contains(@href, '/avboka')]/@href")
        page = self.see(link)
        self.assertIn("You have not paid", self.text_of(page))
        self.assertEqual(booking.state, "booked")
        values = {"access_token": booking.access_token}
        for _time in range(2):
            page = self.post(f"/boka/bokning/{booking.id}/avboka", values, booking.get_portal_url())
            self.env.invalidate_all()
        self.assertIn("Cancelled", self.text_of(page))
        self.assertEqual((booking.state, booking.cancelled_by, slot.free), ("cancelled", "customer", 1))
        self.assertEqual(booking.order_id.state, "cancel")
        letters = self.find_letters(booking.order_id)
        self.assertEqual(
            letters.mapped("subject"),
            ["Sundby Padel: your booking", "Sundby Padel: your booking is cancelled"],
        )

    def test_too_late(self):
        """23 hours before it is too late: no button, and what is posted does nothing."""
        [booking] = self.book_at_desk(self.make_slot(start="2026-03-03 06:00:00", stop="2026-03-03 07:00:00"))
        page = self.see(booking.get_portal_url())
        self.assertFalse(page.xpath("//a[contains(@href, '/avboka')]"))
        self.assertIn("could be cancelled until 2 Mar 07:00", self.text_of(page))
        page = self.post(
            f"/boka/bokning/{booking.id}/avboka", {"access_token": booking.access_token}, "/web/login"
        )
        self.assertEqual(booking.state, "booked")

    def test_one_of_several(self):
        """One of two places is cancelled: the other one stays, and 95 is to be paid."""
        swim = self.make_slot(self.pool)
        self.choose(swim, 2)
        self.post("/boka/kassa", {**KIM, "betala": "plats"})
        first, second = self.find_bookings(swim)
        first._cancel("customer")
        self.assertEqual((second.state, second.order_id.amount_total, swim.free), ("booked", 95, 2))
        self.see_text(first.get_portal_url())

    def test_invoiced_later(self):
        """The desk invoices what was booked on the page: 301.89 and VAT 18.11 are 320."""
        [booking] = self.book_at_desk(self.make_slot())
        invoice = booking.order_id._create_invoices()
        invoice.action_post()
        self.assertEqual(sums_of(invoice), {"1510": 320, "30011": -301.89, "2631": -18.11})
        self.assertEqual(booking.paid, "invoiced")


@tagged("post_install", "-at_install")
class TestBokaPortal(BokaCommon):
    """Who is logged in sees his own bookings under My account."""

    def test_own_bookings(self):
        user = new_test_user(self.env, "boka_kund", "base.group_portal", name="Ola", email="ola@example.com")
        mine = self.book(self.make_slot(), partner_id=user.partner_id.id)
        other = self.book(self.make_slot(self.court_2))
        self.come("boka_kund")
        text = self.see_text("/my/bookings")
        self.assertIn(mine.name, text)
        self.assertNotIn(other.name, text)
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["booking_count"]})
        self.assertEqual(counters, {"booking_count": 1})
        # His own he sees without a token, what was booked at the desk as well.
        self.assertIn(mine.access_code, self.see_text(f"/boka/bokning/{mine.id}"))
        self.see(f"/boka/bokning/{other.id}", status=404)
        self.come()
        self.assertIn("/web/login", self.url_open("/my/bookings").url)

    def test_abandoned_orders(self):
        """What was never paid is cancelled a day later; what is booked stays."""
        [booking] = self.book_at_desk(self.make_slot())
        self.choose(self.make_slot(self.court_2))
        key = self.env["brp.occupancy"].search([("booking_id", "=", False), ("hold", "!=", False)]).hold
        customer = {**KIM, "partner": None, "lang": "en_US"}
        order = self.env["sale.order"]._order_basket(key, customer)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET write_date = %s", [datetime(2026, 3, 1, 6)])
        self.env.invalidate_all()
        self.env["sale.order"]._gc_abandoned()
        self.assertEqual((order.state, booking.order_id.state), ("cancel", "sale"))
        self.assertFalse(self.env["brp.occupancy"].search([("hold", "=", key)]))
