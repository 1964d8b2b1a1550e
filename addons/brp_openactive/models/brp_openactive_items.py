from collections import Counter
from dataclasses import replace

from odoo import models

from ..openactive import BookingError, BookingService, BrokerRole, Order, OrderItem, Step, capacity_errors

_OFFER = 1  # a time has one price


class OpenactiveItems(models.AbstractModel):
    """What is asked for: found among our times, priced, and counted."""

    _inherit = "brp.openactive.booking"

    def _judge(self, till, request, key, short=None):
        """Return [(slot or None, OrderItem)] of what is asked for, with all that is wrong with each.

        :param key: for whom places may be held already
        :param short: what :meth:`_hold` returned, of places that could not be had
        :raise BookingError: what is wrong with all of it
        """
        self._check_parties(till, request)
        return self._count(self._find_items(till, request), key, short)

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

    def _get_booking_service(self, till):
        return BookingService("BRP for Odoo", till.company_id._get_openactive_site())

    # === WHO === #

    def _check_parties(self, till, request):
        request.check_broker()
        request.check_customer()
        request.check_seller()
        company = till.company_id
        if request.seller_id != company._get_openactive_ids().seller(company.id):
            raise BookingError("SellerNotFoundError")
        request.check_items()
        if company._find_openactive_gaps():
            order = request.step is Step.B
            raise BookingError(f"TemporarilyUnableTo{'CreateOrder' if order else 'ProduceOrderQuote'}Error")
        if request.broker_role is BrokerRole.RESELLER and not till.marketplace_partner_id:
            # Better told before the customer has paid.
            raise BookingError(
                "OrderCreationFailedError",
                self.env._("It is not agreed that the marketplace buys times to sell them in its own name."),
            )

    # === WHICH TIMES === #

    def _find_items(self, till, request):
        """Return [(slot or None, OrderItem)] of what is asked for, with what is wrong but for places."""
        company = till.company_id
        ids = company._get_openactive_ids()
        keys = [ids.read_slot(item.slot_id or "") for item in request.items]
        self._check_one_seller(till, [item.slot_id for item in request.items if item.slot_id])
        slots = {str(slot.id): slot for slot in self._find_slots(till, keys)}
        uses = company._get_openactive_facility_uses()
        found = []
        for item, key in zip(request.items, keys, strict=True):
            slot = slots.get(key)
            use = slot and uses.get(slot.resource_id._get_openactive_key())
            error = item.error or self._find_item_error(till, ids, item, key, use and slot)
            errors = (error,) if error else ()
            if not use:
                found.append((None, OrderItem(item.slot_id, item.offer_id, item.position, errors=errors)))
                continue
            is_ours = item.offer_id == ids.offer(slot.id, _OFFER)
            told = OrderItem(
                slot=slot._make_openactive(ids, use, 0),
                offer=slot._make_openactive_offer(ids) if is_ours else item.offer_id,
                position=item.position,
                taxes=slot._make_openactive_taxes() if is_ours else (),
                errors=errors,
            )
            found.append((slot, told))
        return found

    def _find_slots(self, till, keys):
        """Return the times that are asked for, of those that the till has to do with."""
        numbers = [int(key) for key in keys if key and key.isdigit() and len(key) < 10]
        return (
            self.env["brp.slot"]
            .search(
                [
                    ("id", "in", numbers),
                    ("company_id", "=", till.company_id.id),
                    ("facility_id", "in", till.marketplace_facility_ids.ids),
                ]
            )
            .with_context(lang=till.company_id._get_openactive_lang())
        )

    def _check_one_seller(self, till, slot_ids):
        """Refuse times that are another company's of this Odoo: an order has one seller."""
        others = self.env["res.company"].search(
            [("openactive_published", "!=", False), ("id", "!=", till.company_id.id)]
        )
        for ids in (company._get_openactive_ids() for company in others):
            if any(map(ids.read_slot, slot_ids)):
                raise BookingError("SellerMismatchError")

    def _find_item_error(self, till, ids, item, key, slot):
        """Return why an item cannot be booked however many places are left, or None."""
        offer = ids.read_offer(item.offer_id)
        if not key or not offer:
            return BookingError("InvalidOpportunityOrOfferIdError")
        if not slot:
            return BookingError("UnknownOpportunityError")
        if offer[0] != key:
            return BookingError("UnacceptableOfferError")
        if item.offer_id != ids.offer(slot.id, _OFFER):
            return BookingError("UnknownOfferError")
        if not slot._is_bookable_now(till):
            return BookingError("OpportunityOfferPairNotBookableError")
        return None

    # === HOW MANY PLACES === #

    def _hold(self, key, items, minutes, undecided=False):
        """Hold the places of items; return {slot id: (places that could be had, places that others hold)} of
        the times that have too few: then none is held more than before."""
        wanted = Counter(slot.id for slot, _item in items)
        _held, short = self.env["brp.occupancy"]._hold(key, sorted(wanted.items()), minutes, undecided)
        return short

    def _count(self, items, key, short=None):
        """Return the items with how many places are left for the key, and what is wrong with too many."""
        slots = self.env["brp.slot"].union(*[slot for slot, _item in items if slot])
        with self.env["brp.occupancy"]._at_once() as own:
            places = own.env["brp.slot"].browse(slots.ids)._count_places_for(key)
        for slot, (free, leased) in (short or {}).items():
            places[slot] = places[slot]._replace(free=min(free, places[slot].free), leased=leased)
        wanted = Counter(slot for slot, item in items if slot and not item.errors)
        errors = {
            slot: iter(capacity_errors(count, places[slot.id].free, places[slot.id].leased))
            for slot, count in wanted.items()
        }
        told, accepted = [], Counter()
        for slot, item in items:
            if slot:
                error = None
                if not item.errors:
                    error = next(errors[slot]) or self._find_clash(slot, places[slot.id].room, accepted)
                    accepted[slot] += not error
                remaining = min(places[slot.id].free, item.slot.maximum)
                item = replace(
                    item,
                    slot=replace(item.slot, remaining=remaining),
                    errors=item.errors or ((BookingError(error),) if error else ()),
                )
            told.append((slot, item))
        return told

    def _find_clash(self, slot, room, accepted):
        """Return the error of a place that other places of the same order leave no room for, or None.

        :param room: places of the resource that are free at the slot's time
        :param Counter accepted: places of the order by slot
        """
        others = [
            (other, count)
            for other, count in accepted.items()
            if other.resource_id == slot.resource_id and other.start < slot.stop and other.stop > slot.start
        ]
        moments = {max(other.start, slot.start) for other, _count in others}
        most = max(
            (
                sum(count for other, count in others if other.start <= moment < other.stop)
                for moment in moments
            ),
            default=0,
        )
        return "OpportunityIsInConflictError" if most + 1 > room else None
