from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    autogiro_bankgiro = fields.Char(related="company_id.autogiro_bankgiro", readonly=False)
    autogiro_customer_number = fields.Char(related="company_id.autogiro_customer_number", readonly=False)
    autogiro_method_line_id = fields.Many2one(
        related="company_id.autogiro_method_line_id",
        readonly=False,
        domain="[('code', '=', 'autogiro'), ('payment_type', '=', 'inbound'), ('company_id', '=',"
        " company_id)]",
    )
    autogiro_journal_id = fields.Many2one(
        "account.journal", string="Bank Journal", related="autogiro_method_line_id.journal_id"
    )
    autogiro_account_id = fields.Many2one(
        "account.account",
        string="Clearing Account",
        related="autogiro_method_line_id.payment_account_id",
        readonly=False,
        domain="[('reconcile', '=', True), ('account_type', '=', 'asset_current')]",
    )
    autogiro_cutoff = fields.Float(related="company_id.autogiro_cutoff", readonly=False)
    autogiro_day = fields.Integer(related="company_id.autogiro_day", readonly=False)
    autogiro_lead_days = fields.Integer(related="company_id.autogiro_lead_days", readonly=False)
    autogiro_reminder_days = fields.Integer(related="company_id.autogiro_reminder_days", readonly=False)
    autogiro_mandate_days = fields.Integer(related="company_id.autogiro_mandate_days", readonly=False)
    autogiro_retries = fields.Integer(related="company_id.autogiro_retries", readonly=False)
    autogiro_seal_key = fields.Char(
        related="company_id.autogiro_seal_key", readonly=False, groups="base.group_system"
    )
    autogiro_refused_policy = fields.Selection(related="company_id.autogiro_refused_policy", readonly=False)
    autogiro_responsible_id = fields.Many2one(related="company_id.autogiro_responsible_id", readonly=False)
    autogiro_automatic = fields.Boolean(related="company_id.autogiro_automatic", readonly=False)
    autogiro_mail_unmandated = fields.Boolean(related="company_id.autogiro_mail_unmandated", readonly=False)
    autogiro_directory = fields.Char(
        string="Exchange Folder",
        config_parameter="brp_autogiro.directory",
        groups="base.group_system",
        help="A folder on the server. Files for Bankgirot are left in its subfolder out, and reports that"
        " arrive in its subfolder in are read. Any bank channel can be attached to it.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_with_automatic_in_its_place(vals) for vals in vals_list])

    def action_set_up_autogiro(self):
        """Make what is missing of journal line and clearing account, and show the settings again."""
        self.ensure_one()
        self.company_id._set_up_autogiro()
        return {"type": "ir.actions.client", "tag": "reload"}


def _with_automatic_in_its_place(vals):
    """Return settings in an order in which each can be written to the company on its own.

    Who is responsible is written before collecting automatically, which needs somebody, and taken away after.
    """
    name = "autogiro_automatic"
    if name not in vals:
        return vals
    rest = {key: value for key, value in vals.items() if key != name}
    return {**rest, name: vals[name]} if vals[name] else {name: vals[name], **rest}
