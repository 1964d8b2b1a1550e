from datetime import timedelta

from odoo import api, fields, models


class Resource(models.Model):
    _inherit = "brp.resource"

    @api.model_create_multi
    def create(self, vals_list):
        resources = super().create(vals_list)
        self.env["brp.feed.change"]._note_facilities()
        return resources

    def write(self, vals):
        done = super().write(vals)
        self.env["brp.feed.change"]._note_facilities()
        if {"active", "places", "activity_id", "facility_id"} & vals.keys():
            self._note_all_times()
        return done

    def unlink(self):
        self._note_gone()
        return super().unlink()

    def _note_gone(self):
        """Note that the resources are about to be deleted, and their times with them."""
        slots = self.env["brp.slot"].sudo().search([("resource_id", "in", self.ids)])
        self.env["brp.feed.change"]._note_gone(slots)
        self.env["brp.feed.change"]._note_facilities()

    def _note_all_times(self):
        """Note that all coming times of the resources are to be told anew."""
        now = fields.Datetime.now()
        self.env["brp.feed.change"]._note_times(
            [(resource.id, now, now + timedelta(days=400)) for resource in self]
        )

    def _get_openactive_key(self):
        """Return what the facility is called in feeds that the resource is told of with."""
        self.ensure_one()
        if self.places == 1:
            return f"{self.facility_id.id}-{self.activity_id.id}"
        return f"r{self.id}"
