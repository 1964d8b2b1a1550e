from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models

_BATCH = 500


class Facility(models.Model):
    """Making the times to book from weekly times.

    A time is known by its resource, start and end. Making times anew changes nothing that has not changed:
    what is there stays the same record, with what is booked on it.
    """

    _inherit = "brp.facility"

    def _make_slots(self):
        """Make, change and withdraw times of the coming days, so that they are as weekly times tell.

        Times that somebody has made, moved or closed by hand stay as they are. Times that are booked stay
        until they are cancelled, but are not sold any more.

        :return: {"made", "changed", "withdrawn": number of times}
        """
        told = defaultdict(int)
        for facility in self:
            facility = facility.with_company(facility.company_id)
            wanted = facility._get_wanted()
            told["made"] += facility._make_missing(wanted)
            told["changed"] += facility._change_different(wanted)
            told["withdrawn"] += facility._withdraw_others(wanted)
        return told

    def _get_wanted(self):
        """Return {(resource id, start, stop): values} of the times that weekly times make, from now on."""
        self.ensure_one()
        today = self._get_today()
        now = fields.Datetime.now()
        opening = {
            resource: self._get_open(resource._get_calendar(), today, today + timedelta(days=self.horizon))
            for resource in self.resource_ids
        }
        wanted = {}
        for template in self.template_ids:
            price = self.env["brp.slot"]._get_list_price(template.product_id, template.pricelist_id)
            for resource, start, stop in template._get_times(opening):
                if start > now:
                    wanted.setdefault(
                        (resource.id, start, stop),
                        {
                            "template_id": template.id,
                            "product_id": template.product_id.id,
                            "price_unit": price,
                            "places": min(template.places or resource.places, resource.places),
                        },
                    )
        return wanted

    def _get_coming_slots(self):
        return self.env["brp.slot"].search(
            [("facility_id", "=", self.id), ("start", ">", fields.Datetime.now())]
        )

    def _make_missing(self, wanted):
        there = {slot._get_key() for slot in self._get_coming_slots()}
        missing = [
            {"resource_id": key[0], "start": key[1], "stop": key[2], **values}
            for key, values in wanted.items()
            if key not in there
        ]
        for start in range(0, len(missing), _BATCH):
            self.env["brp.slot"].create(missing[start : start + _BATCH])
        return len(missing)

    def _change_different(self, wanted):
        """Give times that are there what their weekly times tell now; those closed by hand stay closed."""
        changes = defaultdict(lambda: self.env["brp.slot"])
        for slot in self._get_coming_slots().filtered("template_id"):
            if values := wanted.get(slot._get_key()):
                if slot.state == "withdrawn":
                    values = values | {"state": "open"}
                if slot.has_own_price:
                    values = {name: value for name, value in values.items() if name != "price_unit"}
                different = {
                    name: value
                    for name, value in values.items()
                    if value != (slot[name].id if name.endswith("_id") else slot[name])
                }
                if different:
                    changes[tuple(different.items())] += slot
        for values, slots in changes.items():
            slots.with_context(making_slots=True).write(dict(values))
        return sum(map(len, changes.values()))

    def _withdraw_others(self, wanted):
        slots = self._get_coming_slots().filtered(
            lambda slot: slot.template_id and slot.state == "open" and slot._get_key() not in wanted
        )
        slots.with_context(making_slots=True).write({"state": "withdrawn"})
        return len(slots)

    @api.model
    def _cron_make_slots(self):
        """Make the times that a new day brings, facility by facility."""
        facilities = self.search([("template_ids", "!=", False)])
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(facilities))
        for facility in facilities:
            facility = facility.try_lock_for_update()
            facility._make_slots()
            if not progress._commit_progress(1):
                break
