from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytz

from odoo import api, fields, models

from odoo.addons.base.models.res_partner import _tz_get

from ..times import joined

TIME_ZONE = "Europe/Stockholm"


class Facility(models.Model):
    """A place with times to book: its address, its opening hours, what there is to book."""

    _name = "brp.facility"
    _description = "Facility"
    _inherit = ["mail.thread", "image.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Address",
        required=True,
        check_company=True,
        default=lambda self: self.env.company.partner_id,
        help="Where it is, and its telephone. Its e-mail gets the notices of what is sold.",
    )
    email = fields.Char(
        string="Notices To",
        compute="_compute_email",
        store=True,
        readonly=False,
        help="Who is told when a time is sold or cancelled. Several addresses are parted by commas.",
    )
    tz = fields.Selection(_tz_get, string="Time Zone", required=True, default=TIME_ZONE)
    description = fields.Text(translate=True, help="Shown to those who book. Plain text.")
    is_public = fields.Boolean(
        string="On Our Booking Page", default=True, help="Its times can be booked at /boka."
    )
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Opening Hours",
        check_company=True,
        help="Times outside them are not made. Days off are its exceptions. Always open if there is none.",
    )
    horizon = fields.Integer(
        string="Days Ahead", required=True, default=28, help="How far ahead weekly times are made."
    )
    resource_ids = fields.One2many("brp.resource", "facility_id", string="Resources")
    template_ids = fields.One2many("brp.slot.template", "facility_id", string="Weekly Times")
    activity_ids = fields.Many2many("brp.activity", compute="_compute_activity_ids", string="Activities")
    slot_count = fields.Integer(compute="_compute_slot_count", string="Times")

    _horizon_sensible = models.Constraint(
        "CHECK(horizon BETWEEN 1 AND 400)", "Times can be made for 1 to 400 days ahead."
    )

    # === COMPUTE METHODS === #

    @api.depends("partner_id")
    def _compute_email(self):
        for facility in self:
            facility.email = facility.partner_id.email

    @api.depends("resource_ids.activity_id")
    def _compute_activity_ids(self):
        for facility in self:
            facility.activity_ids = facility.resource_ids.activity_id

    def _compute_slot_count(self):
        counts = dict(
            self.env["brp.slot"]._read_group(
                [
                    ("facility_id", "in", self.ids),
                    ("start", ">=", fields.Datetime.now()),
                    ("state", "=", "open"),
                ],
                ["facility_id"],
                ["__count"],
            )
        )
        for facility in self:
            facility.slot_count = counts.get(facility, 0)

    # === OPENING HOURS === #

    def _get_zone(self):
        self.ensure_one()
        return ZoneInfo(self.tz)

    def _get_today(self):
        """Return the date that it is at the facility."""
        return datetime.now(self._get_zone()).date()

    def _get_midnight(self, day):
        """Return when a day begins on the clocks of the facility, UTC."""
        midnight = datetime.combine(day, time(), tzinfo=self._get_zone())
        return midnight.astimezone(timezone.utc).replace(tzinfo=None)

    def _get_open(self, calendar, start, end):
        """Return when it is open from the first day to the last one: [(start, stop)], UTC; None for always.

        :param calendar: the opening hours of what is booked
        """
        self.ensure_one()
        if not calendar:
            return None
        zone = pytz.timezone(self.tz)  # as Odoo's calendars want it
        # Opening hours are on the clocks of the facility, whatever zone the calendar was made in.
        intervals = calendar._work_intervals_batch(
            zone.localize(datetime.combine(start, time())),
            zone.localize(datetime.combine(end + timedelta(days=1), time())),
            tz=zone,
        )[False]
        return joined((_in_utc(opens), _in_utc(closes)) for opens, closes, _attendance in intervals)

    # === ACTIONS === #

    def action_make_slots(self):
        """Make the weekly times that are not there yet, and show them."""
        self.check_access("write")
        self._make_slots()
        return self.action_view_slots()

    def action_view_slots(self):
        """Show the facility's times."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("brp_marketplace.brp_slot_action")
        return action | {
            "context": {
                "search_default_facility_id": self.id,
                "search_default_offered": 1,
                "search_default_coming": 1,
            },
        }


def _in_utc(moment):
    """Return an aware moment as Odoo stores it."""
    return moment.astimezone(pytz.utc).replace(tzinfo=None)
