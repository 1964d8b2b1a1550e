from odoo import api, fields, models


class Connection(models.Model):
    """The payouts of a service that collects for us."""

    _inherit = "brp.connection"

    payout_channel_ids = fields.One2many(
        "brp.payout.channel",
        "connection_id",
        string="Payout Channels",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    payout_channel_id = fields.Many2one(
        "brp.payout.channel",
        compute="_compute_payout_channel_id",
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    @api.depends("payout_channel_ids")
    def _compute_payout_channel_id(self):
        for connection in self:
            connection.payout_channel_id = connection.payout_channel_ids[:1]

    def action_view_payouts(self):
        """Show the payouts of the connection."""
        self.ensure_one()
        return self.payout_channel_id.action_view_payouts()

    @api.model
    def _get_fetching_providers(self):
        """Return the providers that fetch payouts themselves: of theirs no files are imported."""
        return []
