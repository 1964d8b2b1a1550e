from odoo import api, models
from odoo.fields import Command

#: What is proposed for each day: from eight to eight
_OPENS, _CLOSES = 8, 20


class ResourceCalendar(models.Model):
    """Odoo's working times, used as opening hours."""

    _inherit = "resource.calendar"

    @api.model
    def _get_default_attendance_ids(self, company_id=None):
        """Propose the same hours for every day of the week where a facility's hours are asked for."""
        if not self.env.context.get("opening_hours"):
            return super()._get_default_attendance_ids(company_id)
        days = self.env["resource.calendar.attendance"]._fields["dayofweek"]
        return [
            Command.create(
                {
                    "name": name,
                    "dayofweek": day,
                    "hour_from": _OPENS,
                    "hour_to": _CLOSES,
                    "day_period": "full_day",
                }
            )
            for day, name in days._description_selection(self.env)
        ]
