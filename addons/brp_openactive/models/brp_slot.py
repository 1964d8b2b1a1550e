from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytz

from odoo import api, fields, models

from ..openactive import IndividualFacilityUse, Offer, Slot, Tax, slot_data

_OFFER = 1  # a time has one price


class BookableSlot(models.Model):
    _inherit = "brp.slot"

    @api.model
    def _note_times(self, times):
        super()._note_times(times)
        self.env["brp.feed.change"]._note_times(times)

    # === WHAT IS TOLD === #

    def _get_openactive_texts(self):
        """Return {id: JSON} of the times that are to be published: for sale, coming, and near enough."""
        now = fields.Datetime.now()
        ends = self.facility_id._get_sale_end()
        told = self.filtered(
            lambda slot: (
                slot.state == "open"
                and slot.resource_id.active
                and slot.facility_id.active
                and slot.facility_id in ends
                and now < slot.start <= ends[slot.facility_id]
            )
        )
        free = told._count_places()
        texts = {}
        for company, slots in told.grouped("company_id").items():
            ids = company._get_openactive_ids()
            uses = company._get_openactive_facility_uses()
            for slot in slots:
                use = uses.get(slot.resource_id._get_openactive_key())
                if use:
                    texts[slot.id] = slot_data(slot._make_openactive(ids, use, free[slot.id][1]))
        return texts

    def _get_openactive_kind(self):
        single = self.resource_id.places == 1
        return "IndividualFacilityUse/Slot" if single else "FacilityUse/Slot"

    def _make_openactive_use(self, ids, seller):
        """Return what the time is told of with, whether it is published now or not."""
        resource = self.resource_id
        return self.facility_id._make_openactive_use(resource._get_openactive_key(), resource, ids, seller)

    def _make_openactive(self, ids, use, free):
        """Return the time as the standard has it.

        :param use: the FacilityUse that it belongs to
        :param free: how many places are left
        """
        resource = self.resource_id
        individual = None
        if resource.places == 1:
            individual = IndividualFacilityUse(
                ids.individual_facility_use(use.identifier, resource.id), resource.name
            )
        return Slot(
            id=ids.slot(self.id),
            identifier=self.id,
            facility_use=use,
            individual_facility_use=individual,
            start=pytz.utc.localize(self.start),
            end=pytz.utc.localize(self.stop),
            remaining=min(free, self.places),
            maximum=self.places,
            offers=(self._make_openactive_offer(ids),),
        )

    def _make_openactive_offer(self, ids):
        product = self.product_id
        opens, closes = product._get_booking_window()
        return Offer(
            id=ids.offer(self.id, _OFFER),
            name=product.name,
            price=kronor(self.price),
            currency=self.currency_id.name,
            valid_from_before_start=opens,
            valid_through_before_start=closes or None,
            is_cancellation_allowed=product.slot_cancellable,
            latest_cancellation_before_start=(product.slot_cancellable and product._get_cancel_notice())
            or None,
        )

    def _make_openactive_taxes(self):
        """Return the VAT that the price of a place includes."""
        Taxes = self.env["account.tax"]
        return tuple(
            Tax(
                name=tax["name"],
                rate=Decimal(str(round(Taxes.browse(tax["id"]).amount, 4))) / 100,
                amount=kronor(tax["amount"]),
            )
            for tax in self._compute_taxes()["taxes"]
        )

    def _count_places_for(self, key):
        """Return {id: (places free for a key, with what it holds; places held for the undecided)}."""
        held = self.env["brp.occupancy"]._read_group(
            [("hold", "!=", False), ("slot_id", "in", self.ids), ("expires", ">=", fields.Datetime.now())],
            ["slot_id", "hold", "undecided"],
            ["__count"],
        )
        own, others = Counter(), Counter()
        for slot, hold, undecided, count in held:
            if hold == key:
                own[slot.id] += count
            elif undecided:
                others[slot.id] += count
        return {
            slot: (free + own[slot], others[slot]) for slot, (_taken, free) in self._count_places().items()
        }

    def _is_bookable_now(self, till):
        """Return whether an online till may sell the time now, however many places are left."""
        now = fields.Datetime.now()
        return (
            not self._find_online_obstacle()
            and self.facility_id in till.marketplace_facility_ids
            and self.start <= now + timedelta(days=till.marketplace_horizon)
        )


def kronor(amount):
    """Return an amount of Odoo's as kronor and whole öre."""
    return Decimal(str(round(amount, 2)))
