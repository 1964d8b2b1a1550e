from odoo import models


class Connection(models.Model):
    _inherit = "brp.connection"

    def _get_apart_journals(self):
        channels = self.env["brp.payout.channel"].sudo().with_context(active_test=False)
        of_payouts = channels.search([("company_id", "=", self.company_id.id)]).journal_id
        return super()._get_apart_journals() | of_payouts
