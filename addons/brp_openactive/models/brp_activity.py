from odoo import api, fields, models

from ..openactive import FacilityType


class Activity(models.Model):
    _inherit = "brp.activity"

    openactive_type_id = fields.Many2one(
        "brp.openactive.type",
        string="OpenActive Type",
        help="By which marketplaces find the activity. The standard's list is of sports: without a type,"
        " as of massage, the activity's own name is told.",
    )

    def write(self, vals):
        done = super().write(vals)
        self.env["brp.feed.change"]._note_facilities()
        return done

    def _get_openactive_type(self, ids):
        """Return the type that is told of the activity.

        :param ids: the addresses of the company
        """
        self.ensure_one()
        kind = self.openactive_type_id
        if kind:
            return FacilityType(kind.uri, kind.label, kind.scheme)
        scheme = f"{ids.base}/facility-types"
        return FacilityType(f"{scheme}#{self.id}", self.name, scheme)

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        self.env["brp.feed.change"]._note_facilities()
        return activities
