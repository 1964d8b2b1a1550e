from odoo import fields, models


class BookableSlot(models.Model):
    _inherit = "brp.slot"

    openactive_dataset = fields.Char(
        readonly=True, index="btree_not_null", help="The data set of the test suite that the time is for."
    )

    def _is_told(self, now, end):
        """The suite looks in the feed for the times that it has asked for, also for those of the past."""
        if self.openactive_dataset and self.start <= now:
            return bool(end) and self.state == "open"
        return super()._is_told(now, end)
