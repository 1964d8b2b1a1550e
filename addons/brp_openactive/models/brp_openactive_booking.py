from collections import Counter
from dataclasses import replace

import pytz

from odoo import api, models

from odoo.addons.brp_connector.models.at_once import made_once

from ..openactive import (
    Answer,
    BookingError,
    BookingService,
    BrokerRole,
    Lease,
    Order,
    OrderItem,
    Step,
    b_answer,
    c1_answer,
    c2_answer,
    capacity_errors,
    order_status,
    read_cancellation,
    read_request,
)

_ANSWERS = {Step.C1: c1_answer, Step.C2: c2_answer, Step.B: b_answer}
#: While an order is made, its places are held for so many minutes: time enough, and soon free if it fails.
_HELD = 5
_NOTHING = Answer(204, "")


class OpenactiveBooking(models.AbstractModel):
    """What a marketplace asks of the Open Booking API, answered with our times and orders.

    Methods raise ``BookingError`` for what is refused; then nothing has happened.
    """

    _name = "brp.openactive.booking"
    _description = "Open Booking API"

    # === QUOTES === #

    @api.model
    def _quote(self, till, uuid, step, body):
        """Answer what something costs, and whether there are places. Nothing is sold.

        :param till: the online till that asks
        :param uuid: chosen by the marketplace
        :param Step step: C1 or C2
        :param body: as it came
        """
        request = read_request(body, step)
        if self._find_order(till, uuid):
            raise BookingError("OrderAlreadyExistsError")
        self._check_parties(till, request)
        items = self._find_items(till, request)
        key = self._get_key(till, uuid)
        lease = None
        if till.openactive_leases:
            items, lease = self._lease(till, key, request, items)
        else:
            items = self._check_places(items, key)
        order = self._make_order(till, uuid, request, items, lease)
        request.check_payment(order.total_due)
        return _ANSWERS[step](order, self._get_lang(till))

    @api.model
    def _drop_quote(self, till, uuid):
        """Let go of what is held for a quote, whether there is one or not."""
        self.env["brp.occupancy"]._let_go(self._get_key(till, uuid))
        return _NOTHING

    def _lease(self, till, key, request, items):
        """Hold the places of a quote whose customer is known; a quote without one lets go of them."""
        Occupancy = self.env["brp.occupancy"]
        if request.step is Step.C1 or any(item.errors for _slot, item in items):
            Occupancy._let_go(key)
            return self._check_places(items, key), None
        items = self._hold(key, items, till.openactive_lease_minutes, undecided=True)
        if any(item.errors for _slot, item in items):
            return items, None
        expires = max(Occupancy.sudo().search([("hold", "=", key)]).mapped("expires"))
        return items, Lease(pytz.utc.localize(expires))

    # === BOOKING === #

    @api.model
    def _book(self, till, uuid, body):
        """Book and sell what is paid at the marketplace. The same request gets the same answer again."""
        request = read_request(body, Step.B)
        if known := self._find_order(till, uuid):
            if known.state == "deleted" or known.openactive_fingerprint != request.fingerprint:
                raise BookingError("OrderAlreadyExistsError")
            return Answer(201, known.openactive_answer)
        self._check_parties(till, request)
        items = self._find_items(till, request)
        key = self._get_key(till, uuid)
        wrong = any(item.errors for _slot, item in items)
        if not wrong:
            total = self._make_order(till, uuid, request, items).total_due
            request.check_payment(total)
            request.check_total(total, self._get_currency(till))
            items = self._hold(key, items, _HELD)
            wrong = any(item.errors for _slot, item in items)
        if wrong:
            order = self._make_order(till, uuid, request, items)
            return b_answer(order, self._get_lang(till))
        # What is held was held by another transaction: this one begins anew to see it.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        try:
            return self._sell(till, uuid, request, key, [slot for slot, _item in items])
        except Exception:
            if not till.openactive_leases:
                self.env.cr.rollback()
                self.env["brp.occupancy"]._let_go(key)
            raise

    def _sell(self, till, uuid, request, key, slots):
        rows = (
            self.env["brp.occupancy"].search([("hold", "=", key)], order="slot_id, place").grouped("slot_id")
        )
        of_slot = {slot: iter(held.ids) for slot, held in rows.items()}
        try:
            held = [(slot, next(of_slot[slot])) for slot in slots]
        except (KeyError, StopIteration):
            raise BookingError("TemporarilyUnableToCreateOrderError") from None
        payment = request.payment or {}
        with made_once(self.env.cr):
            order = self.env["brp.channel.order"]._sell(
                till,
                uuid,
                self._find_invoiced(till, request),
                held,
                {
                    "reference": payment.get("identifier"),
                    "name": payment.get("name"),
                    "account": payment.get("accountId"),
                    "provider": payment.get("paymentProviderId"),
                },
                openactive_fingerprint=request.fingerprint,
                openactive_broker_role=request.broker_role.value,
                openactive_parties={
                    "broker": request.broker, "customer": request.customer, "payment": request.payment
                },
                openactive_positions=[item.position for item in request.items],
            )  # fmt: skip
        answer = b_answer(order._make_openactive_whole(), self._get_lang(till))
        order.openactive_answer = answer.body
        return answer

    def _find_invoiced(self, till, request):
        """Return who is invoiced: the customer, or a marketplace that sells in its own name."""
        if request.broker_role is BrokerRole.RESELLER:
            if not till.marketplace_partner_id:
                raise BookingError("OrderCreationFailedError")
            return till.marketplace_partner_id
        return self._find_customer(till, request)

    def _find_customer(self, till, request):
        customer = request.customer
        name = customer.get("name") or " ".join(
            filter(None, [customer.get("givenName"), customer.get("familyName")])
        )
        return self.env["res.partner"]._find_or_make_customer(
            till.company_id, name, customer.get("email"), customer.get("telephone")
        )

    # === AFTERWARDS === #

    @api.model
    def _get_status(self, till, uuid):
        """Answer what has become of an order."""
        order = self._get_order(till, uuid)
        return order_status(order._make_openactive_whole())

    @api.model
    def _cancel(self, till, uuid, body):
        """Cancel what the customer does not want any longer, all or nothing."""
        ids = till.company_id._get_openactive_ids()
        cancellation = read_cancellation(body, ids, uuid)
        order = self._find_order(till, uuid)
        numbers = set(order.booking_ids.ids)
        for number in cancellation.numbers:
            if number not in numbers:
                self._refuse_item(till, number)
        order = self._get_order(till, uuid)
        bookings = order.booking_ids.filtered(lambda booking: booking.id in cancellation.numbers)
        bookings = bookings.filtered(lambda booking: booking.state == "booked")
        for booking in bookings.with_context(lang=self._get_lang(till)):
            if obstacle := booking._find_cancel_obstacle():
                raise BookingError("CancellationNotPermittedError", obstacle)
        bookings._cancel("customer")
        return _NOTHING

    def _refuse_item(self, till, number):
        elsewhere = self.env["brp.booking"].search_count(
            [("id", "=", number), ("connection_id", "=", till.id)], limit=1
        )
        raise BookingError("OrderItemNotWithinOrderError" if elsewhere else "OrderItemIdInvalidError")

    @api.model
    def _delete(self, till, uuid):
        """Undo an order altogether, and forget who bought."""
        order = self._find_order(till, uuid)
        if not order:
            raise BookingError("UnknownOrderError")
        if order.state != "deleted":
            order._delete_order()
        return _NOTHING

    # === WHAT THEY HAVE IN COMMON === #

    def _find_order(self, till, uuid):
        return self.env["brp.channel.order"].search([("connection_id", "=", till.id), ("uuid", "=", uuid)])

    def _get_order(self, till, uuid):
        order = self._find_order(till, uuid)
        if not order:
            raise BookingError("UnknownOrderError")
        if order.state == "deleted":
            raise BookingError("GoneError")
        return order

    def _get_key(self, till, uuid):
        return f"{till.id}:{uuid}"

    def _get_lang(self, till):
        return till._get_language() or "en"

    def _get_currency(self, till):
        """Return the currency in which totals are to be told, None for any."""
        return till.company_id.currency_id.name

    def _get_booking_service(self, till):
        return BookingService(self.env._("BRP for Odoo"), till.company_id._get_openactive_site())

    def _check_parties(self, till, request):
        request.check_broker()
        request.check_customer()
        request.check_seller()
        company = till.company_id
        if request.seller_id != company._get_openactive_ids().seller(company.id):
            raise BookingError("SellerNotFoundError")
        request.check_items()

    def _find_items(self, till, request):
        """Return [(slot or None, OrderItem)] of what is asked for, with what is wrong but for places."""
        company = till.company_id
        ids = company._get_openactive_ids()
        keys = [ids.read_slot(item.slot_id or "") for item in request.items]
        slots = {
            str(slot.id): slot
            for slot in self.env["brp.slot"].search(
                [
                    ("id", "in", [int(key) for key in keys if key and key.isdigit() and len(key) < 10]),
                    ("company_id", "=", company.id),
                ]
            )
        }
        uses = company._get_openactive_facility_uses()
        seller = company._get_openactive_seller()
        found = []
        for item, key in zip(request.items, keys, strict=True):
            slot = slots.get(key)
            error = item.error or self._find_item_error(till, ids, item, key, slot)
            if not slot:
                told = OrderItem(item.slot_id, item.offer_id, item.position, errors=(error,))
            else:
                use = uses.get(slot.resource_id._get_openactive_key()) or slot._make_openactive_use(
                    ids, seller
                )
                told = OrderItem(
                    slot=slot._make_openactive(ids, use, 0),
                    offer=slot._make_openactive_offer(ids)
                    if item.offer_id == ids.offer(slot.id, 1)
                    else item.offer_id,
                    position=item.position,
                    taxes=slot._make_openactive_taxes(),
                    errors=(error,) if error else (),
                )
            found.append((slot, told))
        return found

    def _find_item_error(self, till, ids, item, key, slot):
        """Return why an item cannot be booked however many places are left, or None."""
        offer = ids.read_offer(item.offer_id)
        if not key or not offer:
            return BookingError("InvalidOpportunityOrOfferIdError")
        if not slot:
            return BookingError("UnknownOpportunityError")
        if offer[0] != key:
            return BookingError("UnacceptableOfferError")
        if item.offer_id != ids.offer(slot.id, 1):
            return BookingError("UnknownOfferError")
        if not slot._is_bookable_now(till):
            return BookingError("OpportunityOfferPairNotBookableError")
        return None

    def _check_places(self, items, key):
        """Return the items with how many places are left, and errors of those that there are too few for."""
        slots = self.env["brp.slot"].union(*[slot for slot, _item in items if slot])
        places = slots._count_places_for(key)
        return self._note_places(items, places)

    def _hold(self, key, items, minutes, undecided=False):
        """Hold the places of items; return the items, with errors if there are too few and none is held."""
        wanted = Counter(slot.id for slot, _item in items)
        _held, short = self.env["brp.occupancy"]._hold(key, sorted(wanted.items()), minutes, undecided)
        if not short:
            return items
        slots = self.env["brp.slot"].browse(wanted)
        places = {slot.id: (wanted[slot.id], 0) for slot in slots} | short
        return self._note_places(items, places)

    def _note_places(self, items, places):
        """Return items with their free places told, and errors for those that are too many.

        :param places: {slot id: (free places, places that others hold)}
        """
        wanted = Counter(slot.id for slot, item in items if slot and not item.errors)
        errors = {
            slot: iter(capacity_errors(count, max(places[slot][0], 0), places[slot][1]))
            for slot, count in wanted.items()
        }
        told = []
        for slot, item in items:
            if slot:
                free = max(places[slot.id][0], 0)
                error = None if item.errors else next(errors[slot.id])
                item = replace(
                    item,
                    slot=replace(item.slot, remaining=min(free, item.slot.maximum)),
                    errors=item.errors or ((BookingError(error),) if error else ()),
                )
            told.append((slot, item))
        return told

    def _make_order(self, till, uuid, request, items, lease=None):
        company = till.company_id
        return Order(
            ids=company._get_openactive_ids(),
            uuid=uuid,
            items=tuple(item for _slot, item in items),
            seller=company._get_openactive_seller(),
            broker_role=request.broker_role,
            broker=request.broker,
            customer=request.customer,
            payment=request.payment,
            booking_service=self._get_booking_service(till),
            lease=lease,
            currency=company.currency_id.name,
        )
