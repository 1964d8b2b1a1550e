from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from ..times import Week, clock, is_within, minutes_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class SlotTemplate(models.Model):
    """Times that come back every week, from which the times to book are made."""

    _name = "brp.slot.template"
    _description = "Weekly Times"
    _order = "facility_id, sequence, id"
    _rec_names_search = ["product_id.name"]
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    sequence = fields.Integer(default=10, help="Of two that make the same time, the first one counts.")
    active = fields.Boolean(default=True)
    facility_id = fields.Many2one("brp.facility", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="facility_id.company_id", store=True, precompute=True)
    resource_ids = fields.Many2many(
        "brp.resource", string="Resources", required=True, domain="[('facility_id', '=', facility_id)]"
    )
    product_id = fields.Many2one(
        "product.product",
        required=True,
        check_company=True,
        domain="[('is_slot', '=', True)]",
        ondelete="restrict",
        help="Its price and VAT are the time's.",
    )
    pricelist_id = fields.Many2one(
        "product.pricelist",
        check_company=True,
        domain="[('currency_id', '=', currency_id)]",
        help="Gives other prices than the product's own: evenings, members.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    mon = fields.Boolean(string="Monday", default=True)
    tue = fields.Boolean(string="Tuesday", default=True)
    wed = fields.Boolean(string="Wednesday", default=True)
    thu = fields.Boolean(string="Thursday", default=True)
    fri = fields.Boolean(string="Friday", default=True)
    sat = fields.Boolean(string="Saturday")
    sun = fields.Boolean(string="Sunday")
    hour_from = fields.Float(string="From", required=True, default=9)
    hour_to = fields.Float(
        string="Until", required=True, default=17, help="The last time ends then, or earlier."
    )
    duration = fields.Float(string="Length", required=True, default=1, help="Of a time, in hours.")
    step = fields.Float(
        string="Every",
        compute="_compute_step",
        store=True,
        readonly=False,
        help="From one start to the next. Times of a resource may overlap: one that is booked takes the"
        " others away.",
    )
    places = fields.Integer(help="How many of the resource's places are sold. All of them if it is 0.")
    date_from = fields.Date(string="First Day")
    date_to = fields.Date(string="Last Day")

    _hours_in_order = models.Constraint(
        "CHECK(hour_from >= 0 AND hour_to <= 24 AND hour_from < hour_to)",
        "Times start and end on the same day, from 00:00 to 24:00.",
    )
    _length_positive = models.Constraint("CHECK(duration > 0)", "A time has a length.")
    _step_positive = models.Constraint("CHECK(step > 0)", "The next time starts later than the one before.")
    _places_positive = models.Constraint("CHECK(places >= 0)", "Places cannot be fewer than none.")

    # === COMPUTE METHODS === #

    @api.depends("duration")
    def _compute_step(self):
        for template in self:
            template.step = template.duration

    @api.depends("product_id", "hour_from", "hour_to")
    def _compute_name(self):
        for template in self:
            hours = f"{clock(template.hour_from)}–{clock(template.hour_to)}"
            template.name = f"{template.product_id.display_name or ''} {hours}"

    # === CONSTRAINT METHODS === #

    @api.constrains("duration", "hour_from", "hour_to", "step", *WEEKDAYS)
    def _check_makes_times(self):
        for template in self:
            if template.duration > template.hour_to - template.hour_from:
                raise ValidationError(
                    self.env._(
                        "Between %(start)s and %(end)s there is no time of that length.",
                        start=clock(template.hour_from),
                        end=clock(template.hour_to),
                    )
                )
            if min(minutes_of(template.duration), minutes_of(template.step)) < 5:
                raise ValidationError(self.env._("Times are at least five minutes long, and apart."))
            if not any(template[weekday] for weekday in WEEKDAYS):
                raise ValidationError(self.env._("Choose the days of the week."))

    @api.constrains("resource_ids", "facility_id")
    def _check_resources(self):
        for template in self:
            if strange := template.resource_ids.filtered(
                lambda resource, facility=template.facility_id: resource.facility_id != facility
            ):
                raise ValidationError(
                    self.env._(
                        "%(resource)s does not belong to %(facility)s.",
                        resource=strange[0].name,
                        facility=template.facility_id.name,
                    )
                )
            if not template.resource_ids:
                raise ValidationError(self.env._("Choose what the times are for: a court, a room."))

    @api.onchange("facility_id")
    def _onchange_facility_id(self):
        strange = self.resource_ids.filtered(lambda resource: resource.facility_id != self.facility_id)
        self.resource_ids = [Command.unlink(resource.id) for resource in strange]

    # === TIMES === #

    def _get_week(self):
        self.ensure_one()
        return Week(
            weekdays=frozenset(number for number, name in enumerate(WEEKDAYS) if self[name]),
            first=minutes_of(self.hour_from),
            last=minutes_of(self.hour_to),
            length=minutes_of(self.duration),
            step=minutes_of(self.step),
        )

    def _get_times(self, opening):
        """Yield (resource, start, stop) of the times from today on, as far ahead as the facility makes them.

        :param opening: {resource: when it is open, or None for always}
        """
        self.ensure_one()
        facility = self.facility_id
        today = facility._get_today()
        start = max(filter(None, [today, self.date_from]))
        end = min(filter(None, [today + timedelta(days=facility.horizon), self.date_to]))
        times = list(self._get_week().times(facility._get_zone(), start, end))
        for resource in self.resource_ids:
            for begins, ends in times:
                if opening[resource] is None or is_within(opening[resource], begins, ends):
                    yield resource, begins, ends
