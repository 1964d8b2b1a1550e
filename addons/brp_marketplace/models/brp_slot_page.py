from zoneinfo import ZoneInfo

from odoo import fields, models
from odoo.tools import format_date, format_datetime, format_time

_UTC = ZoneInfo("UTC")


class Slot(models.Model):
    """What our own booking page shows of a time."""

    _inherit = "brp.slot"

    def _show_on_page(self, key):
        """Return {id: what is shown of the time}; None for what can no longer be booked.

        What is shown: slot, hours, free (places that the visitor can have), mine (places held for him),
        note (why it cannot be chosen).
        """
        now = fields.Datetime.now()
        free = self._count_places()
        mine = dict(
            self.env["brp.occupancy"]._read_group(
                [*self.env["brp.occupancy"]._get_live_domain(key), ("slot_id", "in", self.ids)],
                ["slot_id"],
                ["__count"],
            )
        )
        shown = {}
        for slot in self:
            own = mine.get(slot, 0)
            left = free[slot.id][1] + own
            note = False
            if not own and (note := slot._find_page_note(now, left)) is None:
                shown[slot.id] = None
                continue
            shown[slot.id] = {
                "slot": slot,
                "hours": slot._describe_hours(),
                "free": left,
                "mine": own,
                "note": note,
            }
        return shown

    def _find_page_note(self, now, left):
        """Return in a few words why the time cannot be chosen, False if it can, None if it is over."""
        if not self._find_online_obstacle():
            return False if left > 0 else self.env._("Fully booked")
        opens, _closes = self.product_id._get_booking_window()
        if self.state == "open" and opens is not None and now < self.start - opens:
            opening = fields.Datetime.context_timestamp(
                self.with_context(tz=self.facility_id.tz), self.start - opens
            )
            return self.env._("From %s", format_date(self.env, opening.date(), date_format="d MMM"))
        return None

    def _describe_cancelling(self):
        """Return what the customer who books the time now may do about it later, in words."""
        product = self.product_id
        until = self.start - product._get_cancel_notice()
        if not product.slot_cancellable or until <= fields.Datetime.now():
            return self.env._("Cannot be cancelled.")
        moment = format_datetime(self.env, until, tz=self.facility_id.tz, dt_format="EEE d MMM HH:mm")
        return self.env._("Can be cancelled until %s.", moment)

    def _describe_hours(self):
        """Return when it starts and ends on the clocks of the facility: 17:00–18:00."""
        tz = self.facility_id.tz
        starts, stops = (
            format_time(self.env, moment, tz=tz, time_format="HH:mm") for moment in (self.start, self.stop)
        )
        return f"{starts}–{stops}"

    def _get_local_day(self):
        """Return the day on which it starts, on the facility's clocks."""
        return self.start.replace(tzinfo=_UTC).astimezone(self.facility_id._get_zone()).date()

    def _describe_day(self):
        """Return the day on which it starts, in words: torsdag 26 november."""
        return format_date(self.env, self._get_local_day(), date_format="EEEE d MMMM")
