import logging
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

import pytz

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.brp_marketplace.models.brp_slot import at_the_same_time

from ..openactive import IndividualFacilityUse, Offer, Slot, Tax, slot_data

_logger = logging.getLogger(__name__)
_OFFER = 1  # a time has one price


class Places(NamedTuple):
    """How many places there are for somebody at a time.

    :ivar free: of the time
    :ivar leased: that others hold who have not decided yet
    :ivar room: of the resource, for whatever time
    """

    free: int
    leased: int
    room: int


class BookableSlot(models.Model):
    _inherit = "brp.slot"

    @api.model
    def _note_times(self, times):
        self.env["brp.feed.change"]._note_times(times)
        return super()._note_times(times)

    def unlink(self):
        self.env["brp.feed.change"]._note_gone(self)
        return super().unlink()

    # === WHAT IS TOLD === #

    def _get_openactive_texts(self):
        """Return {id: JSON} of the times that are to be published: for sale, coming, and near enough."""
        now = fields.Datetime.now()
        ends = self.facility_id._get_sale_end()
        told = self.filtered(lambda slot: slot._is_told(now, ends.get(slot.facility_id)))
        free = told._count_places()
        texts = {}
        for company, slots in told.grouped("company_id").items():
            ids = company._get_openactive_ids()
            uses = company._get_openactive_facility_uses()
            for slot in slots.with_context(lang=company._get_openactive_lang()):
                if use := uses.get(slot.resource_id._get_openactive_key()):
                    try:
                        texts[slot.id] = slot_data(slot._make_openactive(ids, use, free[slot.id][1]))
                    except ValueError as error:
                        # One time that makes no sense is no reason not to tell of the others.
                        _logger.error("%s cannot be published: %s", slot, error)
        return texts

    def _is_told(self, now, end):
        """Return whether the time is published.

        :param end: until when marketplaces sell times of its facility, or None
        """
        is_sold = self.state == "open" and self.resource_id.active and self.facility_id.active
        return bool(is_sold and end and now < self.start <= end)

    def _get_openactive_kind(self):
        single = self.resource_id.places == 1
        return "IndividualFacilityUse/Slot" if single else "FacilityUse/Slot"

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
        return taxes_of(self.env, self._compute_taxes())

    def _count_places_for(self, key):
        """Return {id: Places} of the times; what the key holds already is free for it."""
        self.env["brp.occupancy"].flush_model()
        return {
            slot: Places(*numbers)
            for slot, *numbers in self.env.execute_query(
                SQL(
                    """
                    SELECT slot.id,
                           GREATEST(0, LEAST(
                               slot.places - COUNT(taken.id) FILTER (WHERE taken.slot_id = slot.id),
                               resource.places - COUNT(DISTINCT taken.place))),
                           COUNT(taken.id) FILTER (WHERE taken.undecided),
                           GREATEST(0, resource.places - COUNT(DISTINCT taken.place))
                      FROM brp_slot slot
                      JOIN brp_resource resource ON resource.id = slot.resource_id
                 LEFT JOIN brp_occupancy taken
                        ON %s
                       AND (taken.expires IS NULL OR taken.expires >= %s)
                       AND taken.hold IS DISTINCT FROM %s
                     WHERE slot.id = ANY(%s)
                  GROUP BY slot.id, resource.id
                    """,
                    at_the_same_time("taken", "slot"),
                    fields.Datetime.now(),
                    key,
                    self.ids,
                )
            )
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


def taxes_of(env, computed):
    """Return the VAT of an amount.

    :param computed: what Odoo's ``compute_all`` tells of it
    """
    Taxes = env["account.tax"]
    return tuple(
        Tax(
            name=tax["name"],
            rate=Decimal(str(round(Taxes.browse(tax["id"]).amount, 4))) / 100,
            amount=kronor(tax["amount"]),
        )
        for tax in computed["taxes"]
    )
