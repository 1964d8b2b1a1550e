from odoo import Command, api, fields, models
from odoo.exceptions import UserError


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

    # === SET-UP === #

    def _check_chart_of_accounts(self):
        """Raise unless the company has a chart of accounts: nothing can be booked without."""
        company = self.company_id
        if not company.root_id.sudo().chart_template:
            raise UserError(
                self.env._(
                    "%s has no chart of accounts. Choose its fiscal localization in the settings of invoicing"
                    " first.",
                    company.name,
                )
            )

    def _find_or_make_account(self, number, name, account_type, reconcile=False, own=False):
        """Return the company's account of a BAS number, made when there is none.

        A number that is taken by something else is left alone, and the next free one is used. As Odoo's own,
        a new account belongs to the whole company with its branches.

        :param name: of a new account
        :param reconcile: it has to be one whose items are matched
        :param own: it has to be a new one, that nobody else books on
        """
        self.ensure_one()
        Account = self.env["account.account"].with_company(self.company_id)
        found = Account.search(
            [*Account._check_company_domain(self.company_id), ("code", "=", number)], limit=1
        )
        if found and not own and (found.reconcile or not reconcile):
            return found
        return Account.create(
            {
                "name": name,
                "code": Account._search_new_account_code(number) if found else number,
                "account_type": account_type,
                "reconcile": reconcile,
                "company_ids": [Command.set(self.company_id.root_id.ids)],
            }
        )
