from odoo import models

from ..settlements import stands_for_type


class PayoutChannel(models.Model):
    _inherit = "brp.payout.channel"

    def _find_meaning(self, mapping, code):
        # Klarna's list of details is open: what a new one means is for a person to tell.
        if self.connection_id.provider == "klarna" and not stands_for_type(code or ""):
            return mapping.get(code) or (None, None)
        return super()._find_meaning(mapping, code)
