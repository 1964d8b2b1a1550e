from odoo import api, fields, models
from odoo.exceptions import UserError


class Resource(models.Model):
    """What is booked at a facility: a court, a room, a therapist, or several that are alike."""

    _name = "brp.resource"
    _description = "Bookable Resource"
    _inherit = ["image.mixin"]
    _order = "facility_id, sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    facility_id = fields.Many2one("brp.facility", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="facility_id.company_id", store=True, precompute=True, index=True)
    activity_id = fields.Many2one("brp.activity", required=True, index=True, ondelete="restrict")
    places = fields.Integer(
        required=True,
        default=1,
        help="How many can be booked at the same time: 1 for a court, 4 for four courts that are alike,"
        " 20 for a class.",
    )
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Own Opening Hours",
        check_company=True,
        help="When they differ from the facility's.",
    )

    _places_positive = models.Constraint(
        "CHECK(places BETWEEN 1 AND 10000)", "A resource has at least one place, and at most 10 000."
    )

    @api.depends("name", "facility_id.name", "company_id")
    def _compute_display_name(self):
        """Tell the facility as well where the company has several: each may have a court 1."""
        several = {
            company
            for company, count in self.env["brp.facility"]
            .sudo()
            ._read_group([("company_id", "in", self.company_id.ids)], ["company_id"], ["__count"])
            if count > 1
        }
        for resource in self:
            name = resource.name or ""
            if resource.company_id in several:
                name = f"{resource.facility_id.name}: {name}"
            resource.display_name = name

    def write(self, vals):
        if "places" in vals:
            self._check_places(vals["places"])
        return super().write(vals)

    def _check_places(self, places):
        """Refuse to take away places that are taken."""
        taken = self.env["brp.occupancy"].search(
            [
                ("resource_id", "in", self.ids),
                ("place", ">", places),
                ("stop", ">", fields.Datetime.now()),
                ("booking_id", "!=", False),
            ],
            order="start",
            limit=1,
        )
        if taken:
            raise UserError(
                self.env._(
                    "%(resource)s has more than %(places)s places booked: %(booking)s. Move or cancel"
                    " bookings first.",
                    resource=taken.resource_id.name,
                    places=places,
                    booking=taken.booking_id.display_name,
                )
            )

    def _get_calendar(self):
        return self.resource_calendar_id or self.facility_id.resource_calendar_id
