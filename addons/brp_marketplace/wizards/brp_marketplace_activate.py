from odoo import api, fields, models
from odoo.exceptions import UserError


class MarketplaceActivate(models.TransientModel):
    """The dialog that opens an online till: what it sells, how it is booked, and its token."""

    _name = "brp.marketplace.activate"
    _description = "Open an Online Till"
    _inherit = "brp.connection.activate"

    step = fields.Selection([("sales", "What It Sells"), ("accounts", "Accounts"), ("done", "Done")])
    name = fields.Char(string="Marketplace", help="As it is to be called here, in payments and reports.")
    facility_ids = fields.Many2many(related="connection_id.marketplace_facility_ids", readonly=False)
    horizon = fields.Integer(related="connection_id.marketplace_horizon", readonly=False)
    commission = fields.Float(related="connection_id.marketplace_commission", readonly=False)
    payout_day = fields.Integer(related="connection_id.marketplace_payout_day", readonly=False)
    partner_id = fields.Many2one(related="connection_id.marketplace_partner_id", readonly=False)
    method_id = fields.Many2one(related="connection_id.marketplace_method_id")
    method_number = fields.Integer(related="connection_id.marketplace_method_number")
    account_id = fields.Many2one(related="method_id.payment_account_id", string="Receivable")
    commission_tax_id = fields.Many2one(related="connection_id.marketplace_commission_tax_id", readonly=False)
    token = fields.Char(readonly=True, help="It is shown now and never again.")

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard in wizards:
            if wizard.connection_id.state != "new":
                wizard.name = wizard.connection_id.name
        return wizards

    def action_close(self):
        """Forget the token, and show the page behind as it is now."""
        self.token = False
        return super().action_close()

    def _leave_sales(self):
        if not (self.name or "").strip():
            raise UserError(self.env._("Enter what the marketplace is called."))
        if not self.facility_ids:
            raise UserError(self.env._("Choose the facilities whose times it sells."))
        self.connection_id.name = self.name.strip()
        self.connection_id.sudo()._set_up_marketplace()

    def _leave_accounts(self):
        connection = self.connection_id
        # What is there already may be with the marketplace.
        if not connection.marketplace_token_hint:
            self.token = connection._make_token()
        connection.sudo()._activate()

    def action_new_token(self):
        """Make a token in place of the one that there is."""
        self.token = self.connection_id._make_token()
        return self._reopen()

    def _reopen(self):
        return super()._reopen() | {"name": self.env._("Open an Online Till")}
