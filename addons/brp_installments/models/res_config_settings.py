from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    installment_due_day = fields.Integer(related="company_id.installment_due_day", readonly=False)
    installment_only = fields.Boolean(related="company_id.installment_only", readonly=False)
    installment_account_id = fields.Many2one(related="company_id.installment_account_id", readonly=False)
    installment_settlement_journal_id = fields.Many2one(
        related="company_id.installment_settlement_journal_id", readonly=False
    )
    installment_journal_id = fields.Many2one(related="company_id.installment_journal_id", readonly=False)
    installment_send_days = fields.Integer(related="company_id.installment_send_days", readonly=False)

    def action_set_up_installments(self):
        """Fill in the missing installment settings of the company and show the settings again."""
        self.ensure_one()
        self.company_id._set_up_installments()
        return self.env["ir.actions.actions"]._for_xml_id("account.action_account_config")
