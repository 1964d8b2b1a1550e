from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL


class Facility(models.Model):
    """What our own booking page shows of a facility: /boka."""

    _inherit = "brp.facility"

    pay_at_desk = fields.Boolean(
        default=True, help="Who books at /boka may pay on arrival. Otherwise it is paid when it is booked."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user.filtered(lambda user: user._is_internal()),
        domain="[('share', '=', False)]",
        help="Is told what has to be done by hand, such as to pay back when a provider cannot.",
    )

    @api.model
    def _find_public(self):
        """Return the facilities that are booked at /boka."""
        return self.search([("is_public", "=", True)])

    def _get_page_activities(self):
        """Return what can be booked at the facility, in order."""
        self.ensure_one()
        return self.resource_ids.filtered("active").activity_id.filtered("active").sorted()

    def _get_page_days(self, activity):
        """Return the days, on the facility's clocks, that have times to come."""
        self.ensure_one()
        self.env["brp.slot"].flush_model()
        return [
            day
            for (day,) in self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT (slot.start AT TIME ZONE 'UTC' AT TIME ZONE %s)::date AS day
                      FROM brp_slot slot
                      JOIN brp_resource resource ON resource.id = slot.resource_id
                     WHERE slot.facility_id = %s AND slot.activity_id = %s
                       AND slot.state = 'open' AND slot.start > %s AND resource.active
                  ORDER BY day
                    """,
                    self.tz,
                    self.id,
                    activity.id,
                    fields.Datetime.now(),
                )
            )
        ]

    def _get_page_times(self, activity, day, key):
        """Return what can be booked on a day: [(resource, [time])], as :meth:`brp.slot._show_on_page` has it.

        :param key: of the visitor, who sees what is held for him
        """
        self.ensure_one()
        begins, ends = self._get_midnight(day), self._get_midnight(day + timedelta(days=1))
        slots = self.env["brp.slot"].search(
            [
                ("facility_id", "=", self.id),
                ("activity_id", "=", activity.id),
                ("resource_id.active", "=", True),
                ("state", "=", "open"),
                ("start", ">=", max(begins, fields.Datetime.now())),
                ("start", "<", ends),
            ]
        )
        shown = slots._show_on_page(key)
        by_resource = {}
        for slot in slots:
            if shown[slot.id]:
                by_resource.setdefault(slot.resource_id, []).append(shown[slot.id])
        return sorted(by_resource.items(), key=lambda item: (item[0].sequence, item[0].name, item[0].id))
