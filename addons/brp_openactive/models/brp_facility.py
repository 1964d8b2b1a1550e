import logging
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models

from ..openactive import Address, FacilityUse, IndividualFacilityUse, Place

_logger = logging.getLogger(__name__)


class Facility(models.Model):
    _inherit = "brp.facility"

    @api.model_create_multi
    def create(self, vals_list):
        facilities = super().create(vals_list)
        self.env["brp.feed.change"]._note_facilities()
        return facilities

    def write(self, vals):
        done = super().write(vals)
        self.env["brp.feed.change"]._note_facilities()
        if {"active", "tz", "company_id"} & vals.keys():
            self.resource_ids._note_all_times()
        return done

    def _note_all(self):
        """Note that the facilities and all their coming times are to be told anew."""
        self.env["brp.feed.change"]._note_facilities()
        self.resource_ids._note_all_times()

    def unlink(self):
        self.with_context(active_test=False).resource_ids._note_gone()
        return super().unlink()

    # === WHAT IS TOLD === #

    def _get_sale_end(self):
        """Return {facility: until when marketplaces sell its times}, UTC, of those that are served."""
        tills = self.env["brp.connection"].sudo()._find_tills()
        now = fields.Datetime.now()
        ends = {}
        for till in tills:
            for facility in till.marketplace_facility_ids & self:
                end = now + timedelta(days=till.marketplace_horizon)
                ends[facility] = max(end, ends.get(facility, end))
        return ends

    def _find_openactive_gaps(self):
        """Return what the facility lacks to be told of, in words, or nothing."""
        self.ensure_one()
        return self.partner_id._find_openactive_gaps(
            self.env._("%s cannot be shown on marketplaces", self.name),
            self.env._("its address %s", self.partner_id.display_name),
        )

    def _get_openactive_place(self, ids):
        partner = self.partner_id
        known = partner.partner_latitude or partner.partner_longitude
        return Place(
            name=self.name,
            address=partner._get_openactive_address(),
            id=ids.place(self.id),
            latitude=_degrees(partner.partner_latitude) if known else None,
            longitude=_degrees(partner.partner_longitude) if known else None,
            url=partner.website or "",
            telephone=partner.phone or "",
        )

    def _get_openactive_uses(self, ids, seller, resources=None):
        """Return {key: FacilityUse} of what there is to book at the facility.

        Courts and rooms of which there is one each are told of together, by activity; resources with several
        places are each told of by themselves.

        :param resources: others than those that are there now
        """
        self.ensure_one()
        if self._find_openactive_gaps():
            return {}
        groups = (resources or self.resource_ids.filtered("active")).grouped(
            lambda resource: resource._get_openactive_key()
        )
        uses = {}
        for key, group in groups.items():
            try:
                uses[key] = self._make_openactive_use(key, group, ids, seller)
            except ValueError as error:
                # One that makes no sense is no reason not to tell of the others.
                _logger.error("%s cannot be published: %s", group, error)
        return uses

    def _make_openactive_use(self, key, resources, ids, seller):
        activity = resources[0].activity_id
        single = resources[0].places == 1
        base = self.company_id._get_openactive_site()
        return FacilityUse(
            id=ids.facility_use(key),
            identifier=key,
            name=activity.name if single else resources[0].name,
            url=f"{base}/boka/{self.id}/{activity.id}",
            provider=seller,
            location=self._get_openactive_place(ids),
            facility_types=(activity._get_openactive_type(ids),),
            description=activity.description or self.description or "",
            individual_facility_uses=tuple(
                IndividualFacilityUse(ids.individual_facility_use(key, resource.id), resource.name)
                for resource in (resources if single else ())
            ),
        )


class Partner(models.Model):
    _inherit = "res.partner"

    def _find_openactive_gaps(self, consequence, address):
        """Return what an address lacks, in words, or nothing.

        :param consequence: what cannot be done, in words
        :param address: which address it is, in words
        """
        self.ensure_one()
        lacking = [
            self._fields[name]._description_string(self.env)
            for name in ("street", "zip", "city", "country_id")
            if not (self[name] if name == "country_id" else (self[name] or "").strip())
        ]
        if not lacking:
            return False
        return self.env._(
            "%(consequence)s: %(address)s lacks %(lacking)s.",
            consequence=consequence,
            address=address,
            lacking=", ".join(lacking),
        )

    def _get_openactive_address(self):
        """Return the address as the standard wants it.

        It wants a region, which Swedish addresses do not have: the county if it is known, else the town.
        """
        self.ensure_one()
        return Address(
            street=", ".join(filter(None, [self.street, self.street2])),
            locality=self.city or "",
            region=self.state_id.name or self.city or "",
            postal_code=self.zip or "",
            country=self.country_id.code or "SE",
        )


def _degrees(number):
    return Decimal(str(round(number, 6)))
