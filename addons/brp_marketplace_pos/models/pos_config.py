from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, format_time

_DAYS_SHOWN = 7
_HOLD_MINUTES = 15


class PosConfig(models.Model):
    """What a till asks about times to book. It needs no other rights than the till's own."""

    _inherit = "pos.config"

    slot_facility_ids = fields.Many2many(
        "brp.facility",
        string="Facilities",
        check_company=True,
        help="Whose times are booked in the till: those of all the company's facilities if there are none.",
    )

    @api.model
    def _load_pos_data_read(self, records, config):
        read = super()._load_pos_data_read(records, config)
        for values in read[:1]:
            values["_sells_slots"] = bool(config._get_slot_facilities())
        return read

    def _get_slot_facilities(self):
        """Return the facilities whose times the till sells."""
        self.ensure_one()
        mine = Domain("company_id", "=", self.company_id.id)
        if self.slot_facility_ids:
            mine &= Domain("id", "in", self.slot_facility_ids.ids)
        return self.env["brp.facility"].sudo().search(mine)

    def _check_till(self):
        """Refuse who may not sell in this till, and a till that cannot charge what times cost."""
        self.ensure_one()
        self.check_access("read")
        self.env["pos.order"].check_access("create")
        if self.currency_id != self.company_id.currency_id:
            raise UserError(
                self.env._(
                    "Times are priced in %(currency)s, which this till does not charge.",
                    currency=self.company_id.currency_id.name,
                )
            )

    # === WHAT IS FREE === #

    def find_slots(self, day=False, activity_id=False):
        """Return what is free on a day: all that the till's dialog shows.

        :param day: ISO date; today, on the clocks of the facilities, if there is none or it has passed
        :param activity_id: the first activity if there is none
        :return: {"day", "days": [{"day", "name"}] of a week, "previous" and "next": a day of the weeks
            beside it, "activity_id", "activities": [{"id", "name"}], "slots": [{"id", "time", "resource",
            "price" of a place in kronor, VAT included, "free" places}] by start}
        """
        self._check_till()
        facilities = self._get_slot_facilities()
        activities = facilities.activity_ids.sorted()
        today = min((facility._get_today() for facility in facilities), default=fields.Date.today())
        day = max(fields.Date.to_date(day) or today, today)
        activity = activities.filtered(lambda activity: activity.id == activity_id) or activities[:1]
        week = today + (day - today) // timedelta(days=_DAYS_SHOWN) * timedelta(days=_DAYS_SHOWN)
        return {
            "day": day.isoformat(),
            "days": [
                {"day": shown.isoformat(), "name": self._describe_day(shown, today)}
                for shown in (week + timedelta(days=number) for number in range(_DAYS_SHOWN))
            ],
            "previous": (week - timedelta(days=_DAYS_SHOWN)).isoformat() if week > today else False,
            "next": (week + timedelta(days=_DAYS_SHOWN)).isoformat(),
            "activity_id": activity.id,
            "activities": [{"id": activity.id, "name": activity.name} for activity in activities],
            "slots": [
                self._describe_slot(slot, facilities)
                for slot in self._get_free_slots(facilities, activity, day)
            ],
        }

    def _get_free_slots(self, facilities, activity, day):
        on_day = Domain.OR(
            Domain("facility_id", "=", facility.id)
            & Domain("start", ">=", facility._get_midnight(day))
            & Domain("start", "<", facility._get_midnight(day + timedelta(days=1)))
            for facility in facilities
        )
        return (
            self.env["brp.slot"]
            .sudo()
            .search(
                on_day
                & Domain("activity_id", "=", activity.id)
                & Domain("start", ">", fields.Datetime.now())
                & Domain("state", "=", "open")
                & Domain("resource_id.active", "=", True)
                & Domain("free", ">", 0),
                order="start, stop, resource_id",
            )
        )

    def _describe_day(self, day, today):
        if day == today:
            return self.env._("Today")
        return format_date(self.env, day, date_format="EEE d MMM")

    def _describe_slot(self, slot, facilities):
        tz = slot.facility_id.tz
        start, stop = (
            format_time(self.env, moment, tz=tz, time_format="HH:mm") for moment in (slot.start, slot.stop)
        )
        return {
            "id": slot.id,
            "time": f"{start}–{stop}",
            "resource": slot.resource_id.display_name if len(facilities) > 1 else slot.resource_id.name,
            "price": slot.price,
            "free": slot.free,
        }

    # === HOLDING === #

    def hold_slots(self, order_uuid, wanted):
        """Hold the places that an order of the till wants, at once and for all to see.

        What the order does not want any more is let go of.

        :param order_uuid: the till's name of the order
        :param wanted: [[slot id, places]], each time once
        :return: why the places cannot be had, in words, and then nothing has changed; nothing if they are
            held
        """
        self._check_till()
        key = self.env["pos.order"]._get_hold_key(order_uuid)
        slots = self.env["brp.slot"].sudo().browse([slot for slot, _count in wanted]).exists()
        if len(slots) < len(wanted) or slots.facility_id - self._get_slot_facilities():
            raise UserError(self.env._("The time is not sold in this till."))
        Occupancy = self.env["brp.occupancy"].sudo()
        # What is held already is promised, whatever has happened to the time since.
        held = Counter(Occupancy.search([("hold", "=", key)]).mapped("slot_id.id"))
        for slot, (_id, count) in zip(slots, wanted, strict=True):
            if held[slot.id] < count and (obstacle := slot._find_obstacle()):
                return obstacle
        _rows, short = Occupancy._hold(key, wanted, _HOLD_MINUTES, undecided=True)
        return "\n".join(self._describe_short(slots.browse(slot), *lack) for slot, lack in short.items())

    def _describe_short(self, slot, free, others):
        if others and not free:
            return self.env._(
                "%s is held for somebody who is just deciding. Ask again in some minutes.", slot.display_name
            )
        return slot._describe_full(free)
