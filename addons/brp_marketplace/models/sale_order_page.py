import base64
from datetime import timedelta

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.brp_connector.models.at_once import made_once

#: A visitor has so many minutes to tell who books, and so many to pay.
HOLD_MINUTES = 15
PAY_MINUTES = 30
#: A visitor can hold so many places.
MAX_PLACES = 10
_QUIET = {
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "tracking_disable": True,
}


class SaleOrder(models.Model):
    """What our own booking page sells: held for a visitor, ordered, paid or not, told by e-mail."""

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
            # With another customer, his own terms would come.
            order.write({**self._get_page_terms(), **values})
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
            "require_payment": False,
            "require_signature": False,
            "user_id": False,
            **self._get_page_terms(),
        }

    @api.model
    def _get_page_terms(self):
        return {
            "pricelist_id": False,
            "payment_term_id": False,
            # What was shown to the visitor is what is charged: no other VAT for some customers.
            "fiscal_position_id": False,
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
        if not self._is_agreed(self.amount_total, agreed, sum(basket.values())):
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
        if self.state in ("draft", "sent") and not self._find_payments("pending", "authorized", "done"):
            self._give_up()

    def _give_up(self):
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
        """Queue the letter that tells what is booked, moved, cancelled or could not be.

        A calendar file is attached.
        """
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
        facilities = self.booking_ids.facility_id or self.order_line.slot_id.facility_id
        place = ", ".join(facilities.mapped("name"))
        if self.booking_obstacle:
            return self.env._("%s: your booking could not be made", place)
        if all(booking.state == "cancelled" for booking in self.booking_ids):
            return self.env._("%s: your booking is cancelled", place)
        latest = max(self.booking_ids, key=lambda booking: booking._get_changed())
        if latest.state == "booked" and latest.moved_date:
            return self.env._("%s: your booking has a new time", place)
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
