import re
import secrets
from datetime import date, timedelta

from werkzeug.exceptions import NotFound

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.http import request, route
from odoo.tools import consteq, email_normalize, format_date, format_time

from odoo.addons.payment.controllers.portal import PaymentPortal

from ..models.sale_order_page import HOLD_MINUTES, MAX_PLACES, PAY_MINUTES

_KEY = "boka_key"  # of what is held for the visitor
_NOTICE = "boka_notice"  # what is to be told on the next page
_ORDER = "boka_order"  # the visitor's last order
_UNTIL = "boka_until"  # until when something was held
_WEEK = 7
_NUMBERS = 2**31  # PostgreSQL has no record beyond
_LONGEST = {"name": 100, "email": 254, "phone": 30}
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]{2,}")
_PHONE = re.compile(r"\+?[0-9 ()/-]+")
_PAGE = {"type": "http", "auth": "public", "website": True}


class BookingPage(PaymentPortal):
    """Our own booking page: choose times, tell who books, pay."""

    # === CHOOSE === #

    @route("/boka", methods=["GET"], sitemap=True, **_PAGE)
    def facilities(self, **kwargs):
        """Show the facilities that can be booked; the only one at once."""
        facilities = self._env()["brp.facility"]._find_public()
        if len(facilities) == 1:
            return request.redirect(f"/boka/{facilities.id}")
        return self._render("boka_facilities", {"facilities": facilities})

    @route("/boka/<int:facility_id>", methods=["GET"], sitemap=False, **_PAGE)
    def activities(self, facility_id, **kwargs):
        """Show what can be booked at a facility; the only thing at once."""
        facility = self._get_facility(facility_id)
        activities = facility._get_page_activities()
        if len(activities) == 1:
            return request.redirect(f"/boka/{facility.id}/{activities.id}")
        return self._render("boka_activities", {"facility": facility, "activities": activities})

    @route("/boka/<int:facility_id>/<int:activity_id>", methods=["GET"], sitemap=False, **_PAGE)
    def times(self, facility_id, activity_id, dag=None, **kwargs):
        """Show the times of a day.

        :param dag: the day, as YYYY-MM-DD; the first that has times if it is left out
        """
        facility = self._get_facility(facility_id)
        activities = facility._get_page_activities()
        activity = activities.filtered(lambda activity: activity.id == activity_id)
        if not activity:
            raise NotFound()
        days = facility._get_page_days(activity)
        day = _read_day(dag) or next(iter(days), facility._get_today())
        return self._render(
            "boka_times",
            {
                "facility": facility,
                "activity": activity,
                "activities": activities,
                "day": day,
                "day_text": format_date(request.env, day, date_format="EEEE d MMMM"),
                "times": facility._get_page_times(activity, day, self._get_key()),
                "next_day": next((date for date in days if date > day), None),
                **self._make_strip(facility, days, day),
            },
        )

    def _make_strip(self, facility, days, day):
        """Return the week of a day to choose another one from, and where earlier and later times are."""
        known = set(days)
        first = day - timedelta(days=day.weekday())
        last = first + timedelta(days=_WEEK - 1)
        strip = [
            {
                "date": date,
                "weekday": format_date(request.env, date, date_format="EEE").strip("."),
                "title": format_date(request.env, date, date_format="EEEE d MMMM"),
                "has_times": date in known,
            }
            for date in (first + timedelta(days=number) for number in range(_WEEK))
        ]
        months = dict.fromkeys(format_date(request.env, date, date_format="MMMM") for date in (first, last))
        return {
            "strip": strip,
            "strip_title": f"{'–'.join(months)} {last.year}",
            "earlier": max((date for date in days if date < first), default=None),
            "later": min((date for date in days if date > last), default=None),
            "today": facility._get_today(),
        }

    @route("/boka/korg", methods=["POST"], sitemap=False, **_PAGE)
    def choose(self, tid=None, antal=None, kassa=None, **kwargs):
        """Hold places of a time for the visitor, as many as said; none lets go of them.

        :param kassa: set when the visitor is to come back to the basket
        """
        slot = self._get_slot(self._cast_as_int(tid))
        count = self._cast_as_int(antal)
        if count is None or not 0 <= count <= MAX_PLACES:
            raise NotFound()
        self._hold(slot, count)
        if kassa:
            return request.redirect("/boka/kassa")
        return request.redirect(
            f"/boka/{slot.facility_id.id}/{slot.activity_id.id}?dag={slot._get_local_day()}#dag"
        )

    def _hold(self, slot, count):
        """Hold places, or tell the visitor on the next page why not."""
        env = self._env()
        key = self._get_key() or secrets.token_urlsafe(24)
        basket, _until = env["brp.occupancy"]._get_basket(key)
        notice = None
        if count and (obstacle := slot._find_online_obstacle()):
            notice = obstacle
        elif count and sum(basket.values()) - basket[slot] + count > MAX_PLACES:
            notice = env._("You can book at most %s places at a time.", MAX_PLACES)
        elif count and any(held.company_id != slot.company_id for held in basket):
            notice = env._(
                "Times at %s are booked and paid by themselves: finish what you have begun first.",
                slot.facility_id.name,
            )
        else:
            _held, short = env["brp.occupancy"]._hold(
                key, [(slot.id, count)], HOLD_MINUTES, undecided=True, only=False
            )
            if short:
                notice = slot._describe_full(short[slot.id][0])
            else:
                request.session[_KEY] = key
                until = fields.Datetime.now() + timedelta(minutes=HOLD_MINUTES)
                request.session[_UNTIL] = fields.Datetime.to_string(until)
        if notice:
            request.session[_NOTICE] = notice

    # === WHO BOOKS === #

    @route("/boka/kassa", methods=["GET"], sitemap=False, **_PAGE)
    def checkout(self, **kwargs):
        """Show what is chosen, and ask who books."""
        return self._render_checkout(self._get_known_details(), {})

    @route("/boka/kassa", methods=["POST"], sitemap=False, **_PAGE)
    def check_out(self, betala=None, korg=None, **details):
        """Book what is to be paid at the desk, or go on to pay.

        :param betala: ``plats`` at the desk, anything else online
        :param korg: the key of what was held when the page was shown
        """
        key = self._get_key()
        env = self._env()
        if korg:
            made = env["sale.order"].search([("booking_hold", "=", korg), ("state", "=", "sale")])
            if made:  # pressed twice
                return self._leave(made)
        details, errors = self._read_details(details)
        if errors:
            return self._render_checkout(details, errors)
        user = request.env.user
        customer = {
            **details,
            "partner": None if user._is_public() else user.partner_id.sudo(),
            "lang": request.env.lang,
        }
        try:
            with request.env.cr.savepoint():
                order = env["sale.order"]._order_basket(key, customer)
                if betala == "plats" or not order.amount_total:
                    order._book_page_order()
        except UserError as error:
            request.session[_NOTICE] = str(error)
            return self._render_checkout(details, {})
        if order.state == "sale":
            return self._leave(order)
        return request.redirect(self._get_order_url(order))

    def _leave(self, order):
        """Show the receipt; what is chosen from now on is another order."""
        self._forget_basket(order)
        request.session[_ORDER] = order.id
        return request.redirect(self._get_order_url(order))

    def _forget_basket(self, order):
        if request.session.get(_KEY) == order.booking_hold:
            request.session.pop(_KEY)
            request.session.pop(_UNTIL, None)

    def _render_checkout(self, details, errors):
        env = self._env()
        basket, _until = env["brp.occupancy"]._get_basket(self._get_key())
        facilities = env["brp.facility"].union(*[slot.facility_id for slot in basket])
        total = sum(slot.price * count for slot, count in basket.items())
        lapsed = not basket and request.session.pop(_UNTIL, None)
        values = {
            "details": details,
            "errors": errors,
            "facility": facilities[:1],
            "pay_at_desk": all(facilities.mapped("pay_at_desk")),
            "pay_online": bool(total and basket and self._find_providers(facilities.company_id, total)),
            "key": self._get_key(),
            "lapsed": lapsed,
            "hold_minutes": HOLD_MINUTES,
            "last_order_url": self._get_last_order_url() if not basket else None,
        }
        return self._render("boka_checkout", values, personal=True)

    def _find_providers(self, company, amount):
        partner = request.env.user.partner_id
        return (
            self._env()["payment.provider"]
            ._get_compatible_providers(company.id, partner.id, amount, currency_id=company.currency_id.id)
            .filtered(_is_at_once)
        )

    def _get_known_details(self):
        user = request.env.user
        if user._is_public():
            return dict.fromkeys(_LONGEST, "")
        partner = user.partner_id.sudo()
        return {name: partner[name] or "" for name in _LONGEST}

    def _read_details(self, values):
        """Return (what the visitor has entered, {field: what is wrong with it})."""
        env = self._env()
        details = {
            name: " ".join(str(values.get(name) or "").split())[:longest]
            for name, longest in _LONGEST.items()
        }
        errors = {}
        if len(details["name"]) < 2:
            errors["name"] = env._("Enter your name.")
        if not details["email"]:
            errors["email"] = env._("Enter your e-mail address: the receipt is sent to it.")
        elif not (_EMAIL.fullmatch(details["email"]) and email_normalize(details["email"])):
            errors["email"] = env._("This is no e-mail address. It looks like anna@example.com.")
        digits = sum(char.isdigit() for char in details["phone"])
        if not details["phone"]:
            errors["phone"] = env._("Enter your mobile number: we call if something happens.")
        elif not _PHONE.fullmatch(details["phone"]) or not 7 <= digits <= 15:
            errors["phone"] = env._("This is no mobile number. It looks like 070-123 45 67.")
        return details, errors

    # === PAY === #

    @route("/boka/bestallning/<int:order_id>", methods=["GET"], sitemap=False, **_PAGE)
    def order(self, order_id, access_token=None, **kwargs):
        """Show an order: to be paid, being paid, booked, or why it could not be booked."""
        order = self._get_order(order_id, access_token)
        if order.booking_ids and not order.booking_obstacle:
            if len(order.booking_ids) == 1:
                return request.redirect(order.booking_ids.get_portal_url())
            return self._render("boka_booked", {"order": order, **self._describe(order)}, personal=True)
        pending = order._find_payments("pending", "authorized", "done")
        if order.booking_obstacle or pending or order.state == "cancel":
            return self._render(
                "boka_not_booked",
                {"order": order, "pending": pending, **self._describe(order)},
                personal=True,
            )
        values = {"order": order, "held": order._is_held(), **self._describe(order)}
        if values["held"]:
            values |= self._get_page_payment_values(order)
            failed = order._find_payments("error", "cancel")
            values["failed"] = failed.sorted("id")[-1:]
        return self._render("boka_pay", values, personal=True)

    def _describe(self, order):
        return {"facility": order.order_line.slot_id.facility_id[:1]}

    def _get_page_payment_values(self, order):
        """Return what ``payment.form`` shows."""
        partner = order.partner_id
        own = self._is_own(order)
        env = self._env()
        providers = env["payment.provider"]._get_compatible_providers(
            order.company_id.id, partner.id, order.amount_total, currency_id=order.currency_id.id
        )
        providers = providers.filtered(_is_at_once)
        methods = env["payment.method"]._get_compatible_payment_methods(
            providers.ids, partner.id, currency_id=order.currency_id.id
        )
        return {
            "amount": order.amount_total,
            "currency": order.currency_id,
            "partner_id": partner.id,
            "providers_sudo": providers,
            "payment_methods_sudo": methods,
            # Cards are kept for who is logged in, and shown to nobody else.
            "tokens_sudo": env["payment.token"]._get_available_tokens(
                providers.ids if own else [], partner.id
            ),
            "show_tokenize_input_mapping": self._compute_show_tokenize_input_mapping(providers)
            if own
            else dict.fromkeys(providers.ids, False),
            "transaction_route": f"/boka/bestallning/{order.id}/transaction",
            "landing_route": self._get_order_url(order),
            "access_token": order._portal_ensure_token(),
            "submit_button_label": request.env._("Pay %s", order.currency_id.format(order.amount_total)),
        }

    @route("/boka/bestallning/<int:order_id>/transaction", type="jsonrpc", auth="public")
    def start_payment(self, order_id, access_token=None, **kwargs):
        """Begin to pay an order: its places are held while it is paid.

        :return: what the payment form needs of the transaction
        """
        order = self._get_order(order_id, access_token)
        self._validate_transaction_kwargs(kwargs)
        if order.state not in ("draft", "sent") or order._find_payments("pending", "authorized", "done"):
            raise ValidationError(self._env()._("This is paid, or being paid, already. Reload the page."))
        provider = self._env()["payment.provider"].browse(self._cast_as_int(kwargs.get("provider_id")))
        if not provider.exists() or provider.company_id != order.company_id or not _is_at_once(provider):
            raise ValidationError(self._env()._("Choose another way to pay."))
        if not order._hold_places(PAY_MINUTES):
            raise ValidationError(
                self._env()._("Somebody else was first while you were away: a place is gone. Choose again.")
            )
        # What is chosen from now on is another order.
        self._forget_basket(order)
        request.session[_ORDER] = order.id
        if not self._is_own(order):
            kwargs |= {"tokenization_requested": False, "token_id": None}
        kwargs |= {
            "partner_id": order.partner_id.id,
            "amount": order.amount_total,
            "currency_id": order.currency_id.id,
            "landing_route": self._get_order_url(order),
        }
        transaction = self._create_transaction(
            custom_create_values={"sale_order_ids": [Command.set(order.ids)]}, **kwargs
        )
        return transaction._get_processing_values()

    @route("/boka/bestallning/<int:order_id>/avbryt", methods=["POST"], sitemap=False, **_PAGE)
    def abandon(self, order_id, access_token=None, **kwargs):
        """Give up paying; what was held is free."""
        order = self._get_order(order_id, access_token)
        order._abandon()
        if order.state != "cancel":
            return request.redirect(self._get_order_url(order))
        self._forget_basket(order)
        request.session.pop(_ORDER, None)
        request.session[_NOTICE] = self._env()._("Your times are free again. Nothing is booked or paid.")
        return request.redirect("/boka")

    @route("/boka/bestallning/<int:order_id>/kalender.ics", methods=["GET"], sitemap=False, **_PAGE)
    def order_calendar(self, order_id, access_token=None, **kwargs):
        """Give the order's bookings as a calendar file."""
        order = self._get_order(order_id, access_token)
        if not order.booking_ids:
            raise NotFound()
        return self._send_calendar(order.booking_ids)

    # === BOOKED === #

    @route("/boka/bokning/<int:booking_id>", methods=["GET"], sitemap=False, **_PAGE)
    def booking(self, booking_id, access_token=None, **kwargs):
        """Show a booking: the receipt."""
        booking = self._get_booking(booking_id, access_token)
        return self._render("boka_booking", self._get_booking_values(booking), personal=True)

    def _get_booking_values(self, booking):
        return {
            "booking": booking,
            "facility": booking.facility_id,
            "obstacle": booking.state == "booked" and booking._find_cancel_obstacle(),
            "cancel_until": booking.cancel_until
            and _describe_moment(request.env, booking.cancel_until, booking.facility_id.tz),
            "others": booking.order_id.booking_ids - booking,
            "vat": booking._compute_vat(),
            "at_desk": booking.paid != "paid" and booking.source == "page",
        }

    @route("/boka/bokning/<int:booking_id>/avboka", methods=["GET"], sitemap=False, **_PAGE)
    def ask_cancel(self, booking_id, access_token=None, **kwargs):
        """Ask whether a booking is really to be cancelled, and tell what one gets back."""
        booking = self._get_booking(booking_id, access_token)
        if booking.state != "booked" or booking._find_cancel_obstacle():
            return request.redirect(booking.get_portal_url())
        return self._render("boka_cancel", self._get_booking_values(booking), personal=True)

    @route("/boka/bokning/<int:booking_id>/avboka", methods=["POST"], sitemap=False, **_PAGE)
    def cancel(self, booking_id, access_token=None, **kwargs):
        """Cancel a booking, if the rules allow it."""
        booking = self._get_booking(booking_id, access_token)
        if booking.state == "booked":
            if obstacle := booking._find_cancel_obstacle():
                request.session[_NOTICE] = obstacle
            else:
                booking._cancel("customer")
        return request.redirect(booking.get_portal_url())

    @route("/boka/bokning/<int:booking_id>/kalender.ics", methods=["GET"], sitemap=False, **_PAGE)
    def booking_calendar(self, booking_id, access_token=None, **kwargs):
        """Give a booking as a calendar file."""
        return self._send_calendar(self._get_booking(booking_id, access_token))

    def _send_calendar(self, bookings):
        return request.make_response(
            bookings._make_calendar(),
            headers=[
                ("Content-Type", "text/calendar; charset=utf-8"),
                ("Content-Disposition", f'attachment; filename="{bookings[0].name}.ics"'),
                ("Cache-Control", "no-store"),
            ],
        )

    # === WHAT THEY HAVE IN COMMON === #

    def _env(self):
        """Return the environment in which the page sees what visitors have no rights to themselves."""
        return request.env(user=SUPERUSER_ID)

    def _get_key(self):
        return request.session.get(_KEY)

    def _get_facility(self, facility_id):
        facility = self._env()["brp.facility"]._find_public().filtered(lambda known: known.id == facility_id)
        if not facility:
            raise NotFound()
        return facility

    def _get_slot(self, slot_id):
        """Return a time that is shown at /boka, whether it can be booked just now or not."""
        slot = self._find("brp.slot", slot_id or 0)
        if not slot or not slot.facility_id.is_public or not slot.facility_id.active:
            raise NotFound()
        return slot

    def _find(self, model, number):
        """Return the record that an address tells by its number, or none: the database has an end of them."""
        return self._env()[model].browse(number if number < _NUMBERS else 0).exists()

    def _get_order(self, order_id, token):
        order = self._find("sale.order", order_id)
        if not order or order.booking_source != "page" or not self._may_see(order, token):
            raise NotFound()
        return order

    def _get_booking(self, booking_id, token):
        booking = self._find("brp.booking", booking_id)
        if not booking or not self._may_see(booking, token):
            raise NotFound()
        return booking

    def _may_see(self, record, token):
        """Return whether the visitor has the record's token, or is logged in as its customer."""
        if self._is_own(record):
            return True
        return bool(token and record.access_token and consteq(record.access_token, token))

    def _is_own(self, record):
        """Return whether the visitor is logged in as the record's customer."""
        user = request.env.user
        return not user._is_public() and record.partner_id == user.partner_id

    def _get_order_url(self, order):
        return f"/boka/bestallning/{order.id}?access_token={order._portal_ensure_token()}"

    def _get_last_order_url(self):
        order = self._env()["sale.order"].browse(request.session.get(_ORDER, 0)).exists()
        return order and self._get_order_url(order)

    def _render(self, template, values, personal=False):
        """Show a page, with what the visitor has chosen at its end.

        :param personal: whether search engines and caches are to keep away from it
        """
        env = self._env()
        basket, until = env["brp.occupancy"]._get_basket(self._get_key())
        places = env["brp.slot"].union(*basket)._count_places()
        first = next(iter(basket), env["brp.slot"])
        unpaid = env["sale.order"].browse(request.session.get(_ORDER, 0)).exists()
        waiting = (
            unpaid.state in ("draft", "sent") and not unpaid._find_payments("pending") and unpaid._is_held()
        )
        facility = values.get("facility")
        values = {
            "page_name": "boka",
            "basket": [
                {
                    "slot": slot,
                    "count": count,
                    "price": slot.price * count,
                    "free": min(MAX_PLACES, places[slot.id][1] + count),
                }
                for slot, count in basket.items()
            ],
            "basket_count": sum(basket.values()),
            "basket_total": sum(slot.price * count for slot, count in basket.items()),
            "basket_until": until
            and format_time(request.env, until, tz=first.facility_id.tz, time_format="HH:mm"),
            "basket_currency": first.currency_id,
            "money": _money,
            "unpaid_url": self._get_order_url(unpaid) if waiting else None,
            "notice": request.session.pop(_NOTICE, None),
            "res_company": (facility.company_id if facility else request.env.company).sudo(),
            "personal": personal,
            **values,
        }
        response = request.render(f"brp_marketplace.{template}", values)
        # Pages show what is free at this moment, and what this visitor has chosen.
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "same-origin"
        if personal:
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response


def _is_at_once(provider):
    """Return whether a provider says at once, or soon, that something is paid: no bank transfers."""
    return provider.code != "custom"


def _money(amount, currency):
    """Return an amount as it is said: without öre if there are none."""
    return re.sub(r"[.,]00(?!\d)", "", currency.format(amount))


def _read_day(text):
    """Return a day that is told in an address, or None for none; calendars have no days near their ends."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year < 3000 else None


def _describe_moment(env, moment, tz):
    day = fields.Datetime.context_timestamp(env["brp.slot"].with_context(tz=tz), moment)
    return f"{format_date(env, day.date(), date_format='EEEE d MMMM')} {day:%H:%M}"
