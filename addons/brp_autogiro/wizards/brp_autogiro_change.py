from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context

from ..bankgirot import bank_day_on_or_after


class AutogiroChange(models.TransientModel):
    """The dialog that cancels or moves payments that wait at the bank."""

    _name = "brp.autogiro.change"
    _description = "Cancel or Move Autogiro Payments"

    payment_ids = fields.Many2many("brp.autogiro.payment", string="Payments", required=True, readonly=True)
    change = fields.Selection(
        [("cancel", "Cancel"), ("move", "Move to another date")], default="cancel", required=True
    )
    new_date = fields.Date()
    banking_day = fields.Date(compute="_compute_banking_day")

    @api.depends("new_date")
    def _compute_banking_day(self):
        for wizard in self:
            wizard.banking_day = wizard.new_date and bank_day_on_or_after(wizard.new_date)

    def action_make_file(self):
        """Make a file with the cancellations or new dates, and show it."""
        self.ensure_one()
        payments = self.payment_ids
        if not payments:
            raise UserError(self.env._("None of these payments waits at the bank."))
        payments.check_access("read")
        if len(payments.company_id) > 1:
            raise UserError(self.env._("Choose payments of one company at a time."))
        if self.change == "move" and not self.new_date:
            raise UserError(self.env._("Choose the new date."))
        if waiting := payments.filtered("change"):
            raise UserError(self.env._("%s is in a file of changes already.", waiting[0].display_name))
        payments._check_changeable()
        company = payments.company_id
        if (
            self.change == "move"
            and company._get_autogiro_deadline(self.banking_day) <= company._get_autogiro_now()
        ):
            raise UserError(
                self.env._("Choose a later date: the bank needs to know before its cut-off time.")
            )
        # The buttons give this dialog its payments by the context, and a batch has payments of its own.
        batches = self.env["brp.autogiro.batch"].with_context(clean_context(self.env.context))
        batch = batches.create({"kind": "changes", "company_id": company.id})
        payments.sudo().write(
            {
                "change": self.change,
                "change_date": self.banking_day if self.change == "move" else False,
                "change_batch_id": batch.id,
            }
        )
        batch.action_make_file()
        return {
            "type": "ir.actions.act_window",
            "res_model": "brp.autogiro.batch",
            "view_mode": "form",
            "res_id": batch.id,
        }
