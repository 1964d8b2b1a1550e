from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class Block(models.Model):
    """A time during which something is not to be booked: repairs, a tournament, a holiday."""

    _name = "brp.block"
    _description = "Blocked Time"
    _order = "start desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Reason", required=True)
    facility_id = fields.Many2one("brp.facility", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="facility_id.company_id", store=True, precompute=True, index=True)
    resource_ids = fields.Many2many(
        "brp.resource", string="Resources", required=True, domain="[('facility_id', '=', facility_id)]"
    )
    start = fields.Datetime(required=True)
    stop = fields.Datetime(required=True, string="End")
    places = fields.Integer(help="How many places of each resource. All of them if it is 0.")
    occupancy_ids = fields.One2many("brp.occupancy", "block_id", readonly=True)

    _lasts = models.Constraint("CHECK(stop > start)", "A time ends later than it starts.")
    _places_positive = models.Constraint("CHECK(places >= 0)", "Places cannot be fewer than none.")

    @api.constrains("resource_ids", "facility_id")
    def _check_resources(self):
        for block in self:
            if not block.resource_ids:
                raise ValidationError(self.env._("Choose what is not to be booked."))
            if block.resource_ids.facility_id != block.facility_id:
                raise ValidationError(
                    self.env._("Resources of %s can be blocked together, no others.", block.facility_id.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        blocks = super().create(vals_list)
        blocks._take()
        return blocks

    def write(self, vals):
        done = super().write(vals)
        if {"resource_ids", "start", "stop", "places"} & vals.keys():
            self._free()
            self._take()
        return done

    def unlink(self):
        self._free()
        return super().unlink()

    def _free(self):
        self.env["brp.occupancy"].sudo()._release([("block_id", "in", self.ids)])

    def _take(self):
        """Take the places; what is booked already has to be moved or cancelled first."""
        Occupancy = self.env["brp.occupancy"].sudo()
        for block in self:
            Occupancy._lock(block.resource_ids)
            for resource in block.resource_ids:
                wanted = min(block.places or resource.places, resource.places)
                rows = Occupancy._take(resource, block.start, block.stop, wanted, {"block_id": block.id})
                if len(rows) < wanted:
                    raise UserError(block._describe_taken(resource))
                self.env["brp.slot"]._note_times([(resource.id, block.start, block.stop)])

    def _describe_taken(self, resource):
        taken = (
            self.env["brp.occupancy"]
            .sudo()
            .search(
                [
                    ("resource_id", "=", resource.id),
                    ("start", "<", self.stop),
                    ("stop", ">", self.start),
                    ("block_id", "!=", self.id),
                ]
            )
        )
        bookings = taken.booking_id.mapped("display_name")[:5]
        return self.env._(
            "%(resource)s is taken at that time: %(bookings)s. Move or cancel that first.",
            resource=resource.name,
            bookings=", ".join(bookings) or self.env._("somebody is booking"),
        )
