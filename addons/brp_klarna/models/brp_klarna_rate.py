from odoo import api, fields, models

USES = [("sales", "Sales"), ("gift_card", "Gift Cards"), ("tip", "Tips")]


class KlarnaRate(models.Model):
    """Where what was sold at a VAT rate is booked."""

    _name = "brp.klarna.rate"
    _description = "Klarna: Sales at a VAT Rate"
    _order = "connection_id, use, rate desc, id"
    _check_company_auto = True

    connection_id = fields.Many2one("brp.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True)
    use = fields.Selection(USES, string="For", default="sales", required=True)
    rate = fields.Float(string="VAT Rate (%)", digits=(5, 2), required=True)
    account_id = fields.Many2one(
        "account.account",
        check_company=True,
        domain="[('account_type', '!=', 'off_balance')]",
        help="Of what was sold, without VAT.",
    )
    vat_account_id = fields.Many2one("account.account", string="VAT Account", check_company=True)
    tax_id = fields.Many2one(
        "account.tax",
        string="VAT",
        check_company=True,
        domain="[('type_tax_use', '=', 'sale'), ('amount_type', '=', 'percent')]",
        help="What the sale is reported as in the VAT return.",
    )

    _rate_unique = models.UniqueIndex("(connection_id, use, rate)", "There is a row for this rate already.")

    def _is_complete(self, vat=0):
        """Return whether sales at the rate can be booked.

        :param vat: what they have of it
        """
        self.ensure_one()
        return bool(self.account_id and (self.vat_account_id or not vat))

    @api.depends("use", "rate")
    @api.depends_context("lang")
    def _compute_display_name(self):
        uses = dict(self._fields["use"]._description_selection(self.env))
        for rate in self:
            use = uses.get(rate.use, "")
            rate.display_name = rate._describe(use) if rate.use == "sales" else use

    @api.model
    def _search_display_name(self, operator, value):
        # It is not stored; a connection has a handful.
        rates = self.search([])  # pylint: disable=no-search-all
        if operator == "ilike":
            found = rates.filtered(lambda rate: value.lower() in rate.display_name.lower())
        elif operator == "in":
            found = rates.filtered(lambda rate: rate.display_name in value)
        else:
            return NotImplemented
        return [("id", "in", found.ids)]

    def _describe(self, what):
        """Return what was sold or refunded at the rate, in words."""
        self.ensure_one()
        if self.use == "sales":
            return self.env._("%(what)s %(rate)g %%", what=what, rate=self.rate)
        uses = dict(self._fields["use"]._description_selection(self.env))
        return self.env._("%(what)s, %(use)s", what=what, use=uses[self.use].lower())
