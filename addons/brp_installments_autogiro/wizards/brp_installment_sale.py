from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class InstallmentSale(models.TransientModel):
    """Asks for the bank account when the plan is collected by Autogiro and the customer has no mandate."""

    _inherit = "brp.installment.sale"

    mandate_partner_ids = fields.Many2many(
        "res.partner", string="Customers Without a Mandate", compute="_compute_mandate_partner_ids"
    )
    asks_for_mandate = fields.Boolean(compute="_compute_mandate_partner_ids")
    mandate_later = fields.Boolean(
        string="The mandate comes later",
        help="For instance when the customer applies for it in the internet bank.",
    )
    # What is typed goes straight into a draft mandate, where it is protected, and is not kept here.
    mandate_id = fields.Many2one("brp.autogiro.mandate", readonly=True)
    mandate_holder_id = fields.Many2one(
        "res.partner",
        string="Account Holder",
        help="Leave empty when the account is the customer's own.",
    )
    mandate_account = fields.Char(
        string="Bank Account",
        compute="_compute_mandate",
        inverse="_inverse_mandate",
        help="Clearing number and account number.",
    )
    mandate_number = fields.Char(
        string="Personal Number",
        compute="_compute_mandate",
        inverse="_inverse_mandate",
        help="Of the account holder, or the organisation number.",
    )

    @api.depends("plan_id", "sold_order_ids")
    def _compute_mandate_partner_ids(self):
        for wizard in self:
            without = self.env["res.partner"]
            if wizard.plan_id.autogiro:
                without = wizard.sold_order_ids._origin._get_customers_without_mandate()
            wizard.mandate_partner_ids = [Command.set(without.ids)]
            wizard.asks_for_mandate = bool(without) and len(wizard.order_ids) == 1

    @api.depends("mandate_id", "mandate_partner_ids")
    def _compute_mandate(self):
        for wizard in self:
            customer = wizard.mandate_holder_id or wizard.mandate_partner_ids
            wizard.mandate_account = wizard.mandate_id.shown_account
            wizard.mandate_number = wizard.mandate_id.shown_holder_number or (
                customer.personal_number_masked if len(customer) == 1 else False
            )

    def _inverse_mandate(self):
        for wizard in self:
            typed = {
                name: value
                for name, value in (
                    ("shown_account", wizard.mandate_account),
                    ("shown_holder_number", wizard.mandate_number),
                )
                if value and "*" not in value
            }
            if not wizard.asks_for_mandate or not typed:
                continue
            values = {**typed, "holder_id": (wizard.mandate_holder_id or wizard.mandate_partner_ids).id}
            if wizard.mandate_id:
                wizard.mandate_id.write(values)
            else:
                wizard.mandate_id = self.env["brp.autogiro.mandate"].create(
                    {
                        "partner_id": wizard.mandate_partner_ids.id,
                        "company_id": wizard.order_ids.company_id.id,
                        **values,
                    }
                )

    @api.onchange("mandate_account")
    def _onchange_mandate_account(self):
        """Say at once what is wrong with the account."""
        return self.env["brp.autogiro.mandate"]._warn_of_account(self.mandate_account)

    @api.onchange("mandate_number")
    def _onchange_mandate_number(self):
        """Say at once what is wrong with the personal number."""
        return self.env["brp.autogiro.mandate"]._warn_of_holder_number(self.mandate_number)

    def action_sell(self):
        """Sell, and ask the bank for the mandate."""
        self.ensure_one()
        if self.asks_for_mandate and not self.mandate_later:
            if not self.mandate_id:
                raise UserError(
                    self.env._(
                        "%s has no Autogiro mandate. Enter the bank account and personal number, or tick"
                        " that the mandate comes later.",
                        self.mandate_partner_ids.name,
                    )
                )
            self.mandate_id.action_request()
            self.mandate_id._keep_personal_number()
        return super().action_sell()
