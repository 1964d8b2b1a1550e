from odoo import api, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _get_walk_in(self):
        """Return who books in the till without telling a name."""
        return self.env.ref("brp_marketplace_pos.partner_walk_in")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_walk_in(self):
        if self._get_walk_in() in self:
            raise UserError(
                self.env._(
                    "%s stands for those who book a time in the till without telling a name: it cannot be"
                    " deleted.",
                    self._get_walk_in().name,
                )
            )
