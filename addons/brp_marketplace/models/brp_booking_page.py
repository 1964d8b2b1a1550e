"""What our own booking page shows and sells: /boka."""

import base64
from collections import Counter
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date, format_time

from odoo.addons.brp_connector.models.at_once import made_once

from ..times import CalendarEvent, calendar_file

#: A visitor has so many minutes to tell who books, and so many to pay.
HOLD_MINUTES = 15
PAY_MINUTES = 30
#: A visitor can hold so many places.
MAX_PLACES = 10
_UTC = ZoneInfo("UTC")
_QUIET = {
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "tracking_disable": True,
}


class Facility(models.Model):
    _inherit = "brp.facility"

    pay_at_desk = fields.Boolean(
        default=True, help="Who books at /boka may pay on arrival. Otherwise it is paid when it is booked."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user.filtered(lambda user: user._is_internal()),
        domain="[('share', '=', False)]",
        help="Is told what has to be done by hand, such as to pay back when a provider cannot.",
    )

    @api.model
    def _find_public(self):
        """Return the facilities that are booked at /boka."""
        return self.search([("is_public", "=", True)])

    def _get_page_activities(self):
        """Return what can be booked at the facility, in order."""
        self.ensure_one()
        return self.resource_ids.filtered("active").activity_id.filtered("active").sorted()

    def _get_page_days(self, activity):
        """Return the days, on the facility's clocks, that have times to come."""
        self.ensure_one()
        self.env["brp.slot"].flush_model()
        return [
            day
            for (day,) in self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT (slot.start AT TIME ZONE 'UTC' AT TIME ZONE %s)::date AS day
                      FROM brp_slot slot
                      JOIN brp_resource resource ON resource.id = slot.resource_id
                     WHERE slot.facility_id = %s AND slot.activity_id = %s
                       AND slot.state = 'open' AND slot.start > %s AND resource.active
                  ORDER BY day
                    """,
                    self.tz,
                    self.id,
                    activity.id,
                    fields.Datetime.now(),
                )
            )
        ]

    def _get_page_times(self, activity, day, key):
        """Return what can be booked on a day: [(resource, [time])], as :meth:`brp.slot._show_on_page` has it.

        :param key: of the visitor, who sees what is held for him
        """
        self.ensure_one()
        zone = self._get_zone()
        begins, ends = (
            datetime.combine(date, time(), tzinfo=zone).astimezone(_UTC).replace(tzinfo=None)
            for date in (day, day + timedelta(days=1))
        )
        slots = self.env["brp.slot"].search(
            [
                ("facility_id", "=", self.id),
                ("activity_id", "=", activity.id),
                ("resource_id.active", "=", True),
                ("state", "=", "open"),
                ("start", ">=", max(begins, fields.Datetime.now())),
                ("start", "<", ends),
            ]
        )
        shown = slots._show_on_page(key)
        by_resource = {}
        for slot in slots:
            if shown[slot.id]:
                by_resource.setdefault(slot.resource_id, []).append(shown[slot.id])
        return sorted(by_resource.items(), key=lambda item: (item[0].sequence, item[0].name, item[0].id))


class Slot(models.Model):
    _inherit = "brp.slot"

    def _show_on_page(self, key):
        """Return {id: what is shown of the time}; None for what can no longer be booked.

        What is shown: slot, hours, free (places that the visitor can have), mine (places held for him),
        note (why it cannot be chosen).
        """
        now = fields.Datetime.now()
        free = self._count_places()
        mine = dict(
            self.env["brp.occupancy"]._read_group(
                [*self.env["brp.occupancy"]._get_live_domain(key), ("slot_id", "in", self.ids)],
                ["slot_id"],
                ["__count"],
            )
        )
        shown = {}
        for slot in self:
            own = mine.get(slot, 0)
            left = free[slot.id][1] + own
            note = False
            if not own and (note := slot._find_page_note(now, left)) is None:
                shown[slot.id] = None
                continue
            shown[slot.id] = {
                "slot": slot,
                "hours": slot._describe_hours(),
                "free": left,
                "mine": own,
                "note": note,
            }
        return shown

    def _find_page_note(self, now, left):
        """Return in a few words why the time cannot be chosen, False if it can, None if it is over."""
        if not self._find_online_obstacle():
            return False if left > 0 else self.env._("Fully booked")
        opens, _closes = self.product_id._get_booking_window()
        if self.state == "open" and opens is not None and now < self.start - opens:
            opening = fields.Datetime.context_timestamp(
                self.with_context(tz=self.facility_id.tz), self.start - opens
            )
            return self.env._("From %s", format_date(self.env, opening.date(), date_format="d MMM"))
        return None

    def _describe_hours(self):
        """Return when it starts and ends on the clocks of the facility: 17:00–18:00."""
        tz = self.facility_id.tz
        starts, stops = (
            format_time(self.env, moment, tz=tz, time_format="HH:mm") for moment in (self.start, self.stop)
        )
        return f"{starts}–{stops}"

    def _get_local_day(self):
        """Return the day on which it starts, on the facility's clocks."""
        return self.start.replace(tzinfo=_UTC).astimezone(self.facility_id._get_zone()).date()

    def _describe_day(self):
        """Return the day on which it starts, in words: torsdag 26 november."""
        return format_date(self.env, self._get_local_day(), date_format="EEEE d MMMM")


class Occupancy(models.Model):
    _inherit = "brp.occupancy"

    @api.model
    def _get_basket(self, key):
        """Return what is held for a visitor: (Counter {slot: places}, until when in UTC or None)."""
        if not key:
            return Counter(), None
        rows = self.search(self._get_live_domain(key), order="start, slot_id, place")
        return Counter(row.slot_id for row in rows), min(rows.mapped("expires"), default=None)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    booking_hold = fields.Char(
        readonly=True, copy=False, help="By this key its places are held until it is confirmed."
    )
    booking_obstacle = fields.Text(
        readonly=True, copy=False, help="Why it could not be booked although it was paid."
    )
    _booking_hold_once = models.UniqueIndex(
        "(booking_hold) WHERE booking_hold IS NOT NULL", "There is an order of these places already."
    )

    # === MAKING === #

    @api.model
    def _order_basket(self, key, customer):
        """Return the order of what is held by a key, not confirmed yet; the same one if it is called again.

        :param customer: {"name", "email", "phone", "lang", "partner": who is logged in, or nobody}
        :raise UserError: nothing is held any longer, or not for one company
        """
        basket, _until = self.env["brp.occupancy"]._get_basket(key)
        if not basket:
            raise UserError(self.env._("Nothing is held for you any longer. Choose a time again."))
        company = next(iter(basket)).company_id
        if any(slot.company_id != company for slot in basket):
            raise UserError(self.env._("Times of different companies are booked one company at a time."))
        for slot in basket:
            if obstacle := slot._find_online_obstacle():
                raise UserError(obstacle)
        self = self.with_user(SUPERUSER_ID).with_company(company).with_context(**_QUIET)
        partner = self._find_page_customer(company, customer)
        values = {
            "partner_id": partner.id,
            "partner_invoice_id": partner.id,
            "partner_shipping_id": partner.id,
            "order_line": [
                Command.create({**slot._prepare_order_line(), "product_uom_qty": count})
                for slot, count in basket.items()
            ],
        }
        order = self.search([("booking_hold", "=", key)])
        if order:
            if order._find_payments("pending", "authorized", "done"):
                raise UserError(self.env._("This is paid, or being paid, already."))
            if order.state == "cancel":
                order.action_draft()
            values["order_line"].insert(0, Command.clear())
            order.write(values)
        else:
            with made_once(self.env.cr):
                order = self.create({**self._prepare_page_order(company, key), **values})
        order._check_page_price(basket)
        order._note_phone(customer["phone"])
        return order

    @api.model
    def _prepare_page_order(self, company, key):
        return {
            "company_id": company.id,
            "booking_source": "page",
            "booking_hold": key,
            "pricelist_id": False,
            "payment_term_id": False,
            # What was shown to the visitor is what is charged: no other VAT for some customers.
            "fiscal_position_id": False,
            "require_payment": False,
            "require_signature": False,
            "user_id": False,
        }

    @api.model
    def _find_page_customer(self, company, customer):
        partner = customer["partner"]
        himself = partner and (partner.name or "", partner.email or "") == (
            customer["name"],
            customer["email"],
        )
        if himself and (not partner.company_id or partner.company_id == company):
            return partner.with_env(self.env)
        return self.env["res.partner"]._find_or_make_customer(
            company, customer["name"], customer["email"], customer["phone"], customer["lang"]
        )

    def _check_page_price(self, basket):
        agreed = sum(slot.price * count for slot, count in basket.items())
        if self.currency_id.compare_amounts(self.amount_total, agreed):
            raise UserError(
                self.env._("The price of what you have chosen has changed. Take it away and choose it again.")
            )

    def _note_phone(self, phone):
        """Note a telephone number that the customer is not known by, for the desk."""
        if phone and phone != self.partner_id.phone:
            note = self.env._("Telephone when booked: %s", phone)
            if not any(note in (message.body or "") for message in self.message_ids):
                self.message_post(body=note)

    def _get_places(self):
        """Return [(slot id, number of places)] of the order."""
        return [(line.slot_id.id, round(line.product_uom_qty)) for line in self.order_line if line.slot_id]

    def _hold_places(self, minutes):
        """Hold the order's places; return whether they could be."""
        self.ensure_one()
        _held, short = self.env["brp.occupancy"]._hold(self.booking_hold, self._get_places(), minutes)
        return not short

    def _is_held(self):
        """Return whether all places of the order are held for it at this moment."""
        basket, _until = self.env["brp.occupancy"].sudo()._get_basket(self.booking_hold)
        return all(basket[self.env["brp.slot"].browse(slot)] >= count for slot, count in self._get_places())

    def _may_pay_at_desk(self):
        return all(self.order_line.slot_id.facility_id.mapped("pay_at_desk"))

    def _book_page_order(self):
        """Book the order, that is free or paid at the desk, and send the receipt.

        :raise UserError: somebody was first
        """
        self.ensure_one()
        if self.amount_total and not self._may_pay_at_desk():
            raise UserError(self.env._("This has to be paid when it is booked."))
        self.action_confirm()
        self._mail_booking()

    def _action_confirm(self):
        done = super()._action_confirm()
        self.filtered(lambda order: order.booking_source == "page").booking_ids._note_sold()
        # What the visitor held besides is free again.
        for order in self.filtered("booking_hold"):
            self.env["brp.occupancy"].sudo()._free_held(order.booking_hold)
        return done

    def _abandon(self):
        """Give up an order that is not paid; its places are free. What is being paid stays."""
        self.ensure_one()
        if self.state not in ("draft", "sent") or self._find_payments("pending", "authorized", "done"):
            return
        self.env["brp.occupancy"].sudo()._free_held(self.booking_hold)
        self._action_cancel()

    def _find_payments(self, *states):
        """Return the payments of the order's customer that are in one of some states."""
        return self.sudo().transaction_ids.filtered(
            lambda tx: tx.state in states and tx.operation not in ("refund", "validation")
        )

    @api.autovacuum
    def _gc_abandoned(self):
        """Cancel what visitors began to pay and never did, a day later."""
        orders = self.search(
            [
                ("booking_source", "=", "page"),
                ("state", "in", ("draft", "sent")),
                ("write_date", "<", fields.Datetime.now() - timedelta(days=1)),
            ],
            limit=1000,
        )
        for order in orders:
            order._abandon()

    # === LETTERS === #

    def _send_order_notification_mail(self, mail_template, allow_deferred_sending=True):
        # Bookings have a letter of their own.
        if self.booking_source == "page":
            return None
        return super()._send_order_notification_mail(mail_template, allow_deferred_sending)

    def _mail_booking(self):
        """Queue the letter that tells what is booked, cancelled or could not be, with a calendar file."""
        self.ensure_one()
        order = self.with_user(SUPERUSER_ID).with_company(self.company_id)
        if not order.partner_id.email:
            return
        template = order.env.ref("brp_marketplace.mail_template_booking")
        attachments = []
        if order.booking_ids:
            calendar = order.booking_ids._make_calendar()
            attachments.append((self.env._("booking.ics"), base64.b64encode(calendar)))
        template.send_mail(order.id, email_values={"attachments": attachments})
        order.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _describe_letter(self):
        """Return the subject of the letter about the order, in its customer's language."""
        place = ", ".join(self.order_line.slot_id.facility_id.mapped("name"))
        if self.booking_obstacle:
            return self.env._("%s: your booking could not be made", place)
        if all(booking.state == "cancelled" for booking in self.booking_ids):
            return self.env._("%s: your booking is cancelled", place)
        return self.env._("%s: your booking", place)

    # === PAYING BACK === #

    def _match_credit(self, invoice, credit):
        payment = invoice.sudo().transaction_ids.filtered(
            lambda tx: tx.state == "done" and tx.operation not in ("refund", "validation")
        )[:1]
        if not payment or invoice.payment_state not in ("paid", "in_payment"):
            return super()._match_credit(invoice, credit)
        return payment._pay_back(credit.amount_total, credit)

    def _get_responsible(self):
        """Return the user who is told what has to be done by hand."""
        users = self.order_line.slot_id.facility_id.user_id.filtered("active")
        return users[:1] or self.env.ref("base.user_admin", raise_if_not_found=False) or users

    def _ask_to_pay_back(self, amount, reason):
        """Tell the facility's people that an amount is to be paid back by hand.

        :param reason: in words, in the language of :meth:`_get_responsible`
        """
        self.ensure_one()
        user = self._get_responsible()
        told = self.with_user(SUPERUSER_ID).with_context(lang=user.lang)
        told.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=told.env._("Pay back %s", self.currency_id.format(amount)),
            note=reason,
            user_id=user.id,
        )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _find_held(self):
        key = self.order_id.booking_hold
        if not key:
            return super()._find_held()
        Occupancy = self.env["brp.occupancy"].sudo()
        return Occupancy.search(
            [*Occupancy._get_live_domain(key), ("slot_id", "=", self.slot_id.id)], order="place"
        ).ids


class Booking(models.Model):
    _inherit = "brp.booking"

    def _make_calendar(self):
        """Return an .ics file of the bookings."""
        return calendar_file(booking._make_calendar_event() for booking in self.sorted("start"))

    def _make_calendar_event(self):
        facility = self.facility_id
        address = facility.partner_id
        where = [facility.name, address.street, " ".join(filter(None, [address.zip, address.city]))]
        told = [
            self.env._("Booking number: %s", self.name),
            self.env._("Access code: %s", self.access_code),
            facility.description,
        ]
        base = self.get_base_url()
        return CalendarEvent(
            uid=f"booking-{self.id}@{base.split('://')[-1].split('/')[0]}",
            start=self.start,
            stop=self.stop,
            changed=self.cancel_date or self.create_date,
            summary=f"{self.activity_id.name}, {self.resource_id.name}",
            location=", ".join(filter(None, where)),
            description="\n".join(filter(None, told)),
            url=base + self.get_portal_url(),
            is_cancelled=self.state == "cancelled",
        )

    def _compute_vat(self):
        """Return the VAT that the price of the booking includes."""
        line = self.sudo().order_line_id
        share = self.price / line.price_total if line.price_total else 0
        return self.currency_id.round(line.price_tax * share)

    def _describe_payback(self):
        """Return what the customer gets back when cancelling, in words."""
        if not self.price:
            return self.env._("It was free of charge: there is nothing to pay back.")
        price = self.currency_id.format(self.price)
        if self.paid != "paid":
            return self.env._("You have not paid: you owe nothing for it when it is cancelled.")
        payment = self.sudo().order_id._find_payments("done")[:1]
        if payment and payment._can_refund(self.price):
            return self.env._("You get back %s, the way you paid. It may take some days.", price)
        return self.env._("You get back %s. We get in touch with you if we need to.", price)

    def _note_cancelled(self):
        for order in self.order_id.filtered(lambda order: order.booking_source == "page"):
            order._mail_booking()
        return super()._note_cancelled()
